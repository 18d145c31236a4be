'use strict'

// Searches what is unseen on `mail` and on every `update`, and marks it seen.

const Imap = require('imap')

const imap = new Imap({
  user: 'user',
  password: process.env.MAIL_PASSWORD,
  host: 'imap.example.org',
  port: 993,
  tls: true
})
let stopping = false

function parseUnread () {
  imap.search(['UNSEEN'], (err, uids) => {
    if (err || uids.length === 0) return
    const fetch = imap.fetch(uids, { bodies: '', markSeen: true })
    fetch.on('message', (message) => message.on('body', (stream) => stream.resume()))
    fetch.once('error', (err) => console.log(err))
  })
}

imap.on('ready', () => {
  imap.openBox('INBOX', false, (err) => {
    if (err) return console.log(err)
    parseUnread()
  })
})
imap.on('mail', parseUnread)
imap.on('update', parseUnread)
imap.on('error', (err) => console.log(err))
imap.on('close', () => {
  if (!stopping) setTimeout(() => imap.connect(), 1000)
})
imap.connect()

process.on('SIGTERM', () => {
  stopping = true
  imap.end()
})
