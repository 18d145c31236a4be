// @ts-check
'use strict'

// Envelopes of a whole mailbox: what a mail program asks for first.

const { EventEmitter } = require('node:events')
const { clients } = require('../clients')
const { prepare } = require('../replay')
const { envelope, message, templates } = require('./mailbox')

/** Events that `floor` makes between two turns of the event loop. */
const BATCH = 128

const command = 'UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)'

const sum = () => ({ messages: 0, uids: 0, sizes: 0, subjects: 0, ends: 0 })

/** @type {import('../clients').Program} */
const program = {
  command,

  nodeImap (imap, { sum }, done) {
    consume(imap.fetch('1:*', { envelope: true, size: true }), sum, done)
  },

  async imapflow (client, { sum }) {
    const query = { uid: true, flags: true, internalDate: true, size: true, envelope: true }
    for await (const message of client.fetch('1:*', query)) add(sum, message, true)
  },

  floor ({ count, sum }) {
    const kinds = templates()
    return done => {
      const fetch = new EventEmitter()
      consume(fetch, sum, done)
      let seqno = 1
      setImmediate(function batch () {
        const made = /** @type {any[]} */ ([])
        for (const end = Math.min(seqno + BATCH, count + 1); seqno < end; seqno++) {
          const emitter = new EventEmitter()
          fetch.emit('message', emitter, seqno)
          made.push(emitter, attributes(seqno, kinds[seqno % kinds.length]))
        }
        process.nextTick(() => {
          for (let i = 0; i < made.length; i += 2) {
            made[i].emit('attributes', made[i + 1])
            made[i].emit('end')
          }
          if (seqno > count) fetch.emit('end')
          else setImmediate(batch)
        })
      })
    }
  }
}

/**
 * The answer to the command, message after message.
 * @param {number} first
 * @param {number} last
 */
function * responses (first, last) {
  for (let seqno = first; seqno <= last; seqno++) {
    const { uid, size, flags, internalDate, envelope } = message(seqno)
    yield `* ${seqno} FETCH (UID ${uid} FLAGS (${flags}) INTERNALDATE "${internalDate}" ` +
      `RFC822.SIZE ${size} ENVELOPE ${envelope})\r\n`
  }
}

/** @param {any} fetch @param {any} sum @param {(error?: any) => void} done */
function consume (fetch, sum, done) {
  fetch.on('message', (/** @type {any} */ message) => {
    message.on('attributes', (/** @type {any} */ attributes) => add(sum, attributes, false))
    message.on('end', () => { sum.ends++ })
  })
  fetch.once('error', done)
  fetch.once('end', () => done())
}

/** @param {any} sum @param {any} message @param {boolean} ended */
function add (sum, { uid, size, envelope }, ended) {
  sum.messages++
  sum.uids += uid
  sum.sizes += size
  sum.subjects += envelope.subject.length
  if (ended) sum.ends++
}

/** @param {number} seqno @param {any} template */
function attributes (seqno, template) {
  const { uid, size } = message.numbers(seqno)
  return {
    uid,
    flags: template.flags.slice(),
    date: new Date(template.date),
    size,
    envelope: envelope(template)
  }
}

module.exports = {
  name: 'W1',
  cases: [{
    name: 'W1',
    title: 'messages, FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)',
    count: 100_000,
    command,
    /** @param {number} count */
    answers (count) {
      const prepared = prepare(responses(1, count))
      return { FETCH: () => prepared }
    },
    sum,
    clients: clients(program)
  }],
  targets: [
    { measure: 'wallMs', against: 'imap', most: 0.22 },
    { measure: 'javascriptMs', against: 'imap', most: 0.10 },
    { measure: 'wallMs', against: 'floor', most: 1.3 }
  ],
  consume,
  program,
  responses,
  sum
}
