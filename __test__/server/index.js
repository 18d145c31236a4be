// @ts-check
'use strict'

const net = require('node:net')
const tls = require('node:tls')
const { PASSWORD } = require('../credentials')
const { pipelining } = require('../modes')
const { certificate, authority } = require('./certificate')
const { Connection } = require('./connection')
const { Fault } = require('./faults')
const { Account } = require('./store')
const { TraceServer } = require('./trace')
const { Waiters } = require('./waiters')

/** @typedef {import('./faults').Rule} Rule */

/**
 * @typedef {object} Settings
 * @property {boolean | 'starttls'} [tls] `true`: TLS from the first byte; `'starttls'`: plain, STARTTLS offered. Default false.
 * @property {Record<string, { password?: string, tokens?: string[], mailboxes?: any[] }>} [accounts]
 *   default: user `user`, password `secret`, mailboxes INBOX, Archive, Drafts, Sent, Trash
 * @property {string[]} [capabilities] default: all of `Server.CAPABILITIES`. What is not listed is not understood either.
 * @property {boolean} [loginDisabled] LOGINDISABLED is announced, and LOGIN refused, until TLS
 * @property {string} [greeting] instead of the usual one; `* BYE ...` closes, `* PREAUTH ...` logs the first account in
 * @property {string} [delimiter] default `/`
 * @property {Record<string, string>} [id] more fields for the answer to ID
 * @property {{ key: string, cert: string, ca?: string }} [certificate] default: a self-signed one for localhost
 * @property {number} [port] default: any free one
 * @property {string} [host] the address to listen on. Default 127.0.0.1.
 * @property {boolean} [record] whether client lines are kept. Default true.
 * @property {(direction: 'C' | 'S', text: string) => void} [log]
 */

/** What the server can do, in the order it says so. */
const CAPABILITIES = [
  'IMAP4rev1', 'LITERAL+', 'SASL-IR', 'ID', 'ENABLE', 'IDLE', 'NAMESPACE', 'UNSELECT', 'CHILDREN', 'SPECIAL-USE', 'XLIST',
  'UIDPLUS', 'MOVE', 'CONDSTORE', 'AUTH=PLAIN', 'AUTH=LOGIN', 'AUTH=XOAUTH2', 'AUTH=XOAUTH'
]

const HOST = '127.0.0.1'

/** An IMAP4rev1 server in memory, for tests. */
class Server {
  /**
   * Starts a server on a free port of 127.0.0.1.
   *
   * @param {Settings} [settings]
   * @returns {Promise<Server>}
   */
  static async start (settings = {}) {
    const server = new Server(settings)
    await server.accept()
    return server
  }

  /**
   * Starts a server that plays a script of `C:` and `S:` lines (see trace.js).
   *
   * @param {string | string[]} script one for each connection, in the order they come
   * @param {import('./trace').TraceOptions} [options]
   * @returns {Promise<TraceServer>}
   */
  static trace (script, options = {}) {
    return TraceServer.start(script, options)
  }

  /** @param {Settings} settings */
  constructor (settings) {
    this.settings = settings
    this.host = settings.host ?? HOST
    this.port = settings.port ?? 0
    const own = settings.certificate ?? (settings.tls ? certificate() : undefined)
    /** What a client has to trust, as PEM; undefined without TLS. */
    this.ca = own?.ca ?? own?.cert
    this.secureContext = own && tls.createSecureContext({ key: own.key, cert: own.cert })
    this.offered = new Set((settings.capabilities ?? CAPABILITIES).map((name) => name.toUpperCase()))
    const accounts = Object.entries(settings.accounts ?? { user: {} })
    this.accounts = new Map(accounts.map(([user, options]) => {
      return [user, new Account(user, options, settings.delimiter ?? '/')]
    }))
    /** Live connections, oldest first. @type {Connection[]} */
    this.connections = []
    /** Every line (text) and literal (buffer) of every client, in order. @type {(string | Buffer)[]} */
    this.lines = []
    /** How many connections were ever accepted. */
    this.accepted = 0
    /** What every login is refused with, while it is set. @type {string | undefined} */
    this.refusal = undefined
    /** @type {Connection[]} accepted and not yet given out by `connection()` */
    this.fresh = []
    /** @type {Fault[]} */
    this.faults = []
    this.waiters = new Waiters(() => this.lines)
    this.listener = net.createServer({ allowHalfOpen: true }, (socket) => this.serve(socket))
  }

  /** For `new Imap(...)`: where the server is, how to reach it, and the first account's password. */
  get options () {
    const { value: account } = this.accounts.values().next()
    return {
      ...pipelining(),
      host: this.host,
      port: this.port,
      user: account?.user ?? 'user',
      password: account?.password ?? PASSWORD,
      tls: this.settings.tls === true,
      ...(this.settings.tls === 'starttls' ? { autotls: 'always' } : {}),
      ...(this.ca === undefined ? {} : { tlsOptions: { ca: this.ca } })
    }
  }

  /** @param {string} [user] default: the first account @returns {Account} */
  account (user = this.accounts.keys().next().value) {
    const account = this.accounts.get(user ?? '')
    if (account === undefined) {
      throw new RangeError(`No account ${user}; there are: ${[...this.accounts.keys()].join(', ')}`)
    }
    return account
  }

  /** The first account's INBOX. */
  get inbox () {
    return this.account().mailbox('INBOX')
  }

  /**
   * Puts a fault in force (see faults.js) on all connections, now and later; with no condition it happens at once.
   *
   * @param {Rule} rule
   * @returns {Fault} with `cancel()`, `count`, and the promise `fired`
   */
  fault (rule) {
    const fault = new Fault(rule)
    if (fault.immediate) {
      fault.left = Infinity
      for (const connection of [...this.connections]) fault.fire(connection)
      return fault
    }
    this.faults.push(fault)
    for (const connection of this.connections) connection.arm(fault)
    return fault
  }

  /**
   * The next accepted connection not yet given out; those that came before the call count.
   *
   * @param {{ timeout?: number }} [options] milliseconds
   * @returns {Promise<Connection>}
   */
  connection (options) {
    return this.waiters.wait(() => this.fresh.shift(), 'a connection', options)
  }

  /**
   * Resolves when the predicate gives a true value (with that value), looked at after everything that happens; or,
   * given a word, at the next event of that kind.
   *
   * @template T
   * @param {((server: Server) => T) | 'line' | 'connection' | 'close'} what
   * @param {{ timeout?: number }} [options] milliseconds
   * @returns {Promise<T>}
   */
  waitFor (what, options) {
    if (typeof what === 'function') {
      return this.waiters.wait(() => /** @type {any} */ (what(this)) || undefined, String(what), options)
    }
    const before = this.events[what]
    return this.waiters.wait(() => /** @type {any} */ (this.events[what] > before), `the event ${what}`, options)
  }

  /** Listens, on the same port as before; after `refuse()`. */
  async accept () {
    await /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
      this.listener.once('error', reject)
      this.listener.listen(this.port, this.host, () => {
        this.listener.removeListener('error', reject)
        resolve()
      })
    }))
    this.port = /** @type {net.AddressInfo} */ (this.listener.address()).port
  }

  /** Stops listening: new connections are refused, those that live go on. */
  refuse () {
    this.listener.close()
  }

  /** Closes everything; resolves when the port is free. @returns {Promise<void>} */
  async stop () {
    const closed = this.listener.listening
      ? new Promise((resolve) => this.listener.close(resolve))
      : undefined
    for (const connection of [...this.connections]) {
      connection.socket.destroy()
      connection.raw.destroy()
    }
    await closed
    await Promise.all(this.connections.map((connection) => connection.ended))
    this.waiters.fail('the server was stopped')
  }

  /** @param {{ secure: boolean, authenticated: boolean }} state @returns {string[]} */
  capabilities ({ secure, authenticated }) {
    const plain = this.settings.tls === 'starttls' && !secure
    const hidden = (/** @type {string} */ name) => authenticated && name.startsWith('AUTH=')
    const out = [...new Set(['IMAP4REV1', ...this.offered])].filter((name) => !hidden(name) && name !== 'LOGINDISABLED')
    if (plain && !authenticated) out.push('STARTTLS')
    const disabled = this.settings.loginDisabled || this.offered.has('LOGINDISABLED')
    if (disabled && !secure && !authenticated) out.push('LOGINDISABLED')
    return out.map((name) => name === 'IMAP4REV1' ? 'IMAP4rev1' : name)
  }

  events = { line: 0, connection: 0, close: 0 }

  /** @param {net.Socket} socket */
  serve (socket) {
    const connection = new Connection(socket, this, {
      secureContext: this.secureContext,
      record: this.settings.record ?? true,
      log: this.settings.log,
      observe: (link, event, line) => this.observe(link, event, line)
    })
    this.accepted++
    this.connections.push(connection)
    this.fresh.push(connection)
    if (this.settings.tls === true) connection.startTls()
    for (const fault of this.faults) connection.arm(fault, true)
    this.observe(connection, 'connection')
    connection.run().catch((error) => {
      // A bug of the peer must not look like a fault of the client under test.
      connection.bye(`Internal error: ${error.message}`)
      process.emitWarning(error)
    })
  }

  /** @param {unknown} link @param {string} event @param {string | Buffer} [line] */
  observe (link, event, line) {
    this.events[/** @type {'line'} */ (event)]++
    if (line !== undefined && (this.settings.record ?? true)) this.lines.push(line)
    if (event === 'close') this.connections = this.connections.filter((connection) => connection !== link)
    this.waiters.check()
  }
}

Server.CAPABILITIES = CAPABILITIES

module.exports = { Server, certificate, authority }
