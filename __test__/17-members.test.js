// @ts-check
'use strict'

// What programs touch although node-imap does not document it (contract sections 1.4, 7 and 13).

const assert = require('node:assert/strict')
const { EventEmitter, once } = require('node:events')
const { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { test } = require('node:test')

const { Server, authority, certificate } = require('./server')
const { Imap, answer, call, closed, connected, ended, recorded, serving } = require('./support')
const { failing, soon, turn, watch } = require('./watch')

const isNodeImap = !!process.env.IMAP_IMPLEMENTATION
/** @param {string} why */
const ours = (why) => ({ skip: isNodeImap && `npm imap does not: ${why}` })

/**
 * @param {import('node:test').TestContext} t
 * @param {object} [options]
 * @param {import('./server').Settings} [settings]
 */
async function live (t, options, settings) {
  const server = await Server.start(settings)
  /** @type {any} */
  let imap
  t.after(async () => {
    if (imap && !imap._sock.destroyed) {
      const close = closed(imap)
      imap._sock.destroy()
      await close
    }
    await server.stop()
  })
  imap = await connected({ ...server.options, ...options })
  return { imap, server }
}

/** @param {any} server @param {RegExp} line */
const heard = (server, line) => server.waitFor(() => server.lines.some((/** @type {any} */ it) => line.test(String(it))))

test('a new connection has node-imap\'s own properties, in its order', () => {
  const names = Object.keys(new Imap()).filter((name) => !/^_(events|eventsCount|maxListeners)$/.test(name))
  assert.deepEqual(names, [
    '_config', '_sock', '_tagcount', '_tmrConn', '_tmrKeepalive', '_tmrAuth', '_queue', '_box', '_idle', '_parser',
    '_curReq', 'delimiter', 'namespaces', 'state', 'debug'
  ])
  const imap = /** @type {any} */ (new Imap())
  for (const name of ['_sock', '_tmrConn', '_tmrKeepalive', '_tmrAuth', '_parser', '_curReq']) assert.equal(imap[name], undefined, name)
  assert.equal(imap._tagcount, 0)
  assert.deepEqual(imap._queue, [])
  assert.deepEqual(imap._idle, { started: undefined, enabled: false })
})

for (const tls of [false, true]) {
  test(`_sock tells of the connection, tls: ${tls}`, async (t) => {
    const server = await serving(t, { tls })
    const imap = /** @type {any} */ (new Imap(server.options))
    imap.connect()
    const socket = imap._sock
    assert.ok(socket instanceof EventEmitter)
    assert.deepEqual([socket.connecting, socket.writable, socket.destroyed, socket.remoteAddress], [true, true, false, undefined])
    const events = recorded(socket, ['connect', 'secureConnect', 'error', 'close'])
    await once(imap, 'ready')
    assert.equal(imap._sock, socket)
    assert.deepEqual([socket.connecting, socket.writable, socket.destroyed, socket.encrypted], [false, true, false, tls || undefined])
    assert.equal((socket._parent || socket).remoteAddress, '127.0.0.1')
    assert.equal(socket._parent === null, !tls)
    await ended(imap)
    await turn()
    assert.deepEqual([socket.writable, socket.destroyed], [false, true])
    assert.deepEqual(events, [['connect'], ...(tls ? [['secureConnect']] : []), ['close', false]])
    imap.connect()
    assert.notEqual(imap._sock, socket)
    await once(imap, 'ready')
    await ended(imap)
  })

  test(`_sock.destroy() ends the connection at once, tls: ${tls}`, async (t) => {
    const { imap } = await live(t, {}, { tls })
    const close = closed(imap)
    assert.equal(imap._sock.destroy(), imap._sock)
    assert.deepEqual([imap._sock.destroyed, imap._sock.writable], [true, false])
    imap._sock.destroy()
    assert.equal(await close, false)
    assert.equal(imap.state, 'disconnected')
  })
}

test('_sock.destroy() ends a server that is silent for good', async (t) => {
  const { imap, server } = await live(t)
  server.fault({ do: 'stall' })
  const close = closed(imap)
  imap._sock.destroy()
  assert.equal(await close, false)
})

test('_sock.destroy(error) tells the error and closes with it', async (t) => {
  const { imap } = await live(t)
  const events = recorded(imap)
  const error = new Error('enough')
  const close = closed(imap)
  imap._sock.destroy(error)
  await close
  assert.deepEqual(events, [['error', error], ['close', true]])
  assert.equal(/** @type {any} */ (error).source, 'socket')
  if (!isNodeImap) assert.equal(typeof /** @type {any} */ (error).code, 'string')
})

test('_sock has a _parent after STARTTLS', async (t) => {
  const { imap } = await live(t, {}, { tls: 'starttls' })
  assert.equal(imap._sock.encrypted, true)
  assert.equal(imap._sock._parent.remoteAddress, '127.0.0.1')
  await ended(imap)
})

test('_sock takes listeners of errors beside the connection\'s', async (t) => {
  const { imap, server } = await live(t)
  /** @type {any[]} */
  const seen = []
  imap.on('error', (/** @type {any} */ error) => seen.push(['connection', error.code]))
  imap._sock.on('error', (/** @type {any} */ error) => seen.push(['socket', error.code]))
  const close = closed(imap)
  server.fault({ do: 'reset' })
  assert.equal(await close, true)
  assert.deepEqual(seen, [['connection', 'ECONNRESET'], ['socket', 'ECONNRESET']])
})

test('who takes the listeners off _sock deals with its errors alone', async (t) => {
  const { imap, server } = await live(t)
  const events = recorded(imap)
  /** @type {any[]} */
  const seen = []
  imap._sock.removeAllListeners('error')
  imap._sock.on('error', (/** @type {any} */ error) => seen.push(error.code))
  const close = closed(imap)
  server.fault({ do: 'reset' })
  assert.equal(await close, true)
  assert.deepEqual(events, [['close', true]])
  assert.deepEqual(seen, ['ECONNRESET'])
})

test('an error of _sock that nobody listens to is no crash', ours('Node throws it'), async (t) => {
  const { imap, server } = await live(t)
  imap._sock.removeAllListeners('error')
  const close = closed(imap)
  server.fault({ do: 'reset' })
  assert.equal(await close, true)
})

test('a session that comes back keeps its _sock, and _sock.destroy() ends it', ours('it does not come back'), async (t) => {
  const { imap, server } = await live(t, { reconnect: { baseMs: 10 } }, { tls: true })
  const socket = imap._sock
  const events = recorded(socket, ['connect', 'secureConnect', 'error', 'close'])
  /** @type {any[]} */
  const seen = []
  imap.once('disconnected', () => seen.push(socket.connecting, socket.remoteAddress, socket._parent, imap._curReq))
  const back = once(imap, 'reconnected')
  server.fault({ do: 'reset' })
  await back
  assert.deepEqual(seen, [true, undefined, null, undefined])
  assert.equal(imap._sock, socket)
  assert.deepEqual([socket.connecting, socket.remoteAddress, socket._parent.remoteAddress], [false, '127.0.0.1', '127.0.0.1'])
  const close = closed(imap)
  socket.destroy()
  assert.equal(await close, false)
  assert.deepEqual(events, [['connect'], ['secureConnect'], ['close', false]])
})

test('_curReq and _idle during IDLE and its interruption', async (t) => {
  const { imap, server } = await live(t)
  const before = Date.now()
  await turn()
  assert.equal(imap._curReq.type, 'IDLE')
  assert.equal(imap._curReq.fullcmd, 'IDLE')
  assert.equal(imap._idle.enabled, true)
  assert.equal(imap._queue.length, 0)
  await heard(server, /^IDLE IDLE/)
  await waitUntil(() => imap._idle.started)
  assert.ok(imap._idle.started >= before - 1000 && imap._idle.started <= Date.now(), String(imap._idle.started))
  const opening = call(imap, 'openBox', 'INBOX')
  assert.deepEqual([imap._queue.length, imap._queue[0].type], [1, 'SELECT'])
  assert.match(imap._queue[0].fullcmd, /^SELECT "INBOX"/)
  assert.equal(imap._idle.enabled, false)
  await opening
  await turn()
  assert.equal(imap._curReq.type, 'IDLE')
})

test('_curReq and _queue in callbacks', async (t) => {
  const { imap } = await live(t, { keepalive: false })
  await call(imap, 'openBox', 'INBOX')
  /** @type {any[]} */
  const seen = []
  const look = () => seen.push([imap._curReq, imap._queue.map((/** @type {any} */ command) => command.fullcmd)])
  imap.search(['ALL'], look)
  imap.search(['SEEN'], look)
  assert.deepEqual(imap._queue.map((/** @type {any} */ command) => [command.type, command.fullcmd]), [
    ['UID', 'UID SEARCH ALL'], ['UID', 'UID SEARCH SEEN']
  ])
  assert.equal(imap._queue[0].cb, look)
  await call(imap, 'append', 'hello', { mailbox: 'INBOX' })
  assert.equal(seen.length, 2)
  assert.deepEqual(seen[0][0], undefined)
  assert.equal(seen[0][1][0], 'UID SEARCH SEEN')
  assert.match(seen[0][1][1], /^APPEND "INBOX" \{5\+?\}$/)
  assert.match(seen[1][1].join(), /^APPEND/)
  await turn()
  assert.deepEqual([imap._curReq, imap._queue], [undefined, []])
})

test('_curReq is the command that the server has not answered', async (t) => {
  const { imap, server } = await live(t)
  await call(imap, 'openBox', 'INBOX')
  server.fault({ on: /SEARCH/, do: 'stall' })
  imap.search(['ALL'], () => {})
  imap.search(['SEEN'], () => {})
  await heard(server, /SEARCH ALL/)
  await turn()
  assert.deepEqual([imap._curReq.type, imap._curReq.fullcmd], ['UID', 'UID SEARCH ALL'])
  assert.deepEqual(imap._queue.map((/** @type {any} */ command) => command.fullcmd), ['UID SEARCH SEEN'])
  assert.deepEqual(imap._idle, { started: undefined, enabled: false })
})

test('_curReq and _idle during NOOP', async (t) => {
  const { imap, server } = await live(t, { keepalive: { forceNoop: true, interval: 50 } })
  await heard(server, /^NOOP NOOP/)
  server.fault({ on: /^NOOP/, do: 'stall' })
  await waitUntil(() => server.lines.filter((/** @type {any} */ line) => /^NOOP/.test(String(line))).length >= 2)
  await waitUntil(() => imap._curReq && imap._curReq.type === 'NOOP')
  assert.deepEqual([imap._curReq.fullcmd, imap._queue.length], ['NOOP', 0])
  assert.deepEqual(imap._idle, { started: undefined, enabled: true })
})

test('nothing runs in ready, nor after close', async (t) => {
  const server = await serving(t)
  const imap = /** @type {any} */ (new Imap(server.options))
  /** @type {any[]} */
  const seen = []
  imap.once('ready', () => seen.push(imap._curReq, imap._queue.length))
  imap.connect()
  await once(imap, 'ready')
  assert.deepEqual(seen, [undefined, 0])
  await ended(imap)
  assert.equal(imap._curReq, undefined)
})

test('assigning what is worked out does nothing', ours('they are ordinary properties'), async (t) => {
  const { imap } = await live(t, { keepalive: false })
  for (const name of ['_queue', '_curReq', '_idle']) imap[name] = 'mine'
  assert.deepEqual(imap._queue, [])
  assert.equal(imap._curReq, undefined)
})

test('_box may be assigned and is kept up to date', async (t) => {
  const { imap, server } = await live(t)
  await call(imap, 'openBox', 'INBOX')
  imap._box = { ...imap._box, mine: true, messages: { total: 0, new: 0 } }
  const mail = once(imap, 'mail')
  server.inbox.deliver('Subject: x\r\n\r\nx')
  await mail
  assert.equal(imap._box.mine, true)
  assert.ok(imap._box.messages.total > 0)
})

test('_enqueue sends a command and calls back with what came', async (t) => {
  const { imap, server } = await live(t, { keepalive: false })
  assert.deepEqual((await answer(imap, '_enqueue', 'STATUS INBOX (MESSAGES)')).values[1].messages.total, 0)
  server.inbox.deliver('Subject: x\r\n\r\nx')
  await call(imap, 'openBox', 'INBOX')
  const { values, self } = await answer(imap, '_enqueue', 'UID SEARCH ALL')
  assert.deepEqual(values, [undefined, [1]])
  assert.equal(self, imap)
  assert.deepEqual((await answer(imap, '_enqueue', 'UID STORE 1 +FLAGS.SILENT (\\Seen)')).values, [undefined])
  assert.deepEqual((await answer(imap, '_enqueue', 'UID SEARCH SEEN', true)).values, [undefined, [1]])
  const { values: [error] } = await answer(imap, '_enqueue', 'NONSENSE')
  assert.deepEqual([error.type, error.source], ['bad', 'protocol'])
  imap._enqueue('UID SEARCH ALL')
  await ended(imap)
  assert.ok(server.lines.some((/** @type {any} */ line) => /^A\d+ UID SEARCH ALL$/.test(String(line))))
})

test('_enqueue of NOOP calls back', ours('its answer is no tagged line to it'), async (t) => {
  const { imap } = await live(t)
  assert.deepEqual((await answer(imap, '_enqueue', 'NOOP')).values, [undefined])
})

test('inner methods but _enqueue are not there, and inner members stay as they were made', ours('its own code is in them'), async (t) => {
  const { imap } = await live(t)
  await call(imap, 'openBox', 'INBOX')
  for (const name of ['_search', '_store', '_copy', '_move', '_fetch', '_sort', '_thread', '_login', '_resUntagged', '_resTagged', '_doKeepaliveTimer', '_processQueue']) {
    assert.equal(imap[name], undefined, name)
  }
  const { _parser, _tagcount, _tmrConn, _tmrAuth, _tmrKeepalive } = imap
  assert.deepEqual([_parser, _tagcount, _tmrConn, _tmrAuth, _tmrKeepalive], [undefined, 0, undefined, undefined, undefined])
  assert.equal(typeof imap._enqueue, 'function')
})

test('_enqueue refuses what would be no command, and says so', ours('it sends anything'), async (t) => {
  const { imap } = await live(t)
  for (const wrong of [undefined, null, 5, {}]) assert.throws(() => imap._enqueue(wrong), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /must be a string/ })
  assert.throws(() => imap._enqueue('A\r\nB'), { code: 'EARGUMENT', message: /one line/ })
  assert.throws(() => imap._enqueue('IDLE'), { code: 'EARGUMENT', message: /IDLE/ })
})

test('debug counts from when it is set, and no longer than that', ours('only outgoing lines honour it'), async (t) => {
  const server = await serving(t)
  const imap = /** @type {any} */ (new Imap({ ...server.options, keepalive: false }))
  /** @type {string[]} */
  const lines = []
  const debug = (/** @type {string} */ line) => lines.push(line)
  imap.connect()
  imap.debug = debug
  await once(imap, 'ready')
  assert.ok(lines.some((line) => line.startsWith('<= \'* OK')) && lines.some((line) => line.startsWith('=> \'A0 ')), lines.join('\n'))
  assert.ok(!lines.join().includes('secret'))
  imap.debug = undefined
  lines.length = 0
  await call(imap, 'openBox', 'INBOX')
  assert.deepEqual(lines, [])
  imap.debug = debug
  assert.equal(imap.debug, debug)
  await call(imap, 'search', ['ALL'])
  const search = lines.findIndex((line) => /^=> 'A\d+ UID SEARCH ALL'$/.test(line))
  assert.ok(search >= 0 && lines.slice(search).includes('<= \'* SEARCH\''), lines.join('\n'))
  await ended(imap)
  assert.deepEqual(lines.slice(-2), ['[connection] Ended', '[connection] Closed'])
})

test('debug set before connect() counts', async (t) => {
  const server = await serving(t)
  const imap = /** @type {any} */ (new Imap(server.options))
  /** @type {string[]} */
  const lines = []
  imap.debug = (/** @type {string} */ line) => lines.push(line)
  imap.connect()
  await once(imap, 'ready')
  await ended(imap)
  assert.ok(lines.some((line) => line.startsWith('=> \'A0 ')) && lines.some((line) => line.startsWith('<= ')))
})

test('crash guards around methods that are not there do no harm', async (t) => {
  const prototype = /** @type {any} */ (Imap).prototype
  for (const name of ['_resUntagged', '_resTagged', '_login', '_processQueue']) {
    const existing = prototype[name]
    const had = Object.prototype.hasOwnProperty.call(prototype, name)
    prototype[name] = /** @this {any} */ function (/** @type {any[]} */ ...args) {
      try {
        return existing.apply(this, args)
      } catch (error) {
        return undefined
      }
    }
    t.after(() => { if (had) prototype[name] = existing; else delete prototype[name] })
  }
  const { imap } = await live(t)
  await call(imap, 'openBox', 'INBOX')
  await ended(imap)
})

test('an override of the package imap gives everimap, with node-imap\'s deep imports', ours('this is about everimap'), (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'everimap-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ overrides: { imap: 'npm:everimap' } }))
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(path.dirname(require.resolve('everimap/package.json')), path.join(folder, 'node_modules', 'imap'), 'dir')
  const load = createRequire(path.join(folder, 'program.js'))
  assert.equal(load('imap'), Imap)
  for (const deep of ['imap/lib/Connection', 'imap/lib/Connection.js']) assert.equal(load(deep), Imap)
  assert.match(load('imap/package.json').version, /^\d+\.\d+\.\d+/)
})

test('_config is read again at each connect()', async (t) => {
  const server = await serving(t)
  const imap = /** @type {any} */ (new Imap({ ...server.options, password: 'wrong' }))
  imap.on('error', () => {})
  imap.connect()
  await closed(imap)
  imap._config.password = server.options.password
  imap.connect()
  await once(imap, 'ready')
  await ended(imap)
})

test('socketTimeout is watched during the login, too', async (t) => {
  const server = await serving(t)
  server.fault({ on: /LOGIN/, do: 'stall' })
  const watched = await failing({ ...server.options, socketTimeout: 100, authTimeout: 60_000 })
  assert.deepEqual(watched.events, ['error@disconnected', 'close(false)@disconnected'])
  const { message, source } = watched.errors[0]
  assert.deepEqual([message, source], ['Socket timed out while talking to server', 'socket-timeout'])
})

test('an international host name is looked up as DNS has it', async () => {
  const watched = watch({ host: 'b\u{fc}cher.invalid' })
  watched.connection.connect()
  await soon(watched.connection, 'close')
  const [error] = watched.errors
  // Without a network the resolver says that it does not know.
  assert.match(error.code, /^(ENOTFOUND|EAI_AGAIN)$/)
  if (!isNodeImap) assert.equal(error.hostname, 'xn--bcher-kva.invalid')
})

test('an international server name is checked as certificates have it', ours('Node does not translate it'), async (t) => {
  const made = certificate({ names: ['xn--bcher-kva.example'], ca: authority() })
  const server = await serving(t, { tls: true, certificate: made })
  const imap = await connected({ ...server.options, tlsOptions: { ca: made.ca, servername: 'b\u{fc}cher.example' } })
  await ended(imap)
})

test('blanks around the host are not part of it, and what is no name is refused', ours('it looks anything up'), async (t) => {
  const server = await serving(t)
  await ended(await connected({ ...server.options, host: ` ${server.host}\n` }))
  const imap = new Imap({ host: 'xn--a.\u{fc}' })
  assert.throws(() => imap.connect(), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', option: 'host' })
})

/**
 * Looks again at every turn of the event loop, with a deadline.
 * @param {() => any} isThere
 */
async function waitUntil (isThere) {
  const signal = AbortSignal.timeout(20_000)
  while (!isThere()) {
    signal.throwIfAborted()
    await turn()
  }
}

test('what a callback leaves to ticks, promises and the turns that these ask for comes before the next callback', async (t) => {
  const { imap } = await live(t)
  const boxes = ['a', 'b', 'c']
  /** @type {string[]} */
  const order = []
  const note = (/** @type {string} */ what) => { order.push(what) }
  await new Promise((resolve) => {
    for (const box of boxes) {
      imap.status(box, () => {
        note(box)
        process.nextTick(() => {
          note(`tick of ${box}`)
          setImmediate(note, `turn of the tick of ${box}`)
        })
        Promise.resolve().then(() => {
          note(`promise of ${box}`)
          setImmediate(note, `turn of the promise of ${box}`)
        })
        setImmediate(note, `turn of ${box}`)
        if (box === 'c') setImmediate(() => setImmediate(resolve))
      })
    }
  })
  for (const box of boxes) {
    const [first, ...others] = order.splice(0, 6)
    assert.equal(first, box)
    assert.ok(others.every((what) => what.endsWith(` of ${box}`)), `${box}: ${others}`)
  }
})
