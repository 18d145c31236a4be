// @ts-check
'use strict'

// The client of the leak check: `node --expose-gc client.child.js`. It is told by message where the
// servers are and after how many reconnects it is to measure itself; each measurement is a message.

const { once } = require('node:events')
const { readdirSync } = require('node:fs')
const { setTimeout: delay } = require('node:timers/promises')
const Imap = require('../..')

/** Reconnects as fast as they can be; a real account keeps the defaults. */
const RECONNECT = { baseMs: 1, capMs: 1, loginsPerMinute: 1e6 }

/** Sessions on each server. */
const SESSIONS = 2

/** What is over is gone so soon: sockets in the core, timers here. */
const SETTLE_MS = 500
const FINALIZED_MS = 20

process.on('disconnect', () => process.exit())
process.once('message', (/** @type {any} */ { servers, marks }) => main(servers, marks))

/** @param {object[]} servers @param {number[]} marks */
async function main (servers, marks) {
  const sessions = servers.flatMap((options) => Array.from({ length: SESSIONS }, () => new Imap({ ...options, reconnect: RECONNECT })))
  await Promise.all(sessions.map(open))
  let reconnects = 0
  let passed = () => {}
  for (const imap of sessions) {
    imap.on('reconnected', () => {
      reconnects++
      passed()
    })
  }
  for (const mark of marks) {
    say({ ask: 'storm' })
    await new Promise((resolve) => { passed = () => { if (reconnects >= mark) resolve(undefined) } })
    say({ ask: 'calm' })
    // Connections that were cut before the server heard of it come back first.
    await Promise.all(sessions.map(settled))
    await collected()
    say({ measured: { reconnects, ...measure() } })
  }
  for (const imap of sessions) imap.destroy()
  say({ done: true })
}

/** @param {any} imap */
async function open (imap) {
  const ready = once(imap, 'ready')
  imap.connect()
  await ready
  await new Promise((resolve, reject) => imap.openBox('INBOX', (/** @type {any} */ error) => error ? reject(error) : resolve(undefined)))
}

/** The session idles, and goes on to. @param {any} imap */
async function settled (imap) {
  for (let since = performance.now(); performance.now() - since < SETTLE_MS;) {
    await delay(10)
    if (imap.stats().link !== 'ready') since = performance.now()
  }
}

/** What is garbage is collected, and its finalizers have run. */
async function collected () {
  const { gc } = /** @type {any} */ (globalThis)
  for (let round = 0; round < 3; round++) {
    gc()
    await delay(FINALIZED_MS)
  }
}

function measure () {
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    rss,
    heap: heapUsed,
    external,
    files: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    resources: process.getActiveResourcesInfo().sort().join(' ')
  }
}

/** @param {object} message */
function say (message) {
  if (process.send) process.send(message)
}
