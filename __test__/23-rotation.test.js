// @ts-check
'use strict'

// A session that moves to another connection before it must (resilience 2.8).

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { Imap, PATIENCE_MS, tracing, within } = require('./support')

const RECONNECT = { loginsPerMinute: 1e6 }

const LOGIN = `
  S: * PREAUTH hello
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1 IDLE
  S: A0 OK done
  C: A1 LIST "" ""
  S: A1 OK done
`

const OPEN = `
  C: A2 EXAMINE "INBOX"
  S: * 1 EXISTS
  S: * OK [UIDVALIDITY 7] ok
  S: * OK [UIDNEXT 4] ok
  S: A2 OK done
`

/** Lines of a connection that begins to idle and is left. */
const LEFT = (/** @type {number} */ tag) => `
  C: IDLE IDLE
  S: + idling
  C: DONE
  S: IDLE OK done
  C: A${tag} LOGOUT
  S: * BYE
  S: A${tag} OK
  X: end
`

test('rotate() moves the session, its mailbox and its listeners to another connection', async (t) => {
  const server = await tracing(t, [`${LOGIN}${OPEN}
    C: A3 FETCH 1:1 (UID FLAGS)
    S: * 1 FETCH (UID 3 FLAGS ())
    S: A3 OK done
    ${LEFT(4)}`, `${LOGIN}
    C: A2 EXAMINE "INBOX"
    S: * 2 EXISTS
    S: * OK [UIDVALIDITY 7] ok
    S: * OK [UIDNEXT 5] ok
    S: A2 OK done
    C: A3 FETCH 1:* (UID FLAGS)
    S: * 1 FETCH (UID 3 FLAGS ())
    S: * 2 FETCH (UID 4 FLAGS ())
    S: A3 OK done
    C: IDLE IDLE`])
  const imap = new Imap({ ...server.options, reconnect: RECONNECT })
  t.after(() => imap.destroy())
  /** @type {any[]} */
  const told = []
  for (const event of ['ready', 'mail', 'rotating', 'rotated', 'rotationFailed', 'disconnected', 'error', 'end', 'close']) {
    imap.on(event, (/** @type {any[]} */ ...values) => told.push([event, ...values]))
  }
  imap.connect()
  /** @type {any} */
  const box = await within(PATIENCE_MS, new Promise((resolve, reject) => imap.once('ready', () => {
    imap.openBox('INBOX', true, (/** @type {any} */ error, /** @type {any} */ box) => error ? reject(error) : resolve(box))
  })), 'openBox()')
  assert.equal(await within(PATIENCE_MS, imap.rotate(), 'rotate()'), true)
  assert.equal(imap.state, 'authenticated')
  assert.equal(imap._box, box)
  assert.equal(box.messages.total, 2)
  const rotated = told.find(([event]) => event === 'rotated')
  assert.deepEqual(told.map(([event]) => event), ['ready', 'mail', 'rotating', 'mail', 'rotated'])
  assert.deepEqual(told[2], ['rotating', { reason: 'asked' }])
  assert.deepEqual(told[3].slice(1), [1, { uids: [4], uidvalidity: 7, cause: 'resume' }])
  assert.deepEqual(Object.keys(rotated[1]), ['reason', 'overlapMs', 'pauseMs'])
})

test('what cannot be made is told, and the connection stays', async (t) => {
  const server = await tracing(t, [LOGIN, 'S: * BYE [UNAVAILABLE] not now\n X: end'])
  const imap = new Imap({ ...server.options, keepalive: false, reconnect: RECONNECT })
  t.after(() => imap.destroy())
  let lost = 0
  imap.on('disconnected', () => lost++)
  const failed = once(imap, 'rotationFailed')
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  assert.equal(await within(PATIENCE_MS, imap.rotate(), 'rotate()'), false)
  const [{ reason, cause, code, text, retryMs }] = await failed
  assert.deepEqual([reason, cause, code], ['asked', 'transient', 'EGREETING'])
  assert.match(text, /not now/)
  assert.ok(retryMs > 50_000 && retryMs <= 60_000)
  assert.equal(lost, 0)
})

test('a connection that is on its way is another one', async (t) => {
  const server = await tracing(t, LOGIN)
  const imap = new Imap({ ...server.options, keepalive: false, reconnect: RECONNECT })
  t.after(() => imap.destroy())
  imap.connect()
  assert.equal(await within(PATIENCE_MS, imap.rotate(), 'rotate()'), true)
})

test('rotate() says what it needs', async () => {
  await assert.rejects(new Imap({}).rotate(), { code: 'ERR_INVALID_STATE', option: 'reconnect', message: /set `reconnect: true`/ })
  await assert.rejects(new Imap({ reconnect: true }).rotate(), { code: 'ENOTCONN' })
})

test('the option `rotate` is looked at by the constructor', () => {
  for (const rotate of [true, false, {}, { maxSessionAge: 1000, marginMs: 0, overlap: false }]) assert.ok(new Imap({ rotate }))
  assert.throws(() => new Imap({ rotate: { maxAge: 5 } }), { option: 'rotate.maxAge', name: 'TypeError' })
  assert.throws(() => new Imap({ rotate: { maxSessionAge: -1 } }), { option: 'rotate.maxSessionAge', name: 'RangeError' })
  assert.throws(() => new Imap({ rotate: 'often' }), { option: 'rotate', message: /expected true, false or an object such as/ })
})

test('the life of a token counts from expiresAt', async (t) => {
  const server = await tracing(t, [LOGIN, LOGIN])
  /** @type {string[]} */
  const causes = []
  const imap = new Imap({
    ...server.options,
    keepalive: false,
    reconnect: RECONNECT,
    auth: {
      getToken: (/** @type {any} */ { cause }) => {
        causes.push(cause)
        return { token: 't', expiresAt: cause === 'connect' ? new Date(Date.now() + 400) : null }
      }
    }
  })
  t.after(() => imap.destroy())
  imap.connect()
  const [{ reason }] = await within(PATIENCE_MS, once(imap, 'rotated'), 'rotated')
  assert.equal(reason, 'token')
  assert.deepEqual(causes, ['connect', 'rotate'])
})
