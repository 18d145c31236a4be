// @ts-check
'use strict'

// What a real server does to its sessions (resilience 3.2): it kicks them, limits them, hangs, takes
// their mailbox or their password away. A session with `reconnect` comes back, or says why not.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { setTimeout: delay } = require('node:timers/promises')
const { describe, test } = require('node:test')

const { Dovecot } = require('.')
const { Relay } = require('../relay')
const { Imap, call, closed, ended, recorded, within } = require('./support')

const PATIENCE_MS = 30_000
const SESSION_EVENTS = ['disconnected', 'reconnecting', 'reconnected', 'throttled', 'suspended', 'mailboxReset', 'mailboxGone', 'rotated',
  'rotationFailed', 'mail', 'error', 'end', 'close']
const POLL_MS = 5
/** Dovecot looks at the file of a password so often. */
const PASSWORD_MS = 1100
/** The server has so long to answer DONE (resilience 2.11). */
const DONE_MS = 15_000
/** What a busy machine adds to a deadline. */
const MARGIN_MS = 3_000
/** How long a server that has too much of us, or has no mailbox for us, is left alone at least. */
const LIMIT_MS = 60_000

/**
 * A session with an open mailbox on a Dovecot of its own, and what it tells from then on.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ settings?: Record<string, string | number>, options?: object, mailbox?: string, relayed?: boolean }} [how]
 */
async function watching (t, { settings, options, mailbox = 'INBOX', relayed = false } = {}) {
  const dovecot = await Dovecot.start({ settings })
  t.after(() => dovecot.stop())
  if (mailbox !== 'INBOX') await dovecot.doveadm('mailbox', 'create', '-u', 'user', mailbox)
  const relay = relayed ? await Relay.start(t, Number(dovecot.tlsPort)) : undefined
  const imap = new Imap({ ...dovecot.options(), ...(relay && { port: relay.port }), reconnect: true, ...options })
  t.after(() => imap.destroy())
  const opened = once(imap, 'ready').then(() => call(imap, 'openBox', mailbox))
  imap.connect()
  const box = await within(PATIENCE_MS, opened, 'the mailbox')
  const events = recorded(imap, SESSION_EVENTS)
  const named = (/** @type {string} */ name) => events.filter(([event]) => event === name).map(([, info]) => info)
  return { dovecot, relay, imap, box, events, named }
}

/** UIDs that were announced. @param {any[][]} events */
function announced (events) {
  return events.filter(([name]) => name === 'mail').flatMap(([, , { uids }]) => uids)
}

/** @param {any} imap @param {string} event */
function soon (imap, event) {
  return within(PATIENCE_MS, once(imap, event), event).then(([info]) => info)
}

// Each on a server of its own, and most of the time is waiting.
describe('faults of a server', { concurrency: true }, () => {
  test('kicked while it idles (S04): back in less than two seconds, nothing lost', async (t) => {
    const { dovecot, imap, events, named } = await watching(t)
    await dovecot.save('user', 'INBOX', 'Subject: before\r\n\r\nx\r\n')
    while (announced(events).length < 1) await soon(imap, 'mail')
    const back = soon(imap, 'reconnected')
    await dovecot.doveadm('kick', 'user')
    await dovecot.save('user', 'INBOX', 'Subject: while it is away\r\n\r\nx\r\n')
    const { gapMs } = await back
    assert.ok(gapMs < 2000, `${gapMs} ms`)
    await dovecot.save('user', 'INBOX', 'Subject: after\r\n\r\nx\r\n')
    while (announced(events).length < 3) await soon(imap, 'mail')
    assert.deepEqual(announced(events), [1, 2, 3])
    assert.deepEqual(named('disconnected').map(({ cause }) => cause), ['transient'])
    await ended(imap)
    t.diagnostic(`back after ${gapMs} ms`)
  })

  test('one connection for a user (S06): what is refused for that waits for a minute, and is no wrong password', async (t) => {
    const { dovecot, imap, events } = await watching(t, { settings: { mail_max_userip_connections: 1 } })
    const second = new Imap({ ...dovecot.options(), reconnect: true })
    t.after(() => second.destroy())
    const told = recorded(second, SESSION_EVENTS)
    second.connect()
    const { delayMs } = await soon(second, 'reconnecting')
    assert.ok(delayMs >= LIMIT_MS, `${delayMs} ms`)
    assert.deepEqual(told.map(([name, info]) => [name, info.cause]), [
      ['disconnected', 'limit'], ['throttled', undefined], ['reconnecting', 'limit']
    ])
    assert.match(told[1][1].text, /Maximum number of connections/)
    assert.equal(told[1][1].waitMs, delayMs)
    assert.deepEqual(events, [], 'the first one is not concerned')
    await ended(imap)
  })

  test('one connection for a user (S06): a rotation ends the first before it makes the second', async (t) => {
    const options = { reconnect: { loginsPerMinute: 600 } }
    const { dovecot, imap, events, named } = await watching(t, { settings: { mail_max_userip_connections: 1 }, options })
    for (let count = 1; count <= 3; count++) {
      const rotated = within(PATIENCE_MS, imap.rotate(), 'rotate()')
      await dovecot.save('user', 'INBOX', `Subject: ${count}\r\n\r\nx\r\n`)
      assert.equal(await rotated, true)
      while (announced(events).length < count) await soon(imap, 'mail')
    }
    assert.deepEqual(announced(events), [1, 2, 3])
    assert.deepEqual(named('rotated').map(({ overlapMs }) => overlapMs), [0, 0, 0])
    assert.deepEqual(named('disconnected'), [])
    await ended(imap)
  })

  test('wedged: the kernel still answers, the server does not; found out in time, and back when it goes on', async (t) => {
    const keepalive = { interval: 500, idleInterval: 1000 }
    const { dovecot, imap, events, named } = await watching(t, { options: { keepalive, reconnect: { loginsPerMinute: 600 } } })
    while (!imap._idle.started) await delay(POLL_MS)
    dovecot.freeze()
    t.after(() => dovecot.thaw())
    const started = performance.now()
    const { code, cause, text } = await soon(imap, 'disconnected')
    const took = performance.now() - started
    assert.equal(code, 'EDEADLINE')
    assert.equal(cause, 'transient')
    assert.match(text, /DONE/)
    const limit = keepalive.idleInterval + keepalive.interval + DONE_MS
    assert.ok(took > DONE_MS - MARGIN_MS && took < limit + MARGIN_MS, `${took} ms`)
    const back = soon(imap, 'reconnected')
    dovecot.thaw()
    await dovecot.save('user', 'INBOX', 'Subject: one\r\n\r\nx\r\n')
    await back
    while (announced(events).length < 1) await soon(imap, 'mail')
    assert.deepEqual(announced(events), [1])
    assert.deepEqual([...named('error'), ...named('close')], [])
    await ended(imap)
    t.diagnostic(`found out after ${(took / 1000).toFixed(1)} s, ${(limit / 1000).toFixed(1)} s are allowed`)
  })

  test('the mailbox is deleted and made again while it is away (S19): one reset, nothing announced as new', async (t) => {
    const { dovecot, relay, imap, box, events, named } = await watching(t, { mailbox: 'Watched', relayed: true })
    await dovecot.save('user', 'Watched', 'Subject: one\r\n\r\nx\r\n')
    while (announced(events).length < 1) await soon(imap, 'mail')
    const old = box.uidvalidity
    relay?.stop()
    await soon(imap, 'disconnected')
    await dovecot.doveadm('mailbox', 'delete', '-u', 'user', 'Watched')
    await dovecot.doveadm('mailbox', 'create', '-u', 'user', 'Watched')
    for (let count = 0; count < 3; count++) await dovecot.save('user', 'Watched', 'Subject: other\r\n\r\nx\r\n')
    const back = soon(imap, 'reconnected')
    await relay?.accept()
    await back
    const [reset, ...more] = named('mailboxReset')
    assert.deepEqual(more, [])
    assert.deepEqual(reset, { cause: 'uidvalidity', mailbox: 'Watched', old, new: box.uidvalidity })
    assert.notEqual(box.uidvalidity, old)
    assert.equal(box.messages.total, 3)
    await dovecot.save('user', 'Watched', 'Subject: new\r\n\r\nx\r\n')
    while (events.filter(([name]) => name === 'mail').length < 2) await soon(imap, 'mail')
    assert.deepEqual(events.filter(([name]) => name === 'mail').at(-1), ['mail', 1, { uids: [4], uidvalidity: reset.new, cause: 'live' }])
    await ended(imap)
  })

  test('the mailbox is deleted while it is watched (S25): that is told, and the session lives on', async (t) => {
    const { dovecot, imap, named } = await watching(t, { mailbox: 'Watched' })
    const gone = soon(imap, 'mailboxGone')
    await dovecot.doveadm('mailbox', 'delete', '-u', 'user', 'Watched')
    const { mailbox, text } = await gone
    assert.equal(mailbox, 'Watched')
    assert.match(text, /doesn't exist/)
    const { delayMs } = named('reconnecting').at(-1)
    assert.ok(delayMs >= LIMIT_MS, `${delayMs} ms`)
    assert.equal(imap.state, 'authenticated')
    assert.deepEqual([...named('error'), ...named('close'), ...named('suspended')], [])
  })

  test('a wrong password (S07): suspended at once', async (t) => {
    const dovecot = await Dovecot.start()
    t.after(() => dovecot.stop())
    const imap = new Imap({ ...dovecot.options(), password: 'wrong', reconnect: true })
    const told = recorded(imap, SESSION_EVENTS)
    imap.connect()
    await closed(imap)
    assert.deepEqual(told.map(([name, info]) => [name, info?.cause ?? info?.code]), [
      ['disconnected', 'rejected'], ['suspended', 'rejected'], ['error', 'EAUTH'], ['end', undefined], ['close', undefined]
    ])
    assert.equal(imap.state, 'disconnected')
  })

  test('a password that is changed while it listens (S07): tried again after a minute, and not before', async (t) => {
    const { dovecot, imap, named } = await watching(t)
    dovecot.setPassword('user', 'another')
    await delay(PASSWORD_MS)
    await dovecot.doveadm('kick', 'user')
    while (!named('reconnecting').some(({ cause }) => cause === 'rejected')) await soon(imap, 'reconnecting')
    const { delayMs } = named('reconnecting').at(-1)
    assert.ok(delayMs >= LIMIT_MS && delayMs <= 1.1 * LIMIT_MS, `${delayMs} ms`)
    assert.deepEqual(named('disconnected').map(({ cause }) => cause), ['transient', 'rejected'])
    assert.deepEqual([...named('error'), ...named('suspended')], [])
    assert.equal(imap.state, 'authenticated')
  })
})
