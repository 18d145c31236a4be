// @ts-check
'use strict'

// The demo's listener while everything breaks: nothing may be lost, nothing announced twice.

const { setTimeout: delay } = require('node:timers/promises')
const { random: seeded } = require('../../../__test__/random')
const { duration, number } = require('../format')
const { onInterrupt } = require('../interrupt')
const { Listener } = require('../listener')
const { Peer } = require('../peer-process')
const { Interrupted, Session } = require('../session')
const { VERSION } = require('../version')
const { Board } = require('./board')
const { FAULTS, plan } = require('./faults')
const { Ledger } = require('./ledger')

/** @typedef {import('../screen').Screen} Screen */
/** @typedef {import('../options').Chaos} Chaos */

/**
 * Everything faster than for a real account, which is kept by the defaults: three logins at once and
 * then one a minute, waits of up to a minute, IDLE renewed every five minutes.
 */
const RECONNECT = { baseMs: 50, capMs: 250, loginsPerMinute: 600 }
const KEEPALIVE = { interval: 250, idleInterval: 1000 }
const SOCKET_TIMEOUT_MS = 2000

/** Calm between two faults, in milliseconds. */
const CALM_MS = { least: 100, most: 700 }

/** The session is back so soon after every fault, in milliseconds; the deliveries are all announced. */
const BACK_MS = 30_000

/**
 * @param {Chaos} chaos
 * @param {Screen} screen
 */
async function run ({ seed, seconds }, screen) {
  screen.line(`${screen.paint('everimap', 'bold')} ${VERSION} while everything breaks, for ${duration(seconds * 1000)}`)
  screen.line()
  screen.fact('seed', String(seed), `the same again: npm run demo -- --chaos --seed ${seed}`)
  const peer = new Peer('chaos/peer.js', [String(seed)])
  /** @type {Watch | undefined} */
  let watch
  const giveUp = (/** @type {Error} */ error) => {
    peer.fail(error)
    if (watch) watch.session.abort(error)
  }
  const stop = onInterrupt(() => giveUp(new Interrupted('Interrupted')))
  peer.failed.catch((error) => watch && watch.session.abort(error))
  try {
    const { port, ca, user, password } = await peer.ready
    watch = new Watch({
      host: '127.0.0.1',
      port,
      user,
      password,
      tls: true,
      tlsOptions: { ca },
      reconnect: RECONNECT,
      keepalive: KEEPALIVE,
      socketTimeout: SOCKET_TIMEOUT_MS
    }, peer)
    await watch.open()
    tellSettings(screen)
    const faults = await breakAll(watch, peer, screen, seconds, seeded(seed))
    const finished = await watch.finish(peer)
    summarise(screen, watch, faults, finished)
    await watch.session.close()
    judge(watch.ledger, seed)
    screen.line()
    screen.line(screen.paint('  Nothing lost, nothing doubled.', 'green', 'bold'))
  } catch (error) {
    screen.settle()
    if (watch) watch.session.imap.destroy()
    if (!(error instanceof Interrupted)) throw error
    process.exitCode = 130
  } finally {
    stop()
    peer.stop()
  }
}

/** @param {Screen} screen */
function tellSettings (screen) {
  const { loginsPerMinute, baseMs, capMs } = RECONNECT
  screen.fact('mail', 'ten to thirty a second, all the time')
  screen.fact('logins', `up to ${loginsPerMinute} a minute`, 'reconnect.loginsPerMinute; by default 3 at once, then 1 a minute')
  screen.fact('waits', `${baseMs} to ${capMs} ms before an attempt`, 'reconnect.baseMs, capMs; by default 1 to 60 s')
  screen.fact('silence', `taken for death after ${SOCKET_TIMEOUT_MS / 1000} s, IDLE renewed each ${KEEPALIVE.idleInterval / 1000} s`,
    'socketTimeout, keepalive; by default none, 5 min')
}

/** A session that listens, and the account of what it hears. */
class Watch {
  /**
   * @param {import('everimap').Config} config
   * @param {Peer} peer
   */
  constructor (config, peer) {
    this.session = new Session(config)
    this.ledger = new Ledger()
    this.counts = { reconnects: 0, rotations: 0 }
    this.losses = 0
    this.isLive = false
    /** How many of the mails have been read. */
    this.read = 0
    this.changed = () => {}
    for (const [uid, at] of peer.times) this.ledger.deliver(uid, at)
    peer.child.on('message', (/** @type {any} */ { delivered }) => {
      if (delivered) this.ledger.deliver(delivered.uid, delivered.at)
    })
    const { imap } = this.session
    imap.on('disconnected', () => {
      this.isLive = false
      this.losses++
    })
    imap.on('reconnected', () => {
      this.counts.reconnects++
      this.isLive = true
      this.changed()
    })
    imap.on('rotated', () => this.counts.rotations++)
  }

  /** Connects, opens the mailbox and begins to listen. */
  async open () {
    const { session, ledger } = this
    await session.connect()
    const known = (await session.examine('INBOX')).uidnext - 1
    const here = Number(process.hrtime.bigint()) / 1e6
    for (let uid = 1; uid <= known; uid++) ledger.announce(uid, here)
    session.imap.on('mail', (count, arrival) => {
      const at = Number(process.hrtime.bigint()) / 1e6
      if (!arrival || arrival.uids.length !== count) return session.abort(new Error(`'mail' counts ${count} and names ${JSON.stringify(arrival)}`))
      for (const uid of arrival.uids) ledger.announce(uid, at)
      this.changed()
    })
    this.read = known
    new Listener(session, known, () => {
      this.read++
      this.changed()
    }).start()
    this.isLive = true
  }

  /**
   * Breaks something and waits until the session is back.
   * @param {Peer} peer
   * @param {string} kind
   */
  async survive (peer, kind) {
    const before = this.losses
    const inflicted = peer.message('inflicted')
    await this.soon(peer.ask({ inflict: kind }, 'begun'), 'The server did not answer')
    const rotated = kind.startsWith('rotate') ? this.session.imap.rotate() : null
    const [losses] = await this.soon(Promise.all([inflicted, rotated]), `'${FAULTS[kind]}' was not over`)
    await this.until(() => this.isLive && this.losses >= before + losses, `The session was not back after '${FAULTS[kind]}'`)
  }

  /** The deliveries end, and all of them should be known soon. @param {Peer} peer */
  async finish (peer) {
    const finished = await this.soon(peer.ask({ stop: true }, 'finished'), 'The server did not stop')
    const isComplete = () => this.ledger.missing.length === 0 && this.read >= finished.delivered
    // What is missing then is counted.
    await this.until(isComplete, '').catch((error) => { if (!(error instanceof Late)) throw error })
    return finished
  }

  /** @param {() => boolean} isSo @param {string} otherwise */
  until (isSo, otherwise) {
    return this.soon(new Promise((resolve) => {
      this.changed = () => { if (isSo()) resolve(undefined) }
      this.changed()
    }), otherwise)
  }

  /**
   * @template T
   * @param {Promise<T>} promise
   * @param {string} otherwise
   * @returns {Promise<T>}
   */
  async soon (promise, otherwise) {
    const late = new AbortController()
    const deadline = delay(BACK_MS, undefined, late).then(() => { throw new Late(`${otherwise} within ${BACK_MS / 1000} s`) })
    try {
      return await Promise.race([promise, this.session.lost, deadline])
    } finally {
      deadline.catch(() => {})
      late.abort()
    }
  }
}

/** Something took too long. */
class Late extends Error {}

/**
 * @param {Watch} watch
 * @param {Peer} peer
 * @param {Screen} screen
 * @param {number} seconds
 * @param {() => number} random
 * @returns {Promise<Map<string, number>>} how often each fault happened
 */
async function breakAll (watch, peer, screen, seconds, random) {
  screen.heading('Chaos')
  const board = new Board(screen, seconds, watch.ledger, watch.counts)
  /** @type {Map<string, number>} */
  const happened = new Map()
  try {
    for (const kind of plan(random)) {
      await watch.soon(delay(CALM_MS.least + random() * (CALM_MS.most - CALM_MS.least)), '')
      if (board.elapsed >= seconds) break
      board.begins(FAULTS[kind])
      await watch.survive(peer, kind)
      board.healed()
      happened.set(kind, (happened.get(kind) || 0) + 1)
    }
  } finally {
    board.stop()
  }
  return happened
}

/**
 * @param {Screen} screen
 * @param {Watch} watch
 * @param {Map<string, number>} faults
 * @param {{ delivered: number, connections: number, most: number }} finished
 */
function summarise (screen, { ledger, counts, read }, faults, { delivered, connections, most }) {
  const all = [...faults.values()].reduce((sum, each) => sum + each, 0)
  const missing = Object.keys(FAULTS).length - faults.size
  screen.heading('Summary')
  screen.fact('faults', number(all), missing > 0 ? `${missing} kinds did not have their turn in this time` : `each of ${faults.size} kinds`)
  screen.fact('delivered', `${number(delivered)} mails`, 'as the server counts')
  screen.fact('announced', `${number(ledger.announced.size)} mails`, `${number(read)} of them read`)
  screen.fact('lost', count(screen, ledger.missing.length))
  screen.fact('doubled', count(screen, ledger.doubled.length))
  screen.fact('reconnects', number(counts.reconnects), `${number(connections)} connections, at most ${most} of use at a time`)
  screen.fact('rotations', number(counts.rotations))
  screen.fact('silence', duration(ledger.longest), 'the longest from a delivery to its announcement')
}

/** @param {Screen} screen @param {number} bad */
function count (screen, bad) {
  return bad === 0 ? screen.paint('0', 'green') : screen.paint(number(bad), 'red', 'bold')
}

/**
 * @param {Ledger} ledger
 * @param {number} seed
 */
function judge ({ missing, doubled, invented }, seed) {
  const wrong = [
    ...complaint('not announced', missing),
    ...complaint('announced more than once', doubled),
    ...complaint('announced and never delivered', invented)
  ]
  if (wrong.length > 0) throw new Error(`${wrong.join('; ')}. The same again: npm run demo -- --chaos --seed ${seed}`)
}

/** @param {string} what @param {number[]} uids */
function complaint (what, uids) {
  if (uids.length === 0) return []
  return uids.length === 1
    ? [`1 mail was ${what}, with UID ${uids[0]}`]
    : [`${number(uids.length)} mails were ${what}, the first with UID ${uids[0]}`]
}

module.exports = { judge, run }
