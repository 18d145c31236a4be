// @ts-check
'use strict'

// What is different when each byte of the server comes alone (BYTEWISE=1, see ../modes.js).

/** @typedef {import('./record').Encoded} Encoded */

/**
 * The rows of DEVIATIONS.md that explain what differs then, by scenario, where they are not those that explain it
 * otherwise.
 *
 * @type {{ [key: string]: string[] }}
 */
const BYTEWISE = {
  'fetching: bodies: a quoted body of UTF-8': ['Q-26'],
  'mailboxes: getBoxes: a name that is raw UTF-8': ['Q-26'],
  'responses: tagged: a text of UTF-8': ['Q-26'],
  'responses: token: é': ['Q-26'],
  'responses: token: ("é" NIL 5)': ['Q-26'],
  'structures: envelope: a subject of raw UTF-8': ['Q-26'],
  // npm imap loses the rest of what has arrived, which is nothing here.
  'queue: a listener that throws': []
}

/** What a byte beyond ASCII becomes when it is decoded alone. */
const REPLACEMENT = '\ufffd'

/**
 * Events as npm imap has them when each byte comes alone: it decodes the bytes of each read by themselves.
 *
 * @param {Encoded[][]} events in which all characters are whole
 * @returns {Encoded[][]}
 */
function damaged (events) {
  const all = events.map((event) => event.map(damagedValue))
  for (const [, message, what, info] of all) {
    if (what === 'body') setSize(info, all.find(([, ...values]) => isEnd(values, message, info)))
  }
  return all
}

/** @param {Encoded} value @returns {Encoded} */
function damagedValue (value) {
  if (typeof value === 'string') return value.replace(/[^\0-\x7f]/gu, (character) => REPLACEMENT.repeat(Buffer.byteLength(character))) // eslint-disable-line no-control-regex
  if (value === null || typeof value !== 'object') return value
  if (value.bytes !== undefined) return { bytes: Buffer.from(damagedValue(Buffer.from(value.bytes, 'latin1').toString())).toString('latin1') }
  if (value.list) return { list: value.list.map(damagedValue) }
  if (value.object) return { ...value, object: value.object.map(damagedProperty) }
  if (value.error !== undefined) return { ...value, message: damagedValue(value.message), own: value.own.map(damagedProperty) }
  return value
}

/** @param {[string, Encoded]} property */
function damagedProperty ([key, value]) {
  return [damagedValue(key), damagedValue(value)]
}

/** Whether this tells of the whole body. @param {Encoded[]} values @param {string} message @param {Encoded} info */
function isEnd (values, message, info) {
  return values[0] === message && values[1] === `body ${property(info, 'which')[1]}` && values[2] === 'end'
}

/** The size of a body is that of its damaged bytes. @param {Encoded} info @param {Encoded[]} [end] */
function setSize (info, end) {
  if (end) property(info, 'size')[1] = end[4].bytes.length
}

/** @param {Encoded} info @param {string} name @returns {[string, Encoded]} */
function property (info, name) {
  return info.object.find((/** @type {[string, Encoded]} */ [key]) => key === name)
}

module.exports = { BYTEWISE, damaged }
