'use strict'

// A job: waits for a mail, ends the connection, and gives its results on `close`.

const Imap = require('imap')

function waitForMail (callback) {
  const imap = new Imap({
    user: 'user',
    password: process.env.MAIL_PASSWORD,
    host: 'imap.example.org',
    port: 993,
    tls: true
  })
  const results = []
  imap.once('ready', () => {
    imap.openBox('INBOX', false, (err, box) => {
      if (err) throw err
      const seen = box.messages.total
      imap.once('mail', () => {
        const fetch = imap.seq.fetch((seen + 1) + ':*', { bodies: 'HEADER.FIELDS (SUBJECT)' })
        fetch.on('message', (message) => {
          message.on('body', (stream) => {
            let text = ''
            stream.on('data', (chunk) => { text += chunk })
            stream.once('end', () => results.push(Imap.parseHeader(text).subject[0]))
          })
        })
        fetch.once('error', (err) => console.log(err))
        fetch.once('end', () => imap.end())
      })
    })
  })
  imap.once('error', (err) => console.log(err))
  imap.once('close', () => callback(results))
  imap.connect()
}

waitForMail((results) => {
  console.log(results)
  if (results.length === 0) throw new Error('The mail did not come')
})
