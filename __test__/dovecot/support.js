// @ts-check
'use strict'

// What the Dovecot tests share beyond ../support.js.

const crypto = require('node:crypto')

const { Imap, PATIENCE_MS, within, connected, ended, call, closed, fetched, recorded, child } = require('../support')

/**
 * @param {Buffer | string} bytes
 * @returns {string} in hexadecimal
 */
function sha256 (bytes) {
  return crypto.createHash('sha256').update(bytes).digest('hex')
}

/**
 * @param {number} seed
 * @returns {() => number} the same numbers from 0 to 255 for the same seed (xorshift32)
 */
function randomBytes (seed) {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 24
  }
}

module.exports = { Imap, PATIENCE_MS, within, connected, ended, call, closed, fetched, recorded, sha256, randomBytes, child }
