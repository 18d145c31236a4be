// @ts-check
'use strict'

// How far a client is with what the server has sent. It is the same for both, and no matter of
// luck: a byte that is to be alone waits until the byte before is dealt with, and so does a reset.

/**
 * What is known of a connection: of npm imap's its socket, another one after STARTTLS; of everimap's
 * its link, which counts on.
 *
 * @typedef {{ source: any, before: number }} Intake with the bytes that came before those that the source counts
 */

/** Follows the connections of one client. */
class Intakes {
  /** @param {{ sourceOf: (imap: any) => any, isDone: (source: any, bytes: number) => boolean }} ways of the implementation */
  constructor (ways) {
    this.ways = ways
    /** @type {any} */
    this.client = undefined
    /** @type {Intake[]} in the order of the connections */
    this.connections = []
  }

  /**
   * @param {number} connection counted from 0
   * @param {number} bytes
   * @returns {boolean} whether so many bytes of the connection were dealt with, or nobody does any more
   */
  isTaken (connection, bytes) {
    const isLast = connection >= this.connections.length - 1
    const source = isLast && this.ways.sourceOf(this.client)
    const intake = this.connections[connection] ??= { source, before: 0 }
    // With the line that has it begin with TLS, a client is done with what comes in clear text.
    if (isLast && source !== intake.source) Object.assign(intake, { source, before: bytes })
    return this.ways.isDone(intake.source, bytes - intake.before)
  }
}

/** npm imap reads in this thread: what its socket has read was dealt with on the next tick. */
const ofSocket = {
  sourceOf: (/** @type {any} */ imap) => imap._sock,
  isDone: (/** @type {any} */ socket, /** @type {number} */ bytes) => socket.destroyed || socket.bytesRead >= bytes
}

/** everimap reads in another thread: it has dealt with bytes when what came of them was dispatched. */
const ofLink = {
  sourceOf: (/** @type {any} */ imap) => imap._lastLink(),
  isDone: (/** @type {any} */ link, /** @type {number} */ bytes) => {
    const [, , , , received, , isPulling] = link.native.activity()
    return !link.isOpen || (received >= bytes && !isPulling && !link.isScheduled)
  }
}

module.exports = { Intakes, ofLink, ofSocket }
