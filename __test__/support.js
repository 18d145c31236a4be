// @ts-check
'use strict'

// What the tests share: waiting with a deadline, the library's calls as promises, and peers that
// are stopped with their test.

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')

const Imap = require('./imap')
const { Server } = require('./server')

/** How long a call may take on a busy machine, in ms. */
const PATIENCE_MS = Number(process.env.PATIENCE_MS) || 20_000

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
 * @param {any} connection
 * @returns {Promise<boolean>} the argument of its next `close`, whether or not an `error` comes first
 */
function closed (connection) {
  return within(PATIENCE_MS, new Promise((resolve) => connection.once('close', resolve)), 'close')
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
 * Runs a script in a Node of its own. Its argument is `input` as JSON; what it prints to standard
 * output is one JSON value for each line.
 *
 * @param {string} script
 * @param {unknown} input
 * @param {(line: any) => void} [onLine] called for each value as it comes
 * @param {Record<string, string>} [environment] more variables for it
 */
function child (script, input, onLine = () => {}, environment = {}) {
  const node = spawn(process.execPath, [script, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment }
  })
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
  const closed = once(node, 'close')
  return {
    /** However it ended. @returns {Promise<{ status: number | null, signal: string | null, lines: any[], errors: string }>} */
    get ended () {
      return closed.then(([status, signal]) => ({ status, signal, lines, errors }))
    },
    /** All values, once the script ended by itself with status 0. @returns {Promise<any[]>} */
    get lines () {
      return this.ended.then(({ status, signal }) => {
        if (status !== 0) throw new Error(`${script} ended with ${signal ?? status}: ${errors}`)
        return lines
      })
    },
    /** Whether it still runs. */
    get isAlive () {
      return node.exitCode === null && node.signalCode === null
    },
    kill: () => node.kill('SIGKILL'),
    /** @param {NodeJS.Signals} name */
    signal: (name) => node.kill(name)
  }
}

/**
 * @param {import('node:test').TestContext} t
 * @param {import('./server').Settings} [settings]
 * @returns {Promise<Server>} a test peer that is stopped with its test
 */
async function serving (t, settings) {
  const server = await Server.start(settings)
  t.after(() => server.stop())
  return server
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string | string[]} script what both sides say, or of as many connections; see server/README.md
 * @param {import('./server/trace').TraceOptions} [options]
 */
async function tracing (t, script, options) {
  const server = await Server.trace(script, options)
  t.after(() => server.stop())
  // A stage of quirks/ fails with its trace, whatever the play waits for.
  if ('watch' in t) /** @type {any} */ (t).watch(server)
  return server
}

/**
 * The login of a trace: tags up to A2, or A3 with NAMESPACE.
 *
 * @param {string} [capabilities] announced by the login, after IMAP4rev1
 */
function login (capabilities = '') {
  const namespace = /\bNAMESPACE\b/.test(capabilities)
  return [
    'S: * OK ready',
    'C: A0 CAPABILITY',
    'S: * CAPABILITY IMAP4rev1',
    'S: A0 OK done',
    'C: /^A1 LOGIN /',
    `S: * CAPABILITY IMAP4rev1 ${capabilities}`.trim(),
    'S: A1 OK done',
    ...(namespace ? ['C: A2 NAMESPACE', 'S: * NAMESPACE (("" "/")) NIL NIL', 'S: A2 OK done'] : []),
    `C: A${namespace ? 3 : 2} LIST "" ""`,
    'S: * LIST (\\Noselect) "/" ""',
    `S: A${namespace ? 3 : 2} OK done`
  ].join('\n') + '\n'
}

/**
 * A connection that has played the login of a trace. It is destroyed with its test, and says
 * nothing of its own (no keepalive) unless `options` ask for it.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} script what follows the login
 * @param {{ capabilities?: string, options?: object, trace?: import('./server/trace').TraceOptions }} [settings]
 */
async function session (t, script, { capabilities, options, trace } = {}) {
  const server = await tracing(t, login(capabilities) + script, trace)
  const imap = await connected({ ...server.options, keepalive: false, ...options })
  t.after(() => imap.destroy())
  return { imap, server }
}

/** The answer to SELECT of an ordinary mailbox of three messages. */
const SELECTED = `
  S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
  S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] ok
  S: * 3 EXISTS
  S: * 0 RECENT
  S: * OK [UIDVALIDITY 7] ok
  S: * OK [UIDNEXT 4] ok
`

/**
 * A {@link session} with the INBOX open, read and write; the script goes on at tag A4.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} script
 * @param {{ capabilities?: string, options?: object, trace?: import('./server/trace').TraceOptions, selected?: string }} [settings]
 *   `selected` is what the server says to SELECT, default {@link SELECTED}
 */
async function opened (t, script, { selected = SELECTED, ...settings } = {}) {
  const opening = `C: /^A3 SELECT "INBOX"/\n${selected}\nS: A3 OK [READ-WRITE] done\n`
  const { imap, server } = await session(t, opening + script, settings)
  const box = await call(imap, 'openBox', 'INBOX')
  return { imap, server, box, events: recorded(imap) }
}

/**
 * A connection with an open mailbox; `quiet()` tells that nothing was sent on it until then.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} [capabilities]
 */
async function silent (t, capabilities) {
  const { imap, server } = await opened(t, 'C: A4 LOGOUT\nS: A4 OK bye', { capabilities })
  const quiet = () => {
    imap.end()
    return server.done()
  }
  return { imap, quiet }
}

/**
 * A call on a connection with an open mailbox, and what it must send and give.
 *
 * @param {import('node:test').TestContext} t
 * @param {(imap: any) => [target: any, method: string, ...args: any[]]} make
 * @param {string} command
 * @param {any[]} values the callback's, without the error, which must be undefined
 * @param {{ capabilities?: string, answer?: string, ok?: string }} [settings]
 */
async function sends (t, make, command, values, { capabilities, answer: lines = '', ok = 'OK done' } = {}) {
  const { imap, server } = await opened(t, `
    C: A4 ${command}
    ${lines}
    S: A4 ${ok}`, { capabilities })
  const [target, method, ...args] = make(imap)
  const given = await answer(target, method, ...args)
  assert.deepEqual(given.values, [undefined, ...values])
  assert.equal(given.self, imap)
  await server.done()
}

/**
 * Everything that an emitter emits from now on, in order: `[event, ...arguments]`.
 *
 * @param {any} emitter
 * @param {string[]} [names] default: all of a connection's
 * @returns {any[][]}
 */
function recorded (emitter, names = ['ready', 'alert', 'mail', 'expunge', 'update', 'uidvalidity', 'error', 'end', 'close']) {
  /** @type {any[][]} */
  const events = []
  for (const name of names) emitter.on(name, (/** @type {any[]} */ ...values) => events.push([name, ...values]))
  return events
}

/**
 * Calls a method whose last argument is a callback, and gives all that it is called with.
 *
 * @param {any} target
 * @param {string} method
 * @param {...any} args
 * @returns {Promise<{ values: any[], self: any }>}
 */
function answer (target, method, ...args) {
  return within(PATIENCE_MS, new Promise((resolve) => {
    target[method](...args, /** @this {any} */ function (/** @type {any[]} */ ...values) {
      resolve({ values, self: this })
    })
  }), `${method}()`)
}

module.exports = {
  Imap,
  Server,
  PATIENCE_MS,
  SELECTED,
  answer,
  call,
  child,
  closed,
  connected,
  ended,
  fetched,
  login,
  opened,
  recorded,
  sends,
  serving,
  session,
  silent,
  tracing,
  within
}
