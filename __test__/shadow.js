// @ts-check
'use strict'

// The open mailbox as a program knows it that only listens: by counting, as IMAP has it.

const assert = require('node:assert/strict')
const { EventEmitter, once } = require('node:events')

/** @typedef {{ uid: number, flags: string[] }} Entry */

class Shadow {
  /**
   * @param {any} imap a session with `reconnect`
   * @param {Entry[]} entries the mailbox at the beginning, in the order of its sequence numbers
   */
  constructor (imap, entries = []) {
    this.entries = entries
    /** Every UID that was announced, in that order. @type {number[]} */
    this.announced = []
    this.changes = new EventEmitter()
    imap.on('mail', (/** @type {number} */ count, /** @type {any} */ { uids }) => {
      assert.equal(count, uids.length)
      this.announced.push(...uids)
      for (const uid of uids) this.entries.push({ uid, flags: [] })
    })
    imap.on('expunge', (/** @type {number} */ seqno, /** @type {any} */ { uid }) => {
      const [entry] = this.entries.splice(seqno - 1, 1)
      assert.ok(entry, `expunge ${seqno} of ${this.entries.length}`)
      if (uid !== undefined) assert.equal(uid, entry.uid, `expunge ${seqno}`)
    })
    imap.on('update', (/** @type {number} */ seqno, /** @type {any} */ { uid, flags }) => {
      const entry = this.entries[seqno - 1]
      assert.ok(entry, `update ${seqno} of ${this.entries.length}`)
      if (uid !== undefined) assert.equal(uid, entry.uid, `update ${seqno}`)
      if (flags) entry.flags = flags
    })
    for (const event of ['mail', 'expunge', 'update']) imap.on(event, () => this.changes.emit('change'))
  }

  /**
   * Waits until it is so, looking after each event; gives up silently after some time.
   *
   * @param {() => boolean} isSo
   * @param {number} milliseconds
   */
  async until (isSo, milliseconds) {
    const signal = AbortSignal.timeout(milliseconds)
    while (!isSo() && !signal.aborted) await once(this.changes, 'change', { signal }).catch(() => {})
  }

  /** To be compared: in the order of the numbers, flags in any order and without \Recent. */
  get picture () {
    return this.entries.map(picture)
  }
}

/** @param {Entry} entry */
function picture ({ uid, flags }) {
  return `${uid} ${flags.filter((flag) => flag.toLowerCase() !== '\\recent').sort().join(' ')}`.trim()
}

module.exports = { Shadow, picture }
