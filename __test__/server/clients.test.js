'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const test = require('node:test')
const { promisify } = require('node:util')
const Imap = require('imap')
const { ImapFlow } = require('imapflow')
const { PASSWORD } = require('../credentials')
const { Server } = require('./index')

const MAIL = 'From: Ann <ann@x.org>\nTo: bob@x.org\nSubject: first\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n' +
  'Content-Type: multipart/mixed; boundary=q\n\n--q\n\nhello\n--q\nContent-Type: text/html\n\n<b>hello</b>\n--q--\n'

async function serving (t, settings) {
  const server = await Server.start(settings)
  t.after(() => server.stop())
  server.inbox.deliver(MAIL)
  return server
}

async function nodeImap (server, options = {}) {
  const imap = new Imap({ ...server.options, ...options })
  imap.connect()
  await once(imap, 'ready') // rejects on 'error'
  return imap
}

/** A method as a promise. */
const call = (imap, method, ...args) => promisify(imap[method]).apply(imap, args)

/** Every message of a fetch: attributes, and bodies by section. */
async function collect (fetch) {
  const messages = []
  fetch.on('message', (message) => {
    const one = { bodies: {} }
    messages.push(one)
    message.on('body', (stream, { which }) => {
      one.bodies[which] = ''
      stream.on('data', (chunk) => { one.bodies[which] += chunk })
    })
    message.once('attributes', (attributes) => Object.assign(one, attributes))
  })
  await once(fetch, 'end')
  return messages
}

for (const tls of [false, true, 'starttls']) {
  test(`npm imap: a session from login to logout, tls ${tls}`, async (t) => {
    const server = await serving(t, { tls })
    const imap = await nodeImap(server)
    assert.equal(server.connections[0].secure, tls !== false)

    const boxes = await call(imap, 'getBoxes')
    assert.deepEqual(Object.keys(boxes), ['INBOX', 'Archive', 'Drafts', 'Sent', 'Trash'])
    assert.equal(boxes.Trash.special_use_attrib, '\\Trash')

    const box = await call(imap, 'openBox', 'INBOX')
    assert.deepEqual(box.messages, { total: 1, new: 1 })
    assert.equal(box.uidvalidity, server.inbox.uidvalidity)
    assert.deepEqual(await call(imap, 'search', ['UNSEEN', ['SUBJECT', 'first']]), [1])

    const [message] = await collect(imap.fetch(1, { bodies: ['', '1', 'HEADER.FIELDS (SUBJECT)'], envelope: true, struct: true, size: true }))
    assert.equal(message.bodies[''], MAIL.replaceAll('\n', '\r\n'))
    assert.equal(message.bodies[1], 'hello')
    assert.equal(message.bodies['HEADER.FIELDS (SUBJECT)'], 'Subject: first\r\n\r\n')
    assert.equal(message.envelope.from[0].mailbox, 'ann')
    assert.equal(message.struct[2][0].subtype, 'html')
    assert.equal(message.size, MAIL.replaceAll('\n', '\r\n').length)

    assert.equal(await call(imap, 'append', 'Subject: second\r\n\r\nhi', { mailbox: 'INBOX', flags: ['Seen'] }), 2)
    assert.deepEqual([...server.inbox.message(2).flags], ['\\Seen'])
    await call(imap, 'addFlags', 2, ['Flagged'])
    await call(imap, 'copy', 1, 'Archive')
    await call(imap, 'move', [1, 2], 'Trash')
    assert.equal(server.account().mailbox('Archive').messages.length, 1)
    assert.deepEqual(server.account().mailbox('Trash').messages.map(({ flags }) => [...flags]), [[], ['\\Seen', '\\Flagged']])
    assert.equal(box.messages.total, 0)

    await server.connections[0].line('IDLE IDLE')
    const mail = once(imap, 'mail')
    server.inbox.deliver('Subject: third\n\nhi')
    assert.deepEqual(await mail, [1])
    const gone = once(imap, 'expunge')
    server.inbox.expunge(3)
    assert.deepEqual(await gone, [1])

    imap.end()
    await once(imap, 'close')
  })

  test(`imapflow: a session from login to logout, tls ${tls}`, async (t) => {
    const server = await serving(t, { tls })
    const client = new ImapFlow({
      host: server.host,
      port: server.port,
      secure: tls === true,
      auth: { user: 'user', pass: PASSWORD },
      tls: { ca: server.ca, servername: 'localhost' },
      logger: false
    })
    await client.connect()
    assert.equal(client.secureConnection, tls !== false)
    assert.deepEqual((await client.list()).map(({ path, specialUse }) => [path, specialUse]), [
      ['INBOX', '\\Inbox'], ['Sent', '\\Sent'], ['Drafts', '\\Drafts'], ['Archive', '\\Archive'], ['Trash', '\\Trash']
    ])
    await client.mailboxOpen('INBOX')
    assert.deepEqual(await client.search({ subject: 'first' }), [1])
    const message = await client.fetchOne('1', { envelope: true, bodyStructure: true, source: true, bodyParts: ['2'] })
    assert.equal(message.envelope.from[0].address, 'ann@x.org')
    assert.equal(message.bodyStructure.childNodes[1].type, 'text/html')
    assert.equal(message.bodyParts.get('2').toString(), '<b>hello</b>')
    assert.equal((await client.append('Archive', 'Subject: x\r\n\r\ny')).uid, 1)
    assert.deepEqual([...(await client.messageMove('1', 'Trash', { uid: true })).uidMap], [[1, 1]])
    const exists = once(client, 'exists')
    const idle = client.idle()
    await server.connections[0].line(/ IDLE$/)
    server.inbox.deliver('Subject: z\n\n')
    assert.equal((await exists)[0].count, 1)
    await client.logout()
    await idle
  })
}

test('npm imap: a wrong password and a bad token are refused as a server would', async (t) => {
  const server = await serving(t, { accounts: { user: { password: 'right', tokens: ['Z29vZA=='] } } })
  await assert.rejects(nodeImap(server, { password: 'wrong' }), { textCode: 'AUTHENTICATIONFAILED' })
  await assert.rejects(nodeImap(server, { xoauth2: 'YmFk' }), { textCode: 'AUTHENTICATIONFAILED' })
  const imap = await nodeImap(server, { xoauth2: 'Z29vZA==' })
  imap.end()
  await once(imap, 'close')
})

test('2,000 messages with envelope and structure come in a moment', { timeout: 20000 }, async (t) => {
  const server = await serving(t)
  for (let count = 1; count < 2000; count++) server.inbox.deliver(MAIL.replace('first', `number ${count}`))
  const imap = await nodeImap(server)
  await call(imap, 'openBox', 'INBOX')
  const messages = await collect(imap.fetch('1:*', { envelope: true, struct: true }))
  assert.equal(messages.length, 2000)
  assert.equal(messages[1999].envelope.subject, 'number 1999')
  imap.end()
  await once(imap, 'close')
})
