// @ts-check
'use strict'

// Envelopes of a whole mailbox: what a mail program asks for first.

const { EventEmitter } = require('node:events')
const { envelope, message, templates } = require('./mailbox')

/** Events that `floor` makes between two turns of the event loop. */
const BATCH = 128

module.exports = {
  name: 'W1',
  title: 'messages, FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)',
  count: 100_000,
  verb: 'FETCH',
  command: 'UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)',
  targets: { wall: 0.35, javascript: 0.15 },

  sum: () => ({ messages: 0, uids: 0, sizes: 0, subjects: 0, ends: 0 }),

  /** @param {number} count */
  * responses (count) {
    for (let seqno = 1; seqno <= count; seqno++) {
      const { uid, size, flags, internalDate, envelope } = message(seqno)
      yield `* ${seqno} FETCH (UID ${uid} FLAGS (${flags.join(' ')}) INTERNALDATE "${internalDate}" ` +
        `RFC822.SIZE ${size} ENVELOPE ${envelope})\r\n`
    }
  },

  /** @param {any} imap @param {any} sum @param {(error?: any) => void} done */
  nodeImap (imap, sum, done) {
    consume(imap.fetch('1:*', { envelope: true, size: true }), sum, done)
  },

  /** @param {any} client @param {any} sum */
  async imapflow (client, sum) {
    const query = { uid: true, flags: true, internalDate: true, size: true, envelope: true }
    for await (const message of client.fetch('1:*', query)) add(sum, message, true)
  },

  /** @param {number} count @param {any} sum @param {(error?: any) => void} done */
  floor (count, sum, done) {
    const kinds = templates()
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
