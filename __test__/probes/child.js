// @ts-check
'use strict'

// Plays one probe in this process and prints what the client did, as JSON. The argument is
// `{ index, column }`.

const { writeSync } = require('node:fs')
const { probes } = require('./index')
const { Stage } = require('./stage')

/** How long a play may take that waits in vain. */
const LONGEST_MS = 50_000

main(JSON.parse(process.argv[2]))

/** @param {{ index: number, column: import('./stage').Column }} input */
async function main ({ index, column }) {
  const uncaught = new Promise((resolve) => process.on('uncaughtException', (error) => {
    resolve({ did: `${error.name} that nobody can catch: the process ends` })
  }))
  const late = new Promise((resolve) => setTimeout(resolve, LONGEST_MS, { did: `was not over in ${LONGEST_MS / 1000} s` }))
  const play = probes[index].play(new Stage(column)).catch((error) => ({ did: `failed: ${error.stack}` }))
  const outcome = await Promise.race([play, uncaught, late])
  writeSync(1, JSON.stringify(outcome) + '\n')
  process.exit()
}
