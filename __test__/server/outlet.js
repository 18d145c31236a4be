// @ts-check
'use strict'

const { usualSplit } = require('../modes')

/** @typedef {import('node:stream').Duplex} Duplex */

/**
 * How bytes are cut into writes: so many at a time, at these offsets, at random places from a seed, or each alone as
 * far as that does not take all day: the first {@link BYTEWISE} of a connection.
 *
 * @typedef {number | number[] | 'random' | 'bytewise'} Split
 */

const BYTEWISE = 16 * 1024

/** What follows those goes in pieces of a size that nothing else has. */
const PIECE = 10_007

/** Bytes handed to the socket in one write. */
const SLICE = 256 * 1024

/** Naps while another thread reads. */
const SHORTEST_NAP_MS = 0.02
const LONGEST_NAP_MS = 1

/** Text is gathered up to this many characters before it becomes a buffer. */
const GATHER = 64 * 1024

/**
 * Whether a reader is done with so many bytes, so many of which came before STARTTLS.
 *
 * @typedef {(bytes: number, clear: number) => boolean} Intake
 */

/** The way out of a connection: gathers, waits for the socket's drain, cuts where a test asks for it. */
class Outlet {
  /** @param {Duplex} socket */
  constructor (socket) {
    this.socket = socket
    /** Bytes given to the socket so far. */
    this.sent = 0
    /** Bytes waiting here. */
    this.size = 0
    /** @type {Buffer[]} */
    this.queue = []
    this.text = ''
    this.scheduled = false
    this.busy = false
    this.stalled = false
    this.finished = false
    this.closed = false
    /** @type {((at: number) => number) | undefined} bytes of the next write, given the place it begins */
    this.shape = undefined
    /** How many of them went before TLS. */
    this.clear = 0
    /** Unless a test knows better, a reader is done with everything after a turn. @type {Intake} */
    this.isTaken = () => true
    /** @type {{ at: number, reached: () => void }[]} places where something happens */
    this.marks = []
    /** @type {{ limit: number, resolve: () => void }[]} */
    this.waiting = []
    this.split(undefined)
  }

  /** @param {string | Buffer} data a string has one character a byte (latin1) */
  write (data) {
    if (this.closed || this.finished || data.length === 0) return
    this.size += data.length
    if (typeof data === 'string') {
      this.text += data
      if (this.text.length > GATHER) this.gather()
    } else {
      this.gather()
      this.queue.push(data)
    }
    this.schedule()
  }

  /**
   * Resolves when no more than so many bytes wait here and the socket has taken the rest; also when it closes.
   *
   * @param {number} limit
   * @returns {Promise<void>}
   */
  drained (limit) {
    if (this.closed || (this.size <= limit && (limit > 0 || !this.busy))) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push({ limit, resolve }))
  }

  /**
   * Resolves when the reader is done with what went out. Two turns at least: between them lies a whole poll of the event
   * loop, so that a reader in this thread has read it. One in another thread gets the processor, longer each time.
   *
   * @returns {Promise<void>}
   */
  taken () {
    return new Promise((resolve) => {
      const look = (/** @type {number} */ nap) => setImmediate(() => {
        if (this.closed || this.isTaken(this.sent, this.clear)) return resolve()
        sleep(nap)
        look(Math.min(2 * nap, LONGEST_NAP_MS))
      })
      setImmediate(look, SHORTEST_NAP_MS)
    })
  }

  /** Calls back when so many bytes have gone out, with no byte more. @param {number} at @param {() => void} reached */
  mark (at, reached) {
    this.marks.push({ at, reached })
    this.marks.sort((a, b) => a.at - b.at)
    this.schedule()
  }

  /** Cuts what follows into writes of their own. @param {Split} [split] @param {number} [seed] */
  split (split = usualSplit, seed = 1) {
    this.shape = split === undefined ? undefined : shapeOf(split, seed)
  }

  /** What follows goes through TLS. @param {Duplex} socket */
  secure (socket) {
    this.socket = socket
    this.clear = this.sent
  }

  stall () {
    this.stalled = true
  }

  resume () {
    this.stalled = false
    this.schedule()
  }

  /** Takes nothing more; what waits still goes out, unless stalled. */
  finish () {
    this.finished = true
    if (this.stalled) this.close()
  }

  /** Nothing more goes out. */
  close () {
    this.closed = true
    this.drop()
    this.settle()
  }

  /** Forgets what waits. */
  drop () {
    this.queue = []
    this.text = ''
    this.size = 0
  }

  /** Puts bytes before what waits. @param {Buffer} bytes */
  insert (bytes) {
    this.queue.unshift(bytes)
    this.size += bytes.length
    this.schedule()
  }

  gather () {
    if (this.text === '') return
    this.queue.push(Buffer.from(this.text, 'latin1'))
    this.text = ''
  }

  schedule () {
    if (this.scheduled || this.busy) return
    this.scheduled = true
    process.nextTick(() => {
      this.scheduled = false
      this.pump()
    })
  }

  pump () {
    while (!this.busy && !this.stalled && !this.closed) {
      if (this.marks[0]?.at <= this.sent) {
        this.marks.shift()?.reached()
        continue
      }
      this.gather()
      if (this.queue.length === 0) break
      this.send(this.take(this.nextSize()))
    }
    this.settle()
  }

  nextSize () {
    const shaped = this.shape === undefined ? SLICE : this.shape(this.sent)
    const mark = this.marks[0] === undefined ? Infinity : this.marks[0].at - this.sent
    return Math.max(1, Math.min(SLICE, shaped, mark))
  }

  /** @param {number} limit */
  take (limit) {
    const pieces = []
    let size = 0
    while (this.queue.length > 0 && size < limit) {
      const [first] = this.queue
      const room = limit - size
      if (first.length > room) this.queue[0] = first.subarray(room)
      else this.queue.shift()
      pieces.push(first.subarray(0, room))
      size += Math.min(first.length, room)
    }
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
  }

  /** @param {Buffer} bytes */
  send (bytes) {
    this.sent += bytes.length
    this.size -= bytes.length
    const alone = this.shape !== undefined || this.marks[0]?.at === this.sent
    this.busy = true
    const next = () => {
      this.busy = false
      this.pump()
    }
    if (alone) {
      this.socket.write(bytes, () => this.taken().then(next))
    } else if (this.size === 0) {
      this.socket.write(bytes, next)
    } else if (this.socket.write(bytes)) {
      this.busy = false
    } else {
      this.socket.once('drain', next)
    }
  }

  settle () {
    if (this.waiting.length === 0) return
    const still = []
    for (const waiter of this.waiting) {
      const done = this.closed || (this.size <= waiter.limit && (waiter.limit > 0 || !this.busy))
      if (done) waiter.resolve()
      else still.push(waiter)
    }
    this.waiting = still
  }
}

/**
 * @param {Split} split
 * @param {number} seed
 * @returns {(at: number) => number}
 */
function shapeOf (split, seed) {
  if (typeof split === 'number') return () => split
  if (split === 'bytewise') return (at) => at < BYTEWISE ? 1 : PIECE
  if (Array.isArray(split)) {
    const offsets = split.slice().sort((a, b) => a - b)
    return (at) => (offsets.find((offset) => offset > at) ?? Infinity) - at
  }
  const random = mulberry32(seed)
  return () => 1 + Math.floor(random() * random() * 64)
}

const nothing = new Int32Array(new SharedArrayBuffer(4))

/** Keeps this thread from running. @param {number} time in ms */
function sleep (time) {
  Atomics.wait(nothing, 0, 0, time)
}

/** A small seeded generator of numbers in [0, 1). @param {number} seed */
function mulberry32 (seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

module.exports = { Outlet }
