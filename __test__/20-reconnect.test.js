// @ts-check
'use strict'

// A session with the option `reconnect` (resilience 2.3 to 2.5, 2.18), through a relay that cuts
// its connections: same object, same mailbox, same listeners, nothing lost, nothing doubled.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { random } = require('./random')
const { Relay } = require('./relay')
const { Imap, Server, call, recorded, tracing, within } = require('./support')

const PATIENCE_MS = 60_000
/** Fast enough for a test; a real account keeps the defaults. */
const RECONNECT = { baseMs: 5, capMs: 20, stableMs: 60_000, loginsPerMinute: 1e6 }
const SESSION_EVENTS = ['disconnected', 'reconnecting', 'reconnected', 'suspended', 'mailboxReset', 'mailboxGone']

/**
 * A session with an open INBOX behind a relay, and what it announces.
 *
 * @param {import('node:test').TestContext} t
 * @param {object} [settings]
 */
async function watching (t, settings) {
  const server = await Server.start(settings)
  t.after(() => server.stop())
  const relay = await Relay.start(t, server.options.port)
  const imap = new Imap({ ...server.options, port: relay.port, reconnect: RECONNECT })
  t.after(() => imap.destroy())
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  const box = await call(imap, 'openBox', 'INBOX')
  /** @type {number[]} */
  const uids = []
  imap.on('mail', (/** @type {number} */ count, /** @type {any} */ info) => {
    assert.equal(count, info.uids.length)
    uids.push(...info.uids)
  })
  return { server, relay, imap, box, uids, events: recorded(imap, [...SESSION_EVENTS, 'ready', 'error', 'end', 'close']) }
}

/** Waits until it is so, looking again after each event. */
async function until (/** @type {any} */ emitter, /** @type {string} */ event, /** @type {() => boolean} */ isSo) {
  while (!isSo()) await within(PATIENCE_MS, once(emitter, event), event)
}

test('a hundred cuts at random moments: one object, one mailbox, one socket, each message once', async (t) => {
  const { server, relay, imap, box, uids, events } = await watching(t)
  const chance = random(20261124)
  let delivered = 0
  for (let cut = 1; cut <= 100; cut++) {
    const back = once(imap, 'reconnected')
    const before = Math.floor(chance() * 3)
    for (let i = 0; i < before; i++) server.inbox.deliver(`Subject: ${++delivered}\r\n\r\nx\r\n`)
    relay.cut(chance() < 0.5)
    for (let i = 0; i < 2; i++) server.inbox.deliver(`Subject: ${++delivered}\r\n\r\nx\r\n`)
    await within(PATIENCE_MS, back, `reconnected, cut ${cut}`)
  }
  await until(imap, 'mail', () => uids.length >= delivered)
  assert.deepEqual(uids, Array.from({ length: delivered }, (_, i) => i + 1))
  assert.equal(imap._box, box)
  assert.equal(box.messages.total, delivered)
  assert.equal(imap.state, 'authenticated')
  assert.equal(relay.most, 1, 'one live socket at any time')
  assert.equal(events.filter(([name]) => ['ready', 'error', 'end', 'close'].includes(name)).length, 0)
  assert.equal(imap.listenerCount('mail'), 1)
  const found = await call(imap, 'search', ['ALL'])
  assert.equal(found.length, delivered)
  imap.end()
  await within(PATIENCE_MS, once(imap, 'close'), 'close')
})

test('logins that fail on the way back do not make it forget its mailbox', async (t) => {
  const { server, relay, imap, box, uids } = await watching(t)
  server.refusal = '[UNAVAILABLE] Temporary authentication failure.'
  let losses = 0
  imap.on('disconnected', () => losses++)
  relay.cut()
  await until(imap, 'disconnected', () => losses === 3)
  const reset = server.fault({ on: /LOGIN|AUTHENTICATE/, do: 'reset' })
  server.refusal = undefined
  await within(PATIENCE_MS, reset.fired, 'a reset in the middle of a login')
  await within(PATIENCE_MS, once(imap, 'reconnected'), 'reconnected')
  server.inbox.deliver('Subject: one\r\n\r\nx\r\n')
  await until(imap, 'mail', () => uids.length > 0)
  assert.deepEqual(uids, [1])
  assert.equal(imap._box, box)
})

const LOGIN = `
  S: * PREAUTH hello
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1 IDLE
  S: A0 OK done
  C: A1 LIST "" ""
  S: A1 OK done`

const open = (/** @type {number} */ total, /** @type {number} */ uidnext) => `
  C: A2 SELECT "INBOX"
  S: * ${total} EXISTS
  S: * OK [UIDVALIDITY 7] ok
  S: * OK [UIDNEXT ${uidnext}] ok
  S: A2 OK done`

/**
 * Plays connections of a session with an open INBOX, and gives what it announced.
 *
 * @param {import('node:test').TestContext} t
 * @param {...string} scripts
 */
async function played (t, ...scripts) {
  const server = await tracing(t, scripts)
  const imap = new Imap({ ...server.options, reconnect: RECONNECT })
  t.after(() => imap.destroy())
  const opened = new Promise((resolve) => imap.once('ready', () => resolve(call(imap, 'openBox', 'INBOX'))))
  imap.connect()
  const box = await within(PATIENCE_MS, opened, 'openBox()')
  const events = recorded(imap, ['mail', 'expunge', 'update'])
  await server.done()
  return { events, box }
}

test('mail that arrives while it finds out what is new is announced too', async (t) => {
  const { events, box } = await played(t, `${LOGIN}${open(1, 4)}
    C: A3 FETCH 1:1 (UID FLAGS)
    S: * 1 FETCH (UID 3 FLAGS ())
    S: A3 OK done
    C: IDLE IDLE
    X: cut`, `${LOGIN}${open(2, 5)}
    C: A3 FETCH 1:* (UID FLAGS)
    S: * 1 FETCH (UID 3 FLAGS ())
    S: * 2 FETCH (UID 4 FLAGS ())
    S: * 3 EXISTS
    S: A3 OK done
    C: A4 FETCH 3:3 (UID FLAGS)
    S: * 3 FETCH (UID 5 FLAGS ())
    S: * 4 EXISTS
    S: A4 OK done
    C: A5 FETCH 4:4 (UID FLAGS)
    S: * 4 FETCH (UID 6 FLAGS ())
    S: A5 OK done
    C: IDLE IDLE`)
  assert.deepEqual(events, [
    ['mail', 1, { uids: [4], uidvalidity: 7, cause: 'resume' }],
    ['mail', 1, { uids: [5], uidvalidity: 7, cause: 'live' }],
    ['mail', 1, { uids: [6], uidvalidity: 7, cause: 'live' }]
  ])
  assert.equal(box.messages.total, 4)
})

test('what was never announced is not told to be gone', async (t) => {
  const { events, box } = await played(t, `${LOGIN}${open(2, 4)}
    C: A3 FETCH 1:2 (UID FLAGS)
    S: * 1 FETCH (UID 2 FLAGS ())
    S: * 2 FETCH (UID 3 FLAGS ())
    S: A3 OK done
    C: IDLE IDLE
    S: + idling
    S: * 4 EXISTS
    S: * 4 EXPUNGE
    C: DONE
    S: IDLE OK done
    C: A4 FETCH 3:3 (UID FLAGS)
    X: cut`, `${LOGIN}${open(2, 6)}
    C: A3 FETCH 1:* (UID FLAGS)
    S: * 1 FETCH (UID 3 FLAGS ())
    S: * 2 FETCH (UID 4 FLAGS ())
    S: A3 OK done
    C: IDLE IDLE`)
  assert.deepEqual(events, [
    ['expunge', 1, { uid: 2, cause: 'resume' }],
    ['mail', 1, { uids: [4], uidvalidity: 7, cause: 'resume' }]
  ])
  assert.equal(box.messages.total, 2)
})

test('flags that change while it finds out what changed are told in the order of the wire', async (t) => {
  const { events } = await played(t, `${LOGIN}${open(4, 9)}
    C: A3 FETCH 1:4 (UID FLAGS)
    S: * 1 FETCH (UID 2 FLAGS ())
    S: * 2 FETCH (UID 4 FLAGS (\\Seen))
    S: * 3 FETCH (UID 6 FLAGS (x))
    S: * 4 FETCH (UID 8 FLAGS ())
    S: A3 OK done
    C: IDLE IDLE
    X: cut`, `${LOGIN}${open(4, 9)}
    C: A3 FETCH 1:* (UID FLAGS)
    S: * 1 FETCH (UID 2 FLAGS (\\Flagged))
    S: * 2 FETCH (UID 4 FLAGS (\\Seen))
    S: * 3 FETCH (UID 6 FLAGS (y))
    S: * 4 FETCH (UID 8 FLAGS ())
    S: * 5 EXISTS
    S: A3 OK done
    C: A4 FETCH 5:5 (UID FLAGS)
    S: * 2 FETCH (FLAGS (\\Seen \\Answered))
    S: * 3 FETCH (MODSEQ (7) FLAGS (x))
    S: * 5 FETCH (UID 9 FLAGS (new))
    S: A4 OK done
    C: IDLE IDLE`)
  assert.deepEqual(events, [
    ['update', 1, { uid: 2, flags: ['\\Flagged'] }],
    ['update', 3, { uid: 6, flags: ['y'] }],
    ['update', 2, { flags: ['\\Seen', '\\Answered'] }],
    ['update', 3, { modseq: '7', flags: ['x'] }],
    ['mail', 1, { uids: [9], uidvalidity: 7, cause: 'live' }]
  ])
})

test('commands wait while the session comes back', async (t) => {
  const { server, relay, imap } = await watching(t)
  server.inbox.deliver('Subject: one\r\n\r\nx\r\n')
  await within(PATIENCE_MS, once(imap, 'mail'), 'mail')
  relay.cut()
  await within(PATIENCE_MS, once(imap, 'disconnected'), 'disconnected')
  assert.equal(imap.state, 'authenticated')
  const [found, boxes] = await Promise.all([call(imap, 'search', ['ALL']), call(imap, 'getBoxes')])
  assert.deepEqual(found, [1])
  assert.ok(boxes.INBOX)
  imap.end()
  await within(PATIENCE_MS, once(imap, 'close'), 'close')
})

test('end() and destroy() while it comes back end it at once, with one close', async (t) => {
  for (const how of ['end', 'destroy']) {
    const { relay, imap, events } = await watching(t)
    imap._config.reconnect.baseMs = 5
    relay.stop()
    await within(PATIENCE_MS, once(imap, 'reconnecting'), 'reconnecting')
    imap[how]()
    await within(PATIENCE_MS, once(imap, 'close'), 'close')
    assert.equal(events.filter(([name]) => name === 'close').length, 1)
    assert.equal(events.filter(([name]) => name === 'error').length, 0)
    assert.equal(imap.state, 'disconnected')
  }
})

test('connect() while it comes back changes nothing', async (t) => {
  const { relay, imap } = await watching(t)
  relay.cut()
  await within(PATIENCE_MS, once(imap, 'disconnected'), 'disconnected')
  const back = once(imap, 'reconnected')
  imap.connect()
  imap.connect()
  await within(PATIENCE_MS, back, 'reconnected')
  assert.equal(relay.most, 1)
  assert.equal(relay.accepted, 2)
})
