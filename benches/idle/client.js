// @ts-check
'use strict'

// Sessions that idle, of one client, in this process: `node --expose-gc client.js` and a message
// `{ client, options, sessions, warm, seconds }`. The result is a message.

const { once } = require('node:events')
const { setTimeout: delay } = require('node:timers/promises')
const { clients } = require('./clients')

/** Sessions are opened by so many at once. */
const AT_ONCE = 10

/** After the last session has been opened everything is quiet in this time. */
const QUIET_MS = 3000

process.once('message', (/** @type {any} */ job) => {
  measure(job).catch((error) => ({ error: (error && error.stack) || String(error) })).then((result) => {
    if (process.send) process.send(result, () => process.exit())
  })
})

/** @param {{ client: string, options: object, sessions: number, warm: number, seconds: number }} job */
async function measure ({ client, options, sessions, warm, seconds }) {
  // The first ones pay for what all share: code, pools, the context of TLS.
  const all = await open(client, options, warm)
  const before = await memory()
  all.push(...await open(client, options, sessions))
  const after = await memory()
  await delay(QUIET_MS)
  let lost = 0
  for (const imap of all) imap.on('close', () => lost++)
  const began = process.cpuUsage()
  await delay(seconds * 1000)
  const { user, system } = process.cpuUsage(began)
  if (lost > 0) throw new Error(`${lost} sessions were closed while they idled`)
  return {
    // Of the sessions that were opened last, all of them being as idle.
    cpuPercent: (user + system) / 1e6 / seconds * 100 * sessions / all.length,
    sessionKB: (after - before) / sessions / 1000
  }
}

/** @param {string} client @param {object} options @param {number} count */
async function open (client, options, count) {
  const all = []
  while (all.length < count) {
    all.push(...await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - all.length) }, () => listener(client, options))))
  }
  return all
}

/** A session with an open mailbox. @param {string} client @param {object} options */
async function listener (client, options) {
  const imap = clients[client](options)
  const ready = once(imap, 'ready')
  imap.connect()
  await ready
  await new Promise((resolve, reject) => imap.openBox('INBOX', true, (/** @type {any} */ error) => error ? reject(error) : resolve(undefined)))
  return imap
}

/** Resident memory in bytes, once what is garbage has gone. */
async function memory () {
  const { gc } = /** @type {any} */ (globalThis)
  for (let round = 0; round < 3; round++) {
    await delay(QUIET_MS / 3)
    gc()
  }
  return process.memoryUsage().rss
}
