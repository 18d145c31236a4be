// @ts-check
'use strict'

// COMPRESS=DEFLATE (RFC 4978) with a real server.

const assert = require('node:assert/strict')
const { createHash, randomBytes } = require('node:crypto')
const { after, before, test } = require('node:test')

const { Dovecot } = require('.')
const { call, connected, ended } = require('./support')

/** @type {Dovecot} */
let dovecot

before(async () => {
  dovecot = await Dovecot.start({
    settings: { 'protocol imap {\n mail_plugins': 'imap_zlib\n}' }
  })
})
after(() => dovecot?.stop())

/** @param {string | Buffer} data */
const digest = (data) => createHash('sha256').update(data).digest('hex')

test('what is sent and what comes is the same, LOGOUT and all', async () => {
  /** @type {string[]} */
  const lines = []
  const options = { ...dovecot.options(), compress: true, debug: (/** @type {string} */ line) => lines.push(line) }
  const connection = await connected(options)
  assert.ok(lines.some((line) => /COMPRESS DEFLATE/.test(line)))
  const messages = [
    'Subject: repeated\r\n\r\n' + 'the same line again and again\r\n'.repeat(100_000),
    `Subject: random\r\n\r\n${randomBytes(500_000).toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`
  ]
  for (const message of messages) await call(connection, 'append', message, { mailbox: 'INBOX' })
  await call(connection, 'openBox', 'INBOX')
  const digests = await new Promise((resolve, reject) => {
    /** @type {string[]} */
    const found = []
    const fetch = connection.fetch('1:2', { bodies: '' })
    fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream) => {
      const hash = createHash('sha256')
      stream.on('data', (/** @type {Buffer} */ chunk) => hash.update(chunk))
      stream.on('end', () => found.push(hash.digest('hex')))
    }))
    fetch.on('error', reject)
    fetch.on('end', () => resolve(found))
  })
  assert.deepEqual(digests, messages.map(digest))
  await ended(connection)
})

test('not in clear text, and not unless it is asked for', async () => {
  for (const options of [{ ...dovecot.plainOptions(), compress: true }, dovecot.options()]) {
    /** @type {string[]} */
    const lines = []
    const connection = await connected({ ...options, debug: (/** @type {string} */ line) => lines.push(line) })
    await ended(connection)
    assert.ok(lines.some((line) => /COMPRESS=DEFLATE/.test(line)))
    assert.ok(!lines.some((line) => /COMPRESS DEFLATE/.test(line)))
  }
})
