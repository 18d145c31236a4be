'use strict'

// A wrapper that starts its one connection again on `close`.

const { EventEmitter } = require('events')
const Imap = require('imap')

class MailListener extends EventEmitter {
  constructor (options) {
    super()
    this.imap = new Imap(options)
    this.imap.once('ready', () => this.onReady())
    this.imap.on('close', () => this.emit('server:disconnected'))
    this.imap.on('error', (err) => this.emit('error', err))
  }

  start () {
    this.imap.connect()
  }

  stop () {
    this.imap.end()
  }

  onReady () {
    this.imap.openBox('INBOX', false, (err) => {
      if (err) return this.emit('error', err)
      this.emit('server:connected')
      this.imap.on('mail', (count) => this.emit('mail', count))
    })
  }
}

const listener = new MailListener({
  user: 'user',
  password: process.env.MAIL_PASSWORD,
  host: 'imap.example.org',
  port: 993,
  tls: true
})
let stopping = false

listener.on('server:disconnected', () => {
  if (!stopping) setTimeout(() => listener.start(), 1000)
})
listener.on('error', (err) => console.log(err))
listener.on('mail', (count) => console.log(count + ' new'))
listener.start()

process.on('SIGTERM', () => {
  stopping = true
  listener.stop()
})
