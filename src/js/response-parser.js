// @ts-check
'use strict'

// Parser: the responses of a server as events, from any stream (contract section 8). Emits
// `tagged(info)`, `untagged(info)`, `continue(info)`, `other(line)`, `body(stream, info)`, and
// `error(err)` when the server exceeds a limit.

const { EventEmitter } = require('node:events')
const { inherits, inspect } = require('node:util')
const { debug } = require('./debug')
const { emitGuarded, wrongType } = require('./errors')
const { FrameReader } = require('./frame')
const { Intake, ParsedBody } = require('./intake')
const { named } = require('./namespaces')

/** The key of the streams, out of the way of programs that look at their own objects. */
const kIntake = Symbol('intake')

/**
 * Reads the responses of an IMAP server from a stream. Also callable without `new`, and by
 * subclasses of ES5.
 * @this {any}
 * @param {NodeJS.ReadableStream} stream
 * @param {((line: string) => void) | null} [debug] called with every line that comes in
 */
function Parser (stream, debug) {
  if (!(this instanceof Parser)) return new /** @type {any} */ (Parser)(stream, debug)
  EventEmitter.call(/** @type {any} */ (this))
  if (debug && typeof debug !== 'function') {
    throw wrongType('Parser() takes a function to which lines are shown as its second argument', debug)
  }
  this.debug = debug
  const intake = new Intake((native, piece) => {
    dispatch(this, new FrameReader(native.feed(piece, typeof this.debug === 'function')))
  })
  Object.defineProperty(this, kIntake, { value: intake })
  this.setStream(stream)
  process.nextTick(intake.onReadable)
}

inherits(Parser, EventEmitter)

/**
 * Goes on with another stream: after STARTTLS, say.
 * @this {any}
 * @param {NodeJS.ReadableStream} stream
 */
Parser.prototype.setStream = function setStream (stream) {
  this[kIntake].attach(stream)
}

/**
 * A listener that throws must not cost the others their events: its exception is uncaught later.
 * @param {any} parser
 * @param {FrameReader} reader
 */
function dispatch (parser, reader) {
  while (!reader.isAtEnd) handlers[reader.event()](parser, reader)
}

/**
 * One handler for each variant of `Event` in src/wire/parser.rs, in its order. A handler reads all
 * fields of its event before it calls code of the program.
 * @type {Array<(parser: any, r: FrameReader) => void>}
 */
const handlers = [
  function line (parser, r) {
    debug(parser, `<= ${inspect(r.value())}`)
  },

  function tagged (parser, r) {
    const [type, tagnum, textCode, text] = [r.value(), r.value(), present(r.value()), r.value()]
    emitGuarded(parser, 'tagged', { type, tagnum, textCode, text })
  },

  function status (parser, r) {
    untagged(parser, r.value(), undefined, present(r.value()), present(r.value()))
  },

  function count (parser, r) {
    untagged(parser, r.value(), r.value(), undefined, undefined)
  },

  function fetch (parser, r) {
    untagged(parser, 'fetch', r.value(), undefined, r.value())
  },

  function namespaces (parser, r) {
    const [personal, other, shared] = [r.value(), r.value(), r.value()]
    const text = { personal: named(personal), other: named(other), shared: named(shared) }
    untagged(parser, 'namespace', undefined, undefined, text)
  },

  function data (parser, r) {
    untagged(parser, r.value(), undefined, undefined, r.value())
  },

  function continuation (parser, r) {
    const [textCode, text] = [present(r.value()), present(r.value())]
    emitGuarded(parser, 'continue', { textCode, text })
  },

  function other (parser, r) {
    emitGuarded(parser, 'other', r.value())
  },

  function bodyBegin (parser, r) {
    const [seqno, which, size] = [r.value(), r.value(), r.value()]
    // Nobody listens: no stream is made.
    if (parser.listenerCount('body') === 0) return
    const body = new ParsedBody(parser[kIntake])
    parser[kIntake].body = body
    emitGuarded(parser, 'body', body, { seqno, which, size })
  },

  function bodyChunk (parser, r) {
    const bytes = r.value()
    const { body } = parser[kIntake]
    if (body) body.arrive(bytes)
  },

  function bodyEnd (parser) {
    const { body } = parser[kIntake]
    parser[kIntake].body = null
    if (body) body.complete()
  },

  function failed (parser, r) {
    const message = r.value()
    parser[kIntake].hasFailed = true
    emitGuarded(parser, 'error', Object.assign(new Error(message), { source: 'protocol', code: 'ELIMIT' }))
  }
]

/**
 * @param {any} parser
 * @param {string} type
 * @param {number | undefined} num
 * @param {any} textCode
 * @param {any} text
 */
function untagged (parser, type, num, textCode, text) {
  emitGuarded(parser, 'untagged', { type, num, textCode, text })
}

/**
 * What a frame has no word for: `undefined`.
 * @param {any} value
 */
function present (value) {
  return value === null ? undefined : value
}

module.exports = { Parser }
