// @ts-check
'use strict'

// No byte that a server sends may throw, panic or abort: what makes no sense is passed over, what is
// too much ends the connection with an error that has a name (contract ).

const assert = require('node:assert/strict')
const { EventEmitter } = require('node:events')
const net = require('node:net')
const test = require('node:test')
const { certificate, Server } = require('./server')
const { failing, ready, soon, turn, watch } = require('./watch')

const LOGIN = `
  S: * PREAUTH hello
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1 IDLE
  S: A0 OK done
  C: A1 LIST "" ""
  S: * LIST () "/" ""
  S: A1 OK done
  C: A2 SELECT "INBOX"
  S: * 3 EXISTS
  S: A2 OK [READ-WRITE] done
`

/**
 * A session whose server says whatever the test wants.
 * @param {any} t
 */
async function session (t) {
  const server = await Server.trace(LOGIN)
  t.after(() => server.stop())
  const watched = await ready({ ...server.options, keepalive: false }, 'INBOX')
  const link = server.connections[0]
  link.raw.on('error', () => {})
  // `line()` gives what comes from here on.
  await link.line(/SELECT/)
  t.after(() => watched.connection.destroy())
  return { ...watched, watched, link }
}

/**
 * @param {(callback: (...values: any[]) => void) => void} call
 * @returns {Promise<any[]>} what the callback was called with
 */
function called (call) {
  const emitter = new EventEmitter()
  const answer = soon(emitter, 'answer')
  call((...values) => emitter.emit('answer', ...values))
  return answer
}

/** A session goes on: a command is answered. @param {any} connection @param {any} link */
async function assertAlive (connection, link) {
  const answer = called((callback) => connection.subscribeBox('alive', callback))
  const line = await link.line(/SUBSCRIBE "alive"$/)
  link.write(`${line.split(' ')[0]} OK done\r\n`)
  // What was told unasked may follow it, as with npm imap.
  const [error] = await answer
  assert.equal(error, undefined)
}

// Lines that servers have no business to say at this time, or at all. They are passed over.
const LINES = [
  '', ' ', '*', '* ', '+', '+ ', '+ go on', '+ \xff\0', '* + *', '**', '* *', '* 1', '* 1 ', '* 99999999999999999999 EXISTS', '* -1 EXISTS',
  '* 1 EXISTS EXISTS', '* EXISTS', '* EXISTS 1', '* 0 EXPUNGE', '* 4294967295 EXPUNGE', '* 4294967296 EXPUNGE', '* EXPUNGE', '* 1 RECENT x',
  '* FLAGS', '* FLAGS (', '* FLAGS (\\Seen', '* FLAGS \\Seen', '* FLAGS ()', '* FLAGS NIL', '* FLAGS (((', '* FLAGS )))',
  '* LIST', '* LIST ()', '* LIST () "/"', '* LIST () NIL NIL', '* LIST "/" () x', '* LIST (\\A "/" x', '* LIST () "" ""', '* LIST () "//////" x',
  '* LSUB', '* XLIST ((', '* LIST () "/" __proto__', '* LIST () "/" constructor/prototype/x',
  '* SEARCH', '* SEARCH x', '* SEARCH 1 2 (MODSEQ', '* SEARCH (MODSEQ)', '* SEARCH -1 99999999999', '* SORT 1', '* THREAD (((1)', '* THREAD )',
  '* ESEARCH', '* ESEARCH (TAG', '* ESEARCH (TAG "A1") UID ALL', '* ESEARCH UID MIN x MAX',
  '* STATUS', '* STATUS x', '* STATUS x (', '* STATUS x (MESSAGES)', '* STATUS x (MESSAGES x)', '* STATUS "x" (MESSAGES 1 UIDNEXT)', '* STATUS () ()',
  '* NAMESPACE', '* NAMESPACE NIL', '* NAMESPACE (("" "/"', '* NAMESPACE ((NIL NIL)) ((())) ("x")', '* NAMESPACE x y z',
  '* ID', '* ID NIL', '* ID ("a")', '* ID (NIL NIL)', '* QUOTA', '* QUOTA ""', '* QUOTA "" (STORAGE)', '* QUOTAROOT', '* QUOTAROOT x y',
  '* CAPABILITY', '* OK', '* OK [', '* OK []', '* OK [ALERT', '* OK [UIDVALIDITY]', '* OK [UIDVALIDITY x]', '* OK [UIDVALIDITY 99999999999]',
  '* OK [UIDNEXT -1]', '* OK [PERMANENTFLAGS]', '* OK [PERMANENTFLAGS \\*]', '* OK [PERMANENTFLAGS (]', '* OK [HIGHESTMODSEQ]', '* OK [UNSEEN ((((]',
  '* OK [HIGHESTMODSEQ 18446744073709551616]', '* OK [COPYUID 1 2]', '* OK [COPYUID]', '* OK [APPENDUID x]', '* NO', '* BAD', '* NO [ALERT] x', '* BAD x',
  '* PREAUTH again', '* OK hello again', '* MAYBE x', '* ENABLED CONDSTORE', '* VANISHED (EARLIER) 1:4294967295', '* VANISHED 1:*',
  '* 1 FETCH', '* 1 FETCH ', '* 1 FETCH (', '* 1 FETCH )', '* 1 FETCH x', '* 1 FETCH ()', '* 1 FETCH (UID)', '* 1 FETCH (UID x)', '* 1 FETCH (UID 1 FLAGS)',
  '* 1 FETCH (FLAGS NIL)', '* 1 FETCH (FLAGS x)', '* 1 FETCH (ENVELOPE NIL)', '* 1 FETCH (ENVELOPE ())', '* 1 FETCH (ENVELOPE (((((((((())))))))))',
  '* 1 FETCH (BODYSTRUCTURE NIL)', '* 1 FETCH (BODYSTRUCTURE ())', '* 1 FETCH (BODYSTRUCTURE (NIL NIL))', '* 1 FETCH (BODYSTRUCTURE ("A" (', '* 1 FETCH (BODY x)',
  '* 1 FETCH (INTERNALDATE x)', '* 1 FETCH (INTERNALDATE NIL)', '* 1 FETCH (RFC822.SIZE -1)', '* 1 FETCH (BODY[ "x")', '* 1 FETCH (BODY[] )', '* 1 FETCH (BODY[]<x> "y")',
  '* 1 FETCH (__proto__ 1 constructor 2)', '* 1 FETCH (UID 1 UID 2)', '* 1 FETCH (MODSEQ (99999999999999999999999))', '* 0 FETCH (UID 0)', '* FETCH (UID 1)',
  '* 4294967296 FETCH (UID 1)', '* 1 FETCH (X "\\', '* 1 FETCH (X "unterminated)', '* 1 FETCH (X {x})', '* 1 FETCH (X {-1})', '* 1 FETCH (X {})', '* 1 FETCH (X {1',
  '* 1 FETCH (X {99999999999999999999999999})', '* 1 FETCH (X ~{1})', 'A9999 OK not yours', 'A0 OK again', 'A3 OK early', 'a2 ok again', 'A OK', 'OK', 'IDLE OK x', 'NOOP NO x',
  'A4 MAYBE', 'x', 'HTTP/1.1 200 OK', '\0', '\0\0\0\0', '\xff\xfe\xfd', '\x1b[2J', '* \0', '* OK \0', '* OK [\0] x', '* LIST () "\0" "\0"', '* 1 FETCH (FLAGS (\0))',
  '*\t1\tEXISTS', '*  1  EXISTS', '\t* 1 EXISTS', '* 1 exists\r', '* LIST () "/" &', '* LIST () "/" &&&-', '* LIST () "/" &AAA', '* LIST () "/" "&2D0-"', '* LIST () "/" "\xc3\x28"'
]

/** @param {string} line a byte a character */
function bytes (line) {
  return Buffer.from(`${line}\r\n`, 'latin1')
}

test('lines that make no sense are passed over, without and with a command in flight (Q-05)', async (t) => {
  const { connection, events, errors, link } = await session(t)
  for (const line of LINES.filter((line) => !/^A[34] /.test(line))) {
    link.write(bytes(line))
    await assertAlive(connection, link)
    assert.deepEqual(errors, [], JSON.stringify(line))
  }
  assert.ok(!events.some((event) => /error|end|close/.test(event)), String(events))
})

for (const command of /** @type {[string, (connection: any, callback: any) => void][]} */ ([
  ['LIST', (connection, callback) => connection.getBoxes(callback)],
  ['SEARCH', (connection, callback) => connection.search(['ALL'], callback)],
  ['STATUS', (connection, callback) => connection.status('Archive', callback)],
  ['SELECT', (connection, callback) => connection.openBox('Archive', callback)],
  ['FETCH', (connection, callback) => {
    const fetch = connection.seq.fetch('1:*', { bodies: ['HEADER', 'TEXT'], struct: true, envelope: true, size: true })
    fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream) => stream.on('error', () => {}).resume()))
    fetch.on('error', () => {})
    fetch.on('end', callback)
  }],
  ['COPY', (connection, callback) => connection.copy(1, 'x', callback)],
  ['EXPUNGE', (connection, callback) => connection.expunge(callback)]
])) {
  test(`lines that make no sense are no answer to ${command[0]}`, async (t) => {
    const { connection, errors, link } = await session(t)
    for (const line of LINES) {
      if (/^a\d/i.test(line)) continue
      let calls = 0
      const answer = called((callback) => command[1](connection, (/** @type {any[]} */ ...values) => {
        calls++
        callback(...values)
      }))
      const sent = await link.line(new RegExp(command[0]))
      link.write(Buffer.concat([bytes(line), bytes(`${sent.split(' ')[0]} OK done`)]))
      await answer
      await turn()
      assert.equal(calls, 1, JSON.stringify(line))
      if (command[0] === 'SELECT' && connection._box === undefined) assert.fail(`no box after ${JSON.stringify(line)}`)
      assert.equal(/** @type {any} */ ({}).children, undefined)
    }
    assert.deepEqual(errors, [])
  })
}

test('every tail of an answer, cut anywhere, ends in an error for the command and a close', async (t) => {
  const answer = '* 1 FETCH (UID 1 FLAGS (\\Seen "x" {3}\r\na)b) ENVELOPE ("d" {2}\r\nxy NIL NIL NIL NIL NIL NIL NIL NIL) BODY[TEXT] {5}\r\nhello)\r\nA3 OK done\r\n'
  for (let cut = 0; cut < answer.length; cut += 3) {
    const { connection, link, watched } = await session(t)
    const fetch = connection.seq.fetch(1, { bodies: 'TEXT', envelope: true })
    /** @type {string[]} */
    const notes = []
    fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream) => stream.on('error', () => {}).resume()))
    fetch.on('error', () => notes.push('error'))
    fetch.on('end', () => notes.push('end'))
    const closed = soon(connection, 'close')
    await link.line(/FETCH/)
    link.write(answer.slice(0, cut))
    link.cut()
    await closed
    assert.deepEqual(notes, ['error', 'end'], `cut at ${cut}`)
    assert.deepEqual(watched.events.slice(-2), ['end@disconnected', 'close(false)@disconnected'])
  }
})

test('literals: empty, in lines that are ignored, and BYE inside one (Q-25)', async (t) => {
  const { connection, events, link } = await session(t)
  link.write('* UNKNOWN {5}\r\nabcde {3}\r\n* B\r\n* LIST () "/" {0}\r\n\r\n* OK [ALERT] one {3}\r\n')
  assert.deepEqual(await soon(connection, 'alert'), ['one {3}'])
  const answer = called((callback) => connection.getBoxes(callback))
  const [tag] = (await link.line(/LIST/)).split(' ')
  link.write(`* LIST () "/" {19}\r\n* BYE I am a folder\r\n* LIST () {1}\r\n/ {3}\r\na/b\r\n${tag} OK done\r\n`)
  const [error, boxes] = await answer
  assert.equal(error, undefined)
  assert.deepEqual(Object.keys(boxes), ['* BYE I am a folder', 'a'])
  assert.deepEqual(Object.keys(boxes.a.children), ['b'])
  assert.ok(!events.includes('end@disconnected'))
})

test('a literal of 5 GB: as a value too large, as a body a stream', async (t) => {
  const value = await session(t)
  value.link.write('* LIST () "/" {5000000000}\r\n')
  await soon(value.connection, 'close')
  assert.deepEqual(value.events.slice(-3), ['error@authenticated', 'end@disconnected', 'close(false)@disconnected'])
  assert.equal(value.errors[0].code, 'ELIMIT')
  assert.equal(value.errors[0].source, 'protocol')

  const body = await session(t)
  const fetch = body.connection.seq.fetch(1, { bodies: '' })
  /** @type {any} */
  let info
  let lost
  fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream, /** @type {any} */ about) => {
    info = about
    stream.on('error', (/** @type {any} */ error) => { lost = error })
    stream.once('data', () => body.link.cut())
  }))
  await body.link.line(/FETCH/)
  body.link.write(`* 1 FETCH (BODY[] {5000000000}\r\n${'x'.repeat(1000)}`)
  await soon(body.connection, 'close')
  assert.equal(info.size, 5_000_000_000)
  assert.equal(/** @type {any} */ (lost).code, 'ECONNLOST')
})

test('parentheses without end neither overflow nor abort', async (t) => {
  for (const deep of ['('.repeat(10_000), '(a '.repeat(10_000), `${'('.repeat(100_000)}${')'.repeat(100_000)}`, ')'.repeat(10_000)]) {
    for (const head of ['* LIST ', '* 1 FETCH ', '* 1 FETCH (BODYSTRUCTURE ', '* THREAD ', '* OK [X ', '* FLAGS ']) {
      const { connection, errors, link } = await session(t)
      link.write(`${head}${deep}\r\n`)
      await assertAlive(connection, link)
      assert.deepEqual(errors, [])
      const [code, answer] = [`[X ${deep}`, called((callback) => connection.addBox('x', callback))]
      const [tag] = (await link.line(/CREATE/)).split(' ')
      link.write(`${tag} NO ${code}] no\r\n`)
      assert.equal((await answer)[0].type, 'no')
      connection.destroy()
    }
  }
})

/** What is forged comes with what is not: bytes in a write. */
const AT_ONCE = 1000

test('STARTTLS: whatever follows the OK in clear text ends the connection (Q-78, X02)', async (t) => {
  const pair = certificate()
  for (const injected of ['* PREAUTH in\\r\\n', '* OK in\\r\\n', '* CAPABILITY IMAP4rev1 AUTH=PLAIN\\r\\n', 'A2 OK\\r\\n', 'x', '* ']) {
    const server = await Server.trace(`
      S: * OK hello
      C: A0 CAPABILITY
      S: * CAPABILITY IMAP4rev1 STARTTLS
      S: A0 OK done
      C: A1 STARTTLS
      S+: A1 OK go\\r\\n${injected}
    `, { certificate: pair, split: AT_ONCE })
    t.after(() => server.stop())
    const { errors, events } = await failing({ ...server.options, autotls: 'always', tlsOptions: { ca: pair.cert } })
    assert.equal(errors[0].code, 'ESTARTTLSINJECTION', injected)
    assert.deepEqual(events, ['error@connected', 'end@disconnected', 'close(false)@disconnected'])
    assert.deepEqual(server.lines, ['A0 CAPABILITY', 'A1 STARTTLS'])
  }
})

test('answers before the question (X03)', async (t) => {
  // To STARTTLS: nobody honest does that, and what follows may be forged.
  const server = await Server.trace(`
    S: * OK hello
    C: A0 CAPABILITY
    S+: * CAPABILITY IMAP4rev1 STARTTLS\\r\\nA0 OK done\\r\\nA1 OK go\\r\\n
  `)
  t.after(() => server.stop())
  const { errors } = await failing({ ...server.options, autotls: 'always', authTimeout: 2000 })
  assert.equal(errors[0].code, 'ESTARTTLSINJECTION')
  assert.ok(!server.lines.some((line) => /LOGIN|AUTHENTICATE/.test(String(line))))

  // To a command that was not sent yet: it is not the answer.
  const { connection, link } = await session(t)
  link.write('A3 OK early\r\n* OK [ALERT] and now\r\n')
  await soon(connection, 'alert')
  let called = false
  const answer = new Promise((resolve) => connection.addBox('x', (/** @type {any} */ error) => {
    called = true
    resolve(error)
  }))
  await link.line(/^A3 CREATE/)
  assert.equal(called, false)
  link.write('A3 NO real\r\n')
  assert.equal(/** @type {any} */ (await answer).message, 'real')
})

test('a greeting that is said again does not log in again (Q-79)', async (t) => {
  const server = await Server.trace(`
    S: * OK hello
    S: * OK hello
    S: * PREAUTH hello
    C: A0 CAPABILITY
    S: * OK hello
    S: * CAPABILITY IMAP4rev1
    S: A0 OK done
    C: /^A1 LOGIN/
    S: * OK hello
    S: A1 OK done
    C: A2 CAPABILITY
    S: * PREAUTH hello
    S: * CAPABILITY IMAP4rev1
    S: A2 OK done
    C: A3 LIST "" ""
    S: A3 OK done
    S: * OK hello
  `)
  t.after(() => server.stop())
  const { connection, events } = await ready({ ...server.options, keepalive: false })
  await server.done()
  await turn()
  assert.deepEqual(events, ['ready@authenticated'])
  connection.destroy()
})

const TRACE = [
  '* OK [CAPABILITY IMAP4rev1] hello\r\n',
  '* CAPABILITY IMAP4rev1 IDLE NAMESPACE UIDPLUS CONDSTORE X-GM-EXT-1\r\nA0 OK done\r\n',
  '* CAPABILITY IMAP4rev1 IDLE NAMESPACE UIDPLUS CONDSTORE X-GM-EXT-1\r\nA1 OK [X] in\r\n',
  '* NAMESPACE (("" "/" "X" ("a" "b"))) NIL (("p." "."))\r\nA2 OK done\r\n',
  '* LIST (\\Noselect) "/" ""\r\nA3 OK done\r\n',
  '* FLAGS (\\Seen \\Deleted $x)\r\n* 3 EXISTS\r\n* 1 RECENT\r\n* OK [UIDVALIDITY 5] x\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* OK [HIGHESTMODSEQ 77]\r\nA4 OK [READ-WRITE] open\r\n',
  '* 1 FETCH (X-GM-THRID 1 X-GM-MSGID 2 X-GM-LABELS ("\\\\Inbox" {3}\r\na b) MODSEQ (9) UID 1 FLAGS (\\Seen) INTERNALDATE " 1-Jan-2020 00:00:00 +0000" ' +
    'ENVELOPE ("Wed, 1 Jan 2020 00:00:00 +0000" "=?utf-8?Q?=C3=A4?=" (("n" NIL "m" "h")) NIL NIL ((NIL NIL "g" NIL)("x" NIL "y" "z")(NIL NIL NIL NIL)) NIL NIL NIL "<id>") ' +
    'BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 5 1)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "HTML" NIL NIL NIL "8BIT" 3 1) 2) "MIXED" ("BOUNDARY" "b") NIL NIL) ' +
    'RFC822.SIZE 99 BODY[HEADER] {14}\r\nSubject: hi\r\n\r\n BODY[TEXT] {5}\r\nhello)\r\n* 2 FETCH (UID 2 FLAGS () BODY[TEXT] NIL BODY[HEADER] "X: y")\r\n* 3 EXPUNGE\r\nA5 OK done\r\n',
  '* SEARCH 1 2 3 (MODSEQ 99)\r\nA6 OK done\r\n',
  '* STATUS "Archive" (MESSAGES 1 RECENT 0 UIDNEXT 7 UIDVALIDITY 1 UNSEEN 0 HIGHESTMODSEQ 12)\r\nA7 OK done\r\n',
  '* LIST (\\HasChildren) "/" "a"\r\n* LIST () "/" {3}\r\na/b\r\n* LIST () NIL "&AOQ-"\r\nA8 OK done\r\n',
  'A9 NO [TRYCREATE] no\r\n',
  '* BYE over\r\nA10 OK bye\r\n'
]

const PIECES = ['(', ')', '"', '\\', '{', '}', '{3}\r\n', '{0}\r\n', '{99999999}', '\r\n', '\n', '\r', '\0', '\xff', '*', '* ', '+ ', 'NIL', '[', ']', ' ', 'A5 OK\r\n', '* BYE\r\n', '4294967296', '-1', 'BODY[TEXT]']

/** @param {number} seed @returns {(limit: number) => number} the same numbers for the same seed (mulberry32) */
function random (seed) {
  return (limit) => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** @param {string} text @param {(limit: number) => number} pick */
function mutated (text, pick) {
  const at = pick(text.length)
  const piece = PIECES[pick(PIECES.length)]
  switch (pick(5)) {
    case 0: return text.slice(0, at) + piece + text.slice(at)
    case 1: return text.slice(0, at) + piece + text.slice(at + 1 + pick(8))
    case 2: return text.slice(0, at) + text.slice(at + 1 + pick(20))
    case 3: return text.slice(0, at) + String.fromCharCode(pick(256)) + text.slice(at + 1)
    default: return text + text.slice(at)
  }
}

/**
 * A session of everything against a mutated server; resolves with what went wrong, if anything.
 * @param {number} port
 */
async function program (port) {
  const { connection, events } = watch({ host: '127.0.0.1', port, user: 'u', password: 'p', authTimeout: 1000, debug: undefined })
  /** @type {Record<string, number>} */
  const calls = {}
  const wanted = []
  /** @param {string} name */
  const once = (name) => {
    wanted.push(name)
    calls[name] = 0
    return () => { calls[name]++ }
  }
  connection.on('ready', () => {
    connection.openBox('INBOX', once('openBox'))
    const fetch = connection.seq.fetch('1:*', { bodies: ['HEADER', 'TEXT'], struct: true, envelope: true, size: true })
    fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream) => stream.on('error', () => {}).resume()))
    fetch.on('error', () => {})
    fetch.on('end', once('fetch'))
    try {
      connection.seq.search(['ALL'], once('search'))
    } catch (error) {
      // No mailbox is open yet.
      delete calls.search
    }
    connection.status('Archive', once('status'))
    connection.getBoxes(once('getBoxes'))
    connection.addBox('x', once('addBox'))
    connection.end()
  })
  connection.connect()
  await soon(connection, 'close')
  await turn()
  const bad = Object.entries(calls).filter(([, count]) => count !== 1)
  const closes = events.filter((event) => event.startsWith('close')).length
  const failures = events.filter((event) => event.startsWith('error')).length
  if (bad.length > 0 || closes !== 1 || failures > 1) return `${JSON.stringify(calls)} ${events}`
}

test('thousands of mutated sessions end in events or one named error', async () => {
  const SESSIONS = 3000
  const AT_ONCE = 16
  /** The cut comes when the client waits for what will not come. */
  const SILENCE_MS = 30
  let served = 0
  const listener = net.createServer((socket) => {
    const pick = random(++served)
    const script = [...TRACE]
    for (let times = 1 + pick(3); times > 0; times--) {
      const at = pick(script.length)
      script[at] = mutated(script[at], pick)
    }
    const cut = pick(4) === 0
    const next = () => {
      const text = script.shift()
      if (text === undefined) return socket.end()
      const data = Buffer.from(text, 'latin1')
      if (!cut) return socket.write(data)
      const at = pick(data.length)
      socket.write(data.subarray(0, at))
      setImmediate(() => { if (!socket.destroyed) socket.write(data.subarray(at)) })
    }
    socket.setTimeout(SILENCE_MS, () => socket.end())
    socket.on('error', () => {})
    socket.on('data', next)
    next()
  }).listen(0, '127.0.0.1')
  await soon(listener, 'listening')
  const { port } = /** @type {net.AddressInfo} */ (listener.address())
  /** @type {string[]} */
  const failures = []
  let begun = 0
  const worker = async () => {
    while (begun++ < SESSIONS && failures.length < 3) {
      const failure = await program(port)
      if (failure) failures.push(failure)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  listener.close()
  assert.deepEqual(failures, [])
})
