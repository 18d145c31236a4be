// @ts-check
'use strict'

const { encodeCriteria } = require('../arguments')
const { requireBox } = require('../box')
const { FetchRequest } = require('../fetch')
const { gather } = require('./look')

/** Commands on more messages are not remembered: proving them would cost more than it is worth. */
const MAX_MESSAGES = 1000

/**
 * What is to be known before a command, so that it can be proven afterwards whether it was carried
 * out. Each part is missing when the server did not tell it.
 * @typedef {object} Memory
 * @property {{ uidvalidity: number, uidnext: number }} [target] where messages go to
 * @property {any[]} [sources] the messages that go there: UID, size, date, envelope
 * @property {number[]} [deleted] the UIDs of what is marked as deleted
 */

/** The requests that are remembered, and what of them. @type {Record<string, Array<'target' | 'sources' | 'deleted'>>} */
const PARTS = {
  append: ['target'],
  copy: ['target', 'sources'],
  move: ['target', 'sources'],
  expunge: ['deleted'],
  close: ['deleted']
}

/**
 * Asks for what must be known, in front of the command itself.
 * @param {any} connection
 * @param {any} link
 * @param {any} request
 * @returns {Memory}
 */
function remember (connection, link, request) {
  /** @type {Memory} */
  const memory = {}
  for (const part of PARTS[request.kind] || []) {
    // UID EXPUNGE names what is to go.
    if (part === 'deleted' && request.set !== undefined) continue
    asking[part](connection, link, request).then(
      (/** @type {any} */ value) => { memory[part] = value },
      // Without it there is less to be proven.
      () => {}
    )
  }
  return memory
}

/** @type {Record<'target' | 'sources' | 'deleted', (connection: any, link: any, request: any) => Promise<any>>} */
const asking = {
  target (connection, link, { mailbox }) {
    return new Promise((resolve, reject) => {
      const answer = new One((/** @type {any} */ box) => {
        if (box && box.uidnext > 0 && box.uidvalidity > 0) resolve({ uidvalidity: box.uidvalidity, uidnext: box.uidnext })
        else reject(new Error('The server does not tell the next UID'))
      }, reject)
      link.submit({ kind: 'status', mailbox }, answer)
    })
  },

  sources (connection, link, { uid, set }) {
    const answer = Object.assign(new FetchRequest(link), { isOurs: true })
    link.submit({ kind: 'fetch', uid, set, options: { envelope: true, size: true } }, answer)
    return gather(answer.emitter, MAX_MESSAGES)
  },

  deleted (connection, link) {
    return new Promise((resolve, reject) => {
      requireBox(connection)
      // An answer without data is an empty list.
      const answer = new One((/** @type {number[]} */ uids = []) => resolve(uids), reject)
      link.submit({ kind: 'search', uid: true, criteria: encodeCriteria(['DELETED']) }, answer)
    })
  }
}

/** Takes the one result of a request of our own. */
class One {
  /**
   * @param {(result: any) => void} resolve
   * @param {(error: Error) => void} reject
   */
  constructor (resolve, reject) {
    this.isOurs = true
    this.results = /** @type {any[]} */ ([])
    this.resolve = resolve
    this.reject = reject
  }

  restart () {
    this.results = []
  }

  succeed () {
    this.resolve(this.results[0])
  }

  /** @param {Error} error */
  fail (error) {
    this.reject(error)
  }

  /** @param {Error} error */
  lose (error) {
    this.reject(error)
  }
}

module.exports = { remember }
