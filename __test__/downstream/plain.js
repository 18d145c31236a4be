// @ts-check
'use strict'

const { sha256 } = require('../dovecot/support')

const LONG = 100
const DAY_MS = 86_400_000

/**
 * A value as JSON that is the same for the same result: what depends on the run (ports, the
 * present day, UIDVALIDITY) is replaced by its kind, and what is long by its SHA-256.
 *
 * @param {any} value
 * @param {any[]} [within] the objects around it
 * @returns {any}
 */
function plain (value, within = []) {
  if (value === undefined) return '(undefined)'
  if (typeof value === 'string') return text(value)
  if (typeof value === 'function') return '(function)'
  if (value === null || typeof value !== 'object') return value
  if (within.includes(value)) return '(an object around this one)'
  if (value instanceof Date) return Date.now() - value.getTime() < DAY_MS ? '(today)' : value.toISOString()
  if (Buffer.isBuffer(value)) return { bytes: value.length, sha256: sha256(value) }
  const around = [...within, value]
  if (Array.isArray(value)) return value.filter((item) => !OF_THE_MOMENT.includes(item)).map((item) => plain(item, around))
  const entries = value instanceof Map ? [...value] : Object.entries(value instanceof Error ? facts(value) : value)
  return Object.fromEntries(entries.map(([key, item]) => [key, RUNS.has(key) ? `(a ${typeof item})` : plain(item, around)]))
}

/**
 * Which of the sessions gets to see \Recent is a race within Dovecot (RFC 3501, 2.3.2), and whether a
 * mailbox is marked depends on what it has looked at just then (7.2.2).
 */
const OF_THE_MOMENT = ['\\Recent', '\\Marked', '\\UnMarked']

/** The keys whose values depend on the run. */
const RUNS = new Set(['uidvalidity', 'port', 'highestmodseq', 'modseq'])

/** @param {string} value without ports, and without the time that Dovecot says it took */
function text (value) {
  const same = value.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:(port)').replace(/ \([\d. +]+ secs\)/, '')
  return same.length > LONG ? { bytes: Buffer.byteLength(same), sha256: sha256(same) } : same
}

/**
 * What programs look at. `code` is for errors of the socket, which alone have one in node-imap;
 * all of ours have, because imap-simple calls `err.code.toUpperCase()`.
 *
 * @param {any} error
 */
function facts ({ name, message, source, type, textCode, code, syscall, address, port }) {
  return { name, message, source, type, textCode, ...(source === 'socket' ? { code, syscall, address, port } : {}) }
}

module.exports = { plain }
