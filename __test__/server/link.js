// @ts-check
'use strict'

const tls = require('node:tls')
const { Outlet } = require('./outlet')
const { Reader } = require('./reader')
const { Waiters } = require('./waiters')
const { Fault } = require('./faults')

/** @typedef {import('node:net').Socket} Socket */
/** @typedef {import('./faults').Rule} Rule */

/** A client's line may be this long, in bytes. */
const LINE_LIMIT = 1024 * 1024

/**
 * One accepted connection: the socket, TLS over it, what came in, what goes out, and every way it can go wrong.
 * It knows lines and literals, no commands.
 */
class Link {
  /**
   * @param {Socket} socket
   * @param {{ secureContext?: tls.SecureContext, record: boolean, log?: (direction: 'C' | 'S', text: string) => void,
   *   observe: (link: Link, event: string, line?: string | Buffer) => void }} options
   */
  constructor (socket, options) {
    this.raw = socket
    /** @type {Socket | tls.TLSSocket} what commands come from: the socket, or TLS over it */
    this.socket = socket
    this.options = options
    this.reader = new Reader()
    this.outlet = new Outlet(socket)
    this.secure = false
    /** Resolves when the handshake of TLS is done. @type {Promise<void>} */
    this.secured = Promise.resolve()
    this.closed = false
    /** Closed, or about to be: no command is served any more. */
    this.over = false
    /** @type {(() => void)[]} who waits for the end of a stall */
    this.sleepers = []
    /** What the client sent: lines as text without their end, literals as buffers. @type {(string | Buffer)[]} */
    this.received = []
    this.receivedBytes = 0
    /** @type {Error | undefined} */
    this.error = undefined
    /** @type {Fault[]} */
    this.faults = []
    /** What a fault wants said instead of the answer to the command. @type {string | undefined} */
    this.instead = undefined
    /** @type {{ at: number, fault: Fault }[]} faults that wait for so many bytes from the client */
    this.thresholds = []
    this.waiters = new Waiters(() => this.received)
    this.seen = 0
    /** @type {() => void} */
    this.resolveEnded = () => {}
    /** Resolves when the connection is over. @type {Promise<void>} */
    this.ended = new Promise((resolve) => { this.resolveEnded = resolve })
    socket.setNoDelay(true)
    socket.on('error', (error) => { this.error = error })
    socket.on('close', () => this.finish())
    this.listen(socket)
  }

  // --- reading

  /** The next line, recorded; null at the end. @returns {Promise<Buffer | null>} */
  async readLine () {
    const line = await this.reader.line(LINE_LIMIT)
    if (line === null) {
      await this.goesOn()
      return null
    }
    const text = line.toString('utf8')
    this.record(text, text)
    this.trigger('line', text)
    return await this.goesOn() ? line : null
  }

  /** Waits out a stall; false when no command may be served any more. */
  async goesOn () {
    while (this.outlet.stalled && !this.closed) {
      await /** @type {Promise<void>} */ (new Promise((resolve) => this.sleepers.push(resolve)))
    }
    return !this.over
  }

  /** @param {number} size @returns {Promise<Buffer | null>} */
  async readLiteral (size) {
    const bytes = await this.reader.literal(size)
    if (bytes !== null) this.record(bytes, `(literal of ${size} bytes)`)
    return bytes
  }

  // --- writing

  /** Sends bytes as they are; a string is sent as UTF-8. @param {string | Buffer} data */
  write (data) {
    const bytes = typeof data === 'string' && /[^\0-\x7f]/.test(data) ? Buffer.from(data) : data // eslint-disable-line no-control-regex
    this.send(bytes)
  }

  /** Sends a string of one character a byte, or bytes. @param {string | Buffer} data */
  send (data) {
    if (this.options.log) this.options.log('S', data.toString('latin1'))
    this.outlet.write(data)
  }

  // --- ending, in every way

  /** No command is served any more. */
  leave () {
    this.over = true
    this.reader.discard()
    this.reader.end()
  }

  /** A proper end: what is queued, TLS close_notify, FIN. */
  async close () {
    this.outlet.finish()
    await this.outlet.drained(0)
    if (this.closed) return
    this.socket.end(() => this.raw.destroySoon())
  }

  /** `* BYE text` and a proper end. @param {string} text */
  bye (text) {
    this.write(`* BYE ${text}\r\n`)
    this.quit()
  }

  /** Stops taking commands and closes. */
  quit () {
    this.leave()
    this.close()
  }

  /** FIN after what is queued, both directions over; over TLS no close_notify, as when a proxy dies. */
  async cut () {
    this.leave()
    await this.halfClose()
    this.raw.destroy()
  }

  /** FIN after what is queued; what the client still sends is read. */
  async halfClose () {
    this.outlet.finish()
    await this.outlet.drained(0)
    this.outlet.close()
    if (this.closed) return
    await /** @type {Promise<void>} */ (new Promise((resolve) => {
      this.raw.once('close', resolve)
      this.raw.end(resolve)
    }))
  }

  /** A proper end of what is sent, after what is queued: TLS close_notify, FIN. What the client still sends is read. */
  async end () {
    this.outlet.finish()
    await this.outlet.drained(0)
    if (!this.closed) this.socket.end()
  }

  /** RST, at once; what is queued is lost. */
  reset () {
    this.leave()
    this.outlet.close()
    reset(this.raw)
  }

  /** Neither reads nor writes any more; the connection stays up and the client's bytes fill its window. */
  stall () {
    this.outlet.stall()
    this.socket.pause()
  }

  /** Ends a stall. */
  resume () {
    this.socket.resume()
    this.outlet.resume()
    this.wake()
  }

  wake () {
    for (const resolve of this.sleepers.splice(0)) resolve()
  }

  // --- faults and waiting

  /** Puts a fault in force on this connection. @param {Rule} rule @returns {Fault} */
  fault (rule) {
    const fault = new Fault(rule)
    this.arm(fault)
    return fault
  }

  /** @param {Fault} fault @param {boolean} [connecting] the connection has just come */
  arm (fault, connecting = false) {
    const { on, received } = fault.rule
    if (fault.immediate) fault.fire(this)
    else if (on === 'connect') connecting && this.happen(fault)
    else if (on !== undefined) this.faults.push(fault)
    else if (received !== undefined) this.thresholds.push({ at: this.receivedBytes + received, fault })
    else this.happen(fault)
  }

  /** Now, or so many bytes from now. @param {Fault} fault */
  happen (fault) {
    const { bytes } = fault.rule
    if (bytes === undefined) fault.fire(this)
    else this.outlet.mark(this.outlet.sent + this.outlet.size + bytes, () => fault.fire(this))
  }

  /** @param {'line' | 'command' | 'executed' | 'answered'} when @param {string} line */
  trigger (when, line) {
    for (const fault of this.faults) {
      const { on } = fault.rule
      if (on instanceof RegExp && (fault.rule.when ?? 'line') === when && on.test(line)) this.happen(fault)
    }
  }

  /**
   * The next line from the client that matches, among those not yet given out by this method; lines that came before
   * the call count, so that no test has to sleep.
   *
   * @param {RegExp | string} pattern a string must be equal
   * @param {{ timeout?: number }} [options] milliseconds
   * @returns {Promise<string>}
   */
  line (pattern, options) {
    return this.waiters.wait(() => {
      for (let at = this.seen; at < this.received.length; at++) {
        const line = this.received[at]
        if (typeof line !== 'string') continue
        if (typeof pattern === 'string' ? line !== pattern : !pattern.test(line)) continue
        this.seen = at + 1
        return line
      }
    }, `a line ${pattern}`, options)
  }

  // --- inside

  /** Starts TLS on this socket (as the server); plain bytes not yet read are forgotten. */
  startTls () {
    this.reader.discard()
    this.raw.removeAllListeners('data')
    const secured = new tls.TLSSocket(this.raw, {
      isServer: true,
      secureContext: this.options.secureContext,
      ...{ allowHalfOpen: true }
    })
    this.socket = secured
    this.outlet.secure(secured)
    this.secure = true
    this.secured = new Promise((resolve) => secured.once('secure', resolve))
    secured.on('error', (error) => {
      this.error = error
      this.raw.destroy()
    })
    secured.on('close', () => this.finish())
    this.listen(secured)
  }

  /** @param {Socket | tls.TLSSocket} socket */
  listen (socket) {
    socket.on('data', (chunk) => {
      if (this.socket !== socket) return
      this.receivedBytes += chunk.length
      this.reader.push(chunk)
      for (const { at, fault } of this.thresholds) if (this.receivedBytes >= at) fault.fire(this)
    })
    socket.on('end', () => {
      if (this.socket === socket) this.reader.end()
    })
  }

  /** @param {string | Buffer} entry @param {string} text */
  record (entry, text) {
    if (this.options.log) this.options.log('C', text)
    if (this.options.record) this.received.push(entry)
    this.options.observe(this, 'line', entry)
    this.waiters.check()
  }

  finish () {
    if (this.closed) return
    this.closed = this.over = true
    this.wake()
    this.outlet.close()
    this.reader.end()
    this.raw.destroy()
    this.waiters.fail('the connection closed')
    this.resolveEnded()
    this.options.observe(this, 'close')
  }
}

/**
 * Ends a socket by RST and nothing else. `socket.resetAndDestroy()` says FIN first when data has been written (it calls
 * `end()`); the flag it sets before makes a plain `destroy()` close the handle with a reset.
 *
 * @param {Socket} socket
 */
function reset (socket) {
  Object.assign(socket, { resetAndClosing: true })
  socket.destroy()
}

module.exports = { Link, reset }
