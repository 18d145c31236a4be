// @ts-check
'use strict'

// Tokens that the program hands out: `auth.getToken` (resilience 2.14).

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { Imap, PATIENCE_MS, closed, recorded, tracing, within } = require('./support')

const RECONNECT = { baseMs: 1, capMs: 5, loginsPerMinute: 1e6 }

/** @param {string} token */
const xoauth2 = (token) => Buffer.from(`user=me@example.org\x01auth=Bearer ${token}\x01\x01`).toString('base64')

/** The script of a login that the server accepts. */
const LOGIN = (/** @type {string} */ token) => `
  S: * OK ready
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1 AUTH=XOAUTH2
  S: A0 OK done
  C: A1 AUTHENTICATE XOAUTH2 ${xoauth2(token)}
  S: * CAPABILITY IMAP4rev1
  S: A1 OK done
  C: A2 LIST "" ""
  S: A2 OK done
`

/**
 * @param {import('node:test').TestContext} t
 * @param {any} server
 * @param {any} getToken
 * @param {object} [options]
 */
function session (t, server, getToken, options) {
  const imap = new Imap({
    ...server.options, user: 'me@example.org', password: undefined, keepalive: false, auth: { getToken }, ...options
  })
  t.after(() => imap.destroy())
  return imap
}

test('a token is asked for before the login and wrapped for XOAUTH2', async (t) => {
  const server = await tracing(t, LOGIN('first'))
  /** @type {any[]} */
  const asked = []
  const imap = session(t, server, async (/** @type {any} */ why) => {
    asked.push(why)
    return { token: 'first' }
  })
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  assert.deepEqual(asked, [{ user: 'me@example.org', host: server.options.host || 'localhost', cause: 'connect', attempt: 0 }])
})

test('OAUTHBEARER where only that is offered, and the error that the server explains is acknowledged', async (t) => {
  const reason = Buffer.from('{"status":"invalid_token"}').toString('base64')
  const server = await tracing(t, `
    S: * OK ready
    C: A0 CAPABILITY
    S: * CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER
    S: A0 OK done
    C: /^A1 AUTHENTICATE OAUTHBEARER [A-Za-z0-9+/=]+$/
    S: + ${reason}
    C: AQ==
    S: A1 NO
    X: half-close`)
  const imap = session(t, server, () => 'tok')
  const events = recorded(imap, ['error', 'close'])
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'close').catch(() => {}), 'close')
  const [[name, error]] = events
  assert.equal(name, 'error')
  assert.equal(error.code, 'EAUTH')
  assert.equal(error.message, '{"status":"invalid_token"}')
})

test('a token that is refused is asked for once more, with the reason', async (t) => {
  const server = await tracing(t, /** @type {any} */ ([`
    S: * OK ready
    C: A0 CAPABILITY
    S: * CAPABILITY IMAP4rev1 AUTH=XOAUTH2
    S: A0 OK done
    C: A1 AUTHENTICATE XOAUTH2 ${xoauth2('old')}
    S: A1 NO [AUTHENTICATIONFAILED] Invalid credentials
    X: half-close`, LOGIN('new')]))
  /** @type {string[]} */
  const causes = []
  const imap = session(t, server, (/** @type {any} */ { cause }) => {
    causes.push(cause)
    return cause === 'rejected' ? 'new' : 'old'
  }, { reconnect: RECONNECT })
  imap.on('error', (/** @type {Error} */ error) => assert.fail(error))
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  assert.deepEqual(causes, ['connect', 'rejected'])
})

test('no token is an error that says why, and nothing is connected', async (t) => {
  for (const [getToken, why] of /** @type {[any, RegExp][]} */ ([
    [() => { throw new Error('the vault is closed') }, /the vault is closed/],
    [async () => { throw new Error('the vault is closed') }, /the vault is closed/]
  ])) {
    const server = await tracing(t, 'S: * OK ready')
    const imap = session(t, server, getToken)
    const events = recorded(imap, ['error', 'close'])
    imap.connect()
    await within(PATIENCE_MS, once(imap, 'close').catch(() => {}), 'close')
    const [, error] = events[0]
    assert.equal(error.code, 'ETOKEN')
    assert.equal(error.source, 'authentication')
    assert.match(error.message, why)
  }
})

const YEAR_MS = 365 * 24 * 3600 * 1000
const EXPIRES = 'expected expiresAt to be a Date, its text in ISO 8601 or a number of milliseconds since 1970, got '

test('what is no token, or one that is over, is asked for once more with the reason, and then an error', async (t) => {
  for (const [given, why] of /** @type {[any, string | RegExp][]} */ ([
    [undefined, 'expected a string or { token: string }, got undefined'],
    [{ token: '' }, 'expected a string or { token: string }, got an empty one'],
    // Seconds, as OAuth 2.0 servers count.
    [{ token: 't', expiresAt: 1795542091 }, 'expiresAt is 1970-01-21T18:45:42.091Z, which is over; it is in milliseconds, not in seconds'],
    [{ token: 't', expiresAt: 1595542091053 }, 'expiresAt is 2020-07-23T22:08:11.053Z, which is over'],
    [{ token: 't', expiresAt: new Date(1595542091053) }, 'expiresAt is 2020-07-23T22:08:11.053Z, which is over'],
    [{ token: 't', expiresAt: '2020-07-23T22:08:11.053Z' }, 'expiresAt is 2020-07-23T22:08:11.053Z, which is over'],
    [{ token: 't', expiresAt: '1795542091053' }, EXPIRES + 'a string of digits'],
    [{ token: 't', expiresAt: 'tomorrow' }, EXPIRES + 'another string'],
    [{ token: 't', expiresAt: new Date(NaN) }, EXPIRES + 'Invalid Date'],
    [{ token: 't', expiresAt: NaN }, EXPIRES + 'NaN'],
    [{ token: 't', expiresAt: -1e300 }, EXPIRES + '-1e+300'],
    [{ token: 't', expiresAt: true }, EXPIRES + 'true'],
    [{ token: 't', expiresAt: [Date.now() + YEAR_MS] }, EXPIRES + 'an object']
  ])) {
    const server = await tracing(t, 'S: * OK ready')
    /** @type {string[]} */
    const causes = []
    const imap = session(t, server, (/** @type {any} */ { cause }) => { causes.push(cause); return given }, { reconnect: RECONNECT })
    const events = recorded(imap, ['disconnected', 'suspended', 'error', 'close'])
    imap.connect()
    await closed(imap)
    assert.deepEqual(causes, ['connect', 'rejected'])
    assert.deepEqual(events.map(([name]) => name), ['disconnected', 'disconnected', 'suspended', 'error', 'close'])
    const text = `auth.getToken() gave no token that can be used: ${why}`
    const [[, { cause, code, text: told }], , , [, error]] = events
    assert.deepEqual([cause, code, told], ['rejected', 'ETOKENINVALID', text])
    assert.deepEqual([error.code, error.source, error.message], ['ETOKENINVALID', 'authentication', text])
  }
})

test('when a token expires may be said as a Date, its text or milliseconds, or not at all', async (t) => {
  const at = Date.now() + YEAR_MS
  for (const expiresAt of [at, new Date(at), new Date(at).toISOString(), new Date(at).toISOString().slice(0, 10), null, undefined]) {
    const server = await tracing(t, LOGIN('t'))
    const imap = session(t, server, () => ({ token: 't', expiresAt }), { reconnect: RECONNECT })
    imap.connect()
    await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  }
})

test('end() while the token is awaited ends the session', async (t) => {
  const server = await tracing(t, 'S: * OK ready')
  const imap = session(t, server, () => new Promise(() => {}))
  imap.connect()
  setImmediate(() => imap.end())
  await closed(imap)
})

test('`auth` without getToken is refused by name', () => {
  for (const auth of [{}, 'token', 5, { getToken: 'x' }]) {
    const error = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', option: 'auth', message: /^The option `auth` has no function `getToken`; expected/ }
    assert.throws(() => new Imap({ auth: /** @type {any} */ (auth) }), error)
    const imap = new Imap({ host: '127.0.0.1', port: 1 })
    imap._config.auth = /** @type {any} */ (auth)
    assert.throws(() => imap.connect(), error)
  }
})
