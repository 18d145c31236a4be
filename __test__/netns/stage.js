// @ts-check
'use strict'

// The network, the server and the clients of a case.

const { EventEmitter } = require('node:events')
const { setTimeout: delay } = require('node:timers/promises')
const { PASSWORD } = require('../credentials')
const { Network, SERVER } = require('./network')

const PORT = 143

/** How long whatever has no deadline of its own may take, in milliseconds. */
const PATIENCE_MS = 30_000

/** A process of a case, asked and heard by messages. */
class Process extends EventEmitter {
  /** @param {import('node:child_process').ChildProcess} child */
  constructor (child) {
    super()
    this.child = child
    this.asked = 0
    /** Everything that it said of events. @type {{ event: string, at: number, info: any[] }[]} */
    this.heard = []
    child.on('message', (/** @type {any} */ message) => {
      if (message.event) this.heard.push(message)
      this.emit('said', message)
    })
  }

  /** @param {string} call @param {...any} args @returns {Promise<any>} */
  async ask (call, ...args) {
    const id = ++this.asked
    const answer = this.said((message) => message.id === id, `the answer to ${call}`)
    this.child.send({ id, call, args })
    const { result, error } = await answer
    if (error) throw new Error(error)
    return result
  }

  /** Asks for what may never be answered. @param {string} call */
  begin (call) {
    this.child.send({ id: ++this.asked, call, args: [] })
  }

  /**
   * The next message that is meant.
   * @param {(message: any) => boolean} isMeant
   * @param {string} what for the error
   * @param {number} [milliseconds]
   * @returns {Promise<any>}
   */
  said (isMeant, what, milliseconds = PATIENCE_MS) {
    return new Promise((resolve, reject) => {
      const listener = (/** @type {any} */ message) => {
        if (!isMeant(message)) return
        this.off('said', listener)
        clearTimeout(timer)
        resolve(message)
      }
      const timer = setTimeout(() => {
        this.off('said', listener)
        reject(new Error(`${what} did not come within ${milliseconds / 1000} s`))
      }, milliseconds)
      this.on('said', listener)
    })
  }

  /** The next of some events. @param {string[]} names @param {number} [milliseconds] */
  next (names, milliseconds) {
    return this.said(({ event }) => names.includes(event), `'${names.join('\' or \'')}'`, milliseconds)
  }

  /** UIDs that were announced, by a session with `reconnect`. */
  get announced () {
    return this.heard.filter(({ event }) => event === 'mail').flatMap(({ info: [, arrival] }) => (arrival ? arrival.uids : []))
  }

  /** @param {string} name */
  count (name) {
    return this.heard.filter(({ event }) => event === name).length
  }
}

class Stage {
  constructor () {
    this.network = new Network()
    /** @type {Process} */
    this.server = /** @type {any} */ (undefined)
  }

  /** Starts the server, with so many messages. @param {number} [messages] @param {string} [host] */
  async serve (messages = 0, host = '0.0.0.0') {
    this.server = new Process(this.network.start('server', 'peer.child.js', { port: PORT, host, messages }))
    await this.server.said(({ ready }) => ready, 'the server')
  }

  /** @param {'everimap' | 'imap'} implementation @param {object} [options] */
  async client (implementation, options) {
    const child = this.network.start('client', 'client.child.js', {
      implementation,
      options: { host: SERVER.v4, port: PORT, user: 'user', password: PASSWORD, ...options }
    })
    const client = new Process(child)
    await client.said(({ ready }) => ready, 'the client')
    return client
  }

  /** A client that listens to the open mailbox. @param {'everimap' | 'imap'} implementation @param {object} [options] */
  async listener (implementation, options) {
    const client = await this.client(implementation, options)
    const ready = client.next(['ready'])
    await client.ask('connect')
    await ready
    await client.ask('open')
    await delay(SETTLE_MS)
    return client
  }

  stop () {
    return this.network.stop()
  }
}

/** After so long a client idles, in milliseconds. */
const SETTLE_MS = 500

function now () {
  return Number(process.hrtime.bigint()) / 1e6
}

module.exports = { Process, Stage, now }
