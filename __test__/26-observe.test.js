// @ts-check
'use strict'

// For who operates a session: the option `log`, diagnostics channels, `stats()`.

const assert = require('node:assert/strict')
const diagnostics = require('node:diagnostics_channel')
const { once } = require('node:events')
const { test } = require('node:test')

const { PASSWORD, USER } = require('./credentials')
const { Imap, PATIENCE_MS, Server, call, closed, login, tracing, within } = require('./support')

const RECONNECT = { baseMs: 1, capMs: 5, loginsPerMinute: 1e6 }

const CREATE = `
  C: A3 CREATE "a"
  S: A3 OK done
  C: A4 CREATE "a"
  S: A4 NO [ALREADYEXISTS] it is there`

/** @param {any} imap */
function created (imap) {
  return new Promise((resolve) => imap.addBox('a', resolve))
}

/**
 * A session that does two commands, is cut, comes back and ends.
 * @param {import('node:test').TestContext} t
 * @param {object} options
 */
async function play (t, options) {
  // A reset drops what the client has not read yet: all of it has to be there at once.
  const server = await tracing(t, [`${login()}${CREATE}\nX: reset`, `${login()}`], { split: 1000 })
  const imap = new Imap({ ...server.options, keepalive: false, reconnect: RECONNECT, ...options })
  t.after(() => imap.destroy())
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  const back = once(imap, 'reconnected')
  await within(PATIENCE_MS, Promise.all([created(imap), created(imap)]), 'two commands')
  await within(PATIENCE_MS, back, 'reconnected')
  const closed = once(imap, 'close')
  imap.destroy()
  await within(PATIENCE_MS, closed, 'close')
  return imap
}

test('log() gets a record of all that happens, and no secret', async (t) => {
  /** @type {any[]} */
  const records = []
  await play(t, { log: (/** @type {any} */ record) => records.push(record) })
  assert.deepEqual(records.map(({ level, event, code }) => [level, event, code].filter(Boolean).join(' ')), [
    'info connected', 'info ready', 'debug command:end', 'info command:end ENO',
    'warn disconnected ECONNRESET', 'warn reconnecting', 'info connected', 'info reconnected', 'info close'
  ])
  const [, ready, done, refused, lost] = records
  assert.match(ready.account, /^[0-9a-f]{12}$/)
  assert.equal(ready.link, 'ready')
  assert.equal(ready.generation, 1)
  assert.ok(ready.bytesIn > 100 && ready.bytesOut > 50)
  assert.deepEqual([done.command, typeof done.ms], ['create', 'number'])
  assert.match(refused.text, /it is there/)
  assert.deepEqual([lost.cause, lost.state], ['transient', 'authenticated'])
  assert.deepEqual([records[7].generation, records[8].link], [2, 'closed'])
  const text = JSON.stringify(records)
  assert.ok(!text.includes(PASSWORD) && !text.includes(USER))
})

test('the same is published on diagnostics channels', async (t) => {
  /** @type {any[]} */
  const published = []
  for (const name of ['everimap:lifecycle', 'everimap:command:start', 'everimap:command:end']) {
    const listener = (/** @type {any} */ message) => published.push([name.slice(9), message])
    diagnostics.subscribe(name, listener)
    t.after(() => diagnostics.unsubscribe(name, listener))
  }
  const imap = await play(t, {})
  const own = published.filter(([, { connection }]) => connection === imap)
  assert.deepEqual(own.map(([name, { record }]) => [name, record.event]), [
    ['lifecycle', 'connected'], ['lifecycle', 'ready'],
    ['command:start', 'command:start'], ['command:start', 'command:start'],
    ['command:end', 'command:end'], ['command:end', 'command:end'],
    ...['disconnected', 'reconnecting', 'connected', 'reconnected', 'close'].map((event) => ['lifecycle', event])
  ])
})

test('stats() tells how the session is', async (t) => {
  const none = new Imap({}).stats()
  assert.deepEqual([none.state, none.link, none.generation, none.readyAt, none.ageMs], ['disconnected', 'closed', 0, null, 0])
  const imap = await play(t, {})
  const { link, generation, readyAt, reconnects, rotations, commands, lastError, bytesIn, bytesOut } = imap.stats()
  assert.deepEqual({ link, generation, readyAt, reconnects, rotations }, {
    link: 'closed', generation: 2, readyAt: null, reconnects: 1, rotations: 0
  })
  assert.deepEqual(commands, { sent: 2, done: 1, failed: 1, pending: 0 })
  assert.equal(lastError.code, 'ECONNRESET')
  assert.ok(lastError.at instanceof Date && lastError.at.getTime() <= Date.now())
  assert.ok(bytesIn > 200 && bytesOut > 100)
})

test('stats() of a session that is up, and of one that waits', async (t) => {
  const server = await tracing(t, [`${login()}\nX: wait cut\nX: reset`, 'S: * BYE [LIMIT] too many\nX: end'])
  const imap = new Imap({ ...server.options, keepalive: false, reconnect: RECONNECT })
  t.after(() => imap.destroy())
  imap.connect()
  assert.match(imap.stats().link, /^(connecting|login)$/)
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  assert.equal(imap.stats().link, 'ready')
  assert.ok(imap.stats().readyAt instanceof Date)
  const refused = new Promise((resolve) => imap.on('reconnecting', (/** @type {any} */ { cause }) => {
    if (cause === 'limit') resolve(cause)
  }))
  server.release('cut')
  await within(PATIENCE_MS, refused, 'the limit')
  const { state, link, ageMs } = imap.stats()
  assert.deepEqual([state, link, ageMs], ['authenticated', 'waiting', 0])
})

test('a command is what the program sent: neither end() nor what a proof will need is one', async (t) => {
  const server = await Server.start()
  t.after(() => server.stop())
  server.inbox.deliver('Subject: x\r\n\r\ny')
  /** @type {string[]} */
  const records = []
  /** @type {string[]} */
  const published = []
  for (const name of ['everimap:command:start', 'everimap:command:end']) {
    const listener = (/** @type {any} */ { connection, record }) => connection === imap && published.push(`${record.event} ${record.command}`)
    diagnostics.subscribe(name, listener)
    t.after(() => diagnostics.unsubscribe(name, listener))
  }
  const imap = new Imap({
    ...server.options,
    keepalive: false,
    reconnect: { ...RECONNECT, onUnknown: 'probe' },
    log: (/** @type {any} */ { event, command }) => event === 'command:end' && records.push(command)
  })
  t.after(() => imap.destroy())
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  await call(imap, 'openBox', 'INBOX')
  const answered = [
    call(imap, 'append', 'Subject: z\r\n\r\nx', { mailbox: 'Archive' }), call(imap, 'copy', 1, 'Archive'), call(imap, 'expunge')
  ]
  const own = ['STATUS', 'STATUS', 'UID FETCH', 'UID SEARCH']
  const waiting = imap._queue.map((/** @type {any} */ { type, fullcmd }) => type === 'UID' ? fullcmd.split(' ', 2).join(' ') : type)
  assert.deepEqual(waiting.filter((/** @type {string} */ type) => own.includes(type)), own)
  assert.deepEqual(imap.stats().commands, { sent: 4, done: 1, failed: 0, pending: 3 })
  await within(PATIENCE_MS, Promise.all(answered), 'the answers')
  const isClosed = closed(imap)
  imap.end()
  assert.equal(imap.stats().commands.pending, 0)
  await isClosed
  assert.deepEqual(imap.stats().commands, { sent: 4, done: 4, failed: 0, pending: 0 })
  const commands = ['select', 'append', 'copy', 'expunge']
  assert.deepEqual(records, commands)
  assert.deepEqual(published.filter((line) => line.startsWith('command:start')), commands.map((command) => `command:start ${command}`))
  assert.deepEqual(published.filter((line) => line.startsWith('command:end')), commands.map((command) => `command:end ${command}`))
})

test('the option `log` must be a function', () => {
  assert.throws(() => new Imap({ log: true }), {
    name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', option: 'log', message: /The option `log` is true; expected a function/
  })
})
