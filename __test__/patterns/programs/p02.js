'use strict'

// Connects again from `error`, `end` and `close` alike.

const Imap = require('imap')

const imap = new Imap({
  user: 'user',
  password: process.env.MAIL_PASSWORD,
  host: 'imap.example.org',
  port: 993,
  tls: true
})
let stopping = false

function reconnect () {
  if (!stopping) setTimeout(() => imap.connect(), 1000)
}

imap.on('ready', () => {
  imap.openBox('INBOX', false, (err) => {
    if (err) console.log(err)
  })
})
imap.on('mail', (count) => console.log(count + ' new'))
imap.on('error', (err) => {
  console.log(err)
  reconnect()
})
imap.on('end', reconnect)
imap.on('close', reconnect)
imap.connect()

process.on('SIGTERM', () => {
  stopping = true
  imap.end()
})
