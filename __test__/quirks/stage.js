// @ts-check
'use strict'

// What the plays share: the stage that each is given, and the small scenes that many begin with.

const { once } = require('node:events')
const support = require('../support')

const { PATIENCE_MS, closed, login, opened, recorded, tracing, within } = support

/**
 * A row of the contract's section 10, and the play that shows it. A row that has two sides, one kept
 * and one mended, has two of them.
 *
 * @typedef {object} Quirk
 * @property {string} id
 * @property {'KEEP' | 'FIX' | 'OPT'} verdict
 * @property {string} title what everimap does
 * @property {{ kept: string } | { changed: string }} [decided] what was chosen where the contract leaves it open
 * @property {RegExp} [red] how the play fails on npm imap, if what it did was not kept
 * @property {boolean} [hangs] npm imap never gets to the end of it, and is given little time
 * @property {Record<string, string>[]} [environments] the play is played once in each; default: as it is
 * @property {(Imap: any, t: Stage & import('node:test').TestContext) => Promise<void>} play asserts what the contract asks for
 */

/** Stands in for the context of node:test. */
class Stage {
  constructor () {
    /** How long a play may wait for what must come, in milliseconds. */
    this.limit = PATIENCE_MS
    /** Exceptions that nothing caught, if the play awaits some. @type {((error: any) => void) | null} */
    this.onUncaught = null
    /** Rejects when a server hears what its script does not say. @type {Promise<never>} */
    this.failed = new Promise((resolve, reject) => { this.fail = reject })
    this.failed.catch(() => {})
  }

  /** The process ends with its play: there is nothing to clean up. */
  after () {}

  /** @param {any} server */
  watch (server) {
    server.waiters.wait(() => server.errors.length > 0, 'a wrong line', { timeout: 2 ** 31 - 1 })
      .then(() => this.fail(server.errors[0]))
  }

  /**
   * @template T
   * @param {Promise<T>} promise
   * @param {string} what
   */
  within (promise, what) {
    return within(this.limit, promise, what)
  }
}

/** Greeting and capabilities. @param {string} [capabilities] */
const greeting = (capabilities = '') => `
  S: * OK ready
  C: A0 CAPABILITY
  S: * CAPABILITY ${`IMAP4rev1 ${capabilities}`.trim()}
  S: A0 OK done
`

/** The rest of a login that worked, from this tag on. @param {number} tag */
const rest = (tag) => `
  S: * CAPABILITY IMAP4rev1
  S: A${tag} OK done
  C: A${tag + 1} LIST "" ""
  S: * LIST (\\Noselect) "/" ""
  S: A${tag + 1} OK done
  ${logout(tag + 2)}
`

/** @param {number} tag */
const logout = (tag) => `
  C: A${tag} LOGOUT
  S: * BYE bye
  S: A${tag} OK bye
  X: half-close
`

/**
 * Plays a trace from connect() to `close`, with end() once it is ready.
 *
 * @param {any} t
 * @param {string} script
 * @param {{ options?: any, trace?: any, ready?: (imap: any) => void }} [settings]
 */
async function life (t, script, { options, trace, ready } = {}) {
  const server = await tracing(t, script, trace)
  /** @type {string[]} */
  const debug = []
  const imap = new support.Imap({ ...server.options, keepalive: false, debug: (/** @type {string} */ line) => debug.push(line), ...options })
  const events = recorded(imap)
  imap.once('ready', () => ready ? ready(imap) : imap.end())
  const close = closed(imap)
  imap.connect()
  await close
  const error = events.find(([name]) => name === 'error')?.[1]
  return { imap, server, events, debug, error }
}

/**
 * An INBOX of nine messages is open; one FETCH of all is asked for and answered.
 *
 * @param {any} t
 * @param {string[]} answer the server's lines; `\r\n` within one is as in an `S+:` line of a trace
 * @param {any} options of fetch
 * @param {{ capabilities?: string, set?: any, command?: string }} [settings] `command` is what must be sent, after the tag
 */
async function fetching (t, answer, options, { capabilities, set = '1:*', command = '/FETCH/' } = {}) {
  const { imap, server, events } = await opened(t, `
    C: ${command.startsWith('/') ? command : `A4 ${command}`}
    ${answer.map(line => line.includes('\\r\\n') ? `S+: ${line}\\r\\n` : `S: ${line}`).join('\n')}
    S: A4 OK done
    C: A5 CREATE "afterwards"
    S: A5 OK done`, { capabilities })
  const told = notes(imap.seq.fetch(set, options))
  await t.within(support.call(imap, 'addBox', 'afterwards'), 'the command after the FETCH')
  await turns()
  await server.done()
  return { ...told, events, imap }
}

/**
 * Notes what a fetch emits. Its bodies are read as they come.
 *
 * @param {any} fetch
 */
function notes (fetch) {
  /** @type {string[]} */
  const notes = []
  /** @type {Record<string, string>} by sequence number and `which` */
  const bodies = {}
  /** @type {any[]} */
  const infos = []
  /** @type {Record<number, any>} by sequence number */
  const attributes = {}
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    notes.push(`message ${seqno}`)
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      const key = `${seqno} ${info.which}`
      notes.push(`body ${key}`)
      infos.push(info)
      bodies[key] = ''
      stream.setEncoding('latin1').on('data', (/** @type {string} */ text) => { bodies[key] += text })
      stream.on('end', () => notes.push(`body end ${key}`))
      stream.on('close', () => notes.push(`body close ${key}`))
    })
    message.on('attributes', (/** @type {any} */ values) => {
      notes.push(`attributes ${seqno}`)
      attributes[seqno] = values
    })
    message.on('end', () => notes.push(`end ${seqno}`))
  })
  fetch.on('end', () => notes.push('end'))
  return { notes, bodies, infos, attributes }
}

/** All turns of the event loop that the last events, or an exception, can take. */
async function turns () {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** `INTERNALDATE` as the plays' servers tell it. */
const DATE = 'INTERNALDATE "01-Jan-2020 00:00:00 +0000"'

module.exports = { ...support, DATE, Stage, fetching, greeting, life, logout, notes, once, rest, turns }
