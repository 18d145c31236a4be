// @ts-check
'use strict'

const { PASSWORD } = require('../credentials')
const names = require('./names')
const { Part } = require('./mime')

/** @typedef {import('./view').View} View */

/** Attributes of the mailboxes whose names say what they are for (RFC 6154). */
const SPECIAL_USE = {
  Archive: '\\Archive',
  Drafts: '\\Drafts',
  Junk: '\\Junk',
  Sent: '\\Sent',
  Trash: '\\Trash'
}

const SYSTEM_FLAGS = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft']

/** A message: its bytes never change, its flags do. */
class Message {
  /**
   * @param {number} uid
   * @param {Buffer} raw
   * @param {string[]} flags
   * @param {Date} date
   * @param {number} modseq
   */
  constructor (uid, raw, flags, date, modseq) {
    this.uid = uid
    this.raw = raw
    this.flags = new Set(flags)
    this.date = date
    this.modseq = modseq
    /** The view that was first told of this message: for it alone the message is \Recent. */
    /** @type {View | undefined} */
    this.recentFor = undefined
    /** @type {Part | undefined} */
    this.parsed = undefined
    /** Answers that never change, kept by FETCH under the name of the item. */
    /** @type {Map<string, string>} */
    this.cache = new Map()
  }

  /** The message as a tree of MIME parts. */
  get part () {
    this.parsed ??= new Part(this.raw)
    return this.parsed
  }
}

/** A mailbox: ordered messages, and the views (selected sessions) that hear of changes. */
class Mailbox {
  /**
   * @param {string} name
   * @param {string[]} [attributes] special use
   * @param {number} [uidvalidity]
   */
  constructor (name, attributes = [], uidvalidity = 1) {
    this.name = name
    this.attributes = attributes
    this.uidvalidity = uidvalidity
    this.uidnext = 1
    this.highestmodseq = 1
    /** @type {Message[]} ascending by UID */
    this.messages = []
    /** @type {Set<string>} every keyword ever used here */
    this.keywords = new Set()
    /** @type {Set<View>} */
    this.views = new Set()
  }

  /**
   * Puts a message in and tells every view.
   *
   * @param {Buffer | string} raw a Buffer is kept byte for byte; in a string, bare line feeds become CRLF
   * @param {{ flags?: string[], date?: Date }} [options] default: no flags, now
   * @returns {number} its UID
   */
  deliver (raw, { flags = [], date = new Date() } = {}) {
    const bytes = typeof raw === 'string' ? Buffer.from(raw.replace(/\r?\n/g, '\r\n')) : raw
    this.highestmodseq++
    const message = new Message(this.uidnext++, bytes, canonicalFlags(flags), date, this.highestmodseq)
    this.learn(message.flags)
    this.messages.push(message)
    for (const view of this.views) view.arrived()
    return message.uid
  }

  /**
   * Takes messages out for good and tells every view.
   *
   * @param {number | number[]} uids those not here are passed over
   * @returns {number[]} the UIDs that were here
   */
  expunge (uids) {
    const wanted = new Set([uids].flat())
    const gone = this.messages.filter((message) => wanted.has(message.uid))
    if (gone.length === 0) return []
    this.highestmodseq++
    this.messages = this.messages.filter((message) => !wanted.has(message.uid))
    for (const view of this.views) view.vanished(gone)
    return gone.map((message) => message.uid)
  }

  /**
   * Replaces a message's flags and tells every view.
   *
   * @param {number} uid
   * @param {string[]} flags
   */
  flag (uid, flags) {
    const message = this.message(uid)
    if (message === undefined) throw new RangeError(`No message with UID ${uid} in ${this.name}`)
    this.setFlags(message, canonicalFlags(flags))
  }

  /** @param {number} uid @returns {Message | undefined} */
  message (uid) {
    return this.messages.find((message) => message.uid === uid)
  }

  /**
   * @param {Message} message
   * @param {Iterable<string>} flags
   * @param {View} [silent] the view that need not be told
   */
  setFlags (message, flags, silent) {
    message.flags = new Set(flags)
    message.modseq = ++this.highestmodseq
    this.learn(message.flags)
    for (const view of this.views) if (view !== silent) view.flagged(message)
  }

  /** @param {Iterable<string>} flags */
  learn (flags) {
    for (const flag of flags) if (!flag.startsWith('\\')) this.keywords.add(flag)
  }
}

/** A user: password, tokens, mailboxes. All of it may be changed while the server runs. */
class Account {
  /**
   * @param {string} user
   * @param {{ password?: string, tokens?: string[],
   *   mailboxes?: (string | { name: string, attributes?: string[], uidvalidity?: number })[] }} options
   * @param {string} delimiter
   */
  constructor (user, options, delimiter) {
    this.user = user
    this.password = options.password ?? PASSWORD
    this.tokens = options.tokens ?? []
    this.delimiter = delimiter
    /** @type {Map<string, Mailbox>} */
    this.mailboxes = new Map()
    /** @type {Set<string>} */
    this.subscribed = new Set()
    this.lastUidvalidity = 1700000000
    const list = options.mailboxes ?? ['INBOX', 'Archive', 'Drafts', 'Sent', 'Trash']
    for (const entry of list) {
      const { name, attributes, uidvalidity } = typeof entry === 'string' ? { name: entry } : entry
      const mailbox = this.create(name, attributes ?? specialUse(name))
      if (uidvalidity !== undefined) mailbox.uidvalidity = uidvalidity
      this.subscribed.add(mailbox.name)
    }
    if (!this.mailboxes.has('INBOX')) this.create('INBOX')
  }

  /**
   * A mailbox by its name (text, not modified UTF-7).
   *
   * @param {string} name
   * @returns {Mailbox}
   */
  mailbox (name) {
    const mailbox = this.mailboxes.get(names.canonical(name, this.delimiter))
    if (mailbox === undefined) {
      throw new RangeError(`No mailbox ${name} in account ${this.user}; there are: ${[...this.mailboxes.keys()].join(', ')}`)
    }
    return mailbox
  }

  /**
   * Makes a mailbox.
   *
   * @param {string} name
   * @param {string[]} [attributes]
   * @returns {Mailbox}
   */
  create (name, attributes = []) {
    const canonical = names.canonical(name, this.delimiter)
    const mailbox = new Mailbox(canonical, attributes, this.lastUidvalidity++)
    this.mailboxes.set(canonical, mailbox)
    return mailbox
  }

  /**
   * Removes a mailbox. Sessions that have it selected are disconnected, as a real server does.
   *
   * @param {string} name
   */
  remove (name) {
    const mailbox = this.mailbox(name)
    this.mailboxes.delete(mailbox.name)
    for (const view of [...mailbox.views]) view.gone()
  }

  /**
   * Every name LIST may show: mailboxes and the parents that exist only as part of a name.
   *
   * @returns {Map<string, Mailbox | undefined>}
   */
  tree () {
    /** @type {Map<string, Mailbox | undefined>} */
    const all = new Map(this.mailboxes)
    for (const name of this.mailboxes.keys()) {
      const path = name.split(this.delimiter)
      for (let depth = 1; depth < path.length; depth++) {
        const parent = path.slice(0, depth).join(this.delimiter)
        if (!all.has(parent)) all.set(parent, undefined)
      }
    }
    return all
  }
}

/**
 * Flags in the case servers print them; repeated ones once, `\Recent` (the server's own) left out.
 *
 * @param {string[]} flags
 * @returns {string[]}
 */
function canonicalFlags (flags) {
  const known = flags.map((flag) => {
    const lower = flag.toLowerCase()
    return SYSTEM_FLAGS.find((system) => system.toLowerCase() === lower) ?? flag
  })
  return [...new Set(known)].filter((flag) => flag.toLowerCase() !== '\\recent')
}

/** @param {string} name */
function specialUse (name) {
  const attribute = SPECIAL_USE[/** @type {keyof typeof SPECIAL_USE} */ (name)]
  return attribute === undefined ? [] : [attribute]
}

module.exports = { Account, Mailbox, Message, SYSTEM_FLAGS, canonicalFlags }
