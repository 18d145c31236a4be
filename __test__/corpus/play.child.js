// @ts-check
'use strict'

// Plays with one implementation (IMAP_IMPLEMENTATION): reads plays from standard input as JSON, and
// prints what each of them showed, one JSON value for each line.

const net = require('node:net')
const { once } = require('node:events')
const { text } = require('node:stream/consumers')
const Imap = require('../imap')
const { encoded } = require('./encoded')
const { peer } = require('./peer')

/** How long a client may take that loses its place in the answer, in ms. */
const PATIENCE_MS = 1500

const EVENTS = ['ready', 'alert', 'mail', 'expunge', 'uidvalidity', 'update', 'error', 'end', 'close']

/** @type {(error: Error) => void} */
let onUncaught = () => {}
process.on('uncaughtException', (error) => onUncaught(error))

main()

async function main () {
  for (const play of JSON.parse(await text(process.stdin))) {
    const seen = await played(play)
    process.stdout.write(`${JSON.stringify(encoded(seen))}\n`)
  }
  process.exit(0)
}

/**
 * @param {import('./plays').Play} play
 * @returns {Promise<object>} everything that a program could see
 */
async function played (play) {
  const listener = net.createServer((socket) => peer(socket, play)).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = /** @type {net.AddressInfo} */ (listener.address())
  const imap = new Imap({ user: 'u', password: 'p', host: '127.0.0.1', port, keepalive: false, authTimeout: PATIENCE_MS })
  /** @type {any} */
  const seen = { events: [], result: 'none', messages: [] }
  /** @type {(value?: any) => void} */
  let finish = () => {}
  const finished = new Promise((resolve) => { finish = resolve })
  onUncaught = (error) => {
    seen.uncaught = error.message
    finish()
  }
  const late = setTimeout(finish, PATIENCE_MS)
  for (const name of EVENTS) {
    imap.on(name, (/** @type {any[]} */ ...values) => {
      // The server says this after its answer: everything before it was read.
      if (name === 'alert' && values[0] === 'over') setImmediate(finish)
      else seen.events.push([name, ...values])
      if (name === 'close') finish()
    })
  }
  imap.once('ready', () => {
    Object.assign(seen, { capabilities: imap._caps, delimiter: imap.delimiter, namespaces: imap.namespaces })
    if (play.opened) imap.openBox('INBOX', (/** @type {Error | undefined} */ error) => error ? finish() : act())
    else act()
  })
  const act = () => {
    if (play.method === 'fetch') fetch(imap, play, seen)
    else if (play.method) imap[play.method](...play.args ?? [], (/** @type {any[]} */ ...values) => { seen.result = values })
    // The answer came with the login, or comes unasked.
    else if (play.part !== 'unasked') imap.subscribeBox('over')
    else imap.subscribeBox('go')
  }
  imap.connect()
  await finished
  clearTimeout(late)
  seen.box = imap._box
  imap.destroy()
  listener.close()
  return seen
}

/**
 * @param {any} imap
 * @param {import('./plays').Play} play
 * @param {any} seen
 */
function fetch (imap, { args = [] }, seen) {
  const fetching = imap.fetch(...args)
  seen.result = []
  fetching.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    /** @type {any} */
    const note = { seqno, bodies: [] }
    seen.messages.push(note)
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      const body = { ...info, text: '', ended: false }
      note.bodies.push(body)
      stream.on('data', (/** @type {Buffer} */ chunk) => { body.text += chunk.toString('latin1') })
      stream.on('end', () => { body.ended = true })
      stream.on('error', () => {})
    })
    message.on('attributes', (/** @type {any} */ attributes) => { note.attributes = attributes })
    message.on('end', () => { note.ended = true })
  })
  fetching.on('error', (/** @type {any} */ error) => seen.result.push(['error', error]))
  fetching.on('end', () => seen.result.push(['end']))
}
