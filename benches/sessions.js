// @ts-check
'use strict'

// A session of each library with a server of the benchmark, and a raw socket that only counts.

const net = require('node:net')
const tls = require('node:tls')

/**
 * Where a server of the benchmark is.
 * @typedef {object} Address
 * @property {number} port
 * @property {string} [ca] the certificate to trust; the port speaks TLS then
 * @property {string} user
 * @property {string} password
 */

/** What the last line of an answer takes at most: it may tell all capabilities. */
const TAGGED_BYTES = 1024

/**
 * everimap or npm imap, `ready`.
 * @param {any} Imap
 * @param {Address} address
 * @param {object} [config] more options
 * @returns {Promise<any>}
 */
function ready (Imap, { port, ca, user, password }, config) {
  return new Promise((resolve, reject) => {
    const tlsOptions = ca === undefined ? undefined : { ca }
    const imap = new Imap({ user, password, host: '127.0.0.1', port, tls: ca !== undefined, tlsOptions, ...config })
    imap.once('error', reject)
    imap.once('ready', () => resolve(imap))
    imap.connect()
  })
}

/**
 * The same with INBOX opened for reading.
 * @param {any} Imap
 * @param {Address} address
 * @param {object} [config]
 * @returns {Promise<any>}
 */
async function opened (Imap, address, config) {
  const imap = await ready(Imap, address, config)
  await new Promise((resolve, reject) => {
    imap.openBox('INBOX', true, (/** @type {any} */ error) => error ? reject(error) : resolve(null))
  })
  return imap
}

/**
 * imapflow, logged in.
 * @param {Address} address
 * @param {object} [config]
 */
async function flow ({ port, ca, user, password }, config) {
  const client = new (npm('imapflow').ImapFlow)({
    host: '127.0.0.1',
    port,
    secure: ca !== undefined,
    ...(ca === undefined ? { doSTARTTLS: false } : { tls: { ca } }),
    auth: { user, pass: password },
    logger: false,
    ...config
  })
  await client.connect()
  return client
}

/** A socket that sends commands and looks at nothing but the end of what comes. */
class Drain {
  /**
   * Connects and logs in.
   * @param {Address} address
   */
  static async login (address) {
    const drain = new Drain(address)
    await drain.command(`A0 LOGIN ${address.user} ${address.password}`)
    return drain
  }

  /** @param {Address} address */
  constructor ({ port, ca }) {
    this.socket = ca === undefined ? net.connect(port, '127.0.0.1') : tls.connect({ port, host: '127.0.0.1', ca })
    /** What has come. */
    this.bytes = 0
  }

  /**
   * Sends lines and waits for the end of the answer to the last of them.
   * @param {string} lines
   * @returns {Promise<void>}
   */
  command (lines) {
    const [tag] = lines.slice(lines.lastIndexOf('\n') + 1).split(' ')
    const answered = this.until(`${tag} OK `)
    this.socket.write(lines + '\r\n')
    return answered
  }

  /**
   * @param {string} mark what one of the last lines begins with
   * @returns {Promise<void>}
   */
  until (mark) {
    const { socket } = this
    let tail = Buffer.alloc(0)
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.on('data', function take (bytes) {
        drain.bytes += bytes.length
        tail = bytes.length < TAGGED_BYTES ? Buffer.concat([tail, bytes]) : bytes
        tail = tail.subarray(-TAGGED_BYTES)
        if (!tail.includes(mark)) return
        socket.off('data', take).off('error', reject)
        resolve()
      })
      const drain = this
    })
  }
}

/** A package that only the benchmark needs. @param {string} name @returns {any} */
function npm (name) {
  return require(name)
}

module.exports = { Drain, flow, npm, opened, ready }
