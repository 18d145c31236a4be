// @ts-check
'use strict'

const net = require('node:net')
const tls = require('node:tls')

/** A raw client for the peer's own tests: sends bytes, waits for bytes. */
class Wire {
  /**
   * @param {import('node:test').TestContext} t
   * @param {{ host: string, port: number }} server
   * @param {object} [options] for net.connect
   * @returns {Promise<Wire>}
   */
  static async open (t, server, options = {}) {
    const socket = net.connect({ host: server.host, port: server.port, ...options })
    t.after(() => socket.destroy())
    const wire = new Wire(socket)
    await new Promise((resolve) => socket.once('connect', resolve))
    return wire
  }

  /** @param {net.Socket} socket */
  constructor (socket) {
    /** @type {net.Socket} */
    this.socket = socket
    /** @type {Buffer[]} */
    this.chunks = []
    this.seen = 0
    this.tags = 0
    /** @type {() => void} */
    this.wake = () => {}
    this.watch(socket)
  }

  /** Everything that came, one character a byte. */
  get all () {
    return Buffer.concat(this.chunks).toString('latin1')
  }

  /** @param {string | Buffer} data */
  send (data) {
    this.socket.write(data)
  }

  /**
   * What came since the last call, up to the end of the line that holds this text.
   *
   * @param {string} text
   * @returns {Promise<string>}
   */
  until (text) {
    return this.match(new RegExp(`${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}[^\\n]*${text.endsWith('\n') ? '' : '\\n'}`))
  }

  /**
   * What came since the last call, up to the end of what matches.
   *
   * @param {RegExp} pattern
   * @returns {Promise<string>}
   */
  async match (pattern) {
    for (;;) {
      const fresh = this.all.slice(this.seen)
      const found = pattern.exec(fresh)
      if (found !== null) {
        const end = found.index + found[0].length
        this.seen += end
        return fresh.slice(0, end)
      }
      if (this.over) throw new Error(`Waited for ${pattern}, the connection ended; came: ${fresh}`)
      await /** @type {Promise<void>} */ (new Promise((resolve) => { this.wake = resolve }))
    }
  }

  /**
   * Sends a command; gives its answer up to the tagged line.
   *
   * @param {string} command without a tag
   * @param {string} [tag]
   */
  ask (command, tag = `T${++this.tags}`) {
    this.send(`${tag} ${command}\r\n`)
    return this.match(new RegExp(`(?:^|\\n)${tag} [^\\n]*\\n`))
  }

  /** Goes on in TLS. @param {{ ca?: string }} server */
  async secure ({ ca }) {
    this.socket.removeAllListeners('data')
    const secured = tls.connect({ socket: this.socket, ca, servername: 'localhost' })
    this.socket = secured
    this.watch(secured)
    await new Promise((resolve, reject) => secured.once('secureConnect', resolve).once('error', reject))
  }

  /** @param {net.Socket} socket */
  watch (socket) {
    this.over = false
    socket.on('data', (chunk) => {
      this.chunks.push(chunk)
      this.wake()
    })
    /** Resolves at the end of the stream: undefined after FIN, the error otherwise. */
    this.ended = /** @type {Promise<Error | undefined>} */ (new Promise((resolve) => {
      socket.once('end', () => resolve(undefined)).once('error', resolve).once('close', () => {
        this.over = true
        this.wake()
        resolve(undefined)
      })
    }))
  }
}

module.exports = { Wire }
