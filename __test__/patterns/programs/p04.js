'use strict'

// A promise of the connection; once that is settled, nobody listens for `error`.

const Imap = require('imap')

function connect (options) {
  return new Promise((resolve, reject) => {
    const imap = new Imap(options)
    const onError = (err) => settle(reject, err)
    const onClose = () => settle(reject, new Error('Connection closed'))
    const settle = (how, value) => {
      imap.removeListener('error', onError)
      imap.removeListener('close', onClose)
      imap.removeListener('end', onClose)
      how(value)
    }
    imap.once('ready', () => settle(resolve, imap))
    imap.once('error', onError)
    imap.once('close', onClose)
    imap.once('end', onClose)
    imap.connect()
  })
}

async function main () {
  const imap = await connect({
    user: 'user',
    password: process.env.MAIL_PASSWORD,
    host: 'imap.example.org',
    port: 993,
    tls: true
  })
  process.on('SIGTERM', () => imap.end())
  await new Promise((resolve, reject) => imap.openBox('INBOX', false, (err, box) => err ? reject(err) : resolve(box)))
  imap.on('mail', (count) => console.log(count + ' new'))
}

main()
