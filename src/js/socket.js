// @ts-check
'use strict'

// `_sock`: the socket of a connection as node-imap's users know it (contract section 1.4). The
// real one belongs to the addon; this tells what is known of it, and can end it.

const { EventEmitter } = require('node:events')
const { emitGuarded } = require('./errors')

/** The TCP sockets that somebody has looked at. @type {WeakMap<Socket, Socket>} */
const parents = new WeakMap()

/**
 * Emits `connect`, `secureConnect`, `end` and `close(hadError)`, each after the event of the
 * connection that it belongs to, and `error` if somebody listens. What cannot be known has no
 * property, and what cannot be done has no method.
 */
class Socket extends EventEmitter {
  #owner

  /** @param {{ destroy(error?: Error): void }} owner whose destroy() ends the connection at once */
  constructor (owner) {
    super()
    this.#owner = owner
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
  }

  /** The TCP socket under TLS, made when somebody looks. @returns {any} */
  get _parent () {
    if (!this.encrypted) return null
    const parent = parents.get(this) || parentOf(this)
    parents.set(this, parent)
    return parent
  }

  /**
   * Ends the connection at once: it emits `close`, and `error` before if one is given.
   * @param {Error} [error]
   */
  destroy (error) {
    if (this.destroyed) return this
    finish(this)
    this.#owner.destroy(error)
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
  socket.encrypted = true
}

/**
 * The TCP socket under one that has TLS.
 * @param {Socket} socket
 */
function parentOf (socket) {
  const { connecting, readable, writable, destroyed, remoteAddress, remoteFamily, remotePort } = socket
  const state = { connecting, readable, writable, destroyed, remoteAddress, remoteFamily, remotePort }
  return Object.assign(new Socket(socket), state)
}

/**
 * The connection was lost, and the session makes another one.
 * @param {Socket} socket
 */
function reconnect (socket) {
  socket.connecting = true
  socket.remoteAddress = socket.remoteFamily = socket.remotePort = socket.encrypted = undefined
  parents.delete(socket)
}

/**
 * Nothing can be sent any more.
 * @param {Socket} socket
 */
function shut (socket) {
  socket.writable = false
  const parent = parents.get(socket)
  if (parent) shut(parent)
}

/**
 * It is over.
 * @param {Socket} socket
 */
function finish (socket) {
  socket.connecting = socket.readable = socket.writable = false
  socket.destroyed = true
  const parent = parents.get(socket)
  if (parent) finish(parent)
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
