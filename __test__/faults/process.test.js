// @ts-check
'use strict'

// Faults of the process, of its resources and of the program itself (resilience 3.3), each by its id.

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { join } = require('node:path')
const { test } = require('node:test')

const { random } = require('../random')
const { RECONNECT, ended, next, until, watching } = require('../recovery')
const { Imap, PATIENCE_MS, call, child, closed, recorded, serving, within } = require('../support')

/** How long the event loop stands still, in milliseconds. */
const BLOCKED_MS = 2500
const CHILD = join(__dirname, 'process.child.js')

test('P02 a program that is busy for seconds drops nothing: IDLE goes on, events keep their order', async (t) => {
  // The server lives in another process: it must not stand still with us.
  const server = spawn(process.execPath, ['-e', `
    const { Server } = require(${JSON.stringify(join(__dirname, '..', 'server'))})
    Server.start().then((server) => {
      console.log(JSON.stringify(server.options))
      server.waitFor(({ connections }) => connections.some(({ idling, view }) => idling && view)).then(() => {
        for (let n = 1; n <= 20; n++) setTimeout(() => server.inbox.deliver('Subject: ' + n + '\\n\\n'), n * 50)
      })
    })`], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => server.kill())
  const [options] = await within(PATIENCE_MS, once(server.stdout, 'data'), 'the server')
  const imap = new Imap({ ...JSON.parse(String(options)), keepalive: { interval: 100, idleInterval: 300 }, reconnect: RECONNECT })
  t.after(() => imap.destroy())
  const lost = recorded(imap, ['disconnected', 'error', 'end', 'close'])
  /** @type {number[]} */
  const uids = []
  const box = new Promise((resolve) => imap.once('ready', () => resolve(call(imap, 'openBox', 'INBOX'))))
  imap.connect()
  await within(PATIENCE_MS, box, 'the INBOX')
  imap.on('mail', (/** @type {number} */ count, /** @type {any} */ info) => uids.push(...info.uids))
  // In a turn of its own, after the program has seen the mailbox.
  await new Promise((resolve) => setImmediate(resolve))
  const until = Date.now() + BLOCKED_MS
  while (Date.now() < until);
  while (uids.length < 20) await within(PATIENCE_MS, once(imap, 'mail'), 'mail')
  assert.deepEqual(uids, Array.from({ length: 20 }, (_, i) => i + 1))
  assert.deepEqual(lost, [])
  assert.equal(imap.stats().generation, 1, 'one connection')
})

test('P03 listeners that throw: the session lives, and what comes next is told', async (t) => {
  const { server, relay, imap, uids, events } = await watching(t)
  /** @type {string[]} */
  const uncaught = []
  const listeners = process.rawListeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => { uncaught.push(error.message) })
  t.after(() => {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', /** @type {any} */ (listener))
  })
  for (const name of ['mail', 'disconnected', 'reconnecting', 'reconnected']) imap.prependListener(name, () => { throw new Error(name) })
  imap.on('mail', () => {})
  const arrived = () => server.inbox.deliver('Subject: one\r\n\r\n')
  arrived()
  while (!uncaught.includes('mail')) await new Promise((resolve) => setImmediate(resolve))
  relay.cut()
  while (!uncaught.includes('reconnected')) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(uncaught, ['mail', 'disconnected', 'reconnecting', 'reconnected'])
  imap.removeAllListeners('mail')
  imap.on('mail', (/** @type {number} */ count, /** @type {any} */ info) => uids.push(...info.uids))
  arrived()
  await until(imap, 'mail', () => uids.length > 0)
  assert.deepEqual(await call(imap, 'search', ['ALL']), [1, 2])
  assert.equal(imap.state, 'authenticated')
  events.length = 0
  await ended(imap, events)
})

test('P05 end() and destroy(), in any state, in callbacks, again and again: one close', async (t) => {
  const server = await serving(t)
  const seed = Number(process.env.SEED) || 20261124
  t.diagnostic(`SEED=${seed}`)
  const chance = random(seed)
  const pick = (/** @type {any[]} */ values) => values[Math.floor(chance() * values.length)]
  for (let round = 0; round < 120; round++) {
    const reconnect = chance() < 0.7 ? { ...RECONNECT, baseMs: pick([0, 5, 20]) } : false
    const imap = new Imap({ ...server.options, keepalive: chance() < 0.5, reconnect })
    const closes = recorded(imap, ['close'])
    imap.on('error', () => {})
    const act = () => { for (let times = pick([1, 2, 3]); times > 0; times--) imap[pick(['end', 'destroy'])]() }
    /** When it is asked to end. @type {string} */
    const moment = pick(['now', 'turn', 'tick', 'ready', 'opened', 'searching', 'disconnected', 'reconnecting', 'end', 'close'])
    const again = chance() < 0.5 && moment !== 'close'
    if (again) for (const event of ['end', 'close']) imap.on(event, act)
    const over = closed(imap)
    imap.connect()
    if (moment === 'now') act()
    if (moment === 'turn') setImmediate(act)
    if (moment === 'tick') process.nextTick(act)
    imap.once('ready', () => {
      if (moment === 'ready') return act()
      imap.openBox('INBOX', () => {
        if (moment === 'opened') return act()
        if (moment === 'searching') return imap.search(['ALL'], act)
        // The events that need a loss; without `reconnect` only its end comes.
        if (moment === 'disconnected' || moment === 'reconnecting') imap.once(reconnect ? moment : 'end', act)
        if (moment === 'end' || moment === 'close') imap.once(moment, act)
        if (reconnect && (moment === 'end' || moment === 'close')) return act()
        server.fault({ do: chance() < 0.5 ? 'cut' : 'reset' })
      })
    })
    await over
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    assert.equal(closes.length, 1, `round ${round}, ${moment}, reconnect ${JSON.stringify(reconnect)}`)
    assert.equal(imap.state, 'disconnected')
  }
  await server.waitFor(({ connections }) => connections.length === 0)
})

for (const [act, title, status, last] of /** @type {const} */ ([
  ['exit', 'process.exit() while a session waits', 3, 'waiting'],
  ['end', 'end() while a session waits lets the process go', 0, 'close']
])) {
  test(`P06 ${title}`, async (t) => {
    const server = await serving(t)
    const options = { ...server.options, reconnect: { baseMs: 600_000, capMs: 600_000 } }
    const program = child(CHILD, { options, act }, (line) => line === 'ready' && server.fault({ do: 'cut' }))
    t.after(() => program.kill())
    const { status: ended, signal, lines, errors } = await within(PATIENCE_MS, program.ended, 'the end of the process')
    assert.deepEqual([ended, signal, lines.at(-1)], [status, null, last], errors)
  })
}

test('P12 no descriptor is left: told by its code, and it comes back when there are some', { skip: process.platform !== 'linux' }, async (t) => {
  const server = await serving(t)
  const options = { ...server.options, keepalive: false, reconnect: { ...RECONNECT, baseMs: 20, capMs: 50 } }
  const input = JSON.stringify({ options, act: 'descriptors' })
  const program = spawn('prlimit', ['--nofile=64:64', process.execPath, CHILD, input], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => program.kill('SIGKILL'))
  let said = ''
  program.stdout.setEncoding('utf8').on('data', (text) => {
    if (text.includes('"open"')) server.fault({ do: 'cut' })
    said += text
  })
  const [status] = await within(PATIENCE_MS, once(program, 'close'), 'the end of the process')
  const lines = said.trim().split('\n').map((line) => JSON.parse(line))
  assert.equal(status, 0, said)
  assert.ok(lines.some(({ cause, code }) => cause === 'transient' && code === 'EMFILE'), said)
  assert.equal(lines.at(-1), 'reconnected')
})

test('P17 getToken that throws, is slow, or gives an old token: asked again, one at a time', async (t) => {
  const initial = (/** @type {string} */ token) => Buffer.from(`user=user\x01auth=Bearer ${token}\x01\x01`).toString('base64')
  const server = await serving(t, { accounts: { user: { tokens: [initial('good')] } } })
  /** @type {string[]} */
  const asked = []
  let running = 0
  let most = 0
  const answers = [
    () => { throw new Error('the vault is closed') },
    async () => { throw new Error('the vault is still closed') },
    () => 'old',
    () => new Promise((resolve) => setTimeout(resolve, 50, 'good'))
  ]
  const imap = new Imap({
    ...server.options,
    password: undefined,
    keepalive: false,
    reconnect: RECONNECT,
    auth: {
      async getToken (/** @type {any} */ { cause }) {
        asked.push(cause)
        most = Math.max(most, ++running)
        try {
          return await (answers.shift() ?? (() => 'good'))()
        } finally {
          running--
        }
      }
    }
  })
  t.after(() => imap.destroy())
  imap.on('error', (/** @type {Error} */ error) => assert.fail(error))
  imap.connect()
  await next(imap, 'ready')
  assert.equal(asked[0], 'connect')
  assert.equal(asked.at(-1), 'rejected')
  assert.equal(asked.length, 4)
  assert.equal(most, 1)
})

test('P17 a thousand connect() ask for one token', async (t) => {
  const server = await serving(t)
  let asked = 0
  const imap = new Imap({ ...server.options, password: undefined, reconnect: RECONNECT, auth: { getToken: () => { asked++; return new Promise(() => {}) } } })
  for (let n = 0; n < 1000; n++) imap.connect()
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(asked <= 1, `${asked}`)
  imap.end()
  await closed(imap)
  assert.equal(asked, 1)
  assert.equal(server.accepted, 0)
})
