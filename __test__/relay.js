// @ts-check
'use strict'

const { once } = require('node:events')
const net = require('node:net')

/** Stands between a client and its server, and counts and cuts the connections. */
class Relay {
  /**
   * @param {import('node:test').TestContext} t
   * @param {number} port of the server
   */
  static async start (t, port) {
    const relay = new Relay(port)
    await relay.accept()
    t.after(() => relay.stop())
    return relay
  }

  /** @param {number} port */
  constructor (port) {
    /** The clients' sockets that are open. @type {Set<net.Socket>} */
    this.open = new Set()
    this.accepted = 0
    this.port = 0
    /** The most that were open at once. */
    this.most = 0
    this.listener = net.createServer((client) => {
      this.accepted++
      this.open.add(client)
      this.most = Math.max(this.most, this.open.size)
      const server = net.connect(port, '127.0.0.1')
      for (const [one, other] of [[client, server], [server, client]]) {
        one.on('error', () => {})
        one.on('close', () => other.destroy())
        one.pipe(other)
      }
      client.on('close', () => this.open.delete(client))
    })
  }

  /** Listens, on the same port as before. */
  async accept () {
    this.listener.listen(this.port, '127.0.0.1')
    await once(this.listener, 'listening')
    this.port = /** @type {net.AddressInfo} */ (this.listener.address()).port
  }

  /** Cuts what is open. @param {boolean} [reset] with RST instead of FIN */
  cut (reset = false) {
    for (const client of this.open) reset ? client.resetAndDestroy() : client.destroy()
  }

  /** Cuts what is open, and connections are refused until `accept`. */
  stop () {
    this.listener.close()
    this.cut()
  }
}

module.exports = { Relay }
