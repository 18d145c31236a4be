'use strict'

// Takes `box.uidnext` for the mark up to which everything has been fetched.

const Imap = require('imap')

const imap = new Imap({
  user: 'user',
  password: process.env.MAIL_PASSWORD,
  host: 'imap.example.org',
  port: 993,
  tls: true
})
let stopping = false
let box
let mark

function fetchNew () {
  if (mark === undefined) return
  const from = mark
  mark = Math.max(mark, box.uidnext)
  const fetch = imap.fetch(from + ':*', { bodies: 'HEADER' })
  fetch.on('message', (message) => {
    message.on('body', (stream) => stream.resume())
    message.once('attributes', ({ uid }) => { mark = Math.max(mark, uid + 1) })
  })
  fetch.once('error', (err) => console.log(err))
}

imap.on('ready', () => {
  imap.openBox('INBOX', false, (err, opened) => {
    if (err) return console.log(err)
    box = opened
    if (mark === undefined) mark = box.uidnext
    else fetchNew()
  })
})
imap.on('mail', fetchNew)
imap.on('error', (err) => console.log(err))
imap.on('end', () => {
  if (!stopping) setTimeout(() => imap.connect(), 1000)
})
imap.connect()

process.on('SIGTERM', () => {
  stopping = true
  imap.end()
})
