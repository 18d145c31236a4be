// @ts-check
'use strict'

// The two streams around a Parser: the one that it reads, and the body that it makes of it.

const { Readable } = require('node:stream')
const binding = require('./binding')
const { wrongType } = require('./errors')
const { isBeingRead } = require('./fetch')

/** The most bytes of a chunk that are parsed in one go, so that a frame of events stays small. */
const PIECE_BYTES = 1024 * 1024

/**
 * Reads a stream and hands what it brings to the native parser. The stream is left alone while a
 * body that somebody reads is full.
 */
class Intake {
  /** @param {(native: any, piece: Buffer) => void} feed */
  constructor (feed) {
    this.feed = feed
    this.native = new binding.NativeParser()
    /** @type {any} */
    this.stream = undefined
    /** The body that is arriving. @type {ParsedBody | null} */
    this.body = null
    /** The body that is to be read before more is taken. @type {ParsedBody | null} */
    this.full = null
    this.isReading = false
    this.hasFailed = false
    this.onReadable = () => this.read()
    this.onEnd = () => this.end()
  }

  /** @param {any} stream */
  attach (stream) {
    if (!stream || typeof stream.on !== 'function' || typeof stream.read !== 'function') {
      throw wrongType('Parser() takes a Readable stream, such as a net.Socket', stream)
    }
    this.detach()
    this.stream = stream
    stream.on('readable', this.onReadable)
    stream.on('end', this.onEnd)
    stream.on('close', this.onEnd)
  }

  detach () {
    if (!this.stream) return
    this.stream.removeListener('readable', this.onReadable)
    this.stream.removeListener('end', this.onEnd)
    this.stream.removeListener('close', this.onEnd)
  }

  /** Takes what there is. */
  read () {
    // A listener may bring us here while the events before are still on their way.
    if (this.isReading) return
    this.isReading = true
    try {
      while (!this.full && !this.hasFailed) {
        const chunk = this.stream.read()
        if (chunk === null || chunk === undefined) break
        const bytes = bytesOf(chunk, this.stream)
        for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
          this.feed(this.native, bytes.subarray(from, from + PIECE_BYTES))
        }
      }
    } finally {
      this.isReading = false
    }
  }

  /** The stream is over: a body that has begun will not be complete. */
  end () {
    const { body } = this
    this.body = null
    if (body) body.lose()
  }

  /** @param {ParsedBody} body */
  release (body) {
    if (this.full !== body) return
    this.full = null
    this.read()
  }
}

/** The body of a message while its bytes arrive. */
class ParsedBody extends Readable {
  /** @param {Intake} intake */
  constructor (intake) {
    super()
    this._intake = intake
  }

  /** @param {Buffer} bytes */
  arrive (bytes) {
    if (this.destroyed) return
    // A body that nobody reads is buffered: it must not hold up the stream (contract Q-21).
    if (!this.push(bytes) && isBeingRead(this)) this._intake.full = this
  }

  complete () {
    if (!this.destroyed) this.push(null)
  }

  /** The rest will not come. Whoever does not listen for errors is not to crash of it. */
  lose () {
    const error = Object.assign(new Error('The stream ended in the middle of the body of a message'), {
      source: 'socket',
      code: 'ERR_STREAM_PREMATURE_CLOSE'
    })
    this.destroy(this.listenerCount('error') > 0 ? error : undefined)
  }

  _read () {
    this._intake.release(this)
  }

  /**
   * @param {Error | null} error
   * @param {(error?: Error | null) => void} callback
   */
  _destroy (error, callback) {
    this._intake.release(this)
    callback(error)
  }
}

/**
 * @param {unknown} chunk
 * @param {any} stream
 * @returns {Buffer}
 */
function bytesOf (chunk, stream) {
  if (typeof chunk === 'string') return Buffer.from(chunk, stream.readableEncoding || 'utf8')
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  throw wrongType('Parser() takes a stream of Buffers or strings', chunk)
}

module.exports = { Intake, ParsedBody }
