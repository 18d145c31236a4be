// @ts-check
'use strict'

// What a play of a scenario has brought, as plain data: the events in their order and the client's
// bytes. Values keep their kind, so that `undefined`, dates, bytes and errors can be compared and
// shown.

/**
 * A value as JSON: strings, finite numbers, booleans and null are themselves; `{ list }` and
 * `{ object }` hold values; `{ error, message, own }` is an error with its class and its own
 * properties; `{ bytes }` is a Buffer, one character a byte; `{ kind, text }` is anything else.
 *
 * @typedef {any} Encoded
 */

/**
 * @typedef {object} Record
 * @property {Encoded[][]} events `[name, ...values]`: what the connection emitted (with its state),
 *   what `drive` said, calls that threw and callbacks that were called
 * @property {string[]} wire the client's lines and literals, as the server received them
 * @property {string} outcome how it ended, for people
 * @property {boolean} crashed whether an exception went uncaught
 * @property {boolean} played whether the server's script came to its end
 */

/** The events of a connection. */
const EVENTS = ['ready', 'alert', 'mail', 'expunge', 'update', 'uidvalidity', 'error', 'end', 'close']

/** Collects the events of one play. */
class Recorder {
  /**
   * @param {number} port of the server: another one in each play, so it is shown as `<port>`
   * @param {() => void} observe called after each event
   */
  constructor (port, observe) {
    this.port = port
    this.observe = observe
    /** @type {Encoded[][]} */
    this.events = []
    this.isOver = false
    /** @type {unknown} what is shown as `<connection>` */
    this.connection = undefined
  }

  /** @param {string} name @param {unknown[]} values */
  add (name, ...values) {
    if (this.isOver) return
    this.events.push([name, ...values.map((value) => this.encode(value))])
    this.observe()
  }

  /** Records what a connection emits, with its state at that moment. @param {any} connection */
  follow (connection) {
    this.connection = connection
    for (const name of EVENTS) {
      connection.on(name, (/** @type {unknown[]} */ ...values) => {
        this.add(`'${name}'`, ...values, { kind: 'state', text: `@${connection.state}` })
      })
    }
  }

  /**
   * @param {unknown} value
   * @param {Map<object, string>} [seen] objects on the way here, by their path
   * @param {string} [path]
   * @returns {Encoded}
   */
  encode (value, seen = new Map(), path = '') {
    if (typeof value === 'string') return value.replaceAll(`:${this.port}`, ':<port>')
    if (value === this.port) return { kind: 'port', text: '<port>' }
    if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return value
    if (typeof value === 'function') return { kind: 'function', text: `<function ${value.length}>` }
    if (typeof value !== 'object') return { kind: typeof value, text: `${String(value)}${typeof value === 'bigint' ? 'n' : ''}` }
    if (value === this.connection) return { kind: 'connection', text: '<connection>' }
    const former = seen.get(value)
    if (former !== undefined) return { kind: 'circle', text: `<as at ${former || 'the top'}>` }
    const within = new Map(seen).set(value, path)
    const object = /** @type {any} */ (value)
    if (isMark(object)) return object
    if (object.fingerprint256) return { kind: 'certificate', text: `<certificate of ${object.subject.CN}>` }
    if (object instanceof Error) return this.encodeError(object, within, path)
    if (object instanceof Date) return { kind: 'Date', text: Number.isNaN(object.getTime()) ? 'Invalid Date' : object.toISOString() }
    if (ArrayBuffer.isView(object)) return { bytes: Buffer.from(object.buffer, object.byteOffset, object.byteLength).toString('latin1') }
    if (Array.isArray(object)) return { list: object.map((item, at) => this.encode(item, within, `${path}[${at}]`)) }
    return { class: nameOf(object), object: this.encodeProperties(object, within, path) }
  }

  /** @param {Error} error @param {Map<object, string>} seen @param {string} path */
  encodeError (error, seen, path) {
    const message = error.message.replaceAll(`:${this.port}`, ':<port>')
    return { error: nameOf(error), message, own: this.encodeProperties(error, seen, path) }
  }

  /** @param {any} object @param {Map<object, string>} seen @param {string} path */
  encodeProperties (object, seen, path) {
    return Object.keys(object).sort().map((key) => [key, this.encode(object[key], seen, `${path}.${key}`)])
  }
}

/** Values that a record has made itself. @param {any} object */
function isMark (object) {
  return typeof object.kind === 'string' && typeof object.text === 'string' && Object.keys(object).length === 2
}

/** The class of an object, `''` for a plain one. @param {any} object */
function nameOf (object) {
  const prototype = Object.getPrototypeOf(object)
  if (prototype === Object.prototype) return ''
  return prototype === null ? 'null' : prototype.constructor.name
}

/** A value as people read it. @param {Encoded} value @returns {string} */
function shown (value) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (value.text !== undefined) return value.text
  if (value.bytes !== undefined) return `<${JSON.stringify(value.bytes)}>`
  if (value.list) return `[${value.list.map(shown).join(', ')}]`
  const properties = (value.own ?? value.object).map((/** @type {[string, Encoded]} */ [key, item]) => `${key}: ${shown(item)}`)
  const braces = properties.length > 0 ? `{ ${properties.join(', ')} }` : '{}'
  if (value.error !== undefined) return `${value.error} ${JSON.stringify(value.message)}${properties.length > 0 ? ` ${braces}` : ''}`
  return value.class === '' ? braces : `${value.class} ${braces}`
}

/** An event as a line of text. @param {Encoded[]} event */
function shownEvent ([name, ...values]) {
  return `${name} ${values.map(shown).join(', ')}`.trim()
}

module.exports = { Recorder, shown, shownEvent }
