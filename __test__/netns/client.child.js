// @ts-check
'use strict'

// The client of a case, in a namespace of its own: `client.child.js '{"implementation": "everimap", "options": {...}}'`.
// Says what the connection emits, and when, by the monotonic clock of the machine.

const { implementation, options } = JSON.parse(process.argv[2])
const Imap = implementation === 'imap' ? require('imap') : require('../..')

const EVENTS = ['ready', 'mail', 'disconnected', 'reconnecting', 'reconnected', 'error', 'end', 'close']

/** Bytes of a message that does not fit into the buffers of a socket. */
const LARGE = 16 * 1024 * 1024

process.on('disconnect', () => process.exit())

/** @type {Record<string, (imap: any, done: (error?: Error) => void) => void>} */
const CALLS = {
  connect (imap, done) {
    imap.connect()
    done()
  },
  open: (imap, done) => imap.openBox('INBOX', done),
  search: (imap, done) => imap.search(['ALL'], done),
  append: (imap, done) => imap.append(Buffer.alloc(LARGE, 'x'), { mailbox: 'INBOX' }, done)
}

const imap = new Imap(options)
for (const event of EVENTS) imap.on(event, (/** @type {any[]} */ ...args) => tell({ event, at: now(), info: plain(args) }))
process.on('message', (/** @type {any} */ { id, call }) => {
  CALLS[call](imap, (error) => tell({ id, result: null, at: now(), error: error && String(error.message) }))
})
tell({ ready: true })

/** @param {any[]} args of an event: numbers, objects of ours, errors */
function plain (args) {
  return args.map((value) => value instanceof Error ? { message: value.message, code: /** @type {any} */ (value).code } : value)
}

function now () {
  return Number(process.hrtime.bigint()) / 1e6
}

/** @param {object} message */
function tell (message) {
  if (process.send) process.send(message)
}
