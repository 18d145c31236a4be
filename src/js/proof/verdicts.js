// @ts-check
'use strict'

// What is found at the server, and what that proves of a command (resilience 2.9). There is one
// function for each kind of request; what it cannot prove is `unknown`.

const { encodedText } = require('../arguments')
const { messageIdOf } = require('./look')

/** @typedef {import('./look').Look} Look */
/** @typedef {import('./memory').Memory} Memory */

/**
 * What became of a command.
 * @typedef {object} Verdict
 * @property {'applied' | 'not-applied' | 'partial' | 'unknown'} outcome
 * @property {any} [code] the response code that the answer would have had (UIDPLUS)
 * @property {number[]} [moved] of a MOVE: the UIDs of the messages that are in the other mailbox now
 * @property {number[]} [left] the UIDs of the messages with which nothing was done
 */

/**
 * What is known of a command.
 * @typedef {object} Case
 * @property {any} request
 * @property {Buffer} [data] the message of an append
 * @property {string} mailbox where it was to have its effect
 * @property {{ name: string, uidvalidity: number } | undefined} box the mailbox that was open
 * @property {Memory} memory
 */

/** The most messages that are compared. */
const MAX_COMPARED = 5000

/** @type {Verdict} */
const APPLIED = { outcome: 'applied' }
/** @type {Verdict} */
const NOT_APPLIED = { outcome: 'not-applied' }
/** @type {Verdict} */
const UNKNOWN = { outcome: 'unknown' }

/** @type {Record<string, (look: Look, known: Case) => Promise<Verdict>>} */
const verdicts = {
  /**
   * A message with this Message-ID and this size stands there once, above what was there before.
   * When that was not remembered, an equal message from before counts as this one.
   */
  async append (look, { data, mailbox, memory: { target } }) {
    const box = await look.open(mailbox)
    if (!box || (target && box.uidvalidity !== target.uidvalidity)) return UNKNOWN
    if (target && box.uidnext === target.uidnext) return NOT_APPLIED
    const message = /** @type {Buffer} */ (data)
    const id = messageIdOf(message)
    if (!id) return UNKNOWN
    const from = target ? target.uidnext : 1
    const found = await look.search([['UID', `${from}:*`], ['HEADER', 'MESSAGE-ID', id]])
    const uids = found.filter(uid => uid >= from)
    if (uids.length === 0) return NOT_APPLIED
    if (uids.length > MAX_COMPARED) return UNKNOWN
    const rows = await look.fetch(uids, { envelope: true, size: true })
    const [same, ...more] = rows.filter(({ envelope }) => envelope && envelope.messageId === id)
    if (!same) return rows.length === uids.length ? NOT_APPLIED : UNKNOWN
    if (more.length > 0 || same.size !== message.length) return UNKNOWN
    return { outcome: 'applied', code: { key: 'APPENDUID', val: [box.uidvalidity, same.uid] } }
  },

  /** COPY is all or nothing (RFC 3501 section 6.4.7). */
  async copy (look, known) {
    const copies = await copied(look, known)
    if (!copies) return UNKNOWN
    const count = copies.filter(({ copy }) => copy !== undefined).length
    if (count === 0) return NOT_APPLIED
    return count === copies.length ? { outcome: 'applied', code: copyUid(known, copies) } : UNKNOWN
  },

  /** MOVE is done message by message (RFC 6851 section 3.3). */
  async move (look, known) {
    const copies = await copied(look, known)
    const stay = copies && await there(look, known.box, copies.map(({ uid }) => uid))
    if (!copies || !stay) return UNKNOWN
    const moved = copies.filter(({ uid, copy }) => copy !== undefined && !stay.includes(uid)).map(({ uid }) => uid)
    const left = copies.filter(({ uid, copy }) => copy === undefined && stay.includes(uid)).map(({ uid }) => uid)
    if (moved.length + left.length < copies.length) return UNKNOWN
    if (left.length === 0) return { outcome: 'applied', code: copyUid(known, copies) }
    return moved.length === 0 ? NOT_APPLIED : { outcome: 'partial', moved, left }
  },

  /**
   * The flags are what they were to be: by this command, or by somebody else, which is the same.
   * With a condition, a message that has not changed since was not touched.
   */
  async store (look, { request, box }) {
    if (!request.uid || !await opened(look, box)) return UNKNOWN
    const rows = await look.fetch(request.set, {})
    const others = rows.filter(row => !isSatisfied(row, request))
    if (rows.length === 0) return UNKNOWN
    if (others.length === 0) return APPLIED
    if (typeof request.modseq !== 'number' && typeof request.modseq !== 'string') return UNKNOWN
    const isUntouched = (/** @type {any} */ { modseq }) => modseq !== undefined && BigInt(modseq) <= BigInt(request.modseq)
    if (others.every(isUntouched)) return NOT_APPLIED
    if (others.some(isUntouched) || others.some(({ modseq }) => modseq === undefined)) return UNKNOWN
    return { outcome: 'partial', left: others.map(({ uid }) => uid) }
  },

  /** What was marked as deleted before is gone. */
  async expunge (look, { request, box, memory: { deleted } }) {
    if (!await opened(look, box)) return UNKNOWN
    if (request.set !== undefined) {
      const rest = await look.search([['UID', request.set], 'DELETED'])
      return rest.length === 0 ? APPLIED : UNKNOWN
    }
    if (!deleted) return (await look.search(['DELETED'])).length === 0 ? APPLIED : UNKNOWN
    const left = await among(look, deleted)
    if (left.length === 0) return APPLIED
    return left.length === deleted.length ? NOT_APPLIED : { outcome: 'partial', left }
  },

  close (look, known) {
    return verdicts.expunge(look, known)
  },

  async create (look, { mailbox }) {
    return await look.open(mailbox) ? APPLIED : NOT_APPLIED
  },

  async delete (look, { mailbox }) {
    return await look.open(mailbox) ? NOT_APPLIED : APPLIED
  },

  async rename (look, { request: { from, to } }) {
    const [old, made] = [await look.open(encodedText(from)), await look.open(encodedText(to))]
    if (made && !old) return APPLIED
    return old && !made ? NOT_APPLIED : UNKNOWN
  }
}

/**
 * Which of the messages that were to be copied are in the other mailbox; `undefined` if that cannot
 * be said.
 * @param {Look} look
 * @param {Case} known
 * @returns {Promise<Array<{ uid: number, copy: number | undefined }> | undefined>}
 */
async function copied (look, { mailbox, memory: { target, sources } }) {
  if (!target || !sources || sources.length === 0) return undefined
  const box = await look.open(mailbox)
  if (!box || box.uidvalidity !== target.uidvalidity) return undefined
  /** @type {Map<string, number[]>} */
  const arrived = new Map()
  if (box.uidnext !== target.uidnext) {
    const rows = await look.fetch(`${target.uidnext}:*`, { envelope: true, size: true })
    if (rows.length > MAX_COMPARED) return undefined
    for (const row of rows) {
      if (row.uid >= target.uidnext) arrived.set(keyOf(row), [...arrived.get(keyOf(row)) || [], row.uid])
    }
  }
  const copies = sources.map(row => ({ uid: row.uid, copy: (arrived.get(keyOf(row)) || []).shift() }))
  // More of a kind than were to be copied: somebody else does the same.
  const isClear = sources.every(row => (arrived.get(keyOf(row)) || []).length === 0)
  return isClear ? copies : undefined
}

/**
 * What a message has in all mailboxes.
 * @param {any} row
 */
function keyOf ({ envelope, size, date }) {
  return `${size} ${date && date.getTime()} ${envelope && envelope.messageId}`
}

/**
 * The code COPYUID (RFC 4315 section 3).
 * @param {Case} known
 * @param {Array<{ uid: number, copy: number | undefined }>} copies
 */
function copyUid ({ memory }, copies) {
  const { uidvalidity } = /** @type {{ uidvalidity: number }} */ (memory.target)
  return { key: 'COPYUID', val: [uidvalidity, setOf(copies.map(({ uid }) => uid)), setOf(copies.map(({ copy }) => copy))] }
}

/**
 * UIDs as a set in their order, as node-imap gives it: a number if it is one, else a string.
 * @param {any[]} uids
 */
function setOf (uids) {
  if (uids.length === 1) return uids[0]
  /** @type {Array<[first: number, last: number]>} */
  const ranges = []
  for (const uid of uids) {
    const range = ranges[ranges.length - 1]
    if (range && range[1] + 1 === uid) range[1] = uid
    else ranges.push([uid, uid])
  }
  return ranges.map(([first, last]) => first === last ? `${first}` : `${first}:${last}`).join(',')
}

/**
 * Which of these messages are in a mailbox; `undefined` if it is not the same any more.
 * @param {Look} look
 * @param {Case['box']} box
 * @param {number[]} uids
 */
async function there (look, box, uids) {
  return await opened(look, box) ? among(look, uids) : undefined
}

/**
 * Which of these messages are in the mailbox that is open.
 * @param {Look} look
 * @param {number[]} uids
 * @returns {Promise<number[]>}
 */
async function among (look, uids) {
  return uids.length === 0 ? [] : look.search([['UID', uids.join(',')]])
}

/**
 * Opens the mailbox in which a command was given, if its UIDs still mean the same.
 * @param {Look} look
 * @param {Case['box']} box
 */
async function opened (look, box) {
  const now = box && await look.open(box.name)
  return !!now && now.uidvalidity === /** @type {any} */ (box).uidvalidity
}

/**
 * Whether the marks of a message are what a STORE was to make them.
 * @param {any} row
 * @param {any} request
 */
function isSatisfied (row, { what, action, values }) {
  const lower = (/** @type {any} */ value) => String(value).toLowerCase()
  const present = new Set((row[what === 'labels' ? 'x-gm-labels' : 'flags'] || []).map(lower))
  const wanted = [values].flat().map(value => {
    const text = lower(encodedText(value))
    return what === 'flags' ? text.replace(/^\\?/, '\\') : text
  })
  if (action === 'add') return wanted.every(value => present.has(value))
  if (action === 'del') return wanted.every(value => !present.has(value))
  present.delete('\\recent')
  return present.size === new Set(wanted).size && wanted.every(value => present.has(value))
}

module.exports = { verdicts, UNKNOWN }
