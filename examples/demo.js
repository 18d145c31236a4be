#!/usr/bin/env node
// @ts-check
'use strict'

// What everimap does, to look at: `npm run demo`, or `npm run demo -- --help`.

const { ensureBuilt } = require('./demo/built')
const { parseOptions, UsageError, USAGE } = require('./demo/options')
const { Screen } = require('./demo/screen')
const { clean } = require('./demo/text')

/** Exit codes, as `--help` lists them. */
const FAILED = 1
const MISUSED = 2

/** How long the process may live after the end, in milliseconds. */
const LINGER_MS = 5000

main().catch((error) => {
  const misused = error instanceof UsageError
  complain(misused ? `${clean(error.message)} (--help says more)` : describe(error))
  process.exitCode = misused ? MISUSED : FAILED
}).finally(() => setTimeout(() => {
  complain('everything is done, but something keeps the process alive')
  process.exit(FAILED)
}, LINGER_MS).unref())

async function main () {
  // Whoever reads only the beginning (`| head`) is not an error.
  process.stdout.on('error', (error) => process.exit(/** @type {any} */ (error).code === 'EPIPE' ? 0 : FAILED))
  const options = parseOptions(process.argv.slice(2), process.env)
  if (options.help) {
    process.stdout.write(USAGE)
    return
  }
  const screen = new Screen(process.stdout, process.env)
  ensureBuilt(screen)
  // These load the addon, which is there only now.
  if (options.account) await require('./demo/account').run(options.account, screen)
  else if (options.chaos) await require('./demo/chaos').run(options.chaos, screen)
  else await require('./demo/offline').run(screen)
}

/** @param {any} error */
function describe (error) {
  const where = error.code ? ` [${error.source ? `${error.source}, ` : ''}${error.code}]` : ''
  const hint = error.hint || error.advice ? `. ${clean(error.hint || error.advice)}` : ''
  return `${clean(String(error.message))}${where}${hint}`
}

/** @param {string} text */
function complain (text) {
  process.stderr.write(`demo: ${text}\n`)
}
