// @ts-check
'use strict'

const { nstring } = require('./format')
const { parametrised } = require('./mime')

/** @typedef {import('./mime').Part} Part */

/**
 * ENVELOPE of a message.
 *
 *     envelope = "(" date SP subject SP from SP sender SP reply-to SP to SP cc SP bcc SP in-reply-to SP message-id ")"
 *
 * @param {Part} part
 * @returns {string}
 */
function envelope (part) {
  const from = addresses(part.field('from'))
  const or = (/** @type {string} */ list) => list === 'NIL' ? from : list
  return '(' + [
    nstring(part.field('date')),
    nstring(part.field('subject')),
    from,
    or(addresses(part.field('sender'))),
    or(addresses(part.field('reply-to'))),
    addresses(part.field('to')),
    addresses(part.field('cc')),
    addresses(part.field('bcc')),
    nstring(part.field('in-reply-to')),
    nstring(part.field('message-id'))
  ].join(' ') + ')'
}

/**
 * BODY (extended false) or BODYSTRUCTURE (extended true) of a part.
 *
 * @param {Part} part
 * @param {boolean} extended
 * @returns {string}
 */
function bodyStructure (part, extended) {
  if (part.type === 'multipart' && part.children.length > 0) return multipart(part, extended)
  // A multipart without parts cannot be printed as one; Dovecot, too, shows it as text.
  const type = part.type === 'multipart' ? 'text' : part.type
  const subtype = part.type === 'multipart' ? 'plain' : part.subtype
  const out = [
    nstring(type),
    nstring(subtype),
    parameters(type === 'text' ? withCharset(part.contentType.parameters) : part.contentType.parameters),
    nstring(part.field('content-id')),
    nstring(part.field('content-description')),
    nstring((part.field('content-transfer-encoding') ?? '7bit').toLowerCase()),
    String(part.body.length)
  ]
  if (part.embedded) out.push(envelope(part.embedded), bodyStructure(part.embedded, extended), String(part.lines))
  else if (type === 'text') out.push(String(part.lines))
  if (extended) out.push(nstring(part.field('content-md5')), ...trailer(part))
  return `(${out.join(' ')})`
}

/** @param {Part} part @param {boolean} extended */
function multipart (part, extended) {
  const children = part.children.map((child) => bodyStructure(child, extended)).join('')
  const tail = extended ? [parameters(part.contentType.parameters), ...trailer(part)] : []
  return `(${children} ${[nstring(part.subtype), ...tail].join(' ')})`
}

/** Disposition, language, location. @param {Part} part */
function trailer (part) {
  const text = part.field('content-disposition')
  const disposition = text === undefined ? undefined : parametrised(text)
  const languages = part.field('content-language')?.split(',').map((language) => nstring(language.trim()))
  return [
    disposition ? `(${nstring(disposition.value.toLowerCase())} ${parameters(disposition.parameters)})` : 'NIL',
    languages === undefined ? 'NIL' : languages.length === 1 ? languages[0] : `(${languages.join(' ')})`,
    nstring(part.field('content-location'))
  ]
}

/** @param {[string, string][]} list */
function parameters (list) {
  if (list.length === 0) return 'NIL'
  return `(${list.map(([name, value]) => `${nstring(name.toLowerCase())} ${nstring(value)}`).join(' ')})`
}

/** @param {[string, string][]} list @returns {[string, string][]} */
function withCharset (list) {
  return list.some(([name]) => name.toLowerCase() === 'charset') ? list : [['charset', 'us-ascii'], ...list]
}

/**
 * The addresses of a field. A group is its name, its members, and an end, as RFC 3501 section 7.4.2 says.
 *
 *     address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
 *
 * @param {string | undefined} text
 * @returns {string}
 */
function addresses (text) {
  if (text === undefined) return 'NIL'
  const out = []
  /** @type {string[]} */
  let phrase = []
  /** @type {string | undefined} */
  let comment
  /** @type {string | undefined} */
  let angle
  const flush = () => {
    if (angle !== undefined) out.push(address(phrase.join(' ') || comment, angle))
    else if (phrase.length > 0) out.push(address(comment, phrase.join('')))
    phrase = []
    comment = angle = undefined
  }
  for (const token of text.match(/"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.|\([^()]*\))*\)|<[^>]*>|[,;:]|[^\s,;:<>()"]+/g) ?? []) {
    if (token === ',') {
      flush()
    } else if (token === ';') {
      flush()
      out.push('(NIL NIL NIL NIL)')
    } else if (token === ':') {
      out.push(`(NIL NIL ${nstring(phrase.join(' '))} NIL)`)
      phrase = []
    } else if (token[0] === '(') {
      comment = token.slice(1, -1).replace(/\\(.)/g, '$1')
    } else if (token[0] === '<') {
      angle = token.slice(1, -1)
    } else {
      phrase.push(token[0] === '"' ? token.slice(1, -1).replace(/\\(.)/g, '$1') : token)
    }
  }
  flush()
  return out.length === 0 ? 'NIL' : `(${out.join('')})`
}

/** @param {string | undefined} name @param {string} spec */
function address (name, spec) {
  const route = /^(@[^:]*):(.*)$/.exec(spec)
  const plain = route === null ? spec : route[2]
  const at = plain.lastIndexOf('@')
  const local = (at === -1 ? plain : plain.slice(0, at)).replace(/^"(.*)"$/, '$1')
  const host = at === -1 ? 'MISSING_DOMAIN' : plain.slice(at + 1)
  return `(${nstring(name || undefined)} ${nstring(route?.[1])} ${nstring(local)} ${nstring(host)})`
}

module.exports = { envelope, bodyStructure }
