// @ts-check
'use strict'

// Everything that can go wrong while connecting and logging in, and how a session ends: the exact
// events, their state, and what the error says (contract sections 2.3 and 9).

const assert = require('node:assert/strict')
const net = require('node:net')
const test = require('node:test')
const { inspect } = require('node:util')
const { PASSWORD } = require('./credentials')
const { authority, certificate, Server } = require('./server')
const { call } = require('./support')
const { failing, ready, soon, turn, watch } = require('./watch')

/** @typedef {'plain' | 'tls' | 'starttls'} Transport */

/** @type {Transport[]} */
const TRANSPORTS = ['plain', 'tls', 'starttls']

/**
 * @param {any} t
 * @param {Transport} transport
 * @param {Record<string, any>} [settings]
 */
async function serving (t, transport, settings = {}) {
  const tls = transport === 'plain' ? false : transport === 'tls' ? true : 'starttls'
  const server = await Server.start({ tls, ...settings })
  t.after(() => server.stop())
  return server
}

/** @param {any} t @param {string} script @param {object} [options] */
async function tracing (t, script, options) {
  const server = await Server.trace(script, options)
  t.after(() => server.stop())
  return server
}

/**
 * @param {import('./watch').Watched} watched
 * @param {string[]} events
 * @param {{ source: string, code: string, message: RegExp | string, advice?: RegExp }} [expected]
 */
function check (watched, events, expected) {
  assert.deepEqual(watched.events, events)
  if (!expected) return assert.deepEqual(watched.errors, [])
  assert.equal(watched.errors.length, 1)
  const [error] = watched.errors
  assert.ok(error instanceof Error)
  assert.equal(error.source, expected.source)
  assert.equal(error.code, expected.code)
  if (typeof expected.message === 'string') assert.equal(error.message, expected.message)
  else assert.match(error.message, expected.message)
  if (expected.advice) assert.match(error.advice, expected.advice)
}

const REFUSED = ['error@connected', 'end@disconnected', 'close(false)@disconnected']
const ORDERLY = ['end@disconnected', 'close(false)@disconnected']
const LOST = ['error@disconnected', 'close(true)@disconnected']
const REJECTED = ['error@disconnected', 'close(false)@disconnected']

test('a name that does not exist (row 21)', async () => {
  const watched = await failing({ host: 'no-such-host.invalid', port: 143 })
  const [error] = watched.errors
  // Without a network the resolver says that it does not know.
  assert.match(error.code, /^(ENOTFOUND|EAI_AGAIN)$/)
  check(watched, LOST, {
    source: 'socket',
    code: error.code,
    message: `getaddrinfo ${error.code} no-such-host.invalid`,
    advice: /check .*the option `host`/
  })
  assert.equal(error.hostname, 'no-such-host.invalid')
  assert.equal(error.syscall, 'getaddrinfo')
})

for (const tls of [false, true]) {
  test(`a port where nothing listens, tls: ${tls} (row 21)`, async () => {
    const listener = net.createServer().listen(0, '127.0.0.1')
    await soon(listener, 'listening')
    const { port } = /** @type {net.AddressInfo} */ (listener.address())
    listener.close()
    await soon(listener, 'close')
    const watched = await failing({ host: '127.0.0.1', port, tls })
    const message = `connect ECONNREFUSED 127.0.0.1:${port}`
    check(watched, LOST, { source: 'socket', code: 'ECONNREFUSED', message, advice: /`host` and `port`/ })
    // What an uncaught error prints.
    assert.match(inspect(watched.errors[0]), /advice: 'Nothing listens there: /)
    const { errno, syscall, address } = watched.errors[0]
    assert.deepEqual({ errno, syscall, address }, { errno: -111, syscall: 'connect', address: '127.0.0.1' })
    assert.equal(watched.errors[0].port, port)
  })
}

for (const transport of TRANSPORTS) {
  test(`a wrong password over ${transport} (row 15)`, async (t) => {
    const server = await serving(t, transport)
    const watched = await failing({ ...server.options, password: 'canary-wrong' })
    check(watched, REFUSED, { source: 'authentication', code: 'EAUTH', message: /^Authentication failed/i })
    assert.equal(watched.errors[0].type, 'no')
    assert.equal(watched.errors[0].textCode, 'AUTHENTICATIONFAILED')
    assert.ok(!JSON.stringify([watched.debug, watched.errors[0].message]).includes('canary-wrong'))
  })

  test(`the server ends an idle session over ${transport} (rows 1 and 2)`, async (t) => {
    for (const how of ['close', 'cut', 'halfClose']) {
      const server = await serving(t, transport)
      const watched = await ready(server.options, 'INBOX')
      const peer = await server.connection()
      await peer.line('IDLE IDLE')
      const closed = soon(watched.connection, 'close')
      await Promise.all([peer[/** @type {'close'} */ (how)](), closed])
      check(watched, ['ready@authenticated', ...ORDERLY])
    }
  })

  test(`a reset while idle over ${transport} (row 3)`, async (t) => {
    const server = await serving(t, transport)
    const watched = await ready(server.options)
    const peer = await server.connection()
    await peer.line('IDLE IDLE')
    peer.reset()
    await soon(watched.connection, 'close')
    check(watched, ['ready@authenticated', 'error@authenticated', 'close(true)@disconnected'],
      { source: 'socket', code: 'ECONNRESET', message: /^read ECONNRESET$/ })
    assert.equal(watched.errors[0].syscall, 'read')
  })

  test(`a reset after LOGIN over ${transport} (row 4)`, async (t) => {
    const server = await serving(t, transport)
    server.fault({ on: /LOGIN|AUTHENTICATE/, do: 'reset' })
    check(await failing(server.options), ['error@connected', 'close(true)@disconnected'],
      { source: 'socket', code: 'ECONNRESET', message: /^read ECONNRESET$/ })
  })

  test(`FIN after LOGIN over ${transport} (row 1)`, async (t) => {
    const server = await serving(t, transport)
    server.fault({ on: /LOGIN|AUTHENTICATE/, do: 'cut' })
    check(await failing(server.options), ORDERLY)
  })

  test(`end() and the server answers over ${transport} (row 5)`, async (t) => {
    const server = await serving(t, transport)
    const watched = await ready(server.options, 'INBOX')
    watched.connection.end()
    await soon(watched.connection, 'close')
    check(watched, ['ready@authenticated', ...ORDERLY])
    assert.match(String(server.lines.at(-1)), /^A\d+ LOGOUT$/)
  })

  test(`destroy() while idle over ${transport} (row 8)`, async (t) => {
    const server = await serving(t, transport)
    const watched = await ready(server.options)
    const peer = await server.connection()
    await peer.line('IDLE IDLE')
    // What it says to that is out.
    while (!peer.idling) await turn()
    await peer.outlet.drained(0)
    watched.connection.destroy()
    watched.connection.destroy()
    await soon(watched.connection, 'close')
    check(watched, ['ready@authenticated', ...ORDERLY])
    await peer.ended
    assert.equal(peer.error, undefined)
    assert.equal(peer.received.at(-1), 'IDLE IDLE')
  })

  test(`destroy() and end() right after connect() over ${transport} (rows 9 and 10)`, async (t) => {
    for (const how of ['destroy', 'end']) {
      const server = await serving(t, transport)
      const watched = watch(server.options)
      watched.connection.connect()
      watched.connection[how]()
      await soon(watched.connection, 'close')
      check(watched, ORDERLY)
    }
  })

  test(`BYE in the session over ${transport} (row 11)`, async (t) => {
    const server = await serving(t, transport)
    const watched = await ready(server.options)
    const peer = await server.connection()
    await peer.line('IDLE IDLE')
    peer.bye('[ALERT] Autologout')
    await soon(watched.connection, 'close')
    check(watched, ['ready@authenticated', 'alert@authenticated', ...ORDERLY])
  })

  test(`LOGINDISABLED over ${transport} (row 16)`, async (t) => {
    const server = await serving(t, transport, { capabilities: ['IMAP4rev1', 'LOGINDISABLED'] })
    const trace = transport === 'plain'
      ? server
      : await tracing(t, `
          ${transport === 'tls' ? '' : 'S: * OK hello\nC: A0 CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS\nS: A0 OK done\nC: A1 STARTTLS\nS: A1 OK go\nX: starttls\nC: A2 CAPABILITY\nS: * CAPABILITY IMAP4rev1 LOGINDISABLED\nS: A2 OK done'}
          ${transport === 'tls' ? 'S: * OK hello\nC: A0 CAPABILITY\nS: * CAPABILITY IMAP4rev1 LOGINDISABLED\nS: A0 OK done' : ''}
        `, { tls: transport === 'tls' })
    const watched = await failing(trace.options)
    check(watched, REFUSED, { source: 'authentication', code: 'ELOGINDISABLED', message: 'Logging in is disabled on this server', advice: /./ })
    assert.ok(!trace.lines.some((line) => /LOGIN|AUTH/.test(String(line))))
  })

  test(`nothing to log in with over ${transport} (row 16)`, async (t) => {
    const server = await serving(t, transport)
    const watched = await failing({ ...server.options, user: '' })
    check(watched, REFUSED, {
      source: 'authentication',
      code: 'ENOMECHANISM',
      message: 'No supported authentication method(s) available. Unable to login.',
      advice: /`user` and `password`/
    })
  })

  test(`a server that says nothing, or stalls in the login, over ${transport} (row 18)`, async (t) => {
    /** @type {any[]} */
    const rules = [{ on: /LOGIN|AUTHENTICATE/, do: 'stall' }, { on: /NAMESPACE/, do: 'stall' }, { on: /LIST/, do: 'stall' }]
    if (transport === 'plain') rules.push({ on: 'connect', do: 'stall' })
    for (const rule of rules) {
      const server = await serving(t, transport)
      server.fault(rule)
      check(await failing({ ...server.options, authTimeout: 100 }), ['error@connected', 'close(false)@disconnected'],
        { source: 'timeout-auth', code: 'EAUTHTIMEOUT', message: 'Timed out while authenticating with server', advice: /`authTimeout`|`tls: true`/ })
    }
  })

  test(`nothing is read or written for socketTimeout over ${transport} (row 20)`, async (t) => {
    const server = await serving(t, transport)
    const watched = await ready({ ...server.options, socketTimeout: 150, keepalive: false })
    await soon(watched.connection, 'close')
    check(watched, ['ready@authenticated', 'error@disconnected', 'close(false)@disconnected'],
      { source: 'socket-timeout', code: 'ESOCKETTIMEOUT', message: 'Socket timed out while talking to server' })
  })
}

// What comes before STARTTLS is the same as in clear text.
for (const transport of /** @type {Transport[]} */ (['plain', 'tls'])) {
  test(`greetings that refuse over ${transport} (rows 12 and 13)`, async (t) => {
    for (const [greeting, message] of [
      ['* BYE overloaded', /^The server refused the connection: overloaded/],
      ['* NO go away', /^Received negative welcome: go away/],
      ['* BAD go away', /^Received negative welcome: go away/]
    ]) {
      const server = await serving(t, transport, { greeting })
      const watched = await failing(server.options)
      check(watched, REFUSED, { source: 'protocol', code: 'EGREETING', message: /** @type {RegExp} */ (message) })
      assert.deepEqual(server.lines, [])
    }
  })

  test(`something else than IMAP over ${transport}`, async (t) => {
    for (const said of ['220 mail.example.com ESMTP', 'HTTP/1.1 400 Bad Request', '+OK POP3 ready', '\\x00\\xff\\x01', '* HELLO', 'SSH-2.0-x']) {
      const server = await tracing(t, `S+: ${said}\\r\\n`, { tls: transport === 'tls' })
      const watched = await failing(server.options)
      check(watched, REFUSED, { source: 'protocol', code: 'ENOTIMAP', message: /^The server does not speak IMAP: it began with '/, advice: /`host`, `port`/ })
      assert.deepEqual(server.lines, [])
    }
  })
}

test('a refusal after the login is an error of the protocol (row 17)', async (t) => {
  for (const refused of ['CAPABILITY', 'NAMESPACE']) {
    const script = `
      S: * OK hello
      C: A0 CAPABILITY
      S: * CAPABILITY IMAP4rev1 NAMESPACE
      S: A0 OK done
      C: /^A1 LOGIN/
      ${refused === 'CAPABILITY' ? '' : 'S: * CAPABILITY IMAP4rev1 NAMESPACE'}
      S: A1 OK done
      C: A2 ${refused}
      S: A2 NO [SERVERBUG] not today
    `
    const server = await tracing(t, script)
    const watched = await failing(server.options)
    check(watched, REFUSED, { source: 'protocol', code: 'ENO', message: 'not today' })
    assert.equal(watched.errors[0].type, 'no')
    assert.equal(watched.errors[0].textCode, 'SERVERBUG')
  }
})

test('STARTTLS refused, or not offered, sends no password (X01)', async (t) => {
  const offered = 'S: * OK hello\nC: A0 CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\nS: A0 OK done\nC: A1 STARTTLS\n'
  for (const [script, code, source] of [
    [`${offered}S: A1 NO not now`, 'ENO', 'protocol'],
    [`${offered}S: A1 BAD what`, 'EBAD', 'protocol'],
    ['S: * OK hello\nC: A0 CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: A0 OK done', 'ENOSTARTTLS', 'authentication'],
    ['S: * PREAUTH hello\nC: A0 CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS\nS: A0 OK done', 'ENOSTARTTLS', 'authentication']
  ]) {
    const server = await tracing(t, script)
    const watched = await failing({ ...server.options, autotls: 'always' })
    check(watched, REFUSED, { source, code, message: /./ })
    assert.ok(!server.lines.some((line) => new RegExp(`LOGIN|AUTHENTICATE|${PASSWORD}`).test(String(line))))
  }
})

test('STARTTLS whose handshake stalls (row 18)', async (t) => {
  const server = await tracing(t, 'S: * OK hello\nC: A0 CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS\nS: A0 OK done\nC: A1 STARTTLS\nS: A1 OK go\nX: stall')
  check(await failing({ ...server.options, autotls: 'always', authTimeout: 100 }), ['error@connected', 'close(false)@disconnected'],
    { source: 'timeout-auth', code: 'EAUTHTIMEOUT', message: 'Timed out while authenticating with server' })
})

test('end() in the middle of a STARTTLS handshake is not held up by it', async (t) => {
  const listener = net.createServer().listen(0, '127.0.0.1')
  t.after(() => listener.close())
  await soon(listener, 'listening')
  const { port } = /** @type {net.AddressInfo} */ (listener.address())
  const handshake = soon(listener, 'handshake')
  listener.on('connection', (socket) => {
    socket.write('* OK hello\r\n')
    socket.on('data', (data) => {
      if (data[0] === 0x16) return listener.emit('handshake')
      const starttls = data.includes('STARTTLS')
      socket.write(starttls ? 'A1 OK go\r\n' : '* CAPABILITY IMAP4rev1 STARTTLS\r\nA0 OK done\r\n')
    })
  })
  const watched = watch({ host: '127.0.0.1', port, autotls: 'always', authTimeout: 60_000 })
  watched.connection.connect()
  await handshake
  const began = performance.now()
  watched.connection.end()
  await soon(watched.connection, 'close')
  assert.ok(performance.now() - began < 4000)
  check(watched, ORDERLY)
})

test('BYE while logging in says why, whether the server closes or not (row 15)', async (t) => {
  const login = 'S: * OK hello\nC: A0 CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: A0 OK done\nC: /^A1 LOGIN/\n'
  for (const [ending, source, code, message] of /** @type {[string, string, string, RegExp][]} */ ([
    ['S: * BYE too many\nS: A1 NO [AUTHENTICATIONFAILED] wrong', 'authentication', 'EAUTH', /^wrong/],
    ['S: * BYE too many\nX: cut', 'protocol', 'EGREETING', /^The server refused the connection: too many/],
    ['S: * BYE too many', 'protocol', 'EGREETING', /^The server refused the connection: too many/]
  ])) {
    const server = await tracing(t, login + ending)
    check(await failing({ ...server.options, authTimeout: 60_000 }), REFUSED, { source, code, message })
  }
})

test('a TLS port and a plain client (row 18), a plain port and a TLS client (row 24)', async (t) => {
  const encrypted = await serving(t, 'tls')
  check(await failing({ ...encrypted.options, tls: false, authTimeout: 100 }), ['error@connected', 'close(false)@disconnected'],
    { source: 'timeout-auth', code: 'EAUTHTIMEOUT', message: 'Timed out while authenticating with server', advice: /`tls: true`/ })
  const plain = await serving(t, 'plain')
  check(await failing({ ...plain.options, tls: true }), REJECTED,
    { source: 'socket', code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: /wrong version number$/, advice: /993/ })
})

test('certificates that are refused (rows 22 and 23)', async (t) => {
  const day = 86_400_000
  const ca = authority()
  /** @type {[string, any, string, RegExp | string][]} */
  const rows = [
    ['self-signed', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
    ['of another name', { names: ['other.example'], ca }, 'ERR_TLS_CERT_ALTNAME_INVALID', /^Hostname\/IP does not match certificate's altnames: [^;]*$/],
    ['expired', { notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() - day), ca }, 'CERT_HAS_EXPIRED', 'certificate has expired'],
    ['not yet valid', { notBefore: new Date(Date.now() + day), ca }, 'CERT_NOT_YET_VALID', 'certificate is not yet valid']
  ]
  for (const [name, settings, code, message] of rows) {
    for (const transport of /** @type {Transport[]} */ (['tls', 'starttls'])) {
      const made = certificate(settings)
      const server = await serving(t, transport, { certificate: made })
      const tlsOptions = name === 'self-signed' ? undefined : { ca: made.ca }
      const state = transport === 'tls' ? 'disconnected' : 'connected'
      const watched = await failing({ ...server.options, tlsOptions })
      check(watched, [`error@${state}`, 'close(false)@disconnected'], { source: 'socket', code, message, advice: /./ })
      if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') assert.equal(watched.errors[0].cert.subjectaltname, 'DNS:other.example')
      assert.ok(!server.lines.some((line) => new RegExp(`LOGIN|AUTHENTICATE|${PASSWORD}`).test(String(line))))
    }
  }
})

test('a handshake that the server ends (rows 25 and 26) or never answers (row 19)', async (t) => {
  const listener = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await soon(listener, 'listening')
  const { port } = /** @type {net.AddressInfo} */ (listener.address())
  /** @type {net.Socket[]} */
  const sockets = []
  t.after(() => { for (const socket of sockets) socket.destroy(); listener.close() })
  /** @param {(socket: net.Socket) => void} act @param {object} [more] */
  const handshake = (act, more) => {
    listener.removeAllListeners('connection')
    listener.on('connection', (socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.once('data', () => act(socket))
    })
    return failing({ host: '127.0.0.1', port, tls: true, ...more })
  }
  check(await handshake((socket) => socket.end()), ['error@disconnected', 'end@disconnected', 'close(false)@disconnected'],
    { source: 'socket', code: 'ECONNRESET', message: 'Client network socket disconnected before secure TLS connection was established' })
  check(await handshake((socket) => socket.resetAndDestroy()), LOST, { source: 'socket', code: 'ECONNRESET', message: /^read ECONNRESET$/ })
  check(await handshake(() => {}, { connTimeout: 100 }), REJECTED,
    { source: 'timeout', code: 'ETIMEDOUT', message: 'Timed out while connecting to server', advice: /firewall/ })
})

test('FIN before the greeting (row 1)', async (t) => {
  const server = await tracing(t, 'X: cut')
  check(await failing(server.options), ORDERLY)
})

test('end() when LOGOUT is never answered, or the server never closes (rows 6 and 7)', async (t) => {
  for (const [last, limit] of /** @type {[string, number][]} */ ([['X: stall', 7000], ['S: A2 OK bye', 4000]])) {
    const server = await tracing(t, `
      S: * PREAUTH hello
      C: A0 CAPABILITY
      S: * CAPABILITY IMAP4rev1
      S: A0 OK done
      C: A1 LIST "" ""
      S: A1 OK done
      C: A2 LOGOUT
      ${last}
    `)
    const watched = await ready({ ...server.options, keepalive: false })
    const began = performance.now()
    watched.connection.end()
    watched.connection.end()
    await soon(watched.connection, 'close')
    assert.ok(performance.now() - began < limit)
    check(watched, ['ready@authenticated', ...ORDERLY])
  }
})

test('destroy() and end() before connect() do nothing', async () => {
  const { connection, events } = watch({})
  connection.destroy()
  connection.end()
  await turn()
  assert.deepEqual(events, [])
})

test('options that cannot be used throw at connect(), name themselves, and leave nothing behind (Q-69)', async (t) => {
  const server = await serving(t, 'plain')
  /** @type {[string, any, string][]} */
  const rows = [
    ['host', 5, 'TypeError'],
    ['host', {}, 'TypeError'],
    ['port', 'imap', 'TypeError'],
    ['port', 70_000, 'RangeError'],
    ['port', -1, 'RangeError'],
    ['connTimeout', '10s', 'TypeError'],
    ['connTimeout', NaN, 'RangeError'],
    ['authTimeout', 'abc', 'TypeError'],
    ['socketTimeout', 'never', 'TypeError'],
    ['user', 5, 'TypeError'],
    ['password', {}, 'TypeError'],
    ['localAddress', 'nowhere', 'TypeError'],
    ['keepalive', { interval: '10s' }, 'TypeError'],
    ['reconnect', { maxAtempts: 3 }, 'TypeError'],
    ['tlsOptions', { minVersion: 'SSLv3' }, 'TypeError'],
    ['tlsOptions', { maxVersion: 'TLSv1.1' }, 'TypeError'],
    ['tlsOptions', { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }, 'TypeError'],
    ['tlsOptions', { secureOptions: 1 }, 'TypeError'],
    ['tlsOptions', { ALPNProtocols: ['imap'] }, 'TypeError'],
    ['tlsOptions', { key: Buffer.from('-----BEGIN ENCRYPTED PRIVATE KEY-----\n'), passphrase: 'x' }, 'TypeError'],
    ['tlsOptions', { key: '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n', passphrase: 'x' }, 'TypeError'],
    ['socket', new net.Socket(), 'TypeError']
  ]
  for (const [option, value, name] of rows) {
    const watched = watch({ ...server.options, connTimeout: 50 })
    const { connection } = watched
    const before = { ...connection._config }
    connection._config[option] = value
    assert.throws(() => connection.connect(), (/** @type {any} */ error) => {
      assert.equal(error.name, name, `${option}: ${error.stack}`)
      assert.equal(typeof error.code, 'string')
      assert.ok(error.option === option || error.option.startsWith(`${option}.`), `${option}: ${error.option}`)
      assert.ok(error.message.includes(error.option), error.message)
      return true
    })
    assert.deepEqual(watched.events, [])
    Object.assign(connection._config, before, { connTimeout: 5000 })
    connection.connect()
    await soon(connection, 'ready')
    connection.end()
    await soon(connection, 'close')
    assert.deepEqual(watched.events, ['ready@authenticated', ...ORDERLY])
  }
})

test('what a method throws before anything is sent has a code, and node-imap\'s text', async (t) => {
  const server = await serving(t, 'plain', { capabilities: ['IMAP4rev1', 'LITERAL+'] })
  const { connection } = await ready(server.options)
  const nothing = () => {}
  /** @type {any[]} */
  let circular = []
  circular = [circular]
  circular[0].push(circular)
  /** @type {[string, string, (imap: any) => void][]} */
  const closed = [
    ['ESTATE', 'Not authenticated', () => new /** @type {any} */ (connection.constructor)({}).openBox('INBOX', nothing)],
    ['ESTATE', 'No mailbox is currently selected', (imap) => imap.closeBox(nothing)],
    ...['search', 'esearch'].map((name) => /** @type {any} */ (
      ['ESTATE', 'No mailbox is currently selected', (/** @type {any} */ imap) => imap[name](['ALL'], nothing)])),
    ['ESTATE', 'No mailbox is currently selected', (imap) => imap.sort(['DATE'], ['ALL'], nothing)],
    ['ESTATE', 'No mailbox is currently selected', (imap) => imap.addFlags(1, 'x', nothing)],
    ['ESTATE', 'No mailbox is currently selected', (imap) => imap.copy(1, 'x', nothing)],
    ['ESTATE', 'No mailbox is currently selected', (imap) => imap.move(1, 'x', nothing)],
    ['ESTATE', 'No mailbox specified or currently selected', (imap) => imap.append('x', nothing)]
  ]
  /** @type {[string, string | RegExp, (imap: any) => void][]} */
  const opened = [
    ['ESTATE', 'Cannot call status on currently selected mailbox', (imap) => imap.status('INBOX', nothing)],
    ['EUNSUPPORTED', 'Server does not support ID', (imap) => imap.id(null, nothing)],
    ['EUNSUPPORTED', 'Server must support X-GM-EXT-1 capability', (imap) => imap.addLabels(1, 'x', nothing)],
    ['EUNSUPPORTED', 'Sort is not supported on the server', (imap) => imap.sort(['DATE'], ['ALL'], nothing)],
    ['EUNSUPPORTED', 'Server does not support that threading algorithm', (imap) => imap.thread('REFS', ['ALL'], nothing)],
    ['EUNSUPPORTED', 'Server does not support this feature (UIDPLUS)', (imap) => imap.expunge(1, nothing)],
    ['EUNSUPPORTED', 'Server does not support this feature (CONDSTORE)', (imap) => imap.addFlagsSince(1, 'x', 5, nothing)],
    ['EARGUMENT', 'Expected array with at least one sort criteria', (imap) => imap.sort([], ['ALL'], nothing)],
    ['EARGUMENT', 'Expected array for search criteria', (imap) => imap.search('ALL', nothing)],
    ['EARGUMENT', 'Expected array for search options', (imap) => imap.esearch('ALL', nothing)],
    ['EARGUMENT', 'The message set contains itself', (imap) => imap.copy(circular, 'x', nothing)],
    ['EARGUMENT', /nested deeper/, (imap) => imap.copy(nested(40), 'x', nothing)],
    ['EARGUMENT', /more than 1000000 values/, (imap) => imap.copy(new Array(1000001), 'x', nothing)],
    ['EARGUMENT', /must be an integer/, (imap) => imap.fetch('x')],
    ['EUNSUPPORTED', 'Cannot move message: server does not allow deletion of messages', (imap) => {
      imap._box.permFlags = []
      imap._box.flags = []
      imap.move(1, 'x', nothing)
    }]
  ]
  for (const [code, message, work] of closed) assert.throws(() => work(connection), { code, message })
  await call(connection, 'openBox', 'INBOX')
  for (const [code, message, work] of opened) assert.throws(() => work(connection), { code, message })
  connection.destroy()
})

/** @param {number} levels */
function nested (levels) {
  /** @type {any} */
  let list = [1]
  for (let level = 0; level < levels; level++) list = [list]
  return list
}
