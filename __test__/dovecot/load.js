// @ts-check
'use strict'

const { once } = require('node:events')
const net = require('node:net')

const APPEND_BATCH = 1000

/**
 * @typedef {Buffer | string | { raw: Buffer | string, flags?: string[] }} Message a whole message
 *   with CRLF line ends, with flags (`\Seen`) if it is an object
 */

/**
 * Appends messages over one plain IMAP connection: RFC 3502 (MULTIAPPEND), so that a thousand
 * messages cost one round trip, with the literals of RFC 7888 (LITERAL+).
 *
 * @param {{ port: number, user: string, password: string }} login
 * @param {string} mailbox must exist; sent in double quotes, so in modified UTF-7
 * @param {Iterable<Message>} messages
 * @returns {Promise<number[]>} their UIDs
 */
async function load (login, mailbox, messages) {
  const connection = new Connection(login.port)
  try {
    await connection.answer('*')
    await connection.command(`LOGIN ${quoted(login.user)} ${quoted(login.password)}`)
    const uids = []
    let batch = []
    for (const message of messages) {
      batch.push(message)
      if (batch.length < APPEND_BATCH) continue
      uids.push(...await append(connection, mailbox, batch))
      batch = []
    }
    if (batch.length > 0) uids.push(...await append(connection, mailbox, batch))
    return uids
  } finally {
    connection.socket.destroy()
  }
}

/** The least of an IMAP client: one command at a time, its tagged answer. */
class Connection {
  /** @param {number} port */
  constructor (port) {
    this.socket = net.connect(port, '127.0.0.1')
    this.received = this.socket.setEncoding('latin1')[Symbol.asyncIterator]()
    this.pending = ''
    this.tags = 0
  }

  /** @param {string} line */
  async command (line) {
    const tag = `L${this.tags++}`
    await this.write(`${tag} ${line}\r\n`)
    return this.answer(tag)
  }

  /** @param {string | Buffer} data */
  async write (data) {
    if (!this.socket.write(data)) await once(this.socket, 'drain')
  }

  /**
   * @param {string} tag
   * @returns {Promise<string>} the line that begins with the tag
   */
  async answer (tag) {
    for (;;) {
      const end = this.pending.indexOf('\r\n')
      if (end === -1) {
        const { value, done } = await this.received.next()
        if (done) throw new Error(`Dovecot closed the connection before it answered ${tag}`)
        this.pending += value
        continue
      }
      const line = this.pending.slice(0, end)
      this.pending = this.pending.slice(end + 2)
      if (!line.startsWith(`${tag} `)) continue
      if (!line.startsWith(`${tag} OK`)) throw new Error(`Dovecot answered: ${line}`)
      return line
    }
  }
}

/**
 * @param {Connection} connection
 * @param {string} mailbox
 * @param {Message[]} messages
 */
async function append (connection, mailbox, messages) {
  const tag = `L${connection.tags++}`
  await connection.write(`${tag} APPEND ${quoted(mailbox)}`)
  for (const message of messages) {
    const { raw, flags = [] } = typeof message === 'string' || Buffer.isBuffer(message) ? { raw: message } : message
    await connection.write(` (${flags.join(' ')}) {${Buffer.byteLength(raw)}+}\r\n`)
    await connection.write(raw)
  }
  await connection.write('\r\n')
  const line = await connection.answer(tag)
  // RFC 4315: [APPENDUID uidvalidity uid-set]
  const set = /\[APPENDUID \d+ ([\d:,]+)\]/.exec(line)
  if (!set) throw new Error(`no APPENDUID in: ${line}`)
  return set[1].split(',').flatMap((range) => {
    const [first, last = first] = range.split(':').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/** @param {string} text */
function quoted (text) {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

module.exports = { load }
