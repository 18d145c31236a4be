// @ts-check
'use strict'

// `npm run test:probes`: what npm imap is known to do when things go wrong (resilience 0.3), and what
// everimap does, with `reconnect` off and on; and how soon it notices. Each cell is a process of its
// own. Fails when one does anything else than is known of it. `--only P3` plays one; `--markdown`
// prints the table as Markdown.

const { join } = require('node:path')
const { parseArgs } = require('node:util')

const { child } = require('../support')
const { aligned, inTurns, markdown } = require('../tables')
const { probes } = require('./index')

/** How many probes play at a time that are over at once. */
const AT_ONCE = 3
/** How many that wait; that costs nothing. */
const WAITING_AT_ONCE = 40
/** What waits at least so long, in milliseconds, waits beside the others. */
const LONG_MS = 2000

/** How much later than its deadline something may be noticed, on a busy machine, in milliseconds. */
const GRACE_MS = 3000
/** And how much earlier: what the client said was a while on its way to a busy server. */
const EARLY_MS = 1500

/** @type {import('./stage').Column[]} */
const COLUMNS = ['imap', 'off', 'on']
const HEAD = ['Probe', 'What happens', 'Deadline', 'npm imap', 'everimap', 'noticed', 'everimap with reconnect', 'noticed']

/** @typedef {import('./stage').Outcome & { isRight: boolean }} Cell */

main()

async function main () {
  const { values: { only, markdown: asMarkdown } } = parseArgs({ options: { only: { type: 'string', multiple: true }, markdown: { type: 'boolean' } } })
  const wanted = probes.filter(({ id }) => !only || only.includes(id))
  for (const id of only ?? []) if (!wanted.some(probe => probe.id === id)) throw new RangeError(`There is no probe ${id}`)
  const cells = wanted.flatMap(probe => COLUMNS.map(column => ({ probe, column })))
  /** @type {Map<string, Cell>} */
  const results = new Map()
  const work = async (/** @type {typeof cells[0]} */ { probe, column }) => {
    results.set(key(probe, column), await play(probe, column))
  }
  const waits = (/** @type {typeof cells[0]} */ { probe }) => (probe.deadlineMs ?? 0) >= LONG_MS
  await Promise.all([
    inTurns(cells.filter(waits), WAITING_AT_ONCE, work),
    inTurns(cells.filter(cell => !waits(cell)), AT_ONCE, work)
  ])
  const rows = wanted.map(probe => row(probe, COLUMNS.map(column => /** @type {Cell} */ (results.get(key(probe, column))))))
  for (const line of asMarkdown ? markdown(HEAD, rows) : aligned([HEAD, ...rows])) console.log(line)
  const wrong = cells.filter(({ probe, column }) => !results.get(key(probe, column))?.isRight)
  for (const { probe, column } of wrong) {
    const { did, ms } = /** @type {Cell} */ (results.get(key(probe, column)))
    console.error(`\n${probe.id} ${probe.title}, ${column}: expected ${probe.expected[column]}` +
      `${probe.deadlineMs && column !== 'imap' ? ` after ${seconds(probe.deadlineMs)}` : ''}; it did ${did}${ms == null ? '' : ` after ${seconds(ms)}`}`)
  }
  if (!asMarkdown) console.log(`\n${cells.length} cells, ${cells.length - wrong.length} as expected`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}

/** @param {import('./stage').Probe} probe @param {import('./stage').Column} column */
function key (probe, column) {
  return `${probes.indexOf(probe)} ${column}`
}

/**
 * @param {import('./stage').Probe} probe
 * @param {import('./stage').Column} column
 * @returns {Promise<Cell>}
 */
async function play (probe, column) {
  const input = { index: probes.indexOf(probe), column }
  // npm imap makes its Buffers in a way that Node warns of.
  const environment = { IMAP_IMPLEMENTATION: column === 'imap' ? 'imap' : '', NODE_NO_WARNINGS: '1' }
  const { lines, status, signal, errors } = await child(join(__dirname, 'child.js'), input, undefined, environment).ended
  const { did, ms } = lines.at(-1) ?? { did: `the process ended with ${signal ?? status}: ${errors}` }
  const expected = probe.expected[column]
  const isSo = typeof expected === 'string' ? did === expected : expected.test(did)
  const isMet = isSo && (column === 'imap' || isInTime(probe, ms))
  return { did, ms, isRight: isMet !== (probe.todo?.[column] !== undefined) }
}

/** @param {import('./stage').Probe} probe @param {number | undefined} ms */
function isInTime ({ deadlineMs }, ms) {
  if (deadlineMs === undefined) return true
  return ms != null && ms >= deadlineMs - EARLY_MS && ms <= deadlineMs + GRACE_MS
}

/** @param {import('./stage').Probe} probe @param {Cell[]} cells */
function row (probe, [imap, off, on]) {
  const noticed = (/** @type {Cell} */ { ms }) => probe.deadlineMs && ms != null ? seconds(ms) : ''
  const did = (/** @type {Cell} */ { did, isRight }, /** @type {number} */ index) => {
    const text = did.split('\n')[0]
    if (!isRight) return `UNEXPECTED: ${text}`
    return probe.todo?.[COLUMNS[index]] ? `TODO: ${text}` : text
  }
  const deadline = probe.deadlineMs ? seconds(probe.deadlineMs) : ''
  return [probe.id, probe.title, deadline, did(imap, 0), did(off, 1), noticed(off), did(on, 2), noticed(on)]
}

/** @param {number} ms */
function seconds (ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
