// @ts-check
'use strict'

// Where a program does get something else on everimap, on purpose: rows of DEVIATIONS.md. Whatever
// is not here has to be equal.

const { isDeepStrictEqual: same } = require('node:util')

/**
 * @typedef {object} Difference
 * @property {string} id its row
 * @property {string} program
 * @property {RegExp} steps
 * @property {(imap: any, everimap: any) => boolean} holds whether two results differ by just this
 */

/** @type {Difference[]} */
const DIFFERENCES = [
  // npm imap mostly says no `end` over TLS: it depends on whether the server's FIN is faster than ours.
  ...[
    { program: 'imap-simple', steps: /^TLS: (events of mailboxes|the end|the server goes away)$/ },
    { program: 'mail-notifier', steps: /^TLS: (the server goes away|stop\(\)|a box that is missing)$/ },
    { program: 'mail-notifier', steps: /^faults: TLS, wrong password$/ }
  ].map((where) => ({ id: 'Q-02', ...where, holds: lacksEnd })),

  // npm imap drops the callbacks of a connection that is lost.
  {
    id: 'Q-06',
    program: 'imap-simple',
    steps: /^faults: (TLS|plain), what the search got$/,
    holds: (imap, everimap) => imap === 'nothing' && everimap === 'an error of the socket'
  },

  // The stream of an empty body never ends on npm imap.
  {
    id: 'Q-13',
    program: 'imap-simple',
    steps: /: search (ALL, whole and in pieces|SEEN with markSeen)$/,
    holds: (imap, everimap) => same(imap, { value: everimap.value.map(withoutEmptyParts) })
  },
  {
    id: 'Q-13',
    program: 'imap-simple',
    steps: /: part 1 of 11$/,
    holds: (imap, everimap) => imap.error?.message === 'Got 0 parts, should get 1' && everimap.value === ''
  },

  // A server that resets the connection instead of answering LOGOUT ends it all the same.
  {
    id: 'D-30',
    program: 'imap-simple',
    steps: /^faults: (TLS|plain), reset after end\(\)$/,
    holds: (imap, everimap) => same([imap, everimap], [[['close', true]], [['end'], ['close', false]]])
  }
]

/**
 * @param {string} program
 * @param {string} step
 * @param {unknown} imap
 * @param {unknown} everimap
 * @returns {string | undefined} the row of a difference that is meant, if it is one
 */
function meant (program, step, imap, everimap) {
  return DIFFERENCES.find((difference) => difference.program === program && difference.steps.test(step) &&
    difference.holds(imap, everimap))?.id
}

/**
 * @param {any[]} imap
 * @param {any[]} everimap
 */
function lacksEnd (imap, everimap) {
  return same(imap, everimap.filter(([name]) => name !== 'end'))
}

/** @param {{ parts: { size: number }[] }} message */
function withoutEmptyParts ({ parts, ...message }) {
  return { ...message, parts: parts.filter(({ size }) => size > 0) }
}

module.exports = { meant }
