// @ts-check
'use strict'

// The options that are typed: the timeouts, `timeouts`, `tcp`, `limits`, `keepalive` and `reconnect`,
// and configurations from environment variables (contract Q-68).

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { PATIENCE_MS, Imap, ended, serving, within } = require('./support')

/** @type {any} */
const Connection = Imap

const TIMEOUTS = ['connTimeout', 'authTimeout', 'socketTimeout']
const DEADLINES = ['greeting', 'command', 'continuation', 'done', 'noop', 'logout', 'afterBye']

/** A configuration for each option that is a time. @param {unknown} value @returns {[string, object][]} */
const times = value => [
  ...TIMEOUTS.map(name => /** @type {[string, object]} */ ([name, { [name]: value }])),
  ['keepalive.interval', { keepalive: { interval: value } }],
  ['keepalive.idleInterval', { keepalive: { idleInterval: value } }],
  ['keepalive.resyncInterval', { keepalive: { resyncInterval: value } }],
  ...DEADLINES.map(name => /** @type {[string, object]} */ ([`timeouts.${name}`, { timeouts: { [name]: value } }])),
  ...['keepIdle', 'keepInterval', 'userTimeout'].map(name =>
    /** @type {[string, object]} */ ([`tcp.${name}`, { tcp: { [name]: value } }])),
  ['reconnect.capMs', { reconnect: { capMs: value } }]
]

/**
 * @param {object} config
 * @param {string} name of the error
 * @param {string} option
 * @param {string} message
 */
function refused (config, name, option, message) {
  assert.throws(() => new Connection(config), (/** @type {any} */ error) => {
    assert.ok(error instanceof (name === 'RangeError' ? RangeError : TypeError))
    const code = name === 'RangeError' ? 'ERR_OUT_OF_RANGE' : 'ERR_INVALID_ARG_VALUE'
    assert.deepEqual([error.name, error.code, error.option, error.message], [name, code, option, message])
    return true
  })
}

/**
 * @param {() => any} work
 * @param {string} [code]
 * @returns {Promise<string[]>} our warnings
 */
async function warnings (work, code = 'EVERIMAP_OPTION_TEXT') {
  /** @type {string[]} */
  const texts = []
  /** @param {any} warning */
  const listener = warning => { if (warning.code === code) texts.push(warning.message) }
  process.on('warning', listener)
  try {
    await work()
    // A warning is emitted on the next tick.
    await new Promise(resolve => setImmediate(resolve))
  } finally {
    process.off('warning', listener)
  }
  return texts
}

test('a time that is none is refused at construction, by name and value', () => {
  /** @type {[any, string, string][]} */
  const rows = [
    ['abc', 'TypeError', "'abc'"],
    ['10s', 'TypeError', "'10s'"],
    ['yes', 'TypeError', "'yes'"],
    ['', 'TypeError', "''"],
    [' 100', 'TypeError', "' 100'"],
    ['1e3', 'TypeError', "'1e3'"],
    ['0x10', 'TypeError', "'0x10'"],
    ['1.5', 'TypeError', "'1.5'"],
    ['-1', 'TypeError', "'-1'"],
    ['true', 'TypeError', "'true'"],
    [true, 'TypeError', 'true'],
    [{}, 'TypeError', 'an object'],
    [[100], 'TypeError', '[100]'],
    [5n, 'TypeError', '5n'],
    [Symbol('now'), 'TypeError', 'Symbol(now)'],
    [NaN, 'RangeError', 'NaN'],
    [-1, 'RangeError', '-1'],
    [Infinity, 'RangeError', 'Infinity'],
    [-Infinity, 'RangeError', '-Infinity'],
    [2 ** 31, 'RangeError', '2147483648'],
    ['2147483648', 'RangeError', '2147483648']
  ]
  for (const [value, name, shown] of rows) {
    for (const [option, config] of times(value)) {
      if (option.includes('.') && typeof value === 'object' && !Array.isArray(value)) continue
      refused(config, name, option, `The option \`${option}\` is ${shown}; ` +
        'expected a number of milliseconds from 0 to 2147483647, e.g. 10000')
    }
  }
})

test('numbers from 0 on are times; what is not given, 0 and false are the default', async () => {
  const texts = await warnings(() => {
    for (const value of [0, 1, 1.5, 10_000, 2 ** 31 - 1, -0, false, null, undefined]) {
      for (const [, config] of times(value)) new Connection(config)
    }
  })
  assert.deepEqual(texts, [])
})

test('keepalive is a switch or an object of four', () => {
  for (const value of [true, false, 0, 1, {}, null, undefined, Object.create({ interval: 5 })]) {
    new Connection({ keepalive: value })
  }
  /** @type {[any, string, string][]} */
  const rows = [
    ['yes', 'TypeError', "'yes'"], ['no', 'TypeError', "'no'"], ['off', 'TypeError', "'off'"],
    ['True', 'TypeError', "'True'"], ['', 'TypeError', "''"], [[], 'TypeError', '[]'],
    [new Map(), 'TypeError', '[object Map]'], [NaN, 'RangeError', 'NaN'], [-1, 'RangeError', '-1']
  ]
  for (const [value, name, shown] of rows) {
    refused({ keepalive: value }, name, 'keepalive',
      `The option \`keepalive\` is ${shown}; expected true, false or an object such as { interval: 10000 }`)
    refused({ keepalive: { forceNoop: value } }, name, 'keepalive.forceNoop',
      `The option \`keepalive.forceNoop\` is ${shown}; expected true or false`)
  }
  refused({ keepalive: Object.create({ interval: '10s' }) }, 'TypeError', 'keepalive.interval',
    'The option `keepalive.interval` is \'10s\'; expected a number of milliseconds from 0 to 2147483647, e.g. 10000')
})

test('a misspelt key is answered with the right one', () => {
  refused({ keepalive: { intervall: 5 } }, 'TypeError', 'keepalive.intervall',
    'The option `keepalive.intervall` is unknown; did you mean `interval`?')
  refused({ keepalive: { idleinterval: 5 } }, 'TypeError', 'keepalive.idleinterval',
    'The option `keepalive.idleinterval` is unknown; did you mean `idleInterval`?')
  refused({ keepalive: { seldom: 5 } }, 'TypeError', 'keepalive.seldom',
    'The option `keepalive.seldom` is unknown; expected one of `interval`, `idleInterval`, `forceNoop`, `resyncInterval`')
  refused({ timeouts: { afterbye: 5 } }, 'TypeError', 'timeouts.afterbye',
    'The option `timeouts.afterbye` is unknown; did you mean `afterBye`?')
  refused({ tcp: { keepCounts: 5 } }, 'TypeError', 'tcp.keepCounts',
    'The option `tcp.keepCounts` is unknown; did you mean `keepCount`?')
  refused({ reconnect: { maxAtempts: 5 } }, 'TypeError', 'reconnect.maxAtempts',
    'The option `reconnect.maxAtempts` is unknown; did you mean `maxAttempts`?')
})

test('timeouts, tcp and limits are objects; probes are counted', () => {
  for (const value of [{}, null, undefined, false]) new Connection({ timeouts: value, tcp: value, limits: value })
  for (const value of [0, 1, 3, 127, false]) new Connection({ tcp: { keepCount: value } })
  const examples = { timeouts: '{ command: 60000 }', tcp: '{ keepIdle: 45000 }', limits: '{ literalBytes: 1000000 }' }
  for (const [option, example] of Object.entries(examples)) {
    for (const [value, shown] of [[5000, '5000'], [true, 'true'], ['all', "'all'"], [[], '[]']]) {
      refused({ [option]: value }, 'TypeError', option, `The option \`${option}\` is ${shown}; expected an object such as ${example}`)
    }
  }
  for (const [value, name, shown] of /** @type {[any, string, string][]} */ ([
    [128, 'RangeError', '128'], [1.5, 'RangeError', '1.5'], [-1, 'RangeError', '-1'], ['three', 'TypeError', "'three'"]
  ])) {
    refused({ tcp: { keepCount: value } }, name, 'tcp.keepCount',
      `The option \`tcp.keepCount\` is ${shown}; expected a whole number of probes from 1 to 127`)
  }
})

test('reconnect is a switch or an object of its own', () => {
  for (const value of [true, false, {}, { baseMs: 0, maxAttempts: 3, loginsPerMinute: 0.5, retryCommands: false }]) {
    new Connection({ reconnect: value })
  }
  refused({ reconnect: 'always' }, 'TypeError', 'reconnect',
    'The option `reconnect` is \'always\'; expected true, false or an object such as { maxAttempts: 10 }')
  for (const onUnknown of ['error', 'probe', undefined, null]) new Connection({ reconnect: { onUnknown } })
  for (const [onUnknown, came] of /** @type {any[]} */ ([['Probe', '\'Probe\''], [true, 'true'], [1, '1'], [[], '[]']])) {
    refused({ reconnect: { onUnknown } }, 'TypeError', 'reconnect.onUnknown',
      `The option \`reconnect.onUnknown\` is ${came}; expected 'error' or 'probe'`)
  }
  refused({ reconnect: { baseMs: 5000, capMs: 10 } }, 'RangeError', 'reconnect.capMs',
    'The option `reconnect.capMs` is 10; expected `baseMs` or more')
  refused({ reconnect: { maxAttempts: 1.5 } }, 'RangeError', 'reconnect.maxAttempts',
    'The option `reconnect.maxAttempts` is 1.5; expected a whole number, e.g. 10')
  refused({ reconnect: { loginsPerMinute: NaN } }, 'RangeError', 'reconnect.loginsPerMinute',
    'The option `reconnect.loginsPerMinute` is NaN; expected a number above 0, at most 1000000, e.g. 1')
  refused({ reconnect: { loginsPerMinute: 1e9 } }, 'RangeError', 'reconnect.loginsPerMinute',
    'The option `reconnect.loginsPerMinute` is 1000000000; expected a number above 0, at most 1000000, e.g. 1')
})

test('a string is taken for the number or switch that it says, with one warning', async (t) => {
  const server = await serving(t, 'plain')
  const config = {
    ...server.options,
    connTimeout: '20001',
    socketTimeout: 'false',
    keepalive: { interval: '0100', forceNoop: 'true' },
    reconnect: '0'
  }
  const texts = await warnings(async () => {
    new Connection(config)
    const connection = new Connection(config)
    const ready = once(connection, 'ready')
    connection.connect()
    await within(PATIENCE_MS, ready, 'ready')
    await ended(connection)
  })
  assert.deepEqual(texts, [
    'The option `connTimeout` is the string \'20001\'; write 20001',
    'The option `socketTimeout` is the string \'false\'; write false',
    'The option `keepalive.interval` is the string \'0100\'; write 100',
    'The option `keepalive.forceNoop` is the string \'true\'; write true',
    'The option `reconnect` is the string \'0\'; write false'
  ])
})

test('an unknown option that looks like one of ours is one warning, others are the program\'s own', async () => {
  const texts = await warnings(() => {
    const config = { reconect: true, KeepAlive: true, tlsOption: {}, mailbox: 'INBOX', markSeen: true, debug: () => {}, log: undefined }
    for (const given of [config, Object.create(config)]) {
      assert.equal(new Connection(given)._config.reconect, undefined)
    }
  }, 'EVERIMAP_OPTION_UNKNOWN')
  assert.deepEqual(texts, [
    'The option `reconect` is unknown; did you mean `reconnect`?',
    'The option `KeepAlive` is unknown; did you mean `keepalive`?',
    'The option `tlsOption` is unknown; did you mean `tlsOptions`?'
  ])
})

test('what the program writes into _config is looked at by connect()', async () => {
  const connection = new Connection()
  connection._config.socketTimeout = NaN
  assert.throws(() => connection.connect(), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', option: 'socketTimeout' })
  connection._config.socketTimeout = '10s'
  assert.throws(() => connection.connect(), { name: 'TypeError', option: 'socketTimeout' })
  assert.equal(connection.state, 'disconnected')
})

test('a wrong password is not shown', () => {
  const connection = new Connection({ user: 'u', password: 24681357 })
  assert.throws(() => connection.connect(), {
    name: 'TypeError', option: 'password', message: 'The option `password` is no string; expected a string'
  })
})

test('configFromEnv makes a configuration of environment variables', async () => {
  const env = {
    IMAP_CLIENT_USER: 'me@example.org',
    IMAP_CLIENT_PASSWORD: '12345',
    IMAP_CLIENT_HOST: 'imap.example.org',
    IMAP_CLIENT_PORT: '993',
    IMAP_CLIENT_TLS: 'true',
    IMAP_CLIENT_SOCKETTIMEOUT: '',
    IMAP_CLIENT_ID: 'somebody else\'s',
    IMAP_KEEPALIVE_INTERVAL: '5000',
    IMAP_KEEPALIVE_IDLEINTERVAL: '0',
    IMAP_KEEPALIVE_FORCENOOP: 'false',
    UNSET: undefined
  }
  const client = { user: 'me@example.org', password: '12345', host: 'imap.example.org', port: 993, tls: true }
  const texts = await warnings(() => {
    const config = Connection.configFromEnv(env, { client: 'IMAP_CLIENT_', keepalive: 'IMAP_KEEPALIVE_' })
    assert.deepEqual(config, { ...client, keepalive: { interval: 5000, idleInterval: 0, forceNoop: false } })
    assert.deepEqual(Connection.configFromEnv(env), config)
    assert.equal(new Connection(config)._config.keepalive.interval, 5000)
  })
  assert.deepEqual(texts, [])
  assert.deepEqual(Connection.configFromEnv(env, { keepalive: 'OTHER_' }), client)
  assert.deepEqual(Connection.configFromEnv({ MAIL_TLS: 'false', MAIL_FROM: 'x' }, { client: 'MAIL_', keepalive: 'MAIL_' }), { tls: false })
  assert.deepEqual(Connection.configFromEnv({}), {})
})

test('configFromEnv reads the environment of the process if it is given no other', () => {
  const before = process.env.IMAP_CLIENT_AUTHTIMEOUT
  process.env.IMAP_CLIENT_AUTHTIMEOUT = '7000'
  try {
    assert.equal(Connection.configFromEnv().authTimeout, 7000)
  } finally {
    if (before === undefined) delete process.env.IMAP_CLIENT_AUTHTIMEOUT
    else process.env.IMAP_CLIENT_AUTHTIMEOUT = before
  }
})

test('configFromEnv reports every bad variable at once', () => {
  const env = {
    IMAP_CLIENT_HOST: 'imap.example.org',
    IMAP_CLIENT_PORT: '70000',
    IMAP_CLIENT_TLS: 'yes',
    IMAP_KEEPALIVE_INTERVAL: '10s',
    IMAP_KEEPALIVE_FORCENOP: 'true'
  }
  const messages = [
    'The variable `IMAP_KEEPALIVE_FORCENOP` is unknown; did you mean `IMAP_KEEPALIVE_FORCENOOP`?',
    'The variable `IMAP_CLIENT_PORT` is 70000; expected a whole number from 1 to 65535, e.g. 993',
    'The variable `IMAP_CLIENT_TLS` is \'yes\'; expected true or false',
    'The variable `IMAP_KEEPALIVE_INTERVAL` is \'10s\'; expected a number of milliseconds from 0 to 2147483647, e.g. 10000'
  ]
  assert.throws(() => Connection.configFromEnv(env), (/** @type {any} */ error) => {
    assert.ok(error instanceof TypeError)
    assert.equal(error.message, ['Environment variables that cannot be used:', ...messages].join('\n  '))
    const { code, errors } = /** @type {any} */ (error)
    assert.equal(code, 'ERR_INVALID_ARG_VALUE')
    assert.deepEqual(errors.map((/** @type {any} */ one) => [one.name, one.option, one.message]), [
      ['TypeError', 'IMAP_KEEPALIVE_FORCENOP', messages[0]],
      ['RangeError', 'IMAP_CLIENT_PORT', messages[1]],
      ['TypeError', 'IMAP_CLIENT_TLS', messages[2]],
      ['TypeError', 'IMAP_KEEPALIVE_INTERVAL', messages[3]]
    ])
    return true
  })
})

test('configFromEnv says what it takes', () => {
  const code = 'ERR_INVALID_ARG_TYPE'
  assert.throws(() => Connection.configFromEnv('HOME'), { name: 'TypeError', code, message: /takes environment variables, e\.g\. process\.env; got: string/ })
  assert.throws(() => Connection.configFromEnv({}, { clinet: 'A_' }), {
    name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message: 'configFromEnv() has no prefix `clinet`; expected `client` or `keepalive`'
  })
  assert.throws(() => Connection.configFromEnv({}, { client: 5 }), { name: 'TypeError', code, message: /takes prefixes as strings/ })
})
