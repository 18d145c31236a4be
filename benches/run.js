// @ts-check
'use strict'

// Measures everimap beside npm imap, imapflow and two floors. README.md says how to read it.

const { fork } = require('node:child_process')
const { appendFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { parseArgs } = require('node:util')
const { checkAddon } = require('./addon')
const { clients } = require('./clients')
const { environment, summary, table } = require('./report')
const { workloads } = require('./workloads')

const HELP = `npm run bench -- [WORKLOAD...] [options]

  WORKLOAD        ${Object.keys(workloads).join(', ')}; without one, all of them
  --runs N        how often each client runs each workload (5)
  --scale F       that part of the messages, such as 0.1 for a quick look (1)
  --clients A,B   only these of ${Object.keys(clients).join(', ')}
  --json FILE     writes every run and every median to FILE, one JSON object a line
  --help          this text
`

/** A client that has not come back after this long is taken for stuck, in milliseconds. */
const STUCK_MS = 120_000

main().catch(error => {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
})

async function main () {
  const options = readOptions()
  if (!options) return console.log(HELP)
  if (options.clients.includes('everimap')) checkAddon()
  const record = recorder(options.json)
  record({ type: 'environment', ...environment(), runs: options.runs, scale: options.scale })
  for (const name of options.workloads) {
    const workload = workloads[name]
    const count = Math.max(1, Math.round(workload.count * options.scale))
    const runs = await measure(workload, count, options, record)
    const result = summary(workload, count, runs)
    record({ type: 'summary', ...result })
    console.log(table(workload, result))
  }
}

function readOptions () {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '5' },
      scale: { type: 'string', default: '1' },
      clients: { type: 'string', default: Object.keys(clients).join(',') },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false }
    }
  })
  if (values.help) return null
  const names = positionals.map(name => name.toUpperCase())
  return {
    workloads: known('workload', names.length > 0 ? names : Object.keys(workloads), workloads),
    clients: known('client', String(values.clients).split(','), clients),
    runs: positive('--runs', values.runs, Number.isInteger, 'a whole number, such as 5'),
    scale: positive('--scale', values.scale, Number.isFinite, 'a number, such as 0.1'),
    json: values.json
  }
}

/**
 * @param {string} what
 * @param {string[]} names
 * @param {object} all
 */
function known (what, names, all) {
  const stranger = names.find(name => !Object.hasOwn(all, name))
  if (stranger === undefined) return names
  throw new Error(`there is no ${what} '${stranger}'; there are ${Object.keys(all).join(', ')}`)
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @param {(value: number) => boolean} test
 * @param {string} expected
 */
function positive (option, text, test, expected) {
  const value = Number(text)
  if (test(value) && value > 0) return value
  throw new Error(`${option} is '${text}'; it must be ${expected}`)
}

/** @param {string | undefined} file */
function recorder (file) {
  if (!file) return () => {}
  writeFileSync(file, '')
  return (/** @type {object} */ line) => appendFileSync(file, JSON.stringify(line) + '\n')
}

/**
 * Runs every client `options.runs` times, by turns, each time in a fresh process.
 * @param {import('./workloads').Workload} workload
 * @param {number} count
 * @param {{ clients: string[], runs: number }} options
 * @param {(line: object) => void} record
 */
async function measure (workload, count, options, record) {
  const server = await startServer(workload, count)
  const expected = JSON.stringify(await expectedSum(workload, count))
  const runs = []
  try {
    for (let round = 0; round < options.runs; round++) {
      // Each round begins with another client, so that none always follows the same one.
      const first = round % options.clients.length
      const order = [...options.clients.slice(first), ...options.clients.slice(0, first)]
      for (const client of order) {
        progress(`${workload.name}: round ${round + 1} of ${options.runs}, ${client}`)
        const run = { workload: workload.name, client, count, round, ...await runClient(workload, client, server, count) }
        record({ type: 'run', ...run })
        verify(run, expected, server.bytes)
        runs.push(run)
      }
    }
  } finally {
    progress('')
    server.process.disconnect()
  }
  return runs
}

/**
 * @param {import('./workloads').Workload} workload
 * @param {number} count
 */
async function startServer (workload, count) {
  const child = fork(join(__dirname, 'server.js'), [workload.name, String(count)])
  const { port, bytes } = await message(child, `the server of ${workload.name}`)
  return { process: child, port, bytes }
}

/** What must come out, from the data itself. @param {import('./workloads').Workload} workload @param {number} count */
async function expectedSum (workload, count) {
  const sum = workload.sum()
  await new Promise((resolve, reject) => {
    workload.floor(count, sum, (/** @type {any} */ error) => error ? reject(error) : resolve(null))
  })
  return sum
}

/**
 * @param {import('./workloads').Workload} workload
 * @param {string} client
 * @param {{ port: number }} server
 * @param {number} count
 */
function runClient (workload, client, { port }, count) {
  const args = [workload.name, client, String(port), String(count)]
  return message(fork(join(__dirname, 'client.js'), args), `${client} in ${workload.name}`)
}

/**
 * The one message of a process.
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} name
 * @returns {Promise<any>}
 */
function message (child, name) {
  return new Promise((resolve, reject) => {
    const stuck = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${name} is stuck: no result after ${STUCK_MS / 1000} seconds`))
    }, STUCK_MS)
    child.once('message', (/** @type {any} */ result) => {
      clearTimeout(stuck)
      if (result.error) reject(new Error(`${name} failed: ${result.error}`))
      else resolve(result)
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(stuck)
      reject(new Error(`${name} died without a result (${signal || code})`))
    })
  })
}

/**
 * Fails the bench when a client has seen other data than there is: its figures mean nothing then.
 * @param {any} run
 * @param {string} expected
 * @param {number} bytes
 */
function verify ({ workload, client, sum }, expected, bytes) {
  const wanted = client === 'drain' ? JSON.stringify({ bytes }) : expected
  const got = JSON.stringify(sum)
  if (got === wanted) return
  throw new Error(`WRONG DATA: ${client} in ${workload} came to another sum.\n` +
    `  expected ${wanted}\n  but got  ${got}`)
}

/** @param {string} text */
function progress (text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
