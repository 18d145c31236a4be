'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { PASSWORD } = require('../credentials')
const { Server } = require('./index')
const { Wire } = require('./wire')

async function serving (t, settings) {
  const server = await Server.start(settings)
  t.after(() => server.stop())
  return server
}

/** A logged-in client, with INBOX selected unless told otherwise. */
async function client (t, server, select = 'SELECT INBOX') {
  const wire = await Wire.open(t, server)
  await wire.ask(`LOGIN user ${PASSWORD}`)
  if (select) await wire.ask(select)
  return wire
}

async function inboxWith (t, messages, settings) {
  const server = await serving(t, settings)
  for (const message of messages) server.inbox.deliver(...[message].flat())
  return { server, wire: await client(t, server) }
}

const numbers = (reply) => /\* SEARCH ?(.*)\r\n/.exec(reply)[1]

test('greeting, capabilities before and after login, logout', async (t) => {
  const server = await serving(t)
  const wire = await Wire.open(t, server)
  assert.match(await wire.until('ready.'), /^\* OK \[CAPABILITY IMAP4rev1 LITERAL\+ SASL-IR .*AUTH=PLAIN.*\] /)
  assert.match(await wire.ask('CAPABILITY', 'x'), /^\* CAPABILITY IMAP4rev1 [^\r]*AUTH=XOAUTH2[^\r]*\r\nx OK/)
  assert.match(await wire.ask(`LOGIN user ${PASSWORD}`), /OK \[CAPABILITY (?!.*AUTH=)/)
  wire.send('IDLE IDLE\r\n')
  await wire.until('+ ')
  wire.send('DONE\r\n')
  assert.match(await wire.until('IDLE OK'), /^IDLE OK/)
  assert.match(await wire.ask('NOOP', 'NOOP'), /^NOOP OK/)
  wire.send('z LOGOUT\r\n')
  await wire.ended
  assert.match(wire.all, /\* BYE Logging out\r\nz OK Logout completed\.\r\n$/)
  assert.deepEqual(server.lines, ['x CAPABILITY', `T1 LOGIN user ${PASSWORD}`, 'IDLE IDLE', 'DONE', 'NOOP NOOP', 'z LOGOUT'])
})

test('wrong password, wrong state, unknown command, syntax errors', async (t) => {
  const wire = await Wire.open(t, await serving(t))
  assert.match(await wire.ask('LOGIN user wrong'), /NO \[AUTHENTICATIONFAILED\]/)
  for (const command of ['SELECT INBOX', 'FETCH 1 UID', 'NONSENSE', 'LOGIN "user', 'LOGIN user', 'LOGIN (a b) c', 'NOOP 1', 'UID NOOP']) {
    assert.match(await wire.ask(command), /BAD/, command)
  }
  wire.send('\r\n')
  assert.match(await wire.until('BAD'), /^\* BAD/)
})

test('logins are refused while the server says so', async (t) => {
  const server = await serving(t)
  const wire = await Wire.open(t, server)
  server.refusal = '[UNAVAILABLE] Not now.'
  assert.match(await wire.ask(`LOGIN user ${PASSWORD}`), /NO \[UNAVAILABLE\] Not now\.$/m)
  server.refusal = undefined
  assert.match(await wire.ask(`LOGIN user ${PASSWORD}`), /OK/)
})

test('a capability that is not offered is not understood', async (t) => {
  const server = await serving(t, { capabilities: ['UIDPLUS'] })
  const wire = await client(t, server)
  assert.match(await wire.ask('CAPABILITY'), /^\* CAPABILITY IMAP4rev1 UIDPLUS\r\n/)
  for (const command of ['IDLE', 'MOVE 1 Sent', 'NAMESPACE', 'ID NIL', 'SELECT INBOX (CONDSTORE)', 'UNSELECT']) {
    assert.match(await wire.ask(command), /BAD/, command)
  }
})

test('AUTHENTICATE PLAIN, LOGIN, XOAUTH2 and XOAUTH', async (t) => {
  const server = await serving(t, { accounts: { user: { password: 'pässword', tokens: ['dG9rZW4='] } } })
  const base64 = (text) => Buffer.from(text).toString('base64')
  const dialogue = async (...lines) => {
    const wire = await Wire.open(t, server)
    await wire.until('ready.')
    wire.send(lines[0] + '\r\n')
    for (const line of lines.slice(1)) {
      await wire.until('\n')
      wire.send(line + '\r\n')
    }
    return wire.until('A ')
  }
  const plain = base64('\0user\0pässword')
  assert.match(await dialogue(`A AUTHENTICATE PLAIN ${plain}`), /A OK/)
  assert.match(await dialogue('A AUTHENTICATE PLAIN', plain), /A OK/)
  assert.match(await dialogue('A AUTHENTICATE PLAIN', base64('\0user\0x')), /A NO \[AUTHENTICATIONFAILED\]/)
  assert.match(await dialogue('A AUTHENTICATE PLAIN', '*'), /A BAD Authentication aborted/)
  assert.match(await dialogue('A AUTHENTICATE LOGIN', base64('user'), base64('pässword')), /A OK/)
  assert.match(await dialogue('A AUTHENTICATE XOAUTH2 dG9rZW4='), /A OK/)
  assert.match(await dialogue('A AUTHENTICATE XOAUTH2', 'dG9rZW4='), /A OK/)
  assert.match(await dialogue('A AUTHENTICATE XOAUTH dG9rZW4='), /A OK/)
  const wire = await Wire.open(t, server)
  await wire.until('ready.')
  wire.send('A AUTHENTICATE XOAUTH2 b2xk\r\n')
  const [, challenge] = /\+ (\S+)/.exec(await wire.until('+ '))
  assert.equal(JSON.parse(Buffer.from(challenge, 'base64')).status, '400')
  wire.send('\r\n')
  assert.match(await wire.until('A '), /A NO \[AUTHENTICATIONFAILED\]/)
  server.account().tokens = ['b2xk']
  assert.match(await dialogue('A AUTHENTICATE XOAUTH2 b2xk'), /A OK/)
})

test('STARTTLS lifts LOGINDISABLED and forgets what was injected before', async (t) => {
  const server = await serving(t, { tls: 'starttls', loginDisabled: true })
  const wire = await Wire.open(t, server)
  assert.match(await wire.until('ready.'), /STARTTLS LOGINDISABLED\]/)
  assert.match(await wire.ask(`LOGIN user ${PASSWORD}`), /NO \[PRIVACYREQUIRED\]/)
  wire.send(`A STARTTLS\r\nB LOGIN user ${PASSWORD}\r\n`)
  await wire.until('A OK')
  await wire.secure(server)
  const reply = await wire.ask('CAPABILITY')
  assert.doesNotMatch(reply, /STARTTLS|LOGINDISABLED|B OK/)
  assert.match(await wire.ask('STARTTLS'), /BAD/)
  assert.match(await wire.ask(`LOGIN user ${PASSWORD}`), /OK/)
})

test('greetings: BYE closes, PREAUTH logs in', async (t) => {
  const bye = await Wire.open(t, await serving(t, { greeting: '* BYE too busy' }))
  await bye.ended
  assert.equal(bye.all, '* BYE too busy\r\n')
  const preauth = await Wire.open(t, await serving(t, { greeting: '* PREAUTH hello' }))
  assert.match(await preauth.ask('SELECT INBOX'), /OK \[READ-WRITE\]/)
})

test('ID, ENABLE, NAMESPACE', async (t) => {
  const wire = await client(t, await serving(t, { id: { vendor: 'us' }, delimiter: '.' }), '')
  assert.match(await wire.ask('ID ("name" "x" "version" NIL)'), /\* ID \("name" "Test peer" "vendor" "us"\)/)
  assert.match(await wire.ask('ENABLE CONDSTORE X-OTHER'), /\* ENABLED CONDSTORE\r\n/)
  assert.match(await wire.ask('NAMESPACE'), /\* NAMESPACE \(\("" "\."\)\) NIL NIL/)
})

test('LIST with wildcards, parents, special use, and modified UTF-7', async (t) => {
  const mailboxes = ['INBOX', 'Sent', 'a/b/c', 'Entwürfe & "x"', 'a]']
  const server = await serving(t, { accounts: { user: { mailboxes } } })
  const wire = await client(t, server, '')
  const list = async (args, verb = 'LIST') => (await wire.ask(`${verb} ${args}`)).split('\r\n').slice(0, -2)
  assert.deepEqual(await list('"" ""'), ['* LIST (\\Noselect) "/" ""'])
  assert.deepEqual(await list('"" *'), [
    '* LIST (\\HasNoChildren) "/" INBOX',
    '* LIST (\\HasNoChildren) "/" "Entw&APw-rfe &- \\"x\\""',
    '* LIST (\\HasNoChildren \\Sent) "/" Sent',
    '* LIST (\\Noselect \\HasChildren) "/" a',
    '* LIST (\\Noselect \\HasChildren) "/" a/b',
    '* LIST (\\HasNoChildren) "/" a/b/c',
    '* LIST (\\HasNoChildren) "/" "a]"'
  ])
  assert.deepEqual(await list('"a/" %'), ['* LIST (\\Noselect \\HasChildren) "/" a/b'])
  assert.deepEqual(await list('"" inb%'), ['* LIST (\\HasNoChildren) "/" INBOX'])
  assert.deepEqual(await list('"" "Entw&APw-rfe*"', 'LSUB'), ['* LSUB (\\HasNoChildren) "/" "Entw&APw-rfe &- \\"x\\""'])
  assert.deepEqual(await list('"" INBOX', 'XLIST'), ['* XLIST (\\HasNoChildren \\Inbox) "/" INBOX'])
  assert.equal(server.account().mailbox('Entwürfe & "x"').name, 'Entwürfe & "x"')
})

test('CREATE, RENAME with children, SUBSCRIBE, DELETE, and their errors', async (t) => {
  const server = await serving(t)
  const wire = await client(t, server, '')
  await wire.ask('CREATE one/two')
  await wire.ask('CREATE one')
  assert.match(await wire.ask('CREATE one'), /NO \[ALREADYEXISTS\]/)
  assert.match(await wire.ask('RENAME one "Gr&APwA3w-e"'), /OK/)
  assert.ok(server.account().mailbox('Grüße/two'))
  assert.match(await wire.ask('RENAME nothing x'), /NO \[NONEXISTENT\]/)
  assert.match(await wire.ask('SUBSCRIBE nothing'), /NO \[NONEXISTENT\]/)
  assert.match(await wire.ask('SUBSCRIBE "Gr&APwA3w-e"'), /OK/)
  assert.ok(server.account().subscribed.has('Grüße'))
  assert.match(await wire.ask('DELETE "Gr&APwA3w-e"'), /OK/)
  assert.match(await wire.ask('DELETE INBOX'), /NO \[CANNOT\]/)
  assert.match(await wire.ask('SELECT nothing'), /NO \[NONEXISTENT\]/)
  server.inbox.deliver('x')
  await wire.ask('RENAME INBOX old')
  assert.equal(server.inbox.messages.length, 0)
  assert.equal(server.account().mailbox('old').messages.length, 1)
})

test('SELECT and EXAMINE describe the mailbox; STATUS counts', async (t) => {
  const server = await serving(t)
  server.inbox.deliver('one', { flags: ['\\seen', 'blue'] })
  server.inbox.deliver('two')
  server.inbox.uidvalidity = 77
  const wire = await client(t, server, '')
  assert.match(await wire.ask('STATUS inbox (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT HIGHESTMODSEQ)'),
    /\* STATUS INBOX \(MESSAGES 2 RECENT 2 UNSEEN 1 UIDVALIDITY 77 UIDNEXT 3 HIGHESTMODSEQ 3\)\r\n/)
  const examined = await wire.ask('EXAMINE INBOX', 'E')
  assert.match(examined, /PERMANENTFLAGS \(\)[^]*\* 2 RECENT[^]*E OK \[READ-ONLY\] Examine completed\.\r\n$/)
  assert.equal(await wire.ask('SELECT INBOX (CONDSTORE)', 'S'), [
    '* OK [CLOSED] Previous mailbox closed.',
    '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft blue)',
    '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft blue \\*)] Flags permitted.',
    '* 2 EXISTS',
    '* 2 RECENT',
    '* OK [UNSEEN 2] First unseen.',
    '* OK [UIDVALIDITY 77] UIDs valid',
    '* OK [UIDNEXT 3] Predicted next UID',
    '* OK [HIGHESTMODSEQ 3] Highest',
    'S OK [READ-WRITE] Select completed.',
    ''
  ].join('\r\n'))
  // They were recent for the first session that selected the mailbox, and are for none after it.
  assert.match(await (await client(t, server, '')).ask('SELECT INBOX'), /\* 0 RECENT/)
})

test('idling clients hear of changes at once, polling ones at NOOP, and numbers stay right', async (t) => {
  const { server, wire: idle } = await inboxWith(t, ['one', 'two', 'three'])
  const poll = await client(t, server)
  idle.send('IDLE IDLE\r\n')
  await idle.until('+ ')
  const uid = server.inbox.deliver('four')
  assert.equal(await idle.until('RECENT'), '* 4 EXISTS\r\n* 4 RECENT\r\n')
  server.inbox.flag(uid, ['\\Flagged'])
  assert.equal(await idle.until(')'), '* 4 FETCH (UID 4 FLAGS (\\Flagged \\Recent))\r\n')
  server.inbox.expunge([1, 3])
  assert.equal(await idle.until('2 EXPUNGE'), '* 1 EXPUNGE\r\n* 2 EXPUNGE\r\n')
  // No EXPUNGE while numbers are in use: 3 still is the third message for this client.
  assert.match(await poll.ask('FETCH 3 (UID)', 'F'), /^\* 3 FETCH \(UID 3\)\r\n\* 4 EXISTS\r\n/)
  assert.match(await poll.ask('NOOP', 'N'), /^\* 1 EXPUNGE\r\n\* 2 EXPUNGE\r\nN OK/)
  assert.match(await poll.ask('FETCH 1:* (UID)'), /^\* 1 FETCH \(UID 2\)\r\n\* 2 FETCH \(UID 4\)\r\n/)
})

test('a mailbox deleted under a session says BYE', async (t) => {
  const { server } = await inboxWith(t, [])
  const wire = await client(t, server, 'SELECT Archive')
  server.account().remove('Archive')
  await wire.ended
  assert.match(wire.all, /\* BYE Mailbox was deleted/)
})

test('STORE in every form, UNCHANGEDSINCE, and what others are told', async (t) => {
  const { server, wire } = await inboxWith(t, ['one', 'two'])
  const other = await client(t, server)
  assert.match(await wire.ask('STORE 1 FLAGS (\\seen blue)'), /^\* 1 FETCH \(UID 1 FLAGS \(\\Seen blue \\Recent\)\)\r\n/)
  assert.match(await other.ask('NOOP'), /^\* 1 FETCH \(UID 1 FLAGS \(\\Seen blue\)\)\r\n/)
  assert.match(await wire.ask('UID STORE 1 -FLAGS.SILENT (blue)', 'S'), /^S OK/)
  assert.match(await wire.ask('UID STORE 1,2 +FLAGS \\Flagged', 'S'), /FLAGS \(\\Seen \\Flagged \\Recent\)[^]*FLAGS \(\\Flagged \\Recent\)/)
  const { modseq } = server.inbox.message(1)
  const reply = await wire.ask(`UID STORE 1:2 (UNCHANGEDSINCE ${modseq}) +FLAGS.SILENT (\\Deleted)`, 'U')
  assert.match(reply, /^\* 1 FETCH \(UID 1 MODSEQ \(\d+\)\)\r\nU OK \[MODIFIED 2\]/)
  assert.match(await wire.ask('UID STORE 1 UNCHANGEDSINCE 1 +FLAGS (\\Seen)'), /BAD/)
  assert.match(await wire.ask('STORE 9 +FLAGS (\\Seen)'), /BAD/)
  assert.match(await wire.ask('STORE 1 +FLAGS (\\Unheard)'), /BAD/)
  const reader = await client(t, server, 'EXAMINE INBOX')
  assert.match(await reader.ask('STORE 1 +FLAGS (\\Seen)'), /NO/)
})

test('COPY, MOVE, EXPUNGE and UID EXPUNGE with their codes', async (t) => {
  const { server, wire } = await inboxWith(t, [['one', { flags: ['\\Flagged'] }], 'two', 'three', 'four'])
  const [archive, trash] = ['Archive', 'Trash'].map((name) => server.account().mailbox(name))
  assert.match(await wire.ask('COPY 1:2,4 Archive', 'C'), new RegExp(`^C OK \\[COPYUID ${archive.uidvalidity} 1:2,4 1:3\\] Copy`))
  assert.ok(archive.messages[0].flags.has('\\Flagged'))
  assert.match(await wire.ask('UID COPY 1 nowhere'), /NO \[TRYCREATE\]/)
  assert.equal(await wire.ask('UID MOVE 1,3 Trash', 'M'),
    `* OK [COPYUID ${trash.uidvalidity} 1,3 1:2] Moved UIDs.\r\n* 1 EXPUNGE\r\n* 2 EXPUNGE\r\nM OK Move completed.\r\n`)
  await wire.ask('UID STORE 1:* +FLAGS.SILENT (\\Deleted)')
  assert.match(await wire.ask('UID EXPUNGE 4', 'X'), /^\* 2 EXPUNGE\r\nX OK/)
  assert.match(await wire.ask('EXPUNGE', 'X'), /^\* 1 EXPUNGE\r\nX OK/)
  assert.deepEqual(server.inbox.messages, [])
  assert.match(await wire.ask('FETCH 1:* UID', 'F'), /^F OK/)
})

test('CLOSE expunges, UNSELECT does not', async (t) => {
  const { server, wire } = await inboxWith(t, [['one', { flags: ['\\Deleted'] }]])
  assert.match(await wire.ask('UNSELECT'), /OK/)
  assert.equal(server.inbox.messages.length, 1)
  await wire.ask('SELECT INBOX')
  assert.match(await wire.ask('CLOSE', 'C'), /^C OK/)
  assert.equal(server.inbox.messages.length, 0)
})

test('APPEND: flags, date, both kinds of literal, and errors', async (t) => {
  const server = await serving(t)
  const wire = await client(t, server)
  wire.send('A APPEND Archive (\\Seen $Fwd) " 5-Sep-2024 01:02:03 +0200" {4}\r\n')
  assert.equal(await wire.until('+ '), '+ OK\r\n')
  wire.send(Buffer.from([0x61, 0xe4, 0x0a, 0x62]))
  wire.send('\r\n')
  const archive = server.account().mailbox('Archive')
  assert.match(await wire.until('A '), new RegExp(`^A OK \\[APPENDUID ${archive.uidvalidity} 1\\] Append completed`))
  const [message] = archive.messages
  assert.deepEqual(message.raw, Buffer.from([0x61, 0xe4, 0x0a, 0x62]))
  assert.deepEqual([...message.flags], ['\\Seen', '$Fwd'])
  assert.equal(message.date.toISOString(), '2024-09-04T23:02:03.000Z')
  assert.deepEqual(server.lines.slice(-2), [Buffer.from([0x61, 0xe4, 0x0a, 0x62]), ''])
  wire.send('B APPEND INBOX {3+}\r\nabc\r\n')
  assert.match(await wire.until('B '), /^\* 1 EXISTS\r\n\* 1 RECENT\r\nB OK \[APPENDUID/)
  wire.send('C APPEND nowhere {3+}\r\nabc\r\n')
  assert.match(await wire.until('C '), /^C NO \[TRYCREATE\]/)
  wire.send('D APPEND INBOX "yesterday" {3+}\r\nabc\r\n')
  assert.match(await wire.until('D '), /^D BAD/)
})

test('SEARCH: every key', async (t) => {
  const { server, wire } = await inboxWith(t, [
    ['From: Ann <ann@x.org>\nTo: Bob <bob@x.org>\nCc: carl@x.org\nBcc: dora@x.org\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n' +
      'Date: Tue, 2 Jan 2024 23:00:00 -0500\nX-Thing: Yes\n\nfirst body', { flags: ['\\Seen', '\\Answered', 'blue'], date: new Date('2024-03-01T12:00:00Z') }],
    ['From: eve@y.org\nSubject: plain\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n' +
      Buffer.from('zweiter Körper').toString('base64') + '\n' + 'x'.repeat(500), { flags: ['\\Flagged', '\\Deleted', '\\Draft'], date: new Date('2024-03-02T12:00:00Z') }],
    ['Subject: third\n\n', { date: new Date('2024-03-03T00:00:00Z') }]
  ])
  const expectations = `
    ALL -> 1 2 3; 2 -> 2; 2:* -> 2 3; * -> 3; UID 1,3 -> 1 3; UID 9:* -> 3
    ANSWERED -> 1; UNANSWERED -> 2 3; DELETED -> 2; UNDELETED -> 1 3; DRAFT -> 2; UNDRAFT -> 1 3
    FLAGGED -> 2; UNFLAGGED -> 1 3; SEEN -> 1; UNSEEN -> 2 3; NEW -> 2 3; OLD -> ; RECENT -> 1 2 3
    KEYWORD Blue -> 1; UNKEYWORD blue -> 2 3; FROM ann -> 1; TO bob -> 1; CC carl -> 1; BCC dora -> 1
    SUBJECT plain -> 2; HEADER X-Thing yes -> 1; HEADER X-Thing "" -> 1; BODY "FIRST body" -> 1
    TEXT ann -> 1; BODY ann -> ; BEFORE 2-Mar-2024 -> 1; ON 2-Mar-2024 -> 2; SINCE "2-Mar-2024" -> 2 3
    SENTON 2-Jan-2024 -> 1; SENTBEFORE 2-Jan-2024 -> ; SENTSINCE 1-Jan-2024 -> 1
    LARGER 400 -> 2; SMALLER 40 -> 3; NOT SEEN -> 2 3; OR SEEN FLAGGED -> 1 2; SEEN FLAGGED ->
    OR (SEEN FROM ann) NOT (OR SEEN FLAGGED) -> 1 3; CHARSET US-ASCII SEEN -> 1
  `.trim().split(/;|\n/).map((row) => row.split('->').map((cell) => cell.trim()))
  for (const [key, expected] of expectations) {
    assert.equal(numbers(await wire.ask(`SEARCH ${key}`)), expected, key)
  }
  wire.send('M UID SEARCH CHARSET UTF-8 OR SUBJECT {7}\r\n')
  await wire.until('+ ')
  wire.send('grüße BODY {7+}\r\nkörper\r\n')
  assert.equal(numbers(await wire.until('M OK')), '1 2')
  assert.match(await wire.ask('SEARCH CHARSET KOI8-R SEEN'), /NO \[BADCHARSET/)
  assert.match(await wire.ask('SEARCH NONSENSE'), /BAD/)
  assert.match(await wire.ask('SEARCH'), /BAD/)
  server.inbox.flag(1, [])
  assert.match(await wire.ask('SEARCH MODSEQ 3'), /\* SEARCH 1 2 3 \(MODSEQ 5\)\r\n/)
  assert.match(await wire.ask(`SEARCH MODSEQ ${server.inbox.highestmodseq}`), new RegExp(`\\* SEARCH 1 \\(MODSEQ ${server.inbox.highestmodseq}\\)\\r\\n`))
})
