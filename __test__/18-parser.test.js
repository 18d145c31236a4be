// @ts-check
'use strict'

// everimap/parser: the helpers of npm imap's lib/Parser, and its parser of responses.

const assert = require('node:assert/strict')
const { EventEmitter, once } = require('node:events')
const { mkdirSync, mkdtempSync, rmSync, symlinkSync } = require('node:fs')
const { createRequire } = require('node:module')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { PassThrough, Readable } = require('node:stream')
const test = require('node:test')
const { inherits } = require('node:util')
const everimap = require('everimap/parser')
const nodeImap = require('imap/lib/Parser')
const { turn } = require('./watch')

const { Parser, parseBodyStructure, parseEnvelopeAddresses, parseExpr, parseHeader } = everimap

test('one set of functions, by every name', async () => {
  assert.deepEqual(Object.keys(everimap).sort(), Object.keys(nodeImap).sort())
  assert.equal(require('everimap/lib/Parser'), everimap)
  assert.equal(require('everimap/lib/Parser.js'), everimap)
  assert.equal(require('everimap/lib/Connection'), require('everimap'))
  assert.equal(require('everimap/lib/Connection.js'), require('everimap'))
  assert.equal(parseHeader, require('everimap').parseHeader)
  for (const path of ['everimap/parser', 'everimap/lib/Parser']) {
    const module = await import(path)
    assert.equal(module.default, everimap)
    for (const [name, value] of Object.entries(everimap)) assert.equal(module[name], value)
  }
})

test('imap/lib/Parser under an override of npm', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'everimap-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(__dirname, '..'), join(folder, 'node_modules', 'imap'), 'junction')
  const from = createRequire(join(folder, 'program.js'))
  assert.equal(from('imap/lib/Parser').Parser, Parser)
  assert.equal(from('imap/lib/Connection'), require('everimap'))
})

test('expressions as node-imap reads them', () => {
  const random = generator(20261124)
  for (let run = 0; run < 3000; run++) {
    const text = valuesText(random, 4)
    assert.deepEqual(parseExpr(text), nodeImap.parseExpr(text), text)
  }
})

test('expressions where node-imap loses something', () => {
  for (const [text, value, theirs] of /** @type {[string, any[], any[]][]} */ ([
    // Text beside a parenthesis, a string without end, a partial section.
    ['a(b)', ['a', ['b']], [['b']]],
    ['"a b', ['a b'], ['a ']],
    ['BODY[A B]<0> x', ['BODY[A B]<0>', 'x'], ['BODY[A B]', '<0>', 'x']],
    ['BODY[X "]"] c', ['BODY[X "]"]', 'c'], ['BODY[X "]', '] ']]
  ])) {
    assert.deepEqual(parseExpr(text), value)
    assert.deepEqual(nodeImap.parseExpr(text), theirs)
  }
})

test('the other arguments of parseExpr()', () => {
  for (const { parseExpr } of [everimap, nodeImap]) {
    const literals = [Buffer.from('é)'), 'NIL', Buffer.from('left')]
    assert.deepEqual(parseExpr('\0 (\0) "\0"', literals), ['é)', ['NIL'], '\0'])
    assert.deepEqual(literals, [Buffer.from('left')])
    /** @type {any[]} */
    const result = ['before']
    assert.equal(parseExpr('skipped [a]', undefined, result, 8, false), result)
    assert.deepEqual(result, ['before', '[a]'])
  }
})

test('structures as node-imap reads them, from text and from values', () => {
  const random = generator(20261125)
  for (let run = 0; run < 500; run++) {
    const text = structureText(random, 3)
    const expected = nodeImap.parseBodyStructure(text)
    assert.deepEqual(parseBodyStructure(text), expected, text)
    assert.deepEqual(parseBodyStructure(parseExpr(text)), expected, text)
  }
  for (const empty of ['', []]) assert.deepEqual(parseBodyStructure(empty), [])
  const literals = [Buffer.from('text')]
  assert.equal(parseBodyStructure('\0 "PLAIN" NIL NIL NIL "7BIT" 1 1', literals)[0].type, 'text')
  assert.deepEqual(literals, [])
})

test('parts have the fields that the server sent, and in the order of node-imap', () => {
  const part = 'NIL NIL NIL "7BIT" 1'
  const envelope = '("Sun, 5 Sep 2004 00:38:03 +0000" "s" NIL NIL NIL NIL NIL NIL NIL "<id>")'
  const extra = ['"md5"', '("INLINE" ("FILENAME" "a"))', '("en")', '"location"', '("extension" 5)']
  const starts = [`"TEXT" "PLAIN" ${part} 3`, `"IMAGE" "PNG" ${part}`, `"MESSAGE" "DELIVERY-STATUS" ${part}`,
    `"MESSAGE" "RFC822" ${part} ${envelope} ("TEXT" "PLAIN" ${part} 3) 9`]
  const multipart = `(${starts[0]})(${starts[1]}) "MIXED" ("BOUNDARY" "b")`
  const longer = (/** @type {string} */ start, /** @type {string[]} */ rest) =>
    [start, ...rest.map((_, index) => [start, ...rest.slice(0, index + 1)].join(' '))]
  const texts = [...starts.flatMap(start => longer(start, extra)), ...longer(multipart, extra.slice(1))]
  for (const text of texts) {
    assert.equal(JSON.stringify(parseBodyStructure(text)), JSON.stringify(nodeImap.parseBodyStructure(text)), text)
  }
})

test('a structure may keep the parentheses that it has in a response', () => {
  const text = '"TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1'
  assert.throws(() => nodeImap.parseBodyStructure(`(${text})`), TypeError)
  assert.deepEqual(parseBodyStructure(`(${text})`), parseBodyStructure(text))
  assert.deepEqual(parseBodyStructure([parseExpr(text)]), parseBodyStructure(text))
})

test('addresses as node-imap reads them', () => {
  const random = generator(20261126)
  const string = () => `"${['a', 'é b', '=?utf-8?Q?=C3=A9?=', ''][random(4)]}"`
  const nstring = () => random(3) === 0 ? 'NIL' : string()
  for (let run = 0; run < 500; run++) {
    let isInGroup = false
    const text = Array.from({ length: random(8) }, () => {
      switch (random(4)) {
        case 0:
          isInGroup = false
          return '(NIL NIL NIL NIL)'
        case 1:
          isInGroup = !isInGroup
          return isInGroup ? `(NIL NIL ${string()} NIL)` : '("x" NIL NIL "x")'
        default: return `(${nstring()} ${nstring()} ${string()} ${string()})`
      }
    }).join('')
    assert.deepEqual(parseEnvelopeAddresses(parseExpr(text)), nodeImap.parseEnvelopeAddresses(parseExpr(text)), text)
  }
  // npm imap loses a group that has no end.
  const open = parseExpr('(NIL NIL "a" NIL)(NIL NIL "b" "c")(NIL NIL "d" NIL)')
  assert.deepEqual(nodeImap.parseEnvelopeAddresses(open), [{ group: 'd', addresses: [] }])
  assert.deepEqual(parseEnvelopeAddresses(open), [
    { group: 'a', addresses: [{ name: null, mailbox: 'b', host: 'c' }] }, { group: 'd', addresses: [] }
  ])
  for (const none of [null, undefined, 'NIL', 5, {}]) assert.equal(parseEnvelopeAddresses(none), null)
})

test('what is passed stays as it is', () => {
  for (const list of [[null, null, ['CHARSET', 'x'], null], [['a', null, 'b', 'c']]]) {
    const copy = structuredClone(list)
    parseBodyStructure(list)
    if (Array.isArray(list[0])) parseEnvelopeAddresses(list)
    assert.deepEqual(list, copy)
  }
})

test('wrong arguments are refused by name (Q-05)', () => {
  const circle = /** @type {any[]} */ ([])
  circle.push(circle)
  let deep = /** @type {any[]} */ ([])
  for (let depth = 0; depth < 101; depth++) deep = [deep]
  for (const [call, type, pattern] of /** @type {[() => any, any, RegExp][]} */ ([
    [() => parseExpr(/** @type {any} */ (undefined)), TypeError, /^parseExpr\(\) takes the text of an IMAP expression, such as .*; got: undefined$/],
    [() => parseExpr(/** @type {any} */ (null)), TypeError, /; got: null$/],
    [() => parseExpr(/** @type {any} */ (Buffer.from('a'))), TypeError, /^parseExpr\(\).*; got: object$/],
    [() => parseExpr('a', /** @type {any} */ ('b')), TypeError, /^parseExpr\(\) takes the literals as an array of Buffers or strings; got: string$/],
    [() => parseExpr('a', /** @type {any} */ ([5])), TypeError, /literals.*; got: number$/],
    [() => parseExpr('('.repeat(101)), RangeError, /100 deep/],
    [() => parseBodyStructure(/** @type {any} */ (undefined)), TypeError, /^parseBodyStructure\(\) takes the text of a BODYSTRUCTURE, or the list.*; got: undefined$/],
    [() => parseBodyStructure(/** @type {any} */ (null)), TypeError, /; got: null$/],
    [() => parseBodyStructure(/** @type {any} */ (5)), TypeError, /; got: number$/],
    [() => parseBodyStructure(/** @type {any} */ (['TEXT', {}])), TypeError, /string, a number, null or a list of them; got: object$/],
    [() => parseBodyStructure('('.repeat(101)), RangeError, /100 deep/],
    [() => parseBodyStructure(circle), TypeError, /^The body structure contains itself$/],
    [() => parseBodyStructure(deep), RangeError, /^The body structure has arrays nested deeper than/],
    [() => parseEnvelopeAddresses([null]), TypeError, /^parseEnvelopeAddresses\(\) takes a list of addresses, each a list.*; got: null$/],
    [() => parseEnvelopeAddresses(['a', null, 'b', 'c']), TypeError, /; got: string$/],
    [() => parseEnvelopeAddresses([['a', null, true, 'c']]), TypeError, /; got: boolean$/],
    [() => parseHeader(/** @type {any} */ (undefined)), TypeError, /^parseHeader\(\) takes the text of a header/],
    [() => new Parser(/** @type {any} */ (undefined)), TypeError, /^Parser\(\) takes a Readable stream, such as a net\.Socket; got: undefined$/],
    [() => new Parser(/** @type {any} */ ('a')), TypeError, /; got: string$/],
    [() => new Parser(/** @type {any} */ (new EventEmitter())), TypeError, /; got: object$/],
    [() => new Parser(new PassThrough(), /** @type {any} */ ('log')), TypeError, /^Parser\(\) takes a function to which lines are shown.*; got: string$/]
  ])) {
    assert.throws(call, (/** @type {any} */ error) => {
      assert.ok(error instanceof type && pattern.test(error.message), error.stack)
      return true
    })
  }
})

test('a name of the server never becomes a prototype (Q-35)', async () => {
  const names = '("__proto__" ("polluted" "yes") "constructor" "c" "hasOwnProperty" "h")'
  const check = (/** @type {any} */ object) => {
    assert.equal(Object.getPrototypeOf(object), Object.prototype)
    const own = Object.keys(object)
    assert.deepEqual(own.filter(key => key !== 'uid'), ['__proto__', 'constructor', 'hasownproperty'])
    assert.equal(/** @type {any} */ ({}).polluted, undefined)
  }
  check(parseBodyStructure(`"TEXT" "PLAIN" ${names} NIL NIL "7BIT" 1 1`)[0].params)
  const lines = [
    `* ID ${names}`, `* STATUS a ${names.replaceAll('"', '')}`, `* 1 FETCH ${names.replaceAll('"', '')}`,
    `* ESEARCH ${names.slice(1, -1).replaceAll('"', '')}`
  ]
  const [id, status, fetch, esearch] = await told([`${lines.join('\r\n')}\r\n`])
  for (const object of [id.text, status.text.attrs, fetch.text, esearch.text]) check(object)
  const [quota] = await told(['* QUOTA r (__proto__ 1 2)\r\n'])
  assert.deepEqual(Object.entries(quota.text.resources), [['__proto__', { usage: 1, limit: 2 }]])
  const [namespace] = await told(['* NAMESPACE (("" "/" "__proto__" ("x"))) NIL NIL\r\n'])
  assert.deepEqual(Object.entries(namespace.text.personal[0].extensions), [['__proto__', ['x']]])
})

/** What a server may say, with every kind of event; node-imap tells the same of it. */
const TRACE = [
  '* OK [ALERT] Grüße\r\n',
  '* PREAUTH\r\n* BYE bye\r\n* NO [X 1 (2 "3")]\r\n',
  '* CAPABILITY IMAP4rev1 IDLE\r\n',
  '* NAMESPACE (("" "/" "X" ("a" "b"))("#x" NIL)) NIL (("&-" "."))\r\n'.replace('&-', 'shared'),
  '* FLAGS (\\Seen $x)\r\n* SEARCH\r\n* SEARCH 2 84\n* SORT 5 3\r\n',
  '* LIST (\\HasNoChildren) "/" {5}\r\nINBOX\r\n* LSUB () NIL "&AOk-"\r\n* XLIST (\\X) "." x\r\n',
  '* STATUS "x y" (MESSAGES 5 UIDNEXT 9007199254740993)\r\n',
  '* THREAD (2)(3 6 (4 23)(44 7 96))\r\n',
  '* ESEARCH (TAG "A5") UID MIN 2 ALL 2,10:11\r\n',
  '* ID ("NAME" "x" "version" NIL)\r\n* ID NIL\r\n',
  '* QUOTA "" (STORAGE 10 512 MESSAGE 1 2)\r\n* QUOTAROOT INBOX "" a\r\n',
  '* 5 EXISTS\r\n* 1 RECENT\r\n* 3 EXPUNGE\r\n',
  '* 2 FETCH (UID 7 FLAGS (\\Seen) INTERNALDATE "05-Sep-2004 00:38:03 +0000" RFC822.SIZE 44 MODSEQ (12))\r\n',
  '* 2 FETCH (ENVELOPE ("Mon, 7 Feb 1994 21:52:25 -0800 (PST)" {7}\r\n"a\r\n(b\r\n ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL "<x>"))\r\n'.replace('"a\r\n(b\r\n', '"a\r\n(b)'),
  '* 2 FETCH (BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "x") NIL NIL "7BIT" 3028 92))\r\n',
  '* 3 FETCH (BODY[HEADER] {17}\r\nSubject: (x) é\r\n UID 8)\r\n',
  '* 3 FETCH (BODY[TEXT] "q \\"u\\" o")\r\n',
  '* 4 FETCH (BODY[1] {4}\r\na\r\n) BODY[2] {1}\r\n* FLAGS ())\r\n',
  '+ idling\r\n+\r\n+ [ALERT] go\r\n+ YWJj\r\n',
  'IDLE OK done\r\nsomething else\r\n',
  'A1 OK done\r\nA22 no [TRYCREATE] why\r\nA3 BAD\r\n* ENABLED X\r\n'
].join('')

test('the events of node-imap', async () => {
  const ours = await told([TRACE])
  const theirs = await told([TRACE], nodeImap)
  for (const [at, event] of theirs.entries()) assert.deepEqual(ours[at], event)
  assert.equal(ours.length, theirs.length)
})

test('however the bytes are cut, the events are the same', async () => {
  const bytes = Buffer.from(TRACE)
  const whole = await told([bytes])
  for (let at = 1; at < bytes.length; at++) {
    assert.deepEqual(await told([bytes.subarray(0, at), bytes.subarray(at)]), whole, `cut at ${at}`)
  }
  const random = generator(20261127)
  for (let run = 0; run < 200; run++) {
    const pieces = []
    for (let at = 0, size; at < bytes.length; at += size) {
      size = 1 + random(run < 5 ? 1 : 300)
      pieces.push(bytes.subarray(at, at + size))
    }
    assert.deepEqual(await told(pieces), whole)
  }
})

test('where the events are not those of node-imap, by the row of the difference', async () => {
  const begin = (/** @type {string} */ which, /** @type {string} */ body) => ({ body, seqno: 1, which, size: body.length })
  const fetch = (/** @type {any} */ text) => ({ type: 'fetch', num: 1, textCode: undefined, text })
  const data = (/** @type {string} */ type, /** @type {any} */ text) => ({ type, num: undefined, textCode: undefined, text })
  for (const [row, line, expected] of /** @type {[string, string, any[]][]} */ ([
    ['Q-22', '* SEARCH 2 3 (MODSEQ 9)', [data('search', { results: [2, 3], modseq: '9' })]],
    ['Q-25', '* FLAGS ({0}\r\n {1}\r\nb)', [data('flags', ['', 'b'])]],
    ['Q-28', '* 1 FETCH (BODY[1] NIL)', [begin('1', ''), fetch({})]],
    ['Q-29', '* 1 FETCH (BODY[1]<5> "ab")', [begin('1', 'ab'), fetch({})]],
    ['Q-30', '* 1 FETCH (BODY[1] "a" BODY[2] {1}\r\nb)', [begin('1', 'a'), begin('2', 'b'), fetch({})]],
    ['Q-31', '* 1 FETCH (X-GM-MSGID 5)', [fetch({ 'x-gm-msgid': '5' })]],
    ['Q-34', '* FLAGS ()', [data('flags', [])]],
    ['Q-41', 'A5 NO [TRYCREATE]', [{ type: 'no', tagnum: 5, textCode: 'TRYCREATE', text: '' }]],
    ['Q-63', '* SEARCH 2  3 x', [data('search', [2, 3])]]
  ])) {
    assert.deepEqual(await told([`${line}\r\n`]), expected, row)
    assert.notDeepEqual(await told([`${line}\r\n`], nodeImap), expected, row)
  }
  // the body without octets ends. Q-26: a character may come in two chunks.
  assert.deepEqual(await told(['* 1 FETCH (BODY[] {0}\r\n)\r\n']), [begin('', ''), fetch({})])
  const [subject] = await told([Buffer.from('* OK \xc3', 'latin1'), Buffer.from('\xa9\r\n', 'latin1')])
  assert.equal(subject.text, 'é')
})

test('malformed data is passed over, and what follows is told (Q-05)', async () => {
  for (const line of ['* LIST', '* STATUS x', '* 5 FETCH', '* ID', '* QUOTA ""', '* FETCH (UID 1)', '* 99999999999 EXISTS', '*']) {
    const events = await told([`${line}\r\n* 1 EXISTS\r\n`])
    assert.deepEqual(events.map(event => event.type), ['exists'], line)
  }
})

test('without new, and as the parent of both kinds of classes', async () => {
  function Old (/** @type {any} */ stream) { Parser.call(/** @type {any} */ (this), stream) }
  inherits(Old, Parser)
  class New extends Parser {}
  for (const make of [(/** @type {any} */ stream) => Parser(stream), (/** @type {any} */ stream) => new (/** @type {any} */ (Old))(stream), (/** @type {any} */ stream) => new New(stream)]) {
    const parser = make(Readable.from([Buffer.from('hello\r\n')]))
    assert.ok(parser instanceof Parser && parser instanceof EventEmitter)
    assert.deepEqual(Object.keys(parser).filter(key => !key.startsWith('_')), ['debug'])
    const [line] = await once(parser, 'other')
    assert.equal(line, 'hello')
  }
})

test('any object with on() and read() is a stream, and strings are bytes', async () => {
  /** @type {any} */
  const stream = new EventEmitter()
  const chunks = ['A1 OK ü', new Uint8Array([13, 10]), null]
  stream.read = () => chunks.shift()
  const [{ text }] = await once(new Parser(stream), 'tagged')
  assert.equal(text, 'ü')
  const encoded = Readable.from([Buffer.from('A1 OK ü\r\n')], { objectMode: false }).setEncoding('latin1')
  const [info] = await once(new Parser(encoded), 'tagged')
  assert.equal(info.text, 'ü')
})

test('debug is shown every line, without literals', async () => {
  /** @type {string[]} */
  const lines = []
  const text = '* 1 FETCH (BODY[] {3}\r\nabc UID 5)\r\nA1 OK \'done\'\r\n'
  for (const size of [1, text.length]) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => Buffer.from(text.slice(at * size, (at + 1) * size)))
    const parser = new Parser(Readable.from(chunks), (line) => lines.push(line))
    await once(parser, 'tagged')
    assert.deepEqual(lines.splice(0), ["<= '* 1 FETCH (BODY[] {3}'", "<= 'UID 5)'", "<= \"A1 OK 'done'\""])
    parser.debug = null
  }
})

test('setStream() goes on in the middle of a line', async () => {
  const [first, second] = [new PassThrough(), new PassThrough()]
  const parser = new Parser(first)
  /** @type {string[]} */
  const lines = []
  parser.on('other', (/** @type {string} */ line) => lines.push(line))
  first.write('half ')
  await turn()
  parser.setStream(second)
  first.write('not read\r\n')
  second.write('a line\r\n')
  await turn()
  await turn()
  assert.deepEqual(lines, ['half a line'])
  assert.equal(first.listenerCount('readable') + first.listenerCount('end') + first.listenerCount('close'), new PassThrough().listenerCount('end'))
})

test('a body that is read slowly holds up the stream, one that nobody reads does not (Q-21)', async () => {
  const body = Buffer.alloc(1_000_000, 'x')
  const response = [`* 1 FETCH (BODY[] {${body.length}}\r\n`, ...slices(body, 10_000), ' UID 5)\r\n', '* 1 EXISTS\r\n']
  const source = () => Readable.from(response.map(piece => Buffer.from(piece)), { highWaterMark: 4 })

  // Not touched: everything after it is told, and it is all there later.
  const untouched = new Parser(source())
  const [[unread], [fetch], [exists]] = await Promise.all([
    once(untouched, 'body'), once(untouched, 'untagged'), nth(untouched, 'untagged', 2)
  ])
  assert.deepEqual([fetch.text, exists.num], [{ uid: 5 }, 1])
  assert.equal((await bytesOf(unread)).length, body.length)

  // Paused: what waits in it stays small, and nothing after it is told.
  const slow = new Parser(source())
  let told = 0
  slow.on('untagged', () => told++)
  /** @type {Readable} */
  const paused = await new Promise(resolve => slow.once('body', (/** @type {Readable} */ stream) => {
    stream.once('pause', () => resolve(stream))
    stream.once('data', () => stream.pause())
  }))
  for (let turns = 0; turns < 20; turns++) await turn()
  assert.ok(paused.readableLength < 100_000, String(paused.readableLength))
  assert.equal(told, 0)
  const last = nth(slow, 'untagged', 2)
  const rest = await bytesOf(paused)
  assert.equal(rest.length, body.length - 10_000)
  await last

  // Given up: the rest of it is dropped.
  const hasty = new Parser(source())
  hasty.once('body', (/** @type {Readable} */ stream) => stream.once('data', () => stream.destroy()))
  assert.equal((await nth(hasty, 'untagged', 2))[0].type, 'exists')
})

test('without a listener for bodies none is made', async () => {
  const parser = new Parser(Readable.from([Buffer.from('* 1 FETCH (BODY[] {3}\r\nab'), Buffer.from('c UID 5)\r\n')]))
  const [{ text }] = await once(parser, 'untagged')
  assert.deepEqual(text, { uid: 5 })
})

test('a stream that ends in a body ends the body', async () => {
  const cut = (/** @type {(stream: Readable) => void} */ listener) => {
    new Parser(Readable.from([Buffer.from('* 1 FETCH (BODY[] {30}\r\nab')])).once('body', listener)
  }
  const error = await new Promise(resolve => cut(stream => stream.resume().once('error', resolve)))
  assert.equal(error.code, 'ERR_STREAM_PREMATURE_CLOSE')
  await new Promise(resolve => cut(stream => stream.resume().once('close', resolve)))
})

test('a listener that throws takes nothing from the others', async () => {
  const source = new PassThrough()
  const parser = new Parser(source)
  /** @type {string[]} */
  const lines = []
  parser.on('other', (/** @type {string} */ line) => {
    lines.push(line)
    throw new Error(line)
  })
  const uncaught = uncaughtErrors(2)
  source.write('one\r\ntwo\r\n')
  assert.deepEqual(await uncaught, ['one', 'two'])
  assert.deepEqual(lines, ['one', 'two'])
})

test('a listener may feed and read the stream', async () => {
  const source = new PassThrough()
  const parser = new Parser(source)
  /** @type {string[]} */
  const lines = []
  parser.on('other', (/** @type {string} */ line) => {
    lines.push(line)
    if (line === 'one') source.write('four\r\n')
    source.emit('readable')
  })
  source.write('one\r\ntwo\r\nthree\r\n')
  await turn()
  await turn()
  assert.deepEqual(lines, ['one', 'two', 'three', 'four'])
})

test('a server over the limit is an error, and the end', async () => {
  const source = new PassThrough()
  const parser = new Parser(source)
  parser.on('other', () => assert.fail('told after the end'))
  source.write('* LIST () NIL {5000000000}\r\n')
  const [error] = await once(parser, 'error')
  assert.equal(error.code, 'ELIMIT')
  assert.equal(error.source, 'protocol')
  assert.match(error.message, /limit is \d+/)
  source.write('more\r\n')
  await turn()
  await turn()
})

/**
 * All events of a stream, in order; those of bodies when they have ended, at their place.
 * @param {Array<string | Buffer>} pieces each arrives alone
 * @param {any} [library]
 * @returns {Promise<any[]>}
 */
async function told (pieces, library = everimap) {
  const source = library === everimap
    ? Readable.from(pieces.map(piece => Buffer.from(piece)))
    : Readable.from([Buffer.concat(pieces.map(piece => Buffer.from(piece)))], { objectMode: false })
  const parser = new library.Parser(source)
  /** @type {any[]} */
  const events = []
  for (const event of ['tagged', 'untagged', 'continue']) {
    parser.on(event, (/** @type {any} */ info) => events.push(info))
  }
  parser.on('other', (/** @type {string} */ line) => events.push({ other: line }))
  parser.on('body', (/** @type {Readable} */ stream, /** @type {any} */ info) => {
    const entry = { body: '', ...info }
    events.push(entry)
    stream.on('data', (/** @type {Buffer} */ chunk) => { entry.body += chunk.toString('latin1') })
  })
  const failed = new Promise((resolve, reject) => parser.on('error', reject))
  await Promise.race([failed, once(source, 'close')])
  await turn()
  return events
}

/**
 * @param {EventEmitter} emitter
 * @param {string} event
 * @param {number} number
 * @returns {Promise<any[]>}
 */
function nth (emitter, event, number) {
  return new Promise(resolve => emitter.on(event, (...values) => { if (--number === 0) resolve(values) }))
}

/** @param {Readable} stream */
async function bytesOf (stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * @param {Buffer} bytes
 * @param {number} size
 */
function slices (bytes, size) {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

/**
 * @param {number} count
 * @returns {Promise<string[]>} the messages of exceptions that nobody catches
 */
function uncaughtErrors (count) {
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  /** @type {string[]} */
  const messages = []
  return new Promise(resolve => process.on('uncaughtException', function heard (error) {
    if (messages.push(error.message) < count) return
    process.removeListener('uncaughtException', heard)
    for (const listener of listeners) process.on('uncaughtException', listener)
    resolve(messages)
  }))
}

/**
 * Values beside each other, well formed.
 * @param {(n: number) => number} random
 * @param {number} depth
 * @returns {string}
 */
function valuesText (random, depth) {
  return Array.from({ length: random(5) }, () => {
    switch (random(depth > 0 ? 7 : 5)) {
      case 0: return 'NIL'
      case 1: return String(random(2 ** 31))
      case 2: return ['nil', '007', '9007199254740993', '\\Seen', '$x', 'BODY[HEADER.FIELDS (A B)]', 'é', 'a{3}'][random(8)]
      case 3: return `"${['', 'a b', '\\"', '\\\\', '(', ')]', 'x \\"y\\" z', 'NIL', '5', '{3}'][random(10)]}"`
      case 4: return '""'
      case 5: return `[${valuesText(random, depth - 1)}]`
      default: return `(${valuesText(random, depth - 1)})`
    }
  }).join(' ')
}

/**
 * A body structure, without its outer parentheses.
 * @param {(n: number) => number} random
 * @param {number} depth
 * @returns {string}
 */
function structureText (random, depth) {
  const pick = (/** @type {string[]} */ ...texts) => texts[random(texts.length)]
  const some = (/** @type {string[]} */ fields) => fields.slice(0, random(fields.length + 1)).map(field => ` ${field}`).join('')
  const params = pick('NIL', '("CHARSET" "utf-8")', '("Name" "a" "X" NIL)')
  const extra = [
    pick('NIL', '("ATTACHMENT" NIL)', '("inline" ("FILENAME" "x"))', '"INLINE"'), pick('NIL', '"en"', '("en" "de")'), pick('NIL', '"x"'),
    pick('NIL', '5', '("a" ("b"))')
  ]
  if (depth > 0 && random(3) === 0) {
    const children = Array.from({ length: 1 + random(3) }, () => `(${structureText(random, depth - 1)})`)
    return `${children.join(pick('', ' '))} "MIXED"${some([params, ...extra])}`
  }
  const fields = `${params} ${pick('NIL', '"<id>"')} ${pick('NIL', '"described"')} "7BIT" ${random(9999)}`
  if (depth > 0 && random(4) === 0) {
    const envelope = 'NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL'
    return `"MESSAGE" "RFC822" ${fields} (${envelope}) (${structureText(random, depth - 1)}) 5${some(['NIL', ...extra])}`
  }
  return random(2) ? `"TEXT" "PLAIN" ${fields} 7${some(['"md5"', ...extra])}` : `"IMAGE" "PNG" ${fields}${some(['NIL', ...extra])}`
}

/**
 * Numbers that are the same in every run (a linear congruential generator).
 * @param {number} seed
 * @returns {(n: number) => number} below n
 */
function generator (seed) {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor(state / 2 ** 32 * n)
  }
}
