// @ts-check
'use strict'

// From connect() to ready, or to the error (contract sections 1.3, 1.5, 2 and 9).

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')
const { inspect } = require('node:util')

const { PASSWORD, TOKEN } = require('./credentials')
const { Imap, PATIENCE_MS, Server, closed, login, recorded, serving, tracing, within } = require('./support')

const isNodeImap = !!process.env.IMAP_IMPLEMENTATION

/** @param {string} id the row of contract section 10 that says so */
const fixed = (id) => ({ skip: isNodeImap && `npm imap does not: ${id}` })

/**
 * Plays a trace from connect() to `close`, with end() once it is ready.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} script
 * @param {{ options?: any, trace?: any, ready?: (imap: any) => void }} [settings]
 */
async function attempt (t, script, { options, trace, ready } = {}) {
  const server = await tracing(t, script, trace)
  /** @type {string[]} */
  const debug = []
  const imap = new Imap({ ...server.options, keepalive: false, debug: (/** @type {string} */ line) => debug.push(line), ...options })
  t.after(() => imap.destroy())
  /** @type {string[]} */
  const states = []
  for (const event of ['ready', 'error', 'end', 'close']) imap.on(event, () => states.push(`${event}@${imap.state}`))
  const events = recorded(imap)
  imap.once('ready', () => ready ? ready(imap) : imap.end())
  const close = closed(imap)
  imap.connect()
  await close
  if (server.errors.length > 0) throw server.errors[0]
  const error = events.find(([name]) => name === 'error')?.[1]
  return { imap, server, events, states, error, debug }
}

/** @param {number} tag */
const logout = (tag) => `
  C: A${tag} LOGOUT
  S: * BYE bye
  S: A${tag} OK bye
  X: half-close`

/** Greeting and capabilities. @param {string} capabilities */
const greeting = (capabilities) => `
  S: * OK ready
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1 ${capabilities}
  S: A0 OK done`

/** The rest of a login that worked, from this tag on. @param {number} tag */
const rest = (tag) => `
  S: * CAPABILITY IMAP4rev1
  S: A${tag} OK done
  C: A${tag + 1} LIST "" ""
  S: * LIST (\\Noselect) "." ""
  S: A${tag + 1} OK done
  ${logout(tag + 2)}`

const REFUSED = [['error', 'end', 'close'], ['error@connected', 'end@disconnected', 'close@disconnected']]

/** @param {any} outcome of attempt() */
const shape = ({ events, states }) => [events.map((/** @type {any[]} */ [name]) => name), states]

test('the state is disconnected, connected until ready, authenticated, and disconnected again', async (t) => {
  const server = await serving(t)
  const imap = new Imap({ ...server.options, keepalive: false })
  t.after(() => imap.destroy())
  assert.equal(imap.state, 'disconnected')
  imap.connect()
  assert.equal(imap.state, 'disconnected')
  const ready = once(imap, 'ready')
  await server.connection().then((connection) => connection.line(/^A\d LOGIN/))
  assert.equal(imap.state, 'connected')
  await within(PATIENCE_MS, ready, 'ready')
  assert.equal(imap.state, 'authenticated')
  const states = ['end', 'close'].map((event) => once(imap, event).then(() => imap.state))
  imap.end()
  assert.deepEqual(await within(PATIENCE_MS, Promise.all(states), 'close'), ['disconnected', 'disconnected'])
})

test('LOGIN: refused with a code', async (t) => {
  const outcome = await attempt(t, `${greeting('')}
    C: A1 LOGIN "user" "${PASSWORD}"
    S: A1 NO [AUTHENTICATIONFAILED] Wrong.
    X: half-close`)
  assert.deepEqual(shape(outcome), REFUSED)
  const { error } = outcome
  assert.equal(error.constructor, Error)
  assert.deepEqual([error.message, error.source, error.type, error.textCode], ['Wrong.', 'authentication', 'no', 'AUTHENTICATIONFAILED'])
  if (!isNodeImap) assert.equal(typeof error.code, 'string')
  assert.deepEqual(outcome.events.at(-1), ['close', false])
})

test('LOGIN: refused with BAD and no code, although BYE comes first', async (t) => {
  const outcome = await attempt(t, `${greeting('')}
    C: /^A1 LOGIN/
    S: * BYE sorry
    S: A1 BAD what?
    X: half-close`)
  assert.deepEqual(shape(outcome), REFUSED)
  const { error } = outcome
  assert.deepEqual([error.message, error.source, error.type, error.textCode], ['what?', 'authentication', 'bad', undefined])
  assert.ok(Object.hasOwn(error, 'textCode'))
})

test('XOAUTH: the token goes out as it was given, and is preferred', async (t) => {
  const token = 'dG9rZW4=='
  const { events } = await attempt(t, `${greeting('AUTH=XOAUTH AUTH=XOAUTH2')}
    C: A1 AUTHENTICATE XOAUTH ${token}
    ${rest(1)}`, { options: { xoauth: token, xoauth2: 'other' } })
  assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
})

test('XOAUTH2: the token goes out as it was given, with SASL-IR or without', async (t) => {
  const token = 'dXNlcj1tZQFhdXRoPUJlYXJlciBjYW5hcnkBAQ'
  for (const capability of ['', 'SASL-IR']) {
    const { events } = await attempt(t, `${greeting(`AUTH=XOAUTH2 ${capability}`)}
      C: A1 AUTHENTICATE XOAUTH2 ${token}
      ${rest(1)}`, { options: { xoauth2: token } })
    assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
  }
})

test('XOAUTH2: a challenge is answered with an empty line, and is the message of the error', async (t) => {
  const challenge = '{"status":"401","schemes":"Bearer"}'
  const { error } = await attempt(t, `${greeting('AUTH=XOAUTH2')}
    C: A1 AUTHENTICATE XOAUTH2 ${TOKEN}
    S: + ${Buffer.from(challenge).toString('base64')}
    C:
    S: A1 NO
    X: half-close`, { options: { xoauth2: TOKEN } })
  assert.deepEqual([error.message, error.source, error.type], [challenge, 'authentication', 'no'])
})

test('XOAUTH2: the server\'s own text goes before the challenge', async (t) => {
  const { error } = await attempt(t, `${greeting('AUTH=XOAUTH2')}
    C: A1 AUTHENTICATE XOAUTH2 ${TOKEN}
    S: + e30=
    C:
    S: A1 NO SASL authentication failed
    X: half-close`, { options: { xoauth2: TOKEN } })
  assert.equal(error.message, 'SASL authentication failed')
})

test('a token in _config is used by the next connect()', async (t) => {
  const server = await tracing(t, `${greeting('AUTH=XOAUTH2')}
    C: A1 AUTHENTICATE XOAUTH2 new
    ${rest(1)}`)
  const imap = new Imap({ host: server.host, port: server.port, keepalive: false })
  imap._config.xoauth2 = 'new'
  imap.once('ready', () => imap.end())
  imap.connect()
  await closed(imap)
  await server.done()
})

test('without a way of logging in there is an error from authentication', async (t) => {
  for (const options of [{ user: '', password: 'x' }, { user: 'x', password: undefined }, { user: undefined, password: undefined, xoauth2: 'token' }]) {
    const outcome = await attempt(t, greeting('AUTH=PLAIN') + '\nX: half-close', { options })
    assert.deepEqual(shape(outcome), REFUSED)
    assert.equal(outcome.error.source, 'authentication')
    assert.equal(outcome.error.message, 'No supported authentication method(s) available. Unable to login.')
  }
})

test('LOGINDISABLED without TLS is an error from authentication, and sends no password', async (t) => {
  const outcome = await attempt(t, greeting('LOGINDISABLED AUTH=PLAIN') + '\nX: half-close')
  assert.deepEqual(shape(outcome), REFUSED)
  assert.equal(outcome.error.source, 'authentication')
  assert.equal(outcome.error.message, 'Logging in is disabled on this server')
  assert.deepEqual(outcome.server.lines, ['A0 CAPABILITY'])
})

test('LOGINDISABLED forbids LOGIN, not XOAUTH2', fixed('Q-82'), async (t) => {
  const { events } = await attempt(t, `${greeting('LOGINDISABLED AUTH=XOAUTH2')}
    C: A1 AUTHENTICATE XOAUTH2 ${TOKEN}
    ${rest(1)}`, { options: { xoauth2: TOKEN } })
  assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
})

test('PLAIN takes the place of LOGIN when that is disabled under TLS', fixed('more than Q-82'), async (t) => {
  const plain = Buffer.from(`\0user\0${PASSWORD}`).toString('base64')
  const inLine = await attempt(t, `${greeting('LOGINDISABLED AUTH=PLAIN SASL-IR')}
    C: A1 AUTHENTICATE PLAIN ${plain}
    ${rest(1)}`, { trace: { tls: true } })
  assert.deepEqual(inLine.events, [['ready'], ['end'], ['close', false]])
  const asked = await attempt(t, `${greeting('LOGINDISABLED AUTH=PLAIN')}
    C: A1 AUTHENTICATE PLAIN
    S: +
    C: ${plain}
    ${rest(1)}`, { trace: { tls: true } })
  assert.deepEqual(asked.events, [['ready'], ['end'], ['close', false]])
})

test('PREAUTH leads to ready without a login', fixed('Q-10'), async (t) => {
  const { events } = await attempt(t, `
    S: * PREAUTH welcome back
    C: A0 CAPABILITY
    S: * CAPABILITY IMAP4rev1 NAMESPACE
    S: A0 OK done
    C: A1 NAMESPACE
    S: * NAMESPACE (("" "/")) NIL NIL
    S: A1 OK done
    C: A2 LIST "" ""
    S: A2 OK done
    ${logout(3)}`)
  assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
})

test('NAMESPACE: refused, it ends the connection', async (t) => {
  const outcome = await attempt(t, `${greeting('')}
    C: /^A1 LOGIN/
    S: * CAPABILITY IMAP4rev1 NAMESPACE
    S: A1 OK done
    C: A2 NAMESPACE
    S: A2 NO [SERVERBUG] broken
    X: half-close`)
  assert.deepEqual(shape(outcome), REFUSED)
  const { message, source, type, textCode } = outcome.error
  assert.deepEqual([message, source, type, textCode], ['broken', 'protocol', 'no', 'SERVERBUG'])
})

test('CAPABILITY after the login: refused, it ends the connection', async (t) => {
  const outcome = await attempt(t, `${greeting('')}
    C: /^A1 LOGIN/
    S: A1 OK done
    C: A2 CAPABILITY
    S: A2 NO no
    X: half-close`)
  assert.deepEqual(shape(outcome), REFUSED)
  assert.equal(outcome.error.source, 'protocol')
})

test('NAMESPACE absent, and a flat list', async (t) => {
  const { imap } = await attempt(t, login().replace('"/"', 'NIL') + logout(3))
  assert.equal(imap.namespaces, undefined)
  assert.equal(imap.delimiter, null)
})

test('namespaces with extensions', async (t) => {
  const script = login('NAMESPACE').replace('(("" "/")) NIL NIL', '(("" "/" "X-PARAM" ("a" "b"))) (("~" NIL)) NIL')
  const { imap } = await attempt(t, script + logout(4))
  assert.deepEqual(imap.namespaces, {
    personal: [{ prefix: '', delimiter: '/', extensions: { 'X-PARAM': ['a', 'b'] } }],
    other: [{ prefix: '~', delimiter: null, extensions: undefined }],
    shared: null
  })
})

test('a greeting NO or BAD is an error of the protocol', async (t) => {
  for (const word of ['NO', 'BAD']) {
    const outcome = await attempt(t, `
      S: * ${word} [X] go away
      X: half-close`)
    assert.deepEqual(shape(outcome), REFUSED)
    assert.equal(outcome.error.message, 'Received negative welcome: go away')
    assert.equal(outcome.error.source, 'protocol')
  }
})

test('a greeting BYE is an error that has its text', fixed('Q-50'), async (t) => {
  const { error } = await attempt(t, `
    S: * BYE too many connections
    X: half-close`)
  assert.equal(error.source, 'protocol')
  assert.match(error.message, /too many connections/)
})

for (const autotls of ['always', 'required']) {
  test(`autotls '${autotls}': the login comes after STARTTLS`, async (t) => {
    const { events, server } = await attempt(t, `${greeting('STARTTLS LOGINDISABLED')}
      C: A1 STARTTLS
      S: A1 OK go
      X: starttls
      C: A2 CAPABILITY
      S: * CAPABILITY IMAP4rev1
      S: A2 OK done
      C: A3 LOGIN "user" "${PASSWORD}"
      ${rest(3)}`, { options: { autotls } })
    // With TLS, npm imap has no `end` (Q-02).
    assert.deepEqual(events.filter(([name]) => name !== 'end'), [['ready'], ['close', false]])
    assert.equal(server.connections[0].secure, true)
  })
}

test('autotls \'required\' leaves a server alone that allows logins in clear text', async (t) => {
  const { events } = await attempt(t, `${greeting('STARTTLS')}
    C: A1 LOGIN "user" "${PASSWORD}"
    ${rest(1)}`, { options: { autotls: 'required' } })
  assert.deepEqual(events[0], ['ready'])
})

test('autotls \'always\' sends nothing in clear text when STARTTLS is not offered', fixed('Q-09'), async (t) => {
  const { error, server } = await attempt(t, greeting('') + '\nX: half-close', { options: { autotls: 'always' } })
  assert.equal(error.source, 'authentication')
  assert.match(error.message, /STARTTLS/)
  assert.deepEqual(server.lines, ['A0 CAPABILITY'])
})

test('STARTTLS refused is an error of the protocol', async (t) => {
  const outcome = await attempt(t, `${greeting('STARTTLS')}
    C: A1 STARTTLS
    S: A1 NO not now
    X: half-close`, { options: { autotls: 'always' } })
  assert.deepEqual(shape(outcome), REFUSED)
  assert.deepEqual([outcome.error.message, outcome.error.source], ['not now', 'protocol'])
})

test('what follows the OK to STARTTLS in clear text ends the connection', fixed('Q-78'), async (t) => {
  const { error, server } = await attempt(t, `${greeting('STARTTLS')}
    C: A1 STARTTLS
    S+: A1 OK go\\r\\n* PREAUTH injected\\r\\n
    X: starttls`, { options: { autotls: 'always' } })
  assert.equal(error.source, 'protocol')
  assert.ok(!server.lines.join('\n').includes(PASSWORD))
})

test('an untagged OK during the login is no second greeting', fixed('Q-79'), async (t) => {
  const { events, server } = await attempt(t, `${greeting('')}
    S: * OK still here
    C: /^A1 LOGIN/
    S: * OK nearly done
    S: * PREAUTH no
    ${rest(1)}`)
  assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
  assert.equal(server.lines.length, 4)
})

test('commands before ready are held until then, in order', fixed('Q-27'), async (t) => {
  const server = await tracing(t, `${login()}
    C: A3 CREATE "a"
    S: A3 OK done
    C: A4 LIST "" "*"
    S: * LIST () "/" a
    S: A4 OK done
    ${logout(5)}`)
  const imap = new Imap({ ...server.options, keepalive: false })
  t.after(() => imap.destroy())
  const events = recorded(imap)
  imap.connect()
  imap.addBox('a', () => events.push(['created']))
  imap.getBoxes((/** @type {any} */ _, /** @type {any} */ boxes) => events.push(['listed', Object.keys(boxes)]))
  imap.once('ready', () => imap.end())
  await closed(imap)
  await server.done()
  assert.deepEqual(events, [['ready'], ['created'], ['listed', ['a']], ['end'], ['close', false]])
})

test('commands while nothing is connected call back with an error', fixed('Q-06'), async () => {
  const imap = new Imap({})
  const error = await within(PATIENCE_MS, new Promise((resolve) => imap.getBoxes(resolve)), 'the callback')
  assert.ok(error instanceof Error)
  assert.equal(/** @type {any} */ (error).source, 'socket')
  assert.equal(typeof /** @type {any} */ (error).code, 'string')
})

test('openBox before ready throws', () => {
  assert.throws(() => new Imap({}).openBox('INBOX', () => {}), { message: 'Not authenticated' })
})

test('the same object connects again, and starts anew', async (t) => {
  const script = login('IDLE') + logout(3)
  const server = await Server.trace([script, script])
  t.after(() => server.stop())
  const imap = new Imap({ ...server.options, keepalive: false })
  const events = recorded(imap)
  imap.on('ready', () => imap.end())
  for (let round = 0; round < 2; round++) {
    imap.connect()
    await closed(imap)
    assert.equal(imap.state, 'disconnected')
  }
  await server.done()
  assert.deepEqual(events, [['ready'], ['end'], ['close', false], ['ready'], ['end'], ['close', false]])
})

test('connect() while connected changes nothing', fixed('Q-70'), async (t) => {
  const server = await serving(t)
  const imap = new Imap({ ...server.options, keepalive: false })
  t.after(() => imap.destroy())
  const events = recorded(imap)
  imap.connect()
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  imap.connect()
  const close = closed(imap)
  imap.end()
  await close
  assert.equal(server.accepted, 1)
  assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
})

test('alert: the text of ALERT in an untagged OK, at any time', async (t) => {
  const { events } = await attempt(t, `${login()}
    C: A3 CREATE "x"
    S: * OK [ALERT] System shutdown in 10 minutes
    S: * ok [alert] lower
    S: A3 OK done
    ${logout(4)}`, { ready: (imap) => imap.addBox('x', () => imap.end()) })
  assert.deepEqual(events, [['ready'], ['alert', 'System shutdown in 10 minutes'], ['alert', 'lower'], ['end'], ['close', false]])
})

test('alert: without a text it is undefined', async (t) => {
  const { events } = await attempt(t, `${login()}
    C: A3 CREATE "x"
    S+: * OK [ALERT] \\r\\n
    S: A3 OK done
    ${logout(4)}`, { ready: (imap) => imap.addBox('x', () => imap.end()) })
  assert.deepEqual(events.filter(([name]) => name === 'alert'), [['alert', undefined]])
})

test('alert: in NO, BAD and BYE, too, and during the login', fixed('Q-51'), async (t) => {
  const { events } = await attempt(t, `${greeting('')}
    C: /^A1 LOGIN/
    S: * NO [ALERT] Your password expires
    S: * BAD [ALERT] really
    ${rest(1).replace('BYE bye', 'BYE [ALERT] maintenance')}`)
  assert.deepEqual(events, [
    ['alert', 'Your password expires'], ['alert', 'really'], ['ready'], ['alert', 'maintenance'], ['end'], ['close', false]
  ])
})

test('debug lines have node-imap\'s shape', async (t) => {
  const { debug } = await attempt(t, login().replaceAll('done', 'it\'s "done"') + logout(3))
  assert.equal(debug[0], '[connection] Connected to host')
  const ours = debug.filter((line) => line.startsWith('=>'))
  assert.equal(ours[0], '=> \'A0 CAPABILITY\'')
  assert.match(ours[1], isNodeImap ? new RegExp(`^=> 'A1 LOGIN "user" "${PASSWORD}"'$`) : /^=> 'A1 LOGIN "user" [^']+'$/)
  assert.deepEqual(ours.slice(2), ['=> \'A2 LIST "" ""\'', '=> \'A3 LOGOUT\''])
  const theirs = debug.filter((line) => line.startsWith('<='))
  assert.deepEqual(theirs.slice(0, 3), [
    '<= \'* OK ready\'', '<= \'* CAPABILITY IMAP4rev1\'', `<= ${inspect('A0 OK it\'s "done"')}`
  ])
  assert.deepEqual(debug.slice(-2), ['[connection] Ended', '[connection] Closed'])
  assert.deepEqual(debug.filter((line) => !/^(=>|<=|\[connection\]) /.test(line)), [])
})

test('debug lines of IDLE, of the empty line of OAuth, and of an error', async (t) => {
  const { debug } = await attempt(t, `${greeting('AUTH=XOAUTH2')}
    C: /^A1 AUTHENTICATE/
    S: + e30=
    C:
    S: A1 NO no
    X: half-close`, { options: { xoauth2: TOKEN } })
  assert.ok(debug.includes('=> \'\\r\\n\''), debug.join('\n'))
  const idle = await attempt(t, `${login('IDLE')}
    C: IDLE IDLE
    S: + idling
    S: * OK [ALERT] now
    C: DONE
    S: IDLE OK done
    ${logout(3)}`, {
    options: { keepalive: true },
    ready: (imap) => imap.once('alert', () => imap.end())
  })
  assert.deepEqual(idle.debug.filter((line) => /IDLE|DONE/.test(line) && !/CAPABILITY/.test(line)), [
    '=> \'IDLE IDLE\'', '=> DONE', '<= \'IDLE OK done\''
  ])
})

test('the debug line of a socket error', async (t) => {
  const { debug } = await attempt(t, `
    S: * OK ready
    C: A0 CAPABILITY
    X: reset`)
  assert.ok(debug.includes('[connection] Error: Error: read ECONNRESET'), debug.join('\n'))
})

test('passwords and tokens appear in no output', fixed('Q-39'), async (t) => {
  const canary = 'canary-Pa55word-0123456789'
  const token = Buffer.from(`user=me\x01auth=Bearer ${canary}\x01\x01`).toString('base64')
  const plain = Buffer.from(`\0user\0${canary}`).toString('base64')
  const outcomes = [
    await attempt(t, `${greeting('')}
      C: A1 LOGIN "user" "${canary}"
      S: A1 NO you said "${canary}"
      X: half-close`, { options: { password: canary } }),
    await attempt(t, `${greeting('AUTH=XOAUTH2')}
      C: A1 AUTHENTICATE XOAUTH2 ${token}
      S: A1 BAD what is ${token}
      X: half-close`, { options: { xoauth2: token } }),
    await attempt(t, `${greeting('LOGINDISABLED AUTH=PLAIN')}
      C: A1 AUTHENTICATE PLAIN
      S: +
      C: ${plain}
      S: A1 NO no
      X: half-close`, { options: { password: canary }, trace: { tls: true } }),
    await attempt(t, `${greeting('')}
      C: A1 LOGIN "user" "${canary}"
      ${rest(1)}`, { options: { password: canary } }),
    await attempt(t, greeting('') + '\nX: half-close', { options: { password: `${canary}\r\nA9 LOGOUT` } })
  ]
  for (const { debug = [], error, events = [] } of outcomes) {
    const output = [...debug, inspect(error, { depth: 9, showHidden: true }), inspect(events, { depth: 9 }), String(error?.stack)].join('\n')
    for (const secret of [canary, token, plain]) assert.ok(!output.includes(secret), output)
  }
})

test('line breaks in user and password are refused before they are sent', fixed('Q-38'), async (t) => {
  for (const options of [{ user: 'a\r\nA9 LOGOUT' }, { password: 'secret\n' }]) {
    const { error, server } = await attempt(t, greeting('') + '\nX: half-close', { options })
    assert.equal(error.source, 'authentication')
    assert.match(error.message, /line break/)
    assert.deepEqual(server.lines, ['A0 CAPABILITY'])
  }
})
