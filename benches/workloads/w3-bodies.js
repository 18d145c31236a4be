// @ts-check
'use strict'

// Whole messages, read as streams.

const { EventEmitter } = require('node:events')
const { clients } = require('../clients')
const { prepare } = require('../replay')
const { emitBodies, sample, text } = require('./body')

const BODY_BYTES = 20 * 1024

const body = text(BODY_BYTES)

const command = 'UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])'

const sum = () => ({ messages: 0, uids: 0, bytes: 0, samples: 0 })

/** @type {import('../clients').Program} */
const program = {
  command,

  nodeImap (imap, { sum }, done) {
    consume(imap.fetch('1:*', { bodies: '' }), sum, done)
  },

  async imapflow (client, { sum }) {
    for await (const { uid, source } of client.fetch('1:*', { uid: true, flags: true, internalDate: true, source: true })) {
      sum.messages++
      sum.uids += uid
      sample(sum, source, 0)
    }
  },

  floor: ({ count, sum }) => done => {
    const fetch = new EventEmitter()
    consume(fetch, sum, done)
    emitBodies(fetch, count, () => body)
  }
}

/** @param {number} count */
function * responses (count) {
  for (let seqno = 1; seqno <= count; seqno++) {
    yield `* ${seqno} FETCH (UID ${seqno} FLAGS (\\Seen) INTERNALDATE "01-Feb-2024 10:00:00 +0000" BODY[] {${BODY_BYTES}}\r\n`
    yield body
    yield ')\r\n'
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

module.exports = {
  name: 'W3',
  cases: [{
    name: 'W3',
    title: `bodies of ${BODY_BYTES / 1024} KiB`,
    count: 10_000,
    command,
    /** @param {number} count */
    answers (count) {
      const prepared = prepare(responses(count))
      return { FETCH: () => prepared }
    },
    sum,
    clients: clients(program)
  }],
  targets: [{ measure: 'wallMs', against: 'imap', most: 0.55 }],
  program,
  sum
}
