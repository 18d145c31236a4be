// @ts-check
'use strict'

// What servers say, whole and broken.

const assert = require('node:assert/strict')
const { DATE, answer, call, closed, fetching, opened, session } = require('./stage')

/** Data that nobody asked for, and lines that are none; each throws in node-imap, in some state. */
const STRAY = [
  '* 5 EXISTS', '* 1 RECENT', '* FLAGS (\\Seen)', '* FLAGS (\\Seen', '* FLAGS',
  '* SEARCH 1 2', '* SORT 1 2', '* THREAD (1)(2 3)', '* ESEARCH UID ALL 1', '* ESEARCH',
  '* STATUS x (MESSAGES 1)', '* STATUS x', '* LIST () "/" stray', '* LIST', '* LSUB () NIL stray', '* NAMESPACE', '* ID NIL', '* ID',
  '* QUOTA "" (STORAGE 1 2)', '* QUOTA ""', '* OK [PERMANENTFLAGS]', '+ stray', '+',
  '* 2 FETCH (FLAGS (\\Seen) UID 9)', '* 2 FETCH', '* 2 FETCH (UID 9', '* 2 FETCH (BODYSTRUCTURE NIL)'
]

const say = (/** @type {string[]} */ lines) => lines.map(line => `S: ${line}`).join('\n')

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-05',
    verdict: 'FIX',
    title: 'no line of a server throws, whatever it says and when: without a mailbox',
    red: /^uncaught TypeError/,
    async play (Imap, t) {
      const { imap, server } = await session(t, `X: wait go
        ${say([...STRAY, '* OK [ALERT] read'])}
        C: A3 CREATE "x"
        S: A3 OK done`)
      /** @type {any[]} */
      const events = []
      for (const name of ['mail', 'expunge', 'error', 'close']) imap.on(name, (/** @type {any} */ value) => events.push([name, value]))
      const read = new Promise((resolve) => imap.once('alert', resolve))
      server.release('go')
      assert.equal(await t.within(read, 'the last line'), 'read')
      assert.deepEqual([events, imap._box], [[], undefined])
      await call(imap, 'addBox', 'x')
      await server.done()
    }
  },
  {
    id: 'Q-05',
    verdict: 'FIX',
    title: 'no line of a server throws, whatever it says and when: with one; FETCH is an update',
    red: /^uncaught TypeError/,
    async play (Imap, t) {
      const { imap, server, events } = await opened(t, `X: wait go
        ${say(STRAY)}
        C: A4 CREATE "x"
        S: A4 OK done`)
      const updated = new Promise((resolve) => imap.once('update', resolve))
      server.release('go')
      await t.within(updated, 'an update')
      await call(imap, 'addBox', 'x')
      assert.deepEqual(events.filter(([name]) => name === 'mail'), [['mail', 2]])
      assert.deepEqual(events.find(([name]) => name === 'update'), ['update', 2, { flags: ['\\Seen'], uid: 9 }])
      assert.deepEqual(events.filter(([name]) => name !== 'mail' && name !== 'update'), [])
      assert.equal(imap._box.messages.total, 5)
      await server.done()
    }
  },
  {
    id: 'Q-05',
    verdict: 'FIX',
    title: 'no line of a server throws, whatever it says and when: a mailbox that it tells nothing of',
    red: /^uncaught TypeError/,
    async play (Imap, t) {
      const { box } = await opened(t, '', { selected: '' })
      assert.deepEqual([box.name, box.messages, box.flags], ['INBOX', { total: 0, new: 0 }, []])
    }
  },
  {
    id: 'Q-05',
    verdict: 'FIX',
    title: 'no line of a server throws, whatever it says and when: after destroy()',
    red: /^uncaught TypeError/,
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: /^A4 UID FETCH/
        X: wait go
        S: * 1 FETCH (UID 1 FLAGS () ${DATE})
        S: A4 OK done`)
      imap.fetch(1)
      await server.waiters.wait(() => server.lines.some((line) => /UID FETCH/.test(String(line))), 'FETCH', { timeout: t.limit })
      const close = closed(imap)
      imap.destroy()
      server.release('go')
      assert.equal(await close, false)
    }
  },
  {
    id: 'Q-22',
    verdict: 'FIX',
    title: 'search finds numbers also when MODSEQ comes with them',
    red: /expected \[ undefined, \[ 2, 5 \], '917162500' \], got \[ undefined, \[ '2', '5' \]/,
    async play (Imap, t) {
      const { imap } = await opened(t, `
        C: A4 UID SEARCH MODSEQ 5
        S: * SEARCH 2 5 (MODSEQ 917162500)
        S: A4 OK done`, { capabilities: 'CONDSTORE' })
      assert.deepEqual((await answer(imap, 'search', [['MODSEQ', '5']])).values, [undefined, [2, 5], '917162500'])
    }
  },
  {
    id: 'Q-23',
    verdict: 'FIX',
    title: 'move gives the new UIDs that the server tells in an untagged OK, as RFC 6851 has it',
    red: /expected '1202:1203', got undefined/,
    async play (Imap, t) {
      const { imap, events } = await opened(t, `
        C: A4 UID MOVE 1:2 "T"
        S: * OK [COPYUID 432432 42:43 1202:1203]
        S: * 2 EXPUNGE
        S: * 1 EXPUNGE
        S: A4 OK done`, { capabilities: 'MOVE' })
      const { values } = await answer(imap, 'move', '1:2', 'T')
      assert.equal(values[0], undefined)
      assert.equal(values[1], '1202:1203')
      assert.deepEqual(events, [['expunge', 2], ['expunge', 1]])
    }
  },
  {
    id: 'Q-25',
    verdict: 'FIX',
    title: 'literals stay with their line: those of ignored lines, and empty ones',
    red: /got \[ 'JUNK'/,
    async play (Imap, t) {
      const people = 'NIL NIL NIL NIL NIL NIL'
      const { attributes } = await fetching(t, [
        '* METADATA "" (/x {4}\\r\\nJUNK)',
        `* 1 FETCH (UID 1 FLAGS () ${DATE} ENVELOPE (NIL {4}\\r\\nreal ${people} NIL {4}\\r\\n<id>))`,
        `* 2 FETCH (UID 2 FLAGS () ${DATE} ENVELOPE (NIL {0}\\r\\n ${people} {5}\\r\\n<re > {4}\\r\\n<id>))`
      ], { envelope: true })
      const told = [1, 2].map((seqno) => {
        const { subject, inReplyTo, messageId } = attributes[seqno].envelope
        return [subject, inReplyTo, messageId]
      })
      assert.deepEqual(told[0], ['real', null, '<id>'])
      assert.deepEqual(told[1], ['', '<re >', '<id>'])
    }
  },
  {
    id: 'Q-26',
    verdict: 'FIX',
    title: 'a character that arrives in pieces is whole',
    red: /got 'gr\uFFFD/,
    async play (Imap, t) {
      const { imap } = await session(t, `
        C: A3 CREATE "x"
        S: * OK [ALERT] grüße € 😀
        S: A3 OK done`, { trace: { split: 1 } })
      const alert = new Promise((resolve) => imap.once('alert', resolve))
      imap.addBox('x')
      assert.equal(await t.within(alert, 'alert'), 'grüße € 😀')
    }
  },
  {
    id: 'Q-41',
    verdict: 'FIX',
    title: 'codes of tagged answers count also when no text follows',
    red: /expected \[ '', 'TRYCREATE' \], got \[ '\[TRYCREATE\]', undefined \]/,
    async play (Imap, t) {
      const { imap } = await opened(t, `
        C: A4 UID COPY 1 "x"
        S: A4 NO [TRYCREATE]
        C: A5 UID COPY 304 "x"
        S: A5 OK [COPYUID 38505 304 3956]
        C: A6 APPEND "x" {3}
        S: + go
        C: abc
        S: A6 OK [APPENDUID 38505 3955]`)
      const [error] = (await answer(imap, 'copy', 1, 'x')).values
      assert.deepEqual([error.message, error.textCode], ['', 'TRYCREATE'])
      assert.deepEqual((await answer(imap, 'copy', 304, 'x')).values, [undefined, 3956])
      assert.deepEqual((await answer(imap, 'append', 'abc', { mailbox: 'x' })).values, [undefined, 3955])
    }
  },
  {
    id: 'Q-63',
    verdict: 'FIX',
    title: 'double blanks in SEARCH are no numbers',
    red: /got \[ undefined, \[ NaN, 1, NaN, NaN, 2 \] \]/,
    async play (Imap, t) {
      const { imap } = await opened(t, `
        C: A4 UID SEARCH ALL
        S: * SEARCH  1   2
        S: A4 OK done`)
      assert.deepEqual((await answer(imap, 'search', ['ALL'])).values, [undefined, [1, 2]])
    }
  }
]
