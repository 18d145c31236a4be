// @ts-check
'use strict'

const assert = require('node:assert')
const net = require('node:net')
const tls = require('node:tls')
const { PASSWORD } = require('../credentials')
const { pipelining } = require('../modes')
const { certificate } = require('./certificate')
const { Link } = require('./link')
const { Waiters } = require('./waiters')

/**
 * A line of a script.
 *
 * - `S: text`   sends the text and CRLF; consecutive ones go out together
 * - `S+: text`  sends the text alone, with JavaScript escapes (`\r \n \t \0 \\ \xff \u00e9`; `\x` gives one byte)
 * - `C: text`   waits for this line; `C: *` for any; `C: /regexp/` for one that matches
 * - `X: end | cut | reset | half-close | stall | starttls | wait NAME`
 *
 * Empty lines and lines that begin with `#` are skipped; white space before the letter, too.
 * A literal the client announces as `{n}` is read after the next `S: +`, its `n` bytes and the rest of the line at once:
 * the `C:` that may follow is compared with the literal, with the rest, or with both together. The literal of
 * `{n+}` is read with its line, and `C:` is compared with the line up to it or with all of it (`\r\n` between).
 *
 * @typedef {{ kind: 'S' | 'S+' | 'C' | 'X', text: string, line: number }} Step
 */

/**
 * @typedef {object} TraceOptions
 * @property {import('./outlet').Split} [split] how the server's bytes are cut into writes
 * @property {number} [seed] for `split: 'random'`
 * @property {boolean} [tls] TLS from the first byte
 * @property {{ key: string, cert: string, ca?: string }} [certificate]
 * @property {number} [port] default: any free one
 * @property {boolean} [lenient] a client may say something else: every `C:` takes the line that comes, and the tag it
 *   has stands for the expected one in what the server says afterwards
 * @property {() => import('./outlet').Intake} [intake] called when a connection comes, for how to know what the client has
 *   dealt with: before, no byte follows that is to be alone, and no reset
 * @property {(direction: 'C' | 'S', text: string) => void} [log]
 */

const HOST = '127.0.0.1'

/** The longest a timer can wait, in milliseconds: `done()` is where a trace runs out of time. */
const FOREVER = 2 ** 31 - 1

/** A server that plays a script. */
class TraceServer {
  /**
   * @param {string | string[]} script
   * @param {TraceOptions} options
   * @returns {Promise<TraceServer>}
   */
  static async start (script, options) {
    const server = new TraceServer([script].flat().map(parse), options)
    await /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
      server.listener.once('error', reject)
      server.listener.listen(options.port ?? 0, HOST, resolve)
    }))
    server.port = /** @type {net.AddressInfo} */ (server.listener.address()).port
    return server
  }

  /**
   * @param {Step[][]} scripts
   * @param {TraceOptions} options
   */
  constructor (scripts, options) {
    this.scripts = scripts
    this.settings = options
    this.host = HOST
    this.port = 0
    const upgrades = scripts.flat().some(({ kind, text }) => kind === 'X' && text === 'starttls')
    const encrypted = options.tls || upgrades
    const own = options.certificate ?? (encrypted ? certificate() : undefined)
    this.ca = own?.ca ?? own?.cert
    this.secureContext = own && tls.createSecureContext({ key: own.key, cert: own.cert })
    /** Every connection there was. @type {Link[]} */
    this.connections = []
    /** @type {(string | Buffer)[]} */
    this.lines = []
    this.players = scripts.map((steps, index) => new Player(steps, index, this))
    /** @type {Error[]} */
    this.errors = []
    /** @type {Set<string>} */
    this.released = new Set()
    this.waiters = new Waiters(() => this.lines)
    this.listener = net.createServer({ allowHalfOpen: true }, (socket) => this.serve(socket))
  }

  /** For `new Imap(...)`. A trace is a conversation in lock step, unless its test says otherwise. */
  get options () {
    return {
      ...pipelining(false),
      host: this.host,
      port: this.port,
      user: 'user',
      password: PASSWORD,
      tls: this.settings.tls === true,
      ...(this.ca !== undefined && !this.settings.tls ? { autotls: 'always' } : {}),
      ...(this.ca === undefined ? {} : { tlsOptions: { ca: this.ca } })
    }
  }

  /**
   * Resolves when every script has been played to its end; rejects with an AssertionError (`expected`, `actual`) when
   * a client said something else.
   *
   * @param {{ timeout?: number }} [options] milliseconds
   * @returns {Promise<void>}
   */
  async done (options) {
    const over = () => this.errors.length > 0 || this.players.every((player) => player.finished)
    try {
      await this.waiters.wait(over, 'the end of the trace', options)
    } catch (error) {
      const state = this.players.filter((player) => !player.finished).map((player) => player.describe())
      throw new assert.AssertionError({ message: `${/** @type {Error} */ (error).message}\n${state.join('\n')}` })
    }
    if (this.errors.length > 0) throw this.errors[0]
  }

  /** Lets `X: wait NAME` go on, now or when it is reached. @param {string} name */
  release (name) {
    this.released.add(name)
    this.waiters.check()
  }

  /** Closes everything; resolves when the port is free. */
  async stop () {
    const closed = new Promise((resolve) => this.listener.close(resolve))
    for (const link of this.connections) {
      link.socket.destroy()
      link.raw.destroy()
    }
    await closed
    await Promise.all(this.connections.map((link) => link.ended))
  }

  /** @param {net.Socket} socket */
  serve (socket) {
    const link = new Link(socket, {
      secureContext: this.secureContext,
      record: true,
      log: this.settings.log,
      observe: (_, __, line) => {
        if (line !== undefined) this.lines.push(line)
        this.waiters.check()
      }
    })
    link.outlet.split(this.settings.split, this.settings.seed)
    if (this.settings.tls) link.startTls()
    if (this.settings.intake) link.outlet.isTaken = this.settings.intake()
    const player = this.players[this.connections.push(link) - 1]
    if (player === undefined) {
      this.fail(link, `connection ${this.connections.length} came, but there are ${this.players.length} traces`)
    } else {
      player.play(link).catch((error) => this.fail(link, error))
    }
  }

  /** @param {Link} link @param {string | Error} reason */
  fail (link, reason) {
    this.errors.push(typeof reason === 'string' ? new assert.AssertionError({ message: reason }) : reason)
    this.waiters.check()
    link.cut()
  }
}

/** Plays one script on one connection. */
class Player {
  /**
   * @param {Step[]} steps
   * @param {number} index
   * @param {TraceServer} server
   */
  constructor (steps, index, server) {
    this.steps = steps
    this.index = index
    this.server = server
    this.finished = false
    this.started = false
    this.at = 0
    /** Size of a literal the client announced and waits to send. @type {number | undefined} */
    this.announced = undefined
    /** What came after `+` and no `C:` has claimed yet. @type {string[]} */
    this.unclaimed = []
    /** Tags of a lenient trace that the client gave other numbers: its own by that of the script. @type {Map<string, string>} */
    this.tags = new Map()
  }

  /** @param {Link} link */
  async play (link) {
    this.started = true
    await link.secured
    for (const step of this.steps) {
      if (step.kind === 'C') await this.expect(link, step)
      else if (step.kind === 'X') await this.act(link, step)
      else await this.say(link, step)
      this.at++
    }
    await link.outlet.drained(0)
    this.finished = true
    this.server.waiters.check()
    while (await link.readLine() !== null);
    if (!link.closed) link.close()
  }

  /** @param {Link} link @param {Step} step */
  async say (link, step) {
    // The client's first TLS bytes may follow what we say here: they stay in the kernel until TLS reads them.
    const next = this.steps.slice(this.at + 1).find(({ kind }) => kind !== 'S' && kind !== 'S+')
    if (next?.kind === 'X' && next.text === 'starttls') link.raw.pause()
    const text = this.retagged(step.text)
    link.send(step.kind === 'S' ? Buffer.from(`${text}\r\n`) : unescape(text))
    if (step.text.startsWith('+') && this.announced !== undefined) {
      const { literal, rest } = await this.readLiteral(link, this.announced, step)
      this.unclaimed = [literal, rest, literal + rest]
    }
  }

  /** @param {Link} link @param {Step} step */
  async expect (link, step) {
    const unclaimed = this.unclaimed
    this.unclaimed = []
    if (unclaimed.some((text) => matches(step.text, text))) return
    const { text, whole } = await this.readCommand(link, step)
    if (matches(step.text, text) || matches(step.text, whole)) return
    if (!this.server.settings.lenient) throw mismatch(this, step, whole)
    const expected = TAG.exec(step.text)
    const actual = TAG.exec(text)
    if (expected !== null && actual !== null) this.tags.set(expected[1], actual[1])
  }

  /** @param {string} text what the server says @returns {string} with the tag that the client has chosen */
  retagged (text) {
    return text.replace(TAG, (tag) => this.tags.get(tag) ?? tag)
  }

  /** @param {Link} link @param {Step} step */
  async readCommand (link, step) {
    const text = await this.readLine(link, step)
    let whole = text
    for (;;) {
      const literal = /\{(\d+)(\+?)\}$/.exec(whole)
      this.announced = literal !== null && literal[2] === '' ? Number(literal[1]) : undefined
      if (literal === null || literal[2] === '') return { text, whole }
      const { literal: bytes, rest } = await this.readLiteral(link, Number(literal[1]), step)
      whole += `\r\n${bytes}${rest}`
      if (this.announced !== undefined) return { text, whole }
    }
  }

  /** @param {Link} link @param {number} size @param {Step} step */
  async readLiteral (link, size, step) {
    const bytes = await link.readLiteral(size)
    if (bytes === null) throw mismatch(this, step, `the end of the connection in a literal of ${size} bytes`)
    const rest = await this.readLine(link, step)
    const more = /\{(\d+)\}$/.exec(rest)
    this.announced = more === null ? undefined : Number(more[1])
    return { literal: bytes.toString('utf8'), rest }
  }

  /** @param {Link} link @param {Step} step */
  async readLine (link, step) {
    const line = await link.readLine()
    if (line === null) throw mismatch(this, step, 'the end of the connection')
    return line.toString('utf8')
  }

  /** @param {Link} link @param {Step} step */
  async act (link, { text, line }) {
    const [verb, name] = text.split(/\s+/)
    if (verb === 'cut') return link.cut()
    if (verb === 'end') return link.end()
    if (verb === 'half-close') return link.halfClose()
    if (verb === 'stall') return link.stall()
    await link.outlet.drained(0)
    if (verb === 'reset') {
      // What was sent is to be read: a reset right behind it would hide it.
      await link.outlet.taken()
      return link.reset()
    }
    if (verb === 'starttls') return link.startTls()
    const { waiters, released } = this.server
    await waiters.wait(() => released.has(name), `release('${name}') (line ${line})`, { timeout: FOREVER })
  }

  describe () {
    const step = this.steps[this.at]
    const where = step === undefined ? 'its end' : `line ${step.line}, "${step.kind}: ${step.text}"`
    return `  trace ${this.index + 1}: ${this.started ? `stands at ${where}` : 'no connection came'}`
  }
}

/** The tag of a command or of its answer; also in a regular expression that begins with it. */
const TAG = /^(?:\/\^)?(A\d+)\b/

const DIRECTIVES = /^(end|cut|reset|half-close|stall|starttls|wait\s+\S+)$/

/**
 * @param {string} script
 * @returns {Step[]}
 */
function parse (script) {
  /** @type {Step[]} */
  const steps = []
  for (const [index, source] of script.split('\n').entries()) {
    if (/^\s*(#.*)?$/.test(source)) continue
    const match = /^\s*(S\+|[SCX]):(?: (.*?))?\r?$/.exec(source)
    const [, kind, text = ''] = match ?? []
    if (match === null || (kind === 'X' && !DIRECTIVES.test(text.trim()))) {
      throw new SyntaxError(`trace, line ${index + 1}: "${source}"; expected "S: ", "S+: ", "C: ", or "X: " and one of ` +
        'end, cut, reset, half-close, stall, starttls, wait NAME')
    }
    const step = { kind, text: kind === 'X' ? text.trim() : text, line: index + 1 }
    steps.push(/** @type {Step} */ (step))
  }
  return steps
}

/** @param {string} expected @param {string} actual */
function matches (expected, actual) {
  const pattern = /^\/(.+)\/(i?)$/.exec(expected)
  if (pattern !== null) return new RegExp(pattern[1], pattern[2]).test(actual)
  return expected === '*' || expected === actual
}

/** @param {Player} player @param {Step} step @param {string} actual */
function mismatch (player, step, actual) {
  return new assert.AssertionError({
    message: `trace ${player.index + 1}, line ${step.line}: expected ${JSON.stringify(step.text)}, got ${JSON.stringify(actual)}`,
    expected: step.text,
    actual,
    operator: 'trace'
  })
}

/** @type {Record<string, string>} */
const ESCAPES = { r: '\r', n: '\n', t: '\t', 0: '\0' }

/** @param {string} text @returns {Buffer} */
function unescape (text) {
  const pieces = text.split(/(\\x[0-9a-f]{2})/i).map((piece, index) => {
    if (index % 2 === 1) return Buffer.from(piece.slice(2), 'hex')
    return Buffer.from(piece.replace(/\\u([0-9a-f]{4})|\\(.)/gi, (_, code, letter) => {
      return code === undefined ? ESCAPES[letter] ?? letter : String.fromCharCode(parseInt(code, 16))
    }))
  })
  return Buffer.concat(pieces)
}

module.exports = { TraceServer }
