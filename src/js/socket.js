// @ts-check
'use strict'

// `_sock`: the socket of a connection as node-imap's users know it (contract section 1.4). The
// real one belongs to the addon; this tells what is known of it, and can end it.

const { EventEmitter } = require('node:events')
const { emitGuarded } = require('./errors')

/**
 * Emits `connect`, `secureConnect`, `end` and `close(hadError)`, each after the event of the
 * connection that it belongs to, and `error` if somebody listens. What cannot be known has no
 * property, and what cannot be done has no method.
 */
class Socket extends EventEmitter {
  #end

  /** @param {(error?: Error) => void} end ends the connection at once */
  constructor (end) {
    super()
    this.#end = end
    this.connecting = true
    this.readable = true
    this.writable = true
    this.destroyed = false
    /** The server's IP address, from `connect` on. @type {string | undefined} */
    this.remoteAddress = undefined
    /** @type {'IPv4' | 'IPv6' | undefined} */
    this.remoteFamily = undefined
    /** @type {number | undefined} */
    this.remotePort = undefined
    /** @type {true | undefined} */
    this.encrypted = undefined
    /** The TCP socket under TLS. @type {Socket | null} */
    this._parent = null
  }

  /**
   * Ends the connection at once: it emits `close`, and `error` before if one is given.
   * @param {Error} [error]
   */
  destroy (error) {
    if (this.destroyed) return this
    finish(this)
    this.#end(error)
    return this
  }

  /** Ends the connection at once, in good order. */
  end () {
    return this.destroy()
  }

  /** Keepalive is always on. */
  setKeepAlive () {
    return this
  }

  /** Nothing is ever delayed. */
  setNoDelay () {
    return this
  }
}

/**
 * TCP is up.
 * @param {Socket} socket
 * @param {string | null} address the server's
 * @param {number} port
 */
function open (socket, address, port) {
  socket.connecting = false
  if (address === null) return
  socket.remoteAddress = address
  socket.remoteFamily = address.includes(':') ? 'IPv6' : 'IPv4'
  socket.remotePort = port
}

/**
 * TLS is up.
 * @param {Socket} socket
 */
function encrypt (socket) {
  const parent = new Socket((error) => socket.destroy(error))
  const { connecting, remoteAddress, remoteFamily, remotePort } = socket
  Object.assign(parent, { connecting, remoteAddress, remoteFamily, remotePort })
  socket.encrypted = true
  socket._parent = parent
}

/**
 * The connection was lost, and the session makes another one.
 * @param {Socket} socket
 */
function reconnect (socket) {
  socket.connecting = true
  socket.remoteAddress = socket.remoteFamily = socket.remotePort = socket.encrypted = undefined
  socket._parent = null
}

/**
 * Nothing can be sent any more.
 * @param {Socket} socket
 */
function shut (socket) {
  socket.writable = false
  if (socket._parent) shut(socket._parent)
}

/**
 * It is over.
 * @param {Socket} socket
 */
function finish (socket) {
  socket.connecting = socket.readable = socket.writable = false
  socket.destroyed = true
  if (socket._parent) finish(socket._parent)
}

/**
 * Tells of an error. It is no crash that nobody listens: the connection has said so, or the program
 * has taken the connection's listener away.
 * @param {Socket} socket
 * @param {Error} error
 */
function fail (socket, error) {
  if (socket.listenerCount('error') > 0) emitGuarded(socket, 'error', error)
}

module.exports = { Socket, encrypt, fail, finish, open, reconnect, shut }
