// @ts-check
'use strict'

// Headers of a whole mailbox, each parsed: what programs do that look for certain messages.

const { EventEmitter } = require('node:events')
const { clients } = require('../clients')
const { prepare } = require('../replay')
const { npm } = require('../sessions')
const { emitBodies } = require('./body')
const { headers } = require('./header')

const command = 'UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[HEADER])'

const sum = () => ({ messages: 0, uids: 0, fields: 0, subjects: 0 })

/** @type {import('../clients').Program} */
const program = {
  command,

  nodeImap (imap, { sum }, done) {
    consume(imap.fetch('1:*', { bodies: 'HEADER' }), imap.constructor.parseHeader, sum, done)
  },

  // It gives the bytes; libmime is what it and its users read them with.
  async imapflow (client, { sum }) {
    const libmime = npm('libmime')
    for await (const { uid, headers } of client.fetch('1:*', { uid: true, flags: true, internalDate: true, headers: true })) {
      const fields = libmime.decodeHeaders(headers.toString())
      for (const values of Object.values(fields)) values.forEach(decode)
      add(sum, fields)
      sum.messages++
      sum.uids += uid
    }

    /** @param {string} value @param {number} index @param {string[]} values */
    function decode (value, index, values) {
      values[index] = libmime.decodeWords(value)
    }
  },

  floor ({ count, sum }) {
    const kinds = headers()
    const raw = kinds.map(({ text }) => Buffer.from(text))
    const made = kinds.map(parsed)
    let parses = 0
    return done => {
      const fetch = new EventEmitter()
      consume(fetch, () => made[++parses % made.length](), sum, done)
      emitBodies(fetch, count, seqno => raw[seqno % raw.length])
    }
  }
}

/** @param {number} count */
function * responses (count) {
  const kinds = headers()
  for (let seqno = 1; seqno <= count; seqno++) {
    const { text } = kinds[seqno % kinds.length]
    yield `* ${seqno} FETCH (UID ${seqno} FLAGS (\\Seen) INTERNALDATE "01-Feb-2024 10:00:00 +0000" ` +
      `BODY[HEADER] {${text.length}}\r\n${text})\r\n`
  }
}

/**
 * @param {any} fetch
 * @param {(text: string) => Record<string, string[]>} parseHeader
 * @param {any} sum
 * @param {(error?: any) => void} done
 */
function consume (fetch, parseHeader, sum, done) {
  fetch.on('message', (/** @type {any} */ message) => {
    message.on('body', (/** @type {any} */ stream) => {
      let text = ''
      stream.on('data', (/** @type {Buffer} */ chunk) => { text += chunk.toString('utf8') })
      stream.once('end', () => add(sum, parseHeader(text)))
    })
    message.on('attributes', (/** @type {any} */ attributes) => {
      sum.messages++
      sum.uids += attributes.uid
    })
  })
  fetch.once('error', done)
  fetch.once('end', () => done())
}

/** @param {any} sum @param {Record<string, string[]>} fields */
function add (sum, fields) {
  sum.fields += Object.keys(fields).length
  sum.subjects += fields.subject[0].length
}

/**
 * Makes what parseHeader() gives, again and again.
 * @param {import('./header').Header} header
 */
function parsed ({ fields }) {
  return () => {
    /** @type {Record<string, string[]>} */
    const made = {}
    for (const [name, values] of fields) made[name] = values.slice()
    return made
  }
}

module.exports = {
  name: 'W2',
  cases: [{
    name: 'W2',
    title: 'headers, each given to parseHeader()',
    count: 50_000,
    command,
    /** @param {number} count */
    answers (count) {
      const prepared = prepare(responses(count))
      return { FETCH: () => prepared }
    },
    sum,
    clients: clients(program)
  }],
  targets: [
    { measure: 'wallMs', against: 'imap', most: 0.20 },
    { measure: 'wallMs', against: 'floor', most: 1.3 }
  ],
  program,
  sum
}
