// @ts-check
'use strict'

// Many short commands: one after the other, and all at once; near and far.

const { promisify } = require('node:util')
const { clients } = require('../clients')

const ROUND_TRIP_MS = 50
const AWAY = `behind ${ROUND_TRIP_MS} ms of round trip`

/** What `status()` of node-imap asks for. */
const ITEMS = '(MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)'

/** The same for imapflow. */
const QUERY = { messages: true, recent: true, unseen: true, uidValidity: true, uidNext: true }

const shared = {
  mailbox: () => 1000,
  answers: () => ({
    STATUS (/** @type {string[]} */ [, quoted]) {
      const name = quoted.replace(/"/g, '')
      const messages = messagesOf(name)
      return `* STATUS ${name} (MESSAGES ${messages} RECENT 0 UNSEEN 1 UIDVALIDITY 1 UIDNEXT ${messages + 1})\r\n`
    }
  }),
  sum: () => ({ answers: 0, messages: 0 }),
  /** @param {number} count */
  expected (count) {
    const messages = Array.from({ length: count }, (_, index) => messagesOf(mailbox(index)))
    return { answers: count, messages: messages.reduce((sum, value) => sum + value, 0) }
  }
}

/** The mailbox that command `index` asks about: never the same twice. @param {number} index */
function mailbox (index) {
  return `box-${index}`
}

/** @param {string} name */
function messagesOf (name) {
  return Number(name.slice('box-'.length)) % 1000
}

/** @param {any} sum @param {number} messages */
function add (sum, messages) {
  sum.answers++
  sum.messages += messages
}

/** Each command awaited before the next. */
const serial = clients({
  // With IDLE, as programs have it: npm imap enters it between two commands.
  config: {},

  nodeImap (imap, { count, sum }, done) {
    const status = promisify(imap.status.bind(imap))
    const chain = async () => {
      for (let index = 0; index < count; index++) add(sum, (await status(mailbox(index))).messages.total)
    }
    chain().then(done, done)
  },

  async imapflow (client, { count, sum }) {
    for (let index = 0; index < count; index++) {
      add(sum, (await client.status(mailbox(index), QUERY)).messages)
    }
  },

  async drain (socket, { count, sum }) {
    for (let index = 0; index < count; index++) {
      await socket.command(`B${index} STATUS ${mailbox(index)} ${ITEMS}`)
      add(sum, messagesOf(mailbox(index)))
    }
  },

  floor: ({ count, sum }) => done => {
    let index = 0
    setImmediate(function next () {
      add(sum, box(index).messages.total)
      if (++index === count) done()
      else setImmediate(next)
    })
  }
})

/** All commands at once. */
const batch = clients({
  config: {},

  nodeImap (imap, { count, sum }, done) {
    for (let index = 0; index < count; index++) {
      imap.status(mailbox(index), (/** @type {any} */ error, /** @type {any} */ box) => {
        if (error) return done(error)
        add(sum, box.messages.total)
        if (sum.answers === count) done()
      })
    }
  },

  async imapflow (client, { count, sum }) {
    await Promise.all(Array.from({ length: count }, async (_, index) => {
      add(sum, (await client.status(mailbox(index), QUERY)).messages)
    }))
  },

  async drain (socket, { count, sum }) {
    const lines = Array.from({ length: count }, (_, index) => `B${index} STATUS ${mailbox(index)} ${ITEMS}`)
    await socket.command(lines.join('\r\n'))
    for (let index = 0; index < count; index++) add(sum, messagesOf(mailbox(index)))
  },

  floor: ({ count, sum }) => done => {
    setImmediate(() => {
      for (let index = 0; index < count; index++) add(sum, box(index).messages.total)
      done()
    })
  }
})

/** What `status()` gives. @param {number} index */
function box (index) {
  const name = mailbox(index)
  const total = messagesOf(name)
  return { name, uidnext: total + 1, uidvalidity: 1, messages: { total, new: 0, unseen: 1 } }
}

/** What all of them do far away: there is nothing to learn from memory. */
const far = { ...shared, roundTripMs: ROUND_TRIP_MS, isWaiting: true, runs: 2, count: 100 }

/** @param {Record<string, import('../clients').Client>} clients */
function withoutFloor ({ floor, ...others }) {
  return others
}

module.exports = {
  name: 'W10',
  cases: [
    { ...shared, name: 'W10-serial', title: 'STATUS, each after the one before', count: 10_000, clients: serial },
    { ...shared, name: 'W10-batch', title: 'STATUS at once', count: 1_000, clients: batch },
    { ...far, name: 'W10-serial-far', title: `STATUS, each after the one before, ${AWAY}`, clients: withoutFloor(serial) },
    { ...far, name: 'W10-batch-far', title: `STATUS at once, ${AWAY}`, clients: withoutFloor(batch) }
  ],
  targets: [
    { case: 'W10-serial', measure: 'wallMs', against: 'imap', most: 0.4 },
    { case: 'W10-batch', measure: 'wallMs', against: 'imap', most: 0.08 },
    { case: 'W10-serial-far', measure: 'wallMs', against: 'imap', most: 0.36 },
    // One round trip a command, as the socket has it.
    { case: 'W10-serial-far', measure: 'wallMs', against: 'drain', most: 1.1 },
    { case: 'W10-batch-far', measure: 'wallMs', against: 'imap', most: 0.03 }
  ]
}
