// @ts-check
'use strict'

// How far a client is with what the server has sent. A byte that is to be alone waits until the byte
// before is dealt with, and so does a reset: what a client sees is the same each time.

/** @typedef {import('../server/outlet').Intake} Intake one of a connection that is over is done with everything */

/**
 * npm imap reads in this thread: with what its socket has read it is done before the next turn.
 *
 * @param {any} imap whose connection has just come
 * @returns {Intake}
 */
function ofSocket (imap) {
  const { _sock: socket } = imap
  return (bytes, clear) => {
    const secured = imap._sock._parent === socket ? imap._sock : undefined
    if (socket.destroyed || secured?.destroyed) return true
    // With the line that makes it begin with TLS, it is done with all that comes in clear text.
    return secured ? clear === 0 || secured.bytesRead >= bytes - clear : socket.bytesRead >= bytes
  }
}

/**
 * everimap reads in another thread: it is done with what it has read when this one has dispatched what came of it.
 *
 * @param {any} imap whose connection has just come
 * @returns {Intake}
 */
function ofLink (imap) {
  const link = imap._lastLink()
  const look = () => {
    const [, , , , received, , isPulling] = link.native.activity()
    return { received, isDone: !isPulling && !link.isScheduled }
  }
  const { received: before } = look()
  return (bytes) => {
    const { received, isDone } = look()
    return !link.isOpen || (isDone && received - before >= bytes)
  }
}

module.exports = { ofLink, ofSocket }
