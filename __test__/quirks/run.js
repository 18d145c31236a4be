// @ts-check
'use strict'

// `npm run test:quirks`: plays each quirk of node-imap in a process of its own, on everimap, which
// must do what the contract asks for, and on npm imap, which must do it where it was kept and fail
// in the way we know where it was mended. `--only Q-13` plays one; `--markdown` prints the table
// as Markdown.

const { spawn } = require('node:child_process')
const { join } = require('node:path')
const { parseArgs } = require('node:util')
const { aligned, inTurns, markdown } = require('../tables')
const { quirks } = require('./index')

/** How many rows the contract has. */
const ROWS = 82
/** How many processes run at a time. */
const AT_ONCE = 2
/** How long a play waits for what must come, on a busy machine, in milliseconds. */
const PATIENCE_MS = 20_000
/** How long it waits where npm imap is known to wait for ever. */
const SHORT_PATIENCE_MS = 2000
/** How long a process may live that does not say how its play ended. */
const LONGEST_LIFE_MS = 120_000

/** @typedef {{ text: string, stack?: string } | null} Outcome how a play failed; null: it did not */
/** @typedef {{ quirk: import('./stage').Quirk, ours: Outcome, theirs: Outcome, isRight: boolean, asExpected: boolean }} Row */

main()

async function main () {
  const { values: { only, markdown: asMarkdown } } = parseArgs({ options: { only: { type: 'string', multiple: true }, markdown: { type: 'boolean' } } })
  const wanted = quirks.filter(({ id }) => !only || only.includes(id))
  const unknown = (only ?? []).filter(id => !wanted.some(quirk => quirk.id === id))
  const missing = only ? unknown : ids().filter(id => !quirks.some(quirk => quirk.id === id))
  const rows = await inTurns(wanted, AT_ONCE, row)
  for (const line of asMarkdown ? markdownOf(rows) : tableOf(rows)) console.log(line)
  for (const id of missing) console.error(`${id} has no play`)
  const wrong = rows.filter(({ isRight, asExpected }) => !isRight || !asExpected)
  for (const { quirk, ours, theirs, isRight, asExpected } of wrong) {
    console.error(`\n${quirk.id} ${quirk.title}`)
    if (!isRight) console.error(`everimap: ${ours?.stack ?? ours?.text}`)
    if (!asExpected) console.error(`npm imap: expected ${quirk.red ?? 'to pass'}; ${theirs ? theirs.stack : 'it passed'}`)
  }
  if (!asMarkdown) console.log(sums(rows))
  process.exitCode = wrong.length + missing.length === 0 ? 0 : 1
}

function ids () {
  return Array.from({ length: ROWS }, (_, index) => `Q-${String(index + 1).padStart(2, '0')}`)
}

/** @param {import('./stage').Quirk} quirk @returns {Promise<Row>} */
async function row (quirk) {
  const ours = await outcomes(quirk, '', PATIENCE_MS)
  const theirs = await outcomes(quirk, 'imap', quirk.hangs ? SHORT_PATIENCE_MS : PATIENCE_MS)
  const { red } = quirk
  return {
    quirk,
    ours: ours.find(Boolean) ?? null,
    theirs: theirs.find(Boolean) ?? null,
    isRight: !ours.some(Boolean),
    asExpected: theirs.every(outcome => red ? outcome !== null && red.test(outcome.text) : outcome === null)
  }
}

/**
 * @param {import('./stage').Quirk} quirk
 * @param {string} implementation
 * @param {number} patience
 * @returns {Promise<Outcome[]>} one for each environment
 */
async function outcomes (quirk, implementation, patience) {
  const results = []
  for (const environment of quirk.environments ?? [{}]) {
    results.push(await outcome(quirks.indexOf(quirk), { IMAP_IMPLEMENTATION: implementation, PATIENCE_MS: String(patience), ...environment }))
  }
  return results
}

/** @param {number} index @param {Record<string, string>} environment @returns {Promise<Outcome>} */
function outcome (index, environment) {
  // npm imap makes its Buffers in a way that Node warns of.
  const args = ['--no-deprecation', join(__dirname, 'child.js'), String(index)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment }, timeout: LONGEST_LIFE_MS })
  let said = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', text => { said += text })
  child.stderr.setEncoding('utf8').on('data', text => { errors += text })
  return new Promise(resolve => child.once('close', (status, signal) => {
    const line = said.trim().split('\n').pop()
    resolve(line ? JSON.parse(line) : { text: `the process ended with ${signal ?? status}: ${errors}` })
  }))
}

/** @param {Row[]} rows */
function tableOf (rows) {
  return aligned(rows.map(row => [row.quirk.id, row.quirk.verdict, title(row.quirk), ours(row), theirs(row)]))
}

/** @param {Row[]} rows */
function markdownOf (rows) {
  const cells = rows.map(row => [row.quirk.id, row.quirk.verdict, title(row.quirk), ours(row), theirs(row)])
  return markdown(['Quirk', 'Verdict', 'everimap', 'tested', 'npm imap'], cells)
}

/** @param {import('./stage').Quirk} quirk */
function title ({ title, decided }) {
  if (!decided) return title
  return 'kept' in decided ? `${title} (kept: ${decided.kept})` : `${title} (changed: ${decided.changed})`
}

/** @param {Row} row */
function ours ({ isRight }) {
  return isRight ? 'pass' : 'FAIL'
}

/** @param {Row} row */
function theirs ({ quirk, theirs, asExpected }) {
  if (!asExpected) return `UNEXPECTED: ${theirs ? theirs.text : 'pass'}`
  return quirk.red ? 'red as expected' : 'pass'
}

/** @param {Row[]} rows */
function sums (rows) {
  const count = (/** @type {(row: Row) => boolean} */ test) => rows.filter(test).length
  const verdicts = ['KEEP', 'FIX', 'OPT'].map(verdict => `${count(({ quirk }) => quirk.verdict === verdict)} ${verdict}`)
  return `\n${new Set(rows.map(({ quirk }) => quirk.id)).size} quirks in ${rows.length} plays (${verdicts.join(', ')}): ` +
    `everimap passes ${count(row => row.isRight)}, npm imap passes ${count(row => !row.theirs)} and is red in ${count(row => !!row.theirs)}, ` +
    `${count(row => row.isRight && row.asExpected)} as expected`
}
