// @ts-check
'use strict'

// Methods that fetch, copy, move, remove and add messages (contract sections 3.5 to 3.7).

const { encodeDate, encodeFetchOptions, encodeSet, encodeValues, extensionsOf } = require('./arguments')
const { requireBox } = require('./box')
const { codeValue } = require('./code')
const { coded, wrongType } = require('./errors')

/** @typedef {(error?: Error, ...results: any[]) => void} Callback */

/**
 * The methods as they work on UIDs, or on sequence numbers.
 * @param {boolean} uid
 */
const messages = uid => ({
  /**
   * Fetches messages.
   * @this {any}
   * @param {any} source
   * @param {any} [options]
   */
  fetch (source, options) {
    const request = {
      kind: 'fetch',
      uid,
      set: encodeSet(source),
      options: encodeFetchOptions(options),
      ...extensionsOf(this),
      nomodseq: !!(this._box && this._box.nomodseq)
    }
    const { FetchRequest } = require('./fetch')
    const answer = new FetchRequest(this._link())
    this._send(request, answer)
    return answer.emitter
  },

  /**
   * Copies messages.
   * @this {any}
   * @param {any} source
   * @param {string} mailbox
   * @param {Callback} [callback] gets the new UIDs if the server tells them (UIDPLUS)
   */
  copy (source, mailbox, callback) {
    requireBox(this)
    const request = { kind: 'copy', uid, set: encodeSet(source), mailbox: encodeValues(mailbox) }
    this._submit(request, callback, uidOf('COPYUID', 2))
  },

  /**
   * Moves messages.
   * @this {any}
   * @param {any} source
   * @param {string} mailbox
   * @param {Callback} [callback] gets the new UIDs if the server tells them (UIDPLUS)
   */
  move (source, mailbox, callback) {
    requireBox(this)
    if (!this.serverSupports('MOVE')) {
      const { emulateMove } = require('./move')
      return emulateMove(this, uid, source, mailbox, callback)
    }
    const request = { kind: 'move', uid, set: encodeSet(source), mailbox: encodeValues(mailbox) }
    this._submit(request, callback, uidOf('COPYUID', 2))
  }
})

/** Properties of the class alone. */
const others = {
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
    this._submit(request, callback)
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
    if (!mailbox && !this._box) throw coded('ESTATE', new Error('No mailbox specified or currently selected'))
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

/**
 * The UIDs in a response code of UIDPLUS (RFC 4315 section 3).
 * @param {string} name
 * @param {number} index where they stand after the name
 */
function uidOf (name, index) {
  return (/** @type {any} */ { code }) => {
    const values = codeValue(code, name)
    return Array.isArray(values) ? [values[index]] : []
  }
}

/** @param {any} data */
function bytesOf (data) {
  if (typeof data === 'string') return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  throw wrongType('append() takes the message as a string, a Buffer or a Uint8Array', data)
}

module.exports = { messages, others }
