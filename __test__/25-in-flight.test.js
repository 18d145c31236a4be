// @ts-check
'use strict'

// Commands in flight when the link dies (resilience 2.9, 2.10; S29 to S32, N04, N15): a relay cuts the
// exchange after every byte, in both directions, before a server that really carries commands out.

const assert = require('node:assert/strict')
const { createHash } = require('node:crypto')
const { once } = require('node:events')
const { Writable } = require('node:stream')
const { pipeline } = require('node:stream/promises')
const { test } = require('node:test')

const { CuttingRelay } = require('./relay')
const { Imap, Server, call, within } = require('./support')

/** @typedef {import('./relay').Cut} Cut */

const PATIENCE_MS = 60_000
/** So many cuts at once. */
const ABREAST = 24
/** Fast enough for a test; a real account keeps the defaults. */
const FAST = { baseMs: 1, capMs: 5, stableMs: 60_000, loginsPerMinute: 1e6 }

const MODES = {
  off: false,
  error: { ...FAST, onUnknown: 'error' },
  probe: { ...FAST, onUnknown: 'probe' }
}

/**
 * A command, and what it leaves at the server.
 * @typedef {object} Play
 * @property {string} name
 * @property {string[]} [without] capabilities that the server has not
 * @property {(inbox: any) => void} [prepare]
 * @property {(imap: any, done: (...values: any[]) => void) => void} act
 * @property {(account: any) => 'applied' | 'not-applied' | 'wrong'} state
 */

const MESSAGE = Buffer.from('Message-ID: <one@example.com>\r\nSubject: x\r\n\r\nHello\r\n')
/** @param {any} inbox */
const deliver = inbox => {
  for (const number of [1, 2, 3]) inbox.deliver(Buffer.from(`Message-ID: <${number}@example.com>\r\n\r\n${number}\r\n`))
}
/** @param {any} account @param {string} name */
const bodies = (account, name) => account.mailbox(name).messages.map((/** @type {any} */ { raw }) => raw.toString())
/** @param {(message: any) => boolean} is */
const flagged = is => (/** @type {any} */ account) => {
  const marked = account.mailbox('INBOX').messages.map(is)
  return marked.every(Boolean) ? 'applied' : marked.some(Boolean) ? 'wrong' : 'not-applied'
}
/** @param {any} account */
const appended = account => {
  const count = bodies(account, 'Archive').filter((/** @type {string} */ body) => body === MESSAGE.toString()).length
  return count === 0 ? 'not-applied' : count === 1 ? 'applied' : 'wrong'
}
/** @param {any} imap @param {any} done */
const append = (imap, done) => imap.append(MESSAGE, { mailbox: 'Archive', flags: ['Seen'] }, done)
/** @param {number} left how many of three messages stay, when two are to be in the other mailbox @param {any} account */
const transferred = (left, account) => {
  const [here, there] = [bodies(account, 'INBOX').length, bodies(account, 'Archive').length]
  if (here === 3 && there === 0) return 'not-applied'
  return here === left && there === 2 ? 'applied' : 'wrong'
}

/** @type {Play[]} */
const PLAYS = [
  { name: 'APPEND', act: append, state: appended },
  { name: 'APPEND without LITERAL+', without: ['LITERAL+'], act: append, state: appended },
  {
    name: 'MOVE',
    prepare: deliver,
    act: (imap, done) => imap.move('1:2', 'Archive', done),
    state: account => transferred(1, account)
  },
  {
    name: 'COPY',
    prepare: deliver,
    act: (imap, done) => imap.copy([1, 2], 'Archive', done),
    state: account => transferred(3, account)
  },
  {
    name: 'STORE +FLAGS',
    prepare: deliver,
    act: (imap, done) => imap.addFlags('1:*', 'Flagged', done),
    state: flagged(({ flags }) => flags.has('\\Flagged'))
  },
  {
    name: 'STORE FLAGS',
    prepare: deliver,
    act: (imap, done) => imap.setFlags('1:*', ['Flagged'], done),
    state: flagged(({ flags }) => flags.has('\\Flagged'))
  },
  {
    name: 'STORE UNCHANGEDSINCE',
    prepare: deliver,
    act: (imap, done) => imap.addKeywordsSince('1:*', 'x', imap._box.highestmodseq, done),
    state: flagged(({ flags }) => flags.has('x'))
  },
  {
    name: 'EXPUNGE',
    prepare: inbox => { deliver(inbox); for (const uid of [1, 3]) inbox.flag(uid, ['\\Deleted']) },
    act: (imap, done) => imap.expunge(done),
    state: account => {
      const uids = account.mailbox('INBOX').messages.map((/** @type {any} */ { uid }) => uid).join()
      return uids === '2' ? 'applied' : uids === '1,2,3' ? 'not-applied' : 'wrong'
    }
  }
]

/**
 * Plays a command on an account of its own and cuts it.
 * @param {Play} play
 * @param {keyof typeof MODES} mode
 * @param {Cut | null} cut
 */
async function playCut (play, mode, cut) {
  const capabilities = Server.CAPABILITIES.filter(name => !(play.without || []).includes(name))
  const user = [play.name, mode, cut && cut.direction, cut && cut.bytes].join(' ')
  const server = await Server.start({ accounts: { [user]: {} }, capabilities })
  if (play.prepare) play.prepare(server.inbox)
  const relay = await CuttingRelay.start(server.port)
  const imap = new Imap({ ...server.options, port: relay.port, reconnect: MODES[mode], keepalive: false })
  try {
    imap.on('error', () => {})
    const closed = once(imap, 'close')
    imap.connect()
    await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
    await call(imap, 'openBox', 'INBOX')
    /** @type {any[][]} */
    const calls = []
    const answered = new Promise(resolve => {
      play.act(imap, (...values) => resolve(calls.push(values)))
      relay.arm(cut)
    })
    await within(PATIENCE_MS, answered, `${user}: the callback`)
    const passed = { ...relay.passed }
    const [error] = calls[0]
    const verdict = error && error.probe && mode === 'error' ? await error.probe() : undefined
    if (imap.state === 'authenticated') imap.end()
    else imap.destroy()
    await within(PATIENCE_MS, closed, `${user}: close`)
    assert.equal(calls.length, 1, `${user}: called back ${calls.length} times`)
    // What it has got it has dealt with when its connections are over.
    await Promise.all(server.connections.map(connection => connection.ended))
    return { user, values: calls[0], verdict, state: play.state(server.account()), passed, cuts: relay.cuts }
  } finally {
    imap.destroy()
    relay.stop()
    await server.stop()
  }
}

/**
 * Plays it with a cut after every byte.
 * @param {Play} play
 * @param {keyof typeof MODES} mode
 */
async function everyByte (play, mode) {
  const whole = await playCut(play, mode, null)
  assert.equal(whole.state, 'applied', whole.user)
  assert.equal(whole.values[0], undefined)
  /** @type {Cut[]} */
  const cuts = []
  for (const direction of /** @type {const} */ (['up', 'down'])) {
    for (let bytes = 0; bytes < whole.passed[direction]; bytes++) cuts.push({ direction, bytes })
  }
  /** @type {Awaited<ReturnType<typeof playCut>>[]} */
  const results = []
  const next = async () => {
    for (let cut = cuts.shift(); cut; cut = cuts.shift()) results.push(await playCut(play, mode, cut))
  }
  await Promise.all(Array.from({ length: ABREAST }, next))
  return { results, answer: whole.values }
}

/**
 * What a result is called in the table, after everything about it was checked.
 * @param {any} result
 * @param {any[]} answer what the callback gets without a cut
 */
function outcome ({ user, values: [error, ...rest], verdict, state, cuts }, answer) {
  assert.equal(cuts, 1, `${user}: cut once`)
  assert.notEqual(state, 'wrong', user)
  if (!error) {
    assert.equal(state, 'applied', `${user}: a false success`)
    // Also what is proven has the UIDs of the answer, and no message was left alone without a reason.
    assert.deepEqual([undefined, ...rest].map(String), answer.map(String), user)
    return 'done'
  }
  if (error.outcome !== undefined && error.outcome !== 'unknown') assert.equal(error.outcome, state, user)
  if (verdict !== undefined && verdict !== 'unknown') assert.equal(verdict, state, `${user}: probe()`)
  if (error.code === 'EOUTCOMEUNKNOWN') {
    assert.equal(error.wire, 'sent', user)
    assert.equal(typeof error.verb, 'string')
    assert.equal(typeof error.mailbox, 'string')
  } else {
    assert.equal(error.code, 'ECONNLOST', user)
  }
  return [error.code, error.outcome, verdict && `probe() ${verdict}`].filter(Boolean).join(', ')
}

for (const play of PLAYS) {
  for (const mode of /** @type {(keyof typeof MODES)[]} */ (Object.keys(MODES))) {
    test(`${play.name} cut after every byte, ${mode === 'off' ? 'without reconnect' : `onUnknown: ${mode}`}`, async t => {
      const { results, answer } = await everyByte(play, mode)
      /** @type {Record<string, number>} */
      const counts = {}
      for (const result of results) {
        const name = outcome(result, answer)
        counts[name] = (counts[name] || 0) + 1
      }
      t.diagnostic(`${results.length} cuts: ${JSON.stringify(counts)}`)
      if (mode === 'probe') assert.ok(!('EOUTCOMEUNKNOWN, unknown' in counts), 'everything can be proven here')
    })
  }
}
