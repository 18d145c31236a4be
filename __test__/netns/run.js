// @ts-check
'use strict'

// `npm run test:netns`: packets are lost between two network namespaces; how soon is that noticed?
// `npm run test:netns -- N06 N07` plays some cases only. Root, on Linux; see network.js.

const { CASES, MARGIN_S } = require('./cases')
const { Network } = require('./network')
const { Stage } = require('./stage')

/** @typedef {import('./cases').Case} Case */
/** @typedef {import('./cases').Outcome} Outcome */
/** @typedef {{ played: Case, outcome?: Outcome, failure?: string }} Result */

/** @type {Set<Stage>} */
const stages = new Set()

main().catch((error) => {
  console.error(`test:netns: ${error.message}`)
  process.exitCode = 1
})

async function main () {
  const cases = chosen(process.argv.slice(2))
  Network.ensure()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopAll().finally(() => process.exit(130)))
  const started = performance.now()
  const longest = Math.max(...cases.map(({ limit }) => limit))
  console.log(`${cases.length} cases at once, the longest takes ${longest} s and a few more`)
  const results = await Promise.all(cases.map(play))
  console.log(`\n${table(results)}\n`)
  console.log(`in ${((performance.now() - started) / 1000).toFixed(0)} s; a limit is exceeded by ${MARGIN_S} s more, for a busy machine`)
  const failures = results.filter(({ failure }) => failure)
  for (const { played: { id }, failure } of failures) console.log(`FAILED ${id}: ${failure}`)
  if (failures.length > 0) process.exitCode = 1
}

/** @param {string[]} ids */
function chosen (ids) {
  const unknown = ids.find((id) => !CASES.some((each) => each.id === id))
  if (unknown) throw new Error(`there is no case '${unknown}'; there are ${CASES.map(({ id }) => id).join(', ')}`)
  return ids.length > 0 ? CASES.filter(({ id }) => ids.includes(id)) : CASES
}

/** @param {Case} played @returns {Promise<Result>} */
async function play (played) {
  const stage = new Stage()
  stages.add(stage)
  try {
    const outcome = await played.run(stage, played.limit)
    const { noticed } = outcome
    const late = noticed === undefined || noticed > played.limit + MARGIN_S
    console.log(`  ${played.id.padEnd(6)}  ${seconds(noticed)}`)
    return { played, outcome, ...(late ? { failure: 'it was not noticed in time' } : {}) }
  } catch (error) {
    return { played, failure: /** @type {Error} */ (error).message }
  } finally {
    stages.delete(stage)
    await stage.stop()
  }
}

async function stopAll () {
  await Promise.all([...stages].map((stage) => stage.stop()))
}

/** @param {Result[]} results */
function table (results) {
  const head = ['', 'what happens', 'noticed', 'at most', 'all told after', 'npm imap']
  const rows = results.map(({ played: { id, what, limit }, outcome }) => [
    id, what, seconds(outcome && outcome.noticed), `${limit} s`,
    outcome && outcome.back !== undefined ? seconds(outcome.back) : '',
    !outcome || !outcome.hasRival ? '' : outcome.rival === undefined ? `nothing in ${limit + MARGIN_S} s` : seconds(outcome.rival)
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)))
  return [head, ...rows].map((row) => row.map((cell, column) => column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])).join('  ')).join('\n')
}

/** @param {number | undefined} value */
function seconds (value) {
  return value === undefined ? '-' : `${value.toFixed(2)} s`
}
