// @ts-check
'use strict'

const { bad, ranges } = require('./parse')

/** @typedef {import('./store').Mailbox} Mailbox */
/** @typedef {import('./store').Message} Message */
/** @typedef {import('./connection').Connection} Connection */

/**
 * A mailbox as one session sees it. Sequence numbers are this list's positions; they change only when `announce` says
 * so to the client (RFC 3501 section 7.4.1), whatever other sessions do meanwhile.
 */
class View {
  /**
   * @param {Connection} connection
   * @param {Mailbox} mailbox
   * @param {boolean} readOnly
   */
  constructor (connection, mailbox, readOnly) {
    this.connection = connection
    this.mailbox = mailbox
    this.readOnly = readOnly
    this.list = mailbox.messages.slice()
    this.lastUid = mailbox.uidnext - 1
    /** @type {Set<Message>} */
    this.expunged = new Set()
    /** @type {Set<Message>} */
    this.changed = new Set()
    for (const message of this.list) this.claim(message)
    mailbox.views.add(this)
  }

  close () {
    this.mailbox.views.delete(this)
    for (const message of this.list) if (message.recentFor === this) message.recentFor = CLAIMED
  }

  /** A message came. */
  arrived () {
    this.connection.changed()
  }

  /** @param {Message[]} messages */
  vanished (messages) {
    for (const message of messages) if (message.uid <= this.lastUid) this.expunged.add(message)
    this.connection.changed()
  }

  /** @param {Message} message */
  flagged (message) {
    if (message.uid > this.lastUid) return
    this.changed.add(message)
    this.connection.changed()
  }

  /** The mailbox was deleted. */
  gone () {
    this.connection.bye('Mailbox was deleted under us.')
  }

  /**
   * Tells the client what changed: EXPUNGE (unless forbidden now), EXISTS and RECENT, FETCH of new flags.
   *
   * @param {{ expunge: boolean }} allow
   */
  announce ({ expunge }) {
    if (expunge && this.expunged.size > 0) this.announceExpunged()
    if (this.lastUid < this.mailbox.uidnext - 1) this.announceArrived()
    if (this.changed.size === 0) return
    const changed = [...this.changed]
    this.changed.clear()
    for (const message of changed) {
      const sequence = this.sequence(message)
      if (sequence > 0 && !this.expunged.has(message)) this.announceFlags(sequence, message)
    }
  }

  /**
   * @param {number} sequence
   * @param {Message} message
   * @param {{ flags: boolean }} [which] without flags, only the MODSEQ is told (RFC 7162 section 3.1.3)
   */
  announceFlags (sequence, message, which = { flags: true }) {
    const items = [`UID ${message.uid}`]
    if (which.flags) items.push(`FLAGS (${this.flags(message)})`)
    if (this.connection.condstore) items.push(`MODSEQ (${message.modseq})`)
    this.connection.untagged(`${sequence} FETCH (${items.join(' ')})`)
  }

  announceExpunged () {
    // One pass: a message's number is its old place less those expunged before it.
    let removed = 0
    const kept = []
    let text = ''
    for (const [index, message] of this.list.entries()) {
      if (this.expunged.has(message)) text += `* ${index + 1 - removed++} EXPUNGE\r\n`
      else kept.push(message)
    }
    this.list = kept
    this.expunged.clear()
    if (text !== '') this.connection.write(text)
  }

  announceArrived () {
    const { messages } = this.mailbox
    let first = messages.length
    while (first > 0 && messages[first - 1].uid > this.lastUid) first--
    for (const message of messages.slice(first)) {
      this.list.push(message)
      this.claim(message)
    }
    this.lastUid = this.mailbox.uidnext - 1
    if (first === messages.length) return
    this.connection.untagged(`${this.list.length} EXISTS`)
    this.connection.untagged(`${this.recent} RECENT`)
  }

  get recent () {
    return this.list.filter((message) => this.isRecent(message)).length
  }

  /** @param {Message} message */
  isRecent (message) {
    return message.recentFor === this || (this.readOnly && message.recentFor === undefined)
  }

  /** @param {Message} message */
  claim (message) {
    if (!this.readOnly) message.recentFor ??= this
  }

  /** @param {Message} message */
  flags (message) {
    const flags = [...message.flags]
    if (this.isRecent(message)) flags.push('\\Recent')
    return flags.join(' ')
  }

  /** The place of a message, from 1; 0 when it is not here. @param {Message} message */
  sequence (message) {
    const index = lowerBound(this.list, message.uid)
    return this.list[index] === message ? index + 1 : 0
  }

  /**
   * The messages a client's set means, as pairs of sequence number and message, ascending.
   *
   * @param {string} set
   * @param {boolean} byUid
   * @returns {[number, Message][]}
   */
  select (set, byUid) {
    const { list } = this
    const star = byUid ? list[list.length - 1]?.uid ?? 0 : list.length
    /** @type {Set<number>} */
    const places = new Set()
    // `1:*` in an empty mailbox is nothing, not an error; clients ask for it.
    const everyOfNone = list.length === 0 && set.includes('*')
    for (const [first, last] of ranges(set, star)) {
      if (!byUid && !everyOfNone && last > list.length) {
        throw bad('Error in IMAP command: Invalid messageset')
      }
      const from = byUid ? lowerBound(list, first) : Math.max(first - 1, 0)
      const to = byUid ? lowerBound(list, last + 1) : Math.min(last, list.length)
      for (let index = from; index < to; index++) places.add(index)
    }
    return [...places].sort((a, b) => a - b).map((index) => [index + 1, list[index]])
  }
}

/** Owner of messages that were \Recent for a session that is over: recent for nobody since. */
const CLAIMED = /** @type {any} */ ({})

/**
 * The first place whose UID is not below `uid`.
 *
 * @param {Message[]} list
 * @param {number} uid
 */
function lowerBound (list, uid) {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (list[middle].uid < uid) low = middle + 1
    else high = middle
  }
  return low
}

module.exports = { View }
