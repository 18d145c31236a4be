'use strict'

// A new connection each time, with flags and a limit of attempts.

const Imap = require('imap')

const MAX_ATTEMPTS = 3

class MailService {
  constructor () {
    this.imap = null
    this.isReconnecting = false
    this.manuallyDisconnected = false
    this.attempts = 0
  }

  connect () {
    this.imap = new Imap({
      user: 'user',
      password: process.env.MAIL_PASSWORD,
      host: 'imap.example.org',
      port: 993,
      tls: true
    })
    this.imap.once('ready', () => {
      this.isReconnecting = false
      this.attempts = 0
      this.imap.openBox('INBOX', false, (err) => {
        if (err) return this.handleReconnect()
        this.imap.on('mail', (count) => console.log(count + ' new'))
      })
    })
    this.imap.once('error', (err) => {
      console.log(err)
      this.handleReconnect()
    })
    this.imap.once('end', () => this.handleReconnect())
    this.imap.connect()
  }

  handleReconnect () {
    if (this.isReconnecting || this.manuallyDisconnected) return
    if (this.attempts++ >= MAX_ATTEMPTS) return console.log('giving up')
    this.isReconnecting = true
    setTimeout(() => {
      this.isReconnecting = false
      this.connect()
    }, 1000)
  }

  disconnect () {
    this.manuallyDisconnected = true
    this.imap.end()
  }
}

const service = new MailService()
service.connect()

process.on('SIGTERM', () => service.disconnect())
