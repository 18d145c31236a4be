// @ts-check
'use strict'

// What sessions cost that only listen: processor time and memory, beside npm imap.

const { fork } = require('node:child_process')
const { once } = require('node:events')
const { join } = require('node:path')
const { parseArgs } = require('node:util')
const { checkAddon } = require('../addon')
const { environment, median } = require('../report')
const { clients } = require('./clients')

const HELP = `npm run bench:idle -- [options]

  --sessions N    sessions over TLS, each with an open mailbox (100)
  --seconds N     how long their processor time is measured (60)
  --runs N        how often each client runs, by turns, each time in a fresh process (3)
  --help          this text
`

/** Of one processor, for 100 sessions. */
const TARGET_PERCENT = 0.5

/** Sessions before those whose memory is measured. */
const WARM = 20

/** The server says "Still here" to each session. */
const STILL_HERE_MS = 30_000

/** What a run may take beside its seconds, in milliseconds. */
const STUCK_MS = 120_000

main().catch((error) => {
  console.error(`bench:idle: ${error.message}`)
  process.exitCode = 1
})

async function main () {
  const options = readOptions()
  if (!options) return console.log(HELP)
  checkAddon()
  const { node, cpu, cpus, load } = environment()
  console.log(`${options.sessions} sessions over TLS that idle for ${options.seconds} s, medians of ${options.runs}; ` +
    `a word of the server each ${STILL_HERE_MS / 1000} s\nNode ${node}, ${cpus} x ${cpu}, load ${load.toFixed(1)}\n`)
  const results = await measure(options)
  console.log(table(results))
  const cost = results.everimap.cpu / options.sessions * 100
  console.log(`\n${cost < TARGET_PERCENT ? 'met   ' : 'MISSED'}  ${cost.toFixed(3)} % of a processor for 100 sessions, target ${TARGET_PERCENT} %`)
}

function readOptions () {
  const { values } = parseArgs({
    options: {
      sessions: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '60' },
      runs: { type: 'string', default: '3' },
      help: { type: 'boolean', short: 'h', default: false }
    }
  })
  if (values.help) return null
  return { sessions: positive('sessions', values.sessions), seconds: positive('seconds', values.seconds), runs: positive('runs', values.runs) }
}

/** @param {string} name @param {string | undefined} text */
function positive (name, text) {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`--${name} is '${text}'; it must be a whole number, such as 3`)
}

/** @param {{ sessions: number, seconds: number, runs: number }} options */
async function measure ({ sessions, seconds, runs }) {
  const server = fork(join(__dirname, 'server.js'), [String(STILL_HERE_MS)])
  const [options] = await once(server, 'message')
  /** @type {Record<string, any[]>} */
  const all = {}
  try {
    const names = Object.keys(clients)
    for (let round = 0; round < runs; round++) {
      // Each round begins with another client.
      for (let turn = 0; turn < names.length; turn++) {
        const client = names[(round + turn) % names.length]
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kround ${round + 1} of ${runs}, ${client}`)
        const result = await run({ client, options, sessions, warm: WARM, seconds })
        all[client] = [...all[client] || [], result]
      }
    }
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    server.disconnect()
  }
  return Object.fromEntries(Object.entries(all).map(([client, results]) => [client, {
    cpu: median(results.map(({ cpuPercent }) => cpuPercent)), memory: median(results.map(({ sessionKB }) => sessionKB))
  }]))
}

/** @param {{ client: string, seconds: number } & Record<string, any>} job @returns {Promise<any>} */
async function run (job) {
  const child = fork(join(__dirname, 'client.js'), { execArgv: ['--expose-gc'] })
  const stuck = setTimeout(() => child.kill('SIGKILL'), STUCK_MS + job.seconds * 1000)
  try {
    child.send(job)
    const [result] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [{ error: 'its process ended, or was stuck' }])])
    if (result.error) throw new Error(`${job.client}: ${result.error}`)
    return result
  } finally {
    clearTimeout(stuck)
  }
}

/** @param {Record<string, { cpu: number, memory: number }>} results */
function table (results) {
  const rows = Object.entries(results).map(([client, { cpu, memory }]) => [
    client, `${cpu.toFixed(3)} %`, ratio(cpu, results.imap.cpu), `${memory.toFixed(1)} kB`, ratio(memory, results.imap.memory)
  ])
  const head = ['', 'CPU of a processor', '/imap', 'memory per session', '/imap']
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)))
  return [head, ...rows].map((row) => row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])).join('  ')).join('\n')
}

/** @param {number} own @param {number} other */
function ratio (own, other) {
  return other > 0 ? (own / other).toFixed(2) : '-'
}
