// @ts-check
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { after, before, test } = require('node:test')

const { Dovecot } = require('.')
const { call, connected, ended, fetched, within } = require('./support')

const NEWS_MS = 1000
// Time for `doveadm` itself, which starts a process.
const PATIENCE_MS = 5000

/** @type {Dovecot} */
let dovecot
before(async () => { dovecot = await Dovecot.start() })
after(() => dovecot?.stop())

/**
 * @param {string} user
 * @param {number} messages in the INBOX at first
 * @returns {Promise<any>} a connection with an open INBOX
 */
async function listening (user, messages) {
  dovecot.user(user)
  if (messages > 0) {
    await dovecot.fill(user, 'INBOX', Array.from({ length: messages }, (_, n) => `Subject: ${n + 1}\r\n\r\nx\r\n`))
  }
  const connection = await connected(dovecot.options(user))
  const box = await call(connection, 'openBox', 'INBOX')
  assert.equal(box.messages.total, messages)
  return connection
}

/**
 * Waits for an event, and for the change that causes it.
 *
 * @param {any} connection
 * @param {string} event
 * @param {() => Promise<unknown>} change
 * @returns {Promise<{ args: any[], milliseconds: number }>} from the end of the change, which is
 *   when another client would know of it; negative if the event was earlier
 */
async function news (connection, event, change) {
  const heard = once(connection, event).then((args) => ({ args, at: performance.now() }))
  const [{ args, at }, changed] = await within(PATIENCE_MS, Promise.all([
    heard, change().then(() => performance.now())
  ]), `the event "${event}"`)
  return { args, milliseconds: at - changed }
}

test('a delivery reaches `mail` in less than a second, again and again', async () => {
  const connection = await listening('delivered', 0)
  for (let total = 1; total <= 5; total++) {
    const { args, milliseconds } = await news(connection, 'mail',
      () => dovecot.save('delivered', 'INBOX', `Subject: news ${total}\r\n\r\nx\r\n`))
    assert.deepEqual(args, [1])
    assert.ok(milliseconds < NEWS_MS, `${milliseconds} ms`)
    const [message] = await fetched(connection.seq.fetch(total, { bodies: 'HEADER' }))
    assert.equal(message.bodies.HEADER.toString(), `Subject: news ${total}\r\n\r\n`)
  }
  await ended(connection)
})

test('flags changed by another reach `update`', async () => {
  const connection = await listening('flagged', 3)
  const { args: [seqno, info], milliseconds } = await news(connection, 'update',
    () => dovecot.doveadm('flags', 'add', '-u', 'flagged', '\\Flagged', 'mailbox', 'INBOX', 'uid', '2'))
  assert.equal(seqno, 2)
  assert.ok(info.flags.includes('\\Flagged'), String(info.flags))
  assert.ok(milliseconds < NEWS_MS, `${milliseconds} ms`)
  await ended(connection)
})

test('an expunge by another reaches `expunge`', async () => {
  const connection = await listening('expunged', 3)
  const { args: [seqno], milliseconds } = await news(connection, 'expunge',
    () => dovecot.doveadm('expunge', '-u', 'expunged', 'mailbox', 'INBOX', 'uid', '2'))
  assert.equal(seqno, 2)
  assert.ok(milliseconds < NEWS_MS, `${milliseconds} ms`)
  assert.deepEqual(await call(connection, 'search', ['ALL']), [1, 3])
  await ended(connection)
})
