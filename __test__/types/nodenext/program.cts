// A CommonJS module in Node, through the package's exports.
import Imap = require('everimap')

const imap: Imap = Imap({ host: 'localhost' })
imap.search(['ALL'], (error: Error, uids: number[]) => console.log(error, uids))
console.log(new Imap(), Imap.parseHeader('A: b\r\n')['a'])
// @ts-expect-error
console.log(new Imap({ keepalive: 'yes' }))
