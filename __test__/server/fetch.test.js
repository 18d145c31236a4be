'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { PASSWORD } = require('../credentials')
const { Server } = require('./index')
const { Wire } = require('./wire')

/** The tree of RFC 3501 section 6.4.5, as far as it needs. */
const NESTED = [
  'From: "Ann \\"A\\" Other" <ann@x.org>', 'Sender: carl@x.org',
  'To: friends: Bob <bob@x.org>, d@y.org;, eve@z.org (Eve)', 'Subject: nested',
  'Date: Mon, 1 Jan 2024 00:00:00 +0000', 'Message-ID: <1@x>', 'In-Reply-To: <0@x>', 'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="o;1"', '', 'preamble',
  '--o;1', 'Content-Type: text/plain; charset=utf-8', 'Content-ID: <p1>', '', 'one', 'two',
  '--o;1', 'Content-Type: message/rfc822', 'Content-Disposition: attachment; filename="m.eml"', '',
  'Subject: inner', 'From: inner@x.org', 'Content-Type: multipart/alternative; boundary=i', '',
  '--i', '', 'plain', '--i', 'Content-Type: text/html', 'Content-Language: en, de', '', '<b>html</b>', '--i--',
  '--o;1', 'Content-Type: image/png; name=a.png', 'Content-Transfer-Encoding: BASE64', '', 'AAAA', '--o;1--', 'epilogue', ''
].join('\r\n')

async function inboxWith (t, raw, select = 'SELECT INBOX') {
  const server = await Server.start()
  t.after(() => server.stop())
  server.inbox.deliver(raw, { date: new Date('2024-02-03T04:05:06Z') })
  const wire = await Wire.open(t, server)
  await wire.ask(`LOGIN user ${PASSWORD}`)
  await wire.ask(select)
  return { server, wire }
}

const reply = async (wire, items) => (await wire.ask(`FETCH 1 ${items}`, 'F')).replace(/F OK Fetch completed\.\r\n$/, '')

test('ENVELOPE: names, groups, comments, defaults', async (t) => {
  const { wire } = await inboxWith(t, NESTED)
  assert.equal(await reply(wire, 'ENVELOPE'), '* 1 FETCH (ENVELOPE ("Mon, 1 Jan 2024 00:00:00 +0000" "nested" ' +
    '(("Ann \\"A\\" Other" NIL "ann" "x.org")) ((NIL NIL "carl" "x.org")) (("Ann \\"A\\" Other" NIL "ann" "x.org")) ' +
    '((NIL NIL "friends" NIL)("Bob" NIL "bob" "x.org")(NIL NIL "d" "y.org")(NIL NIL NIL NIL)("Eve" NIL "eve" "z.org")) ' +
    'NIL NIL "<0@x>" "<1@x>"))\r\n')
})

test('ENVELOPE of 8-bit and missing fields', async (t) => {
  const { wire } = await inboxWith(t, Buffer.from('Subject: gr\xfc\xdfe\r\n\r\n', 'latin1'))
  assert.equal(await reply(wire, 'ENVELOPE'), '* 1 FETCH (ENVELOPE (NIL {5}\r\ngr\xfc\xdfe NIL NIL NIL NIL NIL NIL NIL NIL))\r\n')
})

test('BODYSTRUCTURE and BODY of nested parts', async (t) => {
  const { wire } = await inboxWith(t, NESTED)
  const inner = '(NIL "inner" ((NIL NIL "inner" "x.org")) ((NIL NIL "inner" "x.org")) ((NIL NIL "inner" "x.org")) NIL NIL NIL NIL NIL)'
  const part = NESTED.slice(NESTED.indexOf('Subject: inner'), NESTED.indexOf('\r\n--o;1\r\nContent-Type: image'))
  assert.equal(await reply(wire, 'BODYSTRUCTURE'), '* 1 FETCH (BODYSTRUCTURE (' +
    '("text" "plain" ("charset" "utf-8") "<p1>" NIL "7bit" 8 1 NIL NIL NIL NIL)' +
    `("message" "rfc822" NIL NIL NIL "7bit" ${part.length} ${inner} (` +
      '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0 NIL NIL NIL NIL)' +
      '("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 11 0 NIL NIL ("en" "de") NIL)' +
      ` "alternative" ("boundary" "i") NIL NIL NIL) ${part.split('\n').length - 1} NIL ("attachment" ("filename" "m.eml")) NIL NIL)` +
    '("image" "png" ("name" "a.png") NIL NIL "base64" 4 NIL NIL NIL NIL)' +
    ' "mixed" ("boundary" "o;1") NIL NIL NIL))\r\n')
  assert.match(await reply(wire, 'BODY'), /^\* 1 FETCH \(BODY \(\("text" "plain" \("charset" "utf-8"\) "<p1>" NIL "7bit" 8 1\)\(/)
})

test('sections by part number', async (t) => {
  const { wire } = await inboxWith(t, NESTED)
  const header = NESTED.slice(0, NESTED.indexOf('preamble'))
  const sections = {
    '': NESTED,
    HEADER: header,
    TEXT: NESTED.slice(header.length),
    1: 'one\r\ntwo',
    '1.MIME': 'Content-Type: text/plain; charset=utf-8\r\nContent-ID: <p1>\r\n\r\n',
    '2.HEADER': 'Subject: inner\r\nFrom: inner@x.org\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n',
    2.1: 'plain',
    2.2: '<b>html</b>',
    '2.2.MIME': 'Content-Type: text/html\r\nContent-Language: en, de\r\n\r\n',
    3: 'AAAA',
    'HEADER.FIELDS (subject "SENDER" X-None)': 'Sender: carl@x.org\r\nSubject: nested\r\n\r\n',
    '2.HEADER.FIELDS.NOT (Subject Content-Type)': 'From: inner@x.org\r\n\r\n'
  }
  for (const [section, expected] of Object.entries(sections)) {
    assert.equal(await reply(wire, `BODY.PEEK[${section}]`), `* 1 FETCH (BODY[${section}] {${expected.length}}\r\n${expected})\r\n`, section)
  }
  for (const missing of ['4', '1.1', '1.HEADER', '2.3']) {
    assert.equal(await reply(wire, `BODY.PEEK[${missing}]`), `* 1 FETCH (BODY[${missing}] NIL)\r\n`, missing)
  }
  for (const wrong of ['BODY[', 'BODY[MIME]', 'BODY[0]', 'BODY[HEADER.FIELDS]', 'BODY[NONSENSE]', 'NONSENSE', '()', '(UID']) {
    assert.match(await wire.ask(`FETCH 1 ${wrong}`), /BAD/, wrong)
  }
})

test('a message that is no multipart: part 1 is its text', async (t) => {
  const { wire } = await inboxWith(t, 'Subject: x\n\nhello')
  assert.equal(await reply(wire, '(BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[2])'),
    '* 1 FETCH (BODY[1] {5}\r\nhello BODY[1.MIME] {14}\r\nSubject: x\r\n\r\n BODY[2] NIL)\r\n')
})

test('partials', async (t) => {
  const { wire } = await inboxWith(t, 'Subject: x\n\n0123456789')
  assert.equal(await reply(wire, '(BODY.PEEK[TEXT]<2.3> BODY.PEEK[TEXT]<8.100> BODY.PEEK[TEXT]<50.1>)'),
    '* 1 FETCH (BODY[TEXT]<2> {3}\r\n234 BODY[TEXT]<8> {2}\r\n89 BODY[TEXT]<50> {0}\r\n)\r\n')
})

test('macros, dates, sizes, RFC822 items', async (t) => {
  const { wire } = await inboxWith(t, 'Subject: x\n\nhello')
  assert.equal(await reply(wire, 'FAST'), '* 1 FETCH (FLAGS (\\Recent) INTERNALDATE "03-Feb-2024 04:05:06 +0000" RFC822.SIZE 19)\r\n')
  assert.match(await reply(wire, 'FULL'), /ENVELOPE \(.*\) BODY \("text"/)
  assert.equal(await reply(wire, '(RFC822.HEADER)'), '* 1 FETCH (RFC822.HEADER {14}\r\nSubject: x\r\n\r\n)\r\n')
  assert.match(await reply(wire, 'RFC822.TEXT'), /RFC822\.TEXT \{5\}\r\nhello FLAGS \(\\Seen \\Recent\)\)/)
})

test('BODY[] sets \\Seen and says so, PEEK and EXAMINE do not', async (t) => {
  const { server, wire } = await inboxWith(t, 'x')
  await reply(wire, 'BODY.PEEK[]')
  assert.equal(server.inbox.messages[0].flags.size, 0)
  assert.match(await reply(wire, 'BODY[]'), / FLAGS \(\\Seen \\Recent\)\)\r\n$/)
  assert.doesNotMatch(await reply(wire, 'BODY[]'), /FLAGS/)
  const examined = await inboxWith(t, 'x', 'EXAMINE INBOX')
  await reply(examined.wire, 'BODY[]')
  assert.equal(examined.server.inbox.messages[0].flags.size, 0)
})

test('MODSEQ and CHANGEDSINCE', async (t) => {
  const { server, wire } = await inboxWith(t, 'x')
  server.inbox.deliver('y')
  await wire.ask('NOOP')
  assert.match(await wire.ask('UID FETCH 1:* (FLAGS) (CHANGEDSINCE 2)', 'F'), /^\* 2 FETCH \(UID 2 FLAGS \(\\Recent\) MODSEQ \(3\)\)\r\nF OK/)
  server.inbox.flag(1, ['\\Flagged'])
  assert.match(await wire.ask('NOOP'), /^\* 1 FETCH \(UID 1 FLAGS \(\\Flagged \\Recent\) MODSEQ \(4\)\)\r\n/)
})

test('a body of 32 MB waits for a slow reader instead of filling memory', async (t) => {
  const { server, wire } = await inboxWith(t, Buffer.alloc(1024))
  const big = server.account().mailbox('Archive')
  for (let count = 0; count < 8; count++) big.deliver(Buffer.alloc(4 * 1024 * 1024, 'a'))
  await wire.ask('SELECT Archive')
  const [connection] = server.connections
  wire.socket.pause()
  wire.send('F UID FETCH 1:* BODY.PEEK[]\r\n')
  await connection.line(/^F /)
  while (connection.outlet.size === 0 || connection.socket.writableLength === 0) await new Promise(setImmediate)
  assert.ok(connection.outlet.size <= 5 * 1024 * 1024, `${connection.outlet.size} bytes queued`)
  wire.chunks = []
  wire.seen = 0
  let size = 0
  wire.socket.removeAllListeners('data')
  await new Promise((resolve) => wire.socket.on('data', (chunk) => {
    size += chunk.length
    if (chunk.toString('latin1').endsWith('F OK Fetch completed.\r\n')) resolve()
  }).resume())
  assert.ok(size > 32 * 1024 * 1024)
})
