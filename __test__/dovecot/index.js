// @ts-check
'use strict'

// A Dovecot for tests: its own folder, ports and users, gone with the test that started it.

const { spawn } = require('node:child_process')
const crypto = require('node:crypto')
const { once } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')

const { PASSWORD } = require('../credentials')
const { pipelining } = require('../modes')
const { makeCertificate } = require('./certificate')
const { writeConfiguration } = require('./configuration')
const { ensureDovecot } = require('./install')
const { load } = require('./load')
const { ProcessGroup } = require('./processes')

const START_TIMEOUT_MS = 10_000
const STOP_TIMEOUT_MS = 3_000
const POLL_MS = 10
// Another process may take a free port between our look and Dovecot's bind.
const START_ATTEMPTS = 5
const TOKEN_LIFETIME_S = 3600

/** @typedef {import('./load').Message} Message */

/** A running Dovecot on loopback, with a TLS and a plain port. */
class Dovecot {
  /**
   * Starts a Dovecot and waits for its greeting. It ends with this process at the latest,
   * however this process ends.
   *
   * @param {object} [options]
   * @param {boolean} [options.tls] whether there are a TLS port and STARTTLS; they are by default
   * @param {{ [name: string]: string | number }} [options.settings] more lines for dovecot.conf,
   *   which win over those of the harness
   * @returns {Promise<Dovecot>} with one user, `user`, whose password is `secret`
   */
  static async start ({ tls = true, settings = {} } = {}) {
    const programs = ensureDovecot()
    for (let attempt = 1; ; attempt++) {
      const dovecot = new Dovecot(programs, tls, settings, await freePorts(2))
      try {
        await dovecot.#greeting()
        return dovecot
      } catch (error) {
        await dovecot.stop()
        if (attempt === START_ATTEMPTS || !String(error).includes('Address already in use')) throw error
      }
    }
  }

  #programs
  #configuration
  #group
  #users = new Set()
  #tokenKey = crypto.randomBytes(32)

  /**
   * @param {{ dovecot: string, doveadm: string }} programs
   * @param {boolean} tls
   * @param {Record<string, string | number>} settings
   * @param {number[]} ports
   * @private
   */
  constructor (programs, tls, settings, [port, tlsPort]) {
    this.#programs = programs
    /** Where all of it lives; `dovecot.log` is there. */
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'everimap-dovecot-'))
    /** Its name, which is in its greeting too. */
    this.name = path.basename(this.folder)
    /** The plain port. */
    this.port = port
    /** The TLS port, if there is TLS. @type {number | undefined} */
    this.tlsPort = tls ? tlsPort : undefined
    /** The certificate to trust, if there is TLS. @type {string | undefined} */
    this.ca = tls ? makeCertificate(this.folder) : undefined
    const { folder, name } = this
    this.#configuration = writeConfiguration({ folder, name, port, tlsPort: this.tlsPort, settings }, this.#tokenKey)
    this.user('user')
    this.#group = this.#launch()
  }

  /**
   * Adds a user, with an empty INBOX and the password `secret`.
   *
   * @param {string} name
   * @returns {string} the name
   */
  user (name) {
    if (!/^[\w.-]+$/.test(name)) throw new Error(`a user's name is of letters, digits, ".", "_", "-", not "${name}"`)
    if (this.#users.has(name)) throw new Error(`this Dovecot already has a user "${name}"`)
    this.#users.add(name)
    this.setPassword(name, PASSWORD)
    return name
  }

  /**
   * A user has this password from now on.
   *
   * @param {string} name
   * @param {string} password
   */
  setPassword (name, password) {
    // A file for each: Dovecot looks at a file's changes once a second only.
    fs.writeFileSync(path.join(this.folder, 'users', name), `${name}:{PLAIN}${password}::::::\n`)
  }

  /**
   * @param {string} [user]
   * @returns the options of a connection over TLS that trusts this Dovecot
   */
  options (user = 'user') {
    if (this.tlsPort === undefined) throw new Error('this Dovecot was started with tls: false; use plainOptions()')
    return { ...pipelining(), host: '127.0.0.1', port: this.tlsPort, tls: true, tlsOptions: { ca: this.ca }, user, password: PASSWORD }
  }

  /**
   * @param {string} [user]
   * @returns the options of a connection without TLS
   */
  plainOptions (user = 'user') {
    return { ...pipelining(), host: '127.0.0.1', port: this.port, tls: false, user, password: PASSWORD }
  }

  /**
   * @param {string} user
   * @param {{ expiresIn?: number }} [options] seconds from now, negative for a token that expired
   * @returns {string} the `xoauth2` option: an initial response whose bearer token this Dovecot
   *   itself can verify (RFC 7519, HS256)
   */
  xoauth2 (user, { expiresIn = TOKEN_LIFETIME_S } = {}) {
    const now = Math.floor(Date.now() / 1000)
    const claims = { sub: user, email: user, iat: now - 2 * TOKEN_LIFETIME_S, exp: now + expiresIn }
    const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    const signature = crypto.createHmac('sha256', this.#tokenKey).update(signed).digest('base64url')
    return Buffer.from(`user=${user}\x01auth=Bearer ${signed}.${signature}\x01\x01`).toString('base64')
  }

  /**
   * Runs `doveadm`; a Buffer as the last argument is its standard input.
   *
   * @param {...(string | Buffer)} args
   * @returns {Promise<string>} what it printed
   */
  async doveadm (...args) {
    const input = Buffer.isBuffer(args.at(-1)) ? args.pop() : ''
    const child = spawn(this.#programs.doveadm, ['-c', this.#configuration, .../** @type {string[]} */ (args)])
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text) => { output += text })
    child.stderr.setEncoding('utf8').on('data', (text) => { errors += text })
    child.stdin.on('error', () => {}) // it may end without reading; its status says why
    child.stdin.end(input)
    const [status] = await once(child, 'close')
    if (status !== 0) throw new Error(`doveadm ${args.join(' ')} ended with ${status}: ${errors}`)
    return output
  }

  /**
   * Delivers a message from outside of any connection.
   *
   * @param {string} user
   * @param {string} mailbox in UTF-8; must exist
   * @param {Buffer | string} raw
   */
  async save (user, mailbox, raw) {
    await this.doveadm('save', '-u', user, '-m', mailbox, Buffer.from(raw))
  }

  /**
   * Appends many or large messages quickly.
   *
   * @param {string} user
   * @param {string} mailbox in modified UTF-7; must exist
   * @param {Iterable<Message>} messages
   * @returns {Promise<number[]>} their UIDs
   */
  async fill (user, mailbox, messages) {
    return load({ port: this.port, user, password: PASSWORD }, mailbox, messages)
  }

  /**
   * Ends all of its processes in an orderly way: its clients read BYE. Mail and ports stay, for
   * `resume`; `stop` is still to be called.
   */
  async halt () {
    this.#group.signal('SIGTERM')
    if (!await this.#group.gone(STOP_TIMEOUT_MS)) await this.kill()
  }

  /** Starts it again after `halt` or `kill`, and waits for its greeting. */
  async resume () {
    const former = this.#group
    this.#group = this.#launch()
    former.release()
    await this.#greeting()
  }

  /** Stops all of its processes where they are; the kernel still acknowledges what clients send. */
  freeze () {
    this.#group.signal('SIGSTOP')
  }

  /** They go on. */
  thaw () {
    this.#group.signal('SIGCONT')
  }

  /** Ends all of its processes with SIGKILL, as a crash does; `stop` is still to be called. */
  async kill () {
    this.#group.signal('SIGKILL')
    if (!await this.#group.gone(STOP_TIMEOUT_MS)) throw new Error(`Dovecot ${this.#group.id} survives SIGKILL`)
  }

  /** Ends all of its processes in an orderly way and removes its folder. */
  async stop () {
    await this.halt()
    fs.rmSync(this.folder, { recursive: true, force: true })
    this.#group.release()
  }

  #launch () {
    return new ProcessGroup(this.#programs.dovecot, ['-F', '-c', this.#configuration], this.folder)
  }

  /** Waits for a greeting that has our name: another Dovecot may have got our port. */
  async #greeting () {
    const deadline = Date.now() + START_TIMEOUT_MS
    while (!(await firstLine(this.port)).includes(this.name)) {
      const why = this.#group.ended ?? (Date.now() > deadline ? `no greeting in ${START_TIMEOUT_MS} ms` : undefined)
      if (why !== undefined) throw new Error(`Dovecot does not start: ${why}\n${this.#log()}`)
      await delay(POLL_MS)
    }
  }

  #log () {
    const file = path.join(this.folder, 'dovecot.log')
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '(it logged nothing)'
  }
}

/**
 * @param {number} port
 * @returns {Promise<string>} the first line a server there says, '' if there is none
 */
async function firstLine (port) {
  const socket = net.connect(port, '127.0.0.1').setEncoding('latin1')
  let text = ''
  try {
    for await (const chunk of socket) {
      text += chunk
      if (text.includes('\n')) break
    }
  } catch {
    return ''
  }
  return text
}

/**
 * @param {number} count
 * @returns {Promise<number[]>} ports of loopback that nobody listens on
 */
async function freePorts (count) {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }))
  return Promise.all(servers.map(async (server) => {
    const { port } = /** @type {net.AddressInfo} */ (server.address())
    server.close()
    await once(server, 'close')
    return port
  }))
}

module.exports = { Dovecot }
