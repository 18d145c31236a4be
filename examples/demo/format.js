// @ts-check
'use strict'

// Numbers, times and people in words.

const { clean } = require('./text')

/** @param {number} count e.g. 2,000 */
function number (count) {
  return Math.round(count).toLocaleString('en-US')
}

/** @param {number} bytes decimal units, as in `3.4 MB` */
function size (bytes) {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  while (value >= 999.5 && units.length > 1) {
    value /= 1000
    units.shift()
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[0]}`
}

/** @param {number} milliseconds */
function duration (milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(2)} ms`
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(2)} s`
  const seconds = Math.round(milliseconds / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min ${seconds % 60} s`
}

/** @param {number} seconds as `1:05` */
function clock (seconds) {
  const whole = Math.max(0, Math.ceil(seconds))
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  const tail = `${String(whole % 60).padStart(2, '0')}`
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}

/** Local time: `11-24 09:30`, or the day alone if it is of another year. @param {Date | null | undefined} date */
function minute (date) {
  if (!isReal(date)) return '-'
  const isThisYear = date.getFullYear() === new Date().getFullYear()
  return isThisYear ? `${day(date).slice(5)} ${time(date).slice(0, 5)}` : day(date)
}

/** Local time to the second; without, if it is not today. @param {Date | null | undefined} date */
function moment (date) {
  if (!isReal(date)) return '-'
  return day(date) === day(new Date()) ? time(date).slice(0, 8) : minute(date)
}

/** Local time to the millisecond. @param {Date} date */
function time (date) {
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'))
  return `${parts.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** @param {Date} date */
function day (date) {
  const parts = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'))
  return `${date.getFullYear()}-${parts.join('-')}`
}

/**
 * Whether it is a date that a mail can have: one without is given as 1970-01-01.
 * @param {Date | null | undefined} date
 * @returns {date is Date}
 */
function isReal (date) {
  return date instanceof Date && date.getTime() > 0
}

/** Who wrote a message, by its envelope. @param {any} envelope */
function sender (envelope) {
  const people = (envelope && (envelope.from || envelope.sender)) || []
  const first = people[0]
  if (!first) return '(nobody)'
  return clean(first.name || first.group || '') || clean(`${first.mailbox || ''}@${first.host || ''}`)
}

/** @param {any} envelope */
function subject (envelope) {
  return clean((envelope && envelope.subject) || '') || '(no subject)'
}

module.exports = { clock, duration, minute, moment, number, sender, size, subject, time }
