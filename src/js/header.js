// @ts-check
'use strict'

const binding = require('./binding')
const { defineOwn } = require('./own')

/**
 * The fields of a message header (contract section 8.5).
 * @param {string | Buffer} raw the header, with CRLF between its lines
 * @param {boolean} [noDecode] leaves encoded words (RFC 2047) as they are
 * @returns {Record<string, string[]>} lower-case names and their values, in order
 */
function parseHeader (raw, noDecode) {
  if (typeof raw !== 'string' && !ArrayBuffer.isView(raw)) {
    throw Object.assign(new TypeError(`parseHeader() takes the text of a header; got ${raw === null ? 'null' : typeof raw}`), {
      code: 'ERR_INVALID_ARG_TYPE'
    })
  }
  const flat = binding.parseHeader(raw.toString(), !noDecode)
  /** @type {Record<string, string[]>} */
  const fields = {}
  for (let at = 0; at < flat.length;) {
    const name = flat[at]
    const count = Number(flat[at + 1])
    defineOwn(fields, name, flat.slice(at + 2, at + 2 + count))
    at += 2 + count
  }
  return fields
}

module.exports = { parseHeader }
