// @ts-check
'use strict'

const { bad, no } = require('../parse')
const { SYSTEM_FLAGS } = require('../store')
const { View } = require('../view')
const names = require('../names')

/** @typedef {import('./index').Definition} Definition */
/** @typedef {import('../connection').Connection} Connection */

/** @param {boolean} readOnly @returns {Definition['run']} */
function selector (readOnly) {
  return (connection, { name, args }) => {
    const account = connection.account
    if (account === undefined) throw bad('Please log in first.')
    const mailboxName = args.mailbox(account.delimiter)
    const parameters = args.optionalList()
    args.end()
    while (parameters?.more) {
      const parameter = parameters.atom().toUpperCase()
      if (parameter !== 'CONDSTORE' || !connection.supports('CONDSTORE')) {
        throw bad(`Error in IMAP command ${name}: Unknown parameter ${parameter}`)
      }
      connection.condstore = true
    }
    if (connection.view) {
      leave(connection)
      connection.untagged('OK [CLOSED] Previous mailbox closed.')
    }
    const mailbox = account.mailboxes.get(mailboxName)
    if (mailbox === undefined) throw no(`[NONEXISTENT] Mailbox doesn't exist: ${names.encode(mailboxName)}`)
    connection.view = new View(connection, mailbox, readOnly)
    describe(connection, connection.view)
    const verb = readOnly ? 'Examine' : 'Select'
    return `OK [READ-${readOnly ? 'ONLY' : 'WRITE'}] ${verb} completed.`
  }
}

/** @param {Connection} connection @param {View} view */
function describe (connection, view) {
  const { mailbox, list } = view
  const flags = [...SYSTEM_FLAGS, ...mailbox.keywords].join(' ')
  connection.untagged(`FLAGS (${flags})`)
  connection.untagged(view.readOnly
    ? 'OK [PERMANENTFLAGS ()] Read-only mailbox.'
    : `OK [PERMANENTFLAGS (${flags} \\*)] Flags permitted.`)
  connection.untagged(`${list.length} EXISTS`)
  connection.untagged(`${view.recent} RECENT`)
  const unseen = list.findIndex((message) => !message.flags.has('\\Seen'))
  if (unseen !== -1) connection.untagged(`OK [UNSEEN ${unseen + 1}] First unseen.`)
  connection.untagged(`OK [UIDVALIDITY ${mailbox.uidvalidity}] UIDs valid`)
  connection.untagged(`OK [UIDNEXT ${mailbox.uidnext}] Predicted next UID`)
  if (connection.supports('CONDSTORE')) {
    connection.untagged(`OK [HIGHESTMODSEQ ${mailbox.highestmodseq}] Highest`)
  }
}

/** @param {Connection} connection */
function leave (connection) {
  connection.view?.close()
  connection.view = undefined
}

/** @type {Definition} */
const CLOSE = {
  state: 'selected',
  run (connection, { args }) {
    args.end()
    const { view } = connection
    leave(connection)
    if (view !== undefined && !view.readOnly) {
      const deleted = view.list.filter((message) => message.flags.has('\\Deleted'))
      view.mailbox.expunge(deleted.map((message) => message.uid))
    }
    return 'OK Close completed.'
  }
}

/** @type {Definition} */
const UNSELECT = {
  state: 'selected',
  capability: 'UNSELECT',
  run (connection, { args }) {
    args.end()
    leave(connection)
    return 'OK Unselect completed.'
  }
}

/** @type {Record<string, Definition>} */
module.exports = {
  SELECT: { state: 'authenticated', run: selector(false) },
  EXAMINE: { state: 'authenticated', run: selector(true) },
  CLOSE,
  UNSELECT
}
