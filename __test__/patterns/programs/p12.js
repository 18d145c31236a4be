'use strict'

// Calls methods and listens to events that there never were.

const Imap = require('imap')

const imap = new Imap({
  user: 'user',
  password: process.env.MAIL_PASSWORD,
  host: 'imap.example.org',
  port: 993,
  tls: true
})

imap.once('ready', () => {
  imap.openBox('INBOX', false, (err) => {
    if (err) throw err
    try {
      imap.idleStart()
    } catch (err) {
      console.log('IDLE is not supported: ' + err.message)
    }
  })
})
imap.on('mail', (count) => console.log(count + ' new'))
imap.on('idle', () => console.log('idling'))
imap.on('timeout', () => imap.connect())
imap.on('error', (err) => console.log(err))
imap.connect()

const keepAlive = setInterval(() => {
  try {
    imap.noop(() => {})
  } catch (err) {
    console.log('NOOP failed: ' + err.message)
  }
}, 1000)

process.on('SIGTERM', () => {
  clearInterval(keepAlive)
  imap.end()
})
