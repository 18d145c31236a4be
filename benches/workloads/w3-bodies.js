// @ts-check
'use strict'

// Whole messages, read as streams.

const { Readable } = require('node:stream')
const { EventEmitter } = require('node:events')

const BODY_BYTES = 20 * 1024
/** Of each body, one byte in this many goes into the sum. */
const SAMPLE_BYTES = 1000

const body = Buffer.from('Lorem ipsum dolor sit amet, consectetur adipiscing elit 0123456789.\r\n'.repeat(300)).subarray(0, BODY_BYTES)

module.exports = {
  name: 'W3',
  title: `bodies of ${BODY_BYTES / 1024} KiB`,
  count: 10_000,
  verb: 'FETCH',
  command: 'UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])',
  targets: {},

  sum: () => ({ messages: 0, uids: 0, bytes: 0, samples: 0 }),

  /** @param {number} count */
  * responses (count) {
    for (let seqno = 1; seqno <= count; seqno++) {
      yield `* ${seqno} FETCH (UID ${seqno} FLAGS (\\Seen) INTERNALDATE "01-Feb-2024 10:00:00 +0000" BODY[] {${BODY_BYTES}}\r\n`
      yield body
      yield ')\r\n'
    }
  },

  /** @param {any} imap @param {any} sum @param {(error?: any) => void} done */
  nodeImap (imap, sum, done) {
    consume(imap.fetch('1:*', { bodies: '' }), sum, done)
  },

  /** @param {any} client @param {any} sum */
  async imapflow (client, sum) {
    const query = { uid: true, flags: true, internalDate: true, source: true }
    for await (const { uid, source } of client.fetch('1:*', query)) {
      sum.messages++
      sum.uids += uid
      sample(sum, source, 0)
    }
  },

  /** @param {number} count @param {any} sum @param {(error?: any) => void} done */
  floor (count, sum, done) {
    const fetch = new EventEmitter()
    consume(fetch, sum, done)
    let seqno = 0
    setImmediate(function next () {
      if (++seqno > count) return fetch.emit('end')
      const message = new EventEmitter()
      fetch.emit('message', message, seqno)
      const stream = new Readable({ read () {} })
      message.emit('body', stream, { seqno, which: '', size: BODY_BYTES })
      stream.push(Buffer.from(body))
      stream.push(null)
      stream.once('end', () => {
        message.emit('attributes', { uid: seqno, flags: ['\\Seen'], date: new Date(0) })
        message.emit('end')
        setImmediate(next)
      })
    })
  }
}

/** @param {any} fetch @param {any} sum @param {(error?: any) => void} done */
function consume (fetch, sum, done) {
  fetch.on('message', (/** @type {any} */ message) => {
    message.on('body', (/** @type {any} */ stream) => {
      let offset = 0
      stream.on('data', (/** @type {Buffer} */ chunk) => {
        sample(sum, chunk, offset)
        offset += chunk.length
      })
    })
    message.on('attributes', (/** @type {any} */ attributes) => {
      sum.messages++
      sum.uids += attributes.uid
    })
  })
  fetch.once('error', done)
  fetch.once('end', () => done())
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
