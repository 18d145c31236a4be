// @ts-check
'use strict'

const { dateTime } = require('./format')
const { bad } = require('./parse')
const { envelope, bodyStructure } = require('./structure')

/** @typedef {import('./parse').Arguments} Arguments */
/** @typedef {import('./parse').Node} Node */
/** @typedef {import('./store').Message} Message */
/** @typedef {import('./view').View} View */

/**
 * One item of a FETCH: what to print, and whether printing it makes the message \Seen.
 *
 * @typedef {{ print: (message: Message, view: View) => string | (string | Buffer)[], sees?: boolean, name: string }} Item
 */

const MACROS = {
  ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
  FULL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']
}

/** @type {Record<string, Item['print']>} */
const SIMPLE = {
  UID: (message) => `UID ${message.uid}`,
  FLAGS: (message, view) => `FLAGS (${view.flags(message)})`,
  INTERNALDATE: (message) => cached(message, 'INTERNALDATE', () => dateTime(message.date)),
  'RFC822.SIZE': (message) => `RFC822.SIZE ${message.raw.length}`,
  MODSEQ: (message) => `MODSEQ (${message.modseq})`,
  ENVELOPE: (message) => cached(message, 'ENVELOPE', () => envelope(message.part)),
  BODY: (message) => cached(message, 'BODY', () => bodyStructure(message.part, false)),
  BODYSTRUCTURE: (message) => cached(message, 'BODYSTRUCTURE', () => bodyStructure(message.part, true)),
  RFC822: (message) => ['RFC822', ...literal(message.raw)],
  'RFC822.HEADER': (message) => ['RFC822.HEADER', ...literal(message.part.header)],
  'RFC822.TEXT': (message) => ['RFC822.TEXT', ...literal(message.part.body)]
}

/**
 * The items of a FETCH.
 *
 *     fetch-items = "ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"
 *
 * @param {Node} node
 * @returns {Item[]}
 */
function parseItems (node) {
  if (!Array.isArray(node) && 'atom' in node) {
    const macro = MACROS[/** @type {keyof typeof MACROS} */ (node.atom.toUpperCase())]
    if (macro !== undefined) return macro.map(item)
    return [item(node.atom)]
  }
  if (!Array.isArray(node) || node.length === 0) throw bad('Error in IMAP command FETCH: Invalid arguments.')
  return node.map((entry) => {
    if (!('atom' in entry)) throw bad('Error in IMAP command FETCH: Invalid item.')
    return item(entry.atom)
  })
}

/** @param {string} text @returns {Item} */
function item (text) {
  const upper = text.toUpperCase()
  if (Object.hasOwn(SIMPLE, upper)) {
    return { name: upper, print: SIMPLE[upper], sees: upper === 'RFC822' || upper === 'RFC822.TEXT' }
  }
  const match = /^BODY(\.PEEK)?\[(.*)\](?:<(\d+)\.([1-9]\d*)>)?$/is.exec(text)
  if (match === null) throw bad(`Error in IMAP command FETCH: Unknown parameter: ${upper}`)
  const { echo, bytes } = section(match[2])
  const offset = match[3] === undefined ? undefined : Number(match[3])
  const name = `BODY[${echo}]${offset === undefined ? '' : `<${offset}>`}`
  return {
    name,
    sees: match[1] === undefined,
    print: (message) => {
      const whole = bytes(message)
      if (whole === undefined) return `${name} NIL`
      return [name, ...literal(offset === undefined ? whole : whole.subarray(offset, offset + Number(match[4])))]
    }
  }
}

/**
 * What is between the brackets.
 *
 *     section      = [section-part *("." section-part)] ["." (section-text)]
 *     section-text = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT" / "MIME"
 *
 * @param {string} text
 * @returns {{ echo: string, bytes: (message: Message) => Buffer | undefined }}
 */
function section (text) {
  const match = /^((?:[1-9]\d*)(?:\.[1-9]\d*)*)?(?:(?:^|\.)([A-Z.]+)(?: \((.+)\))?)?$/is.exec(text)
  if (match === null) throw bad(`Error in IMAP command FETCH: Invalid BODY[..] parameter: ${text}`)
  const path = match[1] === undefined ? [] : match[1].split('.').map(Number)
  const what = (match[2] ?? '').toUpperCase()
  const names = (match[3] ?? '').match(/"[^"]*"|[^\s"]+/g)?.map((name) => name.replace(/"/g, '').toLowerCase()) ?? []
  const fields = what === 'HEADER.FIELDS' || what === 'HEADER.FIELDS.NOT'
  const known = fields || ['', 'HEADER', 'TEXT', 'MIME'].includes(what)
  if (!known || fields !== (names.length > 0) || (what === 'MIME' && path.length === 0)) {
    throw bad(`Error in IMAP command FETCH: Invalid BODY[..] parameter: ${text}`)
  }
  const echo = [match[1], what].filter(Boolean).join('.') + (fields ? ` (${match[3]})` : '')
  return { echo, bytes: (message) => sectionBytes(message, path, what, names) }
}

/**
 * @param {Message} message
 * @param {number[]} path
 * @param {string} what
 * @param {string[]} names lower case
 * @returns {Buffer | undefined}
 */
function sectionBytes (message, path, what, names) {
  if (path.length === 0 && what === '') return message.raw
  const part = message.part.find(path)
  if (part === undefined) return undefined
  if (what === '') return part.body
  if (what === 'MIME') return part.header
  const whole = path.length === 0 ? part : part.embedded
  if (whole === undefined) return undefined
  if (what === 'HEADER') return whole.header
  if (what === 'TEXT') return whole.body
  const wanted = new Set(names)
  const keep = what === 'HEADER.FIELDS'
  const chosen = whole.fields.filter(({ name }) => wanted.has(name.toLowerCase()) === keep)
  return Buffer.from(chosen.map(({ raw }) => raw).join('') + '\r\n', 'latin1')
}

/**
 * A FETCH response, as pieces to be written one after the other.
 *
 * @param {number} sequence
 * @param {Message} message
 * @param {Item[]} items
 * @param {View} view
 * @returns {(string | Buffer)[]}
 */
function response (sequence, message, items, view) {
  /** @type {(string | Buffer)[]} */
  const pieces = []
  let text = `* ${sequence} FETCH (`
  for (const [index, { print }] of items.entries()) {
    if (index > 0) text += ' '
    const printed = print(message, view)
    if (typeof printed === 'string') {
      text += printed
    } else {
      for (const piece of printed) {
        if (typeof piece === 'string') {
          text += piece
        } else {
          pieces.push(text, piece)
          text = ''
        }
      }
    }
  }
  pieces.push(text + ')\r\n')
  return pieces
}

/** @param {Buffer} bytes @returns {(string | Buffer)[]} */
function literal (bytes) {
  return [` {${bytes.length}}\r\n`, bytes]
}

/** @param {Message} message @param {string} name @param {() => string} make */
function cached (message, name, make) {
  let text = message.cache.get(name)
  if (text === undefined) {
    text = `${name} ${make()}`
    message.cache.set(name, text)
  }
  return text
}

module.exports = { parseItems, item, response }
