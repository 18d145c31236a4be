// @ts-check
'use strict'

// Methods that mark messages: flags, keywords, and Gmail's labels (contract section 3.6).

const { encodeSet, encodeValues, extensionsOf } = require('./arguments')
const { requireBox } = require('./box')
const { codeValue } = require('./code')
const { coded } = require('./errors')

/** @typedef {(error?: Error, ...results: any[]) => void} Callback */

const ACTIONS = ['add', 'del', 'set']

/** What the marks are called in the names of methods and in requests. */
const MARKS = { Flags: 'flags', Keywords: 'keywords', Labels: 'labels' }

/** The marks that can depend on a mod-sequence (RFC 7162). */
const SINCE = ['Flags', 'Keywords']

/**
 * The methods as they work on UIDs, or on sequence numbers: addFlags, delKeywords, setLabels, ...,
 * and addFlagsSince and its kin, which leave alone what changed since.
 * @param {boolean} uid
 */
const marks = uid => {
  /** @type {Record<string, Function>} */
  const methods = {}
  for (const [plural, what] of Object.entries(MARKS)) {
    for (const action of ACTIONS) {
      define(methods, action + plural, marking(uid, what, action))
      if (SINCE.includes(plural)) define(methods, `${action}${plural}Since`, markingSince(uid, what, action))
    }
  }
  return methods
}

/**
 * @param {boolean} uid
 * @param {string} what
 * @param {string} action
 */
function marking (uid, what, action) {
  /**
   * @this {any}
   * @param {any} source the messages
   * @param {any} values the marks: a string, or an array of strings
   * @param {Callback} [callback]
   */
  return function (source, values, callback) {
    store(this, { uid, what, action }, source, values, callback)
  }
}

/**
 * @param {boolean} uid
 * @param {string} what
 * @param {string} action
 */
function markingSince (uid, what, action) {
  /**
   * @this {any}
   * @param {any} source the messages
   * @param {any} values the marks: a string, or an array of strings
   * @param {number | string} modseq
   * @param {Callback} [callback] gets the messages that were left alone, as a set, if there are any
   */
  return function (source, values, modseq, callback) {
    const condition = {
      modseq: encodeValues(modseq),
      condstore: extensionsOf(this).condstore,
      nomodseq: !!(this._box && this._box.nomodseq)
    }
    store(this, { uid, what, action, ...condition }, source, values, callback)
  }
}

/**
 * @param {any} connection
 * @param {{ uid: boolean, what: string, action: string }} how
 * @param {any} source
 * @param {any} values
 * @param {Callback} [callback]
 */
function store (connection, how, source, values, callback) {
  if (how.what === MARKS.Labels && !connection.serverSupports('X-GM-EXT-1')) {
    throw coded('EUNSUPPORTED', new Error('Server must support X-GM-EXT-1 capability'))
  }
  requireBox(connection)
  const request = { kind: 'store', ...how, set: encodeSet(source), values: encodeValues(values) }
  connection._submit(request, callback, leftAlone)
}

/**
 * The set in the code MODIFIED (RFC 7162 section 3.1.3), as the server writes it.
 * @param {{ code: any }} answer
 */
function leftAlone ({ code }) {
  const set = codeValue(code, 'MODIFIED')
  return set === undefined ? [] : [String(set)]
}

/**
 * @param {Record<string, Function>} methods
 * @param {string} name
 * @param {Function} method
 */
function define (methods, name, method) {
  methods[name] = Object.defineProperty(method, 'name', { value: name })
}

module.exports = { marks }
