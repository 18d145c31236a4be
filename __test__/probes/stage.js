// @ts-check
'use strict'

// What the probes share: what a probe is, and the stage that each plays on.

const { once } = require('node:events')
const { setTimeout: sleep } = require('node:timers/promises')

const { Relay } = require('../relay')
const { Imap, PATIENCE_MS, Server, call, tracing, within } = require('../support')

/**
 * What is compared: npm imap, everimap as it replaces it, and everimap with `reconnect`.
 *
 * @typedef {'imap' | 'off' | 'on'} Column
 */

/**
 * Something that happens to a client, and what each does then.
 *
 * @typedef {object} Probe
 * @property {string} id `P1` to `P16`: the row of resilience 0.3; `D1` ...: a deadline of 2.11
 * @property {string} title what happens
 * @property {number} [deadlineMs] when everimap must have noticed
 * @property {Record<Column, string | RegExp>} expected what each does, as `play` tells it
 * @property {Partial<Record<Column, string>>} [todo] why one does not do so yet
 * @property {(t: Stage) => Promise<Outcome>} play
 */

/**
 * @typedef {object} Outcome
 * @property {string} did
 * @property {number} [ms] how long it took to notice; Infinity if it did not
 */

/** Fast enough for a probe; a real account keeps the defaults. */
const RECONNECT = { baseMs: 5, capMs: 20, loginsPerMinute: 1e6 }
/** What is noted. */
const EVENTS = ['ready', 'alert', 'mail', 'uidvalidity', 'error', 'end', 'close', 'disconnected', 'suspended', 'reconnected', 'mailboxReset']

/** The server, the client, and what came of it. */
class Stage {
  /** @param {Column} column */
  constructor (column) {
    this.column = column
    /** When what the probe is about began. */
    this.since = NaN
    /** When the client showed that it had noticed. */
    this.noticed = Infinity
    /** @type {any[][]} */
    this.events = []
  }

  /** The process ends with its play: there is nothing to clean up. */
  after () {}

  /** @param {import('../server').Settings} [settings] */
  serve (settings) {
    return Server.start(settings)
  }

  /** @param {number} port */
  relay (port) {
    return Relay.start(this, port)
  }

  /** @param {string | string[]} script @param {import('../server/trace').TraceOptions} [options] */
  trace (script, options) {
    return tracing(/** @type {any} */ (this), script, options)
  }

  /** A client of the column, with what it emits noted. @param {Record<string, any>} options */
  client (options) {
    const imap = new Imap({ ...options, ...(this.column === 'on' ? { reconnect: RECONNECT } : {}) })
    for (const name of EVENTS) {
      imap.on(name, (/** @type {any[]} */ ...values) => {
        this.events.push([name, ...values])
        if (['error', 'end', 'close', 'disconnected'].includes(name)) this.noticed = Math.min(this.noticed, Date.now())
      })
    }
    return imap
  }

  /**
   * A client with the INBOX open, whose later events are noted.
   *
   * @param {any} server
   * @param {Record<string, any>} [options]
   */
  async open (server, options) {
    const imap = this.client({ ...server.options, keepalive: false, ...options })
    // In the handler of 'ready': no IDLE comes before.
    const opened = new Promise((resolve) => imap.once('ready', () => resolve(call(imap, 'openBox', 'INBOX'))))
    imap.connect()
    await within(PATIENCE_MS, opened, 'the INBOX')
    this.events.length = 0
    return imap
  }

  /** The same in IDLE, and it knows that the server is, too. @param {any} server @param {Record<string, any>} [options] */
  async idle (server, options) {
    const imap = await this.open(server, { keepalive: true, ...options })
    await server.waitFor(() => server.connections[0].idling)
    const alert = once(imap, 'alert')
    server.fault({ do: { garbage: '* OK [ALERT] idling\r\n' } })
    await within(PATIENCE_MS, alert, 'alert')
    this.events.length = 0
    return imap
  }

  /** Connects, and waits for ready or for the end. @param {any} imap */
  async begun (imap) {
    const over = ['ready', 'close'].map((name) => new Promise((resolve) => imap.once(name, resolve)))
    imap.connect()
    await within(PATIENCE_MS, Promise.race(over), 'ready or close')
  }

  /** Now it happens. */
  begin () {
    this.since = Date.now()
  }

  /**
   * Waits until the client is through with what happened to it: it has closed, or is back.
   *
   * @param {any} imap
   * @param {number} limit how long, in milliseconds
   */
  async settled (imap, limit) {
    const over = ['close', 'reconnected'].map((name) => new Promise((resolve) => imap.once(name, resolve)))
    await Promise.race([...over, sleep(limit, undefined, { ref: false })])
    return this.outcome(imap)
  }

  /** What was noted. @param {any} imap @param {...string} more facts */
  outcome (imap, ...more) {
    const events = this.events.map(shown).join(', ') || 'nothing'
    const state = this.noticed === Infinity && imap ? [`state ${imap.state}`] : []
    return { did: [events, ...state, ...more].join('; '), ms: this.noticed - this.since }
  }
}

/** @param {any[]} event */
function shown ([name, value]) {
  if (name === 'error') return `error ${value.code ?? value.source ?? value.message}`
  if (name === 'disconnected') return `disconnected (${value.cause})`
  if (name === 'mailboxReset') return `mailboxReset (${value.old} to ${value.new})`
  if (name === 'suspended') return `suspended (${value.cause})`
  if (name === 'reconnected' || value === undefined) return name
  return `${name}(${value})`
}

module.exports = { Stage, call, once, sleep, within }
