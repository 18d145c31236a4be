// @ts-check
'use strict'

// A session with the option `reconnect` (resilience 2.3 to 2.5, 2.18), through a relay that cuts
// its connections: same object, same mailbox, same listeners, nothing lost, nothing doubled.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { random } = require('./random')
const { until, watching } = require('./recovery')
const { call, within } = require('./support')

const PATIENCE_MS = 60_000

test('a hundred cuts at random moments: one object, one mailbox, one socket, each message once', async (t) => {
  const { server, relay, imap, box, uids, events } = await watching(t)
  const chance = random(20261124)
  let delivered = 0
  for (let cut = 1; cut <= 100; cut++) {
    const back = once(imap, 'reconnected')
    const before = Math.floor(chance() * 3)
    for (let i = 0; i < before; i++) server.inbox.deliver(`Subject: ${++delivered}\r\n\r\nx\r\n`)
    relay.cut(chance() < 0.5)
    for (let i = 0; i < 2; i++) server.inbox.deliver(`Subject: ${++delivered}\r\n\r\nx\r\n`)
    await within(PATIENCE_MS, back, `reconnected, cut ${cut}`)
  }
  await until(imap, 'mail', () => uids.length >= delivered)
  assert.deepEqual(uids, Array.from({ length: delivered }, (_, i) => i + 1))
  assert.equal(imap._box, box)
  assert.equal(box.messages.total, delivered)
  assert.equal(imap.state, 'authenticated')
  assert.equal(relay.most, 1, 'one live socket at any time')
  assert.equal(events.filter(([name]) => ['ready', 'error', 'end', 'close'].includes(name)).length, 0)
  assert.equal(imap.listenerCount('mail'), 1)
  const found = await call(imap, 'search', ['ALL'])
  assert.equal(found.length, delivered)
  imap.end()
  await within(PATIENCE_MS, once(imap, 'close'), 'close')
})

test('commands wait while the session comes back', async (t) => {
  const { server, relay, imap } = await watching(t)
  server.inbox.deliver('Subject: one\r\n\r\nx\r\n')
  await within(PATIENCE_MS, once(imap, 'mail'), 'mail')
  relay.cut()
  await within(PATIENCE_MS, once(imap, 'disconnected'), 'disconnected')
  assert.equal(imap.state, 'authenticated')
  const [found, boxes] = await Promise.all([call(imap, 'search', ['ALL']), call(imap, 'getBoxes')])
  assert.deepEqual(found, [1])
  assert.ok(boxes.INBOX)
  imap.end()
  await within(PATIENCE_MS, once(imap, 'close'), 'close')
})

test('end() and destroy() while it comes back end it at once, with one close', async (t) => {
  for (const how of ['end', 'destroy']) {
    const { relay, imap, events } = await watching(t)
    imap._config.reconnect.baseMs = 5
    relay.stop()
    await within(PATIENCE_MS, once(imap, 'reconnecting'), 'reconnecting')
    imap[how]()
    await within(PATIENCE_MS, once(imap, 'close'), 'close')
    assert.equal(events.filter(([name]) => name === 'close').length, 1)
    assert.equal(events.filter(([name]) => name === 'error').length, 0)
    assert.equal(imap.state, 'disconnected')
  }
})

test('connect() while it comes back changes nothing', async (t) => {
  const { relay, imap } = await watching(t)
  relay.cut()
  await within(PATIENCE_MS, once(imap, 'disconnected'), 'disconnected')
  const back = once(imap, 'reconnected')
  imap.connect()
  imap.connect()
  await within(PATIENCE_MS, back, 'reconnected')
  assert.equal(relay.most, 1)
  assert.equal(relay.accepted, 2)
})
