// @ts-check
'use strict'

// Plays scenarios on one implementation, in a process of its own because npm imap may crash or
// hang it: `node play.js IMPLEMENTATION KEY...` with an IPC channel. Before a play it sends
// `{ begin: key }`, after it `{ key, record }` or `{ key, failure }`. It leaves after a crash, and
// the rest is played by another process.

const { usualSplit } = require('../modes')
const { Server, certificate } = require('../server')
const { ofLink, ofSocket } = require('./intake')
const { Recorder } = require('./record')
const { plays, scriptFor } = require('./scenarios')

/** @typedef {import('./scenarios').Play} Play */
/** @typedef {import('./record').Record} Record */

/**
 * How to load each, how to know what it has read, and how many ticks of quiet mean that it waits for the server or is done.
 *
 * @type {{ [name: string]: { load: () => any, intake: typeof ofLink, patience: number, hasDeadlines: boolean, options?: object } }}
 */
const IMPLEMENTATIONS = {
  // @ts-ignore: it has no types here
  imap: { load: () => require('imap'), intake: ofSocket, patience: 20, hasDeadlines: false },
  everimap: { load: () => require('../..'), intake: ofLink, patience: 200, hasDeadlines: true },
  pipelined: { load: () => require('../..'), intake: ofLink, patience: 200, hasDeadlines: true, options: { pipeline: true } }
}

/**
 * The unit of quiet: a tick of the event loop's timers, in milliseconds. Quiet is counted in ticks and
 * not read from the clock, so that whatever has arrived meanwhile is seen first, also on a busy machine.
 */
const TICK_MS = 5

/** Ticks to wait for what may follow the last event. */
const AFTERMATH = 2

/** What is to come before a deadline takes longer when each byte comes alone: deadlines are so many times as long then. */
const LONGER = usualSplit === 'bytewise' ? 5 : 1

/** The deadlines that scenarios set. */
const DEADLINES = ['connTimeout', 'authTimeout', 'socketTimeout']

/** A client that says so many lines does not stop by itself. */
const MANY_LINES = 200

/** The running play. @type {Stage | undefined} */
let stage

if (require.main === module) main()

async function main () {
  const [name, ...keys] = process.argv.slice(2)
  const implementation = IMPLEMENTATIONS[name]
  process.on('uncaughtException', (error) => stage?.crash(error))
  const all = plays()
  for (const key of keys) {
    await tell({ begin: key })
    const play = /** @type {Play} */ (all.get(key))
    try {
      stage = new Stage(play, implementation)
      const record = await stage.play()
      await tell({ key, record })
      if (record.crashed) break
    } catch (error) {
      await tell({ key, failure: /** @type {Error} */ (error).stack })
    }
  }
  process.exit()
}

/** @param {object} message */
function tell (message) {
  return new Promise((resolve) => /** @type {any} */ (process).send(message, resolve))
}

/** @type {ReturnType<typeof certificate> | undefined} */
let shared

/** The certificate of all servers of this process. */
function ownCertificate () {
  shared ??= certificate()
  return shared
}

/** One scenario on one implementation. */
class Stage {
  /** @param {Play} play @param {typeof IMPLEMENTATIONS['imap']} implementation */
  constructor (play, implementation) {
    this.scenario = play.scenario
    this.transport = play.transport
    this.implementation = implementation
    this.quiet = 0
    this.crashed = false
  }

  /** @returns {Promise<Record>} */
  async play () {
    const { scenario, transport } = this
    const secure = transport !== 'plain'
    /** @type {any} */
    let imap
    const server = await Server.trace([scenario.script].flat().map((script) => scriptFor(script, transport)), {
      lenient: true,
      tls: transport === 'tls',
      ...(secure ? { certificate: ownCertificate() } : {}),
      ...scenario.trace,
      intake: () => this.intake(imap),
      log: () => this.stir()
    })
    this.server = server
    this.recorder = new Recorder(server.port, () => this.stir())
    imap = this.made(server)
    if (imap) {
      this.recorder.follow(imap)
      scenario.drive(imap, (...values) => this.recorder?.add('says', ...values), server)
      if (scenario.connect !== false) this.connect(imap)
      await this.end(imap)
    }
    const record = this.record(imap ?? { state: 'never made' })
    this.recorder.isOver = true
    imap?.destroy()
    imap?._sock?.destroy?.()
    await server.stop()
    return record
  }

  /** The connection; undefined if its options are refused. @param {any} server @returns {any} */
  made (server) {
    const Imap = this.implementation.load()
    const options = this.options(server)
    try {
      return new Imap(options)
    } catch (error) {
      this.recorder?.add('new Imap() throws', error)
    }
  }

  /** @param {any} server */
  options (server) {
    const { options } = this.scenario
    const given = (typeof options === 'function' ? options(server) : options) ?? {}
    const deadlines = DEADLINES.filter((name) => typeof given[name] === 'number')
    return {
      ...server.options,
      keepalive: false,
      ...this.implementation.options,
      ...(this.scenario.debug ? { debug: (/** @type {string} */ line) => this.recorder?.add('debug', line) } : {}),
      ...given,
      ...Object.fromEntries(deadlines.map((name) => [name, LONGER * given[name]]))
    }
  }

  /** @param {any} imap */
  connect (imap) {
    try {
      imap.connect()
    } catch (error) {
      this.recorder?.add('connect() throws', error)
    }
  }

  /** How far the client is with the connection that has just come. @param {any} imap */
  intake (imap) {
    const isTaken = this.implementation.intake(imap)
    return (/** @type {number} */ bytes, /** @type {number} */ clear) => {
      const is = isTaken(bytes, clear)
      if (is) this.stir()
      return is
    }
  }

  /** Something has happened. */
  stir () {
    this.quiet = 0
  }

  /** A program that does not catch it would be dead now. @param {unknown} error */
  crash (error) {
    const recorder = /** @type {Recorder} */ (this.recorder)
    recorder.add('uncaught', error)
    if (this.scenario.survives) return
    this.crashed = true
    recorder.isOver = true
  }

  /** Resolves when nothing more is to come: after a crash, a close, or a time of quiet. @param {any} imap */
  async end (imap) {
    const patience = this.implementation.patience + this.timers()
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
      if (this.crashed || this.floods()) return
      if (++this.quiet > (this.isClosed(imap) ? AFTERMATH : patience)) return
    }
  }

  /** Ticks in which a timer of this scenario may still go off. */
  timers () {
    const given = this.scenario.options ?? {}
    const keepalive = given.keepalive ?? {}
    const all = [given.connTimeout, given.authTimeout, given.socketTimeout, keepalive.interval, keepalive.idleInterval]
    const longest = Math.max(0, ...all.map(Number).filter((time) => time <= 2000))
    const more = this.implementation.hasDeadlines ? this.scenario.patience ?? 0 : 0
    return Math.ceil((2 * LONGER * longest + more) / TICK_MS)
  }

  floods () {
    return /** @type {any} */ (this.server).lines.length > MANY_LINES
  }

  /** Whether the client has told of its end, and the server has seen it. @param {any} imap */
  isClosed (imap) {
    const { connections, players } = /** @type {any} */ (this.server)
    const last = this.recorder?.events.at(-1)?.[0]
    return imap.state === 'disconnected' && last !== undefined && connections.length === players.length &&
      this.recorder?.events.some(([name]) => name === "'close'") && connections.every((/** @type {any} */ link) => link.closed || link.reader.ended)
  }

  /** @param {any} imap @returns {Record} */
  record (imap) {
    const { server, recorder } = /** @type {any} */ (this)
    const stands = server.players.filter(isInside).map((/** @type {any} */ player) => player.describe().trim())
    return {
      events: recorder.events,
      wire: server.connections.flatMap(wireOf),
      outcome: [
        this.crashed ? 'crashed' : this.floods() ? 'does not stop talking' : this.isClosed(imap) ? 'closed' : `quiet, ${imap.state}`,
        ...stands
      ].join('; '),
      crashed: this.crashed,
      played: stands.length === 0
    }
  }
}

/**
 * Whether a script has more to say. One that ends in silence has come to its end there, and where nothing is to be
 * said, nobody needs to come.
 *
 * @param {any} player
 */
function isInside ({ finished, steps, at }) {
  if (finished || steps.length === 0) return false
  return at < steps.length - 1 || !/^wait\b/.test(steps[at]?.text)
}

/** What a client said on one connection. @param {any} link @param {number} index */
function wireOf (link, index) {
  let bytes = 0
  const lines = link.received.map((/** @type {string | Buffer} */ entry) => {
    bytes += Buffer.byteLength(entry) + (typeof entry === 'string' ? 2 : 0)
    return typeof entry === 'string' ? entry : `(literal) ${entry.toString('latin1')}`
  })
  const more = link.receivedBytes - bytes
  // A handshake that nobody answers: its bytes are others each time.
  const handshake = lines.findIndex((/** @type {string} */ line) => line.startsWith('\x16\x03'))
  return [
    ...(index > 0 ? [`(connection ${index + 1})`] : []),
    ...(handshake === -1 ? lines : lines.slice(0, handshake)),
    ...(more === 0 || lines.length === 0 || handshake !== -1 ? [] : ['(bytes that are no line ending in CRLF)'])
  ]
}
