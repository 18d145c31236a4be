// @ts-check
'use strict'

// What a connection means for the life of its process. Every program is a process of its own.

const assert = require('node:assert/strict')
const { join } = require('node:path')
const { test } = require('node:test')

const { PATIENCE_MS, child, serving, within } = require('./support')

const SCRIPT = join(__dirname, 'process.child.js')
const isNodeImap = !!process.env.IMAP_IMPLEMENTATION

/**
 * @param {import('node:test').TestContext} t
 * @param {string} program in process.child.js
 * @param {object} [input]
 * @param {(line: any) => void} [onLine]
 */
function running (t, program, input, onLine) {
  const started = child(SCRIPT, { program, ...input }, onLine)
  t.after(() => started.kill())
  return {
    started,
    /** @type {() => Promise<any[]>} */
    lines: () => within(PATIENCE_MS, started.lines, `the end of ${program}`),
    ended: () => within(PATIENCE_MS, started.ended, `the end of ${program}`)
  }
}

/** @param {any} server @param {RegExp} pattern @param {number} [count] */
function lines (server, pattern, count = 1) {
  return server.waitFor(() => server.lines.filter((/** @type {any} */ line) => pattern.test(line)).length >= count, { timeout: PATIENCE_MS })
}

test('a connection that is not connected does not hold the process', async (t) => {
  assert.deepEqual(await running(t, 'construct', { options: {} }).lines(), ['disconnected'])
})

test('an idle connection holds the process, which hears of a later delivery; a server that closes lets it go', async (t) => {
  const server = await serving(t)
  /** @type {(line: any) => void} */
  let told = () => {}
  const mail = new Promise((resolve) => { told = (line) => line.mail && resolve(line) })
  const { started, lines: all } = running(t, 'listen', { options: server.options }, (line) => told(line))
  await lines(server, /^IDLE IDLE$/)
  server.inbox.deliver('Subject: later\n\n')
  assert.deepEqual(await within(PATIENCE_MS, mail, 'mail'), { mail: 1 })
  assert.ok(started.isAlive)
  server.connections[0].close()
  assert.deepEqual(await all(), ['opened', { mail: 1 }, 'closed'])
})

test('the process ends after end()', async (t) => {
  const server = await serving(t)
  assert.deepEqual(await running(t, 'end', { options: server.options }).lines(), [{ closed: false }])
  assert.match(String(server.lines.at(-1)), / LOGOUT$/)
})

test('the process lives as long as the last of its connections, and hears of each', async (t) => {
  const server = await serving(t)
  assert.deepEqual(await running(t, 'several', { options: server.options }).lines(),
    ['first closed', 'second answered: undefined', 'second closed', 'third closed'])
})

test('the process ends after destroy()', async (t) => {
  const server = await serving(t)
  assert.deepEqual(await running(t, 'destroy', { options: server.options }).lines(), [{ closed: false }])
})

test('the process ends after destroy() even if the server never closes', { skip: isNodeImap }, async (t) => {
  const server = await serving(t)
  server.fault({ on: / SELECT /, when: 'answered', do: 'stall' })
  assert.deepEqual(await running(t, 'destroy', { options: server.options }).lines(), [{ closed: false }])
})

test('the process ends after a connection is reset', async (t) => {
  const server = await serving(t)
  const { ended } = running(t, 'listen', { options: server.options })
  await lines(server, / SELECT /)
  server.fault({ do: 'reset' })
  // There is no listener for `error`.
  const { status, errors } = await ended()
  assert.equal(status, 1)
  assert.match(errors, /ECONNRESET/)
})

test('process.exit() in the middle of traffic is clean, 20 times', async (t) => {
  const server = await busy(t)
  for (let round = 0; round < 20; round++) {
    const { status, signal, lines, errors } = await running(t, 'traffic', { options: server.options, exit: round }).ended()
    assert.deepEqual({ status, signal, lines, errors }, { status: round, signal: null, lines: ['traffic'], errors: '' })
  }
})

test('worker.terminate() in the middle of traffic is clean, 20 times', async (t) => {
  const server = await busy(t)
  const { status, signal, lines, errors } = await running(t, 'terminate', { options: server.options, rounds: 20 }).ended()
  assert.deepEqual({ status, signal, errors }, { status: 0, signal: null, errors: '' })
  assert.deepEqual(lines, Array(20).fill(1))
})

test('a connection of a worker that was terminated is closed', async (t) => {
  const server = await busy(t)
  await running(t, 'terminate', { options: server.options, rounds: 3 }).lines()
  await server.waitFor(() => server.connections.length === 0, { timeout: PATIENCE_MS })
})

test('two workers have a connection each', async (t) => {
  const server = await serving(t)
  const [{ said, codes }] = await running(t, 'workers', { options: server.options }).lines()
  assert.deepEqual({ said, codes }, { said: [{ closed: false }, { closed: false }], codes: [0, 0] })
  assert.equal(server.accepted, 2)
})

test('an exception of a listener is uncaught, with its own stack, and ends the process', async (t) => {
  const server = await serving(t)
  const { ended } = running(t, 'throwing', { options: server.options })
  await lines(server, /^IDLE IDLE$/)
  server.inbox.deliver('Subject: x\n\n')
  const { status, signal, errors } = await ended()
  assert.deepEqual({ status, signal }, { status: 1, signal: null })
  assert.match(errors, /Error: from a listener/)
  assert.match(errors, /at .*listener .*process\.child\.js/)
  assert.doesNotMatch(errors, /panic/i)
})

test('whoever survives the exceptions of its listeners misses no event', { skip: isNodeImap }, async (t) => {
  const server = await serving(t)
  server.inbox.deliver('Subject: x\n\n')
  const { lines: all } = running(t, 'surviving', { options: server.options })
  await lines(server, /^IDLE IDLE$/)
  // In one segment: the listener of the first two throws.
  server.connections[0].write('* OK [ALERT] one\r\n* NO [ALERT] two\r\n* 1 EXPUNGE\r\n')
  const said = await all()
  assert.deepEqual(said.filter((line) => !line.uncaught), ['opened', { status: 'Sent' }, { expunge: 1 }, 'closed'])
  assert.deepEqual(said.filter((line) => line.uncaught), [
    { uncaught: 'in a callback', own: true }, { uncaught: 'one', own: true }, { uncaught: 'two', own: true }
  ])
})

test('whoever survives the exceptions of its `debug` misses no event', { skip: isNodeImap }, async (t) => {
  const reconnect = { baseMs: 1, capMs: 5 }
  for (const [fault, options, events] of /** @type {any[]} */ ([
    [undefined, {}, ['ready', 'end']],
    [undefined, { password: 'wrong' }, ['error', 'end']],
    [{ on: / CREATE /, do: 'reset' }, {}, ['ready', 'error']],
    [{ on: / CREATE /, do: 'cut' }, { reconnect }, ['ready', 'disconnected', 'reconnected', 'end']],
    [{ on: / CREATE /, do: 'stall' }, { socketTimeout: 500 }, ['ready', 'error']]
  ])) {
    const server = await serving(t)
    if (fault) server.fault(fault)
    const said = await running(t, 'complaining', { options: { ...server.options, ...options } }).lines()
    assert.deepEqual(said, [...events, { closed: true, hasThrown: true }])
  }
})

/** A server whose INBOX keeps a client busy. @param {import('node:test').TestContext} t */
async function busy (t) {
  const server = await serving(t, { record: false })
  for (let count = 0; count < 200; count++) server.inbox.deliver(`Subject: ${count}\n\n${'x'.repeat(5000)}\n`)
  return server
}
