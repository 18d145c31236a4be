// @ts-check
'use strict'

// Access tokens that the program hands out: the option `auth`.

const { isDate } = require('node:util').types

/** Numbers below are seconds since 1970, not milliseconds: those would be in 1973 or before. */
const LEAST_MS = 1e11

/**
 * Answers the session's question for a token with that of the program.
 * @param {any} connection
 * @param {any} native the session
 * @param {{ cause: string, attempt: number }} why
 */
async function giveToken (connection, native, why) {
  const { auth, user, host } = connection._config
  const none = (/** @type {any} */ error, /** @type {boolean} */ isUnusable) => {
    native.token(null, null, String((error && error.message) || error), isUnusable)
  }
  let given
  try {
    given = await auth.getToken({ user, host, ...why })
  } catch (error) {
    return none(error, false)
  }
  let token, life
  try {
    token = tokenOf(given)
    life = lifeOf(given)
  } catch (error) {
    return none(error, true)
  }
  native.token(token, life, null, false)
}

/**
 * The token in what `auth.getToken()` gave.
 * @param {any} given
 * @returns {string}
 */
function tokenOf (given) {
  const token = given && typeof given === 'object' ? given.token : given
  if (typeof token === 'string' && token !== '') return token
  throw new TypeError(`expected a string or { token: string }, got ${token === '' ? 'an empty one' : typeof token}`)
}

/**
 * For how many milliseconds it is good; null if that is not known.
 * @param {any} given
 * @returns {number | null}
 */
function lifeOf (given) {
  const expiresAt = given && typeof given === 'object' ? given.expiresAt : undefined
  if (expiresAt === undefined || expiresAt === null) return null
  const at = isTime(expiresAt) ? new Date(expiresAt) : new Date(NaN)
  if (Number.isNaN(at.getTime())) {
    throw new TypeError('expected expiresAt to be a Date, its text in ISO 8601 or a number of milliseconds since 1970, ' +
      `got ${described(expiresAt)}`)
  }
  const life = at.getTime() - Date.now()
  if (life > 0) return life
  const isInSeconds = typeof expiresAt === 'number' && expiresAt < LEAST_MS
  throw new RangeError(`expiresAt is ${at.toISOString()}, which is over` +
    (isInSeconds ? '; it is in milliseconds, not in seconds' : ''))
}

/** @param {any} value */
function isTime (value) {
  // What else `Date` understands differs between engines.
  return typeof value === 'number' || isDate(value) || (typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value))
}

/**
 * What came instead of a time, without a text that may be a secret.
 * @param {any} value
 */
function described (value) {
  if (typeof value === 'string') return /^\d+$/.test(value) ? 'a string of digits' : 'another string'
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && !isDate(value) ? 'an object' : String(value)
}

module.exports = { giveToken }
