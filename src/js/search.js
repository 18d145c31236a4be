// @ts-check
'use strict'

// Methods that look for messages (contract sections 3.6 and 4).

const { encodeCriteria, encodeValues, extensionsOf } = require('./arguments')
const { requireBox } = require('./box')
const { coded, wrongType } = require('./errors')

/** @typedef {(error?: Error, ...results: any[]) => void} Callback */

/**
 * The methods as they work on UIDs, or on sequence numbers.
 * @param {boolean} uid
 */
const searches = uid => ({
  /**
   * Finds messages.
   * @this {any}
   * @param {any[]} criteria
   * @param {Callback} [callback] gets their numbers
   */
  search (criteria, callback) {
    requireBox(this)
    requireCriteria(criteria)
    this._submit({ kind: 'search', ...query(this, uid, criteria) }, callback, listed)
  },

  /**
   * Finds messages in an order (RFC 5256).
   * @this {any}
   * @param {any[]} sorts what to sort by; `-` before it reverses
   * @param {any[]} criteria
   * @param {Callback} [callback] gets their numbers
   */
  sort (sorts, criteria, callback) {
    requireBox(this)
    if (!Array.isArray(sorts) || sorts.length === 0) {
      throw coded('EARGUMENT', new Error('Expected array with at least one sort criteria'))
    }
    requireCriteria(criteria)
    if (!this.serverSupports('SORT')) throw coded('EUNSUPPORTED', new Error('Sort is not supported on the server'))
    const request = { kind: 'sort', keys: encodeValues(sorts), ...query(this, uid, criteria) }
    this._submit(request, callback, listed)
  },

  /**
   * Finds messages by conversation (RFC 5256).
   * @this {any}
   * @param {string} algorithm one of the server's, e.g. `'REFERENCES'`
   * @param {any[]} criteria
   * @param {Callback} [callback] gets their numbers in nested arrays
   */
  thread (algorithm, criteria, callback) {
    if (typeof algorithm !== 'string') {
      throw wrongType('thread() takes the algorithm as a string, e.g. \'REFERENCES\'', algorithm)
    }
    const name = algorithm.toUpperCase()
    if (!this.serverSupports(`THREAD=${name}`)) {
      throw coded('EUNSUPPORTED', new Error('Server does not support that threading algorithm'))
    }
    requireCriteria(criteria)
    const request = { kind: 'thread', algorithm: encodeValues(name), ...query(this, uid, criteria) }
    this._submit(request, callback, listed)
  },

  /**
   * Finds out about messages (RFC 4731).
   * @this {any}
   * @param {any[]} criteria
   * @param {any} [options] what: `'MIN'`, `'MAX'`, `'ALL'`, `'COUNT'`, or an array of these
   * @param {Callback} [callback] gets an object with lower-case keys
   */
  esearch (criteria, options, callback) {
    requireBox(this)
    requireCriteria(criteria, 'options')
    if (typeof options === 'function') [options, callback] = [undefined, options]
    const words = Array.isArray(options) ? options.join(' ') : options
    const request = { kind: 'esearch', options: encodeValues(words), ...query(this, uid, criteria) }
    this._submit(request, callback, found)
  }
})

/**
 * @param {any} criteria
 * @param {string} [name] node-imap's
 */
function requireCriteria (criteria, name = 'criteria') {
  if (!Array.isArray(criteria)) throw coded('EARGUMENT', new Error(`Expected array for search ${name}`))
}

/**
 * @param {any} connection
 * @param {boolean} uid
 * @param {any[]} criteria
 */
function query (connection, uid, criteria) {
  return { uid, criteria: encodeCriteria(criteria), ...extensionsOf(connection) }
}

/**
 * An answer without data is an empty list.
 * @param {{ results: any[] }} answer
 */
function listed ({ results }) {
  return results.length === 0 ? [[]] : results
}

/**
 * An answer without data has found nothing.
 * @param {{ results: any[] }} answer
 */
function found ({ results }) {
  return results.length === 0 ? [{}] : results
}

module.exports = { searches }
