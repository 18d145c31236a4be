// @ts-check
'use strict'

// The other side of the chaos, run by index.js in a process of its own: an IMAP server to which
// mail is delivered all the time, and which breaks on demand. `node peer.js SEED`

const { setTimeout: delay } = require('node:timers/promises')
const { random: seeded } = require('../../../__test__/random')
const { Server, certificate } = require('../../../__test__/server')
const { EXPIRED, FLAPS, REFUSED_MS, RESTART_MS, SHUTDOWN } = require('./faults')

/** The longest gap between two deliveries, in milliseconds. */
const GAP_MS = 100

/** Older mails are gone: a long run must not grow. */
const KEPT = 1000

/** A connection that is on its way back is reset after so many bytes of its client at the most: a login has more. */
const LOGIN_BYTES = 900

/** How long the session may take to notice a fault or to begin a rotation, in milliseconds. */
const NOTICE_MS = 30_000

/** The middle of a rotation is so soon after its connection has come at the most, in milliseconds. */
const MIDDLE_MS = 20

const random = seeded(Number(process.argv[2]))

// Ctrl-C reaches every process of the terminal; this one ends with its parent.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', (/** @type {any} */ { inflict, stop }) => {
  if (stop) return finish()
  const over = INFLICT[inflict]()
  tell({ begun: inflict })
  over.then((losses) => tell({ inflicted: losses }))
})

/** @type {Server} */
let server
/** @type {NodeJS.Timeout | undefined} */
let next
let delivered = 0
/** The most connections that were of use at once. */
let most = 0

/**
 * By name as in faults.js. Each resolves when the server is well again, with the number of connections
 * that the session has lost by it at least.
 * @type {Record<string, () => Promise<number>>}
 */
const INFLICT = {
  cut: async () => server.fault({ do: 'cut' }).count,
  reset: async () => server.fault({ do: 'reset' }).count,
  bye: async () => server.fault({ do: { bye: SHUTDOWN } }).count,
  expire: async () => server.fault({ do: { bye: EXPIRED } }).count,
  async stall () {
    const stalled = [...server.connections]
    const { count } = server.fault({ do: 'stall' })
    await server.waitFor('connection', { timeout: NOTICE_MS })
    for (const connection of stalled) connection.reset()
    return count
  },
  async refuse () {
    server.refusal = '[UNAVAILABLE] Temporary authentication failure.'
    const { count } = server.fault({ do: 'cut' })
    await delay(REFUSED_MS)
    server.refusal = undefined
    return count
  },
  async restart () {
    server.refuse()
    const { count } = server.fault({ do: { bye: SHUTDOWN } })
    await delay(RESTART_MS)
    await server.accept()
    return count
  },
  async flap () {
    const { count } = server.fault({ do: 'reset' })
    const flaps = server.fault({ received: 1 + Math.floor(random() * LOGIN_BYTES), do: 'reset', times: FLAPS })
    await server.waitFor(() => flaps.left === 0, { timeout: NOTICE_MS })
    return count + FLAPS
  },
  rotate: async () => 0,
  async 'rotate and reset' () {
    const [old] = server.connections
    await server.waitFor('connection', { timeout: NOTICE_MS })
    const made = server.connections[server.connections.length - 1]
    await delay(random() * MIDDLE_MS)
    const victim = random() < 0.5 ? old : made
    if (victim) victim.reset()
    return 0
  }
}

start()

async function start () {
  server = await Server.start({ tls: true, certificate: certificate({ ca: true }), accounts: { demo: {} }, record: false })
  server.listener.on('connection', () => {
    // The server takes it first.
    setImmediate(() => { most = Math.max(most, server.connections.filter(({ over, outlet }) => !over && !outlet.stalled).length) })
  })
  const { port, ca = '', options: { user, password } } = server
  tell({ ready: { port, ca, user, password } })
  deliver()
}

function deliver () {
  next = setTimeout(deliver, random() * GAP_MS)
  delivered++
  const at = Number(process.hrtime.bigint()) / 1e6
  const uid = server.inbox.deliver(`From: Chaos <chaos@everimap.example>\nSubject: no. ${delivered}\n\nhello\n`)
  tell({ delivered: { uid, at } })
  const { messages } = server.inbox
  if (messages.length > KEPT) server.inbox.expunge(messages[0].uid)
}

function finish () {
  clearTimeout(next)
  tell({ finished: { delivered, connections: server.accepted, most } })
}

/** @param {object} message */
function tell (message) {
  if (process.send) process.send(message)
}
