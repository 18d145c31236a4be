// @ts-check
'use strict'

// Faults of servers and of what they say (resilience 3.2), each by its id.

const assert = require('node:assert/strict')
const net = require('node:net')
const { test } = require('node:test')

const { RECONNECT, ended, next, until, watching } = require('../recovery')
const { Imap, PATIENCE_MS, Server, call, closed, login, opened, recorded, serving, tracing, within } = require('../support')
const { certificate } = require('../server')

/**
 * A session that has not begun, with what becomes of it.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ options: any }} server
 * @param {Record<string, any>} [options]
 */
function session (t, server, options) {
  const imap = new Imap({ ...server.options, keepalive: false, reconnect: RECONNECT, ...options })
  t.after(() => imap.destroy())
  const events = recorded(imap, ['ready', 'disconnected', 'reconnecting', 'reconnected', 'throttled', 'suspended', 'error', 'end', 'close'])
  imap.connect()
  return { imap, events, names: () => events.map(([name]) => name) }
}

for (const [text, cause] of [['Session expired, please login again.', 'expired'], ['Session invalidated - AccessTokenExpired', 'expired'], ['Server shutting down.', 'transient']]) {
  test(`S01 'BYE ${text}' is no error: the session comes back at once, with its text told`, async (t) => {
    const { server, imap, events, named, uids } = await watching(t)
    const back = next(imap, 'reconnected')
    server.fault({ do: { bye: text } })
    server.inbox.deliver('Subject: meanwhile\r\n\r\n')
    await back
    assert.equal(named('disconnected')[0].cause, cause)
    assert.equal(named('disconnected')[0].text, text)
    assert.ok(named('reconnecting')[0].delayMs <= 1000)
    assert.deepEqual(uids, [1])
    await ended(imap, events)
  })
}

test('S03 greetings that refuse get no login, and are tried again', async (t) => {
  const server = await tracing(t, ['S: * BYE [UNAVAILABLE] not now\nX: end', 'S: * NO too early\nX: end', `${login()}`])
  const { imap, names } = session(t, server)
  await next(imap, 'ready')
  assert.deepEqual(names().filter((name) => name !== 'reconnecting'), ['disconnected', 'disconnected', 'ready'])
  assert.equal(server.lines.filter((line) => /LOGIN/.test(String(line))).length, 1)
})

test('S06 too many connections: a long wait that is told, and end() ends it', async (t) => {
  const server = await serving(t)
  server.fault({ on: /LOGIN/, do: { answer: 'TAG NO [LIMIT] Maximum number of connections from user+IP exceeded' }, times: Infinity })
  const { imap, names } = session(t, server)
  const { waitMs, text } = await next(imap, 'throttled')
  assert.ok(waitMs >= 60_000 && waitMs <= 15 * 60_000, `${waitMs} ms`)
  assert.match(text, /Maximum number of connections/)
  imap.end()
  await closed(imap)
  assert.deepEqual(names(), ['disconnected', 'throttled', 'reconnecting', 'end', 'close'])
})

test('S07 a password that never worked is tried once', async (t) => {
  const server = await serving(t)
  const { imap, names, events } = session(t, server, { password: 'wrong' })
  await closed(imap)
  assert.deepEqual(names(), ['disconnected', 'suspended', 'error', 'end', 'close'])
  assert.equal(events[2][1].code, 'EAUTH')
  assert.equal(server.accepted, 1)
})

test('S08 [UNAVAILABLE] at the login is the server\'s trouble, not the password\'s', async (t) => {
  const server = await serving(t)
  server.fault({ on: /LOGIN/, do: { answer: 'TAG NO [UNAVAILABLE] Temporary authentication failure.' }, times: 4 })
  const { imap, names, events } = session(t, server)
  await next(imap, 'ready')
  assert.equal(names().filter((name) => name === 'disconnected').length, 4)
  assert.ok(events.every(([name, info]) => name !== 'disconnected' || info.cause === 'transient'))
})

test('S09 \'authenticated but not connected\': a fresh token first, then somebody must look', async (t) => {
  const server = await serving(t, { capabilities: ['IMAP4rev1', 'AUTH=XOAUTH2', 'SASL-IR'] })
  server.fault({ on: /AUTHENTICATE/, do: { answer: 'TAG BAD User is authenticated but not connected.' }, times: Infinity })
  /** @type {string[]} */
  const causes = []
  const getToken = (/** @type {any} */ { cause }) => {
    causes.push(cause)
    return `token${causes.length}`
  }
  const { imap, names } = session(t, server, { password: undefined, auth: { getToken } })
  await closed(imap)
  assert.deepEqual(causes, ['connect', 'rejected'])
  assert.deepEqual(names(), ['disconnected', 'reconnecting', 'disconnected', 'suspended', 'error', 'end', 'close'])
})

test('S10 a server that names a wait is left alone for so long, and nobody else is', async (t) => {
  const server = await serving(t, { accounts: { user: {}, other: {} } })
  server.fault({ on: /LOGIN "user"/, do: { answer: 'TAG BAD Request is throttled. Suggested Backoff Time: 400 milliseconds' } })
  const since = Date.now()
  const { imap, events } = session(t, server)
  const other = session(t, server, { user: 'other' })
  await next(other.imap, 'ready')
  await next(imap, 'ready')
  const took = Date.now() - since
  assert.ok(took >= 400, `${took} ms`)
  const { waitMs } = events.find(([name]) => name === 'throttled')?.[1]
  assert.ok(waitMs >= 400 && waitMs <= 440, `${waitMs} ms`)
  assert.equal(other.names().includes('throttled'), false)
})

test('S11 a server that lets in and drops, for ever, sees three logins and then one a minute', async (t) => {
  const server = await serving(t)
  server.fault({ on: /LIST/, when: 'answered', do: 'cut', times: Infinity })
  const { imap, events } = session(t, server, { reconnect: { baseMs: 1, capMs: 5 } })
  const delays = () => events.filter(([name]) => name === 'reconnecting').map(([, { delayMs }]) => delayMs)
  await until(imap, 'reconnecting', () => delays().length === 3)
  assert.equal(server.accepted, 3)
  assert.ok(delays()[2] > 50_000, String(delays()))
})

test('S15 EXISTS before `+`, and EXISTS that crosses DONE, count once', async (t) => {
  const server = await tracing(t, `${login('IDLE')}
    C: A3 SELECT "INBOX"
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY 7] ok
    S: * OK [UIDNEXT 4] ok
    S: A3 OK done
    C: IDLE IDLE
    S: * 4 EXISTS
    S: + idling
    S: * 5 EXISTS
    C: DONE
    S: * 6 EXISTS
    S: IDLE OK done
    C: A4 CREATE "x"
    S: A4 OK done
    C: IDLE IDLE
    S: + idling`)
  const imap = new Imap(server.options)
  t.after(() => imap.destroy())
  /** @type {number[]} */
  const counts = []
  const box = new Promise((resolve) => imap.once('ready', () => resolve(call(imap, 'openBox', 'INBOX'))))
  imap.connect()
  await within(PATIENCE_MS, box, 'the INBOX')
  imap.on('mail', (/** @type {number} */ count) => counts.push(count))
  await until(imap, 'mail', () => counts.length === 2)
  await call(imap, 'addBox', 'x')
  await server.done()
  assert.deepEqual(counts, [1, 1, 1])
  assert.equal(imap._box.messages.total, 6)
})

test('S17 tags that nobody is waiting for: unknown, of a command in the queue, and one twice', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 CREATE "a"
    S: A99 OK unknown
    S: A5 OK too early
    S: A4 OK done
    S: A4 NO done again
    C: A5 CREATE "b"
    S: A5 OK done`)
  const both = [call(imap, 'addBox', 'a'), call(imap, 'addBox', 'b')]
  await Promise.all(both)
  await server.done()
})

test('S19 UIDVALIDITY changes between two connections: told once, and nothing is replayed as new', async (t) => {
  const { server, relay, imap, events, named, uids } = await watching(t)
  for (const subject of ['one', 'two']) server.inbox.deliver(`Subject: ${subject}\r\n\r\n`)
  await until(imap, 'mail', () => uids.length === 2)
  const old = server.inbox.uidvalidity
  server.inbox.uidvalidity = old + 1
  const back = next(imap, 'reconnected')
  relay.cut()
  await back
  assert.deepEqual(named('uidvalidity'), [old + 1])
  assert.deepEqual(named('mailboxReset').map((reset) => [reset.old, reset.new]), [[old, old + 1]])
  assert.deepEqual(uids, [1, 2])
  server.inbox.deliver('Subject: three\r\n\r\n')
  await until(imap, 'mail', () => uids.length === 3)
  await ended(imap, events)
})

test('S19 UIDVALIDITY changes in a session: told once', async (t) => {
  const { server, imap, named } = await watching(t, {}, { keepalive: false })
  const told = next(imap, 'uidvalidity')
  server.fault({ do: { garbage: '* OK [UIDVALIDITY 99] new\r\n' } })
  assert.equal(await told, 99)
  await call(imap, 'status', 'Archive')
  assert.deepEqual(named('mailboxReset').map((reset) => reset.new), [99])
})

test('S20 UIDNEXT that is missing loses nothing', async (t) => {
  const server = await tracing(t, [`${login()}
    C: A3 SELECT "INBOX"
    S: * 1 EXISTS
    S: * OK [UIDVALIDITY 7] ok
    S: * OK [UIDNEXT 6] ok
    S: A3 OK done
    C: A4 FETCH 1:1 (UID FLAGS)
    S: * 1 FETCH (UID 5 FLAGS ())
    S: A4 OK done
    X: cut`, `${login()}
    C: A3 SELECT "INBOX"
    S: * 2 EXISTS
    S: * OK [UIDVALIDITY 7] ok
    S: A3 OK done
    C: /^A4 FETCH 1:[*2] \\(UID FLAGS\\)$/
    S: * 1 FETCH (UID 5 FLAGS ())
    S: * 2 FETCH (UID 6 FLAGS ())
    S: A4 OK done
    C: A5 CREATE "x"
    S: A5 OK done`])
  const { imap } = session(t, server)
  /** @type {any[]} */
  const told = []
  imap.once('ready', () => imap.openBox('INBOX', () => imap.on('mail', (/** @type {number} */ count, /** @type {any} */ { uids }) => told.push(count, uids))))
  await next(imap, 'reconnected')
  await call(imap, 'addBox', 'x')
  await server.done()
  assert.deepEqual(told, [1, [6]])
})

for (const [what, uidnext] of /** @type {[string, (now: number) => number][]} */ ([
  ['too high', (now) => now + 1000], ['too low', () => 1]
])) {
  test(`S20 UIDNEXT that is ${what} loses nothing`, async (t) => {
    const { server, relay, imap, uids, events } = await watching(t, { capabilities: ['IMAP4rev1', 'IDLE'] })
    server.inbox.deliver('Subject: one\r\n\r\n')
    await until(imap, 'mail', () => uids.length === 1)
    server.inbox.deliver('Subject: two\r\n\r\n')
    await until(imap, 'mail', () => uids.length === 2)
    const back = next(imap, 'reconnected')
    const lost = next(imap, 'disconnected')
    server.refuse()
    relay.cut()
    await lost
    server.inbox.deliver('Subject: three\r\n\r\n')
    const { uidnext: right } = server.inbox
    server.inbox.uidnext = uidnext(right)
    await server.accept()
    await back
    assert.deepEqual(uids, [1, 2, 3])
    server.inbox.uidnext = right
    const again = next(imap, 'reconnected')
    relay.cut()
    server.inbox.deliver('Subject: four\r\n\r\n')
    await again
    assert.deepEqual(uids, [1, 2, 3, 4])
    await ended(imap, events)
  })
}

for (const [id, title, change] of /** @type {[string, string, (server: any) => void][]} */ ([
  ['S21', 'HIGHESTMODSEQ that is lower than before', (server) => { server.inbox.highestmodseq = 1 }],
  ['S37', 'CONDSTORE is gone', (server) => server.offered.delete('CONDSTORE')]
])) {
  test(`${id} ${title}: what changed is found all the same`, async (t) => {
    const { server, relay, imap, uids, events, box } = await watching(t)
    for (const subject of ['one', 'two', 'three']) server.inbox.deliver(`Subject: ${subject}\r\n\r\n`)
    await until(imap, 'mail', () => uids.length === 3)
    /** @type {any[]} */
    const told = []
    imap.on('expunge', (/** @type {number} */ seqno, /** @type {any} */ { uid }) => told.push(['expunge', seqno, uid]))
    const back = next(imap, 'reconnected')
    const lost = next(imap, 'disconnected')
    server.refuse()
    relay.cut()
    await lost
    server.inbox.expunge(2)
    server.inbox.deliver('Subject: four\r\n\r\n')
    change(server)
    await server.accept()
    await back
    assert.deepEqual(told, [['expunge', 2, 2]])
    assert.deepEqual(uids, [1, 2, 3, 4])
    assert.equal(box.messages.total, 3)
    await ended(imap, events)
  })
}

test('S23 EXPUNGE of 0 and of more than there is, EXISTS that shrinks: nobody falls', async (t) => {
  for (const line of ['* 0 EXPUNGE', '* 99 EXPUNGE', '* 1 EXISTS', '* 4294967295 EXPUNGE', '* 99999999999 EXISTS']) {
    const { server, imap, uids, events } = await watching(t)
    for (const subject of ['one', 'two', 'three']) server.inbox.deliver(`Subject: ${subject}\r\n\r\n`)
    await until(imap, 'mail', () => uids.length === 3)
    server.fault({ do: { garbage: `${line}\r\n` } })
    const found = await call(imap, 'search', ['ALL'])
    assert.deepEqual(found, [1, 2, 3], line)
    assert.ok(imap._box.messages.total >= 0, line)
    await ended(imap, events)
  }
})

test('S27 ten thousand messages arrive while it is away: each is announced once, in order', async (t) => {
  const { server, relay, imap, uids, events, box } = await watching(t)
  const back = next(imap, 'reconnected')
  const lost = next(imap, 'disconnected')
  server.refuse()
  relay.cut()
  await lost
  const raw = Buffer.from('Subject: many\r\n\r\nx\r\n')
  for (let n = 0; n < 10_000; n++) server.inbox.deliver(raw)
  await server.accept()
  await back
  assert.deepEqual(uids, Array.from({ length: 10_000 }, (_, i) => i + 1))
  assert.equal(box.messages.total, 10_000)
  await ended(imap, events)
})

for (const [where, rule, outcome, copies] of /** @type {[string, any, string, number][]} */ ([
  ['before `+`', { on: /APPEND/, do: 'cut' }, 'EOUTCOMEUNKNOWN or appended', 1],
  ['in the literal', { on: /APPEND/, when: 'line', bytes: 6, do: 'cut' }, 'EOUTCOMEUNKNOWN or appended', 1],
  ['after the last byte', { on: /APPEND/, when: 'executed', do: 'cut' }, 'EOUTCOMEUNKNOWN', 1],
  ['after OK', { on: /APPEND/, when: 'answered', do: 'cut' }, 'appended', 1]
])) {
  test(`S30 APPEND cut ${where}: never two copies, never a false success`, async (t) => {
    const { server, imap, relay } = await watching(t)
    server.fault(rule)
    const message = `Subject: one\r\n\r\n${'x'.repeat(2000)}\r\n`
    const result = await within(PATIENCE_MS, new Promise((resolve) => {
      imap.append(message, { mailbox: 'Archive' }, (/** @type {any} */ error) => resolve(error ? error.code : 'appended'))
    }), 'append()')
    assert.ok(outcome.includes(result), result)
    // Whatever is on its way arrives before the answer to this.
    await call(imap, 'status', 'Sent')
    const { messages } = server.account().mailbox('Archive')
    assert.ok(messages.length <= copies, `${messages.length} copies`)
    if (result === 'appended') assert.equal(messages.length, 1)
    assert.equal(relay.most, 1)
  })
}

for (const [id, title, on, act] of /** @type {[string, string, RegExp, (imap: any, callback: any) => void][]} */ ([
  ['S31', 'MOVE', /UID MOVE/, (imap, callback) => imap.move([1, 2], 'Archive', callback)],
  ['S32', 'STORE UNCHANGEDSINCE', /UNCHANGEDSINCE/, (imap, callback) => imap.addFlagsSince([1, 2], 'Flagged', '99', callback)]
])) {
  test(`${id} ${title} cut when it was done and not answered: the outcome is unknown, and it is not done twice`, async (t) => {
    const { server, imap, uids } = await watching(t)
    for (const subject of ['one', 'two']) server.inbox.deliver(`Subject: ${subject}\r\n\r\n`)
    await until(imap, 'mail', () => uids.length === 2)
    server.fault({ on, when: 'executed', do: 'cut' })
    const code = await within(PATIENCE_MS, new Promise((resolve) => act(imap, (/** @type {any} */ error, /** @type {any} */ result) => {
      resolve(error ? error.code : result)
    })), title)
    assert.equal(code, 'EOUTCOMEUNKNOWN')
    await call(imap, 'status', 'Sent')
    assert.equal(server.lines.filter((line) => on.test(String(line))).length, 1)
  })
}

test('S34 the certificate is looked at on each connection: with another one, no password goes out, and an hour passes', async (t) => {
  const server = await Server.start({ tls: true, certificate: certificate() })
  const { imap, events, names } = session(t, server)
  await next(imap, 'ready')
  const refused = new Promise((resolve) => imap.on('reconnecting', (/** @type {any} */ { delayMs }) => delayMs > 1000 && resolve(delayMs)))
  await server.stop()
  const other = await Server.start({ tls: true, certificate: certificate(), port: server.port })
  t.after(() => other.stop())
  const delayMs = await within(PATIENCE_MS, refused, 'a long wait')
  assert.ok(delayMs >= 3_600_000 && delayMs <= 3_960_000, `${delayMs} ms`)
  assert.equal(other.lines.length, 0, 'no password')
  const { cause, code, willRetry } = events.findLast(([name]) => name === 'disconnected')?.[1]
  assert.deepEqual({ cause, code, willRetry }, { cause: 'permanent', code: 'CERT_SIGNATURE_FAILURE', willRetry: true })
  assert.ok(!names().includes('close'))
})

test('a record that cannot be decrypted costs a connection, not the session', async (t) => {
  const { relay, imap, events, named } = await watching(t, { tls: true })
  const back = next(imap, 'reconnected')
  const record = Buffer.from([0x17, 3, 3, 0, 40, ...Buffer.alloc(40, 7)])
  for (const client of relay.open.keys()) client.write(record)
  await back
  assert.deepEqual(named('disconnected').map(({ cause, code }) => [cause, code]), [['transient', 'EPROTO']])
  await ended(imap, events)
})

for (const [what, bytes] of /** @type {[string, Buffer][]} */ ([
  ['an alert', Buffer.from([0x15, 3, 3, 0, 2, 2, 80])],
  ['a BYE in clear text', Buffer.from('* BYE Too many connections\r\n')]
])) {
  test(`${what} at the door of a TLS server that was there before: the session tries again`, async (t) => {
    const { relay, imap, events, named } = await watching(t, { tls: true })
    const back = next(imap, 'reconnected')
    relay.stop()
    const door = net.createServer((client) => {
      client.on('error', () => {}).once('data', () => client.end(bytes))
      door.close(() => relay.accept())
    })
    door.listen(relay.port, '127.0.0.1')
    await back
    assert.ok(named('disconnected').every(({ cause }) => cause === 'transient'))
    assert.equal(named('suspended').length, 0)
    await ended(imap, events)
  })
}

test('S36 dates of 1970 and 2100 do not matter to the order', async (t) => {
  const { server, relay, imap, uids, events } = await watching(t)
  const back = next(imap, 'reconnected')
  relay.cut()
  for (const date of ['2100-01-01', '1970-01-01', '2038-01-20', '2020-02-29']) {
    server.inbox.deliver(`Subject: ${date}\r\n\r\n`, { date: new Date(date) })
  }
  await back
  await until(imap, 'mail', () => uids.length === 4).catch(() => {})
  assert.deepEqual(uids, [1, 2, 3, 4])
  await ended(imap, events)
})
