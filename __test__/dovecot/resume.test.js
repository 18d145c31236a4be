// @ts-check
'use strict'

// A Dovecot whose mailbox another client changes while the session is away (resilience 2.4.1): what
// changed is told exactly, and a mailbox kept from the events equals the server's. ROUNDS=100 makes
// it a longer run, SEED another one.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { Dovecot } = require('.')
const { random } = require('../random')
const { Relay } = require('../relay')
const { Shadow, picture } = require('../shadow')
const { Imap, PATIENCE_MS, call, connected, ended, fetched, within } = require('./support')

const ROUNDS = Number(process.env.ROUNDS || 15)
const SEED = Number(process.env.SEED || 20261124)
const RECONNECT = { baseMs: 5, capMs: 20, loginsPerMinute: 1e6 }

/**
 * A session through a relay, and another client that is always there.
 *
 * @param {import('node:test').TestContext} t
 */
async function stage (t) {
  const dovecot = await Dovecot.start({ tls: false })
  t.after(() => dovecot.stop())
  const other = await connected({ ...dovecot.plainOptions(), keepalive: false })
  t.after(() => other.destroy())
  await call(other, 'openBox', 'INBOX')
  const relay = await Relay.start(t, dovecot.port)
  const open = async () => {
    const imap = new Imap({ ...dovecot.plainOptions(), port: relay.port, reconnect: RECONNECT })
    t.after(() => imap.destroy())
    const synced = once(imap, 'synced')
    imap.once('ready', () => imap.openBox('INBOX', true, (/** @type {Error} */ error) => assert.ifError(error)))
    imap.connect()
    await within(PATIENCE_MS, synced, 'synced')
    for (const never of ['error', 'end', 'close']) imap.on(never, () => assert.fail(`'${never}' while the session comes back`))
    return imap
  }
  return { dovecot, other, relay, open }
}

/** @param {any} other @param {number} number */
const append = (other, number) => call(other, 'append', `Subject: ${number}\r\n\r\nx\r\n`)

/** @param {any} other @param {number[]} uids */
async function remove (other, uids) {
  await call(other, 'addFlags', uids, '\\Deleted')
  await call(other, 'expunge', uids)
}

/** Lets it change while the session is away; gives what `reconnected` tells. */
async function away (/** @type {any} */ imap, /** @type {Relay} */ relay, /** @type {() => Promise<void>} */ change) {
  const back = once(imap, 'reconnected')
  relay.stop()
  await within(PATIENCE_MS, once(imap, 'disconnected'), 'disconnected')
  await change()
  await relay.accept()
  const [info] = await within(PATIENCE_MS, back, 'reconnected')
  return info
}

test('what another client does while the session is away is told exactly', async (t) => {
  const { other, relay, open } = await stage(t)
  for (let number = 1; number <= 6; number++) await append(other, number)
  const imap = await open()
  /** @type {any[][]} */
  const events = []
  for (const name of ['mail', 'expunge', 'update']) imap.on(name, (/** @type {any[]} */ ...values) => events.push([name, ...values]))
  const info = await away(imap, relay, async () => {
    await remove(other, [2, 5])
    await call(other, 'addFlags', 4, '\\Flagged')
    await append(other, 7)
    await append(other, 8)
    await append(other, 9)
    await remove(other, [8])
  })
  const { uidvalidity } = imap._box
  assert.deepEqual(events, [
    ['expunge', 5, { uid: 5, cause: 'resume' }],
    ['expunge', 2, { uid: 2, cause: 'resume' }],
    ['mail', 2, { uids: [7, 9], uidvalidity, cause: 'resume' }],
    ['update', 3, { uid: 4, flags: ['\\Flagged'] }]
  ])
  assert.equal(imap._box.messages.total, 6)
  assert.deepEqual({ ...info, gapMs: 0, attempts: 0 },
    { gapMs: 0, attempts: 0, new: 2, expunged: 2, gap: 1, mailbox: 'INBOX', resumedBy: 'qresync' })
  for (const never of ['end', 'close']) imap.removeAllListeners(never)
  await ended(imap)
})

test('a mailbox that is emptied, and one that is made anew', async (t) => {
  const { dovecot, other, relay, open } = await stage(t)
  for (let number = 1; number <= 3; number++) await append(other, number)
  const imap = await open()
  const shadow = new Shadow(imap, [1, 2, 3].map((uid) => ({ uid, flags: [] })))
  const { expunged } = await away(imap, relay, () => remove(other, [1, 2, 3]))
  assert.equal(expunged, 3)
  assert.deepEqual(shadow.picture, [])
  const before = imap._box.uidvalidity
  const reset = once(imap, 'mailboxReset')
  await away(imap, relay, async () => {
    await call(other, 'closeBox')
    await dovecot.doveadm('mailbox', 'update', '-u', 'user', '--uid-validity', String(before + 1), 'INBOX')
    await call(other, 'openBox', 'INBOX')
    await append(other, 4)
  })
  const [{ cause, old, new: now }] = await within(PATIENCE_MS, reset, 'mailboxReset')
  assert.deepEqual([cause, old, now], ['uidvalidity', before, before + 1])
  assert.deepEqual(shadow.announced, [], 'nothing is replayed as new')
  for (const never of ['end', 'close']) imap.removeAllListeners(never)
  await ended(imap)
})

test(`${ROUNDS} times away, and changes all the time: the shadow is the server's mailbox`, async (t) => {
  const { other, relay, open } = await stage(t)
  const chance = random(SEED)
  /** @type {number[]} */
  const alive = []
  let number = 0
  const change = async () => {
    const what = chance()
    const uid = alive[Math.floor(chance() * alive.length)]
    if (alive.length < 4 || what < 0.5) {
      alive.push(await append(other, ++number))
    } else if (what < 0.75) {
      await call(other, chance() < 0.6 ? 'addFlags' : 'delFlags', uid, ['\\Seen', '\\Flagged'][Math.floor(chance() * 2)])
    } else {
      const gone = alive.splice(Math.floor(chance() * alive.length), 1 + Math.floor(chance() * 2))
      await remove(other, gone)
    }
  }
  for (let i = 0; i < 12; i++) await change()
  const imap = await open()
  const entries = (await fetched(imap.fetch('1:*', {}))).map(({ attributes }) => attributes)
  const shadow = new Shadow(imap, entries)
  /** @type {Record<string, number>} */
  const means = {}
  for (let round = 0; round < ROUNDS; round++) {
    // Some while it is connected, some while it is not.
    for (let i = Math.floor(chance() * 4); i > 0; i--) await change()
    const { resumedBy } = await away(imap, relay, async () => {
      for (let i = Math.floor(chance() * 6); i > 0; i--) await change()
    })
    means[resumedBy] = (means[resumedBy] || 0) + 1
    const server = (await fetched(other.fetch('1:*', {}))).map(({ attributes }) => attributes)
    // What a message had when it came is not told: a listener asks for what it wants of it.
    const born = new Set(shadow.announced)
    const uidOf = (/** @type {any} */ entry) => picture(born.has(entry.uid) ? { ...entry, flags: [] } : entry)
    assert.deepEqual(shadow.entries.map(uidOf), server.map(uidOf), `round ${round}, SEED=${SEED}`)
  }
  assert.deepEqual(shadow.announced, [...new Set(shadow.announced)].sort((a, b) => a - b), 'each UID once, in order')
  assert.deepEqual(Object.keys(means), ['qresync'])
  t.diagnostic(`${JSON.stringify(means)}, ${shadow.announced.length} announced; SEED=${SEED}`)
  for (const never of ['end', 'close']) imap.removeAllListeners(never)
  await ended(imap)
  await ended(other)
})
