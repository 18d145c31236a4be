// @ts-check
'use strict'

// Tells where two records of a scenario differ.

const { damaged } = require('./bytewise')
const { shown, shownEvent } = require('./record')

/** @typedef {import('./record').Record} Record */
/** @typedef {import('./record').Encoded} Encoded */

/** Properties that everimap's errors have where npm imap's have none (DEVIATIONS.md, D-01). */
const ADDED_TO_ERRORS = ['code', 'advice']

/**
 * Rows of DEVIATIONS.md that say exactly what is different: if only such rows are named, there must be no other
 * difference. Each takes out of the two records what it explains.
 *
 * @type {{ [id: string]: (events: { theirs: Encoded[][], ours: Encoded[][] }) => { theirs: Encoded[][], ours: Encoded[][] } }}
 */
const EXACT = {
  // Over TLS, npm imap tells only of the close.
  'Q-02': ({ theirs, ours }) => ({ theirs, ours: ours.filter((...event) => !isEnd(...event)) }),
  // It takes a cut for an error.
  'Q-04': ({ theirs, ours }) => ({ theirs: theirs.filter((event) => !isEpipe(event)).map(closed), ours: ours.map(closed) }),
  // It drops what waits for an answer.
  'Q-06': ({ theirs, ours }) => ({ theirs, ours: ours.filter((event, at) => !isLoss(event) && !isLastOfFetch(event, ours[at - 1])) }),
  // It damages characters that come in pieces; here, each byte is one.
  'Q-26': ({ theirs, ours }) => ({ theirs, ours: damaged(ours) }),
  // Its debug lines show secrets.
  'Q-39': ({ theirs, ours }) => ({ theirs: theirs.filter((event) => !isSecret(event)), ours: ours.filter((event) => !isSecret(event)) }),
  // After STARTTLS it closes without an error that it has told of.
  'D-03': ({ theirs, ours }) => ({ theirs: theirs.map(closed), ours: ours.map(closed) })
}

/** The `end` before a `close`, and its debug line. @param {Encoded[]} event @param {number} at @param {Encoded[][]} all */
function isEnd ([name, line], at, all) {
  return line === '[connection] Ended' || (name === "'end'" && all.slice(at + 1).some(([next]) => next === "'close'"))
}

/** @param {Encoded[]} event */
function isEpipe ([name, error]) {
  return name === "'error'" && error.message === 'This socket has been ended by the other party'
}

/** A `close` without its argument. @param {Encoded[]} event */
function closed ([name, ...values]) {
  return name === "'close'" ? [name] : [name, ...values]
}

/** @param {Encoded[]} event */
function isSecret ([name, line]) {
  return name === 'debug' && /^=> 'A\d+ (LOGIN|AUTHENTICATE) /.test(line)
}

/** The `end` of a fetch that was lost. @param {Encoded[]} event @param {Encoded[]} [former] */
function isLastOfFetch ([, ...values], former = []) {
  return values.join() === 'fetch,end' && isLoss(former)
}

/** What is said of a command or a body whose connection is gone. @param {Encoded[]} event */
function isLoss ([name, ...values]) {
  return name === 'says' && values.some((value) => value?.error && /^The (connection|server) .*, before/.test(value.message))
}

/**
 * @param {Record} theirs npm imap's
 * @param {Record} ours everimap's
 * @returns {string | undefined} the first difference, for people; undefined when there is none
 */
function difference (theirs, ours) {
  return events(theirs.events, ours.events) ?? wire(theirs.wire, ours.wire)
}

/**
 * Commands that fly together go out in other lines at other times, and debug lines show that.
 *
 * @param {Record} alone everimap's with one command at a time
 * @param {Record} together with several
 * @returns {string | undefined} the first difference in what the program sees
 */
function seen (alone, together) {
  const [one, other] = [alone, together].map(({ events }) => events.filter(([name]) => name !== 'debug'))
  return events(one, other, ['one at a time', 'together'])
}

/**
 * @param {Record} theirs
 * @param {Record} ours
 * @param {string[]} ids the rows of DEVIATIONS.md that are said to explain the difference
 * @returns {string | undefined} the first difference that they do not explain
 */
function unexplained (theirs, ours, ids) {
  if (!ids.every((id) => id in EXACT)) return undefined
  const left = ids.reduce((events, id) => EXACT[id](events), { theirs: theirs.events, ours: ours.events })
  return difference({ ...theirs, events: left.theirs }, { ...ours, events: left.ours })
}

/** @param {Encoded[][]} theirs @param {Encoded[][]} ours @param {string[]} names of both */
function events (theirs, ours, [them, us] = ['npm imap', 'everimap']) {
  for (let at = 0; at < Math.max(theirs.length, ours.length); at++) {
    const [their, our] = [theirs[at], ours[at]]
    if (their === undefined) return `event ${at + 1}: ${them} has none, ${us} ${shownEvent(our)}`
    if (our === undefined) return `event ${at + 1}: ${them} ${shownEvent(their)}, ${us} has none`
    if (!same({ list: their }, { list: our })) {
      return `event ${at + 1}: ${them} ${shownEvent(their)}, ${us} ${shownEvent(our)}`
    }
  }
}

/** @param {string[]} theirs @param {string[]} ours */
function wire (theirs, ours) {
  for (let at = 0; at < Math.max(theirs.length, ours.length); at++) {
    if (theirs[at] === ours[at]) continue
    const [their, our] = [theirs[at], ours[at]].map((line) => line === undefined ? 'nothing' : shown(line))
    return `client line ${at + 1}: npm imap sends ${their}, everimap ${our}`
  }
}

/**
 * @param {Encoded} their
 * @param {Encoded} our
 * @returns {boolean}
 */
function same (their, our) {
  if (their === null || our === null || typeof their !== 'object' || typeof our !== 'object') return their === our
  if (their.list && our.list) {
    return their.list.length === our.list.length && their.list.every((/** @type {Encoded} */ item, /** @type {number} */ at) => same(item, our.list[at]))
  }
  if (their.error !== undefined && our.error !== undefined) {
    return their.error === our.error && their.message === our.message && sameProperties(their.own, withoutAdded(our.own, their.own))
  }
  if (their.object && our.object) return their.class === our.class && sameProperties(their.object, our.object)
  return their.kind === our.kind && their.text === our.text && their.bytes === our.bytes &&
    !their.list === !our.list && !their.object === !our.object && their.error === our.error
}

/** @typedef {[string, Encoded][]} Properties sorted by their keys */

/** @param {Properties} theirs @param {Properties} ours */
function sameProperties (theirs, ours) {
  return theirs.length === ours.length && theirs.every(([key, value], at) => key === ours[at][0] && same(value, ours[at][1]))
}

/** @param {Properties} ours @param {Properties} theirs */
function withoutAdded (ours, theirs) {
  return ours.filter(([key]) => !ADDED_TO_ERRORS.includes(key) || theirs.some(([other]) => other === key))
}

module.exports = { difference, seen, unexplained }
