// @ts-check
'use strict'

// Appending messages (contract section 3.5): what is sent, what is refused, and what the callback
// gets.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const vm = require('node:vm')

const { Imap, SELECTED, answer, call, connected, opened, serving, silent } = require('./support')

/** @param {string} id the row of contract section 10 that says so */
const fixed = (id) => ({ skip: !!process.env.IMAP_IMPLEMENTATION && `npm imap does not: ${id}` })

test('append: the literal waits for its continuation', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 APPEND "INBOX" {9}
    X: wait go
    S: + go
    C: Grüße 1
    S: A4 OK done`)
  const done = answer(imap, 'append', 'Grüße 1')
  await server.waiters.wait(() => server.lines.at(-1) === 'A4 APPEND "INBOX" {9}', 'APPEND')
  server.release('go')
  const { values, self } = await done
  assert.deepEqual([values, self], [[undefined], imap])
  await server.done()
})

test('append: with LITERAL+ it does not', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 APPEND "x" {3+}
    S: A4 OK [APPENDUID 38505 3955] done`, { capabilities: 'LITERAL+' })
  assert.deepEqual((await answer(imap, 'append', Buffer.from('abc'), { mailbox: 'x' })).values, [undefined, 3955])
  await server.done()
  assert.ok(server.lines.some((line) => Buffer.isBuffer(line) && line.equals(Buffer.from('abc'))))
})

test('append: APPENDUID without a text', fixed('Q-41'), async (t) => {
  const { imap } = await opened(t, `
    C: A4 APPEND "x" {3}
    S: + go
    C: abc
    S: A4 OK [APPENDUID 38505 3955]`)
  assert.deepEqual((await answer(imap, 'append', 'abc', { mailbox: 'x' })).values, [undefined, 3955])
})

test('append: NO instead of a continuation ends the command, and the next one goes', async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 APPEND "x" {3}
    S: A4 NO [TRYCREATE] There is none
    C: A5 CREATE "x"
    S: A5 OK done`)
  const { values } = await answer(imap, 'append', 'abc', { mailbox: 'x' })
  assert.deepEqual([values.length, values[0].message, values[0].textCode], [1, 'There is none', 'TRYCREATE'])
  await call(imap, 'addBox', 'x')
  await server.done()
})

test('append: flags', async (t) => {
  for (const [flags, sent] of [
    ['Seen', ' (\\Seen)'], [['Seen', '\\Flagged', '$Fwd'], ' (\\Seen \\Flagged $Fwd)'], [[], ''], [undefined, ''], [null, '']
  ]) {
    const { imap, server } = await opened(t, `
      C: A4 APPEND "Entw&APw-rfe"${sent} {1}
      S: + go
      C: x
      S: A4 OK done`)
    await call(imap, 'append', 'x', { mailbox: 'Entwürfe', flags })
    await server.done()
  }
})

test('append: the date in local time, with the day padded and the right zone', fixed('Q-36'), async (t) => {
  const zone = process.env.TZ
  t.after(() => { if (zone === undefined) delete process.env.TZ; else process.env.TZ = zone })
  for (const [name, sent] of [
    ['UTC', '05-Sep-2004 00:38:03 +0000'], ['Asia/Kolkata', '05-Sep-2004 06:08:03 +0530'],
    ['America/New_York', '04-Sep-2004 20:38:03 -0400'], ['America/St_Johns', '04-Sep-2004 22:08:03 -0230'],
    ['Asia/Tokyo', '05-Sep-2004 09:38:03 +0900'], ['Asia/Kathmandu', '05-Sep-2004 06:23:03 +0545']
  ]) {
    process.env.TZ = name
    const { imap, server } = await opened(t, `
      C: A4 APPEND "x" "${sent}" {1}
      S: + go
      C: x
      S: A4 OK done
      C: A5 APPEND "x" (\\Seen) "${sent}" {1}
      S: + go
      C: x
      S: A5 OK done`)
    const date = new Date('2004-09-05T00:38:03Z')
    await call(imap, 'append', 'x', { mailbox: 'x', date })
    await call(imap, 'append', 'x', { mailbox: 'x', flags: 'Seen', date: vm.runInNewContext(`new Date(${Number(date)})`) })
    await server.done()
  }
})

test('append: bytes arrive as they are', fixed('Q-08'), async (t) => {
  for (const capabilities of [undefined, ['IMAP4rev1']]) {
    const server = await serving(t, capabilities && { capabilities })
    const imap = await connected({ ...server.options, keepalive: false })
    t.after(() => imap.destroy())
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const backing = new Uint8Array(300).fill(7)
    backing.set(every, 20)
    for (const data of [every, new Uint8Array(every), backing.subarray(20, 276)]) {
      await call(imap, 'append', data, { mailbox: 'Archive' })
    }
    await call(imap, 'append', 'ü\ud800', { mailbox: 'Archive' })
    const { messages } = server.account().mailbox('Archive')
    for (const { raw } of messages.slice(0, 3)) assert.deepEqual(raw, every)
    assert.deepEqual(messages.slice(3).map(({ raw }) => raw.toString()), ['ü\ufffd'])
  }
})

test('append: what the program does to its buffer afterwards does not matter', fixed('more than Q-40'), async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 APPEND "x" {3}
    S: + go
    C: abc
    S: A4 OK done`)
  const data = Buffer.from('abc')
  const done = answer(imap, 'append', data, { mailbox: 'x' })
  data.fill('z')
  await done
  await server.done()
})

test('append: checks in order', async (t) => {
  assert.throws(() => new Imap({}).append('x', () => {}), { message: 'No mailbox specified or currently selected' })
  const { imap, quiet } = await silent(t)
  for (const date of ['2004-09-05', 5, {}]) {
    assert.throws(() => imap.append('x', { date }, () => {}), { message: '`date` is not a Date object' })
  }
  for (const data of [undefined, null, 5, {}]) {
    assert.throws(() => imap.append(data, () => {}), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
  }
  await quiet()
})

test('append: options keep their mailbox to themselves', fixed('Q-40'), async (t) => {
  const { imap, server } = await opened(t, `
    C: A4 APPEND "INBOX" {1}
    S: + go
    C: x
    S: A4 OK done
    C: A5 SELECT "y"
    ${SELECTED}
    S: A5 OK done
    C: A6 APPEND "y" {1}
    S: + go
    C: x
    S: A6 OK done`)
  const options = {}
  await call(imap, 'append', 'x', options)
  await call(imap, 'openBox', 'y')
  await call(imap, 'append', 'x', options)
  assert.deepEqual(options, {})
  await server.done()
})
