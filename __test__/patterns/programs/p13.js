'use strict'

// TLS without looking at certificates, and a connection that is made again on `end`.

const Imap = require('imap')

const imap = new Imap({
  user: 'user',
  password: process.env.MAIL_PASSWORD,
  host: 'imap.example.org',
  port: 993,
  tls: true,
  tlsOptions: { rejectUnauthorized: false }
})
let stopping = false

imap.on('ready', () => {
  imap.openBox('INBOX', false, (err) => {
    if (err) console.log(err)
  })
})
imap.on('mail', (count) => console.log(count + ' new'))
imap.on('error', (err) => console.log(err))
imap.on('end', () => {
  if (!stopping) setTimeout(() => imap.connect(), 1000)
})
imap.connect()

process.on('SIGTERM', () => {
  stopping = true
  imap.end()
})
