// @ts-check
'use strict'

// The shape of the module and its class (contract sections 1.1 and 1.2).

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { EventEmitter } = require('node:events')
const { basename, join } = require('node:path')
const { test } = require('node:test')
const { inherits } = require('node:util')

const { Imap } = require('./support')

/** @type {any} */
const Connection = Imap
const isNodeImap = !!process.env.IMAP_IMPLEMENTATION

/** The public methods of node-imap with their `length` (contract section 1.1). */
const METHODS = {
  connect: 0, serverSupports: 1, destroy: 0, end: 0, append: 3, getSpecialUseBoxes: 1, getBoxes: 2, id: 2,
  openBox: 3, closeBox: 2, addBox: 2, delBox: 2, renameBox: 3, subscribeBox: 2, unsubscribeBox: 2,
  getSubscribedBoxes: 2, status: 2, expunge: 2, search: 2, addFlags: 3, delFlags: 3, setFlags: 3,
  addKeywords: 3, delKeywords: 3, setKeywords: 3, copy: 3, move: 3, fetch: 2, setLabels: 3, addLabels: 3,
  delLabels: 3, sort: 3, esearch: 3, setQuota: 3, getQuota: 2, getQuotaRoot: 2, thread: 3, addFlagsSince: 4,
  delFlagsSince: 4, setFlagsSince: 4, addKeywordsSince: 4, delKeywordsSince: 4, setKeywordsSince: 4
}

/** Those of `seq`. */
const SEQUENCE = [
  'delKeywords', 'addKeywords', 'setKeywords', 'delFlags', 'addFlags', 'setFlags', 'move', 'copy', 'fetch', 'search',
  'delLabels', 'addLabels', 'setLabels', 'esearch', 'sort', 'thread', 'addFlagsSince', 'delFlagsSince', 'setFlagsSince',
  'addKeywordsSince', 'delKeywordsSince', 'setKeywordsSince'
]

/** @returns {string[]} the enumerable methods that are not internal */
function publicMethods () {
  return Object.keys(Connection.prototype).filter((name) => !name.startsWith('_') && name !== 'constructor')
}

test('require gives the constructor, named Connection', () => {
  assert.equal(typeof Connection, 'function')
  assert.equal(Connection.name, 'Connection')
  assert.equal(Connection.length, 1)
  assert.equal(Connection.default, undefined)
})

test('import gives the same constructor', { skip: isNodeImap }, async () => {
  const module = await import('../src/js/index.mjs')
  assert.equal(module.default, Connection)
  assert.deepEqual(Object.keys(module).sort(), ['default'])
})

test('the package exports both, by its own name', { skip: isNodeImap }, async () => {
  assert.equal(require('everimap'), Connection)
  // @ts-ignore: the types of the package are not built for this
  const module = await import('everimap')
  assert.equal(module.default, Connection)
  assert.equal(typeof require('everimap/package.json').version, 'string')
})

test('the package needs no other at run time', { skip: isNodeImap }, () => {
  const needed = Object.keys(require('../package.json')).filter((key) => /^(bundled?|peer)?dependencies$/i.test(key))
  assert.deepEqual(needed, [])
})

test('new and a call without new give an instance', () => {
  for (const imap of /** @type {any[]} */ ([new Connection({ user: 'u' }), Connection({ user: 'u' })])) {
    for (const parent of [Connection, EventEmitter]) assert.ok(imap instanceof parent)
    assert.equal(imap._config.user, 'u')
    assert.equal(imap.constructor, Connection)
  }
})

test('class extends works', () => {
  class Mailbox extends Connection {
    constructor () {
      super({ user: 'u' })
      this.own = 1
    }

    serverSupports () {
      return 'mine'
    }
  }
  const imap = new Mailbox()
  assert.ok(imap instanceof Mailbox && imap instanceof Connection && imap instanceof EventEmitter)
  assert.equal(imap.own, 1)
  assert.equal(imap._config.user, 'u')
  assert.equal(imap.serverSupports(), 'mine')
  assert.equal(imap.state, 'disconnected')
})

test('util.inherits and Imap.call(this) work', () => {
  /** @this {any} */
  function Mailbox () {
    Connection.call(this, { user: 'u' })
  }
  inherits(Mailbox, Connection)
  // @ts-ignore: a constructor of ES5
  const imap = /** @type {any} */ (new Mailbox())
  for (const parent of [Mailbox, Connection, EventEmitter]) assert.ok(imap instanceof parent)
  assert.equal(imap._config.user, 'u')
  assert.equal(imap.state, 'disconnected')
  imap.on('ready', () => {})
  assert.equal(imap.listenerCount('ready'), 1)
})

test('Connection.super_ is EventEmitter', () => {
  assert.equal(Connection.super_, EventEmitter)
})

test('methods are enumerable, have node-imap\'s names and lengths, and there are no others', () => {
  const lengths = Object.fromEntries(publicMethods().map((name) => [name, Connection.prototype[name].length]))
  assert.deepEqual(lengths, METHODS)
})

test('methods can tell their names', { skip: isNodeImap }, () => {
  for (const name of publicMethods()) assert.equal(Connection.prototype[name].name, name)
})

test('every method is one of the room that it calls, and none is left out', { skip: isNodeImap }, () => {
  const { known, ours } = require('../src/js/methods')
  const rooms = {
    ...require('../src/js/mailboxes'),
    ...require('../src/js/sequence').byUid,
    ...require('../src/js/messages').others,
    ...require('../src/js/quota')
  }
  for (const [thin, real] of [[known, rooms], [ours, require('../src/js/session')]]) {
    const shapes = (/** @type {object} */ methods) => Object.entries(methods).map(([name, { length }]) => [name, length])
    assert.deepEqual(shapes(thin), shapes(real))
  }
  for (const [name, method] of Object.entries({ ...known, ...ours })) {
    assert.match(String(method), new RegExp(`^${name} [^]*'${name}', arguments`))
  }
})

test('to load the package takes the class, its thin methods and the addon, and no more', { skip: isNodeImap }, () => {
  const script = 'require("everimap"); console.log(JSON.stringify(Object.keys(require.cache)))'
  const loaded = JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: join(__dirname, '..') }).toString())
  assert.deepEqual(loaded.map((/** @type {string} */ file) => basename(file)).sort(), ['binding.js', 'connection.js', 'methods.js'])
})

test('what a session needs is loaded while it connects: later there may be no descriptor left', { skip: isNodeImap }, () => {
  const script = `
    const Imap = require('everimap')
    const imap = new Imap({ host: '127.0.0.1', port: 1, user: 'user', password: 'password' })
    imap.once('error', () => {
      const loaded = Object.keys(require.cache)
      for (const [name, method] of Object.entries(Object.getPrototypeOf(imap))) {
        try { if (name !== 'connect') method.call(imap, '1', {}, () => {}) } catch {}
      }
      Imap.parseHeader('Subject: x\\r\\n\\r\\n')
      console.log(JSON.stringify(Object.keys(require.cache).slice(loaded.length)))
    })
    imap.connect()`
  assert.equal(execFileSync(process.execPath, ['-e', script], { cwd: join(__dirname, '..') }).toString(), '[]\n')
})

test('methods can be replaced on the prototype, and inner calls see it', () => {
  const { serverSupports } = Connection.prototype
  /** @type {string[]} */
  const asked = []
  Connection.prototype.serverSupports = (/** @type {string} */ name) => { asked.push(name) }
  try {
    const imap = new Connection()
    imap._caps = []
    assert.throws(() => imap.expunge([1]), { message: 'Server does not support this feature (UIDPLUS)' })
  } finally {
    Connection.prototype.serverSupports = serverSupports
  }
  assert.deepEqual(asked, ['UIDPLUS'])
})

test('parseHeader is static and takes two arguments', () => {
  assert.equal(typeof Connection.parseHeader, 'function')
  assert.equal(Connection.parseHeader.length, 2)
  assert.deepEqual(Object.keys(Connection).filter((name) => name !== 'super_'), ['parseHeader'])
})

test('seq is a getter that makes a new object each time, and cannot be assigned', () => {
  const property = Object.getOwnPropertyDescriptor(Connection.prototype, 'seq')
  assert.equal(property?.enumerable, false)
  assert.equal(property?.configurable, false)
  assert.equal(property?.set, undefined)
  const imap = new Connection()
  assert.notEqual(imap.seq, imap.seq)
  assert.throws(() => { imap.seq = {} }, TypeError)
})

test('seq has the functions on messages, with their lengths', () => {
  const { seq } = new Connection()
  const names = Object.keys(seq).filter((name) => name !== 'serverSupports')
  assert.deepEqual(names.sort(), SEQUENCE.sort())
  for (const name of names) assert.equal(seq[name].length, METHODS[/** @type {'end'} */ (name)], name)
})

test('seq has the serverSupports that @types/imap promises', { skip: isNodeImap }, () => {
  assert.equal(new Connection().seq.serverSupports('IDLE'), false)
})

test('functions of seq work detached', () => {
  const { search } = new Connection().seq
  assert.throws(() => search(['ALL'], () => {}), { message: 'No mailbox is currently selected' })
})

test('_config has the known options in order, and ours behind them, with their defaults', () => {
  const imap = new Connection({ unknown: 1, debug: () => {} })
  assert.deepEqual(Object.entries(imap._config), [
    ['localAddress', undefined], ['socket', undefined], ['socketTimeout', 0], ['host', 'localhost'], ['port', 143],
    ['tls', undefined], ['tlsOptions', undefined], ['autotls', undefined], ['user', undefined],
    ['password', undefined], ['xoauth', undefined], ['xoauth2', undefined], ['connTimeout', 10000],
    ['authTimeout', 5000], ['keepalive', true], ['reconnect', undefined], ['auth', undefined]
  ])
  assert.equal(typeof imap.debug, 'function')
})

test('the configuration may be anything, and options without a type are not checked at construction', () => {
  for (const config of [undefined, null, false, 0, '', 'x', 5, [], () => {}]) {
    const imap = new Connection(config)
    assert.equal(imap._config.host, 'localhost')
    assert.equal(imap._config.port, 143)
    assert.equal(imap._config.keepalive, true)
  }
  const nonsense = { port: 'nonsense', host: 5, tls: 'yes', user: 5, password: {}, tlsOptions: 5, socket: 5, autotls: 5 }
  const { _config } = new Connection(nonsense)
  for (const [name, value] of Object.entries(nonsense)) assert.equal(_config[name], value, name)
})

test('objects in the configuration are kept by reference, and falsy numbers are defaults', () => {
  const tlsOptions = {}
  const keepalive = {}
  const given = { tlsOptions, keepalive, port: 0, connTimeout: null, authTimeout: false, tls: true }
  const { _config } = new Connection(given)
  assert.equal(_config.tlsOptions, tlsOptions)
  assert.equal(_config.keepalive, keepalive)
  assert.deepEqual([_config.port, _config.connTimeout, _config.authTimeout, _config.tls], [143, 10000, 5000, true])
  assert.equal(new Connection({ keepalive: null })._config.keepalive, true)
  assert.equal(new Connection({ keepalive: false })._config.keepalive, false)
  assert.notEqual(_config, given)
})

test('a new connection is disconnected and knows nothing', () => {
  const imap = new Connection()
  for (const [name, value] of Object.entries({ state: 'disconnected', _box: undefined, delimiter: undefined, namespaces: undefined, debug: undefined })) {
    assert.ok(Object.prototype.propertyIsEnumerable.call(imap, name), name)
    assert.equal(imap[name], value, name)
  }
  assert.ok(!imap.serverSupports('IDLE'))
  assert.equal(imap._caps, undefined)
})

test('end() and destroy() before connect() do nothing', () => {
  const imap = new Connection()
  imap.on('end', () => assert.fail('end')).on('close', () => assert.fail('close'))
  imap.end()
  imap.end()
  imap.destroy()
  imap.destroy()
})

test('the native object stays out of the way of those who look at a connection', { skip: isNodeImap }, () => {
  for (const key of Object.keys(new Connection())) assert.ok(typeof key === 'string' && !/native|link/i.test(key), key)
})
