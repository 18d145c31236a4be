// @ts-check
'use strict'

// Methods about messages (contract sections 3.5 to 3.7). Each is a property of the class, and
// works on UIDs; `sequence.js` makes the forms that work on sequence numbers.

const { encodeCriteria, encodeDate, encodeFetchOptions, encodeSet, encodeValues } = require('./arguments')
const { notConnected } = require('./errors')
const { FetchRequest } = require('./fetch')
const { checkRequest } = require('./link')
const { emulateMove } = require('./move')

/** @typedef {(error?: Error, ...results: any[]) => void} Callback */

const methods = {
  /**
   * Finds messages.
   * @this {any}
   * @param {any[]} criteria
   * @param {Callback} [callback] gets their UIDs
   */
  search (criteria, callback) {
    search(this, true, criteria, callback)
  },

  /**
   * Finds messages in an order (RFC 5256).
   * @this {any}
   * @param {any[]} sorts what to sort by; `-` before it reverses
   * @param {any[]} criteria
   * @param {Callback} [callback] gets their UIDs
   */
  sort (sorts, criteria, callback) {
    sort(this, true, sorts, criteria, callback)
  },

  /**
   * Fetches messages.
   * @this {any}
   * @param {any} source
   * @param {any} [options]
   */
  fetch (source, options) {
    return fetch(this, true, source, options)
  },

  /**
   * Copies messages.
   * @this {any}
   * @param {any} source
   * @param {string} mailbox
   * @param {Callback} [callback] gets the new UIDs if the server tells them (UIDPLUS)
   */
  copy (source, mailbox, callback) {
    copy(this, true, source, mailbox, callback)
  },

  /**
   * Moves messages.
   * @this {any}
   * @param {any} source
   * @param {string} mailbox
   * @param {Callback} [callback] gets the new UIDs if the server tells them (UIDPLUS)
   */
  move (source, mailbox, callback) {
    move(this, true, source, mailbox, callback)
  },

  /**
   * Removes messages that are marked \Deleted: all, or those with these UIDs (UIDPLUS).
   * @this {any}
   * @param {any} [uids]
   * @param {Callback} [callback]
   */
  expunge (uids, callback) {
    if (typeof uids === 'function') [uids, callback] = [undefined, uids]
    const request = uids === undefined
      ? { kind: 'expunge' }
      : { kind: 'expunge', set: encodeSet(uids), uidplus: this.serverSupports('UIDPLUS') }
    this._submit(request, callback, () => [])
  },

  /**
   * Puts a message into a mailbox, byte by byte.
   * @this {any}
   * @param {string | Buffer | Uint8Array} data
   * @param {any} [options] mailbox, flags, date
   * @param {Callback} [callback] gets its UID if the server tells it (UIDPLUS)
   */
  append (data, options, callback) {
    if (typeof options === 'function') [options, callback] = [undefined, options]
    const { mailbox, flags, date } = options || {}
    if (!mailbox && !this._box) throw new Error('No mailbox specified or currently selected')
    const request = {
      kind: 'append',
      mailbox: encodeValues(mailbox || this._box.name),
      flags: flags ? encodeValues(flags) : undefined,
      date: date ? encodeDate(date) : undefined,
      literalPlus: this.serverSupports('LITERAL+')
    }
    this._submit(request, callback, uidOf('APPENDUID', 1), bytesOf(data))
  }
}

/** addFlags, delKeywords and so on: what they store and how. */
const STORES = {
  Flags: 'flags',
  Keywords: 'keywords'
}

for (const [plural, what] of Object.entries(STORES)) {
  for (const action of ['add', 'del', 'set']) {
    /**
     * @this {any}
     * @param {any} source
     * @param {any} values
     * @param {Callback} [callback]
     */
    const method = function (source, values, callback) {
      store(this, true, what, action, source, values, callback)
    }
    const name = action + plural
    Object.defineProperty(method, 'name', { value: name })
    Object.assign(methods, { [name]: method })
  }
}

/** @param {any} connection */
function requireBox (connection) {
  if (!connection._box) throw new Error('No mailbox is currently selected')
}

/** @param {any} connection */
function extensions (connection) {
  return {
    gmail: connection.serverSupports('X-GM-EXT-1'),
    condstore: connection.serverSupports('CONDSTORE')
  }
}

/**
 * @param {any} connection
 * @param {boolean} uid
 * @param {any} criteria
 * @param {Callback} [callback]
 */
function search (connection, uid, criteria, callback) {
  requireBox(connection)
  if (!Array.isArray(criteria)) throw new Error('Expected array for search criteria')
  const request = { kind: 'search', uid, criteria: encodeCriteria(criteria), ...extensions(connection) }
  connection._submit(request, callback, numbers)
}

/**
 * @param {any} connection
 * @param {boolean} uid
 * @param {any} sorts
 * @param {any} criteria
 * @param {Callback} [callback]
 */
function sort (connection, uid, sorts, criteria, callback) {
  requireBox(connection)
  if (!Array.isArray(sorts) || sorts.length === 0) {
    throw new Error('Expected array with at least one sort criteria')
  }
  if (!Array.isArray(criteria)) throw new Error('Expected array for search criteria')
  if (!connection.serverSupports('SORT')) throw new Error('Sort is not supported on the server')
  const keys = encodeValues(sorts)
  const request = { kind: 'sort', uid, keys, criteria: encodeCriteria(criteria), ...extensions(connection) }
  connection._submit(request, callback, numbers)
}

/**
 * An answer without data is an empty one.
 * @param {{ results: any[] }} answer
 */
function numbers ({ results }) {
  return results.length === 0 ? [[]] : results
}

/**
 * @param {any} connection
 * @param {boolean} uid
 * @param {any} source
 * @param {any} options
 */
function fetch (connection, uid, source, options) {
  const request = {
    kind: 'fetch',
    uid,
    set: encodeSet(source),
    options: encodeFetchOptions(options),
    ...extensions(connection),
    nomodseq: !!(connection._box && connection._box.nomodseq)
  }
  const link = connection._link()
  const answer = new FetchRequest(link)
  if (link) {
    link.submit(request, answer)
  } else {
    checkRequest(request)
    process.nextTick(() => answer.lose(notConnected()))
  }
  return answer.emitter
}

/**
 * @param {any} connection
 * @param {boolean} uid
 * @param {string} what
 * @param {string} action
 * @param {any} source
 * @param {any} values
 * @param {Callback} [callback]
 */
function store (connection, uid, what, action, source, values, callback) {
  requireBox(connection)
  const request = { kind: 'store', uid, set: encodeSet(source), what, action, values: encodeValues(values) }
  connection._submit(request, callback, () => [])
}

/**
 * @param {any} connection
 * @param {boolean} uid
 * @param {any} source
 * @param {string} mailbox
 * @param {Callback} [callback]
 */
function copy (connection, uid, source, mailbox, callback) {
  requireBox(connection)
  const request = { kind: 'copy', uid, set: encodeSet(source), mailbox: encodeValues(mailbox) }
  connection._submit(request, callback, uidOf('COPYUID', 2))
}

/**
 * @param {any} connection
 * @param {boolean} uid
 * @param {any} source
 * @param {string} mailbox
 * @param {Callback} [callback]
 */
function move (connection, uid, source, mailbox, callback) {
  requireBox(connection)
  if (!connection.serverSupports('MOVE')) {
    return emulateMove(connection, uid, source, mailbox, callback)
  }
  const request = { kind: 'move', uid, set: encodeSet(source), mailbox: encodeValues(mailbox) }
  connection._submit(request, callback, uidOf('COPYUID', 2))
}

/**
 * The UIDs in a response code of UIDPLUS (RFC 4315 section 3).
 * @param {string} name
 * @param {number} index where they stand after the name
 */
function uidOf (name, index) {
  return (/** @type {any} */ { code }) => {
    return code && code.key === name && Array.isArray(code.val) ? [code.val[index]] : []
  }
}

/** @param {any} data */
function bytesOf (data) {
  if (typeof data === 'string') return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  throw Object.assign(new TypeError('append() takes the message as a string, a Buffer or a Uint8Array; got ' +
    (data === null ? 'null' : typeof data)), { code: 'ERR_INVALID_ARG_TYPE' })
}

module.exports = { methods, copy, fetch, move, search, sort, store }
