// @ts-check
'use strict'

// Runs one case: a server in a process of its own, and every client in a fresh process, by turns.

const { fork } = require('node:child_process')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { Meter } = require('./meter')

/** @typedef {import('./workloads').Case} Case */

/**
 * What one client took once, besides its figures.
 * @typedef {{ case: string, client: string, count: number, round: number, sum: any, [measure: string]: any }} Run
 */

/** A process that has said nothing after this long is taken for stuck, in milliseconds. */
const STUCK_MS = 120_000

/** Open files that a process needs besides its connections. */
const SPARE_FILES = 100

/**
 * @param {Case} one
 * @param {number} count
 * @param {{ clients: string[], runs: number }} options
 * @param {{ progress: (text: string) => void, record: (line: object) => void }} output
 * @returns {Promise<Run[]>}
 */
async function measure (one, count, { clients, runs }, { progress, record }) {
  progress(`${one.name}: starting the server`)
  const server = await startServer(one, count)
  const sums = new Sums(one, count, server.bytes)
  const results = /** @type {Run[]} */ ([])
  const once = async (/** @type {string} */ client, /** @type {number} */ round) => {
    const run = { case: one.name, client, count, round, ...await runClient(one, client, server.address, count) }
    record({ type: 'run', ...run })
    await sums.verify(run)
    results.push(run)
  }
  try {
    for (let round = 0; round < runs; round++) {
      const where = `${one.name}: round ${round + 1} of ${runs}`
      // Each round begins with another client, so that none always follows the same one.
      const first = round % clients.length
      const order = [...clients.slice(first), ...clients.slice(0, first)]
      if (one.isWaiting) {
        progress(`${where}, ${order.join(', ')}`)
        await Promise.all(order.map(client => once(client, round)))
        continue
      }
      for (const client of order) {
        progress(`${where}, ${client}`)
        await once(client, round)
      }
    }
  } finally {
    server.process.disconnect()
  }
  return results
}

/** What each client must have come to: figures of one that reads wrongly mean nothing. */
class Sums {
  /**
   * @param {Case} one
   * @param {number} count
   * @param {number | null} bytes what `drain` counts
   */
  constructor (one, count, bytes) {
    this.case = one
    this.count = count
    this.bytes = bytes
    /** @type {Map<string, string>} */
    this.expected = new Map()
  }

  /** Throws unless the run has seen the data that there is. @param {Run} run */
  async verify (run) {
    const key = this.case.expected || this.isCounting(run) ? run.client : ''
    const got = JSON.stringify(run.sum)
    const wanted = this.expected.get(key) || JSON.stringify(await this.sum(run))
    this.expected.set(key, wanted)
    if (got === wanted) return
    throw new Error(`WRONG DATA: ${run.client} in ${run.case} came to another sum.\n` +
      `  expected ${wanted}\n  but got  ${got}`)
  }

  /** @param {Run} run */
  async sum (run) {
    // A real server's data: all clients must come to what the first came to.
    if (this.case.server) return run.sum
    if (this.isCounting(run)) return { bytes: this.bytes }
    if (this.case.expected) return this.case.expected(this.count, run.client)
    const address = { port: 0, user: '', password: '' }
    const job = { address, count: this.count, meter: new Meter(), sum: this.case.sum() }
    await this.case.clients.floor(job)
    return job.sum
  }

  /** @param {Run} run */
  isCounting ({ client }) {
    return client === 'drain' && this.case.command !== undefined
  }
}

/**
 * Why a case cannot run on this machine, or nothing.
 * @param {Case} one
 */
function obstacle ({ files = 0 }) {
  if (process.platform !== 'linux') return ''
  const [, hard] = /Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'latin1')) || []
  if (hard === undefined || Number(hard) >= files + SPARE_FILES) return ''
  return `a process may open ${hard} files here, and this needs ${files + SPARE_FILES} (ulimit -Hn)`
}

/**
 * @param {Case} one
 * @param {number} count
 * @returns {Promise<{ process: import('node:child_process').ChildProcess, address: import('./sessions').Address, bytes: number | null }>}
 */
async function startServer (one, count) {
  const script = one.server === 'dovecot' ? 'dovecot.js' : 'server.js'
  const child = fork(join(__dirname, script), [one.name, String(count)])
  return { process: child, ...await message(child, `the server of ${one.name}`) }
}

/**
 * @param {Case} one
 * @param {string} client
 * @param {import('./sessions').Address} address
 * @param {number} count
 */
function runClient (one, client, { port, ...address }, count) {
  const child = fork(join(__dirname, 'client.js'), [one.name, client, String(port), String(count)], {
    env: { ...process.env, EVERIMAP_BENCH: JSON.stringify(address) },
    execArgv: ['--expose-gc']
  })
  return message(child, `${client} in ${one.name}`)
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

module.exports = { measure, obstacle }
