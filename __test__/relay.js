// @ts-check
'use strict'

// A network between a client and its server: counts the connections, cuts them, swallows or holds
// back what they say.

const { once } = require('node:events')
const net = require('node:net')

const { reset: resetSocket } = require('./server/link')

class Relay {
  /**
   * @param {{ after: (hook: () => void) => void }} t what it ends with, of node:test
   * @param {number} port of the server, on 127.0.0.1
   */
  static async start (t, port) {
    const relay = new Relay(port)
    await relay.accept()
    t.after(() => relay.stop())
    return relay
  }

  /** @param {number} port of the server, on 127.0.0.1 */
  constructor (port) {
    this.target = port
    this.port = 0
    /** The clients' sockets that are open, with the server's side of each. @type {Map<net.Socket, net.Socket>} */
    this.open = new Map()
    /** Those whose bytes go nowhere. @type {Set<net.Socket>} */
    this.lost = new Set()
    this.accepted = 0
    /** The most that were open at once. */
    this.most = 0
    this.listener = net.createServer((client) => this.serve(client))
  }

  /** Listens, on the same port as before. */
  async accept () {
    this.listener.listen(this.port, '127.0.0.1')
    await once(this.listener, 'listening')
    this.port = /** @type {net.AddressInfo} */ (this.listener.address()).port
  }

  /** Cuts what is open. @param {boolean} [reset] with RST instead of FIN */
  cut (reset = false) {
    for (const [client, server] of this.open) {
      if (reset) {
        this.open.delete(client)
        resetSocket(client)
        continue
      }
      // What it still says must be read: a socket that is closed with unread data says RST.
      server.unpipe(client)
      client.unpipe(server).resume().end()
    }
  }

  /**
   * From now on nothing that is said on the open connections arrives, in either direction, though
   * each side believes it does; not even that the other side is gone.
   */
  blackhole () {
    for (const [client, server] of this.open) {
      this.lost.add(client)
      for (const socket of [client, server]) socket.unpipe().resume()
    }
  }

  /** Holds back what is said on the open connections, in either direction; gives what lets it go on. */
  hold () {
    const held = [...this.open]
    for (const pair of held) for (const socket of pair) socket.unpipe().pause()
    return () => {
      for (const [client, server] of held) {
        client.pipe(server)
        server.pipe(client)
      }
    }
  }

  /** Ends what is open, and connections are refused until `accept`. */
  stop () {
    this.listener.close()
    for (const pair of this.open) for (const socket of pair) socket.destroy()
  }

  /** @param {net.Socket} client */
  serve (client) {
    const server = net.connect(this.target, '127.0.0.1')
    this.accepted++
    this.open.set(client, server)
    // What its client has left before may be heard of in the same turn.
    setImmediate(() => { this.most = Math.max(this.most, this.open.size) })
    for (const [one, other] of [[client, server], [server, client]]) {
      one.setNoDelay(true)
      one.on('error', () => {})
      one.on('close', () => {
        if (this.lost.has(client)) return
        this.open.delete(client)
        other.destroy()
      })
      one.pipe(other)
    }
    for (const gone of ['end', 'error', 'close']) client.on(gone, () => this.open.delete(client))
  }
}

module.exports = { Relay }
