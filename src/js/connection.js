// @ts-check
'use strict'

// The class: node-imap's constructor, events and properties over a native session. All else is loaded
// when it is used, but the addon: that it is missing is told at once.

const { EventEmitter } = require('node:events')
const { inherits } = require('node:util')
require('./binding')
const methods = require('./methods')

/** @typedef {(error?: Error, ...results: any[]) => void} Callback */

/** The key of the current link, out of the way of programs that look at their own objects. */
const kLink = Symbol('link')

/**
 * A connection to an IMAP server. Also callable without `new`, and by subclasses of ES5. Throws when
 * one of the options cannot be used that are looked at so early (src/js/config.js).
 * @this {any}
 * @param {Record<string, any>} [config]
 */
function Connection (config) {
  if (!(this instanceof Connection)) return new /** @type {any} */ (Connection)(config)
  EventEmitter.call(/** @type {any} */ (this))
  const { defineMember } = require('./members')
  Object.defineProperty(this, kLink, { value: null, writable: true })
  this._config = require('./config').copyConfig(config)
  this._sock = this._config.socket || undefined
  this._tagcount = 0
  this._tmrConn = undefined
  this._tmrKeepalive = undefined
  this._tmrAuth = undefined
  defineMember(this, '_queue')
  this._box = undefined
  defineMember(this, '_idle')
  this._parser = undefined
  defineMember(this, '_curReq')
  this.delimiter = undefined
  this.namespaces = undefined
  this.state = 'disconnected'
  defineMember(this, 'debug')
  this.debug = (config && config.debug) || undefined
}

inherits(Connection, EventEmitter)

/** @type {typeof import('./header') | undefined} */
let header

/**
 * The fields of a header: see src/js/header.js.
 * @param {string | Buffer} raw
 * @param {boolean} [noDecode]
 */
function parseHeader (raw, noDecode) {
  header = header || require('./header')
  return header.parseHeader(raw, noDecode)
}

Connection.parseHeader = parseHeader

/**
 * Makes a configuration of environment variables: see src/js/environment.js.
 * @param {[env?: Record<string, any>, prefixes?: { client?: string, keepalive?: string }]} from
 */
function configFromEnv (...from) {
  return require('./environment').configFromEnv(...from)
}

// Not enumerable: node-imap's only static is the other one.
Object.defineProperty(Connection, 'configFromEnv', { value: configFromEnv, writable: true, configurable: true })

/** @type {any} */
const prototype = Connection.prototype

/**
 * Connects and logs in. A connection that is up, or on its way, stays as it is; one that failed or
 * was told to end makes room for the new one at once, and emits its last events all the same.
 */
prototype.connect = /** @this {any} */ function connect () {
  const former = this[kLink]
  if (former && former.isOpen && !former.isEnding) return
  const { Link } = require('./link')
  const link = new Link(this)
  setImmediate(methods.loadAll)
  if (former) former.leave()
  this[kLink] = link
  this._sock = link.socket
  this._onError = link.onError
  this.state = 'disconnected'
  this._box = undefined
  this.delimiter = undefined
  this.namespaces = undefined
  // What another server, or the same one before, could do says nothing of this one (contract Q-77).
  delete this._caps
}

/** Logs out when everything asked for is done, then closes. */
prototype.end = function end () {
  const link = this[kLink]
  if (!link || !link.isOpen) return
  link.isEnding = true
  link.submit({ kind: 'logout' }, { isOurs: true, succeed () {}, fail () {}, lose () {} })
}

/** Closes at once. */
prototype.destroy = function destroy () {
  const link = this[kLink]
  if (link && link.isOpen) link.destroy()
}

/**
 * Whether the server has said that it can do this.
 * @param {string} capability in any case
 */
prototype.serverSupports = function serverSupports (capability) {
  return this._caps !== undefined && this._caps.includes(String(capability).toUpperCase())
}

/**
 * Tells the server what the program is, and asks what the server is (RFC 2971).
 * @param {Record<string, string> | null} identification `null` or `{}` to say nothing
 * @param {(error?: Error, identity?: any) => void} [callback] gets an object with lower-case keys, or
 *   `null` if the server says nothing
 */
prototype.id = function id (identification, callback) {
  if (!this.serverSupports('ID')) {
    const { coded } = require('./errors')
    throw coded('EUNSUPPORTED', new Error('Server does not support ID'))
  }
  if (typeof identification !== 'object') {
    const { wrongType } = require('./errors')
    throw wrongType('id() takes an object of strings, e.g. { name: \'x\' }, or null', identification)
  }
  const { encodeEntries } = require('./arguments')
  this._submit({ kind: 'id', fields: encodeEntries(identification) }, callback)
}

Object.assign(prototype, methods.known)

Object.defineProperty(prototype, 'seq', {
  get () { return require('./sequence').sequence(this) }
})

/**
 * Sends a raw command: node-imap's way out for what it has no method for.
 * @param {string} command one line without a tag
 * @param {boolean | Callback} [promote] node-imap's place for "before all others"; its turn comes
 *   like that of any command
 * @param {Callback} [callback] gets what the server sent in answer
 */
prototype._enqueue = function _enqueue (command, promote, callback) {
  if (typeof command !== 'string') {
    const { wrongType } = require('./errors')
    throw wrongType('A raw command must be a string, e.g. \'NOOP\'', command)
  }
  this._submit({ kind: 'raw', text: command }, typeof promote === 'function' ? promote : callback)
}

/**
 * Sends a request and calls back with what its answer brought. Internal.
 * @param {object} request
 * @param {((error?: Error, ...results: any[]) => void)} [callback]
 * @param {(answer: Answer) => any[] | undefined} [shape] the results to call back with
 * @param {Buffer} [data]
 */
prototype._submit = function _submit (request, callback, shape, data) {
  this._send(request, new Answer(this, callback, shape), data)
}

/**
 * Sends a request; without a connection its answer is lost on the next tick. Internal.
 * @param {object} request
 * @param {import('./link').Request} answer
 * @param {Buffer} [data]
 */
prototype._send = function _send (request, answer, data) {
  const link = this._link()
  if (link) return link.send(request, answer, data)
  require('./link').checkRequest(request, data)
  process.nextTick(() => answer.lose(require('./errors').notConnected()))
}

/** The link of this connection, for the methods that need more than `_submit`. Internal. */
prototype._link = function _link () {
  const link = this[kLink]
  return link && link.isOpen ? link : null
}

/** The link of the last `connect()`, open or not. Internal. */
prototype._lastLink = function _lastLink () {
  return this[kLink]
}

for (const internal of ['_submit', '_send', '_link', '_lastLink']) {
  Object.defineProperty(prototype, internal, { enumerable: false })
}

// Not enumerable either: node-imap has no such methods.
for (const name in methods.ours) {
  Object.defineProperty(prototype, name, { value: methods.ours[name], writable: true, configurable: true })
}

/** Collects the answer of a command that has a callback. */
class Answer {
  /**
   * @param {any} connection
   * @param {((error?: Error, ...results: any[]) => void)} [callback]
   * @param {(answer: Answer) => any[] | undefined} [shape] default: all data that came, also what was not asked
   *   for; `undefined` is a call without any argument, as some of node-imap's are
   */
  constructor (connection, callback, shape) {
    this.connection = connection
    this.callback = callback
    this.shape = shape
    /** @type {any[]} */
    this.results = []
    /** The response code of the answer. @type {any} */
    this.code = undefined
    /** The tree of LIST, which is one of the results. @type {any} */
    this.tree = undefined
    /** What QUOTA responses told, which is one of the results. @type {any[] | undefined} */
    this.quotas = undefined
  }

  /** The command is sent once more. */
  restart () {
    this.results = []
    this.tree = undefined
    this.quotas = undefined
  }

  /** @param {any} code */
  succeed (code) {
    this.code = code
    const results = this.shape ? this.shape(this) : this.results
    if (results) this.call(undefined, ...results)
    else this.call()
  }

  /** @param {Error} error */
  fail (error) {
    // What came before the refusal is handed over with it (contract section 3.0).
    this.call(error, ...this.results)
  }

  /** @param {Error} error */
  lose (error) {
    this.call(error)
  }

  /** @param {any[]} values */
  call (...values) {
    const { callback } = this
    this.callback = undefined
    if (typeof callback === 'function') callback.apply(this.connection, values)
  }
}

module.exports = Connection
