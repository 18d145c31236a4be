// @ts-check
'use strict'

// Messages and bodies.

const assert = require('node:assert/strict')
const { DATE, call, connected, fetching, opened, serving } = require('./stage')

const FACTS = `UID 1 FLAGS () ${DATE}`
const WHOLE = ['message 1', 'body 1 TEXT', 'body end 1 TEXT', 'body close 1 TEXT', 'attributes 1', 'end 1', 'end']

/** What a fetch told, but for the streams' `close`, which Node emits when it likes. @param {string[]} notes */
const told = (notes) => notes.filter((note) => !note.startsWith('body close'))

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-13',
    verdict: 'FIX',
    title: 'a body literal of length zero ends its stream',
    red: /got \[ 'message 1', 'body 1 TEXT', 'attributes 1', 'end 1', 'end' \]/,
    async play (Imap, t) {
      const { notes, bodies, infos } = await fetching(t, [`* 1 FETCH (${FACTS} BODY[TEXT] {0}\\r\\n)`], { bodies: 'TEXT' })
      assert.deepEqual(told(notes), told(WHOLE))
      assert.deepEqual([bodies, infos], [{ '1 TEXT': '' }, [{ seqno: 1, which: 'TEXT', size: 0 }]])
    }
  },
  {
    id: 'Q-17',
    verdict: 'FIX',
    title: 'a message is complete with its FETCH, also if the server left out an item',
    red: /got \[ 'message 1', 'end' \]/,
    async play (Imap, t) {
      const { notes, attributes } = await fetching(t, [`* 1 FETCH (${FACTS})`], { size: true })
      assert.deepEqual(notes, ['message 1', 'attributes 1', 'end 1', 'end'])
      assert.deepEqual(attributes[1], { uid: 1, flags: [], date: new Date('2020-01-01T00:00:00Z') })
    }
  },
  {
    id: 'Q-18',
    verdict: 'FIX',
    title: 'sections are the same in any case and order of fields; which is the server\'s text',
    red: /got \[ 'message 1', 'end' \]/,
    async play (Imap, t) {
      const which = 'header.fields ("TO" "From")'
      const { notes, bodies } = await fetching(t, [`* 1 FETCH (${FACTS} BODY[${which}] {3}\\r\\nabc)`], { bodies: 'HEADER.FIELDS (FROM TO)' })
      assert.deepEqual(told(notes), ['message 1', `body 1 ${which}`, `body end 1 ${which}`, 'attributes 1', 'end 1', 'end'])
      assert.deepEqual(bodies, { [`1 ${which}`]: 'abc' })
    }
  },
  {
    id: 'Q-19',
    verdict: 'FIX',
    title: 'news of messages during a FETCH are an update, no message',
    red: /got \[ 'message 7', 'message 1'/,
    async play (Imap, t) {
      const { notes, events } = await fetching(t, [
        '* 7 FETCH (FLAGS (\\Seen))',
        `* 1 FETCH (${FACTS} BODY[TEXT] {3}\\r\\nabc)`,
        '* 1 FETCH (FLAGS (\\Deleted))'
      ], { bodies: 'TEXT' }, { set: 1 })
      assert.deepEqual(told(notes), told(WHOLE))
      assert.deepEqual(events, [['update', 7, { flags: ['\\Seen'] }], ['update', 1, { flags: ['\\Deleted'] }]])
    }
  },
  {
    id: 'Q-20',
    verdict: 'KEEP',
    title: 'bodies that are read at once end before their message, and messages before their fetch',
    async play (Imap, t) {
      const bodies = ['HEADER', 'TEXT']
      const text = 'x'.repeat(3000)
      const { notes } = await fetching(t, [1, 2, 3].map((seqno) => {
        return `* ${seqno} FETCH (UID ${seqno} FLAGS () ${DATE} ${bodies.map((which) => `BODY[${which}] {3000}\\r\\n${text}`).join(' ')})`
      }), { bodies })
      const at = (/** @type {string} */ note) => {
        assert.ok(notes.includes(note), `${note}: ${notes}`)
        return notes.indexOf(note)
      }
      for (const seqno of [1, 2, 3]) {
        const order = [at(`message ${seqno}`), ...bodies.map((which) => at(`body ${seqno} ${which}`))]
        assert.deepEqual([...order].sort((a, b) => a - b), order)
        for (const which of bodies) assert.ok(at(`body end ${seqno} ${which}`) < at(`attributes ${seqno}`), String(notes))
        assert.equal(at(`end ${seqno}`), at(`attributes ${seqno}`) + 1)
        assert.ok(at(`end ${seqno}`) < at('end'))
      }
    }
  },
  {
    id: 'Q-21',
    verdict: 'KEEP',
    title: 'bodies that nobody reads, or listens to, hold nothing up',
    async play (Imap, t) {
      const server = await serving(t)
      server.inbox.deliver(Buffer.alloc(1_000_000, 'x'))
      const imap = await connected({ ...server.options, keepalive: false })
      await call(imap, 'openBox', 'INBOX')
      for (const isHeard of [false, true]) {
        /** @type {any} */
        let stream
        const fetch = imap.seq.fetch(1, { bodies: '' })
        fetch.on('message', (/** @type {any} */ message) => {
          if (isHeard) message.on('body', (/** @type {any} */ body) => { stream = body })
        })
        const ended = new Promise((resolve) => fetch.on('end', resolve))
        await call(imap, 'status', 'Archive')
        await t.within(ended, 'the end of the fetch')
        let bytes = 0
        if (isHeard) for await (const chunk of stream) bytes += chunk.length
        assert.equal(bytes, isHeard ? 1_000_000 : 0)
      }
    }
  },
  {
    id: 'Q-28',
    verdict: 'FIX',
    title: 'a body of NIL is empty',
    red: /got \{ '1 TEXT': 'null' \}/,
    async play (Imap, t) {
      const { notes, bodies, infos } = await fetching(t, [`* 1 FETCH (${FACTS} BODY[TEXT] NIL)`], { bodies: 'TEXT' })
      assert.deepEqual(bodies, { '1 TEXT': '' })
      assert.equal(infos[0].size, 0)
      assert.deepEqual(told(notes), told(WHOLE))
    }
  },
  {
    id: 'Q-29',
    verdict: 'FIX',
    title: 'a part of a body is delivered, under the name of the section',
    red: /got \{ '1 TEXT': '<0>' \}/,
    async play (Imap, t) {
      const { bodies, notes } = await fetching(t, [`* 1 FETCH (${FACTS} BODY[TEXT]<0> {3}\\r\\nabc)`], { bodies: 'TEXT' })
      assert.deepEqual(bodies, { '1 TEXT': 'abc' })
      assert.deepEqual(told(notes), told(WHOLE))
    }
  },
  {
    id: 'Q-30',
    verdict: 'FIX',
    title: 'a quoted body and a literal one in one line are two bodies',
    red: /expected \{ '1 HEADER': 'S: x', '1 TEXT': 'abc' \}, got \{/,
    async play (Imap, t) {
      const { bodies } = await fetching(t, [`* 1 FETCH (UID 1 BODY[HEADER] "S: x" FLAGS () ${DATE} BODY[TEXT] {3}\\r\\nabc)`], { bodies: ['HEADER', 'TEXT'] })
      assert.deepEqual(bodies, { '1 HEADER': 'S: x', '1 TEXT': 'abc' })
    }
  },
  {
    id: 'Q-31',
    verdict: 'FIX',
    title: 'Gmail\'s identifiers are strings, however small',
    red: /expected \[ '12', '1278455344230334865' \], got \[ 12, '1278455344230334865' \]/,
    async play (Imap, t) {
      const { attributes } = await fetching(t, [
        `* 1 FETCH (X-GM-THRID 12 X-GM-MSGID 1278455344230334865 X-GM-LABELS () ${FACTS})`
      ], {}, { capabilities: 'X-GM-EXT-1' })
      assert.deepEqual([attributes[1]['x-gm-thrid'], attributes[1]['x-gm-msgid']], ['12', '1278455344230334865'])
    }
  },
  {
    id: 'Q-32',
    verdict: 'KEEP',
    title: 'the lone part within message/rfc822 has the number of its message',
    async play (Imap, t) {
      const inner = '("TEXT" "HTML" NIL NIL NIL "7BIT" 10 1)'
      const envelope = '(NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL)'
      const { attributes } = await fetching(t, [
        `* 1 FETCH (${FACTS} BODYSTRUCTURE (("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 100 ${envelope} ${inner} 5) "MIXED"))`
      ], { struct: true })
      const [, [text], [message]] = attributes[1].struct
      assert.deepEqual([text.partID, message.partID, message.body[0].partID], ['1', '2', '2'])
    }
  },
  {
    id: 'Q-33',
    verdict: 'FIX',
    title: 'bodies null and false are none, true is the whole message',
    red: /got A4 FETCH 1 \(UID FLAGS INTERNALDATE BODY.PEEK\[null\]\)/,
    async play (Imap, t) {
      const commands = { null: '', false: '', true: ' BODY.PEEK[]' }
      const { imap, server } = await opened(t, Object.values(commands).map((items, index) => `
        C: A${4 + index} FETCH 1 (UID FLAGS INTERNALDATE${items})
        S: A${4 + index} OK done`).join(''))
      for (const bodies of [null, false, true]) {
        await t.within(new Promise((resolve) => imap.seq.fetch(1, { bodies }).on('end', resolve)), 'the end of the fetch')
      }
      await server.done()
    }
  },
  {
    id: 'Q-43',
    verdict: 'FIX',
    title: 'attributes are emitted also when the body came later, in a line of its own',
    red: /got \[ 'message 1', 'body 1 TEXT', 'body end 1 TEXT', 'end 1', 'end' \]/,
    async play (Imap, t) {
      const { notes, attributes, bodies } = await fetching(t, [
        `* 1 FETCH (${FACTS})`, '* 1 FETCH (BODY[TEXT] {3}\\r\\nabc)'
      ], { bodies: 'TEXT' })
      assert.deepEqual(told(notes), told(WHOLE))
      assert.deepEqual(bodies, { '1 TEXT': 'abc' })
      assert.deepEqual(attributes[1], { uid: 1, flags: [], date: new Date('2020-01-01T00:00:00Z') })
    }
  },
  {
    id: 'Q-65',
    verdict: 'OPT',
    title: 'a date of NIL is a Date of 1970, of messages and of envelopes',
    decided: { kept: 'programs call getTime() on it' },
    async play (Imap, t) {
      const { attributes } = await fetching(t, [
        '* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL ENVELOPE (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL))'
      ], { envelope: true })
      assert.deepEqual([attributes[1].date, attributes[1].envelope.date], [new Date(0), new Date(0)])
    }
  },
  {
    id: 'Q-80',
    verdict: 'FIX',
    title: 'a section that is asked for twice is asked for once, and the message completes',
    red: /got A4 FETCH 1:\* \(UID FLAGS INTERNALDATE BODY.PEEK\[TEXT\] BODY.PEEK\[text\]\)/,
    async play (Imap, t) {
      const { notes, bodies } = await fetching(t, [`* 1 FETCH (UID 1 BODY[TEXT] {3}\\r\\nabc BODY[TEXT] {3}\\r\\ndef FLAGS () ${DATE})`],
        { bodies: ['TEXT', 'text'] }, { command: 'FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[TEXT])' })
      assert.deepEqual(told(notes), told(WHOLE))
      assert.deepEqual(bodies, { '1 TEXT': 'abc' })
    }
  }
]
