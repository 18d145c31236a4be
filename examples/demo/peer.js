// @ts-check
'use strict'

// The other side of the demo, run by offline.js in a process of its own: an IMAP server with a
// filled account, which delivers mails on demand and says when.

const { createHash } = require('node:crypto')
const { Server, certificate } = require('../../__test__/server')
const { Mails } = require('./mails')

const MESSAGES = 2000

const MAILBOXES = ['INBOX', 'Archive', 'Archive/2024', 'Archive/2025', 'Drafts', 'Junk', 'Sent', 'Trash',
  'Projekte/Büro Zürich', 'Projekte/東京 2027 🗼']

/** Gaps before each delivery, in milliseconds: single mails and a burst. */
const GAPS = [500, 300, 120, 250, 30, 5, 400, 150]

const HOUR = 3600 * 1000

/** @typedef {{ port: number, ca: string, user: string, password: string, messages: number, bytes: number, digests: [uid: number, digest: string][] }} Ready */

const mails = new Mails(12)

// Ctrl-C reaches every process of the terminal; this one ends with its parent.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', (message) => { if (message === 'deliver') deliver(GAPS) })

/** @type {Server} */
let server
start()

async function start () {
  server = await Server.start({
    tls: true,
    certificate: certificate({ ca: true }),
    accounts: { demo: { mailboxes: MAILBOXES } },
    record: false
  })
  for (const [index, name] of MAILBOXES.entries()) fill(name, name === 'INBOX' ? MESSAGES : (index * 5) % 12)
  const { messages } = server.inbox
  const { port, ca = '', options: { user, password } } = server
  /** @type {Ready} */
  const ready = {
    port,
    ca,
    user,
    password,
    messages: messages.length,
    bytes: messages.reduce((sum, { raw }) => sum + raw.length, 0),
    digests: messages.map(({ uid, raw }) => [uid, digest(raw)])
  }
  tell({ ready })
}

/** @param {string} name @param {number} count */
function fill (name, count) {
  const mailbox = server.account().mailbox(name)
  for (let age = count; age > 0; age--) {
    const { raw, flags, date } = mails.next(new Date(Date.now() - age * 3.7 * HOUR))
    mailbox.deliver(raw, { flags, date })
  }
}

/** @param {number[]} gaps */
function deliver ([gap, ...later]) {
  if (gap === undefined) return tell({ finished: GAPS.length })
  setTimeout(() => {
    const { raw } = mails.next(new Date())
    // This clock is the same in all processes of a machine.
    const at = Number(process.hrtime.bigint()) / 1e6
    const uid = server.inbox.deliver(raw)
    tell({ delivered: { uid, at } })
    deliver(later)
  }, gap)
}

/** @param {Buffer} raw */
function digest (raw) {
  return createHash('sha256').update(raw).digest('hex')
}

/** @param {object} message */
function tell (message) {
  if (process.send) process.send(message)
}
