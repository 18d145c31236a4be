// @ts-check
'use strict'

const assert = require('node:assert/strict')
const { after, before, test } = require('node:test')

const { Dovecot } = require('.')
const { call, connected, ended, fetched, randomBytes } = require('./support')

/** @type {Dovecot} */
let dovecot
before(async () => { dovecot = await Dovecot.start() })
after(() => dovecot?.stop())

/**
 * A message that Dovecot gives back as it came. Of all bytes it changes only NUL, a line feed
 * without its carriage return, and the CRs that stand before a CRLF or at the very end.
 *
 * @param {number} size at least 3
 * @param {number} seed
 */
function anyBytes (size, seed) {
  const next = randomBytes(seed)
  const bytes = Buffer.from(Array.from({ length: size }, next))
  for (let at = 0; at < size; at++) if (bytes[at] === 0 || bytes[at] === 0x0a) bytes[at] = 0xff
  for (let at = 70; at + 2 < size; at += 70 + next() % 40) {
    if (bytes[at - 1] === 0x0d) bytes[at - 1] = 0xfe
    bytes.write('\r\n', at, 'latin1')
  }
  if (bytes[size - 1] === 0x0d) bytes[size - 1] = 0xfd
  return bytes
}

for (const [index, size] of [3, 64, 255, 4096, 65_535, 65_536, 1_048_576].entries()) {
  test(`${size} random bytes come back as they were appended`, async () => {
    const connection = await connected(dovecot.options(dovecot.user(`bytes-${size}`)))
    await call(connection, 'openBox', 'INBOX')
    const raw = anyBytes(size, index + 1)
    const uid = await call(connection, 'append', raw)
    assert.equal(typeof uid, 'number')
    const [message] = await fetched(connection.fetch(uid, { bodies: '', size: true }))
    assert.equal(message.attributes.size, size)
    assert.ok(message.bodies[''].equals(raw), `${size} bytes differ`)
    await ended(connection)
  })
}

test('every byte value that Dovecot keeps comes back', async () => {
  const connection = await connected(dovecot.options(dovecot.user('values')))
  const values = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 0x0a))
  const raw = Buffer.concat([Buffer.from('Subject: all values\r\n\r\n'), values, Buffer.from('\r\n')])
  const uid = await call(connection, 'append', raw, { mailbox: 'INBOX' })
  await call(connection, 'openBox', 'INBOX')
  const [message] = await fetched(connection.fetch(uid, { bodies: '' }))
  assert.deepEqual(message.bodies[''], raw)
  await ended(connection)
})

test('a string is appended as UTF-8', async () => {
  const connection = await connected(dovecot.options(dovecot.user('text')))
  const raw = 'Subject: Grüße 😀\r\n\r\nEs grünt so grün.\r\n'
  const uid = await call(connection, 'append', raw, { mailbox: 'INBOX' })
  await call(connection, 'openBox', 'INBOX')
  const [message] = await fetched(connection.fetch(uid, { bodies: '' }))
  assert.equal(message.bodies[''].toString(), raw)
  await ended(connection)
})

test('flags and date are those that were given', async () => {
  const connection = await connected(dovecot.options(dovecot.user('dated')))
  await call(connection, 'openBox', 'INBOX')
  for (const moment of ['2004-09-05T07:08:09Z', '2024-02-29T23:59:59Z', '1999-12-31T12:00:00Z']) {
    const date = new Date(moment)
    const uid = await call(connection, 'append', 'Subject: dated\r\n\r\nx\r\n', {
      date, flags: ['Seen', '\\Flagged', '$Forwarded']
    })
    const [message] = await fetched(connection.fetch(uid))
    assert.equal(message.attributes.date.toISOString(), date.toISOString())
    assert.deepEqual(message.attributes.flags.filter((/** @type {string} */ flag) => flag !== '\\Recent').sort(),
      ['$Forwarded', '\\Flagged', '\\Seen'])
  }
  await ended(connection)
})

test('a date is the same moment in every time zone', async (t) => {
  const before = process.env.TZ
  t.after(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })
  const connection = await connected(dovecot.options(dovecot.user('zones')))
  await call(connection, 'openBox', 'INBOX')
  const date = new Date('2004-09-05T07:08:09Z')
  for (const zone of ['America/St_Johns', 'Asia/Kolkata', 'Asia/Tokyo', 'America/New_York', 'UTC']) {
    process.env.TZ = zone
    const uid = await call(connection, 'append', 'Subject: dated\r\n\r\nx\r\n', { date })
    const [message] = await fetched(connection.fetch(uid))
    assert.equal(message.attributes.date.toISOString(), date.toISOString(), zone)
  }
  await ended(connection)
})

test('a refused append tells why, and the connection goes on', async () => {
  const connection = await connected(dovecot.options(dovecot.user('refused')))
  await assert.rejects(call(connection, 'append', 'Subject: x\r\n\r\nx\r\n', { mailbox: 'nowhere' }), {
    source: 'protocol', type: 'no', textCode: 'TRYCREATE'
  })
  assert.equal(typeof await call(connection, 'append', 'Subject: x\r\n\r\nx\r\n', { mailbox: 'INBOX' }), 'number')
  await ended(connection)
})
