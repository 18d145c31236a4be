// @ts-check
'use strict'

/** A header field: its name as written, its value unfolded, and its bytes with the line end. */
/** @typedef {{ name: string, value: string, raw: string }} Field */

/** @typedef {{ value: string, parameters: [string, string][] }} Parametrised */

/** Nesting beyond this is left unparsed: a leaf. */
const MAX_DEPTH = 64

/**
 * A MIME entity: a message, or a part of one (RFC 2045, 2046). Parsed when asked.
 * Text taken from bytes has one character a byte (latin1), so that nothing is lost.
 */
class Part {
  /**
   * @param {Buffer} raw header and body
   * @param {number} [depth]
   * @param {string} [defaultType] the type of a part that names none (in multipart/digest, message/rfc822)
   */
  constructor (raw, depth = 0, defaultType = 'text/plain') {
    this.raw = raw
    this.depth = depth
    this.bodyStart = headerEnd(raw)
    this.defaultType = defaultType
  }

  /** The header with the empty line that ends it. @returns {Buffer} */
  get header () {
    return this.raw.subarray(0, this.bodyStart)
  }

  /** @returns {Buffer} */
  get body () {
    return this.raw.subarray(this.bodyStart)
  }

  /** @returns {Field[]} */
  get fields () {
    return this.once('fields', () => parseFields(this.header.toString('latin1')))
  }

  /** The first field of this name (lower case), unfolded; undefined when absent. @param {string} name */
  field (name) {
    return this.fields.find((field) => field.name.toLowerCase() === name)?.value
  }

  /** @returns {Parametrised} */
  get contentType () {
    return this.once('contentType', () => {
      const parsed = parametrised(this.field('content-type') ?? this.defaultType)
      return /^[^/\s]+\/[^/\s]+$/.test(parsed.value) ? parsed : parametrised('text/plain')
    })
  }

  get type () {
    return this.contentType.value.split('/')[0].toLowerCase()
  }

  get subtype () {
    return this.contentType.value.split('/')[1].toLowerCase()
  }

  /** @param {string} name lower case */
  parameter (name) {
    return this.contentType.parameters.find(([key]) => key.toLowerCase() === name)?.[1]
  }

  /** The parts of a multipart, empty for all else. @returns {Part[]} */
  get children () {
    return this.once('children', () => {
      const boundary = this.parameter('boundary')
      if (this.type !== 'multipart' || !boundary || this.depth >= MAX_DEPTH) return []
      const type = this.subtype === 'digest' ? 'message/rfc822' : 'text/plain'
      return splitBody(this.body, boundary).map((raw) => new Part(raw, this.depth + 1, type))
    })
  }

  /** The message inside a message/rfc822 part. @returns {Part | undefined} */
  get embedded () {
    return this.once('embedded', () => {
      if (this.type !== 'message' || this.subtype !== 'rfc822' || this.depth >= MAX_DEPTH) return undefined
      return new Part(this.body, this.depth + 1)
    })
  }

  /** How many lines the body has. */
  get lines () {
    return this.once('lines', () => {
      let count = 0
      const { body } = this
      for (let at = body.indexOf(10); at !== -1; at = body.indexOf(10, at + 1)) count++
      return count
    })
  }

  /**
   * The part a number such as `[2, 1]` names (RFC 3501 section 6.4.5). In a message that is no multipart, 1 is its text.
   *
   * @param {number[]} path
   * @returns {Part | undefined}
   */
  find (path) {
    if (path.length === 0) return this
    const [number, ...rest] = path
    if (this.children.length > 0) return this.children[number - 1]?.within(rest)
    return number === 1 && rest.length === 0 ? this : undefined
  }

  /** @param {number[]} path @returns {Part | undefined} */
  within (path) {
    if (path.length === 0) return this
    if (this.embedded !== undefined) return this.embedded.find(path)
    return this.children.length > 0 ? this.find(path) : undefined
  }

  /**
   * Everything a reader would see: decoded header and decoded text parts, for SEARCH.
   *
   * @returns {string} lower case
   */
  get readableBody () {
    return this.once('readableBody', () => {
      const inner = this.embedded ? [this.embedded] : this.children
      if (inner.length > 0) return inner.map((part) => part.readableHeader + part.readableBody).join('\n')
      return this.type === 'text' ? this.decodedText.toLowerCase() : ''
    })
  }

  /** @returns {string} lower case */
  get readableHeader () {
    return this.once('readableHeader', () => {
      return this.fields.map(({ name, value }) => `${name}: ${decodeWords(value)}\n`).join('').toLowerCase()
    })
  }

  /** The body without its transfer encoding, as text. */
  get decodedText () {
    const encoding = (this.field('content-transfer-encoding') ?? '').trim().toLowerCase()
    let bytes = this.body
    if (encoding === 'base64') bytes = Buffer.from(bytes.toString('latin1'), 'base64')
    if (encoding === 'quoted-printable') bytes = unquote(bytes.toString('latin1').replace(/=\r?\n/g, ''))
    return decodeCharset(bytes, this.parameter('charset') ?? 'utf-8')
  }

  /**
   * @template T
   * @param {string} key
   * @param {() => T} make
   * @returns {T}
   */
  once (key, make) {
    const value = make()
    Object.defineProperty(this, key, { value })
    return value
  }
}

/**
 * Where the body begins: after the first empty line.
 *
 * @param {Buffer} raw
 */
function headerEnd (raw) {
  if (raw[0] === 10) return 1
  if (raw[0] === 13 && raw[1] === 10) return 2
  const crlf = raw.indexOf('\r\n\r\n')
  const lf = raw.indexOf('\n\n')
  if (crlf === -1 && lf === -1) return raw.length
  return lf === -1 || (crlf !== -1 && crlf < lf) ? crlf + 4 : lf + 2
}

/**
 * @param {string} header
 * @returns {Field[]}
 */
function parseFields (header) {
  const fields = []
  for (const match of header.matchAll(/^([^\s:][^:\r\n]*?)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|$)/gm)) {
    const value = match[2].replace(/\r?\n(?=[ \t])/g, '').replace(/\r$/, '').trim()
    fields.push({ name: match[1], value, raw: match[0] })
  }
  return fields
}

/**
 * `value; name=token; name="quoted \" string"` with comments left out (RFC 2045 section 5.1).
 *
 * @param {string} text
 * @returns {Parametrised}
 */
function parametrised (text) {
  const clean = withoutComments(text)
  const value = (/^[^;]*/.exec(clean)?.[0] ?? '').trim()
  /** @type {[string, string][]} */
  const parameters = []
  for (const match of clean.slice(value.length).matchAll(/;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/g)) {
    parameters.push([match[1], match[2] === undefined ? match[3] : match[2].replace(/\\(.)/g, '$1')])
  }
  return { value, parameters }
}

/** @param {string} text */
function withoutComments (text) {
  let depth = 0
  let quoted = false
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\\' && (quoted || depth > 0)) {
      if (depth === 0) out += character + (text[at + 1] ?? '')
      at++
    } else if (character === '"' && depth === 0) {
      quoted = !quoted
      out += character
    } else if (character === '(' && !quoted) {
      depth++
    } else if (character === ')' && depth > 0) {
      depth--
    } else if (depth === 0) {
      out += character
    }
  }
  return out
}

/**
 * The parts between boundary lines; the line end before a boundary belongs to it (RFC 2046 section 5.1.1).
 *
 * @param {Buffer} body
 * @param {string} boundary
 * @returns {Buffer[]}
 */
function splitBody (body, boundary) {
  const marker = Buffer.from(`--${boundary}`, 'latin1')
  const parts = []
  let start = -1
  for (let at = body.indexOf(marker); at !== -1; at = body.indexOf(marker, at + marker.length)) {
    if (at > 0 && body[at - 1] !== 10) continue
    const after = at + marker.length
    const lineEnd = body.indexOf(10, after)
    const rest = body.toString('latin1', after, lineEnd === -1 ? body.length : lineEnd)
    if (!/^(?:--)?[ \t\r]*$/.test(rest) && !rest.startsWith('--')) continue
    if (start !== -1) parts.push(body.subarray(start, endBefore(body, at, start)))
    start = rest.startsWith('--') || lineEnd === -1 ? -1 : lineEnd + 1
    if (rest.startsWith('--')) return parts
  }
  if (start !== -1) parts.push(body.subarray(start))
  return parts
}

/** @param {Buffer} body @param {number} boundary @param {number} start */
function endBefore (body, boundary, start) {
  const end = body[boundary - 2] === 13 ? boundary - 2 : boundary - 1
  return Math.max(end, start)
}

/**
 * Encoded words (RFC 2047) to text; raw bytes are taken as UTF-8.
 *
 * @param {string} latin1
 */
function decodeWords (latin1) {
  const joined = latin1.replace(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?)/gi, '$1')
  return joined.split(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)/i).map((piece) => {
    const word = /^=\?([^?\s*]+)[^?]*\?([bq])\?([^?\s]*)\?=$/i.exec(piece)
    if (word === null) return Buffer.from(piece, 'latin1').toString('utf8')
    const bytes = /b/i.test(word[2]) ? Buffer.from(word[3], 'base64') : unquote(word[3].replace(/_/g, ' '))
    return decodeCharset(bytes, word[1])
  }).join('')
}

/** @param {string} text quoted-printable without soft line breaks */
function unquote (text) {
  return Buffer.from(text.replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1')
}

/** @param {Buffer} bytes @param {string} charset */
function decodeCharset (bytes, charset) {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

module.exports = { Part, parametrised }
