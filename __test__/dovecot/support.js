// @ts-check
'use strict'

// What the Dovecot tests share: waiting with a deadline, and the library's calls as promises.

const { spawn } = require('node:child_process')
const crypto = require('node:crypto')
const { once } = require('node:events')

const Imap = require('../imap')

/** How long a call may take on a busy machine, in ms. */
const PATIENCE_MS = 20_000

/**
 * @template T
 * @param {number} milliseconds
 * @param {Promise<T>} promise
 * @param {string} what is awaited, for the error
 * @returns {Promise<T>} the promise's value, or an error once the time is over
 */
async function within (milliseconds, promise, what) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const deadline = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([promise, /** @type {Promise<never>} */ (deadline)])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * @param {object} options
 * @returns {Promise<any>} a connection that is ready; rejects with its `error`
 */
async function connected (options) {
  const connection = new Imap(options)
  const ready = once(connection, 'ready')
  connection.connect()
  await within(PATIENCE_MS, ready, 'ready')
  return connection
}

/**
 * Logs out and waits for `close`.
 *
 * @param {any} connection
 */
async function ended (connection) {
  const close = once(connection, 'close')
  connection.end()
  await within(PATIENCE_MS, close, 'close after end()')
}

/**
 * Calls a method whose last argument is a callback.
 *
 * @param {any} target a connection, or its `seq`
 * @param {string} method
 * @param {...any} args
 * @returns {Promise<any>} the first result after the error
 */
function call (target, method, ...args) {
  return within(PATIENCE_MS, new Promise((resolve, reject) => {
    target[method](...args, (/** @type {Error | undefined} */ error, /** @type {any} */ result) => {
      if (error) reject(error)
      else resolve(result)
    })
  }), `${method}()`)
}

/**
 * @typedef {object} Fetched
 * @property {number} seqno
 * @property {any} attributes
 * @property {Record<string, Buffer>} bodies by `which`
 */

/**
 * Waits for a whole fetch, whose bodies must be small.
 *
 * @param {any} fetch
 * @returns {Promise<Fetched[]>} in the order of their `message` events
 */
function fetched (fetch) {
  /** @type {Fetched[]} */
  const messages = []
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    /** @type {Fetched} */
    const result = { seqno, attributes: undefined, bodies: {} }
    messages.push(result)
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      /** @type {Buffer[]} */
      const chunks = []
      stream.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk))
      stream.on('end', () => { result.bodies[info.which] = Buffer.concat(chunks) })
    })
    message.on('attributes', (/** @type {any} */ attributes) => { result.attributes = attributes })
  })
  return within(PATIENCE_MS, new Promise((resolve, reject) => {
    fetch.on('error', reject)
    fetch.on('end', () => resolve(messages))
  }), 'the end of a fetch')
}

/**
 * @param {Buffer | string} bytes
 * @returns {string} in hexadecimal
 */
function sha256 (bytes) {
  return crypto.createHash('sha256').update(bytes).digest('hex')
}

/**
 * @param {number} seed
 * @returns {() => number} the same numbers from 0 to 255 for the same seed (xorshift32)
 */
function randomBytes (seed) {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 24
  }
}

/**
 * Runs a script in a Node of its own. Its argument is `input` as JSON; what it prints to standard
 * output is one JSON value for each line.
 *
 * @param {string} script
 * @param {unknown} input
 * @param {(line: any) => void} [onLine] called for each value as it comes
 * @returns {{ lines: Promise<any[]>, kill: () => void }} all values, once the script ended by itself
 *   with status 0
 */
function child (script, input, onLine = () => {}) {
  const node = spawn(process.execPath, [script, JSON.stringify(input)], { stdio: ['ignore', 'pipe', 'pipe'] })
  /** @type {any[]} */
  const lines = []
  let pending = ''
  let errors = ''
  node.stderr.setEncoding('utf8').on('data', (text) => { errors += text })
  node.stdout.setEncoding('utf8').on('data', (text) => {
    const parts = (pending + text).split('\n')
    pending = /** @type {string} */ (parts.pop())
    for (const part of parts) {
      lines.push(JSON.parse(part))
      onLine(lines.at(-1))
    }
  })
  const ended = once(node, 'close').then(([status, signal]) => {
    if (status !== 0) throw new Error(`${script} ended with ${signal ?? status}: ${errors}`)
    return lines
  })
  return {
    lines: ended,
    kill: () => node.kill('SIGKILL')
  }
}

module.exports = { Imap, PATIENCE_MS, within, connected, ended, call, fetched, sha256, randomBytes, child }
