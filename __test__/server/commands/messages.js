// @ts-check
'use strict'

const { bad, no, printSet } = require('../parse')
const { canonicalFlags } = require('../store')
const { parseItems, item, response } = require('../fetch')
const { parseSearch } = require('../search')
const names = require('../names')

/** @typedef {import('./index').Definition} Definition */
/** @typedef {import('../connection').Connection} Connection */
/** @typedef {import('../connection').Command} Command */
/** @typedef {import('../store').Message} Message */
/** @typedef {import('../view').View} View */

/** @param {Connection} connection @returns {View} */
function viewOf ({ view }) {
  if (view === undefined) throw bad('No mailbox selected.')
  return view
}

/** @param {View} view */
function writable (view) {
  if (view.readOnly) throw no('[NOPERM] Mailbox is read-only')
}

/** @type {Definition['run']} */
function search (connection, { args, uid }) {
  const view = viewOf(connection)
  const { test, modseq } = parseSearch(args, view, { condstore: connection.supports('CONDSTORE') })
  const found = []
  let highest = 0
  for (const [index, message] of view.list.entries()) {
    if (!test(message, index + 1)) continue
    found.push(uid ? message.uid : index + 1)
    highest = Math.max(highest, message.modseq)
  }
  if (modseq) connection.condstore = true
  const tail = modseq && found.length > 0 ? ` (MODSEQ ${highest})` : ''
  connection.untagged(['SEARCH', ...found].join(' ') + tail)
  return 'OK Search completed.'
}

/** @type {Definition['run']} */
async function fetch (connection, { args, uid }) {
  const view = viewOf(connection)
  const set = args.atom()
  const items = parseItems(args.next())
  const changedSince = modifier(connection, args, 'CHANGEDSINCE')
  args.end()
  const named = (/** @type {string} */ name) => items.some((entry) => entry.name === name)
  if (uid && !named('UID')) items.unshift(item('UID'))
  if (changedSince !== undefined && !named('MODSEQ')) items.push(item('MODSEQ'))
  if (named('MODSEQ')) {
    if (!connection.supports('CONDSTORE')) throw bad('Error in IMAP command FETCH: Unknown parameter: MODSEQ')
    connection.condstore = true
  }
  const sees = !view.readOnly && items.some((entry) => entry.sees)
  for (const [sequence, message] of view.select(set, uid)) {
    if (changedSince !== undefined && message.modseq <= changedSince) continue
    const seenNow = sees && !message.flags.has('\\Seen')
    if (seenNow) view.mailbox.setFlags(message, [...message.flags, '\\Seen'], view)
    const shown = seenNow && !named('FLAGS') ? [...items, item('FLAGS')] : items
    for (const piece of response(sequence, message, shown, view)) connection.send(piece)
    await connection.room()
    if (connection.closed) break
  }
  return 'OK Fetch completed.'
}

/**
 * `(CHANGEDSINCE n)` after FETCH, `(UNCHANGEDSINCE n)` in STORE (RFC 7162 section 3.1).
 *
 * @param {Connection} connection
 * @param {Command['args']} args
 * @param {string} name
 */
function modifier (connection, args, name) {
  const list = args.optionalList()
  if (list === undefined) return undefined
  if (!connection.supports('CONDSTORE') || list.word(name) === undefined) throw bad('Unknown modifier.')
  const value = list.number()
  list.end()
  connection.condstore = true
  return value
}

/** @type {Definition['run']} */
function store (connection, { args, uid }) {
  const view = viewOf(connection)
  const set = args.atom()
  const unchangedSince = modifier(connection, args, 'UNCHANGEDSINCE')
  const operation = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(args.atom())
  if (operation === null) throw bad('Error in IMAP command STORE: Invalid item.')
  const nodes = args.optionalList()?.nodes ?? args.nodes.slice(args.at)
  const flags = canonicalFlags(nodes.map((node) => {
    if (!('atom' in node)) throw bad('Error in IMAP command STORE: Invalid flags.')
    return node.atom
  }))
  const unknown = flags.find((flag) => /^\\/.test(flag) && !/^\\(Answered|Flagged|Deleted|Seen|Draft)$/.test(flag))
  if (unknown !== undefined) throw bad(`Error in IMAP command STORE: Invalid system flag ${unknown.toUpperCase()}`)
  writable(view)
  const silent = operation[2] !== undefined
  const modified = []
  for (const [sequence, message] of view.select(set, uid)) {
    if (unchangedSince !== undefined && message.modseq > unchangedSince) {
      modified.push(uid ? message.uid : sequence)
      continue
    }
    const next = combine(message.flags, operation[1], flags)
    const changed = next.size !== message.flags.size || [...next].some((flag) => !message.flags.has(flag))
    if (changed) view.mailbox.setFlags(message, next, view)
    view.changed.delete(message)
    if (!silent || connection.condstore) view.announceFlags(sequence, message, { flags: !silent })
  }
  return modified.length > 0
    ? `OK [MODIFIED ${printSet(modified)}] Conditional store failed.`
    : 'OK Store completed.'
}

/** @param {Set<string>} old @param {string} sign @param {string[]} flags */
function combine (old, sign, flags) {
  if (sign === '') return new Set(flags)
  const next = new Set(old)
  for (const flag of flags) {
    if (sign === '+') next.add(flag)
    else next.delete(flag)
  }
  return next
}

/**
 * Copies messages; gives the COPYUID code, empty when there is none.
 *
 * @param {Connection} connection
 * @param {Command} command
 * @returns {{ code: string, messages: Message[] }}
 */
function copyTo (connection, { args, uid }) {
  const view = viewOf(connection)
  const set = args.atom()
  const account = connection.account
  if (account === undefined) throw bad('Please log in first.')
  const name = args.mailbox(account.delimiter)
  args.end()
  const target = account.mailboxes.get(name)
  if (target === undefined) throw no(`[TRYCREATE] Mailbox doesn't exist: ${names.encode(name)}`)
  const messages = view.select(set, uid).map(([, message]) => message).filter((message) => !view.expunged.has(message))
  const copies = messages.map(({ raw, flags, date }) => target.deliver(raw, { flags: [...flags], date }))
  const plus = connection.supports('UIDPLUS') && copies.length > 0
  const from = printSet(messages.map((message) => message.uid))
  return { messages, code: plus ? `[COPYUID ${target.uidvalidity} ${from} ${printSet(copies)}] ` : '' }
}

/** @type {Definition['run']} */
function copy (connection, command) {
  return `OK ${copyTo(connection, command).code}Copy completed.`
}

/** @type {Definition['run']} */
function move (connection, command) {
  const view = viewOf(connection)
  writable(view)
  const { code, messages } = copyTo(connection, command)
  if (code !== '') connection.untagged(`OK ${code}Moved UIDs.`)
  view.mailbox.expunge(messages.map((message) => message.uid))
  view.announce({ expunge: true })
  return 'OK Move completed.'
}

/** @type {Definition['run']} */
function expunge (connection, { args, uid }) {
  const view = viewOf(connection)
  if (uid && !connection.supports('UIDPLUS')) throw bad('Error in IMAP command UID EXPUNGE: Unknown command.')
  const chosen = uid ? view.select(args.atom(), true).map(([, message]) => message) : view.list
  args.end()
  writable(view)
  const deleted = chosen.filter((message) => message.flags.has('\\Deleted'))
  view.mailbox.expunge(deleted.map((message) => message.uid))
  view.announce({ expunge: true })
  return 'OK Expunge completed.'
}

/** @type {Record<string, Definition>} */
module.exports = {
  SEARCH: { state: 'selected', uid: true, run: search },
  FETCH: { state: 'selected', uid: true, run: fetch },
  STORE: { state: 'selected', uid: true, run: store },
  COPY: { state: 'selected', uid: true, run: copy },
  MOVE: { state: 'selected', uid: true, capability: 'MOVE', run: move },
  EXPUNGE: { state: 'selected', uid: true, run: expunge }
}
