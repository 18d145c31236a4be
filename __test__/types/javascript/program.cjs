'use strict'
// A JavaScript program that is checked, as an editor does.

const Imap = require('everimap')
const { inherits } = require('util')

/** @type {import('everimap').Config} */
const config = { host: 'localhost', keepalive: { forceNoop: true } }
const imap = new Imap(config)

imap.once('ready', () => {
  imap.openBox('INBOX', true, (error, box) => {
    if (error) throw error
    imap.fetch(box.uidnext - 1, { bodies: '' }).on('message', (message, seqno) => {
      message.on('body', stream => stream.pipe(process.stdout))
      console.log(seqno.toFixed())
    })
  })
})
console.log(Imap(config).state)

/** @this {Imap} */
function Old () {
  Imap.call(this, config)
}
inherits(Old, Imap)

// @ts-expect-error
console.log(new Imap({ keepalive: 'yes' }))
// @ts-expect-error
imap.on('mail', (/** @type {string} */ count) => console.log(count))
