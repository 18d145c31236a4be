// @ts-check
'use strict'

// Searching, marking, copying, moving and removing messages (contract section 3.6): what is sent,
// what is refused, and what the callback gets.

const assert = require('node:assert/strict')
const { test } = require('node:test')

const { Imap, PATIENCE_MS, SELECTED, answer, call, opened, sends, session, silent, within } = require('./support')

const isNodeImap = !!process.env.IMAP_IMPLEMENTATION

/** @param {string} id the row of contract section 10 that says so */
const fixed = (id) => ({ skip: isNodeImap && `npm imap does not: ${id}` })

const NO_BOX = { message: 'No mailbox is currently selected' }
const INTEGER = 'UID/seqno must be an integer, "*", or a range: '

test('search: UIDs', (t) => sends(t, (imap) => [imap, 'search', ['UNSEEN', ['FROM', 'x']]],
  'UID SEARCH UNSEEN FROM "x"', [[2, 84, 882]], { answer: 'S: * SEARCH 2 84 882' }))

test('search: sequence numbers', (t) => sends(t, (imap) => [imap.seq, 'search', ['ALL']],
  'SEARCH ALL', [[1]], { answer: 'S: * SEARCH 1' }))

test('search: nothing found', (t) => sends(t, (imap) => [imap, 'search', ['NEW']], 'UID SEARCH NEW', [[]], { answer: 'S: * SEARCH' }))

test('search: an answer without data is an empty one', async (t) => {
  await sends(t, (imap) => [imap, 'search', ['NEW']], 'UID SEARCH NEW', [[]])
  if (isNodeImap) return
  const { imap } = await opened(t, 'C: A4 SEARCH NEW\nS: A4 OK done')
  assert.deepEqual((await answer(imap.seq, 'search', ['NEW'])).values[1] ?? [], [])
})

test('search: several lines are an argument each', (t) => sends(t, (imap) => [imap, 'search', ['ALL']],
  'UID SEARCH ALL', [[1, 2], [3]], { answer: 'S: * SEARCH 1 2\n    S: * SEARCH 3' }))

test('search: double blanks', fixed('Q-63'), (t) => sends(t, (imap) => [imap, 'search', ['ALL']],
  'UID SEARCH ALL', [[1, 2]], { answer: 'S: * SEARCH  1   2 ' }))

test('search: MODSEQ, with numbers', fixed('Q-22'), async (t) => {
  const { imap } = await session(t, `
    C: A3 SELECT "INBOX" (CONDSTORE)
    ${SELECTED}
    S: A3 OK done
    C: A4 UID SEARCH MODSEQ 5
    S: * SEARCH 2 5 (MODSEQ 917162500)
    S: A4 OK done`, { capabilities: 'CONDSTORE' })
  await call(imap, 'openBox', 'INBOX')
  assert.deepEqual((await answer(imap, 'search', [['MODSEQ', '5']])).values, [undefined, [2, 5], '917162500'])
})

test('search: what came before a refusal is handed over with it', async (t) => {
  const { imap } = await opened(t, `
    C: A4 UID SEARCH ALL
    S: * SEARCH 1 2
    S: A4 NO [LIMIT] enough`)
  const { values: [error, ...results] } = await answer(imap, 'search', ['ALL'])
  assert.deepEqual([error.message, error.type, error.textCode, error.source], ['enough', 'no', 'LIMIT', 'protocol'])
  assert.deepEqual(results, [[1, 2]])
})

test('search: checks in order', async (t) => {
  const closed = new Imap({})
  for (const target of [closed, closed.seq]) {
    assert.throws(() => target.search('x', () => {}), NO_BOX)
  }
  const { imap, quiet } = await silent(t)
  for (const target of [imap, imap.seq]) {
    for (const criteria of ['ALL', undefined, null, {}, 5]) {
      assert.throws(() => target.search(criteria, () => {}), { message: 'Expected array for search criteria' })
    }
    assert.throws(() => target.search(['FOO'], () => {}), { message: 'Unexpected search option: FOO' })
  }
  await quiet()
})

test('search: each non-ASCII string is a literal that waits for its continuation', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID SEARCH CHARSET UTF-8 SUBJECT {2}
    S: + go
    C: ü OR (FROM {3}
    S: + go
    C: 你) (TO "x") BODY {4}
    S: + go
    C: 😀 SEEN
    S: * SEARCH 7
    S: A4 OK done`)
  const criteria = [['SUBJECT', 'ü'], ['OR', ['FROM', '你'], ['TO', 'x']], ['BODY', '😀'], 'SEEN']
  assert.deepEqual((await answer(imap, 'search', criteria)).values, [undefined, [7]])
  await server.done()
})

test('search: one command at a time, literals are synchronising even with LITERAL+', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 SEARCH CHARSET UTF-8 HEADER "X" {2}
    S: + go
    C: ü
    S: A4 OK done`, { capabilities: 'LITERAL+', options: { pipeline: false } })
  await answer(imap.seq, 'search', [['HEADER', 'X', 'ü']])
  await server.done()
})

test('search: NO instead of a continuation ends the command, and the next one goes', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID SEARCH CHARSET UTF-8 SUBJECT {2}
    S: A4 NO [BADCHARSET (US-ASCII)] no UTF-8
    C: A5 UID SEARCH ALL
    S: A5 OK done`)
  const { values: [error] } = await answer(imap, 'search', [['SUBJECT', 'ü']])
  assert.equal(error.message, 'no UTF-8')
  assert.deepEqual(error.textCode, { key: 'BADCHARSET', val: ['US-ASCII'] })
  assert.deepEqual((await answer(imap, 'search', ['ALL'])).values, [undefined, []])
  await server.done()
})

test('search: line breaks in strings end no line', fixed('Q-38'), async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID SEARCH SUBJECT {7}
    S: + go
    C: /^a\\r\\nb\\r\\nc$/
    S: A4 OK done`)
  await answer(imap, 'search', [['SUBJECT', 'a\r\nb\r\nc']])
  assert.ok(!server.lines.some((/** @type {any} */ line) => line === 'b'))
  for (const criteria of [[['KEYWORD', 'a\r\nb']], [['KEYWORD', 'a b']]]) {
    assert.throws(() => imap.search(criteria, () => {}), { message: /The keyword "a\s+b" contains invalid characters/ })
  }
})

for (const [method, item] of [['addFlags', '+FLAGS'], ['delFlags', '-FLAGS'], ['setFlags', 'FLAGS']]) {
  test(`${method}: what is sent`, async (t) => {
    await sends(t, (imap) => [imap, method, [1, '2:4'], ['Seen', '\\Flagged']], `UID STORE 1,2:4 ${item}.SILENT (\\Seen \\Flagged)`, [])
    await sends(t, (imap) => [imap.seq, method, '1:*', 'Deleted'], `STORE 1:* ${item}.SILENT (\\Deleted)`, [])
    await sends(t, (imap) => [imap, method, 7, '$x'], `UID STORE 7 ${item}.SILENT (\\$x)`, [])
  })
}

for (const [method, item] of [['addKeywords', '+FLAGS'], ['delKeywords', '-FLAGS'], ['setKeywords', 'FLAGS']]) {
  test(`${method}: what is sent`, async (t) => {
    await sends(t, (imap) => [imap, method, 1, ['kw1', '$Label1']], `UID STORE 1 ${item}.SILENT (kw1 $Label1)`, [])
    await sends(t, (imap) => [imap.seq, method, ['*'], 'kw'], `STORE * ${item}.SILENT (kw)`, [])
    await sends(t, (imap) => [imap, method, 1, ''], `UID STORE 1 ${item}.SILENT ()`, [])
  })
}

test('flags and keywords: a refusal, and no callback', async (t) => {
  const { imap, server } = await opened(t, `
    C: /^A4 UID STORE 1/
    S: A4 OK done
    C: /^A5 UID STORE 2/
    S: A5 NO [CANNOT] no`)
  imap.addFlags(1, 'Seen')
  const { values: [error], self } = await answer(imap, 'addKeywords', 2, 'x')
  assert.deepEqual([error.message, error.type, error.textCode], ['no', 'no', 'CANNOT'])
  assert.equal(self, imap)
  await server.done()
})

test('flags and keywords: checks in order', async (t) => {
  const methods = ['Flags', 'Keywords'].flatMap((plural) => ['add', 'del', 'set'].map((action) => [action + plural, plural]))
  const closed = new Imap({})
  const { imap, quiet } = await silent(t)
  for (const [method, plural] of methods) {
    for (const [target, plain] of [[imap, closed], [imap.seq, closed.seq]]) {
      assert.throws(() => plain[method](undefined, 'x', () => {}), NO_BOX)
      const check = (/** @type {any} */ set, /** @type {any} */ values, /** @type {string} */ message) => {
        assert.throws(() => target[method](set, values, () => {}), { name: 'Error', message }, `${method} ${set} ${values}`)
      }
      check(undefined, undefined, 'No messages specified')
      check([], 'x', target === imap ? 'Empty uidlist' : 'Empty sequence numberlist')
      check('x', undefined, `${INTEGER}x`)
      check(0, undefined, 'UID/seqno must be greater than zero')
      check([1, null], 'x', `${INTEGER}null`)
      check(1, undefined, 'Keywords argument must be a string or a non-empty Array')
      for (const values of [[], 5, null, {}, true]) {
        if (values !== null && typeof values === 'object' && !Array.isArray(values) && isNodeImap) continue
        check(1, values, `${plural} argument must be a string or a non-empty Array`)
      }
    }
  }
  for (const keyword of ['a b', 'a(b', 'a)', 'a{', '\\a', '"', 'a]', '%', '*', 'a\x7f', 'a\x01']) {
    assert.throws(() => imap.addKeywords(1, keyword, () => {}), { message: `The keyword "${keyword}" contains invalid characters` })
    assert.throws(() => imap.addKeywords(1, ['ok', keyword], () => {}), { message: `The keyword "${keyword}" contains invalid characters` })
  }
  await quiet()
})

test('flags with line breaks are refused', fixed('Q-38'), async (t) => {
  const { imap, quiet } = await silent(t)
  assert.throws(() => imap.addFlags(1, 'Seen)\r\nA9 LOGOUT', () => {}), /invalid characters/)
  await quiet()
})

test('arguments are not changed', fixed('Q-40'), async (t) => {
  const { imap } = await opened(t, `
    C: A4 UID STORE 5,7 +FLAGS.SILENT (\\Seen)
    S: A4 OK done
    C: A5 UID STORE 5,7 FLAGS.SILENT (x)
    S: A5 OK done
    C: A6 UID COPY 5,7 "y"
    S: A6 OK done
    C: A7 UID SEARCH UID 5,7
    S: A7 OK done
    C: /^A8 UID FETCH 5,7 /
    S: A8 OK done
    C: A9 APPEND "INBOX" (\\Seen) {1}
    S: + go
    C: x
    S: A9 OK done`)
  const freeze = (/** @type {any} */ value) => {
    if (typeof value === 'object') Object.values(Object.freeze(value)).forEach(freeze)
    return value
  }
  const uids = freeze(['5', ' 7'])
  await call(imap, 'addFlags', uids, freeze(['Seen']))
  await call(imap, 'setKeywords', uids, freeze(['x']))
  await call(imap, 'copy', uids, 'y')
  await call(imap, 'search', freeze([['UID', '5', '7']]))
  await new Promise((resolve) => imap.fetch(uids, freeze({ bodies: ['TEXT'] })).once('end', resolve))
  await call(imap, 'append', 'x', freeze({ flags: ['Seen'] }))
})

test('copy: without and with COPYUID', async (t) => {
  await sends(t, (imap) => [imap, 'copy', [1, '2:4', '*'], 'Entwürfe'], 'UID COPY 1,2:4,* "Entw&APw-rfe"', [])
  await sends(t, (imap) => [imap.seq, 'copy', 1, 'a "b"'], 'COPY 1 "a \\"b\\""', [])
  await sends(t, (imap) => [imap, 'copy', 1, 'x'], 'UID COPY 1 "x"', [3956], { ok: 'OK [COPYUID 38505 304 3956] done' })
  await sends(t, (imap) => [imap, 'copy', '1:3', 'x'], 'UID COPY 1:3 "x"', ['3956:3958'], { ok: 'OK [COPYUID 38505 304,319:320 3956:3958] done' })
})

test('copy: COPYUID without a text', fixed('Q-41'), (t) => sends(t, (imap) => [imap, 'copy', 1, 'x'],
  'UID COPY 1 "x"', [3956], { ok: 'OK [COPYUID 38505 304 3956]' }))

test('copy: refused', async (t) => {
  const { imap } = await opened(t, `
    C: /^A4 UID COPY/
    S: A4 NO [TRYCREATE] There is none`)
  const { values } = await answer(imap, 'copy', 1, 'x')
  assert.equal(values.length, 1)
  assert.deepEqual([values[0].message, values[0].textCode], ['There is none', 'TRYCREATE'])
})

test('copy and move: checks in order', async (t) => {
  const closed = new Imap({})
  const { imap, quiet } = await silent(t, 'MOVE')
  for (const method of ['copy', 'move']) {
    for (const [target, plain] of [[imap, closed], [imap.seq, closed.seq]]) {
      assert.throws(() => plain[method]([], 'x', () => {}), NO_BOX)
      assert.throws(() => target[method]([], 'x', () => {}), { message: target === imap ? 'Empty uidlist' : 'Empty sequence numberlist' })
      assert.throws(() => target[method]('x', 'x', () => {}), { message: `${INTEGER}x` })
      assert.throws(() => target[method](undefined, 'x', () => {}), { message: `${INTEGER}undefined` })
    }
  }
  await quiet()
})

test('move: with MOVE, and COPYUID in the tagged answer', async (t) => {
  await sends(t, (imap) => [imap, 'move', [1, 2], 'T'], 'UID MOVE 1,2 "T"', [], { capabilities: 'MOVE' })
  await sends(t, (imap) => [imap.seq, 'move', '1:2', 'T'], 'MOVE 1:2 "T"', [], { capabilities: 'MOVE' })
  await sends(t, (imap) => [imap, 'move', 1, 'T'], 'UID MOVE 1 "T"', [9], { capabilities: 'MOVE', ok: 'OK [COPYUID 1 1 9] done' })
})

test('move: COPYUID in an untagged OK, and the expunges', fixed('Q-23'), async (t) => {
  const { imap, events } = await opened(t, `
    C: A4 UID MOVE 1:2 "T"
    S: * OK [COPYUID 432432 42:43 1202:1203]
    S: * 2 EXPUNGE
    S: * 1 EXPUNGE
    S: A4 OK [HIGHESTMODSEQ 5] done`, { capabilities: 'MOVE' })
  const { values } = await answer(imap, 'move', '1:2', 'T')
  assert.deepEqual(values.slice(0, 2), [undefined, '1202:1203'])
  assert.deepEqual(events, [['expunge', 2], ['expunge', 1]])
  assert.equal(imap._box.messages.total, 1)
})

test('move without MOVE, with UIDPLUS: copy, mark, expunge these', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID COPY 1,3 "T"
    S: A4 OK [COPYUID 1 1,3 8:9] done
    C: A5 UID STORE 1,3 +FLAGS.SILENT (\\Deleted)
    S: A5 OK done
    C: A6 UID EXPUNGE 1,3
    S: * 3 EXPUNGE
    S: A6 OK done`, { capabilities: 'UIDPLUS' })
  assert.deepEqual((await answer(imap, 'move', [1, 3], 'T')).values, [undefined, '8:9'])
  await server.done()
})

test('move without MOVE moves what it was asked to, whatever becomes of the array', fixed('Q-40'), async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID COPY 1,3 "T"
    S: A4 OK done
    C: A5 UID STORE 1,3 +FLAGS.SILENT (\\Deleted)
    S: A5 OK done
    C: A6 UID EXPUNGE 1,3
    S: A6 OK done`, { capabilities: 'UIDPLUS' })
  const uids = [1, 3]
  const moved = answer(imap, 'move', uids, 'T')
  uids.push(2)
  await moved
  await server.done()
})

test('move without MOVE and UIDPLUS: other marked messages lose their mark for a moment', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID COPY 1 "T"
    S: A4 OK done
    C: A5 UID SEARCH DELETED
    S: * SEARCH 2 5
    S: A5 OK done
    C: A6 UID STORE 2,5 -FLAGS.SILENT (\\Deleted)
    S: A6 OK done
    C: A7 UID STORE 1 +FLAGS.SILENT (\\Deleted)
    S: A7 OK done
    C: A8 EXPUNGE
    S: * 1 EXPUNGE
    S: A8 OK done
    C: A9 UID STORE 2,5 +FLAGS.SILENT (\\Deleted)
    S: A9 OK done`)
  assert.deepEqual((await answer(imap, 'move', 1, 'T')).values, [undefined, undefined])
  await server.done()
})

test('move without MOVE by sequence number: expunge all, even with UIDPLUS', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 COPY 1 "T"
    S: A4 OK [COPYUID 1 1 8] done
    C: A5 UID SEARCH DELETED
    S: * SEARCH
    S: A5 OK done
    C: A6 STORE 1 +FLAGS.SILENT (\\Deleted)
    S: A6 OK done
    C: A7 EXPUNGE
    S: A7 OK done`, { capabilities: 'UIDPLUS' })
  assert.deepEqual((await answer(imap.seq, 'move', 1, 'T')).values, [undefined, 8])
  await server.done()
})

for (const [step, tail] of [
  ['copy', 'S: A4 NO failed'],
  ['mark', 'S: A4 OK [COPYUID 1 1 8] done\nC: /A5 UID STORE/\nS: A5 NO failed'],
  ['expunge', 'S: A4 OK [COPYUID 1 1 8] done\nC: /A5 UID STORE/\nS: A5 OK done\nC: A6 UID EXPUNGE 1\nS: A6 NO failed']
]) {
  test(`move without MOVE ends at the first step that fails: ${step}`, async (t) => {
    const { imap, server } = await opened(t, `C: A4 UID COPY 1 "T"\n${tail}`, { capabilities: 'UIDPLUS' })
    const { values: [error, ...uids] } = await answer(imap, 'move', 1, 'T')
    assert.equal(error.message, 'failed')
    assert.deepEqual(uids, [step === 'copy' ? undefined : 8])
    await server.done()
    assert.equal(server.lines.length, { copy: 5, mark: 6, expunge: 7 }[step])
  })
}

test('move without MOVE needs the right to delete', async (t) => {
  const { imap } = await opened(t, '', {
    selected: 'S: * FLAGS (\\Seen)\nS: * OK [PERMANENTFLAGS (\\Seen)] ok\nS: * 1 EXISTS'
  })
  for (const target of [imap, imap.seq]) {
    assert.throws(() => target.move(1, 'T', () => {}), { message: 'Cannot move message: server does not allow deletion of messages' })
  }
})

test('expunge: all, and some', async (t) => {
  await sends(t, (imap) => [imap, 'expunge'], 'EXPUNGE', [], { answer: 'S: * 1 EXPUNGE' })
  await sends(t, (imap) => [imap, 'expunge', [1, '3:5']], 'UID EXPUNGE 1,3:5', [], { capabilities: 'UIDPLUS' })
  await sends(t, (imap) => [imap, 'expunge', 7], 'UID EXPUNGE 7', [], { capabilities: 'UIDPLUS' })
})

test('expunge: needs no mailbox, as far as the client is concerned', async (t) => {
  const { imap } = await session(t, `
    C: A3 EXPUNGE
    S: A3 BAD no mailbox`)
  assert.equal((await answer(imap, 'expunge')).values[0].message, 'no mailbox')
})

test('expunge: checks in order', async (t) => {
  const { imap, quiet } = await silent(t)
  assert.throws(() => imap.expunge([], () => {}), { message: 'Empty uid list' })
  assert.throws(() => imap.expunge('x', () => {}), { message: `${INTEGER}x` })
  assert.throws(() => imap.expunge(5, () => {}), { message: 'Server does not support this feature (UIDPLUS)' })
  await quiet()
})

test('expunge without a callback, as an argument of another call', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 EXPUNGE
    S: A4 OK done
    C: /^A5 UID STORE 1/
    S: A5 OK done`)
  imap.addFlags(1, '\\Deleted', imap.expunge())
  await server.done()
})

test('commands run one at a time, in the order of the calls, and so do their callbacks', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID SEARCH ALL
    S: * SEARCH 1
    S: A4 OK done
    C: A5 UID COPY 1 "x"
    S: A5 OK done
    C: A6 EXPUNGE
    S: A6 OK done
    C: A7 UID SEARCH NEW
    S: A7 OK done`)
  /** @type {string[]} */
  const order = []
  await within(PATIENCE_MS, new Promise((resolve) => {
    imap.search(['ALL'], () => {
      order.push('search')
      // Behind what is queued already.
      imap.search(['NEW'], () => { order.push('last'); resolve(undefined) })
    })
    imap.copy(1, 'x', () => order.push('copy'))
    imap.expunge(() => order.push('expunge'))
  }), 'the callbacks')
  assert.deepEqual(order, ['search', 'copy', 'expunge', 'last'])
  await server.done()
})

test('a busy program sees the end of a fetch, and all it does then, before the next answer', { skip: isNodeImap }, async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE)
    S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000")
    S: A4 OK done
    C: A5 CREATE "One"
    S: A5 OK done
    C: A6 CREATE "Two"
    S: A6 OK done
  `)
  const { native } = imap._link()
  const pull = native.pull.bind(native)
  native.pull = () => null
  /** @type {string[]} */
  const order = []
  const fetch = imap.fetch(1)
  fetch.on('message', (/** @type {any} */ message) => message.on('end', () => order.push('message end')))
  fetch.on('end', () => {
    order.push('fetch end')
    Promise.resolve().then(() => {}).then(() => order.push('after fetch end'))
  })
  imap.addBox('One', () => {
    order.push('One')
    process.nextTick(() => order.push('after One'))
  })
  const two = call(imap, 'addBox', 'Two')
  // Everything has been answered before the program looks.
  await server.done()
  native.pull = pull
  imap._link().pump()
  await two
  assert.deepEqual(order, ['message end', 'fetch end', 'after fetch end', 'One', 'after One'])
})

test('_enqueue sends any line, and gives what comes', async (t) => {
  const { imap, server } = await session(t, `
    C: A3 ID ("name" "x")
    S: * ID ("name" "server")
    S: A3 OK done
    C: A4 UID SEARCH ALL
    S: * SEARCH 1 2
    S: A4 OK done
    C: A5 XYZZY
    S: A5 BAD what`)
  assert.equal((await answer(imap, '_enqueue', 'ID ("name" "x")')).values[0], undefined)
  assert.deepEqual((await answer(imap, '_enqueue', 'UID SEARCH ALL')).values, [undefined, [1, 2]])
  assert.equal((await answer(imap, '_enqueue', 'XYZZY')).values[0].message, 'what')
  await server.done()
})

test('a tagged answer of an unknown status is an error; another\'s tag is nobody\'s', fixed('Q-71'), async (t) => {
  const { imap } = await session(t, `
    C: A3 CREATE "a"
    S: A2 OK late
    S: A4 OK early
    S: A3 MAYBE perhaps
    C: A4 CREATE "b"
    S: a4  ok  done`)
  const { values: [error] } = await answer(imap, 'addBox', 'a')
  assert.ok(error instanceof Error)
  assert.equal((await answer(imap, 'addBox', 'b')).values[0], undefined)
})

test('a copy that was answered before an earlier one is done, also when the connection is lost', async (t) => {
  const { imap } = await opened(t, `
    C: A4 UID COPY 1 "Archive"
    C: A5 UID COPY 2 "Archive"
    S: A5 OK [COPYUID 7 2 9] done
    X: end`, { options: { pipeline: true } })
  imap.on('error', () => {})
  const copied = [1, 2].map((uid) => answer(imap, 'copy', uid, 'Archive'))
  const [first, second] = (await Promise.all(copied)).map(({ values }) => values)
  assert.equal(first[0].source, 'socket')
  assert.equal(second[0], undefined)
  assert.deepEqual(second[1], 9)
})

test('fetch: the keys of the attributes are in the order of the server', fixed('D-34'), async (t) => {
  const { imap } = await opened(t, `
    C: /^A4 UID FETCH 7 /
    S: * 1 FETCH (RFC822.SIZE 5 FLAGS (\\Seen) UID 7 INTERNALDATE "01-Jan-2020 00:00:00 +0000")
    S: A4 OK done`)
  const keys = new Promise((resolve, reject) => {
    const fetch = imap.fetch(7, { size: true })
    fetch.on('error', reject)
    fetch.on('message', (/** @type {any} */ message) => {
      message.on('attributes', (/** @type {object} */ attributes) => resolve(Object.keys(attributes)))
    })
  })
  assert.deepEqual(await within(PATIENCE_MS, keys, 'attributes'), ['size', 'flags', 'uid', 'date'])
})
