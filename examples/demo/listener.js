// @ts-check
'use strict'

/** @typedef {import('./session').Session} Session */

/**
 * A mail that was announced.
 * @typedef {object} Arrival
 * @property {number} uid
 * @property {number} at when the event 'mail' came: milliseconds of the machine's monotonic clock
 * @property {Date} time the same, by the calendar
 * @property {Date} date INTERNALDATE: when the server took it
 * @property {any} envelope
 */

/**
 * Looks at each mail that arrives in the open mailbox: the event 'mail' says how many there are,
 * a fetch by UID what they are.
 */
class Listener {
  /**
   * @param {Session} session
   * @param {number} lastUid the highest UID that is known
   * @param {(arrival: Arrival) => void | Promise<void>} onMail called in the order of the UIDs, one at a time
   */
  constructor (session, lastUid, onMail) {
    this.session = session
    this.lastUid = lastUid
    this.onMail = onMail
    this.announced = 0
    /** Announced and not yet looked at. @type {{ at: number, time: Date }[]} */
    this.waiting = []
    this.isLooking = true
    session.imap.on('mail', (count) => this.announce(count))
  }

  /** Begins to look at the mails; those that were announced until now come first. */
  start () {
    this.isLooking = false
    this.look()
  }

  /** @param {number} count */
  announce (count) {
    const now = { at: Number(process.hrtime.bigint()) / 1e6, time: new Date() }
    this.announced += count
    for (let each = 0; each < count; each++) this.waiting.push(now)
    this.look()
  }

  async look () {
    if (this.isLooking) return
    this.isLooking = true
    try {
      while (this.waiting.length > 0) {
        // What was announced and is not there any more has been expunged.
        if (await this.fetchAgain() === 0) this.waiting = []
      }
    } catch (error) {
      this.session.abort(/** @type {Error} */ (error))
    }
    this.isLooking = false
  }

  /** As `fetch`, also when a session that comes back loses its connection in the middle of an answer. */
  async fetchAgain () {
    for (;;) {
      try {
        return await this.fetch()
      } catch (error) {
        if (/** @type {any} */ (error).code !== 'ECONNLOST' || this.session.imap.state !== 'authenticated') throw error
      }
    }
  }

  /** @returns {Promise<number>} how many new mails there were */
  async fetch () {
    const request = this.session.imap.fetch(`${this.lastUid + 1}:*`, { envelope: true })
    /** @type {any[]} */
    const found = []
    await this.session.fetched('fetching new mail', request, (message) => {
      message.once('attributes', (attributes) => found.push(attributes))
    })
    // `*` is the last message also when its UID is lower (RFC 3501 section 6.4.8).
    const fresh = found.filter(({ uid }) => uid > this.lastUid).sort((a, b) => a.uid - b.uid)
    for (const { uid, date, envelope } of fresh) {
      this.lastUid = uid
      const { at, time } = this.waiting.shift() || { at: Number(process.hrtime.bigint()) / 1e6, time: new Date() }
      await this.onMail({ uid, at, time, date, envelope })
    }
    return fresh.length
  }
}

module.exports = { Listener }
