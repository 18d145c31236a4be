// @ts-check
'use strict'

// Methods for extensions of IMAP: ID, special uses, labels, quotas, THREAD, ESEARCH, CONDSTORE
// (contract sections 3.1, 3.2, 3.3 and 3.6): what is sent, what is refused, what the callback gets.

const assert = require('node:assert/strict')
const { test } = require('node:test')

const { Imap, SELECTED, answer, call, opened, recorded, sends, session, silent } = require('./support')

const isNodeImap = !!process.env.IMAP_IMPLEMENTATION

/** @param {string} id the row of contract section 10 that says so, or the RFC */
const fixed = (id) => ({ skip: isNodeImap && `npm imap does not: ${id}` })

const NO_BOX = { name: 'Error', message: 'No mailbox is currently selected' }
const INTEGER = 'UID/seqno must be an integer, "*", or a range: '

/** @param {string[]} verbs what follows add, del and set @returns {[method: string, sign: string][]} */
const signed = (...verbs) => verbs.flatMap((verb) => /** @type {[string, string][]} */ ([
  [`add${verb}`, '+'], [`del${verb}`, '-'], [`set${verb}`, '']
]))

// ID

test('id: what is sent, and what the server says', async (t) => {
  const id = (/** @type {any} */ fields) => (/** @type {any} */ imap) => [imap, 'id', fields]
  const settings = { capabilities: 'ID' }
  await sends(t, id({ name: 'everimap', 'a"b': 'c\\d' }), 'ID ("name" "everimap" "a\\"b" "c\\\\d")',
    [{ name: 'Dovecot', version: '2.3', build: 5, os: null }],
    { ...settings, answer: 'S: * ID ("NAME" "Dovecot" "version" "2.3" "build" 5 "OS" NIL)' })
  await sends(t, id(null), 'ID NIL', [null], { ...settings, answer: 'S: * ID NIL' })
  await sends(t, id({}), 'ID NIL', [{}], { ...settings, answer: 'S: * id ()' })
  await sends(t, id({ vendor: 'Müller' }), 'ID ("vendor" "Müller")', [], settings)
})

test('id: a value with line breaks is a literal', fixed('Q-38'), async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 ID ("a" {6}
    S: + go
    C: /^b\\r\\nc d\\)$/
    S: A4 OK done`, { capabilities: 'ID' })
  assert.deepEqual((await answer(imap, 'id', { a: 'b\r\nc d' })).values, [undefined])
  await server.done()
})

test('id: checks in order', async (t) => {
  const without = await silent(t)
  assert.throws(() => without.imap.id(undefined, () => {}), { message: 'Server does not support ID' })
  await without.quiet()
  const { imap, quiet } = await silent(t, 'ID')
  const check = (/** @type {any} */ fields, /** @type {object} */ error) => assert.throws(() => imap.id(fields, () => {}), error)
  const many = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`k${i}`, i === 0 ? 5 : 'v']))
  check(many, { name: 'Error', message: 'Max allowed number of keys is 30' })
  check({ ['ü'.repeat(15) + 'x']: 5 }, { name: 'Error', message: 'Max allowed key length is 30' })
  check({ a: 'ü'.repeat(512) + 'x' }, { name: 'Error', message: 'Max allowed value length is 1024' })
  for (const value of [5, null, undefined, true, {}]) {
    check({ a: value }, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
  }
  check(undefined, { name: 'TypeError' })
  if (!isNodeImap) {
    check({ a: 5 }, { message: 'The value of "a" in id() must be a string, e.g. \'everimap\'; got: number' })
    check(() => {}, { name: 'TypeError', message: 'id() takes an object of strings, e.g. { name: \'x\' }, or null; got: function' })
    check('x', { name: 'TypeError' })
  }
  await quiet()
})

test('id: names of the server become no prototype', fixed('Q-35'), async (t) => {
  const { imap } = await opened(t, `
    C: A4 ID NIL
    S: * ID ("__proto__" "x")
    S: A4 OK done`, { capabilities: 'ID' })
  const identity = await call(imap, 'id', null)
  assert.equal(Object.getPrototypeOf(identity), Object.prototype)
  assert.deepEqual(Object.entries(identity), [['__proto__', 'x']])
})

test('id: odd answers are none', fixed('Q-05'), async (t) => {
  await sends(t, (imap) => [imap, 'id', null], 'ID NIL', [{ a: '1' }],
    { capabilities: 'ID', answer: 'S: * ID\n    S: * ID x\n    S: * ID ("a" "1" "b")' })
})

// Special uses

test('getSpecialUseBoxes: XLIST', async (t) => {
  for (const capabilities of ['', 'XLIST SPECIAL-USE']) {
    const { imap, server } = await session(t, `
      C: A3 XLIST "" "*"
      S: * XLIST (\\HasNoChildren \\Inbox) "/" "INBOX"
      S: * XLIST (\\Noselect \\HasChildren) "/" "[Gmail]"
      S: * XLIST (\\HasNoChildren \\Sent) "/" "[Gmail]/Gesendet"
      S: A3 OK done`, { capabilities })
    const { values: [error, boxes], self } = await answer(imap, 'getSpecialUseBoxes')
    assert.equal(error, undefined)
    assert.equal(self, imap)
    assert.deepEqual(Object.keys(boxes), ['INBOX', '[Gmail]'])
    assert.equal(boxes['[Gmail]'].children.Gesendet.special_use_attrib, '\\Sent')
    assert.equal(boxes.INBOX.special_use_attrib, undefined)
    await server.done()
  }
})

test('getSpecialUseBoxes: LIST on a server that has SPECIAL-USE and no XLIST', fixed('RFC 6154'), async (t) => {
  for (const [capabilities, command] of [
    ['SPECIAL-USE', 'LIST "" "*"'],
    ['SPECIAL-USE LIST-EXTENDED', 'LIST "" "*" RETURN (SPECIAL-USE)']
  ]) {
    const { imap, server } = await session(t, `
      C: A3 ${command}
      S: * LIST (\\Trash) "/" Bin
      S: A3 OK done`, { capabilities })
    assert.equal((await call(imap, 'getSpecialUseBoxes')).Bin.special_use_attrib, '\\Trash')
    await server.done()
  }
})

// Labels

for (const [method, sign] of signed('Labels')) {
  test(`${method}: what is sent`, async (t) => {
    const settings = { capabilities: 'X-GM-EXT-1' }
    await sends(t, (imap) => [imap, method, [1, '2:4'], ['foo', 'bà "q"', '\\Inbox']],
      `UID STORE 1,2:4 ${sign}X-GM-LABELS.SILENT ("foo" "b&AOA- \\"q\\"" "\\\\Inbox")`, [], settings)
    await sends(t, (imap) => [imap.seq, method, '*', 'a b'], `STORE * ${sign}X-GM-LABELS.SILENT ("a b")`, [], settings)
    await sends(t, (imap) => [imap, method, 1, [5, null]], `UID STORE 1 ${sign}X-GM-LABELS.SILENT ("5" "null")`, [], settings)
  })
}

test('labels: checks in order', async (t) => {
  const without = await silent(t)
  const { imap, quiet } = await silent(t, 'X-GM-EXT-1')
  const closed = new Imap({})
  closed._caps = ['X-GM-EXT-1']
  for (const [method] of signed('Labels')) {
    for (const of of [(/** @type {any} */ connection) => connection, (/** @type {any} */ connection) => connection.seq]) {
      const check = (/** @type {any} */ target, /** @type {any} */ set, /** @type {any} */ labels, /** @type {string} */ message) => {
        assert.throws(() => of(target)[method](set, labels, () => {}), { name: 'Error', message }, `${method} ${set} ${labels}`)
      }
      check(new Imap({}), undefined, undefined, 'Server must support X-GM-EXT-1 capability')
      check(without.imap, undefined, undefined, 'Server must support X-GM-EXT-1 capability')
      check(closed, undefined, undefined, NO_BOX.message)
      check(imap, undefined, undefined, 'No messages specified')
      check(imap, [], 5, of(imap) === imap ? 'Empty uidlist' : 'Empty sequence numberlist')
      check(imap, 'x', 5, `${INTEGER}x`)
      check(imap, 0, 5, 'UID/seqno must be greater than zero')
      for (const labels of [undefined, null, 5, {}, []]) check(imap, 1, labels, 'labels argument must be a string or a non-empty Array')
    }
  }
  await Promise.all([quiet(), without.quiet()])
})

test('labels: the arguments stay as they are', fixed('Q-40'), async (t) => {
  await sends(t, (imap) => [imap, 'addLabels', Object.freeze(['1', ' 2']), Object.freeze(['a'])],
    'UID STORE 1,2 +X-GM-LABELS.SILENT ("a")', [], { capabilities: 'X-GM-EXT-1' })
})

// Quotas

test('setQuota: what is sent, and what the callback gets', async (t) => {
  const limits = { storage: 512, message: 10 }
  const { imap, server } = await session(t, `
    C: A3 SETQUOTA "r" (storage 512 message 10)
    S: * QUOTA "r" (STORAGE 3 512 MESSAGE 1 10)
    S: * QUOTA "other" (STORAGE 1 2)
    S: A3 OK done
    C: A4 SETQUOTA "Entw&APw-rfe" (storage 512 message 10)
    S: A4 OK done
    C: A5 SETQUOTA "r" ()
    S: A5 OK done
    C: A6 SETQUOTA "r" (storage 1)
    S: A6 NO [NOPERM] no`)
  const first = await answer(imap, 'setQuota', 'r', limits)
  assert.deepEqual(first.values, [undefined, { root: 'r', resources: { storage: { usage: 3, limit: 512 }, message: { usage: 1, limit: 10 } } }])
  if (!isNodeImap) assert.equal(first.self, imap)
  assert.equal((await answer(imap, 'setQuota', 'Entwürfe', limits)).values[1], limits)
  assert.deepEqual((await answer(imap, 'setQuota', 'r')).values, [undefined, {}])
  const { values: [error] } = await answer(imap, 'setQuota', 'r', { storage: 1 })
  assert.deepEqual([error.message, error.type, error.textCode], ['no', 'no', 'NOPERM'])
  await server.done()
})

test('setQuota: limits are numbers of resources', fixed('Q-38'), async (t) => {
  const { imap, quiet } = await silent(t)
  for (const [limits, name, message] of /** @type {[any, string, RegExp]} */ ([
    [{ storage: 'lots' }, 'Error', /^The limit of "storage" in setQuota\(\) must be a whole number, e\.g\. 512; got: lots$/],
    [{ storage: '1) x' }, 'Error', /got: 1\) x$/],
    [{ storage: -1 }, 'Error', /got: -1$/],
    [{ 'a b': 1 }, 'Error', /"a b" cannot be sent to an IMAP server/],
    [{ 'a\r\nb': 1 }, 'Error', /cannot be sent to an IMAP server/],
    [512, 'TypeError', /^setQuota\(\) takes the limits as an object, e\.g\. \{ storage: 512 \}; got: number$/]
  ])) {
    assert.throws(() => imap.setQuota('r', limits, () => {}), { name, message })
  }
  await quiet()
})

test('getQuota: a root with its resources', async (t) => {
  const { imap, server } = await session(t, `
    C: A3 GETQUOTA ""
    S: * QUOTA "" (STORAGE 10 512 X-Other 0 7)
    S: A3 OK done
    C: A4 GETQUOTA "a\\"b"
    S: * QUOTA "a\\"b" ()
    S: A4 OK done
    C: A5 GETQUOTA "none"
    S: A5 NO no such root`)
  const { values } = await answer(imap, 'getQuota', '')
  assert.deepEqual(values, [undefined, { root: '', resources: { storage: { usage: 10, limit: 512 }, 'x-other': { usage: 0, limit: 7 } } }])
  assert.deepEqual((await answer(imap, 'getQuota', 'a"b')).values, [undefined, { root: 'a"b', resources: {} }])
  assert.equal((await answer(imap, 'getQuota', 'none')).values[0].message, 'no such root')
  await server.done()
})

test('getQuota: no QUOTA is no limit, and odd ones are none', fixed('Q-05'), async (t) => {
  const { imap } = await session(t, `
    C: A3 GETQUOTA "r"
    S: A3 OK done
    C: A4 GETQUOTA "r"
    S: * QUOTA
    S: * QUOTA "r"
    S: * QUOTA (STORAGE 1 2)
    S: * QUOTA "Entw&APw-rfe" (STORAGE 1 9223372036854775807 MESSAGE 5)
    S: A4 OK done`)
  assert.deepEqual((await answer(imap, 'getQuota', 'r')).values, [undefined, { root: 'r', resources: {} }])
  // The root is decoded as it was encoded.
  assert.deepEqual((await answer(imap, 'getQuota', 'r')).values,
    [undefined, { root: 'Entwürfe', resources: { storage: { usage: 1, limit: '9223372036854775807' } } }])
})

test('getQuotaRoot: the resources of each root', async (t) => {
  const { imap, server } = await session(t, `
    C: A3 GETQUOTAROOT "INBOX"
    S: * QUOTAROOT INBOX "" "second"
    S: * QUOTA "" (STORAGE 10 512)
    S: * QUOTA "second" (MESSAGE 1 2)
    S: A3 OK done
    C: A4 GETQUOTAROOT "Entw&APw-rfe"
    S: * QUOTAROOT x
    S: A4 OK done`)
  assert.deepEqual((await answer(imap, 'getQuotaRoot', 'INBOX')).values, [undefined, {
    '': { storage: { usage: 10, limit: 512 } },
    second: { message: { usage: 1, limit: 2 } }
  }])
  assert.deepEqual((await answer(imap, 'getQuotaRoot', 'Entwürfe')).values, [undefined, {}])
  await server.done()
})

test('quotas: names of the server become no prototypes', fixed('Q-35'), async (t) => {
  const { imap } = await session(t, `
    C: A3 GETQUOTAROOT "x"
    S: * QUOTA __proto__ (__proto__ 1 2)
    S: A3 OK done`)
  const roots = await call(imap, 'getQuotaRoot', 'x')
  assert.deepEqual(Object.keys(roots), ['__proto__'])
  const resources = Object.getOwnPropertyDescriptor(roots, '__proto__')?.value
  assert.deepEqual(Object.entries(resources), [['__proto__', { usage: 1, limit: 2 }]])
})

test('quotas: no callback, and no connection', fixed('Q-06'), async (t) => {
  const { imap, server } = await session(t, `
    C: A3 SETQUOTA "" ()
    S: A3 OK done
    C: A4 GETQUOTA ""
    S: A4 OK done
    C: A5 GETQUOTAROOT ""
    S: A5 OK done`)
  imap.setQuota('', {})
  imap.getQuota('')
  imap.getQuotaRoot('')
  await server.done()
  for (const method of ['getQuota', 'getQuotaRoot', 'getSpecialUseBoxes', 'setQuota']) {
    const args = method === 'getSpecialUseBoxes' ? [] : ['x']
    assert.equal((await answer(new Imap({}), method, ...args)).values[0].code, 'ENOTCONN', method)
  }
})

// THREAD

test('thread: conversations', async (t) => {
  const settings = { capabilities: 'THREAD=REFERENCES THREAD=ORDEREDSUBJECT' }
  await sends(t, (imap) => [imap, 'thread', 'references', ['UNSEEN', ['FROM', 'x']]],
    'UID THREAD REFERENCES US-ASCII UNSEEN FROM "x"', [[[2], [3, 6, [4, 23], [44, 7, 96]]]],
    { ...settings, answer: 'S: * THREAD (2)(3 6 (4 23)(44 7 96))' })
  await sends(t, (imap) => [imap.seq, 'thread', 'OrderedSubject', ['ALL']],
    'THREAD ORDEREDSUBJECT US-ASCII ALL', [[]], { ...settings, answer: 'S: * THREAD' })
})

test('thread: no answer is an empty one, odd ones are passed over, several are an argument each', fixed('Q-05'), async (t) => {
  const settings = { capabilities: 'THREAD=REFS' }
  const make = (/** @type {any} */ imap) => /** @type {[any, string, ...any[]]} */ ([imap, 'thread', 'REFS', ['ALL']])
  await sends(t, make, 'UID THREAD REFS US-ASCII ALL', [[]], settings)
  await sends(t, make, 'UID THREAD REFS US-ASCII ALL', [[[1, [2]]], [[3]]],
    { ...settings, answer: 'S: * THREAD (1 x NIL (2\n    S: * thread junk )) (3)' })
})

test('thread: strings that are not ASCII', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID THREAD REFERENCES UTF-8 SUBJECT {2}
    S: + go
    C: ü SEEN
    S: * THREAD (1)
    S: A4 OK done`, { capabilities: 'THREAD=REFERENCES' })
  assert.deepEqual((await answer(imap, 'thread', 'REFERENCES', [['SUBJECT', 'ü'], 'SEEN'])).values, [undefined, [[1]]])
  await server.done()
})

test('thread: checks in order; an open mailbox is none of them', async (t) => {
  const { imap, server } = await session(t, `
    C: A3 UID THREAD REFS US-ASCII ALL
    S: A3 BAD no mailbox
    C: A4 LOGOUT
    S: A4 OK bye`, { capabilities: 'THREAD=REFS' })
  for (const target of [imap, imap.seq]) {
    for (const algorithm of ['REFERENCES', '', 'REFS ALL']) {
      assert.throws(() => target.thread(algorithm, undefined, () => {}), { message: 'Server does not support that threading algorithm' })
    }
    assert.throws(() => target.thread('REFS', ['FOO'], () => {}), { message: 'Unexpected search option: FOO' })
    assert.throws(() => target.thread(undefined, ['ALL'], () => {}), { name: 'TypeError' })
    if (isNodeImap) continue
    assert.throws(() => target.thread('REFS', 'ALL', () => {}), { message: 'Expected array for search criteria' })
    assert.throws(() => target.thread(null, ['ALL'], () => {}), {
      code: 'ERR_INVALID_ARG_TYPE',
      message: 'thread() takes the algorithm as a string, e.g. \'REFERENCES\'; got: null'
    })
  }
  assert.equal((await answer(imap, 'thread', 'REFS', ['ALL'])).values[0].message, 'no mailbox')
  imap.end()
  await server.done()
})

// ESEARCH

test('esearch: what is sent, and what comes of it', async (t) => {
  const found = (/** @type {string} */ items) => ({ answer: `S: * ESEARCH (TAG "A4") UID ${items}` })
  await sends(t, (imap) => [imap, 'esearch', ['UNSEEN'], ['MIN', 'MAX', 'COUNT']],
    'UID SEARCH RETURN (MIN MAX COUNT) UNSEEN', [{ min: 2, max: 47, count: 25 }], found('MIN 2 MAX 47 COUNT 25'))
  await sends(t, (imap) => [imap.seq, 'esearch', ['ALL'], 'ALL'],
    'SEARCH RETURN (ALL) ALL', [{ all: ['2', '10:11'] }], { answer: 'S: * ESEARCH (TAG "A4") ALL 2,10:11' })
  await sends(t, (imap) => [imap, 'esearch', ['ALL']],
    'UID SEARCH RETURN () ALL', [{ all: ['5'], modseq: 917162500 }], found('ALL 5 MODSEQ 917162500'))
  for (const options of [null, undefined, '', false, 0]) {
    await sends(t, (imap) => [imap, 'esearch', ['ALL'], options], 'UID SEARCH RETURN () ALL', [{}], found(''))
  }
})

test('esearch: answers without a correlator, without data, and odd ones', fixed('Q-05'), async (t) => {
  const make = (/** @type {any} */ imap) => /** @type {[any, string, ...any[]]} */ ([imap, 'esearch', ['ALL'], 'MIN'])
  const command = 'UID SEARCH RETURN (MIN) ALL'
  await sends(t, make, command, [{}])
  for (const [line, items] of /** @type {[string, any][]} */ ([
    ['* ESEARCH', {}],
    ['* esearch uid min 3', { min: 3 }],
    ['* ESEARCH MIN 3 MAX', { min: 3 }],
    ['* ESEARCH (TAG "other") UID MIN 3 "x" (y) __PROTO__ 5', { min: 3, ['__proto__']: 5 }]
  ])) {
    await sends(t, make, command, [items], { answer: `S: ${line}` })
  }
  // A server that does not know RETURN and does not say so.
  await sends(t, make, command, [[1, 2]], { answer: 'S: * SEARCH 1 2' })
})

test('esearch: strings that are not ASCII', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID SEARCH RETURN (COUNT) CHARSET UTF-8 SUBJECT {2}
    S: + go
    C: ü
    S: * ESEARCH (TAG "A4") UID COUNT 1
    S: A4 OK done`)
  assert.deepEqual((await answer(imap, 'esearch', [['SUBJECT', 'ü']], ['COUNT'])).values, [undefined, { count: 1 }])
  await server.done()
})

test('esearch: checks in order', async (t) => {
  const closed = new Imap({})
  const { imap, quiet } = await silent(t)
  for (const of of [(/** @type {any} */ connection) => connection, (/** @type {any} */ connection) => connection.seq]) {
    assert.throws(() => of(closed).esearch('x', 'MIN', () => {}), NO_BOX)
    for (const criteria of ['ALL', undefined, null, {}]) {
      assert.throws(() => of(imap).esearch(criteria, 'MIN', () => {}), { message: 'Expected array for search options' })
    }
    assert.throws(() => of(imap).esearch(['FOO'], '\r\n', () => {}), { message: 'Unexpected search option: FOO' })
    if (isNodeImap) continue
    for (const options of ['MIN\r\nA9 LOGOUT', ['"'], 'ü']) {
      assert.throws(() => of(imap).esearch(['ALL'], options, () => {}), /cannot be sent to an IMAP server/)
    }
  }
  await quiet()
})

// CONDSTORE

/** @param {string} method */
const mark = (method) => method.includes('Flags') ? ['\\Seen', '\\Seen'] : ['$Done', '$Done']

for (const [method, sign] of signed('FlagsSince', 'KeywordsSince')) {
  const [given, sent] = mark(method)

  test(`${method}: only what did not change since`, fixed('Q-24'), async (t) => {
    const settings = { capabilities: 'CONDSTORE' }
    await sends(t, (imap) => [imap, method, [1, '2:4'], given, '9223372036854775807'],
      `UID STORE 1,2:4 (UNCHANGEDSINCE 9223372036854775807) ${sign}FLAGS.SILENT (${sent})`, [], settings)
    await sends(t, (imap) => [imap.seq, method, '1:*', [given], 123],
      `STORE 1:* (UNCHANGEDSINCE 123) ${sign}FLAGS.SILENT (${sent})`, ['7,9'], { ...settings, ok: 'OK [MODIFIED 7,9] Conditional STORE failed' })
    await sends(t, (imap) => [imap, method, 7, given, 5n],
      `UID STORE 7 (UNCHANGEDSINCE 5) ${sign}FLAGS.SILENT (${sent})`, ['7'], { ...settings, ok: 'OK [modified 7]' })
  })

  test(`${method}: without a mod-sequence, and in a mailbox without them`, async (t) => {
    await sends(t, (imap) => [imap, method, 1, given, undefined], `UID STORE 1 ${sign}FLAGS.SILENT (${sent})`, [])
    const { imap, server } = await opened(t, `
      C: A4 STORE 1 ${sign}FLAGS.SILENT (${sent})
      S: A4 OK done`, { capabilities: 'CONDSTORE', selected: `${SELECTED}\nS: * OK [NOMODSEQ] none` })
    assert.deepEqual((await answer(imap.seq, method, 1, given, 5)).values, [undefined])
    await server.done()
  })
}

test('...Since: a refusal tells what was modified, and the changes are updates', async (t) => {
  const { imap, events } = await opened(t, `
    C: /^A4 UID STORE 12 .*UNCHANGEDSINCE 5/
    S: * 1 FETCH (UID 12 MODSEQ (8))
    S: A4 NO [MODIFIED 12] changed`, { capabilities: 'CONDSTORE' })
  const { values: [error] } = await answer(imap, 'addFlagsSince', 12, 'Seen', 5)
  assert.deepEqual([error.type, error.textCode], ['no', { key: 'MODIFIED', val: 12 }])
  assert.deepEqual(events, [['update', 1, { uid: 12, modseq: '8' }]])
})

test('...Since: checks in order', async (t) => {
  const closed = new Imap({})
  const { imap, quiet } = await silent(t)
  const { imap: able, quiet: ableQuiet } = await silent(t, 'CONDSTORE')
  for (const [method] of signed('FlagsSince', 'KeywordsSince')) {
    const plural = method.includes('Flags') ? 'Flags' : 'Keywords'
    for (const of of [(/** @type {any} */ connection) => connection, (/** @type {any} */ connection) => connection.seq]) {
      const check = (/** @type {any} */ target, /** @type {any[]} */ args, /** @type {string | RegExp} */ message) => {
        assert.throws(() => of(target)[method](...args, () => {}), { name: 'Error', message }, `${method} ${args}`)
      }
      check(closed, [undefined, 'x', 5], NO_BOX.message)
      check(imap, [undefined, undefined, 5], 'No messages specified')
      check(imap, [[], 'x', 5], of(imap) === imap ? 'Empty uidlist' : 'Empty sequence numberlist')
      check(imap, ['x', 'x', 5], `${INTEGER}x`)
      check(imap, [1, [], 5], `${plural} argument must be a string or a non-empty Array`)
      check(imap, [1, undefined, 5], 'Keywords argument must be a string or a non-empty Array')
      if (plural === 'Keywords') check(able, [1, 'a b', 5], 'The keyword "a b" contains invalid characters')
      if (isNodeImap) continue
      check(able, [1, 'x', 'y'], /^`modseq` must be a mod-sequence: a whole number or a string of digits.*; got: y$/)
      check(able, [1, 'x', '5) y'], /^`modseq` must be a mod-sequence/)
      check(able, [1, 'x', null], /^`modseq` must be a mod-sequence/)
      // Without the condition the call would do what its name rules out.
      check(imap, [1, 'x', 5], 'Server does not support this feature (CONDSTORE)')
    }
  }
  await Promise.all([quiet(), ableQuiet()])
})

test('functions of seq work detached', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 SEARCH RETURN () ALL
    S: * ESEARCH (TAG "A4") COUNT 0
    S: A4 OK done
    C: A5 STORE 1 +X-GM-LABELS.SILENT ("x")
    S: A5 OK done`, { capabilities: 'X-GM-EXT-1' })
  const { esearch, addLabels } = imap.seq
  const target = { esearch, addLabels }
  assert.equal((await answer(target, 'esearch', ['ALL'], '')).self, imap)
  assert.equal((await answer(target, 'addLabels', 1, 'x')).self, imap)
  await server.done()
})

// Arguments of search that extensions brought

test('search: numbers, keywords and labels are checked and encoded', fixed('Q-81'), async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID SEARCH LARGER 10 X-GM-LABELS "a b&AOA-" X-GM-LABELS foo MODSEQ 5 UNKEYWORD $x
    S: * SEARCH
    S: A4 OK done
    C: A5 LOGOUT
    S: A5 OK bye`, { capabilities: 'X-GM-EXT-1 CONDSTORE' })
  for (const [criterion, message] of /** @type {[any[], RegExp]} */ ([
    [['LARGER', '10k'], /^Search option argument must be a number$/],
    [['SMALLER', -5], /^Search option argument must be a number$/],
    [['MODSEQ', '5 ALL'], /^Search option argument must be a number$/],
    [['UNKEYWORD', 'a b'], /^The keyword "a b" contains invalid characters$/]
  ])) {
    assert.throws(() => imap.search([criterion], () => {}), { name: 'Error', message })
    assert.throws(() => imap.seq.esearch([criterion], 'MIN', () => {}), { name: 'Error', message })
  }
  await answer(imap, 'search', [['LARGER', '10'], ['X-GM-LABELS', 'a bà'], ['X-GM-LABELS', 'foo'], ['MODSEQ', 5], ['UNKEYWORD', '$x']])
  imap.end()
  await server.done()
})

// Selecting

test('openBox: the documented form with modifiers', fixed('Q-16'), async (t) => {
  const { imap, server } = await session(t, `
    C: A3 EXAMINE "x"
    ${SELECTED}
    S: A3 OK done`)
  const { values: [error, box] } = await answer(imap, 'openBox', 'x', true, { condstore: true })
  assert.equal(error, undefined)
  assert.equal(box, imap._box)
  await server.done()
})

test('openBox: what comes before CLOSED is of the mailbox before', fixed('RFC 7162 section 3.2.11'), async (t) => {
  const { imap } = await opened(t, `
    C: A4 SELECT "b"
    S: * 4 EXISTS
    S: * 1 RECENT
    S: * FLAGS (\\Old)
    S: * OK [PERMANENTFLAGS (\\Old \\*)] old
    S: * OK [CLOSED] Previous mailbox closed
    S: * 5 EXISTS
    S: * OK [UIDVALIDITY 8] ok
    S: A4 OK [READ-WRITE] done
    C: A5 SELECT "c"
    S: * OK [CLOSED] Previous mailbox closed
    S: * 0 EXISTS
    S: A5 OK [READ-WRITE] done`)
  const events = recorded(imap, ['mail', 'uidvalidity'])
  const box = await call(imap, 'openBox', 'b')
  assert.equal(box, imap._box)
  assert.deepEqual([box.name, box.flags, box.permFlags, box.newKeywords, box.uidvalidity], ['b', [], [], false, 8])
  // Growth is told against the 3 messages that the mailbox before had.
  assert.deepEqual(box.messages, { total: 5, new: 2 })
  assert.deepEqual(events, [['mail', 1], ['mail', 2]])
  assert.equal((await call(imap, 'openBox', 'c')).messages.total, 0)
})
