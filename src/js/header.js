// @ts-check
'use strict'

// The fields of a message header (contract section 8.5). Values are slices of the text, which V8
// makes without a copy; only a field with encoded words goes to the addon.

const binding = require('./binding')
const { wrongType } = require('./errors')
const { defineOwn, own } = require('./own')

const [TAB, CARRIAGE_RETURN, SPACE] = [9, 13, 32]

/** A name as RFC 5322 section 2.2 has it, and no longer than those that come again and again. */
const FIELD_NAME = /^[!-9;-~]{1,60}$/

/** How many names are remembered. */
const MAX_NAMES = 1000

/** Names as they were written, and in lower case: the same few are in all headers. @type {Map<string, string>} */
const keys = new Map()

/**
 * Reads a header up to its first empty line, or to a line that is neither a field nor goes on with one.
 *
 * ```abnf
 * header       = *continuation *field [CRLF]
 * field        = name ":" [SP / HTAB] value CRLF *continuation
 * name         = 1*(any but ":")                     ; not beginning with SP or HTAB
 * value        = *(any but CR and LF)
 * continuation = (SP / HTAB) *any CRLF               ; added to the value with its blank
 * ```
 *
 * @param {string | Buffer} raw the header, with CRLF between its lines
 * @param {boolean} [noDecode] leaves encoded words (RFC 2047) as they are
 * @returns {Record<string, string[]>} lower-case names and their values, in order
 */
function parseHeader (raw, noDecode) {
  if (typeof raw !== 'string' && !ArrayBuffer.isView(raw)) {
    throw wrongType('parseHeader() takes the text of a header', raw)
  }
  const text = raw.toString()
  /** @type {Record<string, string[]>} */
  const fields = {}
  let word = noDecode ? Infinity : wordFrom(text, 0)
  let at = 0
  while (isBlank(text, at)) at = endOfLine(text, at) + 2
  for (let end; ; at = end + 2) {
    const colon = text.indexOf(':', at)
    if (colon <= at) break
    const key = keyOf(text.slice(at, colon))
    const start = isBlank(text, colon + 1) ? colon + 2 : colon + 1
    end = endOfValue(text, start)
    if (key === null || end === -1) break
    let value = text.slice(start, end)
    while (isBlank(text, end + 2)) value += text.slice(end + 2, end = endOfLine(text, end + 2))
    if (word < end) {
      value = binding.decodeField(text.slice(at, end))
      word = wordFrom(text, end)
    }
    const values = own(fields, key)
    if (values) values.push(value)
    else defineOwn(fields, key, [value])
  }
  return fields
}

/**
 * Where an encoded word may begin.
 * @param {string} text
 * @param {number} from
 */
function wordFrom (text, from) {
  const at = text.indexOf('=?', from)
  return at === -1 ? Infinity : at
}

/**
 * @param {string} name what stands before a colon
 * @returns {string | null} `null` if that is more than a line
 */
function keyOf (name) {
  const known = keys.get(name)
  if (known !== undefined) return known
  if (!FIELD_NAME.test(name)) return name.includes('\r\n') ? null : name.toLowerCase().trim()
  // A copy, because a slice would keep the header that it is of.
  const copy = Buffer.from(name).toString()
  if (keys.size === MAX_NAMES) keys.clear()
  keys.set(copy, copy.toLowerCase())
  return copy.toLowerCase()
}

/**
 * @param {string} text
 * @param {number} from
 * @returns {number} where the CRLF is, or the text ends; -1 if a CR or LF alone comes before
 */
function endOfValue (text, from) {
  const carriageReturn = text.indexOf('\r', from)
  const lineFeed = text.indexOf('\n', from)
  if (carriageReturn === -1 && lineFeed === -1) return text.length
  return lineFeed === carriageReturn + 1 ? carriageReturn : -1
}

/**
 * @param {string} text
 * @param {number} from
 * @returns {number} where the CRLF is, or the text ends
 */
function endOfLine (text, from) {
  let lineFeed = text.indexOf('\n', from + 1)
  while (lineFeed !== -1 && text.charCodeAt(lineFeed - 1) !== CARRIAGE_RETURN) lineFeed = text.indexOf('\n', lineFeed + 1)
  return lineFeed === -1 ? text.length : lineFeed - 1
}

/**
 * @param {string} text
 * @param {number} at
 */
function isBlank (text, at) {
  const code = text.charCodeAt(at)
  return code === SPACE || code === TAB
}

module.exports = { parseHeader }
