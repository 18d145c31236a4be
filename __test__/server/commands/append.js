// @ts-check
'use strict'

const { bad, no } = require('../parse')
const { parseDateTime } = require('../format')
const names = require('../names')

/** @typedef {import('./index').Definition} Definition */

/**
 *     append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal
 *
 * @type {Definition}
 */
const APPEND = {
  state: 'authenticated',
  run (connection, { args }) {
    const account = connection.account
    if (account === undefined) throw bad('Please log in first.')
    const name = args.mailbox(account.delimiter)
    const flags = args.optionalList()?.nodes.map((node) => {
      if (!('atom' in node)) throw bad('Error in IMAP command APPEND: Invalid flags.')
      return node.atom
    })
    const first = args.bytes()
    const date = args.more ? parseDateTime(first.toString('latin1')) : new Date()
    if (date === undefined) throw bad('Error in IMAP command APPEND: Invalid internal date.')
    const raw = args.more ? args.bytes() : first
    args.end()
    const mailbox = account.mailboxes.get(name)
    if (mailbox === undefined) throw no(`[TRYCREATE] Mailbox doesn't exist: ${names.encode(name)}`)
    if (raw.length === 0) throw no('Can\'t save a zero byte message.')
    // The buffer may be a piece of a bigger read: the message keeps its own bytes only.
    const uid = mailbox.deliver(Buffer.from(raw), { flags, date })
    const code = connection.supports('UIDPLUS') ? `[APPENDUID ${mailbox.uidvalidity} ${uid}] ` : ''
    return `OK ${code}Append completed.`
  }
}

module.exports = { APPEND }
