// @ts-check
'use strict'

// `npm run test:parity`: plays every scenario on npm imap and on everimap and compares what they
// did. Where they differ the scenario must name a row of DEVIATIONS.md. Both do one thing after the
// other there; everimap plays once more with commands that fly together, and the program must see
// the same.
//
//   --only TEXT   only the scenarios with this text in their name
//   --every N     only each Nth of them, and all that are another case with BYTEWISE=1
//   --show        both records side by side
//
// README.md says how, and what BYTEWISE=1 does.

const { fork } = require('node:child_process')
const { join } = require('node:path')
const { parseArgs } = require('node:util')
const { usualSplit } = require('../modes')
const { BYTEWISE } = require('./bytewise')
const { difference, seen, unexplained } = require('./compare')
const { deviations } = require('./deviations')
const { shownEvent } = require('./record')
const { plays } = require('./scenarios')

/** @typedef {import('./scenarios').Play} Play */
/** @typedef {import('./record').Record} Record */

/** Everimap, in lock step as npm imap is, and not. */
const OURS = ['everimap', 'pipelined']

/** Processes that play at the same time: most of what they do is to wait for quiet. */
const PROCESSES = 4

/** Processes for the scenarios that mostly wait. */
const WAITING_PROCESSES = 12

/** Scenarios that one process plays: fewer make both sides end at the same time, more need fewer processes. */
const BATCH = 80

/** A scenario that waits longer is played beside the others, in ms. */
const LONG_MS = 1000

/** The longest a play may take without an answer from its process, in ms. */
const LIMIT_MS = 60_000

/** Begins what is recorded of a scenario that could not be played, which is no behaviour of the implementation. */
const UNPLAYED = 'could not be played: '

main()

async function main () {
  const { values } = parseArgs({ options: { only: { type: 'string' }, every: { type: 'string' }, show: { type: 'boolean' } } })
  const named = [...playsOfMode()].filter(([key]) => key.includes(values.only ?? ''))
  const chosen = new Map(named.filter(([key], index) => index % Number(values.every ?? 1) === 0 || key in BYTEWISE))
  if (chosen.size === 0) {
    console.error(`No scenario has "${values.only}" in its name`)
    process.exit(2)
  }
  const started = Date.now()
  const records = await playAll(chosen)
  const known = new Set(deviations().map(({ id }) => id))
  const verdicts = [...chosen.values()].map((play) => judged(play, records, known))
  if (values.show) verdicts.forEach(show)
  report(verdicts, Date.now() - started)
}

/** All plays, with the deviations that there are when the bytes come as they do. @returns {Map<string, Play>} */
function playsOfMode () {
  const all = plays()
  if (usualSplit !== 'bytewise') return all
  for (const [key, deviates] of Object.entries(BYTEWISE)) {
    const play = all.get(key)
    if (!play) throw new Error(`bytewise.js: there is no scenario "${key}"`)
    all.set(key, { ...play, deviates })
  }
  return all
}

// --- playing

/** @typedef {{ implementation: string, keys: string[] }} Batch */

/** @param {Map<string, Play>} chosen @returns {Promise<Map<string, Record | string>>} by implementation and key */
async function playAll (chosen) {
  /** @type {Map<string, Record | string>} */
  const records = new Map()
  const keys = [...chosen.keys()]
  // It is everimap that has deadlines to wait for.
  const waits = (/** @type {string} */ key) => (chosen.get(key)?.scenario.patience ?? 0) > LONG_MS
  const batches = (/** @type {string} */ implementation, /** @type {string[]} */ keys, /** @type {number} */ size) => {
    return cut(keys, size).map((keys) => ({ implementation, keys }))
  }
  const keysOf = (/** @type {string} */ ours) => keys.filter((key) => ours === 'everimap' || !chosen.get(key)?.scenario.lockStep)
  await Promise.all([
    pool([...OURS.flatMap((ours) => batches(ours, keysOf(ours).filter((key) => !waits(key)), BATCH)), ...batches('imap', keys, BATCH)], PROCESSES, records),
    pool(OURS.flatMap((ours) => batches(ours, keysOf(ours).filter(waits), 1)), WAITING_PROCESSES, records)
  ])
  return records
}

/** @param {string[]} keys @param {number} size @returns {string[][]} */
function cut (keys, size) {
  return keys.length === 0 ? [] : [keys.slice(0, size), ...cut(keys.slice(size), size)]
}

/** @param {Batch[]} batches @param {number} size @param {Map<string, Record | string>} records */
async function pool (batches, size, records) {
  const queue = [...batches]
  await Promise.all(Array.from({ length: size }, async () => {
    for (let batch = queue.shift(); batch; batch = queue.shift()) {
      const rest = await playBatch(batch, records)
      if (rest.length > 0) queue.unshift({ ...batch, keys: rest })
    }
  }))
}

/**
 * @param {Batch} batch
 * @param {Map<string, Record | string>} records
 * @returns {Promise<string[]>} the scenarios that are still to be played
 */
function playBatch ({ implementation, keys }, records) {
  const rest = [...keys]
  const child = fork(join(__dirname, 'play.js'), [implementation, ...keys], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text) => { errors += text })
  let timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  let playing = ''
  child.on('message', (/** @type {any} */ { begin, key, record, failure }) => {
    timer.refresh()
    playing = begin ?? ''
    if (key === undefined) return
    records.set(`${implementation} ${key}`, record ?? `${UNPLAYED}${failure}`)
    rest.splice(rest.indexOf(key), 1)
  })
  return new Promise((resolve) => child.on('close', (status, signal) => {
    clearTimeout(timer)
    const lost = playing || (rest.length === keys.length ? keys[0] : '')
    if (lost) {
      records.set(`${implementation} ${lost}`, `its process ended with ${signal ?? status}\n${errors}`)
      rest.splice(rest.indexOf(lost), 1)
    }
    resolve(rest)
  }))
}

// --- judging

/**
 * @typedef {object} Verdict
 * @property {Play} play
 * @property {Record | string | undefined} theirs
 * @property {Record | string | undefined} ours
 * @property {string} [difference] the first one
 * @property {string} [wrong] why the run fails
 */

/**
 * @param {Play} play
 * @param {Map<string, Record | string>} records
 * @param {Set<string>} known ids of DEVIATIONS.md
 * @returns {Verdict}
 */
function judged (play, records, known) {
  const theirs = records.get(`imap ${play.key}`)
  const ours = records.get(`everimap ${play.key}`)
  const verdict = { play, theirs, ours }
  const unknown = play.deviates.find((id) => !known.has(id))
  if (unknown) return { ...verdict, wrong: `${unknown} is no row of DEVIATIONS.md` }
  if (typeof ours !== 'object') return { ...verdict, wrong: `everimap: ${ours}` }
  const together = play.scenario.lockStep ? ours : records.get(`pipelined ${play.key}`)
  if (typeof together !== 'object') return { ...verdict, wrong: `everimap, commands together: ${together}` }
  const moved = seen(ours, together)
  if (moved) return { ...verdict, ours: together, wrong: `with \`pipeline\` the program sees something else: ${moved}` }
  if (typeof theirs === 'string' && theirs.startsWith(UNPLAYED)) return { ...verdict, wrong: `npm imap: ${theirs}` }
  if (typeof theirs !== 'object') {
    // Not even an uncaught exception: npm imap can keep its process from doing anything at all.
    return declared({ ...verdict, difference: `npm imap: ${theirs}` })
  }
  const found = difference(theirs, ours)
  // After a crash on both there is nobody to play with.
  if (!found && !ours.played && !ours.crashed) return { ...verdict, wrong: `the script does not come to its end: ${ours.outcome}` }
  const more = found && play.deviates.length > 0 && unexplained(theirs, ours, play.deviates)
  if (more) return { ...verdict, difference: found, wrong: `differs more than ${play.deviates.join(' and ')} says: ${more}` }
  return declared({ ...verdict, difference: found })
}

/** @param {Verdict} verdict @returns {Verdict} */
function declared (verdict) {
  const { play: { deviates }, difference } = verdict
  if (difference && deviates.length === 0) return { ...verdict, wrong: `differs without a row of DEVIATIONS.md: ${difference}` }
  if (!difference && deviates.length > 0) return { ...verdict, wrong: `names ${deviates.join(', ')}, but does not differ` }
  return verdict
}

// --- telling

/** @param {Verdict} verdict */
function show ({ play, theirs, ours, difference }) {
  console.log(`\n${difference ? '≠' : '='} ${play.key}`)
  beside(['npm imap'], ['everimap'])
  if (typeof theirs !== 'object' || typeof ours !== 'object') return beside([String(theirs)], [String(ours)])
  beside(theirs.events.map(shownEvent), ours.events.map(shownEvent))
  beside(theirs.wire.map((line) => `C: ${line}`), ours.wire.map((line) => `C: ${line}`))
  beside([`(${theirs.outcome})`], [`(${ours.outcome})`])
}

/** The most that is told of a difference, in characters. */
const ENOUGH = 1000

/** Two columns, with a bar between lines that differ. @param {string[]} left @param {string[]} right */
function beside (left, right) {
  const width = Math.floor(((process.stdout.columns || 200) - 3) / 2)
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [their, our] = [left[at] ?? '', right[at] ?? '']
    console.log(`${fitted(their, width)} ${their === our ? ' ' : '|'} ${fitted(our, width).trimEnd()}`)
  }
}

/** @param {string} text @param {number} width */
function fitted (text, width) {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}

/** @param {Verdict[]} verdicts @param {number} time in ms */
function report (verdicts, time) {
  const wrong = verdicts.filter(({ wrong }) => wrong)
  const differing = verdicts.filter(({ difference, wrong }) => difference && !wrong)
  for (const { play } of differing) console.log(`differs (${play.deviates.join(', ')}): ${play.key}`)
  for (const { play, wrong: reason } of wrong) console.error(`WRONG ${play.key}\n      ${reason?.slice(0, ENOUGH)}`)
  const equal = verdicts.length - differing.length - wrong.length
  const rows = new Set(differing.flatMap(({ play }) => play.deviates))
  console.log(`\n${verdicts.length} scenarios: ${equal} equal, ${differing.length} differ as ${rows.size} rows of DEVIATIONS.md say, ` +
    `${wrong.length} wrong (${(time / 1000).toFixed(1)} s)`)
  process.exitCode = wrong.length > 0 ? 1 : 0
}
