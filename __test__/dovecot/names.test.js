// @ts-check
'use strict'

const assert = require('node:assert/strict')
const { after, before, test } = require('node:test')

const { Dovecot } = require('.')
const { call, connected, ended, fetched } = require('./support')

// What Dovecot lets a mailbox be called: no C0 control, no `~` at the beginning.
const NAMES = [
  'Entwürfe & "x"', '📬 Post 😀', '日本語', 'back\\slash', '&', '&-', '&AOQ-', '"', '{5}', '(x) [y]', 'star*',
  'percent%', "it's", '#hash', 'dotted.name', 'NIL', '123', ' blank before', 'blank after ', 'delete\x7f', 'next line\x85',
  'line\u2028separator', 'zero\u200bwidth', 'e\u0301 is two', '__proto__', 'constructor', 'x'.repeat(200)
]

/** @type {Dovecot} */
let dovecot
/** @type {any} */
let connection
before(async () => {
  dovecot = await Dovecot.start()
  await dovecot.doveadm('mailbox', 'create', '-u', 'user', ...NAMES, 'parent/Kinder & Söhne/"deep"')
  connection = await connected(dovecot.options())
})
after(() => dovecot?.stop())

for (const name of NAMES) {
  test(`a mailbox named ${JSON.stringify(name.slice(0, 20))} is itself in every command`, () => roundTrip(name))
}

/** @param {string} name */
async function roundTrip (name) {
  const uid = await call(connection, 'append', 'Subject: one\r\n\r\n1\r\n', { mailbox: name })
  assert.equal(uid, 1)
  const status = await call(connection, 'status', name)
  assert.equal(status.name, name)
  assert.equal(status.messages.total, 1)

  await call(connection, 'openBox', 'INBOX')
  const source = await call(connection, 'append', 'Subject: two\r\n\r\n2\r\n')
  assert.equal(await call(connection, 'copy', source, name), 2)
  await call(connection, 'move', source, name)

  const box = await call(connection, 'openBox', name)
  assert.equal(box.name, name)
  assert.equal(box.messages.total, 3)
  const messages = await fetched(connection.fetch('1:*', { bodies: 'TEXT' }))
  assert.deepEqual(messages.map(({ bodies }) => bodies.TEXT.toString()), ['1\r\n', '2\r\n', '2\r\n'])
  await call(connection, 'closeBox')

  const boxes = await call(connection, 'getBoxes')
  assert.ok(Object.keys(boxes).includes(name), `not listed: ${JSON.stringify(Object.keys(boxes))}`)
}

test('the list has exactly the names that were created', async () => {
  const boxes = await call(connection, 'getBoxes')
  assert.deepEqual(Object.keys(boxes).sort(), [...NAMES, 'INBOX', 'parent'].sort())
  const listed = (await dovecot.doveadm('mailbox', 'list', '-u', 'user')).split('\n').filter(Boolean)
  assert.deepEqual(listed.filter((name) => !name.includes('/')).sort(), Object.keys(boxes).sort())
})

test('a mailbox within others is found under its parents', async () => {
  const boxes = await call(connection, 'getBoxes')
  const child = boxes.parent.children['Kinder & Söhne']
  assert.equal(child.parent, boxes.parent)
  assert.deepEqual(Object.keys(child.children), ['"deep"'])
  const box = await call(connection, 'openBox', `parent${connection.delimiter}Kinder & Söhne${connection.delimiter}"deep"`)
  assert.equal(box.messages.total, 0)
  await ended(connection)
})
