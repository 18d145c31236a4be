// @ts-check
'use strict'

const { bad, no } = require('../parse')
const names = require('../names')

/** @typedef {import('./index').Definition} Definition */
/** @typedef {import('../connection').Connection} Connection */
/** @typedef {import('../connection').Command} Command */
/** @typedef {import('../store').Account} Account */
/** @typedef {import('../store').Mailbox} Mailbox */

const MISSING = (/** @type {string} */ name) => no(`[NONEXISTENT] Mailbox doesn't exist: ${names.encode(name)}`)

/**
 * The logged-in user. Commands of the states authenticated and selected have one.
 *
 * @param {Connection} connection
 * @returns {Account}
 */
function accountOf (connection) {
  if (connection.account === undefined) throw bad('Please log in first.')
  return connection.account
}

/** @param {Connection} connection @param {string} name @returns {Mailbox} */
function mailboxOf (connection, name) {
  const mailbox = accountOf(connection).mailboxes.get(name)
  if (mailbox === undefined) throw MISSING(name)
  return mailbox
}

/**
 * LIST, LSUB and XLIST. Options of LIST-EXTENDED are read; SUBSCRIBED as a selection option is honoured.
 *
 * @param {'LIST' | 'LSUB' | 'XLIST'} verb
 * @returns {Definition['run']}
 */
function lister (verb) {
  return (connection, { args }) => {
    const account = accountOf(connection)
    const { delimiter } = account
    const selection = (args.optionalList()?.nodes ?? []).map((node) => 'atom' in node ? node.atom.toUpperCase() : '')
    const reference = names.decode(args.astring())
    const patterns = args.optionalList() ?? args
    const list = patterns === args ? [args.astring()] : patterns.nodes.map(() => patterns.astring())
    if (args.word('RETURN')) args.list()
    args.end()
    if (list.length === 1 && list[0] === '') {
      connection.untagged(`${verb} (\\Noselect) "${delimiter}" ""`)
      return 'OK List completed.'
    }
    const subscribed = verb === 'LSUB' || selection.includes('SUBSCRIBED')
    const tests = list.map((pattern) => names.matcher(reference + names.decode(pattern), delimiter))
    const tree = account.tree()
    if (subscribed) for (const name of account.subscribed) if (!tree.has(name)) tree.set(name, undefined)
    for (const [name, mailbox] of [...tree].sort(([a], [b]) => order(a, b))) {
      if (subscribed && !account.subscribed.has(name)) continue
      if (!tests.some((test) => test(name))) continue
      const attributes = attributesOf(account, name, mailbox, verb, tree)
      connection.untagged(`${verb} (${attributes.join(' ')}) "${delimiter}" ${names.print(name)}`)
    }
    return `OK ${verb === 'LIST' ? 'List' : verb === 'LSUB' ? 'Lsub' : 'Xlist'} completed.`
  }
}

/** INBOX first, the rest by name. @param {string} a @param {string} b */
function order (a, b) {
  if (a === 'INBOX' || b === 'INBOX') return a === b ? 0 : a === 'INBOX' ? -1 : 1
  return a < b ? -1 : 1
}

/**
 * @param {Account} account
 * @param {string} name
 * @param {Mailbox | undefined} mailbox
 * @param {string} verb
 * @param {Map<string, unknown>} tree
 */
function attributesOf (account, name, mailbox, verb, tree) {
  const attributes = []
  if (mailbox === undefined) attributes.push('\\Noselect')
  const inferior = [...tree.keys()].some((other) => other.startsWith(name + account.delimiter))
  attributes.push(inferior ? '\\HasChildren' : '\\HasNoChildren')
  if (verb === 'XLIST' && name === 'INBOX') attributes.push('\\Inbox')
  if (mailbox !== undefined && verb !== 'LSUB') attributes.push(...mailbox.attributes)
  return attributes
}

/** @type {Definition['run']} */
function namespace (connection, { args }) {
  args.end()
  connection.untagged(`NAMESPACE (("" "${accountOf(connection).delimiter}")) NIL NIL`)
  return 'OK Namespace completed.'
}

/** @type {Definition['run']} */
function create (connection, { args }) {
  const account = accountOf(connection)
  const name = args.mailbox(account.delimiter).replace(new RegExp(`[${account.delimiter}]$`), '')
  if (args.more) args.list()
  args.end()
  if (name === '' || name.split(account.delimiter).includes('')) throw no('[CANNOT] Invalid mailbox name')
  if (account.mailboxes.has(name)) throw no('[ALREADYEXISTS] Mailbox already exists')
  account.create(name)
  return 'OK Create completed.'
}

/** @type {Definition['run']} */
function remove (connection, { args }) {
  const account = accountOf(connection)
  const name = args.mailbox(account.delimiter)
  args.end()
  if (name === 'INBOX') throw no('[CANNOT] INBOX can\'t be deleted.')
  const mailbox = mailboxOf(connection, name)
  if (connection.view?.mailbox === mailbox) {
    connection.view.close()
    connection.view = undefined
  }
  account.remove(name)
  return 'OK Delete completed.'
}

/** @type {Definition['run']} */
function rename (connection, { args }) {
  const account = accountOf(connection)
  const { delimiter } = account
  const from = args.mailbox(delimiter)
  const to = args.mailbox(delimiter)
  args.end()
  if (!account.tree().has(from)) throw MISSING(from)
  if (account.mailboxes.has(to)) throw no('[ALREADYEXISTS] Target mailbox already exists')
  const moved = [...account.mailboxes.values()]
    .filter(({ name }) => name === from || name.startsWith(from + delimiter))
  for (const mailbox of moved) {
    account.mailboxes.delete(mailbox.name)
    mailbox.name = to + mailbox.name.slice(from.length)
    account.mailboxes.set(mailbox.name, mailbox)
  }
  // Renaming INBOX moves its mail and leaves an empty one (RFC 3501 section 6.3.5).
  if (!account.mailboxes.has('INBOX')) account.create('INBOX')
  return 'OK Rename completed.'
}

/** @param {boolean} on @returns {Definition['run']} */
function subscriber (on) {
  return (connection, { args }) => {
    const account = accountOf(connection)
    const name = args.mailbox(account.delimiter)
    args.end()
    if (on) account.subscribed.add(mailboxOf(connection, name).name)
    else account.subscribed.delete(name)
    return `OK ${on ? 'Subscribe' : 'Unsubscribe'} completed.`
  }
}

/** @type {Record<string, (mailbox: Mailbox) => number>} */
const STATUS_ITEMS = {
  MESSAGES: (mailbox) => mailbox.messages.length,
  RECENT: (mailbox) => mailbox.messages.filter((message) => message.recentFor === undefined).length,
  UIDNEXT: (mailbox) => mailbox.uidnext,
  UIDVALIDITY: (mailbox) => mailbox.uidvalidity,
  UNSEEN: (mailbox) => mailbox.messages.filter((message) => !message.flags.has('\\Seen')).length,
  HIGHESTMODSEQ: (mailbox) => mailbox.highestmodseq
}

/** @type {Definition['run']} */
function status (connection, { args }) {
  const name = args.mailbox(accountOf(connection).delimiter)
  const items = args.list()
  args.end()
  const mailbox = mailboxOf(connection, name)
  const out = []
  while (items.more) {
    const item = items.atom().toUpperCase()
    if (!Object.hasOwn(STATUS_ITEMS, item) || (item === 'HIGHESTMODSEQ' && !connection.supports('CONDSTORE'))) {
      throw bad(`Error in IMAP command STATUS: Invalid status item ${item}`)
    }
    if (item === 'HIGHESTMODSEQ') connection.condstore = true
    out.push(`${item} ${STATUS_ITEMS[item](mailbox)}`)
  }
  connection.untagged(`STATUS ${names.print(name)} (${out.join(' ')})`)
  return 'OK Status completed.'
}

/** @type {Record<string, Definition>} */
module.exports = {
  LIST: { state: 'authenticated', run: lister('LIST') },
  LSUB: { state: 'authenticated', run: lister('LSUB') },
  XLIST: { state: 'authenticated', capability: 'XLIST', run: lister('XLIST') },
  NAMESPACE: { state: 'authenticated', capability: 'NAMESPACE', run: namespace },
  CREATE: { state: 'authenticated', run: create },
  DELETE: { state: 'authenticated', run: remove },
  RENAME: { state: 'authenticated', run: rename },
  SUBSCRIBE: { state: 'authenticated', run: subscriber(true) },
  UNSUBSCRIBE: { state: 'authenticated', run: subscriber(false) },
  STATUS: { state: 'authenticated', run: status }
}
