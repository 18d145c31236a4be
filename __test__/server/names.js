// @ts-check
'use strict'

/**
 * Modified UTF-7 (RFC 3501 section 5.1.3) to text. Malformed input stays as it is.
 *
 * @param {string} encoded
 * @returns {string}
 */
function decode (encoded) {
  return encoded.replace(/&([^-]*)-/g, (whole, base64) => {
    if (base64 === '') return '&'
    const bytes = Buffer.from(base64.replace(/,/g, '/'), 'base64')
    return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le') : whole
  })
}

/**
 * Text to modified UTF-7.
 *
 * @param {string} name
 * @returns {string}
 */
function encode (name) {
  return name.replace(/&/g, '&-').replace(/[^\x20-\x7e]+/g, (run) => {
    const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64')
    return '&' + base64.replace(/=+$/, '').replace(/\//g, ',') + '-'
  })
}

/**
 * The name everyone means: INBOX in any case is `INBOX`.
 *
 * @param {string} name
 * @param {string} delimiter
 * @returns {string}
 */
function canonical (name, delimiter) {
  if (/^inbox$/i.test(name)) return 'INBOX'
  const root = name.split(delimiter, 1)[0]
  return /^inbox$/i.test(root) ? 'INBOX' + name.slice(root.length) : name
}

/**
 * The test for a LIST pattern: `*` is anything, `%` anything but the delimiter.
 *
 * @param {string} pattern
 * @param {string} delimiter
 * @returns {(name: string) => boolean}
 */
function matcher (pattern, delimiter) {
  const source = Array.from(pattern, (character) => {
    if (character === '*') return '[^]*'
    if (character === '%') return `[^${escape(delimiter)}]*`
    return escape(character)
  }).join('')
  const exact = new RegExp(`^${source}$`)
  const folded = new RegExp(`^${source}$`, 'i')
  return (name) => exact.test(name) || (name === 'INBOX' && folded.test(name))
}

/**
 * A mailbox name as a server prints it: an atom where it can be one, else quoted.
 *
 * @param {string} name
 * @returns {string}
 */
function print (name) {
  const encoded = encode(name)
  if (/^[^\s(){%*"\\\]]+$/.test(encoded) && !/^nil$/i.test(encoded)) return encoded
  return `"${encoded.replace(/["\\]/g, '\\$&')}"`
}

/** @param {string} character */
function escape (character) {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

module.exports = { decode, encode, canonical, matcher, print }
