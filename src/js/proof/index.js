// @ts-check
'use strict'

// Commands of which nobody knows whether the server carried them out (EOUTCOMEUNKNOWN): finding out.
//
// The core says that it does not know (src/session/replay.rs); whoever wants to know asks the error,
// `error.probe()`. With `reconnect: { onUnknown: 'probe' }` the session asks for itself before it
// calls back, and remembers beforehand what a proof needs. Nothing is ever sent again here: a server
// may still be at work on what it got before the connection was lost.
//
// `look.js` is how the server is asked: by ordinary commands on a connection of its own. `memory.js`
// is what is known from before, `verdicts.js` what follows from what is found.

const { encodedText } = require('../arguments')
const binding = require('../binding')
const { wantsProof } = require('../config')
const { guarded } = require('../errors')

/** What was not found is looked for once more after so many milliseconds: servers take their time. */
const LOOK_AGAIN_MS = 1000

/** Links that are without a connection, and who waits for the next one. @type {WeakMap<object, Array<() => void>>} */
const away = new WeakMap()

/** Requests that are being proven, by their link. @type {WeakMap<object, Set<any>>} */
const proving = new WeakMap()

/**
 * A request is about to be sent by who wants proofs: remembers what one of it needs. Throws when an
 * argument cannot be sent.
 * @param {any} connection
 * @param {any} link
 * @param {any} request
 * @param {any} answer
 * @param {Buffer} [data]
 */
function prepare (connection, link, request, answer, data) {
  guarded(() => binding.check(JSON.stringify(request), data))
  answer.memory = require('./memory').remember(connection, link, request)
}

/**
 * A request was lost: tells its answer, at once or after a proof.
 * @param {any} link
 * @param {any} answer
 * @param {any} error
 */
function lose (link, answer, error) {
  if (error.code !== 'EOUTCOMEUNKNOWN') return answer.lose(error)
  const { connection } = link
  const { asked: { request, data }, memory = {} } = answer
  const box = connection._box && { name: connection._box.name, uidvalidity: connection._box.uidvalidity }
  const { mailbox: named = request.from } = request
  const mailbox = named === undefined ? box && box.name : encodedText(named)
  const find = () => probe(link, { request, data, mailbox, box, memory })
  error.mailbox = mailbox
  Object.defineProperty(error, 'probe', {
    value: async () => (await find()).outcome,
    writable: true,
    configurable: true
  })
  if (!wantsProof(connection._config)) return answer.lose(error)
  const mine = proving.get(link) || new Set()
  proving.set(link, mine.add(answer))
  answer.doubt = error
  find().then(verdict => {
    // Unless the session has ended meanwhile.
    if (mine.delete(answer)) conclude(connection, answer, error, verdict)
  })
}

/**
 * Tells the program what was proven.
 * @param {any} connection
 * @param {any} answer
 * @param {any} error
 * @param {import('./verdicts').Verdict} verdict
 */
function conclude (connection, answer, error, { outcome, code, moved, left }) {
  if (outcome !== 'applied') {
    Object.assign(error, { outcome }, moved && { moved }, left && { left })
    if (outcome === 'not-applied') {
      error.code = 'ECONNLOST'
      error.message = 'The connection was lost, and the server has not carried this command out'
    }
    return answer.lose(error)
  }
  // The session has opened the mailbox again, which is to be closed.
  if (answer.asked.request.kind === 'close' && connection._box) {
    return connection.closeBox(false, (/** @type {any} */ refused) => refused ? answer.fail(refused) : answer.succeed(null))
  }
  answer.succeed(code || null)
}

/**
 * Finds out what became of a command, when the session is back.
 * @param {any} link
 * @param {import('./verdicts').Case} known
 * @returns {Promise<import('./verdicts').Verdict>}
 */
async function probe (link, known) {
  const { Look } = require('./look')
  const { UNKNOWN, verdicts } = require('./verdicts')
  const verdict = verdicts[known.request.kind]
  if (!verdict) return UNKNOWN
  await back(link)
  const find = async () => await Look.at(link.connection, look => verdict(look, known)) || UNKNOWN
  const found = await find()
  if (found.outcome === 'applied' || found.outcome === 'unknown') return found
  await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MS))
  return find()
}

/**
 * Waits until the link has a connection again, or is over.
 * @param {object} link
 * @returns {Promise<void>}
 */
function back (link) {
  const waiting = away.get(link)
  return waiting ? new Promise(resolve => { waiting.push(resolve) }) : Promise.resolve()
}

/**
 * Something happened to the session of a link.
 * @param {object} link
 * @param {string} event
 */
function watch (link, event) {
  if (event === 'disconnected') {
    if (!away.has(link)) away.set(link, [])
  } else if (event === 'reconnected' || event === 'close') {
    const waiting = away.get(link) || []
    away.delete(link)
    for (const resolve of waiting) resolve()
  }
}

/**
 * The session of a link is over: what is not proven yet stays unknown.
 * @param {object} link
 * @returns {Array<{ answer: any, error: Error }>}
 */
function abandoned (link) {
  const answers = [...proving.get(link) || []]
  proving.delete(link)
  watch(link, 'close')
  return answers.map(answer => ({ answer, error: answer.doubt }))
}

module.exports = { abandoned, lose, prepare, watch }
