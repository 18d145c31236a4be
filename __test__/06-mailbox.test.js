// @ts-check
'use strict'

// Mailboxes: their tree, opening and closing them, and what is known of the open one (contract
// sections 3.2 to 3.4).

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { Imap, PATIENCE_MS, SELECTED, answer, call, closed, login, opened, recorded, session, tracing, within } = require('./support')

const isNodeImap = !!process.env.IMAP_IMPLEMENTATION

/** @param {string} id the row of contract section 10 that says so */
const fixed = (id) => ({ skip: isNodeImap && `npm imap does not: ${id}` })

/**
 * @param {import('node:test').TestContext} t
 * @param {string[]} lines the server's answer to LIST
 * @returns {Promise<any>} the tree
 */
async function listed (t, ...lines) {
  const answers = lines.map((line) => line.includes('\\r\\n') ? `S+: ${line}\\r\\n` : `S: ${line}`)
  const { imap, server } = await session(t, `
    C: A3 LIST "" "*"
    ${answers.join('\n    ')}
    S: A3 OK done`)
  const boxes = await call(imap, 'getBoxes')
  await server.done()
  return boxes
}

/** @param {any} node without its parent, for comparing */
const bare = ({ attribs, delimiter, special_use_attrib: use }) => ({ attribs, delimiter, ...use && { use } })

test('getBoxes: a tree by the last component of names, with parents', async (t) => {
  const boxes = await listed(t,
    '* LIST (\\HasChildren) "/" INBOX',
    '* LIST (\\HasNoChildren \\UnMarked) "/" "INBOX/Sub"',
    '* list () "/" INBOX/Sub/Sub',
    '* LIST (\\Noselect) NIL Flat/Name')
  assert.deepEqual(Object.keys(boxes), ['INBOX', 'Flat/Name'])
  const { INBOX } = boxes
  assert.deepEqual(Object.keys(INBOX), ['attribs', 'delimiter', 'children', 'parent'])
  assert.deepEqual(bare(INBOX), { attribs: ['\\HasChildren'], delimiter: '/' })
  assert.equal(INBOX.parent, null)
  const { Sub } = INBOX.children
  assert.deepEqual(bare(Sub), { attribs: ['\\HasNoChildren', '\\UnMarked'], delimiter: '/' })
  assert.equal(Sub.parent, INBOX)
  assert.equal(Sub.children.Sub.parent, Sub)
  assert.equal(Sub.children.Sub.children, null)
  assert.deepEqual(bare(boxes['Flat/Name']), { attribs: ['\\Noselect'], delimiter: null })
})

test('getBoxes: the special use, the last in the order of node-imap', async (t) => {
  const boxes = await listed(t,
    '* LIST (\\Trash \\Junk) "/" a',
    '* LIST (\\HasNoChildren \\Sent) "/" b',
    '* LIST (\\sent) "/" c',
    '* LIST (\\All \\Flagged \\Important) "/" d')
  assert.deepEqual(Object.values(boxes).map((node) => node.special_use_attrib), ['\\Trash', '\\Sent', undefined, '\\Important'])
  assert.ok(!('special_use_attrib' in boxes.c))
})

test('getBoxes: names are decoded, quoted, literal, or digits', async (t) => {
  const boxes = await listed(t,
    '* LIST () "/" "Entw&APw-rfe &- \\"x\\\\y\\""',
    '* LIST () "/" &2D3eAA-',
    '* LIST () "/" 2021',
    '* LIST () "/" 007',
    '* LIST () "/" {4}\\r\\na"b\\\\')
  assert.deepEqual(Object.keys(boxes).sort(), ['007', '2021', 'Entwürfe & "x\\y"', 'a"b\\', '😀'])
})

test('getBoxes: each name is split at its own delimiter', async (t) => {
  const boxes = await listed(t, '* LIST () "." a.b', '* LIST () "/" a.c', '* LIST () "\\\\" "d\\\\e"')
  assert.deepEqual(Object.keys(boxes), ['a', 'a.c', 'd'])
  assert.equal(boxes.d.children.e.delimiter, '\\')
})

test('getBoxes: a delimiter at an end gives an empty name', async (t) => {
  const boxes = await listed(t, '* LIST () "/" A/', '* LIST () "/" /B')
  assert.deepEqual(Object.keys(boxes), ['A', ''])
  assert.deepEqual(Object.keys(boxes.A.children), [''])
  assert.deepEqual(Object.keys(boxes[''].children), ['B'])
})

test('getBoxes: parents that are not listed, or later, are whole nodes', fixed('Q-53'), async (t) => {
  const boxes = await listed(t,
    '* LIST () "/" Never/Child',
    '* LIST () "/" Late/Child',
    '* LIST (\\HasChildren) "/" Late',
    '* LIST () "/" Late/Second',
    '* LIST (\\Marked) "/" Late/Child')
  const { Never, Late } = boxes
  assert.deepEqual({ ...Never, children: null }, { attribs: [], delimiter: '/', children: null, parent: null })
  assert.equal(Never.children.Child.parent, Never)
  assert.deepEqual(bare(Late), { attribs: ['\\HasChildren'], delimiter: '/' })
  assert.deepEqual(Object.keys(Late.children), ['Child', 'Second'])
  for (const child of Object.values(Late.children)) assert.equal(child.parent, Late)
  assert.deepEqual(Late.children.Child.attribs, ['\\Marked'])
})

test('getBoxes: names of the server reach no prototype, and nodes stay plain objects', fixed('Q-35'), async (t) => {
  const before = Object.getOwnPropertyNames(Object.prototype)
  const names = ['__proto__/x', 'toString/x', 'constructor', 'hasOwnProperty', '__proto__/__proto__/y', 'a/__proto__']
  const boxes = await listed(t, ...names.map((name) => `* LIST () "/" ${name}`))
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before)
  assert.equal(/** @type {any} */ ({}).children, undefined)
  assert.equal(Object.getPrototypeOf(boxes), Object.prototype)
  assert.deepEqual(Object.keys(boxes), ['__proto__', 'toString', 'constructor', 'hasOwnProperty', 'a'])
  const proto = Object.getOwnPropertyDescriptor(boxes, '__proto__')?.value
  assert.deepEqual(Object.keys(proto.children), ['x', '__proto__'])
  assert.equal(Object.getOwnPropertyDescriptor(proto.children, '__proto__')?.value.children.y.attribs.length, 0)
  assert.deepEqual(Object.keys(boxes.a.children), ['__proto__'])
  assert.equal(boxes.a.hasOwnProperty('attribs'), true) // eslint-disable-line no-prototype-builtins
})

test('getBoxes: nothing listed gives undefined', async (t) => {
  assert.equal(await listed(t), undefined)
})

test('getBoxes: malformed lines are passed over', fixed('Q-05'), async (t) => {
  const boxes = await listed(t, '* LIST', '* LIST (', '* LIST () "/"', '* LIST x "/" y', '* LIST () "/" good', '* LIST () () z')
  assert.ok('good' in boxes)
})

test('getBoxes: the first answer counts even if the login had none', fixed('Q-54'), async (t) => {
  const server = await tracing(t, login().replace(/.*S?: \* LIST.*\n/, '') + `
    C: A3 LIST "" "*"
    S: * LIST () "." first
    S: A3 OK done`)
  const imap = new Imap({ ...server.options, keepalive: false })
  t.after(() => imap.destroy())
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  assert.equal(imap.delimiter, undefined)
  assert.deepEqual(Object.keys(await call(imap, 'getBoxes')), ['first'])
})

test('getBoxes: what came before a refusal is handed over with it', async (t) => {
  const { imap } = await session(t, `
    C: A3 LIST "Shared/" "*"
    S: * LIST () "/" Shared/x
    S: A3 NO [LIMIT] too many`)
  const { values: [error, boxes], self } = await answer(imap, 'getBoxes', 'Shared/')
  assert.deepEqual([error.message, error.source, error.type, error.textCode], ['too many', 'protocol', 'no', 'LIMIT'])
  assert.deepEqual(Object.keys(boxes), ['Shared'])
  assert.equal(self, imap)
})

test('getSubscribedBoxes: LSUB, with a namespace or without', async (t) => {
  const { imap } = await session(t, `
    C: A3 LSUB "" "*"
    S: * LSUB () "/" x
    S: A3 OK done
    C: A4 LSUB "&AOQ-/" "*"
    S: A4 OK done`)
  assert.deepEqual(Object.keys(await call(imap, 'getSubscribedBoxes')), ['x'])
  assert.equal(await call(imap, 'getSubscribedBoxes', 'ä/'), undefined)
})

for (const [form, args, command] of /** @type {[string, any[], string][]} */ ([
  ['openBox(name, callback)', [], 'SELECT'],
  ['openBox(name, false, callback)', [false], 'SELECT'],
  ['openBox(name, true, callback)', [true], 'EXAMINE'],
  ['openBox(name, \'false\', callback)', ['false'], 'EXAMINE']
])) {
  test(`${form} sends ${command}`, async (t) => {
    const { imap } = await session(t, `
      C: A3 ${command} "Entw&APw-rfe"
      ${SELECTED}
      S: A3 OK [READ-${command === 'SELECT' ? 'WRITE' : 'ONLY'}] done`)
    const { values: [error, box, ...more], self } = await answer(imap, 'openBox', 'Entwürfe', ...args)
    assert.equal(error, undefined)
    assert.equal(box, imap._box)
    assert.equal(more.length, 0)
    assert.equal(self, isNodeImap ? undefined : imap)
    assert.equal(box.name, 'Entwürfe')
    assert.equal(box.readOnly, command === 'EXAMINE')
  })
}

test('openBox(name, readOnly, modifiers, callback) is accepted', fixed('Q-16'), async (t) => {
  const { imap } = await session(t, `
    C: A3 EXAMINE "x"
    ${SELECTED}
    S: A3 OK [READ-ONLY] done`)
  const { values: [error, box] } = await answer(imap, 'openBox', 'x', true, {})
  assert.equal(error, undefined)
  assert.equal(box.name, 'x')
})

test('openBox with CONDSTORE asks for it', async (t) => {
  const { imap } = await session(t, `
    C: A3 SELECT "INBOX" (CONDSTORE)
    ${SELECTED}
    S: * OK [HIGHESTMODSEQ 9223372036854775807] ok
    S: A3 OK [READ-WRITE] done
    C: A4 EXAMINE "x" (CONDSTORE)
    ${SELECTED}
    S: * OK [NOMODSEQ] no
    S: A4 OK done`, { capabilities: 'CONDSTORE' })
  const box = await call(imap, 'openBox', 'INBOX')
  assert.equal(box.highestmodseq, '9223372036854775807')
  assert.equal(box.nomodseq, false)
  assert.equal((await call(imap, 'openBox', 'x', true)).nomodseq, true)
})

test('a box has node-imap\'s fields', async (t) => {
  const { box } = await opened(t, '', {
    selected: `
      S: * FLAGS (\\Answered \\Seen $Forwarded 5)
      S: * OK [PERMANENTFLAGS (\\Seen $Forwarded Junk \\*)] ok
      S: * 12 EXISTS
      S: * 3 RECENT
      S: * OK [UNSEEN 2] ok
      S: * OK [UIDVALIDITY 4294967295] ok
      S: * OK [UIDNEXT 13] ok`
  })
  assert.deepEqual({ ...box, flags: box.flags.map(String) }, {
    name: 'INBOX',
    flags: ['\\Answered', '\\Seen', '$Forwarded', '5'],
    readOnly: false,
    uidvalidity: 4294967295,
    uidnext: 13,
    permFlags: ['\\Seen'],
    keywords: ['$Forwarded', 'Junk'],
    newKeywords: true,
    persistentUIDs: true,
    nomodseq: false,
    messages: { total: 12, new: 3 }
  })
})

test('a box whose server says little has the defaults', fixed('Q-05'), async (t) => {
  const { box } = await opened(t, '', { selected: '' })
  assert.deepEqual(box, {
    name: 'INBOX',
    flags: [],
    readOnly: false,
    uidvalidity: 0,
    uidnext: 0,
    permFlags: [],
    keywords: [],
    newKeywords: false,
    persistentUIDs: true,
    nomodseq: false,
    messages: { total: 0, new: 0 }
  })
})

test('UIDNOTSTICKY, and codes in any case and without a text', fixed('Q-41'), async (t) => {
  const { box } = await opened(t, '', {
    selected: `
      S: * 0 EXISTS
      S: * OK [UIDNOTSTICKY]
      S: * OK [nomodseq]
      S: * OK [uidnext 5]
      S: * FLAGS ()
      S: * OK [PERMANENTFLAGS ()]`
  })
  assert.deepEqual([box.persistentUIDs, box.nomodseq, box.uidnext, box.flags, box.permFlags], [false, true, 5, [], []])
})

test('mail is emitted on opening, before the callback, and for growth against the mailbox before', async (t) => {
  const box = (/** @type {number} */ count) => SELECTED.replace('3 EXISTS', `${count} EXISTS`)
  const { imap } = await session(t, `
    C: A3 SELECT "a"
    ${box(3)}
    S: A3 OK done
    C: A4 SELECT "b"
    ${box(5)}
    S: A4 OK done
    C: A5 SELECT "c"
    ${box(1)}
    S: A5 OK done
    C: A6 SELECT "d"
    ${box(0)}
    S: A6 OK done`)
  const events = recorded(imap)
  for (const name of ['a', 'b', 'c', 'd']) {
    await call(imap, 'openBox', name)
    events.push([name])
  }
  assert.deepEqual(events, [['mail', 3], ['a'], ['mail', 2], ['b'], ['c'], ['d']])
})

test('messages.new is what RECENT says after EXISTS, and everything before it', async (t) => {
  const after = await opened(t, '', { selected: 'S: * 3 EXISTS\nS: * 2 RECENT' })
  assert.deepEqual(after.box.messages, { total: 3, new: 2 })
  const before = await opened(t, '', { selected: 'S: * 2 RECENT\nS: * 3 EXISTS' })
  assert.deepEqual(before.box.messages, { total: 3, new: 3 })
})

test('a second openBox gives a fresh box, and leaves the old one alone', fixed('Q-14'), async (t) => {
  const { imap, box } = await opened(t, `
    C: A4 SELECT "b"
    S: * 1 EXISTS
    S: A4 OK [READ-ONLY] done`)
  const second = await call(imap, 'openBox', 'b')
  assert.notEqual(second, box)
  assert.equal(second, imap._box)
  assert.equal(box.name, 'INBOX')
  assert.equal(box.messages.total, 3)
  assert.deepEqual(
    [second.name, second.flags, second.permFlags, second.newKeywords, second.uidvalidity, second.uidnext, second.readOnly],
    ['b', [], [], false, 0, 0, true])
})

test('EXAMINE is read-only even if the server does not say so', fixed('Q-64'), async (t) => {
  const { imap } = await session(t, `
    C: A3 EXAMINE "a"
    S: * 1 EXISTS
    S: A3 OK done
    C: A4 SELECT "b"
    S: * 1 EXISTS
    S: A4 OK [READ-ONLY]`)
  assert.equal((await call(imap, 'openBox', 'a', true)).readOnly, true)
  assert.equal((await call(imap, 'openBox', 'b')).readOnly, true)
})

test('openBox that fails leaves no mailbox open', async (t) => {
  const { imap } = await opened(t, `
    C: A4 SELECT "b"
    S: A4 NO [NONEXISTENT] There is none`)
  const { values } = await answer(imap, 'openBox', 'b')
  assert.equal(values.length, 1)
  assert.deepEqual([values[0].message, values[0].type, values[0].textCode, values[0].source], ['There is none', 'no', 'NONEXISTENT', 'protocol'])
  assert.equal(imap._box, undefined)
  assert.throws(() => imap.search(['ALL'], () => {}), { message: 'No mailbox is currently selected' })
})

for (const [form, args, capabilities, command] of /** @type {[string, any[], string, string][]} */ ([
  ['closeBox(callback)', [], '', 'CLOSE'],
  ['closeBox(true, callback)', [true], 'UNSELECT', 'CLOSE'],
  ['closeBox(false, callback) with UNSELECT', [false], 'UNSELECT', 'UNSELECT'],
  ['closeBox(0, callback) with UNSELECT', [0], 'UNSELECT', 'UNSELECT']
])) {
  test(`${form} sends ${command}`, async (t) => {
    const { imap } = await opened(t, `
      C: A4 ${command}
      S: A4 OK done`, { capabilities })
    const { values } = await answer(imap, 'closeBox', ...args)
    assert.deepEqual(values, [undefined])
    assert.equal(imap._box, undefined)
    assert.throws(() => imap.closeBox(() => {}), { message: 'No mailbox is currently selected' })
  })
}

test('closeBox(false, callback) without UNSELECT selects what does not exist', async (t) => {
  const { imap } = await opened(t, `
    C: /^A4 SELECT "NODEJSIMAPCLOSINGBOX[0-9]+"$/
    S: A4 NO there is none`)
  const { values } = await answer(imap, 'closeBox', false)
  assert.deepEqual(values, [])
  assert.equal(imap._box, undefined)
})

test('closeBox that is refused leaves the mailbox open', async (t) => {
  const { imap, box } = await opened(t, `
    C: A4 CLOSE
    S: A4 NO not now`)
  const { values: [error] } = await answer(imap, 'closeBox')
  assert.equal(error.message, 'not now')
  assert.equal(imap._box, box)
})

test('addBox, delBox, subscribeBox, unsubscribeBox: undefined, or the error; this is the connection', async (t) => {
  for (const [method, command] of [['addBox', 'CREATE'], ['delBox', 'DELETE'], ['subscribeBox', 'SUBSCRIBE'], ['unsubscribeBox', 'UNSUBSCRIBE']]) {
    const { imap } = await session(t, `
      C: A3 ${command} "a"
      S: A3 OK done
      C: A4 ${command} "b"
      S: A4 BAD [CLIENTBUG "x y" (1 2)] what
      C: A5 ${command} "c"
      S: A5 OK done
      C: A6 ${command} "d"
      S: A6 NO`)
    const { values, self } = await answer(imap, method, 'a')
    assert.deepEqual([values, self], [[undefined], imap])
    const { values: [error] } = await answer(imap, method, 'b')
    assert.deepEqual([error.message, error.type, error.source], ['what', 'bad', 'protocol'])
    assert.deepEqual(error.textCode, { key: 'CLIENTBUG', val: ['x y', [1, 2]] })
    imap[method]('c')
    assert.equal((await answer(imap, method, 'd')).values[0].message, '')
  }
})

test('renameBox of the open mailbox renames the box', async (t) => {
  const { imap, box } = await opened(t, `
    C: A4 RENAME "other" "x"
    S: A4 OK done
    C: A5 RENAME "INBOX" "y"
    S: A5 OK done
    C: A6 SELECT "z"
    ${SELECTED}
    S: A6 OK done
    C: A7 RENAME "z" "new"
    S: A7 OK done
    C: A8 RENAME "new" "never"
    S: A8 NO no`)
  assert.deepEqual((await answer(imap, 'renameBox', 'other', 'x')).values, [])
  // Renaming the INBOX leaves an INBOX (RFC 3501 section 6.3.5).
  assert.deepEqual((await answer(imap, 'renameBox', 'INBOX', 'y')).values, [])
  assert.equal(box.name, 'INBOX')
  await call(imap, 'openBox', 'z')
  assert.equal(await call(imap, 'renameBox', 'z', 'new'), imap._box)
  assert.equal(imap._box.name, 'new')
  assert.equal((await answer(imap, 'renameBox', 'new', 'never')).values[0].message, 'no')
  assert.equal(imap._box.name, 'new')
})

test('status: the counts, 0 where the server gives none', async (t) => {
  const { imap } = await session(t, `
    C: A3 STATUS "&AOQ-" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
    S: * STATUS "&AOQ-" (MESSAGES 5 RECENT 1 UNSEEN 2 UIDVALIDITY 7 UIDNEXT 8)
    S: A3 OK done
    C: A4 STATUS "b" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
    S: * STATUS b (messages 5)
    S: A4 OK done
    C: A5 STATUS "c" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
    S: A5 OK done`)
  const { values, self } = await answer(imap, 'status', 'ä')
  assert.deepEqual(values, [undefined, { name: 'ä', uidnext: 8, uidvalidity: 7, messages: { total: 5, new: 1, unseen: 2 } }])
  assert.equal(self, imap)
  assert.deepEqual(await call(imap, 'status', 'b'), { name: 'b', uidnext: 0, uidvalidity: 0, messages: { total: 5, new: 0, unseen: 0 } })
  assert.equal(await call(imap, 'status', 'c'), undefined)
})

test('status with CONDSTORE has HIGHESTMODSEQ, as a string', async (t) => {
  const { imap } = await session(t, `
    C: A3 STATUS "x" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT HIGHESTMODSEQ)
    S: * STATUS x (MESSAGES 1 HIGHESTMODSEQ 7011231777)
    S: A3 OK done`, { capabilities: 'CONDSTORE' })
  assert.equal((await call(imap, 'status', 'x')).highestmodseq, '7011231777')
})

test('status of the open mailbox throws, in exactly this spelling', async (t) => {
  const { imap } = await opened(t, `
    C: /^A4 STATUS "inbox"/
    S: * STATUS inbox (MESSAGES 3)
    S: A4 OK done`)
  assert.throws(() => imap.status('INBOX', () => {}), { message: 'Cannot call status on currently selected mailbox' })
  assert.equal((await call(imap, 'status', 'inbox')).messages.total, 3)
})

test('_box lives: EXISTS, RECENT, EXPUNGE and FLAGS change it before their event', async (t) => {
  const { imap, box, events } = await opened(t, `
    C: A4 CREATE "x"
    S: * 5 EXISTS
    S: * 2 EXPUNGE
    S: * 2 RECENT
    S: * FLAGS (\\Seen New)
    S: * 3 EXISTS
    S: * 1 EXPUNGE
    S: A4 OK done`)
  /** @type {any[]} */
  const totals = []
  for (const event of ['mail', 'expunge']) imap.on(event, () => totals.push({ ...box.messages }))
  await call(imap, 'addBox', 'x')
  assert.deepEqual(events, [['mail', 2], ['expunge', 2], ['expunge', 1]])
  assert.deepEqual(totals, [{ total: 5, new: 2 }, { total: 4, new: 2 }, { total: 2, new: 2 }])
  assert.deepEqual(box.flags, ['\\Seen', 'New'])
  assert.equal(imap._box, box)
})

test('_box lives: UIDNEXT, PERMANENTFLAGS and HIGHESTMODSEQ outside of SELECT change it', fixed('Q-76'), async (t) => {
  const { imap, box } = await opened(t, `
    C: A4 CREATE "x"
    S: * OK [UIDNEXT 99] ok
    S: * OK [PERMANENTFLAGS (\\Deleted)] ok
    S: * OK [HIGHESTMODSEQ 5] ok
    S: A4 OK done`)
  await call(imap, 'addBox', 'x')
  assert.deepEqual([box.uidnext, box.permFlags, box.keywords, box.highestmodseq], [99, ['\\Deleted'], [], '5'])
})

test('uidvalidity is emitted, with the number, when it changes while the mailbox is open', fixed('Q-12'), async (t) => {
  const { imap, box, events } = await opened(t, `
    C: A4 CREATE "x"
    S: * OK [UIDVALIDITY 7] same
    S: * OK [UIDVALIDITY 8] other
    S: A4 OK done
    C: A5 SELECT "y"
    ${SELECTED}
    S: A5 OK done`)
  await call(imap, 'addBox', 'x')
  assert.deepEqual(events, [['uidvalidity', 8]])
  assert.equal(box.uidvalidity, 8)
  // Another mailbox has another UIDVALIDITY: no change.
  await call(imap, 'openBox', 'y')
  assert.deepEqual(events.filter(([name]) => name === 'uidvalidity').length, 1)
})

test('the box is known until the next connect()', async (t) => {
  const { imap, box, server } = await opened(t, 'X: wait go\nX: cut')
  server.release('go')
  await closed(imap)
  assert.equal(imap.state, 'disconnected')
  assert.equal(imap._box, box)
  assert.throws(() => imap.openBox('INBOX', () => {}), { message: 'Not authenticated' })
})
