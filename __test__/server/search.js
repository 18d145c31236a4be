// @ts-check
'use strict'

const { parseDay } = require('./format')
const { bad, no, ranges } = require('./parse')

/** @typedef {import('./parse').Arguments} Arguments */
/** @typedef {import('./store').Message} Message */
/** @typedef {import('./view').View} View */

/** @typedef {(message: Message, sequence: number) => boolean} Test */

const DAY = 86400000

/** Keys that ask for a flag, and those that ask for its absence. */
const FLAG_KEYS = {
  ANSWERED: '\\Answered',
  DELETED: '\\Deleted',
  DRAFT: '\\Draft',
  FLAGGED: '\\Flagged',
  SEEN: '\\Seen'
}

/**
 * A SEARCH program.
 *
 * @typedef {object} Program
 * @property {Test} test
 * @property {boolean} modseq whether MODSEQ was among the keys: the answer then names the highest one
 */

/**
 * Reads the keys of a SEARCH (RFC 3501 section 6.4.4, RFC 7162 section 3.1.5).
 *
 *     search = ["CHARSET" SP astring SP] search-key *(SP search-key)
 *
 * @param {Arguments} args
 * @param {View} view
 * @param {{ condstore: boolean }} support
 * @returns {Program}
 */
function parseSearch (args, view, { condstore }) {
  if (args.word('CHARSET')) {
    const charset = args.astring().toUpperCase()
    if (!['UTF-8', 'US-ASCII', 'UTF8', 'ASCII'].includes(charset)) {
      throw no('[BADCHARSET (US-ASCII UTF-8)] Unknown charset')
    }
  }
  const program = { modseq: false }
  const reader = new KeyReader(view, condstore, program)
  const test = reader.all(args)
  return { test, modseq: program.modseq }
}

/** Turns keys into tests. */
class KeyReader {
  /**
   * @param {View} view
   * @param {boolean} condstore
   * @param {{ modseq: boolean }} program
   */
  constructor (view, condstore, program) {
    this.view = view
    this.condstore = condstore
    this.program = program
  }

  /** Every key that is left, joined by "and". @param {Arguments} args @returns {Test} */
  all (args) {
    const tests = [this.key(args)]
    while (args.more) tests.push(this.key(args))
    return (message, sequence) => tests.every((test) => test(message, sequence))
  }

  /** @param {Arguments} args @returns {Test} */
  key (args) {
    const group = args.optionalList()
    if (group !== undefined) return this.all(group)
    const atom = args.atom()
    const key = atom.toUpperCase()
    if (/^[\d*]/.test(key)) return this.numbers(key, false)
    return this.flagKey(key, args) ?? this.textKey(key, args) ?? this.dateKey(key, args) ?? this.otherKey(key, args)
  }

  /** @param {string} set @param {boolean} byUid @returns {Test} */
  numbers (set, byUid) {
    const { list } = this.view
    const pairs = ranges(set, byUid ? list[list.length - 1]?.uid ?? 0 : list.length)
    return (message, sequence) => {
      const number = byUid ? message.uid : sequence
      return pairs.some(([first, last]) => number >= first && number <= last)
    }
  }

  /** @param {string} key @param {Arguments} args @returns {Test | undefined} */
  flagKey (key, args) {
    const { view } = this
    const wanted = FLAG_KEYS[/** @type {keyof typeof FLAG_KEYS} */ (key)]
    if (wanted !== undefined) return (message) => message.flags.has(wanted)
    const absent = key.startsWith('UN') ? FLAG_KEYS[/** @type {keyof typeof FLAG_KEYS} */ (key.slice(2))] : undefined
    if (absent !== undefined) return (message) => !message.flags.has(absent)
    switch (key) {
      case 'NEW': return (message) => view.isRecent(message) && !message.flags.has('\\Seen')
      case 'OLD': return (message) => !view.isRecent(message)
      case 'RECENT': return (message) => view.isRecent(message)
      case 'KEYWORD': return hasKeyword(args.atom())
      case 'UNKEYWORD': return not(hasKeyword(args.atom()))
    }
  }

  /** @param {string} key @param {Arguments} args @returns {Test | undefined} */
  textKey (key, args) {
    switch (key) {
      case 'BCC': case 'CC': case 'FROM': case 'SUBJECT': case 'TO': return header(key, args.astring())
      case 'HEADER': return header(args.astring(), args.astring())
      case 'BODY': return contains(args.astring(), ({ part }) => part.readableBody)
      case 'TEXT': return contains(args.astring(), ({ part }) => `${part.readableHeader}\n${part.readableBody}`)
    }
  }

  /** @param {string} key @param {Arguments} args @returns {Test | undefined} */
  dateKey (key, args) {
    const match = /^(SENT)?(BEFORE|ON|SINCE)$/.exec(key)
    if (match === null) return undefined
    const day = parseDay(args.astring())
    if (day === undefined) throw bad('Error in IMAP command SEARCH: Invalid search date parameter')
    const dayOf = match[1] ? sentDay : (/** @type {Message} */ message) => Math.floor(message.date.getTime() / DAY)
    return (message) => {
      const own = dayOf(message)
      if (Number.isNaN(own)) return false
      return match[2] === 'BEFORE' ? own < day : match[2] === 'ON' ? own === day : own >= day
    }
  }

  /** @param {string} key @param {Arguments} args @returns {Test} */
  otherKey (key, args) {
    switch (key) {
      case 'ALL': return () => true
      case 'LARGER': return larger(args.number())
      case 'SMALLER': return smaller(args.number())
      case 'UID': return this.numbers(args.atom(), true)
      case 'NOT': return not(this.key(args))
      case 'OR': return either(this.key(args), this.key(args))
      case 'MODSEQ': if (this.condstore) return this.modseq(args)
    }
    throw bad(`Error in IMAP command SEARCH: Unknown argument ${key}`)
  }

  /** `MODSEQ ["/flags/\\Seen" "all"] 715` @param {Arguments} args @returns {Test} */
  modseq (args) {
    this.program.modseq = true
    if (args.peek !== undefined && 'bytes' in args.peek) {
      args.bytes()
      args.atom()
    }
    const least = args.number()
    return (message) => message.modseq >= least
  }
}

/** @param {Test} test @returns {Test} */
function not (test) {
  return (message, sequence) => !test(message, sequence)
}

/** @param {Test} one @param {Test} other @returns {Test} */
function either (one, other) {
  return (message, sequence) => one(message, sequence) || other(message, sequence)
}

/** @param {number} size @returns {Test} */
function larger (size) {
  return (message) => message.raw.length > size
}

/** @param {number} size @returns {Test} */
function smaller (size) {
  return (message) => message.raw.length < size
}

/** @param {string} keyword @returns {Test} */
function hasKeyword (keyword) {
  const lower = keyword.toLowerCase()
  return (message) => [...message.flags].some((flag) => flag.toLowerCase() === lower)
}

/** @param {string} needle @param {(message: Message) => string} haystack lower case @returns {Test} */
function contains (needle, haystack) {
  const lower = needle.toLowerCase()
  return (message) => haystack(message).includes(lower)
}

/** @param {string} name @param {string} needle @returns {Test} */
function header (name, needle) {
  const prefix = `${name.toLowerCase()}: `
  const lower = needle.toLowerCase()
  return (message) => message.part.readableHeader.split('\n')
    .some((line) => line.startsWith(prefix) && line.slice(prefix.length).includes(lower))
}

/** The day of the Date field, in the zone it names (RFC 3501: "disregarding time and timezone"). @param {Message} message */
function sentDay (message) {
  const match = /(\d{1,2})\s+(\w{3})\s+(\d{4})/.exec(message.part.field('date') ?? '')
  return match === null ? NaN : parseDay(`${match[1]}-${match[2]}-${match[3]}`) ?? NaN
}

module.exports = { parseSearch }
