// @ts-check
'use strict'

/** What of an error a program written for node-imap looks at. */
const ERROR_FIELDS = ['message', 'type', 'textCode', 'source']

/**
 * A value of either implementation as JSON, with what JSON would lose: `undefined`, dates, errors.
 * A mailbox's `parent` becomes whether there is one.
 *
 * @param {any} value
 * @returns {any}
 */
function encoded (value) {
  if (value === undefined) return { $: 'undefined' }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $: String(value) }
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString() }
  if (Array.isArray(value)) return value.map(encoded)
  const keys = value instanceof Error ? ERROR_FIELDS : Object.keys(value)
  const entries = keys.map((key) => [key, key === 'parent' ? value[key] && true : encoded(value[key])])
  const object = Object.fromEntries(entries)
  return value instanceof Error ? { $error: object } : object
}

module.exports = { encoded }
