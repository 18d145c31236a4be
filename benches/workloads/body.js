// @ts-check
'use strict'

// Bodies as bytes, how they come from memory, and what their readers add up.

const { EventEmitter } = require('node:events')
const { Readable } = require('node:stream')

/** Of each body, one byte in this many goes into the sum. */
const SAMPLE_BYTES = 1000

/** Messages that come from memory between two turns of the event loop. */
const BATCH = 16

const LINE = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit 0123456789.\r\n'

/** @param {number} bytes */
function text (bytes) {
  return Buffer.alloc(bytes, LINE)
}

/**
 * Adds bytes at fixed places of the body, however it is cut.
 * @param {any} sum
 * @param {Buffer} chunk
 * @param {number} offset where in the body the chunk begins
 */
function sample (sum, chunk, offset) {
  sum.bytes += chunk.length
  const first = (SAMPLE_BYTES - offset % SAMPLE_BYTES) % SAMPLE_BYTES
  for (let at = first; at < chunk.length; at += SAMPLE_BYTES) sum.samples += chunk[at]
}

/**
 * Emits messages with a body each, as a fetch does, from memory.
 * @param {EventEmitter} fetch
 * @param {number} count
 * @param {(seqno: number) => Buffer} body
 */
function emitBodies (fetch, count, body) {
  let seqno = 0
  setImmediate(function next () {
    if (++seqno > count) return fetch.emit('end')
    const message = new EventEmitter()
    fetch.emit('message', message, seqno)
    const bytes = body(seqno)
    const stream = new Readable({ read () {} })
    message.emit('body', stream, { seqno, which: '', size: bytes.length })
    stream.push(Buffer.from(bytes))
    stream.push(null)
    stream.once('end', () => {
      message.emit('attributes', { uid: seqno, flags: ['\\Seen'], date: new Date(0) })
      message.emit('end')
      if (seqno % BATCH === 0) setImmediate(next)
      else process.nextTick(next)
    })
  })
}

module.exports = { emitBodies, sample, text }
