'use strict'

// `once('end')` connects again after five seconds, and `once('ready')` opens the INBOX.

const Imap = require('imap')

const imap = new Imap({
  user: 'user',
  password: process.env.MAIL_PASSWORD,
  host: 'imap.example.org',
  port: 993,
  tls: true
})

function openInbox (callback) {
  imap.openBox('INBOX', true, callback)
}

imap.once('ready', () => {
  openInbox((err) => {
    if (err) throw err
    console.log('waiting for mail')
  })
})
imap.on('mail', (count) => console.log(count + ' new'))
imap.on('error', (err) => console.log(err))
imap.once('end', () => {
  console.log('Connection ended')
  setTimeout(() => imap.connect(), 5000)
})
imap.connect()

process.on('SIGTERM', () => {
  imap.removeAllListeners('end')
  imap.end()
})
