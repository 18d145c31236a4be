'use strict'

// One handler for `close`, `end` and `error`: it removes all listeners, ends the connection once
// more, gives back the lock and begins anew.

const Imap = require('imap')

let locked = false
let stopping = false
let imap

function start () {
  if (locked || stopping) return
  locked = true
  const connection = new Imap({
    user: 'user',
    password: process.env.MAIL_PASSWORD,
    host: 'imap.example.org',
    port: 993,
    tls: true
  })
  imap = connection
  const cleanUp = () => {
    connection.removeAllListeners()
    connection.end()
    locked = false
    setTimeout(start, 1000)
  }
  connection.once('ready', () => {
    connection.openBox('INBOX', false, (err) => {
      if (err) cleanUp()
    })
  })
  connection.on('mail', (count) => console.log(count + ' new'))
  connection.on('close', cleanUp)
  connection.on('end', cleanUp)
  connection.on('error', cleanUp)
  connection.connect()
}

start()

process.on('SIGTERM', () => {
  stopping = true
  imap.end()
})
