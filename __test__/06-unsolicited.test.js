// @ts-check
'use strict'

// Data that nobody asked for, whole and broken, at any time: it never throws, and nothing is lost
// by it (contract Q-05).

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { Imap, PATIENCE_MS, answer, closed, login, opened, recorded, session, tracing, within } = require('./support')

/** @param {string} id the row of contract section 10 that says so */
const fixed = (id) => ({ skip: !!process.env.IMAP_IMPLEMENTATION && `npm imap does not: ${id}` })

const UNSOLICITED = [
  '* 5 EXISTS', '* 1 RECENT', '* 3 EXPUNGE', '* EXISTS', '* x EXISTS', '* -1 EXISTS', '* 1', '* 1 ', '*', '* ',
  '* 99999999999999999999 EXISTS', '* 99999999999999999999 FETCH (UID 1)',
  '* FLAGS (\\Seen)', '* FLAGS ()', '* FLAGS', '* FLAGS (\\Seen', '* FLAGS x',
  '* SEARCH 1 2', '* SEARCH', '* SEARCH x  1', '* SEARCH 1 (MODSEQ 5)', '* SEARCH (MODSEQ)', '* SORT 1 2', '* SORT',
  '* THREAD (1)(2 3)', '* THREAD', '* THREAD (', '* ESEARCH (TAG "A1") UID ALL 1', '* ESEARCH UID ALL 1', '* ESEARCH',
  '* STATUS x (MESSAGES 1)', '* STATUS x', '* STATUS', '* STATUS x (MESSAGES)', '* STATUS x MESSAGES',
  '* LIST () "/" stray', '* LIST', '* LIST (\\X) "/"', '* LSUB () NIL stray', '* XLIST (\\Inbox) "/" stray',
  '* NAMESPACE NIL NIL NIL', '* NAMESPACE', '* NAMESPACE (', '* NAMESPACE (("x"))', '* ID NIL', '* ID ("a" "b")', '* ID', '* ID (',
  '* QUOTA "" (STORAGE 1 2)', '* QUOTA ""', '* QUOTA', '* QUOTAROOT INBOX ""', '* ENABLED CONDSTORE', '* VANISHED 1:5',
  '* METADATA "" (/x "y")', '* MYRIGHTS INBOX lrs', '* CAPABILITY', '* CAPABILITY IMAP4rev1', '* UNHEARD OF',
  '* OK', '* OK [', '* OK []', '* OK [PERMANENTFLAGS]', '* OK [PERMANENTFLAGS x] x', '* OK [UIDVALIDITY] 55', '* OK [UIDVALIDITY x] x',
  '* OK [UIDNEXT -1] x', '* OK [UIDNEXT 99999999999] x', '* OK [HIGHESTMODSEQ] x', '* OK [COPYUID] x', '* OK [COPYUID 1 2 3] x',
  '* OK [APPENDUID] x', '* NO', '* NO x', '* BAD', '* BAD [X', '* PREAUTH x',
  '* 2 FETCH (FLAGS (\\Seen) UID 9)', '* 2 FETCH', '* 2 FETCH (', '* 2 FETCH ()', '* 2 FETCH x', '* 2 FETCH (UID)', '* 2 FETCH (UID x)',
  '* 2 FETCH (UID 1 FLAGS', '* 2 FETCH (BODYSTRUCTURE NIL)', '* 2 FETCH (BODYSTRUCTURE ())', '* 2 FETCH (BODY ("text"))',
  '* 2 FETCH (ENVELOPE NIL)', '* 2 FETCH (ENVELOPE ())', '* 2 FETCH (ENVELOPE ("x" ((NIL NIL NIL NIL))))', '* 2 FETCH (INTERNALDATE NIL)',
  '* 2 FETCH (INTERNALDATE "junk")', '* 2 FETCH (MODSEQ)', '* 2 FETCH (MODSEQ ())', '* 2 FETCH (BODY[TEXT] NIL)', '* 2 FETCH (BODY[TEXT] "x")',
  '* 2 FETCH (BODY[ NIL)', '* 2 FETCH (BODY[TEXT]<0> "x")', '* 2 FETCH (BODY[TEXT] {3}\\r\\nabc)', '* 2 FETCH (BODY[TEXT] {0}\\r\\n)',
  '* 2 FETCH (RFC822.SIZE {1}\\r\\n5 __proto__ (x))', '* 0 FETCH (UID 0)', '* FETCH (UID 1)',
  '+ stray', '+', 'A998 OK nobody asked', 'A999 NO nobody asked', 'A', 'NOOP OK stray', 'junk', '', ' * 2 FETCH (UID 9)', '\\0\\xff\\xfe'
]

const say = (/** @type {string[]} */ lines) => lines.map((line) => `S+: ${line.replace(/\\(?=[A-Z*])/g, '\\\\')}\\r\\n`).join('\n')

/** Every kind, and after it an alert that tells that all was read. */
const EVERYTHING = say([...UNSOLICITED, '* OK [ALERT] read'])

/** @param {any} imap */
const read = (imap) => within(PATIENCE_MS, new Promise((resolve) => imap.once('alert', resolve)), 'alert')

/** @param {any[][]} events nothing in them may be wrong */
function harmless (events) {
  for (const [name, value] of events) {
    assert.ok(['mail', 'expunge', 'update', 'alert', 'uidvalidity'].includes(name), name)
    if (name === 'mail') assert.ok(value > 0)
  }
}

test('unsolicited data of every kind: without a mailbox, between commands', fixed('Q-05'), async (t) => {
  const { imap, server } = await session(t, `X: wait go
    ${EVERYTHING}
    C: A3 CREATE "x"
    S: A3 OK done`)
  const events = recorded(imap)
  server.release('go')
  await read(imap)
  harmless(events)
  assert.deepEqual(events.filter(([name]) => ['mail', 'expunge'].includes(name)), [])
  assert.equal(imap._box, undefined)
  assert.equal((await answer(imap, 'addBox', 'x')).values[0], undefined)
  await server.done()
})

test('unsolicited data of every kind: with a mailbox, between commands', fixed('Q-05'), async (t) => {
  const { imap, server, events } = await opened(t, `
    X: wait go
    ${EVERYTHING}
    C: A4 CREATE "x"
    S: A4 OK done`)
  server.release('go')
  await read(imap)
  harmless(events)
  assert.deepEqual(events.filter(([name]) => ['mail', 'expunge'].includes(name)), [['mail', 2], ['expunge', 3]])
  assert.deepEqual(events.find(([name]) => name === 'update'), ['update', 2, { flags: ['\\Seen'], uid: 9 }])
  assert.equal(imap._box.messages.total, 4)
  assert.equal((await answer(imap, 'addBox', 'x')).values[0], undefined)
  await server.done()
})

test('unsolicited data of every kind: in IDLE', fixed('Q-05'), async (t) => {
  const { imap, server } = await session(t, `
    C: IDLE IDLE
    S: + idling
    X: wait go
    ${EVERYTHING}
    C: DONE
    S: IDLE OK done
    C: A3 CREATE "x"
    S: A3 OK done`, { capabilities: 'IDLE', options: { keepalive: true } })
  const events = recorded(imap)
  server.release('go')
  await read(imap)
  harmless(events)
  assert.equal((await answer(imap, 'addBox', 'x')).values[0], undefined)
  await server.done()
})

// Each kind of command takes data in its own way.
for (const [name, command, start] of /** @type {[string, string, (imap: any, done: (...values: any[]) => void) => void][]} */ ([
  ['CREATE', 'CREATE "x"', (imap, done) => imap.addBox('x', done)],
  ['LIST', 'LIST "" "*"', (imap, done) => imap.getBoxes(done)],
  ['STATUS', '/STATUS "x"/', (imap, done) => imap.status('x', done)],
  ['SEARCH', 'UID SEARCH ALL', (imap, done) => imap.search(['ALL'], done)],
  ['STORE', '/UID STORE 1/', (imap, done) => imap.addFlags(1, 'Seen', done)],
  ['COPY', 'UID COPY 1 "x"', (imap, done) => imap.copy(1, 'x', done)],
  ['FETCH', '/UID FETCH 1:9/', (imap, done) => {
    const fetch = imap.fetch('1:9', { bodies: 'TEXT', struct: true, envelope: true })
    fetch.on('error', done)
    fetch.on('end', done)
  }],
  ['SELECT', 'SELECT "x"', (imap, done) => imap.openBox('x', done)],
  ['CLOSE', 'CLOSE', (imap, done) => imap.closeBox(done)],
  ['a raw command', 'XYZZY', (imap, done) => imap._enqueue('XYZZY', done)]
])) {
  test(`unsolicited data of every kind: during ${name}`, fixed('Q-05'), async (t) => {
    const pattern = command.startsWith('/') ? `/^A4 ${command.slice(1)}` : `A4 ${command}`
    const { imap, server, events } = await opened(t, `
      C: ${pattern}
      ${EVERYTHING}
      S: A4 OK done
      C: A5 CREATE "y"
      S: A5 OK done`)
    const [error] = await within(PATIENCE_MS, new Promise((resolve) => start(imap, (...values) => resolve(values))), name)
    assert.equal(error, undefined)
    harmless(events)
    assert.equal((await answer(imap, 'addBox', 'y')).values[0], undefined)
    await server.done()
  })
}

test('unsolicited data of every kind: during LOGOUT', fixed('Q-05'), async (t) => {
  const { imap, events } = await opened(t, `
    C: A4 LOGOUT
    ${EVERYTHING}
    S: * BYE bye
    S: A4 OK bye
    X: half-close`)
  imap.end()
  assert.equal(await closed(imap), false)
  harmless(events.filter(([name]) => !['end', 'close'].includes(name)))
})

test('unsolicited data of every kind: during the login', fixed('Q-05'), async (t) => {
  const lines = say(UNSOLICITED.filter((line) => !/CAPABILITY/.test(line)))
  const server = await tracing(t, login('X').split('\n').flatMap((line) => /^C: /.test(line) ? [line, lines] : [line]).join('\n'))
  const imap = new Imap({ ...server.options, keepalive: false })
  t.after(() => imap.destroy())
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  assert.equal(imap.delimiter, '/')
  assert.equal(imap._box, undefined)
  await server.done()
})
