// @ts-check
'use strict'

// A session that comes back by itself, under observation.

const assert = require('node:assert/strict')
const { once } = require('node:events')

const { Relay } = require('./relay')
const { Imap, PATIENCE_MS, Server, call, recorded, within } = require('./support')

/** Fast enough for a test; a real account keeps the defaults. */
const RECONNECT = { baseMs: 5, capMs: 20, stableMs: 60_000, loginsPerMinute: 1e6 }
const SESSION_EVENTS = ['disconnected', 'reconnecting', 'reconnected', 'throttled', 'suspended', 'uidvalidity', 'mailboxReset', 'mailboxGone', 'rotated']

/**
 * A session with an open INBOX behind a relay, and what it announces.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('./server').Settings} [settings]
 * @param {Record<string, any>} [options]
 */
async function watching (t, settings, options) {
  const server = await Server.start(settings)
  t.after(() => server.stop())
  const relay = await Relay.start(t, server.options.port)
  const imap = new Imap({ ...server.options, port: relay.port, reconnect: RECONNECT, ...options })
  t.after(() => imap.destroy())
  // In the handler of 'ready': no IDLE comes before.
  const opened = new Promise((resolve) => imap.once('ready', () => resolve(call(imap, 'openBox', 'INBOX'))))
  imap.connect()
  const box = await within(PATIENCE_MS, opened, 'the INBOX')
  /** @type {number[]} */
  const uids = []
  imap.on('mail', (/** @type {number} */ count, /** @type {any} */ info) => {
    assert.equal(count, info.uids.length)
    uids.push(...info.uids)
  })
  const events = recorded(imap, [...SESSION_EVENTS, 'ready', 'error', 'end', 'close'])
  return { server, relay, imap, box, uids, events, named: (/** @type {string} */ name) => events.filter(([event]) => event === name).map(([, info]) => info) }
}

/**
 * Waits until it is so, looking again after each event.
 *
 * @param {any} emitter
 * @param {string} event
 * @param {() => boolean} isSo
 */
async function until (emitter, event, isSo) {
  while (!isSo()) await within(PATIENCE_MS, once(emitter, event), event)
}

/** The next of an event, with its first value. @param {any} emitter @param {string} event @returns {Promise<any>} */
async function next (emitter, event) {
  const [value] = await within(PATIENCE_MS, once(emitter, event), event)
  return value
}

/**
 * Ends a session, which must close without an error, once.
 *
 * @param {any} imap
 * @param {any[][]} events as {@link watching} records them
 */
async function ended (imap, events) {
  const close = next(imap, 'close')
  imap.end()
  assert.equal(await close, false)
  assert.deepEqual(events.filter(([name]) => ['ready', 'error', 'end', 'close'].includes(name)), [['end'], ['close', false]])
}

module.exports = { RECONNECT, ended, next, until, watching }
