// @ts-check
'use strict'

/** What was delivered and what was announced. Times are milliseconds of the machine's monotonic clock. */
class Ledger {
  constructor () {
    /** When each mail was delivered, by its UID. @type {Map<number, number>} */
    this.delivered = new Map()
    /** When each was announced first. @type {Map<number, number>} */
    this.announced = new Map()
    /** UIDs that were announced again. @type {number[]} */
    this.doubled = []
    /** The longest time from a delivery to its announcement so far. */
    this.longest = 0
  }

  /** @param {number} uid @param {number} at */
  deliver (uid, at) {
    this.delivered.set(uid, at)
    this.measure(uid)
  }

  /** @param {number} uid @param {number} at */
  announce (uid, at) {
    if (this.announced.has(uid)) this.doubled.push(uid)
    else this.announced.set(uid, at)
    this.measure(uid)
  }

  /** The word of a delivery and its announcement come by different ways. @param {number} uid */
  measure (uid) {
    const from = this.delivered.get(uid)
    const to = this.announced.get(uid)
    if (from !== undefined && to !== undefined) this.longest = Math.max(this.longest, to - from)
  }

  /** UIDs that were delivered and not announced. */
  get missing () {
    return [...this.delivered.keys()].filter((uid) => !this.announced.has(uid))
  }

  /** UIDs that were announced and never delivered. */
  get invented () {
    return [...this.announced.keys()].filter((uid) => !this.delivered.has(uid))
  }
}

module.exports = { Ledger }
