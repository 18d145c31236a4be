// @ts-check
'use strict'

// A connection under observation: every event it emits, with the state it had then.

const { once } = require('node:events')
const Imap = require('./imap')

/** How long a test waits for what must come, in milliseconds. */
const PATIENCE_MS = 10_000

const EVENTS = ['ready', 'alert', 'mail', 'expunge', 'uidvalidity', 'update', 'error', 'end', 'close']

/**
 * @typedef {object} Watched
 * @property {any} connection
 * @property {string[]} events as `name@state`; `close` with its argument
 * @property {any[]} errors what `error` was emitted with
 * @property {string[]} debug
 */

/**
 * Makes a connection and notes what it emits. `connect()` is left to the test.
 * @param {Record<string, any>} options
 * @returns {Watched}
 */
function watch (options) {
  /** @type {Watched} */
  const watched = { connection: null, events: [], errors: [], debug: [] }
  const connection = new Imap({ debug: (/** @type {string} */ line) => watched.debug.push(line), ...options })
  watched.connection = connection
  for (const event of EVENTS) {
    connection.on(event, (/** @type {any} */ value) => {
      watched.events.push(event === 'close' ? `close(${value})@${connection.state}` : `${event}@${connection.state}`)
      if (event === 'error') watched.errors.push(value)
    })
  }
  return watched
}

/**
 * Waits for an event, but not for ever.
 * @param {any} emitter
 * @param {string} event
 * @returns {Promise<any[]>}
 */
function soon (emitter, event) {
  const reason = AbortSignal.timeout(PATIENCE_MS)
  // `error` is an event like the others here, no reason to give up.
  return event === 'error' ? once(emitter, event, { signal: reason }) : quietly(emitter, event, reason)
}

/**
 * @param {any} emitter
 * @param {string} event
 * @param {AbortSignal} signal
 * @returns {Promise<any[]>}
 */
function quietly (emitter, event, signal) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`no '${event}' within ${PATIENCE_MS} ms`))
    signal.addEventListener('abort', late)
    emitter.once(event, (/** @type {any[]} */ ...values) => {
      signal.removeEventListener('abort', late)
      resolve(values)
    })
  })
}

/**
 * Connects, waits for `ready`, and for INBOX if it is wanted.
 * @param {Record<string, any>} options
 * @param {string | null} [mailbox]
 * @returns {Promise<Watched>}
 */
async function ready (options, mailbox = null) {
  const watched = watch(options)
  watched.connection.connect()
  await soon(watched.connection, 'ready')
  if (mailbox !== null) {
    await new Promise((resolve, reject) => {
      watched.connection.openBox(mailbox, (/** @type {Error | undefined} */ error) => error ? reject(error) : resolve(undefined))
    })
  }
  return watched
}

/**
 * Connects and waits for `close`.
 * @param {Record<string, any>} options
 * @returns {Promise<Watched>}
 */
async function failing (options) {
  const watched = watch(options)
  watched.connection.connect()
  await soon(watched.connection, 'close')
  await turn()
  return watched
}

/** A turn of the event loop, in which what is wrong would show. */
function turn () {
  return new Promise((resolve) => setImmediate(resolve))
}

module.exports = { Imap, PATIENCE_MS, watch, ready, failing, soon, turn }
