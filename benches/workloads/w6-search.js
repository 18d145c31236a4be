// @ts-check
'use strict'

// The UIDs of a very large mailbox, in the one line that a server answers SEARCH with.

const { clients } = require('../clients')
const { prepare } = require('../replay')

const command = 'UID SEARCH ALL'

/** @param {number} count */
function * responses (count) {
  yield '* SEARCH'
  for (const uid of uids(count)) yield ` ${uid}`
  yield '\r\n'
}

/** @param {number} count */
function uids (count) {
  const list = new Array(count)
  for (let index = 0; index < count; index++) list[index] = index * 3 + 1
  return list
}

/** @param {any} sum @param {number[]} found */
function add (sum, found) {
  sum.length = found.length
  for (const uid of found) sum.uids += uid
}

module.exports = {
  name: 'W6',
  cases: [{
    name: 'W6',
    title: 'UIDs, UID SEARCH ALL',
    count: 1_000_000,
    command,
    /** @param {number} count */
    answers (count) {
      const prepared = prepare(responses(count))
      return { SEARCH: () => prepared }
    },
    sum: () => ({ length: 0, uids: 0 }),
    clients: clients({
      command,

      nodeImap (imap, { sum }, done) {
        imap.search(['ALL'], (/** @type {any} */ error, /** @type {number[]} */ found) => {
          if (!error) add(sum, found)
          done(error)
        })
      },

      async imapflow (client, { sum }) {
        add(sum, await client.search({ all: true }, { uid: true }))
      },

      floor: ({ count, sum }) => done => {
        add(sum, uids(count))
        setImmediate(done)
      }
    })
  }],
  targets: [{ measure: 'wallMs', against: 'imap', most: 0.15 }]
}
