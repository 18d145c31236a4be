'use strict'

// Looks at `state` from time to time, and makes a new connection when it is not what it should be.

const Imap = require('imap')

let imap
let wasReady = false

function connect () {
  const connection = new Imap({
    user: 'user',
    password: process.env.MAIL_PASSWORD,
    host: 'imap.example.org',
    port: 993,
    tls: true
  })
  imap = connection
  connection.once('ready', () => {
    wasReady = true
    connection.openBox('INBOX', false, (err) => {
      if (err) console.log(err)
    })
  })
  connection.on('mail', (count) => console.log(count + ' new'))
  connection.on('error', (err) => console.log(err))
  connection.connect()
}

connect()

const healthCheck = setInterval(() => {
  if (imap.state === 'authenticated' || !wasReady) return
  wasReady = false
  console.log('unhealthy: ' + imap.state)
  connect()
}, 1000)

process.on('SIGTERM', () => {
  clearInterval(healthCheck)
  imap.end()
})
