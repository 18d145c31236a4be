// @ts-check
'use strict'

const Imap = require('everimap')

/** How long a command may take, or a fetch may stand still, in milliseconds. */
const STEP_MS = 60_000

/** How long the server has for the logout, in milliseconds. */
const LOGOUT_MS = 5000

/** Somebody pressed Ctrl-C. */
class Interrupted extends Error {}

/** A connection in promises, each with a deadline, and none that outlives the connection. */
class Session {
  /** @param {Imap.Config} config */
  constructor (config) {
    this.imap = new Imap(config)
    /** How many steps the server has not answered. */
    this.pending = 0
    /** Resolves at the end of the connection. @type {Promise<void>} */
    this.closed = new Promise((resolve) => this.imap.once('close', () => resolve()))
    /** Rejects when nothing can be expected any more. @type {Promise<never>} */
    this.lost = new Promise((resolve, reject) => {
      this.abort = reject
      this.imap.on('error', reject)
      this.imap.once('close', () => reject(new Error('The server closed the connection')))
    })
    this.lost.catch(() => {})
  }

  /** Connects and logs in. */
  connect () {
    return this.step('logging in', (resolve) => {
      this.imap.once('ready', () => resolve(undefined))
      this.imap.connect()
    })
  }

  /** @returns {Promise<Imap.MailBoxes>} */
  boxes () {
    return this.step('listing the mailboxes', (resolve, reject) => {
      this.imap.getBoxes((error, boxes) => error ? reject(error) : resolve(boxes || {}))
    })
  }

  /** @param {string} name @returns {Promise<Imap.Box>} */
  status (name) {
    return this.step(`counting ${name}`, (resolve, reject) => {
      this.imap.status(name, (error, box) => error ? reject(error) : resolve(box))
    })
  }

  /** Opens a mailbox so that nothing in it can be changed. @param {string} name @returns {Promise<Imap.Box>} */
  examine (name) {
    return this.step(`opening ${name}`, (resolve, reject) => {
      this.imap.openBox(name, true, (error, box) => error ? reject(error) : resolve(box))
    })
  }

  /**
   * Resolves when everything asked for has arrived.
   * @param {string} what for the error when it takes too long
   * @param {Imap.ImapFetch} request
   * @param {(message: Imap.ImapMessage, seqno: number, alive: () => void) => void} onMessage `alive` puts off the deadline
   * @returns {Promise<void>}
   */
  fetched (what, request, onMessage) {
    return this.step(what, (resolve, reject, alive) => {
      request.on('message', (message, seqno) => onMessage(message, seqno, alive))
      request.once('error', reject)
      request.once('end', () => resolve(undefined))
    })
  }

  /**
   * @template T
   * @param {string} what
   * @param {(resolve: (value: T) => void, reject: (error: Error) => void, alive: () => void) => void} start
   * @returns {Promise<T>}
   */
  async step (what, start) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    this.pending++
    try {
      return await Promise.race([this.lost, new Promise((resolve, reject) => {
        const late = () => reject(new Error(`Nothing came from the server for ${STEP_MS / 1000} s while ${what}`))
        const running = timer = setTimeout(late, STEP_MS)
        const answered = () => this.pending--
        start(value => { answered(); resolve(value) }, error => { answered(); reject(error) }, () => running.refresh())
      })])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Logs out, or just closes when something is under way; resolves when the connection is over. */
  async close () {
    if (this.imap.state === 'authenticated' && this.pending === 0) this.imap.end()
    else this.imap.destroy()
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    const late = new Promise((resolve) => { timer = setTimeout(resolve, LOGOUT_MS, true) })
    if (await Promise.race([this.closed, late])) this.imap.destroy()
    clearTimeout(timer)
  }
}

module.exports = { Interrupted, Session }
