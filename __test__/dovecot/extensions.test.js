// @ts-check
'use strict'

// What scripts cannot tell: that a real server takes the commands of extensions and answers as
// they are read.

const assert = require('node:assert/strict')
const { after, before, test } = require('node:test')

const { Dovecot } = require('.')
const { call, connected, ended } = require('./support')

/** A conversation: its answers, and the answers to these. */
const CONVERSATION = [
  ['<1@x>', ''], ['<2@x>', '<1@x>'], ['<3@x>', '<1@x>'], ['<4@x>', '<1@x> <3@x>'], ['<5@x>', '']
]

/** @type {Dovecot} */
let dovecot
/** @type {any} */
let connection

before(async () => {
  // The settings are lines of key and value; a block is one whose value closes it.
  dovecot = await Dovecot.start({
    settings: {
      'namespace inbox {\n inbox': 'yes\n mailbox Sent {\n auto = create\n special_use = \\Sent\n }\n}',
      'protocol imap {\n mail_plugins': 'quota imap_quota\n}',
      'plugin {\n quota = count:Mail\n quota_vsizes = yes\n quota_rule': '*:storage=1M:messages=100\n}'
    }
  })
  connection = await connected(dovecot.options())
  for (const [id, references] of CONVERSATION) {
    const message = `Message-ID: ${id}\r\n${references && `References: ${references}\r\n`}Subject: ${references ? 'Re: a' : id}\r\n\r\nx`
    await call(connection, 'append', message, { mailbox: 'INBOX' })
  }
  await call(connection, 'openBox', 'INBOX')
})
after(async () => {
  if (connection) await ended(connection)
  await dovecot?.stop()
})

test('id', async () => {
  assert.equal((await call(connection, 'id', { name: 'test', vendor: 'Müller' })).name, 'Dovecot')
})

test('thread', async () => {
  const expected = [[1, [2], [3, 4]], [5]]
  assert.deepEqual(await call(connection, 'thread', 'REFERENCES', ['ALL']), expected)
  assert.deepEqual(await call(connection.seq, 'thread', 'references', ['ALL']), expected)
  assert.deepEqual(await call(connection, 'thread', 'REFS', [['SUBJECT', 'ü']]), [])
})

test('esearch', async () => {
  const criteria = [['UID', '2:*']]
  assert.deepEqual(await call(connection, 'esearch', criteria, ['MIN', 'MAX', 'COUNT', 'ALL']), { min: 2, max: 5, count: 4, all: ['2:5'] })
  assert.deepEqual(await call(connection.seq, 'esearch', criteria), { all: ['2:5'] })
  assert.deepEqual(await call(connection, 'esearch', [['SUBJECT', 'ü']], 'MIN'), {})
  assert.deepEqual(await call(connection, 'search', ['ALL']), [1, 2, 3, 4, 5])
})

test('flags and keywords since a mod-sequence', async () => {
  const { highestmodseq } = connection._box
  assert.equal(await call(connection, 'addFlagsSince', 1, 'Flagged', highestmodseq), undefined)
  assert.equal(await call(connection, 'addFlagsSince', '1:2', 'Seen', highestmodseq), '1')
  assert.equal(await call(connection.seq, 'setKeywordsSince', '1:3', '$Done', highestmodseq), '1:2')
  assert.deepEqual(await call(connection, 'search', ['SEEN']), [2])
  assert.deepEqual(await call(connection, 'search', [['KEYWORD', '$Done']]), [3])
})

test('special uses', async () => {
  const { INBOX, Sent } = await call(connection, 'getSpecialUseBoxes')
  assert.deepEqual([INBOX.special_use_attrib, Sent.special_use_attrib], [undefined, '\\Sent'])
})

test('quotas', async () => {
  const { storage, message } = (await call(connection, 'getQuotaRoot', 'INBOX')).Mail
  assert.deepEqual([message, storage.limit], [{ usage: 5, limit: 100 }, 1024])
  assert.deepEqual(await call(connection, 'getQuota', 'Mail'), { root: 'Mail', resources: { storage, message } })
  await assert.rejects(call(connection, 'setQuota', 'Mail', { storage: 5 }), { type: 'no', source: 'protocol' })
})

test('another mailbox, for which Dovecot says CLOSED of this one', async () => {
  await call(connection, 'addBox', 'empty')
  const box = await call(connection, 'openBox', 'empty')
  assert.deepEqual([box.name, box.messages, box.flags.includes('$Done')], ['empty', { total: 0, new: 0 }, false])
})
