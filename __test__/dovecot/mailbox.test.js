// @ts-check
'use strict'

const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const { after, before, test } = require('node:test')

const { Dovecot } = require('.')
const { KINDS, sample } = require('./messages')
const { Imap, call, connected, ended, sha256, within } = require('./support')

const MESSAGES = 10_000
const FETCH_MS = 60_000

/** @typedef {import('./messages').Sample & { sha256: string, size: number }} Delivered */

/** @type {Dovecot} */
let dovecot
/** @type {any} */
let connection
/** What was delivered, by UID. @type {Map<number, Delivered>} */
const delivered = new Map()

before(async () => {
  dovecot = await Dovecot.start()
  const samples = Array.from({ length: MESSAGES }, (_, number) => sample(number))
  const uids = await dovecot.fill('user', 'INBOX', samples)
  samples.forEach((made, index) => {
    delivered.set(uids[index], { ...made, raw: Buffer.alloc(0), sha256: sha256(made.raw), size: made.raw.length })
  })
  connection = await connected(dovecot.options())
})
after(() => dovecot?.stop())

/**
 * Hashes what a fetch brings as it comes.
 *
 * @param {any} fetch
 * @returns {Promise<Map<number, { seqno: number, attributes: any, bodies: Map<string, any> }>>} by
 *   UID; each body as its hash, its size and the size that was announced
 */
async function gathered (fetch) {
  const messages = new Map()
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    const bodies = new Map()
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      const hash = crypto.createHash('sha256')
      let size = 0
      stream.on('data', (/** @type {Buffer} */ chunk) => {
        hash.update(chunk)
        size += chunk.length
      })
      stream.on('end', () => bodies.set(info.which, { sha256: hash.digest('hex'), size, announced: info.size }))
    })
    message.on('attributes', (/** @type {any} */ attributes) => {
      assert.ok(!messages.has(attributes.uid), `UID ${attributes.uid} came twice`)
      messages.set(attributes.uid, { seqno, attributes, bodies })
    })
  })
  await within(FETCH_MS, new Promise((resolve, reject) => {
    fetch.on('error', reject)
    fetch.on('end', resolve)
  }), 'the end of the fetch')
  return messages
}

test('it is listed and opened with all of its messages', async () => {
  assert.deepEqual(Object.keys(await call(connection, 'getBoxes')), ['INBOX'])
  const box = await call(connection, 'openBox', 'INBOX')
  assert.equal(box.messages.total, MESSAGES)
  assert.equal(box.uidnext, MESSAGES + 1)
})

test('searches find exactly what was delivered', async (t) => {
  const uids = (/** @type {(made: Delivered, uid: number) => boolean} */ matches) =>
    [...delivered].filter(([uid, made]) => matches(made, uid)).map(([uid]) => uid)
  const cases = /** @type {[any[], number[]][]} */ ([
    [['ALL'], uids(() => true)],
    [['UNSEEN'], uids(({ flags }) => !flags.includes('\\Seen'))],
    [['SEEN', 'FLAGGED'], uids(({ flags }) => flags.length === 2)],
    [[['OR', '!FLAGGED', 'SEEN']], uids(({ flags }) => !flags.includes('\\Flagged') || flags.includes('\\Seen'))],
    [[['UID', '101:200']], uids((_, uid) => uid > 100 && uid <= 200)],
    [[['LARGER', 2000]], uids(({ size }) => size > 2000)],
    [[['SUBJECT', 'attachments']], uids(({ kind }) => kind === 'attachments')],
    [[['SUBJECT', 'Grüße aus Köln']], uids(({ kind }) => kind === 'encodedWords')],
    [[['FROM', 'sender3@example.com'], ['SUBJECT', 'plain']],
      uids(({ kind }, uid) => kind === 'plain' && (uid - 1) % 7 === 3)],
    [[['HEADER', 'MESSAGE-ID', '<77@everimap.test>']], [78]],
    [[['SENTSINCE', new Date(2030, 0, 1)]], []]
  ])
  for (const [criteria, expected] of cases) {
    await t.test(JSON.stringify(criteria), async () => {
      const found = /** @type {number[]} */ (await call(connection, 'search', criteria))
      assert.deepEqual(found.sort((a, b) => a - b), expected)
    })
  }
})

test('envelope, struct, size, flags and date of all', async () => {
  const messages = await gathered(connection.fetch('1:*', { envelope: true, struct: true, size: true }))
  assert.equal(messages.size, MESSAGES)
  for (const [uid, made] of delivered) {
    const { seqno, attributes } = /** @type {any} */ (messages.get(uid))
    assert.equal(seqno, uid)
    assert.equal(attributes.size, made.size)
    const flags = attributes.flags.filter((/** @type {string} */ flag) => flag !== '\\Recent')
    assert.deepEqual(flags.sort(), [...made.flags].sort())
    assert.ok(Math.abs(attributes.date - Date.now()) < 600_000, String(attributes.date))
    assert.equal(attributes.envelope.subject, made.subject)
    assert.equal(attributes.envelope.messageId, `<${uid - 1}@everimap.test>`)
    assert.equal(attributes.envelope.from[0].host, 'example.com')
    assert.equal(attributes.envelope.date.toISOString(), '2024-09-02T08:00:00.000Z')
    assert.equal(Math.max(1, attributes.struct.length - 1), made.parts, `${made.kind} ${uid}`)
  }
})

test('struct tells the parts of each kind', async () => {
  const messages = await gathered(connection.fetch(`1:${KINDS.length}`, { struct: true, envelope: true }))
  const struct = (/** @type {string} */ kind) => messages.get(KINDS.indexOf(kind) + 1)?.attributes.struct
  assert.deepEqual([struct('plain')[0].type, struct('plain')[0].subtype, struct('plain')[0].partID], ['text', 'plain', '1'])
  const [, text, file, image] = struct('attachments')
  assert.equal(text[0].params.charset, 'utf-8')
  assert.equal(file[0].disposition.params.filename, 'a 1.bin')
  assert.equal(image[0].id, '<1@images>')
  const inner = struct('forwarded')[2][0]
  assert.deepEqual([inner.type, inner.subtype, inner.envelope.subject], ['message', 'rfc822', 'inner "3" \\ (x)'])
  assert.deepEqual(inner.body.slice(1).map((/** @type {any} */ [part]) => part.partID), ['2.1', '2.2'])
  const envelope = messages.get(KINDS.indexOf('encodedWords') + 1)?.attributes.envelope
  assert.deepEqual(envelope.to, [{ name: 'Jürgen', mailbox: 'j2', host: 'example.org' }])
})

test('the headers of all', async () => {
  /** @type {Promise<void>[]} */
  const parsed = []
  const fetch = connection.fetch('1:*', { bodies: 'HEADER.FIELDS (SUBJECT MESSAGE-ID)' })
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    message.once('body', (/** @type {any} */ stream) => {
      let text = ''
      stream.on('data', (/** @type {Buffer} */ chunk) => { text += chunk.toString() })
      parsed.push(new Promise((resolve) => stream.on('end', () => {
        const header = Imap.parseHeader(text)
        assert.deepEqual(header['message-id'], [`<${seqno - 1}@everimap.test>`])
        assert.equal(header.subject?.[0] ?? null, delivered.get(seqno)?.subject)
        resolve()
      })))
    })
  })
  await gathered(fetch)
  assert.equal((await Promise.all(parsed)).length, MESSAGES)
})

test('every byte of every message', async () => {
  const messages = await gathered(connection.fetch('1:*', { bodies: '' }))
  assert.equal(messages.size, MESSAGES)
  for (const [uid, { sha256, size }] of delivered) {
    assert.deepEqual(messages.get(uid)?.bodies.get(''), { sha256, size, announced: size }, `UID ${uid}`)
  }
})

test('header and text side by side, the empty text too', async () => {
  const messages = await gathered(connection.fetch(`1:${10 * KINDS.length}`, { bodies: ['HEADER', 'TEXT'] }))
  for (const [uid, { bodies }] of messages) {
    const size = /** @type {Delivered} */ (delivered.get(uid)).size
    assert.equal(bodies.get('HEADER').size + bodies.get('TEXT')?.size, size, `UID ${uid}`)
  }
  await ended(connection)
})
