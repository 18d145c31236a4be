// @ts-check
'use strict'

// The arguments of the user's calls as JSON, without losing what JSON cannot hold; the other half
// of src/wire/argument.rs. Nothing that the user passed is changed.

const { isDate } = require('node:util').types
const { coded } = require('./errors')

/** How deep arrays of values may be nested. */
const MAX_DEPTH = 32
/** How deep search criteria may be nested; `MAX_DEPTH` in src/wire/argument.rs. */
const MAX_CRITERIA_DEPTH = 1000
/** How deep the lists of an expression may be nested, with the one around it; one more than `DEPTH` in
 * src/wire/limits.rs. */
const MAX_EXPRESSION_DEPTH = 101
/** How many values one argument may hold, with those in nested arrays. */
const MAX_VALUES = 1000000

const DATE_CRITERIA = new Set(['BEFORE', 'ON', 'SINCE', 'SENTBEFORE', 'SENTON', 'SENTSINCE'])

/**
 * A value that `JSON.stringify` writes as src/wire/argument.rs reads it.
 * @typedef {null | boolean | number | string | any[] | { $: string, [field: string]: any }} Encoded
 */

/**
 * Any argument: names of mailboxes, flags, labels, numbers.
 * @param {unknown} value a value, or nested arrays of values
 * @param {string} [name] what an error calls it
 * @returns {Encoded}
 */
function encodeValues (value, name = 'argument') {
  if (!Array.isArray(value)) return encodeValue(value)
  return encodeList(value, new Walk(name, MAX_DEPTH))
}

/**
 * What `'' + x` gives of a value that was encoded; `Argument::text` in src/wire/argument.rs.
 * @param {Encoded} encoded
 * @returns {string}
 */
function encodedText (encoded) {
  if (Array.isArray(encoded)) return encoded.map(item => isAbsent(item) ? '' : encodedText(item)).join()
  if (typeof encoded !== 'object' || encoded === null) return String(encoded)
  return isAbsent(encoded) ? 'undefined' : encoded.text
}

/** @param {Encoded} encoded */
function isAbsent (encoded) {
  return encoded === null || /** @type {any} */ (encoded).$ === 'undefined'
}

/**
 * A message set: `5`, `'1:*'`, `[1, '3:5']`, `'1,2,3'`.
 * @param {unknown} source
 * @returns {Encoded}
 */
function encodeSet (source) {
  return encodeValues(source, 'message set')
}

/**
 * A list of values that an expression of the server's may hold.
 * @param {unknown[]} list
 * @param {string} name what an error calls it
 * @returns {Encoded}
 */
function encodeExpression (list, name) {
  return encodeList(list, new Walk(name, MAX_EXPRESSION_DEPTH))
}

/**
 * The names and values of an object, in order; `null` and `undefined` have none.
 * @param {object | null | undefined} object
 * @returns {[name: Encoded, value: Encoded][]}
 */
function encodeEntries (object) {
  return Object.entries(Object(object)).map(([name, value]) => [encodeValue(name), encodeValues(value)])
}

/**
 * What the server can do that changes how a search or fetch is written.
 * @param {any} connection
 */
function extensionsOf (connection) {
  return {
    gmail: connection.serverSupports('X-GM-EXT-1'),
    condstore: connection.serverSupports('CONDSTORE')
  }
}

/**
 * A date as the program's time zone tells it; anything else as it is.
 * @param {unknown} date
 * @returns {Encoded}
 */
function encodeDate (date) {
  if (!isDate(date)) return encodeValue(date)
  const time = date.getTime()
  if (Number.isNaN(time)) return { $: 'date', valid: false, text: textOf(date) }
  return {
    $: 'date',
    valid: true,
    text: textOf(date),
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
    zone: 0 - Math.round(date.getTimezoneOffset())
  }
}

/**
 * Search criteria, with the arguments of date criteria made dates. The result is flat, because
 * long chains of OR nest deeper than JSON parsers allow: a nested array is `{$: 'list', length}`
 * followed by its members.
 * @param {unknown[]} criteria
 * @returns {Encoded[]}
 */
function encodeCriteria (criteria) {
  /** @type {Encoded[]} */
  const items = []
  const walk = new Walk('search criteria', MAX_CRITERIA_DEPTH)
  walk.enter(criteria)
  for (let i = 0; i < criteria.length; i++) flattenCriterion(criteria[i], items, walk)
  return items
}

/**
 * The options of `fetch`.
 * @param {any} options
 * @returns {object}
 */
function encodeFetchOptions (options) {
  if (options === undefined || options === null) return {}
  /** @type {Record<string, any>} */
  const encoded = {
    bodies: encodeValues(options.bodies, 'fetch option "bodies"'),
    markSeen: Boolean(options.markSeen),
    envelope: Boolean(options.envelope),
    struct: Boolean(options.struct),
    size: Boolean(options.size)
  }
  if (Array.isArray(options.extensions)) {
    encoded.extensions = encodeValues(options.extensions, 'fetch option "extensions"')
  }
  const modifiers = Object(options.modifiers)
  for (const key of Object.keys(modifiers)) {
    if (key.toLowerCase() !== 'changedsince') continue
    encoded.modifiers = { changedsince: encodeValue(modifiers[key]) }
  }
  return encoded
}

/** Bounds on the way through nested arrays. */
class Walk {
  /**
   * @param {string} name
   * @param {number} maxDepth
   */
  constructor (name, maxDepth) {
    this.name = name
    this.maxDepth = maxDepth
    this.values = 0
    /** @type {Set<unknown>} the arrays that we are in */
    this.within = new Set()
  }

  /** @param {unknown[]} array */
  enter (array) {
    if (this.within.has(array)) throw coded('EARGUMENT', new TypeError(`The ${this.name} contains itself`))
    if (this.within.size >= this.maxDepth) {
      throw coded('EARGUMENT', new RangeError(`The ${this.name} has arrays nested deeper than ${this.maxDepth} levels`))
    }
    this.values += array.length
    if (this.values > MAX_VALUES) {
      throw coded('EARGUMENT', new RangeError(`The ${this.name} has more than ${MAX_VALUES} values; ` +
        'pass ranges such as \'1:*\', or make several calls'))
    }
    this.within.add(array)
  }

  /** @param {unknown[]} array */
  leave (array) {
    this.within.delete(array)
  }
}

/**
 * @param {unknown[]} array
 * @param {Walk} walk
 * @returns {Encoded[]}
 */
function encodeList (array, walk) {
  walk.enter(array)
  const list = new Array(array.length)
  for (let i = 0; i < array.length; i++) {
    const value = array[i]
    list[i] = Array.isArray(value) ? encodeList(value, walk) : encodeValue(value)
  }
  walk.leave(array)
  return list
}

/**
 * @param {unknown} value
 * @param {Encoded[]} items
 * @param {Walk} walk
 */
function flattenCriterion (value, items, walk) {
  if (!Array.isArray(value)) {
    items.push(encodeValue(value))
    return
  }
  walk.enter(value)
  items.push({ $: 'list', length: value.length })
  if (value.length === 2 && isDateCriterion(value[0])) {
    items.push(encodeValue(value[0]), encodeDate(toDate(value[1])))
  } else {
    for (let i = 0; i < value.length; i++) flattenCriterion(value[i], items, walk)
  }
  walk.leave(value)
}

/** @param {unknown} name */
function isDateCriterion (name) {
  return typeof name === 'string' && DATE_CRITERIA.has(name.toUpperCase().replace(/^!/, ''))
}

/**
 * What `new Date(x)` makes of the user's value; symbols and bigints, which it refuses, are invalid.
 * @param {any} value
 * @returns {Date}
 */
function toDate (value) {
  if (isDate(value)) return value
  try {
    return new Date(value)
  } catch {
    return new Date(NaN)
  }
}

/**
 * @param {unknown} value anything but an array
 * @returns {Encoded}
 */
function encodeValue (value) {
  switch (typeof value) {
    case 'string': return wellFormed(value)
    case 'boolean': return value
    case 'number': {
      const exact = Number.isSafeInteger(value) && !Object.is(value, -0)
      return exact ? value : { $: 'number', text: String(value) }
    }
    case 'undefined': return { $: 'undefined' }
    case 'bigint': return { $: 'bigint', text: String(value) }
    default:
      if (value === null) return null
      if (isDate(value)) return encodeDate(value)
      return { $: 'object', text: textOf(value), type: typeof value }
  }
}

/**
 * `'' + x`, for what has no text too.
 * @param {any} value
 */
function textOf (value) {
  try {
    return wellFormed(typeof value === 'symbol' ? String(value) : '' + value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}

/**
 * Halves of surrogate pairs have no UTF-8; Node writes U+FFFD for them, and so do we.
 * @param {string} text
 */
function wellFormed (text) {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

module.exports = {
  encodeCriteria,
  encodeDate,
  encodeEntries,
  encodeExpression,
  encodeFetchOptions,
  encodeSet,
  encodeValues,
  encodedText,
  extensionsOf
}
