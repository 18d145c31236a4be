// @ts-check
'use strict'

// One connect(): the native session, the requests that wait for an answer, and the pump that
// dispatches its events.

const { AsyncResource } = require('node:async_hooks')
const binding = require('./binding')
const { encodeConfig, wantsProof } = require('./config')
const { debug } = require('./debug')
const { guarded, rethrowLater } = require('./errors')
const { handlers } = require('./events')
const { FrameReader } = require('./frame')
const { Counts, begin, finish } = require('./observe')
const { abandoned, prepare } = require('./proof')
const { Socket, fail, shut } = require('./socket')

/** What a link still tells that the program has left. */
const LAST_EVENTS = ['error', 'end', 'close']

/** What is to be done by then is done after the ticks: a promise costs Node less than a tick or `queueMicrotask`. */
const soon = Promise.resolve()

/**
 * A request that waits for its answer.
 * @typedef {{ succeed(code: any): void, fail(error: Error): void, lose(error: Error): void, isOurs?: boolean, [data: string]: any }} Request
 */

/** What most links have most of the time, which all do nothing then. @type {Map<number, any>} */
const NONE = new Map()

/** The links whose sessions live, by their numbers. @type {Map<number, Link>} */
const links = new Map()

/** The number of the last one. */
let numbers = 0

const LAST_NUMBER = 0xffffffff

/** Through these the sessions ring. */
const doorbells = new binding.Doorbells()

/** A resource, because what the program does on an event belongs to what it did when it connected. */
class Link extends AsyncResource {
  /** @param {any} connection the facade */
  constructor (connection) {
    super('EVERIMAP')
    this.connection = connection
    /** @type {Map<number, Request>} */
    this.requests = NONE
    /** Bodies that are arriving. @type {Map<number, import('./fetch').Body>} */
    this.bodies = NONE
    this.ids = 0
    this.completions = 0
    this.settled = 0
    /** Whether anything can be asked of it. */
    this.isOpen = true
    /** Whether the program has asked for its end. */
    this.isEnding = false
    this.isScheduled = false
    /** The frame that is being dispatched. @type {FrameReader | null} */
    this.reader = null
    /** The first request of this tick, or 0: to the program none of these has been sent. */
    this.fresh = 0
    /** Whether something waits for {@link flush}. */
    this.isHolding = false
    /** Whether a callback of a command is being called. */
    this.isAnswering = false
    this.number = numbers = after(numbers)
    this.native = dial(connection, this.number)
    links.set(this.number, this)
    this.counts = new Counts()
    /** Whether the program has destroyed the socket with an error. */
    this.isFailed = false
    this.socket = new Socket(this)
    /** What node-imap does on `error` of its socket. @param {any} error */
    this.onError = (error) => {
      debug(this.connection, `[connection] Error: ${error}`)
      this.connection.emit('error', Object.assign(error, { source: 'socket' }))
    }
    this.socket.on('error', this.onError)
  }

  /**
   * Sends a request of the program. Throws when an argument cannot be sent.
   * @param {object} request as src/wire/request.rs reads it
   * @param {Request} answer
   * @param {Buffer} [data] the message of an append
   */
  send (request, answer, data) {
    if (wantsProof(this.connection._config)) prepare(this.connection, this, request, answer, data)
    this.submit(request, answer, data)
  }

  /**
   * Sends a request as it is. Throws when an argument cannot be sent; then the request is forgotten.
   * @param {object} request as src/wire/request.rs reads it
   * @param {Request} answer
   * @param {Buffer} [data] the message of an append
   */
  submit (request, answer, data) {
    this.ids = after(this.ids)
    // What is to be proven in a doubt must be known before.
    const alone = answer.memory !== undefined
    guarded(() => this.native.submit(this.ids, JSON.stringify(request), data, alone))
    answer.asked = { request, data }
    if (this.fresh === 0) {
      this.fresh = this.ids
      this.isHolding = true
      process.nextTick(flush, this, this.requests.size === 0 && data === undefined)
    }
    if (this.requests === NONE) this.requests = new Map()
    this.requests.set(this.ids, answer)
    begin(this, answer)
  }

  /**
   * A body begins to arrive.
   * @param {number} id
   * @param {import('./fetch').Body} body
   */
  carry (id, body) {
    if (this.bodies === NONE) this.bodies = new Map()
    this.bodies.set(id, body)
  }

  /**
   * Ends the connection without asking the server.
   * @param {any} [error] what `error` is to tell before `close`
   */
  destroy (error) {
    this.isOpen = false
    shut(this.socket)
    this.native.destroy()
    if (!error) return
    this.isFailed = true
    if (typeof error.code !== 'string') error.code = 'ECONNABORTED'
    process.nextTick(() => fail(this.socket, error))
  }

  /** The program has connected anew: what this link still tells is no news of the new one. */
  leave () {
    const { connection } = this
    /** @param {string} event @param {any[]} values */
    const emit = (event, ...values) => LAST_EVENTS.includes(event) && connection.emit(event, ...values)
    // Properties that are set on it are its own, and its mailbox is still the one that it had.
    const _box = { value: connection._box, writable: true }
    this.connection = Object.create(connection, { emit: { value: emit }, _box })
  }

  /**
   * Dispatches a frame of what has happened, up to the first completion, and the rest in turns of its own: what
   * callbacks leave to ticks and promises comes before what happens next, as in node-imap, where every answer is
   * a turn of the event loop; and V8 collects messages that the program is done with while they are few and young.
   */
  pump () {
    if (this.isScheduled) return
    if (this.hasEvents()) {
      const { completions } = this
      this.dispatch(/** @type {FrameReader} */ (this.reader))
      const isMore = this.hasEvents()
      // Also when nothing is there yet: the doorbell would call again in this very turn. After an answer it is the
      // program's turn.
      if (isMore || this.completions === completions) this.pumpLater()
      if (isMore) return
    }
    this.settle()
  }

  /** Goes on in another turn of the event loop, after the turns that ticks and promises of this one ask for. */
  pumpLater () {
    this.isScheduled = true
    soon.then(() => setImmediate(goOn, this))
  }

  /** Whether there is something to dispatch, in {@link reader}. */
  hasEvents () {
    if (this.reader && !this.reader.isAtEnd) return true
    const frame = this.native.pull()
    this.reader = frame && new FrameReader(frame)
    return frame !== null
  }

  /**
   * Tells how many completions the program has seen: together with what it asks for now, if it does, also in
   * ticks and promises, all of which are done when a tick comes that was asked for by a promise.
   */
  settle () {
    if (this.settled === this.completions || !this.isOpen) return
    this.settled = this.completions
    this.native.settled(this.completions)
    this.isHolding = true
    soon.then(() => {
      if (this.fresh === 0) process.nextTick(flush, this, true)
    })
  }

  /** Dispatches the events of a frame, up to the first that completes a request. @param {FrameReader} reader */
  dispatch (reader) {
    const { completions } = this
    try {
      while (!reader.isAtEnd && this.completions === completions) this.dispatchEvent(reader)
    } catch (error) {
      // The frame is out of step, which is a fault of ours; those after it are not lost.
      this.reader = null
      rethrowLater(error)
    }
  }

  /** @param {FrameReader} reader */
  dispatchEvent (reader) {
    const event = reader.event()
    try {
      handlers[event](this, reader)
    } catch (error) {
      // A listener or callback of the program failed: the others go on (contract Q-73).
      rethrowLater(error)
    }
    this.isAnswering = false
  }

  /**
   * Takes the request that was answered.
   * @param {number} id
   */
  answered (id) {
    this.completions++
    this.isAnswering = true
    const request = this.requests.get(id)
    if (this.requests.size > 1) this.requests.delete(id)
    else if (request) this.requests = NONE
    return request
  }

  /**
   * Tells every request that it will not be answered.
   * @param {Error} error
   */
  abandon (error) {
    links.delete(this.number)
    const requests = [...this.requests.values()]
    this.requests.clear()
    for (const body of this.bodies.values()) body.lose(error)
    this.bodies.clear()
    const lose = (/** @type {any} */ request, /** @type {Error} */ error) => {
      try {
        request.lose(error)
      } catch (uncaught) {
        rethrowLater(uncaught)
      }
    }
    for (const { answer, error } of abandoned(this)) lose(answer, error)
    for (const request of requests) {
      finish(this, request, error)
      lose(request, error)
    }
  }
}

/** @param {Link} link */
function goOn (link) {
  link.isScheduled = false
  link.pump()
}

/**
 * The number after this one; from the beginning again after the last that the addon takes. In this way, because V8
 * takes the result of a division for a fraction, which is an object of its own.
 * @param {number} number
 */
function after (number) {
  return number < LAST_NUMBER ? number + 1 : 1
}

/**
 * Sends what a link holds back.
 * @param {Link} link
 * @param {boolean} here whether this thread writes it: the first command after a pause, and what follows on answers
 *   that the program has dealt with, also while others are still to come
 */
function flush (link, here) {
  link.fresh = 0
  if (!link.isHolding) return
  link.isHolding = false
  link.native.flush(here)
}

/**
 * A native session, which begins to connect. Apart from the link, whose functions would keep the configuration.
 * @param {any} connection
 * @param {number} number the link's
 */
function dial (connection, number) {
  const config = encodeConfig(connection._config, typeof connection.debug === 'function')
  return guarded(() => new binding.NativeSession(config, doorbells, ring, number))
}

/**
 * A session has something to tell.
 * @param {number} number its link's
 */
function ring (number) {
  const link = links.get(number)
  if (link) link.runInAsyncScope(link.pump, link)
}

/**
 * Throws when an argument of a request cannot be sent, also while nothing can be sent.
 * @param {object} request
 * @param {Buffer} [data]
 */
function checkRequest (request, data) {
  guarded(() => binding.check(JSON.stringify(request), data))
}

module.exports = { Link, checkRequest }
