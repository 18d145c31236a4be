// @ts-check
'use strict'

// imap-simple: promises over node-imap.

const net = require('node:net')
const { once } = require('node:events')
const { setImmediate } = require('node:timers/promises')

const { Server } = require('../../server')
const { Record } = require('../record')
const { refusing } = require('../stage')

/** @typedef {import('../stage').Stage} Stage */

const EVENTS = ['alert', 'mail', 'expunge', 'uidvalidity', 'update', 'error', 'end', 'close']
const SILENCE_MS = 200

/** @param {Stage} stage */
async function drive (stage) {
  for (const way of /** @type {const} */ (['TLS', 'plain'])) {
    stage.begin(way)
    await mailboxes(stage, way)
    await messages(stage, way)
    await restart(stage, way)
  }
  stage.begin('faults')
  await refusals(stage)
  await resets(stage)
}

/**
 * @param {Stage} stage
 * @param {'TLS' | 'plain'} way
 */
async function mailboxes (stage, way) {
  const user = await stage.user(`boxes-${way}`)
  const connection = await stage.load().connect({ imap: stage.options(way, user) })
  const events = new Record().listen(connection, EVENTS)
  await stage.settle('addBox', connection.addBox('Archive/2024'))
  await stage.settle('addBox with umlauts', connection.addBox('Grüße'))
  await stage.settle('addBox again', connection.addBox('Grüße'))
  await stage.settle('getBoxes', connection.getBoxes())
  await stage.settle('openBox', connection.openBox('Grüße'))
  await stage.settle('openBox that is missing', connection.openBox('nowhere'))
  await stage.settle('delBox', connection.delBox('Archive/2024'))
  await stage.settle('getBoxes after delBox', connection.getBoxes())
  connection.end()
  await events.until('close')
  stage.note('events of mailboxes', events.take())
}

/**
 * @param {Stage} stage
 * @param {'TLS' | 'plain'} way
 */
async function messages (stage, way) {
  const user = await stage.user(`mails-${way}`, 12)
  const program = stage.load()
  const connection = await program.connect({ imap: stage.options(way, user) })
  const events = new Record().listen(connection, EVENTS)
  await connection.addBox('Archive')
  await stage.settle('openBox INBOX', connection.openBox('INBOX'))

  const header = { bodies: ['HEADER.FIELDS (FROM TO SUBJECT DATE)'], struct: true }
  const unseen = await stage.settle('search UNSEEN, headers', connection.search(['UNSEEN'], header))
  await stage.settle('search ALL, whole and in pieces', connection.search(['ALL'], { bodies: ['', 'HEADER', 'TEXT'] }))
  await stage.settle('search that finds nothing', connection.search([['SUBJECT', 'nothing like this']], header))
  for (const message of unseen) {
    for (const part of program.getParts(message.attributes.struct)) {
      await stage.settle(`part ${part.partID} of ${message.attributes.uid}`, connection.getPartData(message, part))
    }
  }

  await stage.settle('addFlags', connection.addFlags([2, 3], ['\\Seen', '\\Flagged']))
  await stage.settle('delFlags', connection.delFlags(3, '\\Flagged'))
  await stage.settle('search after the flags', connection.search(['FLAGGED'], { bodies: [] }))
  await stage.settle('search SEEN with markSeen', connection.search(['UNSEEN'], { bodies: ['TEXT'], markSeen: true }))
  await stage.settle('append', connection.append('Subject: appended\r\n\r\nGrüße\r\n', { mailbox: 'Archive', flags: ['Seen'] }))
  await stage.settle('append to the open mailbox', connection.append(Buffer.from('Subject: here\r\n\r\n\xff\r\n', 'utf8')))
  await stage.settle('moveMessage', connection.moveMessage(['4', '5'], 'Archive'))
  await stage.settle('moveMessage to nowhere', connection.moveMessage(6, 'nowhere'))
  await stage.settle('deleteMessage', connection.deleteMessage([6]))
  stage.note('events of messages', events.take())

  await stage.deliver(user, 'a new mail')
  await events.until('mail')
  stage.note('a new mail', events.take())
  await stage.settle('search for it', connection.search([['SUBJECT', 'a new mail']], { bodies: ['HEADER', 'TEXT'] }))
  await stage.settle('closeBox', connection.closeBox(false))
  await stage.settle('the archive', connection.openBox('Archive'))
  await stage.settle('its messages', connection.search(['ALL'], { bodies: ['HEADER.FIELDS (SUBJECT)'], envelope: true, size: true }))
  connection.end()
  await events.until('close')
  stage.note('the end', events.take())
  stage.note('what Dovecot keeps', await stage.stored(user))
}

/**
 * The server goes away under a session and comes back.
 *
 * @param {Stage} stage
 * @param {'TLS' | 'plain'} way
 */
async function restart (stage, way) {
  const user = await stage.user(`restart-${way}`, 2)
  const connection = await stage.load().connect({ imap: stage.options(way, user) })
  const events = new Record().listen(connection, EVENTS)
  await connection.openBox('INBOX')
  events.take()
  await stage.dovecot.halt()
  await events.until('close')
  stage.note('the server goes away', events.take())
  await stage.settle('connect meanwhile', stage.load().connect({ imap: stage.options(way, user) }))
  await stage.dovecot.resume()
  const again = await stage.load().connect({ imap: stage.options(way, user) })
  await stage.settle('openBox after the restart', again.openBox('INBOX'))
  await stage.settle('search after the restart', again.search(['ALL'], { bodies: ['TEXT'] }))
  const last = new Record().listen(again, EVENTS)
  again.end()
  await last.until('close')
}

/** @param {Stage} stage */
async function refusals (stage) {
  const { connect, errors } = stage.load()
  const user = await stage.user('refused')
  for (const way of /** @type {const} */ (['TLS', 'plain'])) {
    const imap = stage.options(way, user)
    await stage.settle(`${way}, wrong password`, connect({ imap: { ...imap, password: 'wrong' } }))
    await stage.settle(`${way}, connection refused`, connect({ imap: { ...imap, port: await refusing() } }))
  }
  await stage.settle('certificate not trusted', connect({ imap: { ...stage.options('TLS', user), tlsOptions: {} } }))
  const silent = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = /** @type {net.AddressInfo} */ (silent.address())
  const late = connect({ imap: { ...stage.options('plain', user), port, authTimeout: SILENCE_MS } })
  await stage.settle('no greeting', late)
  stage.note('ConnectionTimeoutError', await late.catch((/** @type {unknown} */ error) => error instanceof errors.ConnectionTimeoutError))
  silent.close()
}

/** @param {Stage} stage */
async function resets (stage) {
  for (const tls of [true, false]) {
    const way = tls ? 'TLS' : 'plain'
    const server = await Server.start({ tls })
    const options = { ...server.options, tlsOptions: { rejectUnauthorized: false } }
    const connection = await stage.load().connect({ imap: options })
    const events = new Record().listen(connection, EVENTS)
    await connection.openBox('INBOX')
    events.take()
    server.fault({ do: 'reset' })
    await events.until('close')
    stage.note(`${way}, reset`, events.take())

    const ending = await stage.load().connect({ imap: options })
    events.listen(ending, EVENTS)
    server.fault({ on: /LOGOUT/, do: 'reset' })
    ending.end()
    await events.until('close')
    stage.note(`${way}, reset after end()`, events.take())

    const asking = await stage.load().connect({ imap: options })
    events.listen(asking, EVENTS)
    await asking.openBox('INBOX')
    events.take()
    server.fault({ on: /SEARCH/, do: 'reset' })
    const searching = asking.search(['ALL'], {}).then(() => 'results', (/** @type {any} */ { source }) => `an error of the ${source}`)
    await events.until('close')
    stage.note(`${way}, reset under a search`, events.take())
    // Whoever is called back has been by now.
    stage.note(`${way}, what the search got`, await Promise.race([searching, turn()]))
    await server.stop()
  }
}

/** @returns {Promise<string>} after a turn of the event loop */
async function turn () {
  await setImmediate()
  return 'nothing'
}

module.exports = { drive }
