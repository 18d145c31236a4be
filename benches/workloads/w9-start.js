// @ts-check
'use strict'

// From nothing to `ready`: loading the package, and the first connection of a process over TLS.

const { execFileSync } = require('node:child_process')
const { join } = require('node:path')
const { Drain, flow, npm, ready } = require('../sessions')

const RUNS = 11

const ROUND_TRIP_MS = 50

/** @typedef {import('../clients').Client} Client */

/**
 * Loads a package in a process that has nothing else.
 * @param {string} name
 * @returns {Client}
 */
function loading (name) {
  return async ({ meter, sum }) => {
    const output = execFileSync(process.execPath, [join(__dirname, '..', 'load.js'), name])
    meter.note(JSON.parse(output.toString()))
    sum.loaded++
  }
}

/**
 * Connects once.
 * @param {(address: import('../sessions').Address) => Promise<any>} connect
 * @returns {Client}
 */
function connecting (connect) {
  return async ({ address, meter, sum }) => {
    meter.start()
    await connect(address)
    await meter.stop()
    sum.connected++
  }
}

/** @type {Record<string, Client>} */
const connects = {
  everimap: job => connecting(ready.bind(null, require('../..')))(job),
  imap: job => connecting(ready.bind(null, npm('imap')))(job),
  imapflow (job) {
    npm('imapflow')
    return connecting(flow)(job)
  },
  drain: connecting(Drain.login)
}

const connect = {
  tls: true,
  count: 1,
  answers: () => ({}),
  sum: () => ({ connected: 0 }),
  expected: () => ({ connected: 1 }),
  clients: connects
}

module.exports = {
  name: 'W9',
  cases: [
    {
      name: 'W9-require',
      title: 'require() in a fresh process',
      runs: RUNS,
      count: 1,
      answers: () => ({}),
      sum: () => ({ loaded: 0 }),
      expected: () => ({ loaded: 1 }),
      clients: { everimap: loading(join(__dirname, '..', '..')), imap: loading('imap'), imapflow: loading('imapflow') }
    },
    { ...connect, name: 'W9-connect', title: 'first connection to `ready`, over TLS', runs: RUNS },
    {
      ...connect,
      name: 'W9-connect-far',
      title: `first connection to \`ready\`, over TLS behind ${ROUND_TRIP_MS} ms of round trip`,
      roundTripMs: ROUND_TRIP_MS,
      runs: 3
    }
  ],
  targets: [
    { case: 'W9-require', measure: 'wallMs', against: 'imap', most: 0.3 },
    { case: 'W9-connect', measure: 'wallMs', against: 'imap', most: 0.8 }
  ]
}
