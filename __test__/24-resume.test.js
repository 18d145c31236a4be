// @ts-check
'use strict'

// The mailbox of a lost connection is found again (resilience 2.4, 2.5): with QRESYNC, with CONDSTORE
// and with neither, line by line, and as a program sees it that only listens.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { random } = require('./random')
const { Relay } = require('./relay')
const { Shadow, picture } = require('./shadow')
const { Imap, PATIENCE_MS, Server, call, fetched, recorded, tracing, within } = require('./support')

const RECONNECT = { baseMs: 5, capMs: 20, stableMs: 60_000, loginsPerMinute: 1e6 }
const SEED = Number(process.env.SEED || 20261124)

const LOGIN = (/** @type {string} */ capabilities, /** @type {string} */ enabled) => `
  S: * PREAUTH hello
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1 ENABLE IDLE ${capabilities}
  S: A0 OK done
  C: A1 LIST "" ""
  S: A1 OK done
  C: A2 ENABLE ${enabled}
  S: * ENABLED ${enabled}
  S: A2 OK done
`

const OPENED = `
  C: A3 SELECT "INBOX" (CONDSTORE)
  S: * 3 EXISTS
  S: * OK [UIDVALIDITY 7] ok
  S: * OK [UIDNEXT 9] ok
  S: * OK [HIGHESTMODSEQ 20] ok
  S: A3 OK [READ-WRITE] done
  C: A4 FETCH 1:3 (UID FLAGS)
  S: * 1 FETCH (UID 3 FLAGS ())
  S: * 2 FETCH (UID 5 FLAGS (\\Seen))
  S: * 3 FETCH (UID 8 FLAGS ())
  S: A4 OK done
`

/**
 * A session with an open mailbox, and what it tells.
 *
 * @param {import('node:test').TestContext} t
 * @param {any} server
 * @param {object} [options]
 */
async function opened (t, server, options) {
  const imap = new Imap({ ...server.options, reconnect: RECONNECT, ...options })
  t.after(() => imap.destroy())
  // At once: else IDLE comes first.
  const opening = new Promise((resolve) => imap.once('ready', () => resolve(call(imap, 'openBox', 'INBOX'))))
  const events = recorded(imap, ['mail', 'expunge', 'update', 'synced', 'reconnected', 'mailboxReset', 'error', 'close'])
  imap.connect()
  return { imap, events, box: await within(PATIENCE_MS, opening, 'the mailbox') }
}

test('QRESYNC: what went is told by number and UID, live and after a lost connection', async (t) => {
  const server = await tracing(t, [
    `${LOGIN('CONDSTORE QRESYNC', 'QRESYNC')}${OPENED}
    C: IDLE IDLE
    S: + idling
    S: * 1 FETCH (UID 3 FLAGS (\\Flagged) MODSEQ (21))
    S: * VANISHED 3,8
    X: wait cut
    X: cut`,
    `${LOGIN('CONDSTORE QRESYNC', 'QRESYNC')}
    C: A3 SELECT "INBOX" (QRESYNC (7 20))
    S: * OK [CLOSED] nothing was open
    S: * 2 EXISTS
    S: * OK [UIDVALIDITY 7] ok
    S: * OK [UIDNEXT 12] ok
    S: * OK [HIGHESTMODSEQ 30] ok
    S: * VANISHED (EARLIER) 5:8
    S: * 1 FETCH (UID 10 FLAGS () MODSEQ (29))
    S: * 2 FETCH (UID 11 FLAGS () MODSEQ (30))
    S: A3 OK [READ-WRITE] done
    C: IDLE IDLE
    S: + idling
    C: DONE
    S: IDLE OK done
    C: A4 LOGOUT
    S: A4 OK bye`
  ])
  const { imap, events, box } = await opened(t, server, { pipeline: false })
  while (events.filter(([name]) => name === 'expunge').length < 2) await within(PATIENCE_MS, once(imap, 'expunge'), 'expunge')
  assert.equal(box.messages.total, 1)
  assert.equal(box.highestmodseq, '20')
  const back = once(imap, 'reconnected')
  server.release('cut')
  const [reconnected] = await within(PATIENCE_MS, back, 'reconnected')
  assert.equal(box.messages.total, 2)
  assert.equal(box.highestmodseq, '30')
  imap.end()
  await within(PATIENCE_MS, once(imap, 'close'), 'close')
  await server.done()
  delete reconnected.gapMs
  const synced = { mailbox: 'INBOX', uidvalidity: 7 }
  assert.deepEqual(events, [
    ['mail', 3],
    ['synced', { ...synced, lastUid: 8, uidnext: 9, messages: 3, highestmodseq: '20' }],
    ['update', 1, { uid: 3, flags: ['\\Flagged'], modseq: '21' }],
    ['expunge', 3, { uid: 8, cause: 'live' }],
    ['expunge', 1, { uid: 3, cause: 'live' }],
    ['expunge', 1, { uid: 5, cause: 'resume' }],
    ['mail', 2, { uids: [10, 11], uidvalidity: 7, cause: 'resume' }],
    ['synced', { ...synced, lastUid: 11, uidnext: 12, messages: 2, highestmodseq: '30' }],
    ['reconnected', { attempts: 1, new: 2, expunged: 1, gap: 1, mailbox: 'INBOX', resumedBy: 'qresync' }],
    ['close', false]
  ])
})

test('QRESYNC: what the program itself expunges is told before its callback', async (t) => {
  const server = await tracing(t, `${LOGIN('CONDSTORE QRESYNC UIDPLUS', 'QRESYNC')}${OPENED}
    C: A5 UID EXPUNGE 3,5
    S: * VANISHED 3,5
    S: A5 OK [HIGHESTMODSEQ 24] done
    C: A6 LOGOUT
    S: A6 OK bye`)
  const { imap, events, box } = await opened(t, server, { keepalive: false })
  await call(imap, 'expunge', [3, 5])
  assert.deepEqual(events.filter(([name]) => name === 'expunge'), [
    ['expunge', 2, { uid: 5, cause: 'live' }], ['expunge', 1, { uid: 3, cause: 'live' }]
  ])
  assert.equal(box.messages.total, 1)
  imap.end()
  await within(PATIENCE_MS, once(imap, 'close'), 'close')
  await server.done()
})

test('CONDSTORE: only what changed is asked for, and everything where the count says that some went', async (t) => {
  const selected = (/** @type {number} */ count, /** @type {number} */ next, /** @type {number} */ modseq) => `
    C: A3 SELECT "INBOX" (CONDSTORE)
    S: * ${count} EXISTS
    S: * OK [UIDVALIDITY 7] ok
    S: * OK [UIDNEXT ${next}] ok
    S: * OK [HIGHESTMODSEQ ${modseq}] ok
    S: A3 OK [READ-WRITE] done`
  const server = await tracing(t, [
    `${LOGIN('CONDSTORE', 'CONDSTORE')}${OPENED}
    X: cut`,
    `${LOGIN('CONDSTORE', 'CONDSTORE')}${selected(4, 10, 25)}
    C: A4 FETCH 1:* (UID FLAGS) (CHANGEDSINCE 20)
    S: * 4 FETCH (UID 9 FLAGS () MODSEQ (25))
    S: A4 OK done
    X: wait cut
    X: cut`,
    `${LOGIN('CONDSTORE', 'CONDSTORE')}${selected(3, 10, 26)}
    C: A4 FETCH 1:* (UID FLAGS) (CHANGEDSINCE 25)
    S: * 1 FETCH (UID 5 FLAGS () MODSEQ (26))
    S: A4 OK done
    C: A5 FETCH 1:* (UID FLAGS)
    S: * 1 FETCH (UID 5 FLAGS ())
    S: * 2 FETCH (UID 8 FLAGS ())
    S: * 3 FETCH (UID 9 FLAGS ())
    S: A5 OK done
    C: IDLE IDLE`
  ])
  const { imap, events } = await opened(t, server)
  await within(PATIENCE_MS, once(imap, 'reconnected'), 'reconnected')
  const back = once(imap, 'reconnected')
  server.release('cut')
  await within(PATIENCE_MS, back, 'reconnected again')
  const told = events.filter(([name]) => ['mail', 'expunge', 'update'].includes(name))
  assert.deepEqual(told, [
    ['mail', 3],
    ['mail', 1, { uids: [9], uidvalidity: 7, cause: 'resume' }],
    ['expunge', 1, { uid: 3, cause: 'resume' }],
    ['update', 1, { uid: 5, flags: [] }]
  ])
  const means = events.filter(([name]) => name === 'reconnected').map(([, info]) => info.resumedBy)
  assert.deepEqual(means, ['condstore', 'uids'])
})

for (const capabilities of [Server.CAPABILITIES, Server.CAPABILITIES.filter((/** @type {string} */ name) => name !== 'CONDSTORE')]) {
  const level = capabilities.includes('CONDSTORE') ? 'CONDSTORE' : 'neither'
  test(`${level}: a mailbox kept from the events equals the server's, whatever happens while the session is away`, async (t) => {
    const server = await Server.start({ capabilities })
    t.after(() => server.stop())
    const { inbox } = server
    const chance = random(SEED)
    const some = () => inbox.messages[Math.floor(chance() * inbox.messages.length)].uid
    const change = () => {
      const what = chance()
      if (inbox.messages.length < 3 || what < 0.4) inbox.deliver('Subject: x\r\n\r\nx\r\n')
      else if (what < 0.7) inbox.expunge([some()])
      else inbox.flag(some(), chance() < 0.5 ? ['\\Seen'] : ['\\Flagged', 'x'])
    }
    for (let i = 0; i < 20; i++) change()
    const relay = await Relay.start(t, server.options.port)
    const { imap, events } = await opened(t, { options: { ...server.options, port: relay.port } })
    const entries = (await fetched(imap.fetch('1:*', {}))).map(({ attributes }) => attributes)
    const shadow = new Shadow(imap, entries)
    for (let round = 0; round < 30; round++) {
      const back = once(imap, 'reconnected')
      relay.stop()
      for (let i = Math.floor(chance() * 8); i > 0; i--) change()
      await relay.accept()
      const [{ resumedBy }] = await within(PATIENCE_MS, back, `reconnected, round ${round}`)
      if (level === 'neither') assert.equal(resumedBy, 'uids')
      // A message that is new comes without flags; a listener asks for what it wants of it.
      const known = new Map((await fetched(imap.fetch('1:*', {}))).map(({ attributes }) => [attributes.uid, attributes.flags]))
      for (const entry of shadow.entries) if (shadow.announced.includes(entry.uid) && known.has(entry.uid)) entry.flags = known.get(entry.uid)
      const truth = inbox.messages.map((/** @type {any} */ { uid, flags }) => picture({ uid, flags: [...flags] }))
      assert.deepEqual(shadow.picture, truth, `round ${round}, SEED=${SEED}`)
    }
    assert.deepEqual([...new Set(shadow.announced)].sort((a, b) => a - b), shadow.announced)
    assert.equal(events.filter(([name]) => name === 'error').length, 0)
  })
}
