// @ts-check
'use strict'

// A FETCH as the program sees it: ImapFetch, ImapMessage and the streams of bodies (contract
// section 5).

const { EventEmitter } = require('node:events')
const { Readable } = require('node:stream')
const { emitGuarded } = require('./errors')

/** What `fetch()` returns: emits `message(msg, seqno)`, `error(err)`, `end()`. */
class ImapFetch extends EventEmitter {}

/** A message: emits `body(stream, info)`, `attributes(attrs)`, `end()`. */
class ImapMessage extends EventEmitter {}

/** What was read of a body is told to the core when it is so many bytes: half of BODY_WINDOW_BYTES. */
const CREDIT_BYTES = 512 * 1024

/** How long a pipe may be full before its body counts as unread, in milliseconds. */
const STALLED_MS = 1000

/** The body of a message. */
class BodyStream extends Readable {
  /** Whether it was given to a pipe. */
  isPiped = false
  /** Called when it has ended or was destroyed. @type {(() => void) | null} */
  onOver = null

  /**
   * @template {NodeJS.WritableStream} T
   * @param {T} destination
   * @param {{ end?: boolean }} [options]
   */
  pipe (destination, options) {
    this.isPiped = true
    return super.pipe(destination, options)
  }

  _read () {}

  /**
   * @param {Error | null} error
   * @param {(error?: Error | null) => void} callback
   */
  _destroy (error, callback) {
    callback(error)
    if (!this.onOver) return
    // Who destroys it is told of nothing before that has returned.
    if (this.readableEnded) this.onOver()
    else process.nextTick(this.onOver)
  }
}

/** The body of a message while it arrives in pieces. */
class Body extends BodyStream {
  /**
   * @param {any} link
   * @param {number} id
   */
  constructor (link, id) {
    super()
    this._link = link
    this._id = id
    this._owed = 0
    this._complete = false
  }

  /** @param {Buffer} bytes */
  arrive (bytes) {
    if (this.destroyed) return
    this._owed += bytes.length
    // A body that nobody reads is buffered: it must not hold up the connection (contract Q-21).
    if (this.push(bytes) || !isBeingRead(this)) this._read()
  }

  complete () {
    this._complete = true
    if (!this.destroyed) this.push(null)
  }

  /**
   * The rest will not come. Whoever does not listen for errors is not to crash of it.
   * @param {Error} error
   */
  lose (error) {
    this._complete = true
    this.destroy(this.listenerCount('error') > 0 ? error : undefined)
  }

  _read () {
    if (this._owed < CREDIT_BYTES) return
    this._link.native.credit(this._id, this._owed)
    this._owed = 0
  }

  /**
   * @param {Error | null} error
   * @param {(error?: Error | null) => void} callback
   */
  _destroy (error, callback) {
    if (!this._complete) this._link.native.discard(this._id)
    this._link.bodies.delete(this._id)
    super._destroy(error, callback)
  }
}

/** @param {Readable} stream */
function isBeingRead (stream) {
  return stream.readableFlowing !== null || stream.readableDidRead || stream.listenerCount('readable') > 0
}

/** @param {Buffer} bytes a whole body */
function wholeBody (bytes) {
  const stream = new BodyStream()
  if (bytes.length > 0) stream.push(bytes)
  stream.push(null)
  return stream
}

/** A FETCH command that is being answered. */
class FetchRequest {
  /** @param {import('./link').Link} link */
  constructor (link) {
    this.link = link
    this.emitter = new ImapFetch()
    /** @type {Map<number, { message: ImapMessage, streams: BodyStream[] }>} */
    this.messages = new Map()
    /** Messages whose `end` has not been emitted, and what is to follow the last of them. */
    this.unfinished = 0
    /** @type {(() => void) | null} */
    this.afterwards = null
    /** Complete messages whose bodies are being read. @type {Map<ImapMessage, object>} */
    this.held = new Map()
    /** Complete messages without bodies, until the next tick: message, attributes, ... */
    this.batch = /** @type {any[]} */ ([])
  }

  /** @param {number} seqno */
  message (seqno) {
    const message = new ImapMessage()
    this.messages.set(seqno, { message, streams: [] })
    emitGuarded(this.emitter, 'message', message, seqno)
  }

  /**
   * A message that is complete at its first sign.
   * @param {number} seqno
   * @param {object} attributes
   */
  whole (seqno, attributes) {
    const message = new ImapMessage()
    emitGuarded(this.emitter, 'message', message, seqno)
    this.later(message, attributes)
  }

  /**
   * @param {number} seqno
   * @param {object} attributes
   */
  attributes (seqno, attributes) {
    const entry = this.messages.get(seqno)
    if (!entry) return
    this.messages.delete(seqno)
    const streams = entry.streams.filter(stream => {
      return !stream.destroyed && (!stream.readableEnded || stream.listenerCount('readable') > 0)
    })
    if (streams.length === 0) return this.later(entry.message, attributes)
    this.unfinished++
    // A stream that is read from the start ends before its message (contract Q-20); one that is
    // read late, or not at all, does not hold it up.
    this.held.set(entry.message, attributes)
    process.nextTick(afterReading, streams, () => {
      if (this.held.delete(entry.message)) this.finish(entry.message, attributes)
      if (--this.unfinished === 0) this.done()
    })
  }

  /**
   * @param {number} seqno
   * @param {number} id
   * @param {string} which
   * @param {number} size
   */
  bodyBegin (seqno, id, which, size) {
    const body = new Body(this.link, id)
    this.link.bodies.set(id, body)
    if (!this.announce(seqno, body, which, size)) body.destroy()
  }

  /**
   * @param {number} seqno
   * @param {string} which
   * @param {Buffer} bytes
   */
  body (seqno, which, bytes) {
    const entry = this.messages.get(seqno)
    // Nobody listens: no stream is made.
    if (!entry || entry.message.listenerCount('body') === 0) return
    this.announce(seqno, wholeBody(bytes), which, bytes.length)
  }

  /**
   * @param {number} seqno
   * @param {BodyStream} stream
   * @param {string} which
   * @param {number} size
   */
  announce (seqno, stream, which, size) {
    const entry = this.messages.get(seqno)
    if (!entry || entry.message.listenerCount('body') === 0) return false
    entry.streams.push(stream)
    emitGuarded(entry.message, 'body', stream, { seqno, which, size })
    return true
  }

  /** The command was answered with OK. */
  succeed () {
    this.end()
  }

  /**
   * The command was answered with NO or BAD.
   * @param {Error} error
   */
  fail (error) {
    emitGuarded(this.emitter, 'error', error)
    this.end()
  }

  /**
   * The connection is over. Whoever does not listen for errors is not to crash of it.
   * @param {Error} error
   */
  lose (error) {
    for (const { streams } of this.messages.values()) {
      for (const stream of streams) if (stream instanceof Body) stream.lose(error)
    }
    this.flush()
    for (const [message, attributes] of this.held) this.finish(message, attributes)
    this.held.clear()
    if (this.emitter.listenerCount('error') > 0) emitGuarded(this.emitter, 'error', error)
    emitGuarded(this.emitter, 'end')
  }

  end () {
    this.afterwards = () => this.emitter.emit('end')
    process.nextTick(() => { if (this.unfinished === 0) this.done() })
  }

  done () {
    const { afterwards } = this
    this.afterwards = null
    if (afterwards) afterwards()
  }

  /**
   * @param {ImapMessage} message
   * @param {object} attributes
   */
  later (message, attributes) {
    if (this.batch.push(message, attributes) > 2) return
    this.unfinished++
    process.nextTick(() => {
      this.flush()
      if (--this.unfinished === 0) this.done()
    })
  }

  flush () {
    const { batch } = this
    this.batch = []
    for (let i = 0; i < batch.length; i += 2) this.finish(batch[i], batch[i + 1])
  }

  /**
   * @param {ImapMessage} message
   * @param {object} attributes
   */
  finish (message, attributes) {
    emitGuarded(message, 'attributes', attributes)
    emitGuarded(message, 'end')
  }
}

/**
 * Calls back when the streams that are being read have ended, or nobody takes anything from them.
 * @param {BodyStream[]} streams
 * @param {() => void} callback
 */
function afterReading (streams, callback) {
  let waiting = 1
  const settled = () => { if (--waiting === 0) callback() }
  for (const stream of streams) {
    if (stream.listenerCount('readable') > 0) {
      // Its reader has this turn of the loop to take what is there.
      waiting++
      setImmediate(settled)
    } else if (!stream.readableEnded && !stream.destroyed && (stream.readableFlowing || stream.isPiped)) {
      waiting++
      afterFlow(stream, settled)
    }
  }
  settled()
}

/**
 * Calls back when a flowing stream has ended or was paused. A pipe pauses it whenever its
 * destination is full; then it counts only when it lasts.
 * @param {BodyStream} stream
 * @param {() => void} callback
 */
function afterFlow (stream, callback) {
  let isOver = false
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const settle = () => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    callback()
  }
  const pause = () => {
    if (isOver) return
    if (!stream.isPiped) return settle()
    clearTimeout(timer)
    timer = setTimeout(settle, STALLED_MS)
    stream.once('resume', () => clearTimeout(timer))
  }
  // Three listeners cost more than all else that is done here.
  stream.onOver = settle
  stream.on('pause', pause)
  if (!stream.readableFlowing) pause()
}

module.exports = { Body, FetchRequest, ImapFetch, ImapMessage, isBeingRead }
