// @ts-check
'use strict'

// Plays one quirk in this process and prints the outcome as JSON: null, or how it failed. The
// argument is the quirk's place in the list.

const util = require('node:util')

// What a later Node has no more; before anything else can have taken it.
for (const name of (process.env.QUIRK_WITHOUT_UTIL ?? '').split(',')) delete /** @type {any} */ (util)[name]

const { writeSync } = require('node:fs')
const { inspect } = require('node:util')
const { quirks } = require('./index')
const { Imap, Stage, turns } = require('./stage')

/** How long a whole play may take, in times of what it may wait for one thing. */
const WHOLE_PLAY = 4

main(quirks[Number(process.argv[2])])

/** @param {import('./stage').Quirk} quirk */
async function main (quirk) {
  const stage = new Stage()
  const uncaught = new Promise((resolve, reject) => {
    process.on('uncaughtException', (error) => {
      if (stage.onUncaught) stage.onUncaught(error)
      else reject(Object.assign(new Error(`uncaught ${error}`), { stack: `uncaught ${error.stack}` }))
    })
  })
  const over = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`hangs: not over within ${WHOLE_PLAY * stage.limit} ms`)), WHOLE_PLAY * stage.limit)
  })
  let outcome = null
  try {
    const play = quirk.play(Imap, /** @type {any} */ (stage)).then(turns)
    await Promise.race([play, stage.failed, uncaught, over])
  } catch (error) {
    outcome = { text: describe(/** @type {any} */ (error)), stack: /** @type {any} */ (error)?.stack }
  }
  writeSync(1, JSON.stringify(outcome) + '\n')
  process.exit()
}

/** One line that says what was wrong. @param {any} error */
function describe (error) {
  if (error?.code !== 'ERR_ASSERTION') return String(error?.message ?? error)
  if (error.operator === 'trace') return `the server expected ${error.expected}, got ${error.actual}`
  return error.generatedMessage ? `expected ${shown(error.expected)}, got ${shown(error.actual)}` : error.message
}

/** On one line, and errors without their stacks. @param {any} value */
function shown (value) {
  return inspect(value, { depth: 4, breakLength: Infinity }).replace(/\n +at [^\n]*/g, '').replace(/\s*\n\s*/g, ' ')
}
