// @ts-check
'use strict'

// The UIDs of a very large mailbox, in the one line that a server answers SEARCH with.

module.exports = {
  name: 'W6',
  title: 'UIDs, UID SEARCH ALL',
  count: 1_000_000,
  verb: 'SEARCH',
  command: 'UID SEARCH ALL',
  targets: {},

  sum: () => ({ length: 0, uids: 0 }),

  /** @param {number} count */
  * responses (count) {
    yield '* SEARCH'
    for (const uid of uids(count)) yield ` ${uid}`
    yield '\r\n'
  },

  /** @param {any} imap @param {any} sum @param {(error?: any) => void} done */
  nodeImap (imap, sum, done) {
    imap.search(['ALL'], (/** @type {any} */ error, /** @type {number[]} */ found) => {
      if (!error) add(sum, found)
      done(error)
    })
  },

  /** @param {any} client @param {any} sum */
  async imapflow (client, sum) {
    add(sum, await client.search({ all: true }, { uid: true }))
  },

  /** @param {number} count @param {any} sum @param {(error?: any) => void} done */
  floor (count, sum, done) {
    add(sum, uids(count))
    setImmediate(done)
  }
}

/** @param {number} count */
function uids (count) {
  return Array.from({ length: count }, (_, index) => index * 3 + 1)
}

/** @param {any} sum @param {number[]} found */
function add (sum, found) {
  sum.length = found.length
  for (const uid of found) sum.uids += uid
}
