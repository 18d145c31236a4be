// @ts-check
'use strict'

const { coded } = require('./errors')

/** @typedef {(error?: Error, ...results: any[]) => void} Callback */

/**
 * MOVE for servers without it (contract section 3.6): copy, mark as deleted, expunge. With UIDPLUS
 * only the messages themselves are expunged; otherwise those that were marked before lose their
 * mark for a moment. The first step that fails ends the chain.
 * @param {any} connection
 * @param {boolean} uid
 * @param {any} source
 * @param {string} mailbox
 * @param {Callback} [callback]
 */
function emulateMove (connection, uid, source, mailbox, callback) {
  const { permFlags, flags } = connection._box
  if (!permFlags.includes('\\Deleted') && !flags.includes('\\Deleted')) {
    throw coded('EUNSUPPORTED', new Error('Cannot move message: server does not allow deletion of messages'))
  }
  const messages = uid ? connection : connection.seq
  // The program may change its array while we are at it; every step means the same messages.
  const set = Array.isArray(source) ? source.slice() : source
  /** @type {any} */
  let newUids
  const done = (/** @type {Error | undefined} */ error) => {
    if (callback) callback.call(connection, error, newUids)
  }
  /** @param {(result: any) => void} next */
  const then = next => (/** @type {Error | undefined} */ error, /** @type {any} */ result) => {
    if (error) done(error)
    else next(result)
  }

  messages.copy(set, mailbox, then(uids => {
    newUids = uids
    if (uid && connection.serverSupports('UIDPLUS')) {
      messages.addFlags(set, '\\Deleted', then(() => connection.expunge(set, done)))
    } else {
      connection.search(['DELETED'], then(marked => aside(marked)))
    }
  }))

  /** @param {number[]} marked what was marked before */
  function aside (marked) {
    const expunge = () => messages.addFlags(set, '\\Deleted', then(() => {
      connection.expunge(then(() => {
        if (marked.length > 0) connection.addFlags(marked, '\\Deleted', done)
        else done(undefined)
      }))
    }))
    if (marked.length > 0) connection.delFlags(marked, '\\Deleted', then(expunge))
    else expunge()
  }
}

module.exports = { emulateMove }
