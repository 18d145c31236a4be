// @ts-check
'use strict'

// For who operates a session: records of what happens to it, for the option `log` and on Node's
// diagnostics channels, and figures. No secret gets in: the core masks them in all texts.

const { channel } = require('node:diagnostics_channel')
const { rethrowLater } = require('./errors')

/** @typedef {import('./link').Link} Link */

const channels = {
  lifecycle: channel('everimap:lifecycle'),
  start: channel('everimap:command:start'),
  end: channel('everimap:command:end')
}

/** `Stage` in src/event.rs, in its order. */
const STAGES = ['connecting', 'waiting', 'login', 'resuming', 'ready']

/** How much an event matters; what is not here is `info`. @type {Record<string, string>} */
const LEVELS = {
  alert: 'warn',
  disconnected: 'warn',
  mailboxGone: 'warn',
  mailboxReset: 'warn',
  reconnecting: 'warn',
  rotationFailed: 'warn',
  stalled: 'warn',
  throttled: 'warn',
  error: 'error',
  suspended: 'error'
}

/**
 * Counts of a link; the numbers of commands are those that the program sent: not what the session asks of its own
 * accord, nor the LOGOUT of `end()`, which has no answer (`isOurs`).
 */
class Counts {
  connections = 0
  reconnects = 0
  rotations = 0
  commands = 0
  done = 0
  failed = 0
  /** When the connection became ready, in milliseconds since 1970. @type {number | null} */
  readyAt = null
  /** @type {{ code: string | null, text: string, at: number } | null} */
  lastError = null
}

/**
 * Something happened to a session: counts it, and tells who watches.
 * @param {Link} link
 * @param {string} event
 * @param {Record<string, any>} [facts]
 */
function observe (link, event, facts = {}) {
  const { counts } = link
  if (event === 'connected') counts.connections++
  if (event === 'reconnected') counts.reconnects++
  if (event === 'rotated') counts.rotations++
  if (event === 'ready' || event === 'reconnected' || event === 'rotated') counts.readyAt = Date.now()
  if (event === 'disconnected' || event === 'close') counts.readyAt = null
  if (event === 'disconnected' || event === 'error') {
    counts.lastError = { code: facts.code, text: facts.text, at: Date.now() }
  }
  const { log } = link.connection._config
  if (typeof log !== 'function' && !channels.lifecycle.hasSubscribers) return
  publish(link, channels.lifecycle, LEVELS[event] || 'info', event, facts)
}

/**
 * A command was handed to the session.
 * @param {Link} link
 * @param {any} answer what takes the answer to it
 */
function begin (link, answer) {
  if (answer.isOurs) return
  link.counts.commands++
  const { start, end } = channels
  if (typeof link.connection._config.log !== 'function' && !start.hasSubscribers && !end.hasSubscribers) return
  answer.begun = performance.now()
  if (start.hasSubscribers) publish(link, start, 'debug', 'command:start', { command: answer.asked.request.kind })
}

/**
 * A command was answered, or will not be.
 * @param {Link} link
 * @param {any} answer
 * @param {any} [error]
 */
function finish (link, answer, error) {
  if (!answer || answer.isOurs) return
  if (error) link.counts.failed++
  else link.counts.done++
  if (answer.begun === undefined) return
  const facts = { command: answer.asked.request.kind, ms: performance.now() - answer.begun }
  if (error) Object.assign(facts, { code: error.code, text: error.message })
  publish(link, channels.end, error ? 'info' : 'debug', 'command:end', facts)
}

/**
 * @param {Link} link
 * @param {import('node:diagnostics_channel').Channel} to
 * @param {string} level
 * @param {string} event
 * @param {Record<string, any>} facts
 */
function publish (link, to, level, event, facts) {
  const { connection } = link
  const { host, port, log } = connection._config
  const { link: stage, generation, bytesIn, bytesOut } = figures(link)
  const record = {
    time: Date.now(), level, event, account: account(connection._config), host, port: Number(port), state: connection.state,
    link: stage, generation, bytesIn, bytesOut, ...facts
  }
  if (to.hasSubscribers) to.publish({ connection, record })
  if (typeof log !== 'function' || event === 'command:start') return
  try {
    log.call(connection, record)
  } catch (error) {
    // What the program's own log throws is no fault of the session.
    rethrowLater(error)
  }
}

/**
 * Who it is, so that records can be put together without names in them.
 * @param {any} config
 */
function account ({ user, host, port }) {
  const { createHash } = require('node:crypto')
  return createHash('sha256').update(`${user}\0${host}\0${port}`).digest('hex').slice(0, 12)
}

/** @param {Link} link */
function figures (link) {
  const [, , , stage, bytesIn, bytesOut] = link.native.activity()
  const { connections } = link.counts
  return { link: link.isOpen ? STAGES[stage] : 'closed', generation: connections, bytesIn, bytesOut }
}

/** How many commands of the program have no answer yet. @param {Link} link */
function pending ({ requests }) {
  return [...requests.values()].filter(answer => !answer.isOurs).length
}

/**
 * The figures of a connection.
 * @param {any} connection
 * @param {Link | null} link its last `connect()`
 */
function stats (connection, link) {
  const counts = link ? link.counts : new Counts()
  const { commands, done, failed, reconnects, rotations, readyAt, lastError } = counts
  const none = { link: 'closed', generation: 0, bytesIn: 0, bytesOut: 0 }
  return {
    state: connection.state,
    ...link ? figures(link) : none,
    readyAt: readyAt === null ? null : new Date(readyAt),
    ageMs: readyAt === null ? 0 : Date.now() - readyAt,
    reconnects,
    rotations,
    commands: { sent: commands, done, failed, pending: link ? pending(link) : 0 },
    lastError: lastError && { ...lastError, at: new Date(lastError.at) }
  }
}

module.exports = { Counts, begin, finish, observe, stats }
