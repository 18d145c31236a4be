// @ts-check
'use strict'

// Faults of the network that a relay can make (resilience 3.1), each by its id.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const net = require('node:net')
const { test } = require('node:test')

const { random } = require('../random')
const { RECONNECT, ended, next, until, watching } = require('../recovery')
const { Imap, PATIENCE_MS, Server, call, closed, fetched, recorded, serving, within } = require('../support')

/** @param {import('../server').Server} server @param {number} number of messages */
function deliver (server, number) {
  for (let n = 1; n <= number; n++) server.inbox.deliver(`Subject: ${n}\r\n\r\n${'x'.repeat(100)}\r\n`)
}

test('N01 a port where nothing listens is tried again, with jitter, and is no error', async (t) => {
  const server = await Server.start()
  const { options } = server
  await server.stop()
  const imap = new Imap({ ...options, reconnect: { ...RECONNECT, baseMs: 20, capMs: 80 } })
  t.after(() => imap.destroy())
  const events = recorded(imap, ['disconnected', 'reconnecting', 'error', 'end', 'close'])
  imap.connect()
  await until(imap, 'reconnecting', () => events.length >= 16)
  const delays = events.filter(([name]) => name === 'reconnecting').map(([, info]) => info)
  assert.ok(delays.every(({ delayMs, cause }) => delayMs <= 80 && cause === 'transient'), JSON.stringify(delays))
  assert.ok(new Set(delays.map(({ delayMs }) => delayMs)).size > 2, 'each is another')
  assert.deepEqual(new Set(events.map(([name]) => name)), new Set(['disconnected', 'reconnecting']))
  assert.equal(events[0][1].code, 'ECONNREFUSED')
  const again = await Server.start({ port: options.port })
  t.after(() => again.stop())
  await next(imap, 'ready')
})

for (const [id, title, reset] of /** @type {const} */ ([['N03', 'RST while idle', true], ['N05', 'FIN without BYE', false]])) {
  test(`${id} ${title} is noticed at once, and no error`, async (t) => {
    const { relay, imap, events, named, uids, server } = await watching(t)
    const lost = next(imap, 'disconnected')
    const back = next(imap, 'reconnected')
    relay.cut(reset)
    server.inbox.deliver('Subject: meanwhile\r\n\r\n')
    const { cause, code, willRetry } = await lost
    assert.deepEqual([cause, code, willRetry], ['transient', reset ? 'ECONNRESET' : null, true])
    const { gapMs } = await back
    assert.ok(gapMs < 5000, `away for ${gapMs} ms`)
    assert.equal(named('reconnecting').length, 1)
    assert.deepEqual(uids, [1])
    await ended(imap, events)
  })
}

test('N03 the first retry of a session that lived long comes within a second', async (t) => {
  const { relay, imap } = await watching(t, {}, { reconnect: { baseMs: 600_000, capMs: 600_000, stableMs: 1, loginsPerMinute: 1e6 } })
  const plan = next(imap, 'reconnecting')
  while (imap.stats().ageMs < 2) await new Promise(setImmediate)
  relay.cut(true)
  const { delayMs } = await plan
  assert.ok(delayMs <= 1000, `${delayMs} ms`)
})

test('N04 RST while a command runs: what can be repeated is, the rest is told, each once', async (t) => {
  const { server, imap, events, relay } = await watching(t)
  deliver(server, 3)
  await until(imap, 'mail', () => imap._box.messages.total === 3)
  /** @type {[on: RegExp, act: (callback: (error: any, result?: any) => void) => void, outcome: any][]} */
  const cases = [
    [/UID SEARCH/, (callback) => imap.search(['ALL'], callback), [1, 2, 3]],
    [/UID STORE/, (callback) => imap.addFlags(1, 'Seen', callback), undefined],
    [/^A\d+ STORE/, (callback) => imap.seq.addFlags(1, 'Flagged', callback), undefined],
    [/EXPUNGE/, (callback) => imap.expunge(callback), 'EOUTCOMEUNKNOWN'],
    [/COPY/, (callback) => imap.copy(1, 'Archive', callback), 'EOUTCOMEUNKNOWN']
  ]
  for (const [on, act, outcome] of cases) {
    server.fault({ on, when: 'executed', do: 'reset' })
    let calls = 0
    const back = next(imap, 'reconnected')
    const answered = new Promise((resolve) => act((error, result) => {
      calls++
      resolve(error ? error.code : result)
    }))
    assert.deepEqual(await within(PATIENCE_MS, answered, String(on)), outcome, String(on))
    await back
    await call(imap, 'status', 'Archive')
    assert.equal(calls, 1, String(on))
  }
  assert.equal(relay.most, 1)
  assert.equal(server.account().mailbox('Archive').messages.length, 1, 'copied once')
  await ended(imap, events)
})

test('N10 a stall below every deadline changes nothing', async (t) => {
  const { server, relay, imap, events, uids } = await watching(t)
  await server.connections[0].line('IDLE IDLE')
  const goOn = relay.hold()
  server.inbox.deliver('Subject: held back\r\n\r\n')
  const found = call(imap, 'search', ['ALL'])
  const early = await Promise.race([found.then(() => 'answered'), new Promise((resolve) => setTimeout(resolve, 300, 'waiting'))])
  assert.equal(early, 'waiting')
  goOn()
  assert.deepEqual(await found, [1])
  await until(imap, 'mail', () => uids.length > 0)
  assert.deepEqual(uids, [1])
  assert.equal(relay.accepted, 1)
  await ended(imap, events)
})

test('N13 a slow link: what comes by and by keeps the session alive', async (t) => {
  const { server, imap, events, relay } = await watching(t, {}, { socketTimeout: 400 })
  const body = 'x'.repeat(6000)
  server.inbox.deliver(`Subject: long\r\n\r\n${body}\r\n`)
  await until(imap, 'mail', () => imap._box.messages.total === 1)
  // A few bytes a turn: slower by far than `socketTimeout` allows for all of it.
  server.fault({ on: /BODY/, do: { slow: 3 } })
  const since = Date.now()
  const [{ bodies }] = await fetched(imap.fetch(1, { bodies: 'TEXT' }))
  assert.equal(bodies.TEXT.length, body.length + 2)
  assert.equal(relay.accepted, 1, `one connection, for ${Date.now() - since} ms`)
  await ended(imap, events)
})

test('N14 bytes one by one, or in any slices, give the same events', async (t) => {
  /** @param {import('../server/faults').Deed | undefined} deed */
  const story = async (deed) => {
    const server = await serving(t)
    deliver(server, 3)
    if (deed) server.fault({ on: 'connect', do: deed, times: Infinity })
    const imap = new Imap({ ...server.options, keepalive: false, reconnect: RECONNECT })
    const told = recorded(imap, ['ready', 'mail', 'expunge', 'update', 'disconnected', 'reconnected', 'error', 'end', 'close'])
    const opened = new Promise((resolve) => imap.once('ready', () => resolve(call(imap, 'openBox', 'INBOX'))))
    imap.connect()
    await within(PATIENCE_MS, opened, 'the INBOX')
    const messages = await fetched(imap.fetch('1:*', { bodies: ['HEADER', 'TEXT'], struct: true, envelope: true }))
    const found = await call(imap, 'search', ['ALL'])
    const back = next(imap, 'reconnected')
    server.inbox.deliver('Subject: away\r\n\r\n')
    server.inbox.expunge(2)
    server.fault({ do: 'cut' })
    await back
    const close = next(imap, 'close')
    imap.end()
    await close
    for (const { attributes } of messages) delete attributes.date
    const kept = told.map(([name, ...values]) => ['disconnected', 'reconnected'].includes(name) ? [name] : [name, ...values])
    return JSON.stringify({ kept, messages, found })
  }
  const whole = await story(undefined)
  assert.equal(await story({ split: 1 }), whole, 'one by one')
  for (const seed of [1, 20261124, 4242]) assert.equal(await story({ split: 'random', seed }), whole, `seed ${seed}`)
})

test('N15 a cut at any byte: nothing hangs, each callback comes once, each message is announced once', async (t) => {
  const chance = random(20261124)
  let at = 0
  const { server, imap, uids, events, relay } = await watching(t, { capabilities: ['IMAP4rev1', 'IDLE'] }, { reconnect: { ...RECONNECT, baseMs: 1, capMs: 2 } })
  let delivered = 0
  // One step after the other through all that is said in a life: login, SELECT, rows, search, IDLE.
  while (at < 900) {
    at += 1 + Math.floor(chance() * 40)
    const cut = server.fault({ on: 'connect', bytes: at, do: chance() < 0.5 ? 'cut' : 'reset' })
    server.inbox.deliver(`Subject: ${++delivered}\r\n\r\n`)
    const lost = next(imap, 'disconnected')
    relay.cut()
    await lost
    let calls = 0
    const found = await within(PATIENCE_MS, new Promise((resolve, reject) => {
      imap.search(['ALL'], (/** @type {any} */ error, /** @type {number[]} */ uids) => {
        calls++
        if (error) reject(error)
        else resolve(uids.length)
      })
    }), `search() with a cut after ${at} bytes`)
    assert.equal(found, delivered, `after ${at} bytes`)
    assert.equal(calls, 1)
    cut.cancel()
  }
  await until(imap, 'mail', () => uids.length >= delivered)
  assert.deepEqual(uids, Array.from({ length: delivered }, (_, i) => i + 1))
  assert.equal(relay.most, 1)
  await ended(imap, events)
})

test('N22 a captive portal: what is no IMAP gets no password, and ends the session with a reason', async (t) => {
  let heard = ''
  const portal = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => { heard += bytes })
    socket.end('HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n')
  })
  portal.listen(0, '127.0.0.1')
  await once(portal, 'listening')
  t.after(() => portal.close())
  const { port } = /** @type {net.AddressInfo} */ (portal.address())
  const imap = new Imap({ host: '127.0.0.1', port, user: 'user', password: 'canary', reconnect: RECONNECT })
  const events = recorded(imap, ['suspended', 'error', 'end', 'close'])
  imap.connect()
  await closed(imap)
  assert.equal(events[0][0], 'suspended')
  assert.equal(events[1][1].code, 'ENOTIMAP')
  assert.equal(heard, '')
})

test('N23 a dozen sessions are reset at once: all come back, and not all in the same moment', async (t) => {
  const server = await serving(t)
  const sessions = await Promise.all(Array.from({ length: 12 }, async () => {
    const imap = new Imap({ ...server.options, connTimeout: 60_000, authTimeout: 60_000, keepalive: false, reconnect: { ...RECONNECT, baseMs: 500, capMs: 500 } })
    t.after(() => imap.destroy())
    imap.on('error', () => {})
    imap.connect()
    await next(imap, 'ready')
    return imap
  }))
  const plans = sessions.map((imap) => next(imap, 'reconnecting'))
  const back = sessions.map((imap) => next(imap, 'reconnected'))
  server.fault({ do: 'reset' })
  const delays = (await Promise.all(plans)).map(({ delayMs }) => delayMs).sort((a, b) => a - b)
  assert.ok(delays[11] - delays[0] > 100, `spread over ${delays[0]} to ${delays[11]} ms`)
  await Promise.all(back)
  assert.equal(server.connections.length, 12)
  assert.equal(server.accepted, 24)
})

test('N24 a handshake that never goes on ends with its deadline, and is tried again', async (t) => {
  const silent = net.createServer((socket) => socket.on('error', () => {}))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const { port } = /** @type {net.AddressInfo} */ (silent.address())
  const imap = new Imap({ host: '127.0.0.1', port, tls: true, connTimeout: 100, reconnect: RECONNECT })
  t.after(() => imap.destroy())
  const events = recorded(imap, ['disconnected', 'error'])
  imap.connect()
  await until(imap, 'disconnected', () => events.length > 1)
  assert.deepEqual(events.map(([name, { cause, code }]) => [name, cause, code]).slice(0, 2), Array(2).fill(['disconnected', 'transient', 'ETIMEDOUT']))
})
