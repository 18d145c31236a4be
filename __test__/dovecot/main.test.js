// @ts-check
'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { after, before, test } = require('node:test')

const { Dovecot } = require('.')
const { Imap, PATIENCE_MS, call, connected, ended, fetched, within } = require('./support')

/** @type {Dovecot} */
let dovecot
before(async () => { dovecot = await Dovecot.start() })
after(() => dovecot?.stop())

/**
 * @param {string} name a new user's
 * @param {number} messages in the INBOX at first, with UIDs from 1 and subjects of the same number
 * @param {object} [options]
 * @returns {Promise<any>} a connection of that user
 */
async function connectedAs (name, messages, options = {}) {
  const user = dovecot.user(name)
  if (messages > 0) {
    const raw = (/** @type {number} */ number) => `Subject: ${number}\r\n\r\nbody ${number}\r\n`
    await dovecot.fill(user, 'INBOX', Array.from({ length: messages }, (_, index) => raw(index + 1)))
  }
  return connected({ ...dovecot.options(user), ...options })
}

/**
 * @param {any} connection
 * @param {string} [mailbox]
 * @returns {Promise<Record<number, string[]>>} the flags of each UID, without \Recent
 */
async function flags (connection, mailbox) {
  if (mailbox) await call(connection, 'openBox', mailbox)
  const messages = await fetched(connection.fetch('1:*'))
  return Object.fromEntries(messages.map(({ attributes }) => [
    attributes.uid, attributes.flags.filter((/** @type {string} */ flag) => flag !== '\\Recent').sort()
  ]))
}

/**
 * @param {object} options of a login that must fail
 * @returns {Promise<any>} its error, after the `close` that follows it
 */
async function refused (options) {
  const connection = new Imap(options)
  connection.once('ready', () => assert.fail('the login was accepted'))
  const error = once(connection, 'error')
  const close = new Promise((resolve) => connection.once('close', resolve))
  connection.connect()
  const [failure] = await within(PATIENCE_MS, error, 'error')
  await within(PATIENCE_MS, close, 'close')
  return failure
}

test('login, capabilities, namespaces, logout', async () => {
  const connection = await connectedAs('login', 0)
  assert.equal(connection.state, 'authenticated')
  assert.equal(connection.delimiter, '/')
  assert.equal(connection.namespaces.personal[0].prefix, '')
  for (const capability of ['IDLE', 'MOVE', 'UIDPLUS', 'CONDSTORE']) {
    assert.equal(connection.serverSupports(capability), true, capability)
  }
  assert.equal(connection.serverSupports('X-GM-EXT-1'), false)
  const close = once(connection, 'close')
  connection.end()
  assert.deepEqual(await within(PATIENCE_MS, close, 'close'), [false])
  assert.equal(connection.state, 'disconnected')
})

test('a wrong password is an `error` from authentication', async () => {
  const error = await refused({ ...dovecot.options(), password: 'wrong' })
  assert.equal(error.source, 'authentication')
  assert.equal(error.type, 'no')
  assert.equal(error.textCode, 'AUTHENTICATIONFAILED')
  assert.equal(typeof error.code, 'string')
})

test('a host by name, and a certificate of an unknown authority', async () => {
  await ended(await connected({ ...dovecot.options(), host: 'localhost' }))
  const error = await refused({ ...dovecot.options(), tlsOptions: {} })
  assert.equal(error.source, 'socket')
  assert.equal(error.code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
})

test('STARTTLS on the plain port', async () => {
  const user = dovecot.user('starttls')
  const tlsOptions = { ca: dovecot.ca }
  /** @type {string[]} */
  const sent = []
  const debug = (/** @type {string} */ line) => sent.push(line)
  const connection = await connected({ ...dovecot.plainOptions(user), autotls: 'always', tlsOptions, debug })
  await call(connection, 'openBox', 'INBOX')
  await ended(connection)
  assert.ok(sent.some((line) => line.includes('STARTTLS')), sent.join('\n'))
  const error = await refused({ ...dovecot.plainOptions(user), autotls: 'always' })
  assert.equal(error.source, 'socket')
  assert.equal(error.code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
})

test('XOAUTH2 with a valid token, an expired one, and a foreign one', async () => {
  const user = dovecot.user('token')
  const options = { ...dovecot.options(user), password: undefined }
  const connection = await connected({ ...options, xoauth2: dovecot.xoauth2(user) })
  await call(connection, 'openBox', 'INBOX')
  await ended(connection)
  const foreign = Buffer.from(`user=${user}\x01auth=Bearer e30.e30.e30\x01\x01`).toString('base64')
  for (const xoauth2 of [dovecot.xoauth2(user, { expiresIn: -60 }), foreign]) {
    const error = await refused({ ...options, xoauth2 })
    assert.equal(error.source, 'authentication')
    assert.equal(error.type, 'no')
    assert.equal(error.textCode, 'AUTHENTICATIONFAILED')
    assert.equal(typeof error.code, 'string')
  }
})

test('openBox, read-only too, closeBox, a missing box', async () => {
  const connection = await connectedAs('open', 2)
  const box = await call(connection, 'openBox', 'INBOX', true)
  assert.equal(box.name, 'INBOX')
  assert.equal(box.readOnly, true)
  assert.equal(box.uidnext, 3)
  assert.equal(box.messages.total, 2)
  assert.ok(box.uidvalidity > 0)
  await call(connection, 'closeBox', false)
  assert.throws(() => connection.closeBox(() => {}), { message: 'No mailbox is currently selected' })
  assert.equal((await call(connection, 'openBox', 'INBOX')).readOnly, false)
  await assert.rejects(call(connection, 'openBox', 'nowhere'), {
    source: 'protocol', type: 'no', message: /Mailbox doesn't exist: nowhere/
  })
  await ended(connection)
})

test('status', async () => {
  const connection = await connectedAs('status', 3)
  const box = await call(connection, 'status', 'INBOX')
  assert.equal(box.name, 'INBOX')
  assert.equal(box.uidnext, 4)
  assert.equal(box.messages.total, 3)
  assert.equal(box.messages.unseen, 3)
  assert.match(box.highestmodseq, /^\d+$/)
  await ended(connection)
})

test('addFlags, delFlags, setFlags, addKeywords', async () => {
  const connection = await connectedAs('flags', 3)
  await call(connection, 'openBox', 'INBOX')
  await call(connection, 'addFlags', [1, 2], ['Seen', '\\Flagged'])
  await call(connection, 'delFlags', 1, '\\Seen')
  await call(connection, 'setFlags', '2', 'Answered')
  await call(connection, 'addKeywords', [3], ['$Label1', 'important'])
  assert.deepEqual(await flags(connection), { 1: ['\\Flagged'], 2: ['\\Answered'], 3: ['$Label1', 'important'] })
  await call(connection.seq, 'addFlags', '1:2', 'Draft')
  assert.deepEqual(await flags(connection), {
    1: ['\\Draft', '\\Flagged'], 2: ['\\Answered', '\\Draft'], 3: ['$Label1', 'important']
  })
  await ended(connection)
})

test('copy gives the new UIDs', async () => {
  const connection = await connectedAs('copy', 3)
  await dovecot.doveadm('mailbox', 'create', '-u', 'copy', 'Archive')
  await call(connection, 'openBox', 'INBOX')
  assert.equal(await call(connection, 'copy', 2, 'Archive'), 1)
  assert.equal(await call(connection, 'copy', [1, 3], 'Archive'), '2:3')
  assert.deepEqual(await call(connection, 'search', ['ALL']), [1, 2, 3])
  assert.deepEqual(Object.keys(await flags(connection, 'Archive')), ['1', '2', '3'])
  await assert.rejects(call(connection, 'copy', 1, 'nowhere'), { source: 'protocol', type: 'no', textCode: 'TRYCREATE' })
  await ended(connection)
})

test('move gives the new UIDs and expunges', async () => {
  const connection = await connectedAs('move', 4)
  await dovecot.doveadm('mailbox', 'create', '-u', 'move', 'Archive')
  await call(connection, 'openBox', 'INBOX')
  /** @type {number[]} */
  const expunged = []
  connection.on('expunge', (/** @type {number} */ seqno) => expunged.push(seqno))
  const first = await call(connection, 'move', 2, 'Archive')
  const second = await call(connection.seq, 'move', '1:2', 'Archive')
  assert.equal(expunged.length, 3)
  assert.deepEqual(await call(connection, 'search', ['ALL']), [4])
  assert.deepEqual(Object.keys(await flags(connection, 'Archive')), ['1', '2', '3'])
  await ended(connection)
  assert.deepEqual([first, second], [1, '2:3'])
})

test('expunge all that is deleted, and only some of it', async () => {
  const connection = await connectedAs('expunge', 5)
  await call(connection, 'openBox', 'INBOX')
  await call(connection, 'addFlags', [1, 3, 4], 'Deleted')
  await call(connection, 'expunge', [3])
  assert.deepEqual(await call(connection, 'search', ['ALL']), [1, 2, 4, 5])
  await call(connection, 'expunge')
  assert.deepEqual(await call(connection, 'search', ['ALL']), [2, 5])
  await call(connection, 'addFlags', 2, 'Deleted')
  await call(connection, 'closeBox')
  assert.equal((await call(connection, 'status', 'INBOX')).messages.total, 1)
  await ended(connection)
})

test('seq.fetch and seq.search', async () => {
  const connection = await connectedAs('seq', 4)
  await call(connection, 'openBox', 'INBOX')
  await call(connection, 'addFlags', 1, 'Deleted')
  await call(connection, 'expunge')
  assert.deepEqual(await call(connection.seq, 'search', [['SUBJECT', '3']]), [2])
  assert.deepEqual(await call(connection, 'search', [['SUBJECT', '3']]), [3])
  const messages = await fetched(connection.seq.fetch('2:3', { bodies: ['HEADER.FIELDS (SUBJECT)', 'TEXT'] }))
  assert.deepEqual(messages.map(({ seqno, attributes, bodies }) => [seqno, attributes.uid, bodies.TEXT.toString()]),
    [[2, 3, 'body 3\r\n'], [3, 4, 'body 4\r\n']])
  const headers = messages.map(({ bodies }) => Imap.parseHeader(bodies['HEADER.FIELDS (SUBJECT)'].toString()))
  assert.deepEqual(headers.map(({ subject }) => subject), [['3'], ['4']])
  assert.deepEqual(await fetched(connection.fetch(99)), [])
  await ended(connection)
})

test('markSeen sets \\Seen and a plain fetch does not', async () => {
  const connection = await connectedAs('seen', 2)
  await call(connection, 'openBox', 'INBOX')
  await fetched(connection.fetch(1, { bodies: '' }))
  await fetched(connection.fetch(2, { bodies: '', markSeen: true }))
  assert.deepEqual(await flags(connection), { 1: [], 2: ['\\Seen'] })
  await ended(connection)
})

test('sort', async () => {
  const connection = await connectedAs('sort', 3)
  await call(connection, 'openBox', 'INBOX')
  assert.deepEqual(await call(connection, 'sort', ['-SUBJECT'], ['ALL']), [3, 2, 1])
  assert.deepEqual(await call(connection, 'sort', ['-SUBJECT'], [['UID', '2:3']]), [3, 2])
  await ended(connection)
})

test('callbacks come in the order of the calls', async () => {
  const connection = await connectedAs('order', 3)
  await dovecot.doveadm('mailbox', 'create', '-u', 'order', 'Other')
  await call(connection, 'openBox', 'INBOX')
  /** @type {unknown[]} */
  const order = []
  const note = (/** @type {string} */ name) => (/** @type {unknown} */ error) => order.push(error ?? name)
  connection.status('Other', note('status'))
  connection.getBoxes(note('list'))
  connection.addFlags(1, 'Seen', note('store'))
  connection.search(['SEEN'], note('search'))
  connection.fetch('1:*', { bodies: '' }).once('end', () => note('fetch')(undefined))
  await call(connection, 'status', 'Other')
  assert.deepEqual(order, ['status', 'list', 'store', 'search', 'fetch'])
  await ended(connection)
})
