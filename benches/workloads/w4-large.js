// @ts-check
'use strict'

// One very large message, read as a stream: by a consumer that takes all that comes, and by one that
// is slower than the server.

const { Readable } = require('node:stream')
const { clients } = require('../clients')
const { sample, text } = require('./body')

const MIB = 2 ** 20

/** What the slow consumer takes, in bytes a second. */
const SLOW_RATE = 100 * MIB

/** Of this the body is made, again and again. */
const piece = text(MIB)

/** What `floor` pushes at once. */
const CHUNK_BYTES = 64 * 1024

const command = 'UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[])'

/** @param {number} [rate] of the consumer, in bytes a second; as fast as it comes unless given */
function program (rate) {
  /** @type {import('../clients').Program} */
  const program = {
    command,

    nodeImap (imap, { sum }, done) {
      const fetch = imap.fetch('1', { bodies: '' })
      let consumed = Promise.resolve()
      fetch.on('message', (/** @type {any} */ message) => {
        message.on('body', (/** @type {Readable} */ stream) => { consumed = consume(stream, sum, rate) })
      })
      fetch.once('error', done)
      // A stream that is paused does not hold up the end of its fetch.
      fetch.once('end', () => consumed.then(() => done(), done))
    },

    async imapflow (client, { sum }) {
      const { content } = await client.download('1', undefined, { uid: true })
      await consume(content, sum, rate)
    },

    floor: ({ count, sum }) => done => {
      let at = 0
      const stream = new Readable({
        read () {
          const bytes = piece.subarray(at % MIB, at % MIB + CHUNK_BYTES)
          const isOver = at === count * MIB
          at += CHUNK_BYTES
          setImmediate(() => this.push(isOver ? null : Buffer.from(bytes)))
        }
      })
      consume(stream, sum, rate).then(() => done(), done)
    }
  }
  return program
}

/**
 * @param {Readable} stream
 * @param {any} sum
 * @param {number} [rate]
 * @returns {Promise<void>}
 */
function consume (stream, sum, rate = Infinity) {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      sample(sum, chunk, sum.bytes)
      const early = sum.bytes / rate * 1000 - (performance.now() - began)
      if (early < 1) return
      stream.pause()
      setTimeout(() => stream.resume(), early)
    })
    stream.once('error', reject)
    stream.once('end', resolve)
  })
}

/**
 * The message, or the part of it that is asked for: `BODY.PEEK[]<start.length>`.
 * @param {number} size
 * @param {string} wanted
 */
function * response (size, wanted) {
  const [, start, length] = /<(\d+)\.(\d+)>/.exec(wanted) || []
  const first = Number(start || 0)
  const last = length === undefined ? size : Math.min(size, first + Number(length))
  const sizes = wanted.includes('RFC822.SIZE') ? `RFC822.SIZE ${size} ` : ''
  yield `* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE "01-Feb-2024 10:00:00 +0000" ${sizes}` +
    `BODY[]${start === undefined ? '' : `<${start}>`} {${last - first}}\r\n`
  for (let at = first; at < last; at += MIB - at % MIB) yield piece.subarray(at % MIB, Math.min(MIB, at % MIB + last - at))
  yield ')\r\n'
}

const shared = {
  title: 'MiB in one body',
  count: 200,
  command,
  mailbox: () => 1,
  /** @param {number} count */
  answers: count => ({ FETCH: (/** @type {string[]} */ words) => response(count * MIB, words.join(' ')) }),
  sum: () => ({ bytes: 0, samples: 0 }),
  clients: clients(program())
}

module.exports = {
  name: 'W4',
  cases: [
    { ...shared, name: 'W4' },
    { ...shared, name: 'W4-tls', title: `${shared.title}, over TLS`, tls: true },
    {
      ...shared,
      name: 'W4-slow',
      title: `${shared.title}, taken at ${SLOW_RATE / MIB} MiB/s`,
      runs: 3,
      clients: clients(program(SLOW_RATE))
    }
  ],
  targets: [
    { measure: 'wallMs', against: 'imap', most: 0.8 },
    { case: 'W4-tls', measure: 'wallMs', against: 'imap', most: 0.75 },
    { measure: 'growthMB', most: 16 },
    { case: 'W4-tls', measure: 'growthMB', most: 16 },
    { case: 'W4-slow', measure: 'growthMB', most: 16 }
  ]
}
