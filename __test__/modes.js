// @ts-check
'use strict'

// How all tests may be run, unless one of them says otherwise:
//
//   PIPELINE=on      commands fly together, also where the peer plays a script in lock step
//   PIPELINE=off     one command at a time, everywhere
//   BYTEWISE=1       the bytes of scripted peers come one by one, each with a turn of its own (server/outlet.js), and beside
//                    npm imap each when the one before is dealt with (parity/README.md)

const { BYTEWISE, PIPELINE } = process.env

if (PIPELINE !== undefined && !['on', 'off'].includes(PIPELINE)) throw new Error(`PIPELINE is on or off, not ${PIPELINE}`)

/**
 * @param {boolean} [usual] without the variable; the default of the library if it is left out
 * @returns {{ pipeline?: boolean }} for `new Imap()`
 */
function pipelining (usual) {
  const pipeline = PIPELINE === undefined ? usual : PIPELINE === 'on'
  return pipeline === undefined ? {} : { pipeline }
}

/** How the bytes of a peer are cut where a test does not say it. @type {import('./server/outlet').Split | undefined} */
const usualSplit = BYTEWISE ? 'bytewise' : undefined

module.exports = { pipelining, usualSplit }
