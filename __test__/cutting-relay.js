// @ts-check
'use strict'

const { once } = require('node:events')
const net = require('node:net')

/**
 * Where a connection is cut: after so many bytes from the client (`up`) or from the server (`down`),
 * counted from when it is armed, or from the beginning of a connection that is made later.
 * @typedef {{ direction: 'up' | 'down', bytes: number }} Cut
 */

/** Stands between a client and its server, and cuts connections after an exact number of bytes. */
class CuttingRelay {
  /**
   * @param {number} port of the server
   */
  static async start (port) {
    const relay = new CuttingRelay(port)
    relay.listener.listen(0, '127.0.0.1')
    await once(relay.listener, 'listening')
    return relay
  }

  /** @param {number} port */
  constructor (port) {
    /** What is to be cut, once. @type {Cut | null} */
    this.cut = null
    /** How many bytes have passed since it was armed. */
    this.passed = { up: 0, down: 0 }
    /** How many cuts were made. */
    this.cuts = 0
    /** @type {Set<net.Socket>} */
    this.open = new Set()
    this.listener = net.createServer({ noDelay: true }, client => {
      const server = net.connect({ port, host: '127.0.0.1', noDelay: true })
      this.lead(client, server, 'up')
      this.lead(server, client, 'down')
    })
  }

  get port () {
    return /** @type {net.AddressInfo} */ (this.listener.address()).port
  }

  /**
   * Counts from here, and cuts after so many bytes.
   * @param {Cut | null} [cut]
   */
  arm (cut = null) {
    this.cut = cut
    this.passed = { up: 0, down: 0 }
    if (cut && cut.bytes === 0 && cut.direction === 'up') this.snap()
  }

  /** Cuts everything. */
  snap () {
    this.cut = null
    this.cuts++
    for (const socket of this.open) socket.destroy()
  }

  stop () {
    this.listener.close()
    for (const socket of this.open) socket.destroy()
  }

  /**
   * @param {net.Socket} from
   * @param {net.Socket} to
   * @param {'up' | 'down'} direction
   */
  lead (from, to, direction) {
    this.open.add(from)
    from.on('error', () => {})
    from.on('close', () => {
      this.open.delete(from)
      to.end()
    })
    from.on('data', bytes => {
      if (to.destroyed || to.writableEnded) return
      const { cut, passed } = this
      const left = cut && cut.direction === direction ? cut.bytes - passed[direction] : Infinity
      if (bytes.length < left) {
        passed[direction] += bytes.length
        to.write(bytes)
        return
      }
      // What came before arrives; who sent it hears no more.
      this.cut = null
      this.cuts++
      to.end(bytes.subarray(0, left))
      from.destroy()
    })
  }
}

module.exports = { CuttingRelay }
