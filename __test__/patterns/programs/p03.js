'use strict'

// `on('ready')` opens the INBOX and adds a listener to `mail`, each time.

const Imap = require('imap')

const imap = new Imap({
  user: 'user',
  password: process.env.MAIL_PASSWORD,
  host: 'imap.example.org',
  port: 993,
  tls: true
})
let stopping = false

imap.on('ready', () => {
  imap.on('mail', (count) => console.log(count + ' new'))
  imap.openBox('INBOX', false, (err) => {
    if (err) console.log(err)
  })
})
imap.on('error', (err) => console.log(err))
imap.on('close', () => {
  if (!stopping) setTimeout(() => imap.connect(), 1000)
})
imap.connect()

process.on('SIGTERM', () => {
  stopping = true
  imap.end()
})
