// @ts-check
'use strict'

// BODYSTRUCTUREs: what a program asks for that looks for attachments.

const { EventEmitter } = require('node:events')
const { clients } = require('../clients')
const { prepare } = require('../replay')
const { kinds, struct, written } = require('./structure')

/** Messages that `floor` makes between two turns of the event loop. */
const BATCH = 128

const command = 'UID FETCH 1:* (UID FLAGS INTERNALDATE BODYSTRUCTURE)'

/** @param {number} count */
function * responses (count) {
  const structures = kinds().map(written)
  for (let seqno = 1; seqno <= count; seqno++) {
    yield `* ${seqno} FETCH (UID ${seqno} FLAGS (\\Seen) INTERNALDATE "01-Feb-2024 10:00:00 +0000" ` +
      `BODYSTRUCTURE ${structures[seqno % structures.length]})\r\n`
  }
}

/** @param {any} fetch @param {any} sum @param {(error?: any) => void} done */
function consume (fetch, sum, done) {
  fetch.on('message', (/** @type {any} */ message) => {
    message.on('attributes', (/** @type {any} */ { uid, struct }) => {
      sum.messages++
      sum.uids += uid
      addParts(sum, struct)
    })
  })
  fetch.once('error', done)
  fetch.once('end', () => done())
}

/** @param {any} sum @param {any[]} struct as node-imap gives it */
function addParts (sum, struct) {
  for (const part of struct) {
    if (Array.isArray(part)) addParts(sum, part)
    else if (part.size !== undefined) addPart(sum, part, part.partID)
  }
}

/** @param {any} sum @param {any} node as imapflow gives it */
function addNode (sum, node) {
  if (node.childNodes) for (const child of node.childNodes) addNode(sum, child)
  else addPart(sum, node, node.part)
}

/** @param {any} sum @param {{ size: number }} part @param {string} id */
function addPart (sum, { size }, id) {
  sum.parts++
  sum.sizes += size
  sum.ids += id.length
}

module.exports = {
  name: 'W5',
  cases: [{
    name: 'W5',
    title: 'messages, BODYSTRUCTURE of three levels',
    count: 20_000,
    command,
    /** @param {number} count */
    answers (count) {
      const prepared = prepare(responses(count))
      return { FETCH: () => prepared }
    },
    sum: () => ({ messages: 0, uids: 0, parts: 0, sizes: 0, ids: 0 }),
    clients: clients({
      command,

      nodeImap (imap, { sum }, done) {
        consume(imap.fetch('1:*', { struct: true }), sum, done)
      },

      async imapflow (client, { sum }) {
        const query = { uid: true, flags: true, internalDate: true, bodyStructure: true }
        for await (const { uid, bodyStructure } of client.fetch('1:*', query)) {
          sum.messages++
          sum.uids += uid
          addNode(sum, bodyStructure)
        }
      },

      floor ({ count, sum }) {
        const all = kinds()
        return done => {
          const fetch = new EventEmitter()
          consume(fetch, sum, done)
          let seqno = 0
          setImmediate(function batch () {
            for (const end = Math.min(seqno + BATCH, count); seqno < end;) {
              const message = new EventEmitter()
              fetch.emit('message', message, ++seqno)
              const parts = struct(all[seqno % all.length])
              message.emit('attributes', { uid: seqno, flags: ['\\Seen'], date: new Date(0), struct: parts })
              message.emit('end')
            }
            if (seqno === count) fetch.emit('end')
            else setImmediate(batch)
          })
        }
      }
    })
  }],
  targets: [{ measure: 'wallMs', against: 'imap', most: 0.20 }]
}
