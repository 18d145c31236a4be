// @ts-check
'use strict'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * A string of bytes as a server prints it: quoted where it can be, else a literal.
 *
 * @param {string | undefined} latin1 undefined prints NIL
 * @returns {string}
 */
function nstring (latin1) {
  if (latin1 === undefined) return 'NIL'
  // eslint-disable-next-line no-control-regex
  if (/[^\x01-\x7f]|[\r\n]/.test(latin1)) return `{${latin1.length}}\r\n${latin1}`
  return `"${latin1.replace(/["\\]/g, '\\$&')}"`
}

/**
 * INTERNALDATE: `"05-Sep-2024 07:08:09 +0000"`, always in UTC.
 *
 * @param {Date} date
 */
function dateTime (date) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0')
  const day = `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()}`
  return `"${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000"`
}

/**
 * The date of an APPEND.
 *
 *     date-time = DQUOTE (SP DIGIT / 1*2DIGIT) "-" date-month "-" 4DIGIT SP time SP zone DQUOTE
 *
 * @param {string} text
 * @returns {Date | undefined} undefined when it is none
 */
function parseDateTime (text) {
  const match = /^ ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text)
  const month = match === null ? -1 : monthOf(match[2])
  if (match === null || month < 0) return undefined
  const offset = (Number(match[8]) * 60 + Number(match[9])) * (match[7] === '-' ? -1 : 1)
  const [, day, , year, hours, minutes, seconds] = match.map(Number)
  return new Date(Date.UTC(year, month, day, hours, minutes - offset, seconds))
}

/**
 * A date of a SEARCH key as days since 1970.
 *
 *     date-text = 1*2DIGIT "-" date-month "-" 4DIGIT
 *
 * @param {string} text
 * @returns {number | undefined}
 */
function parseDay (text) {
  const match = /^(\d{1,2})-(\w{3})-(\d{4})$/.exec(text)
  const month = match === null ? -1 : monthOf(match[2])
  if (match === null || month < 0) return undefined
  return Date.UTC(Number(match[3]), month, Number(match[1])) / 86400000
}

/** @param {string} name */
function monthOf (name) {
  return MONTHS.findIndex((month) => month.toLowerCase() === name.toLowerCase())
}

module.exports = { nstring, dateTime, parseDateTime, parseDay }
