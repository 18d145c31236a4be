// @ts-check
'use strict'

// The helpers of node-imap that read values of the server's out of a text, or out of values that
// were read before (contract sections 5.5, 5.6 and 8.4).

const { encodeExpression } = require('./arguments')
const binding = require('./binding')
const { guarded, wrongType } = require('./errors')
const { FrameReader } = require('./frame')

/**
 * A value: an atom or a string, a number, `NIL`, a list.
 * @typedef {string | number | null | any[]} Value
 */

/**
 * The values in a text. `literals` holds what stands for each `\0` among them, in order; what is
 * used is taken out, as in node-imap.
 * @param {string} text
 * @param {Array<string | Uint8Array> | null} [literals]
 * @param {Value[] | null} [result] a list to which the values are added; default: a new one
 * @param {number} [start] where in the text to begin
 * @param {boolean} [useBrackets] whether `[` and `]` are parentheses, too; default: true
 * @returns {Value[]}
 */
function parseExpr (text, literals, result, start, useBrackets) {
  if (typeof text !== 'string') {
    throw wrongType('parseExpr() takes the text of an IMAP expression, such as \'FLAGS (\\\\Seen) UID 5\'', text)
  }
  const octets = octetsOf(literals, 'parseExpr()')
  const brackets = useBrackets === undefined || Boolean(useBrackets)
  const frame = guarded(() => binding.expression(text.slice(start || 0), brackets, octets))
  const values = afterUse(literals, frame)
  if (!result) return values
  for (const value of values) result.push(value)
  return result
}

/**
 * The structure of a message (BODYSTRUCTURE) from its text, or from the list that
 * {@link parseExpr} makes of it.
 * @param {string | Value[]} structure
 * @param {Array<string | Uint8Array> | null} [literals] as in {@link parseExpr}
 * @returns {any[]} `[part]` or `[multipart, child, child, ...]`
 */
function parseBodyStructure (structure, literals) {
  if (Array.isArray(structure)) {
    const values = encode(structure, 'body structure')
    return new FrameReader(guarded(() => binding.structureOfValues(values))).value()
  }
  if (typeof structure !== 'string') {
    throw wrongType('parseBodyStructure() takes the text of a BODYSTRUCTURE, or the list that parseExpr() makes of it', structure)
  }
  const octets = octetsOf(literals, 'parseBodyStructure()')
  return afterUse(literals, guarded(() => binding.structureOfText(structure, octets)))
}

/**
 * The addresses of one field of an ENVELOPE.
 * @param {unknown} list what {@link parseExpr} makes of the field: a list of
 *   `[name, route, mailbox, host]`
 * @returns {any[] | null} `null` for what is no list, such as `NIL`
 */
function parseEnvelopeAddresses (list) {
  if (!Array.isArray(list)) return null
  for (const address of list) {
    if (Array.isArray(address)) continue
    throw wrongType('parseEnvelopeAddresses() takes a list of addresses, each a list: ' +
      '[[name, route, mailbox, host], ...], as parseExpr() makes it', address)
  }
  const values = encode(list, 'list of addresses')
  return new FrameReader(guarded(() => binding.addressesOfValues(values))).value()
}

/**
 * @param {Value[]} list
 * @param {string} name
 */
function encode (list, name) {
  return JSON.stringify(encodeExpression(list, name))
}

/**
 * @param {unknown} literals
 * @param {string} caller
 * @returns {Buffer[]}
 */
function octetsOf (literals, caller) {
  if (literals === undefined || literals === null) return []
  const expected = `${caller} takes the literals as an array of Buffers or strings`
  if (!Array.isArray(literals)) throw wrongType(expected, literals)
  return literals.map((literal) => {
    if (typeof literal === 'string' || literal instanceof Uint8Array) return Buffer.from(literal)
    throw wrongType(expected, literal)
  })
}

/**
 * The value of a frame that says, too, how many literals were used.
 * @param {any[] | null | undefined} literals
 * @param {import('./frame').Frame} frame
 */
function afterUse (literals, frame) {
  const [value, used] = new FrameReader(frame).value()
  if (literals) literals.splice(0, used)
  return value
}

module.exports = { parseBodyStructure, parseEnvelopeAddresses, parseExpr }
