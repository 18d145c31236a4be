// @ts-check
'use strict'

const { parseHeader } = require('../header')

/** How long connecting and looking may take in all, in milliseconds. */
const PATIENCE_MS = 30_000

/**
 * A look at the server through a connection of its own: read-only, so that nothing changes by it,
 * and apart, so that the program's mailbox stays open and nothing is announced twice.
 */
class Look {
  /**
   * Looks, and says what was found; `undefined` if the server cannot be asked.
   * @template T
   * @param {any} connection the program's
   * @param {(look: Look) => Promise<T>} find
   * @returns {Promise<T | undefined>}
   */
  static async at (connection, find) {
    // A connection looks through another one: each needs the other.
    const Connection = require('../connection')
    const { log, rotate, ...config } = connection._config
    const other = new /** @type {any} */ (Connection)({ ...config, reconnect: false, keepalive: false })
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    try {
      const lost = new Promise((resolve, reject) => {
        timer = setTimeout(reject, PATIENCE_MS, new Error('The server does not answer'))
        other.on('error', reject)
        other.on('close', () => reject(new Error('The server closed the connection')))
      })
      const found = ready(other).then(() => find(new Look(other)))
      return await Promise.race([found, /** @type {Promise<never>} */ (lost)])
    } catch (error) {
      return undefined
    } finally {
      clearTimeout(timer)
      other.end()
    }
  }

  /** @param {any} connection */
  constructor (connection) {
    this.connection = connection
  }

  /**
   * @param {string} method
   * @param {any[]} args
   * @returns {Promise<any>}
   */
  ask (method, ...args) {
    return new Promise((resolve, reject) => {
      this.connection[method](...args, (/** @type {Error | undefined} */ error, /** @type {any} */ result) => {
        if (error) reject(error)
        else resolve(result)
      })
    })
  }

  /**
   * Opens a mailbox for reading. Gives its facts, or `null` if the server says NO.
   * @param {string} name
   * @returns {Promise<any>}
   */
  async open (name) {
    try {
      return await this.ask('openBox', name, true)
    } catch (error) {
      if (/** @type {any} */ (error).type === 'no') return null
      throw error
    }
  }

  /**
   * The UIDs that match, in the mailbox that is open.
   * @param {any[]} criteria
   * @returns {Promise<number[]>}
   */
  search (criteria) {
    return this.ask('search', criteria)
  }

  /**
   * The attributes of messages by UID, in the mailbox that is open.
   * @param {any} set
   * @param {object} options
   * @returns {Promise<any[]>}
   */
  fetch (set, options) {
    return gather(this.connection.fetch(set, options))
  }
}

/** @param {any} connection */
function ready (connection) {
  return new Promise((resolve) => {
    connection.once('ready', resolve)
    connection.connect()
  })
}

/**
 * The attributes of the messages of a FETCH.
 * @param {any} fetch
 * @param {number} [most] rejects when there are more
 * @returns {Promise<any[]>}
 */
function gather (fetch, most = Infinity) {
  return new Promise((resolve, reject) => {
    /** @type {any[]} */
    const all = []
    fetch.on('message', (/** @type {any} */ message) => {
      message.on('attributes', (/** @type {any} */ attributes) => {
        if (all.length <= most) all.push(attributes)
      })
    })
    fetch.once('error', reject)
    fetch.once('end', () => all.length > most ? reject(new RangeError('Too many messages')) : resolve(all))
  })
}

/**
 * The Message-ID in the header of a message (RFC 5322 section 3.6.4).
 * @param {Buffer} message
 * @returns {string | undefined}
 */
function messageIdOf (message) {
  const end = message.indexOf('\r\n\r\n')
  const header = message.toString('latin1', 0, end < 0 ? message.length : end + 2)
  const [id] = parseHeader(header)['message-id'] || []
  return id && id.trim()
}

module.exports = { Look, gather, messageIdOf }
