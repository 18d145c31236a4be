// @ts-check
'use strict'

// How programs use node-imap (users D.2), and what becomes of each. With `reconnect` nothing is lost,
// whatever happens. Without, each does what it does on npm imap, only safer: that a connection is dead
// is noticed, two connect() make one connection, and the program can end.

/** @typedef {Record<string, string | RegExp>} Words what becomes of it, by fault */
/**
 * @typedef {object} Pattern
 * @property {string} id
 * @property {string} title
 * @property {boolean} [tls]
 * @property {boolean} [isJob] it ends when it has what it wants
 * @property {Record<import('./cell').Column, Words>} expected
 */

/** A server that is silent is never noticed by npm imap. */
const NEVER = { blackhole: 'deaf, does not end' }

/** @param {string} word @returns {Words} the same whatever happens */
function always (word) {
  return { FIN: word, RST: word, BYE: word, blackhole: word, token: word, rotation: word }
}

const ON = always('resumed')
/** It connects again, and opens the INBOX again; with a token that is refused, for ever. */
const AGAIN = { ...always('resumed'), token: 'off' }

/** @type {Pattern[]} */
const PATTERNS = [
  {
    id: 'P01',
    title: "once('end') connects again, once('ready') opens the INBOX",
    expected: {
      imap: { ...always('deaf'), RST: 'ended', token: 'ended', ...NEVER },
      off: { ...always('deaf'), RST: 'ended', token: 'ended' },
      on: ON
    }
  },
  {
    id: 'P02',
    title: 'connects again from error, end and close',
    expected: {
      imap: { FIN: /^resumed, several connections/, RST: /^resumed, several connections/, BYE: /^resumed, several connections/, token: /several connections/, ...NEVER },
      off: AGAIN,
      on: ON
    }
  },
  {
    id: 'P03',
    title: "on('ready') adds on('mail') each time",
    expected: { imap: { ...AGAIN, ...NEVER }, off: AGAIN, on: ON }
  },
  {
    id: 'P04',
    title: 'a promise of the connection, and no listener for error afterwards',
    expected: {
      imap: { ...always('ended'), RST: 'crashed', ...NEVER },
      off: { ...always('ended'), RST: 'crashed', blackhole: 'crashed' },
      on: ON
    }
  },
  {
    id: 'P05',
    title: 'a job that gives its results on close, after end()',
    isJob: true,
    expected: { imap: { ...always('crashed'), blackhole: 'deaf' }, off: always('crashed'), on: always('done') }
  },
  {
    id: 'P06',
    title: 'one handler for close, end and error: removeAllListeners(), end(), a lock',
    expected: { imap: { ...AGAIN, ...NEVER }, off: AGAIN, on: ON }
  },
  {
    id: 'P07',
    title: 'a wrapper that starts its one connection again on close',
    expected: { imap: { ...always('deaf'), token: 'off', ...NEVER }, off: { ...always('deaf'), token: 'off' }, on: ON }
  },
  {
    id: 'P08',
    title: 'a new connection each time, flags, a limit of attempts',
    expected: { imap: { ...AGAIN, token: 'ended', ...NEVER }, off: { ...AGAIN, token: 'ended' }, on: ON }
  },
  {
    id: 'P09',
    title: "looks whether state is 'authenticated' from time to time",
    expected: { imap: { ...AGAIN, ...NEVER }, off: AGAIN, on: ON }
  },
  {
    id: 'P10',
    title: 'searches UNSEEN on mail and update, and marks as seen',
    expected: { imap: { ...AGAIN, ...NEVER }, off: AGAIN, on: ON }
  },
  {
    id: 'P11',
    title: 'box.uidnext is the mark up to which it has fetched',
    expected: { imap: { ...AGAIN, RST: 'ended', ...NEVER }, off: { ...AGAIN, RST: 'ended' }, on: ON }
  },
  {
    id: 'P12',
    title: 'idleStart(), noop(), events idle and timeout, which there never were',
    expected: { imap: { ...always('off'), ...NEVER }, off: always('off'), on: ON }
  },
  {
    id: 'P13',
    title: 'TLS without looking at certificates',
    tls: true,
    expected: {
      // Over TLS, npm imap emits no 'end' when the server ends in good order.
      imap: { FIN: 'resumed', RST: 'ended', BYE: 'ended', token: 'ended', ...NEVER },
      off: { ...AGAIN, RST: 'ended' },
      on: ON
    }
  }
]

module.exports = { PATTERNS }
