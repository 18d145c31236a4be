// @ts-check
'use strict'

// What goes over the wire, byte for byte, and the events on the way (contract sections 1.3 and 12).
// Every scenario is played by the library and by npm imap, which must tell the same; and again with
// the server's bytes in pieces.

const assert = require('node:assert/strict')
const { test } = require('node:test')
// @ts-ignore: it has no types here
const NodeImap = require('imap')

const { Imap, PATIENCE_MS, closed, recorded, tracing } = require('./support')

/** How a server's bytes may arrive. */
const SPLITS = [
  { name: 'at once', trace: {} },
  { name: 'byte by byte', trace: { split: 1 } },
  ...[1, 2, 3, 4, 5].map((seed) => ({ name: `in random pieces, seed ${seed}`, trace: { split: /** @type {const} */ ('random'), seed } }))
]

/**
 * @typedef {object} Scenario
 * @property {string} script
 * @property {object} [options]
 * @property {(imap: any, say: (...values: any[]) => void, server: any) => void} drive
 * @property {any[][]} expected what the connection emitted and `drive` said
 * @property {string} [fixes] why npm imap does not tell the same (contract section 10)
 */

const LOGIN = `
  S: * OK ready
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA
  S: A0 OK Thats all she wrote!
  C: A1 LOGIN "foo" "bar"
  S: * CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA
  S: A1 OK authenticated (Success)
  C: A2 NAMESPACE
  S: * NAMESPACE (("" "/")) NIL NIL
  S: A2 OK Success
  C: A3 LIST "" ""
  S: * LIST (\\Noselect) "/" "/"
  S: A3 OK Success
`

const EXAMINE = `${LOGIN}
  C: A4 EXAMINE "INBOX"
  S: * FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen)
  S: * OK [PERMANENTFLAGS ()] Flags permitted.
  S: * OK [UIDVALIDITY 2] UIDs valid.
  S: * 685 EXISTS
  S: * 0 RECENT
  S: * OK [UIDNEXT 4422] Predicted next UID.
  S: A4 OK [READ-ONLY] INBOX selected. (Success)
`

const LOGOUT = (/** @type {number} */ tag) => `
  C: A${tag} LOGOUT
  S: * BYE LOGOUT Requested
  S: A${tag} OK good day (Success)
  X: half-close
`

/** Opens the INBOX read-only. @param {any} imap @param {() => void} then */
function examine (imap, then) {
  imap.once('ready', () => imap.openBox('INBOX', true, (/** @type {Error | undefined} */ error) => {
    if (error) throw error
    then()
  }))
}

/** Says what a fetch brings; what belongs to a message comes with the message's end. */
function tell (/** @type {any} */ fetch, /** @type {(...values: any[]) => void} */ say) {
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    /** @type {any[]} */
    const parts = []
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      const body = { ...info, text: '', ended: false }
      parts.push(body)
      stream.on('data', (/** @type {Buffer} */ data) => { body.text += data.toString('latin1') })
      stream.on('end', () => { body.ended = true })
    })
    message.on('attributes', (/** @type {any} */ attributes) => parts.push(attributes))
    message.on('end', () => say('message', seqno, ...structuredClone(parts)))
  })
  fetch.on('error', (/** @type {Error} */ error) => say('fetch error', error.message))
  fetch.on('end', () => say('fetch end'))
}

const DATE = new Date('2004-09-05T00:38:03Z')
const ATTRIBUTES = { uid: 1, date: DATE, flags: ['\\Seen'] }
const START = [['ready'], ['mail', 685]]
const END = [['end'], ['close', false]]

/** @type {Record<string, Scenario>} */
const SCENARIOS = {
  'a login with CAPABILITY, NAMESPACE and LIST, and a logout': {
    script: `
      S: * OK ready
      C: A0 CAPABILITY
      S: * CAPABILITY IMAP4rev1 NAMESPACE
      S: A0 OK done
      C: A1 LOGIN "foo" "bar"
      S: A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] done
      C: A2 CAPABILITY
      S: * CAPABILITY IMAP4rev1 NAMESPACE
      S: A2 OK done
      C: A3 NAMESPACE
      S: * NAMESPACE (("" "/")) NIL (("shared." "."))
      S: A3 OK done
      C: A4 LIST "" ""
      S: * LIST (\\Noselect) "/" ""
      S: A4 OK done
      ${LOGOUT(5)}`,
    options: { keepalive: false, pipeline: false },
    drive (imap, say) {
      imap.once('ready', () => {
        say(imap.state, imap.delimiter, imap.namespaces, imap._caps)
        imap.end()
      })
    },
    expected: [
      ['ready'],
      ['authenticated', '/', {
        personal: [{ prefix: '', delimiter: '/', extensions: undefined }],
        other: null,
        shared: [{ prefix: 'shared.', delimiter: '.', extensions: undefined }]
      }, ['IMAP4REV1', 'NAMESPACE']],
      ...END
    ]
  },

  'untagged capabilities with the login make the second CAPABILITY superfluous': {
    script: LOGIN + LOGOUT(4),
    options: { keepalive: false },
    drive (imap) { imap.once('ready', () => imap.end()) },
    expected: [['ready'], ...END]
  },

  'a refused CAPABILITY and a refused LIST do not matter, and NAMESPACE is left out': {
    script: `
      S: * OK ready
      C: A0 CAPABILITY
      S: A0 NO sorry
      C: A1 LOGIN "foo" "bar"
      S: * CAPABILITY IMAP4rev1
      S: A1 OK done
      C: A2 LIST "" ""
      S: A2 BAD what
      ${LOGOUT(3)}`,
    options: { keepalive: false },
    drive (imap, say) {
      imap.once('ready', () => {
        say(imap.delimiter, imap.namespaces)
        imap.end()
      })
    },
    expected: [['ready'], [undefined, undefined], ...END]
  },

  'quotes and backslashes in names are escaped': {
    script: `${LOGIN.replace('"foo" "bar"', '"f\\"o" "b\\\\r"')}
      C: A4 CREATE "Entw&APw-rfe &- \\"x\\\\y\\""
      S: A4 OK done
      C: A5 RENAME "a" "b"
      S: A5 OK done
      C: A6 SUBSCRIBE "null"
      S: A6 OK done
      C: A7 UNSUBSCRIBE "x"
      S: A7 OK done
      C: A8 DELETE "x"
      S: A8 OK done
      C: A9 LIST "" "*"
      S: A9 OK done
      C: A10 LSUB "Sub/" "*"
      S: A10 OK done
      C: A11 STATUS "x" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
      S: A11 OK done
      ${LOGOUT(12)}`,
    options: { keepalive: false, user: 'f"o', password: 'b\\r' },
    drive (imap, say) {
      imap.once('ready', () => {
        const told = (/** @type {Error | undefined} */ error) => say(error)
        imap.addBox('Entwürfe & "x\\y"', told)
        imap.renameBox('a', 'b', told)
        imap.subscribeBox(null, told)
        imap.unsubscribeBox('x', told)
        imap.delBox('x', told)
        imap.getBoxes(told)
        imap.getSubscribedBoxes('Sub/', told)
        imap.status('x', told)
        imap.end()
      })
    },
    expected: [['ready'], [undefined], [undefined], [undefined], [undefined], [undefined], [undefined], [undefined], [undefined], ...END]
  },

  'fetch-dup: what comes twice in several FETCH responses counts once, the first time': {
    script: `${EXAMINE}
      C: A5 FETCH 1 (UID FLAGS INTERNALDATE)
      S: * 1 FETCH (UID 1)
      S: * 1 FETCH (INTERNALDATE "05-Sep-2004 00:38:03 +0000" UID 1000)
      S: * 1 FETCH (FLAGS (\\Seen))
      S: A5 OK Success
      ${LOGOUT(6)}`,
    options: { keepalive: false },
    drive (imap, say) {
      examine(imap, () => {
        const fetch = imap.seq.fetch(1)
        tell(fetch, say)
        fetch.once('end', () => imap.end())
      })
    },
    expected: [...START, ['message', 1, ATTRIBUTES], ['fetch end'], ...END]
  },

  'fetch-frag: attributes in several FETCH responses are merged': {
    script: `${EXAMINE}
      C: A5 FETCH 1:2 (UID FLAGS INTERNALDATE)
      S: * 1 FETCH (UID 1)
      S: * 2 FETCH (UID 3)
      S: * 1 FETCH (INTERNALDATE "05-Sep-2004 00:38:03 +0000")
      S: * 1 FETCH (FLAGS (\\Seen))
      S: * 2 FETCH (FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000")
      S: A5 OK Success
      ${LOGOUT(6)}`,
    options: { keepalive: false },
    drive (imap, say) {
      examine(imap, () => {
        const fetch = imap.seq.fetch('1:2')
        tell(fetch, say)
        fetch.once('end', () => imap.end())
      })
    },
    expected: [
      ...START, ['message', 1, ATTRIBUTES], ['message', 2, { uid: 3, date: DATE, flags: [] }], ['fetch end'], ...END
    ],
    fixes: 'Q-34: an empty list of flags'
  },

  'fetch-stringbody: a quoted body among FETCH responses': {
    script: `${EXAMINE}
      C: A5 FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[TEXT])
      S: * 1 FETCH (UID 1)
      S: * 1 FETCH (INTERNALDATE "05-Sep-2004 00:38:03 +0000")
      S: * 1 FETCH (BODY[TEXT] "IMAP is terrible")
      S: * 1 FETCH (FLAGS (\\Seen))
      S: A5 OK Success
      ${LOGOUT(6)}`,
    options: { keepalive: false },
    drive (imap, say) {
      examine(imap, () => {
        const fetch = imap.seq.fetch(1, { bodies: 'TEXT' })
        tell(fetch, say)
        fetch.once('end', () => imap.end())
      })
    },
    expected: [
      ...START,
      ['message', 1, { seqno: 1, which: 'TEXT', size: 16, text: 'IMAP is terrible', ended: true }, ATTRIBUTES],
      ['fetch end'],
      ...END
    ]
  },

  'literal bodies of several messages': {
    script: `${EXAMINE}
      C: A5 UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[HEADER] BODY.PEEK[TEXT])
      S: * 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE "05-Sep-2004 00:38:03 +0000" BODY[HEADER] {5}
      S+: a: b\\n BODY[TEXT] {17}\\r\\n
      S+: ) {3}\\r\\nA5 OK x\\r\\n\\xe9)\\r\\n
      S: * 2 FETCH (BODY[TEXT] {3}
      S+: one BODY[HEADER] {3}\\r\\ntwo UID 1 FLAGS (\\\\Seen) INTERNALDATE "05-Sep-2004 00:38:03 +0000")\\r\\n
      S: A5 OK Success
      ${LOGOUT(6)}`,
    options: { keepalive: false },
    drive (imap, say) {
      examine(imap, () => {
        const fetch = imap.fetch('1:*', { bodies: ['HEADER', 'TEXT'] })
        tell(fetch, say)
        fetch.once('end', () => imap.end())
      })
    },
    expected: [
      ...START,
      ['message', 1,
        { seqno: 1, which: 'HEADER', size: 5, text: 'a: b\n', ended: true },
        { seqno: 1, which: 'TEXT', size: 17, text: ') {3}\r\nA5 OK x\r\n\xe9', ended: true }, ATTRIBUTES],
      ['message', 2,
        { seqno: 2, which: 'TEXT', size: 3, text: 'one', ended: true },
        { seqno: 2, which: 'HEADER', size: 3, text: 'two', ended: true }, ATTRIBUTES],
      ['fetch end'],
      ...END
    ]
  },

  'idle-normal: IDLE after a fetch, and DONE only after its continuation': {
    script: `${EXAMINE}
      C: A5 UID FETCH 1 (UID FLAGS INTERNALDATE)
      S: * 1 FETCH (UID 1 INTERNALDATE "05-Sep-2004 00:38:03 +0000" FLAGS (\\Seen))
      S: A5 OK Success
      C: IDLE IDLE
      X: wait command
      S: * 686 EXISTS
      X: wait continuation
      S: + idling
      C: DONE
      S: IDLE ok IDLE terminated
      C: A6 STATUS "test" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
      S: * STATUS test (MESSAGES 231 RECENT 0 UNSEEN 0 UIDVALIDITY 123 UIDNEXT 442)
      S: A6 OK STATUS completed
      C: /^IDLE IDLE$/
      S: + idling
      C: DONE
      S: IDLE ok IDLE terminated
      ${LOGOUT(7)}`,
    drive (imap, say, server) {
      let received = ''
      examine(imap, () => {
        server.connections[0].raw.on('data', (/** @type {Buffer} */ data) => { received += data })
        const fetch = imap.fetch(1)
        tell(fetch, say)
        fetch.once('end', () => server.waiters.wait(() => server.lines.at(-1) === 'IDLE IDLE', 'IDLE').then(() => {
          imap.status('test', (/** @type {any} */ error, /** @type {any} */ box) => {
            say('status', error, box)
            server.waiters.wait(() => server.lines.filter((/** @type {string} */ line) => line === 'IDLE IDLE').length === 2, 'IDLE')
              .then(() => imap.end())
          })
          server.release('command')
        }))
        imap.once('mail', () => setImmediate(() => {
          // The client has heard from the server since the command, and still keeps its DONE.
          say('received', received.slice(received.indexOf('IDLE')))
          server.release('continuation')
        }))
      })
    },
    expected: [
      ...START, ['message', 1, ATTRIBUTES], ['fetch end'], ['mail', 1], ['received', 'IDLE IDLE\r\n'],
      ['status', undefined, { name: 'test', uidnext: 442, uidvalidity: 123, messages: { total: 231, new: 0, unseen: 0 } }],
      ...END
    ]
  },

  'idle-order: a command in the `end` of a fetch comes after IDLE and DONE': {
    script: `${EXAMINE}
      C: A5 FETCH 1 (UID FLAGS INTERNALDATE)
      S: * 1 FETCH (UID 1 INTERNALDATE "05-Sep-2004 00:38:03 +0000" FLAGS (\\Seen))
      S: A5 OK Success
      C: IDLE IDLE
      S: + idling
      C: DONE
      S: IDLE ok IDLE terminated
      C: A6 STATUS "test" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
      S: * STATUS test (MESSAGES 231 RECENT 0 UNSEEN 0 UIDVALIDITY 123 UIDNEXT 442)
      S: A6 OK STATUS completed
      ${LOGOUT(7)}`,
    options: { pipeline: false },
    drive (imap, say) {
      examine(imap, () => {
        const fetch = imap.seq.fetch(1)
        tell(fetch, say)
        fetch.once('end', () => imap.status('test', (/** @type {any} */ error, /** @type {any} */ box) => {
          say('status', error, box)
          imap.end()
        }))
      })
    },
    expected: [
      ...START, ['message', 1, ATTRIBUTES], ['fetch end'],
      ['status', undefined, { name: 'test', uidnext: 442, uidvalidity: 123, messages: { total: 231, new: 0, unseen: 0 } }],
      ...END
    ]
  },

  'IDLE at once after a login that asked for nothing': {
    script: `${LOGIN}
      C: IDLE IDLE
      S: + idling
      C: DONE
      S: IDLE ok
      ${LOGOUT(4)}`,
    drive (imap, say, server) {
      imap.once('ready', () => server.waiters.wait(() => server.lines.at(-1) === 'IDLE IDLE', 'IDLE').then(() => imap.end()))
    },
    expected: [['ready'], ...END]
  },

  'NOOP at once where there is no IDLE': {
    script: `${LOGIN.replaceAll(' IDLE', '')}
      C: NOOP NOOP
      S: NOOP OK
      X: wait noop
      ${LOGOUT(4)}`,
    drive (imap, say, server) {
      imap.once('ready', () => server.waiters.wait(() => server.lines.at(-1) === 'NOOP NOOP', 'NOOP').then(() => {
        server.release('noop')
        imap.end()
      }))
    },
    expected: [['ready'], ...END]
  },

  'fetch-spillover: a body that is read late loses nothing, nor does the next message': {
    script: `${EXAMINE}
      C: A5 FETCH 1:2 (UID FLAGS INTERNALDATE BODY.PEEK[TEXT])
      S: * 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE "05-Sep-2004 00:38:03 +0000" BODY[TEXT] {20000}
      S+: ${'0123456789'.repeat(2000)})\\r\\n
      S: * 2 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE "05-Sep-2004 00:38:03 +0000" BODY[TEXT] {200}
      S+: ${'abcdefghij'.repeat(20)})\\r\\n
      S: A5 OK Success
      ${LOGOUT(6)}`,
    options: { keepalive: false },
    drive (imap, say) {
      examine(imap, () => {
        /** @type {Promise<string>[]} */
        const bodies = []
        const fetch = imap.seq.fetch('1:2', { bodies: 'TEXT' })
        let read = (/** @type {any} */ _) => {}
        const second = new Promise((resolve) => { read = resolve })
        fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
          message.on('body', (/** @type {any} */ stream) => {
            if (seqno === 2) read(undefined)
            bodies.push(second.then(async () => {
              let text = ''
              for await (const chunk of stream) text += chunk
              return text
            }))
          })
        })
        fetch.once('end', async () => {
          say(await Promise.all(bodies))
          imap.end()
        })
      })
    },
    expected: [...START, [['0123456789'.repeat(2000), 'abcdefghij'.repeat(20)]], ...END]
  },

  'mail, expunges and updates while a command runs, in the order of the wire': {
    script: `${EXAMINE}
      C: A5 UID SEARCH UNSEEN
      S: * 687 EXISTS
      S: * 2 EXPUNGE
      S: * 5 FETCH (UID 9 FLAGS (\\Seen))
      S: * SEARCH 4 8
      S: * 687 EXISTS
      S: A5 OK Success
      ${LOGOUT(6)}`,
    options: { keepalive: false },
    drive (imap, say) {
      examine(imap, () => imap.search(['UNSEEN'], (/** @type {any[]} */ ...values) => {
        say('search', ...values, imap._box.messages)
        imap.end()
      }))
    },
    expected: [
      ...START, ['mail', 2], ['expunge', 2], ['update', 5, { uid: 9, flags: ['\\Seen'] }], ['mail', 1],
      ['search', undefined, [4, 8], { total: 687, new: 1 }], ...END
    ]
  }
}

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  for (const split of SPLITS) {
    test(`${name}; ${split.name}`, (t) => play(t, Imap, scenario, split.trace))
  }
  const todo = scenario.fixes && `npm imap does not: ${scenario.fixes}`
  test(`${name}; npm imap`, { skip: todo ?? false }, (t) => play(t, NodeImap, scenario, {}))
}

/**
 * @param {import('node:test').TestContext} t
 * @param {any} Implementation
 * @param {Scenario} scenario
 * @param {import('./server/trace').TraceOptions} trace
 */
async function play (t, Implementation, scenario, trace) {
  const server = await tracing(t, scenario.script, trace)
  const imap = new Implementation({ ...server.options, user: 'foo', password: 'bar', ...scenario.options })
  t.after(() => imap.destroy())
  const events = recorded(imap)
  scenario.drive(imap, (...values) => events.push(values), server)
  const close = closed(imap)
  imap.connect()
  // A client that says something else fails the trace first, and with the better message.
  await Promise.race([server.done({ timeout: PATIENCE_MS }), close])
  await server.done()
  await close
  assert.deepEqual(events, scenario.expected)
  const [connection] = server.connections
  const bytes = connection.received.reduce((/** @type {number} */ sum, /** @type {any} */ line) => sum + Buffer.byteLength(line) + 2, 0)
  assert.equal(connection.receivedBytes, bytes, 'every line ends in CRLF, and nothing else was sent')
}
