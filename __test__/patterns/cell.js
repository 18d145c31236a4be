// @ts-check
'use strict'

// One cell of the table: a program, a fault, and what became of both.

const { join } = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')

const { PASSWORD } = require('../credentials')
const { Relay } = require('../relay')
const { PATIENCE_MS, Server, child } = require('../support')
const { gate } = require('../tables')

/** How long the slowest program waits before it connects again, and some more, in milliseconds. */
const PROGRAM_MS = 9000
/** How long it takes until a server that is silent after DONE is taken for dead, and some more. */
const SILENCE_MS = 17_000
/** How long after SIGTERM a program may live: LOGOUT and FIN have 5 and 2 seconds. */
const END_MS = 10_000
/** Fast enough for a test; a real account keeps the defaults. */
const RECONNECT = { baseMs: 5, capMs: 20, loginsPerMinute: 1e6 }

/** Programs begin one after the other: `authTimeout` is short on a machine where all begin at once. */
const starting = gate(3)

/** @typedef {'imap' | 'off' | 'on'} Column npm imap; everimap; everimap with `reconnect` */

/**
 * @typedef {object} Setting
 * @property {Server} server
 * @property {Relay} relay
 * @property {ReturnType<typeof child>} program
 *
 * @typedef {object} Fault
 * @property {string} title
 * @property {Column[]} [only] whom it can happen to
 * @property {boolean} [isSlow] it takes a deadline to be noticed
 * @property {boolean} [expires] the login is by a token, which is of no use afterwards
 * @property {(setting: Setting) => void} inflict
 */

/** @type {Record<string, Fault>} */
const FAULTS = {
  FIN: { title: 'FIN', inflict: ({ relay }) => relay.cut() },
  RST: { title: 'RST', inflict: ({ relay }) => relay.cut(true) },
  BYE: { title: 'BYE', inflict: ({ server }) => server.fault({ do: { bye: 'Server shutting down.' } }) },
  blackhole: { title: 'blackhole', isSlow: true, inflict: ({ relay }) => relay.blackhole() },
  token: {
    title: 'expired token',
    expires: true,
    inflict ({ server }) {
      server.account().tokens = [initial('new')]
      server.fault({ do: { bye: 'Session invalidated - AccessTokenExpired' } })
    }
  },
  rotation: { title: 'rotation', only: ['on'], inflict: ({ program }) => program.signal('SIGUSR2') }
}

/**
 * What came of it.
 *
 * - `resumed`: mail that arrives afterwards is announced, and what comes later still, too
 * - `done`: so it is, and the program has ended as it wanted to
 * - `deaf`: the program runs and has a connection, and no mail is announced
 * - `off`: the program runs without a connection
 * - `ended`: it has ended by itself
 * - `crashed`: it has ended by an exception
 *
 * @typedef {'resumed' | 'done' | 'deaf' | 'off' | 'ended' | 'crashed'} Word
 *
 * @typedef {object} Result
 * @property {Word} word
 * @property {number} most connections that were open at once
 * @property {boolean} hangs whether it did not end when it was told to
 * @property {string[]} faults what must not be
 */

/**
 * @param {{ id: string, tls?: boolean, isJob?: boolean }} pattern
 * @param {Fault} fault
 * @param {Column} column
 * @param {boolean} isHopeful whether mail is expected: it may take longer then
 * @returns {Promise<Result>}
 */
async function play (pattern, fault, column, isHopeful) {
  const server = await Server.start({ tls: pattern.tls, accounts: { user: { tokens: [initial('old')] } } })
  server.inbox.deliver('Subject: before\n\n')
  const relay = new Relay(server.port)
  await relay.accept()
  const lines = new Lines()
  /** @type {ReturnType<typeof child> | undefined} */
  let started
  try {
    const program = await starting(async () => {
      started = run(pattern, fault, column, { port: relay.port, host: server.host, tls: pattern.tls ?? false }, lines)
      await Promise.race([server.waitFor(isListening, { timeout: PATIENCE_MS }), failing(started)])
      return started
    })
    const begun = lines.all.length
    const arrived = lines.next('mail')
    fault.inflict({ server, relay, program })
    server.inbox.deliver('Subject: after\n\n')
    const word = await outcome(program, arrived, { server, relay, lines, isJob: pattern.isJob }, isHopeful ? PATIENCE_MS * 2 : PROGRAM_MS + (fault.isSlow ? SILENCE_MS : 0))
    const told = lines.all.slice(begun)
    const hangs = await ends(program)
    const faults = column === 'on' ? wrong(told, lines, { relay, server, fault, hangs, isJob: pattern.isJob }) : []
    return { word, most: relay.most, hangs, faults }
  } finally {
    started?.kill()
    await started?.ended
    relay.stop()
    await server.stop()
  }
}

/**
 * @param {{ id: string }} pattern
 * @param {Fault} fault
 * @param {Column} column
 * @param {Record<string, any>} place
 * @param {Lines} lines
 */
function run ({ id }, fault, column, place, lines) {
  /** @type {import('./child').Input} */
  const input = {
    program: join(__dirname, 'programs', `${id.toLowerCase()}.js`),
    options: {
      ...place,
      // Its deadline is what matters, not how long the mailbox was quiet before.
      ...(fault.isSlow ? { keepalive: { interval: 100, idleInterval: 300 } } : {}),
      ...(column === 'on' ? { reconnect: RECONNECT } : {}),
      ...(fault.expires && column !== 'on' ? { password: undefined, xoauth2: initial('old') } : {})
    },
    ...(fault.expires && column === 'on' ? { tokens: ['old', 'new'] } : {})
  }
  const environment = { IMAP_IMPLEMENTATION: column === 'imap' ? 'imap' : '', MAIL_PASSWORD: PASSWORD, NODE_NO_WARNINGS: '1' }
  return child(join(__dirname, 'child.js'), input, (line) => lines.add(line), environment)
}

/** What the program has told. */
class Lines {
  constructor () {
    /** @type {import('./child').Line[]} */
    this.all = []
    /** @type {{ event: string, resolve: (line: any) => void }[]} */
    this.waiting = []
  }

  /** @param {import('./child').Line} line */
  add (line) {
    this.all.push(line)
    for (const { resolve } of this.waiting.filter(({ event }) => event === line.event)) resolve(line)
    this.waiting = this.waiting.filter(({ event }) => event !== line.event)
  }

  /** @param {string} event @returns {Promise<import('./child').Line>} the next of it */
  next (event) {
    return new Promise((resolve) => this.waiting.push({ event, resolve }))
  }
}

/** @param {Server} server @returns {boolean} whether somebody idles in a mailbox */
function isListening ({ connections }) {
  return connections.some(({ idling, view }) => idling && view !== undefined)
}

/** @param {ReturnType<typeof child>} program @returns {Promise<never>} */
async function failing (program) {
  const { status, errors } = await program.ended
  throw new Error(`The program ended with ${status} before anything happened to it: ${errors}`)
}

/**
 * @param {ReturnType<typeof child>} program
 * @param {Promise<unknown>} arrived
 * @param {{ server: Server, relay: Relay, lines: Lines, isJob?: boolean }} setting
 * @param {number} limit in milliseconds
 * @returns {Promise<Word>}
 */
async function outcome (program, arrived, { server, relay, lines, isJob }, limit) {
  const ended = program.ended.then(({ status, lines }) => {
    if (status !== 0) return /** @type {Word} */ ('crashed')
    return /** @type {Word} */ (lines.some(({ event, uids }) => event === 'mail' && uids) ? 'done' : 'ended')
  })
  const late = sleep(limit, /** @type {Word | undefined} */ (undefined), { ref: false })
  const first = await Promise.race([ended, late, arrived.then(() => /** @type {Word} */ ('resumed'))])
  if (first === 'resumed') {
    if (isJob) return await Promise.race([ended, late]) ?? 'deaf'
    // A program that opens the mailbox anew is told how many messages are in it: that is one, and no proof of more.
    const again = lines.next('mail')
    const listening = server.waitFor(isListening, { timeout: limit }).then(() => {
      server.inbox.deliver('Subject: later\n\n')
      return again.then(() => /** @type {Word} */ ('resumed'))
    }, () => /** @type {Word} */ ('deaf'))
    return Promise.race([ended, listening, sleep(limit, /** @type {Word} */ ('deaf'), { ref: false })])
  }
  // It may be on its way to another login that is refused.
  const isConnected = relay.open.size > 0 && server.connections.some(({ account }) => account !== undefined)
  return first ?? (isConnected ? 'deaf' : 'off')
}

/** Tells it to end. @param {ReturnType<typeof child>} program @returns {Promise<boolean>} whether it did not */
async function ends (program) {
  program.signal('SIGTERM')
  await Promise.race([program.ended, sleep(END_MS, undefined, { ref: false })])
  return program.isAlive
}

/**
 * What a session that comes back must not do (users D.3).
 *
 * @param {import('./child').Line[]} told since the fault
 * @param {Lines} lines
 * @param {{ relay: Relay, server: Server, fault: Fault, hangs: boolean, isJob?: boolean }} setting
 * @returns {string[]}
 */
function wrong (told, lines, { relay, server, fault, hangs, isJob }) {
  const faults = []
  const allowed = fault === FAULTS.rotation ? 2 : 1
  if (relay.most > allowed) faults.push(`${relay.most} connections at once`)
  if (relay.open.size > 0) faults.push(`${relay.open.size} connections at the end`)
  if (hangs) faults.push('does not end')
  if (lines.all.some(({ connection }) => connection > 0)) faults.push('the program made another connection')
  if (lines.all.filter(({ event }) => event === 'ready').length !== 1) faults.push('ready more than once')
  const never = isJob ? ['error'] : ['error', 'end', 'close']
  for (const { event } of told) if (never.includes(event)) faults.push(event)
  const mails = lines.all.filter(({ event }) => event === 'mail')
  if (mails.some(({ listeners }) => listeners.mail > 1)) faults.push('listeners pile up')
  const uids = told.flatMap(({ uids }) => uids ?? [])
  const delivered = server.inbox.messages.map(({ uid }) => uid).slice(1)
  if (uids.join() !== delivered.join()) faults.push(`delivered ${delivered}, announced ${uids}`)
  return faults
}

/** @param {string} token @returns {string} the initial response of XOAUTH2 */
function initial (token) {
  return Buffer.from(`user=user\x01auth=Bearer ${token}\x01\x01`).toString('base64')
}

module.exports = { FAULTS, play }
