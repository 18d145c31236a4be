// @ts-check
'use strict'

// Access tokens that the program hands out: the option `auth`.

/**
 * Answers the session's question for a token with that of the program.
 * @param {any} connection
 * @param {any} native the session
 * @param {{ cause: string, attempt: number }} why
 */
async function giveToken (connection, native, why) {
  const { auth, user, host } = connection._config
  try {
    const given = await auth.getToken({ user, host, ...why })
    const token = tokenOf(given)
    native.token(token, lifeOf(given), null)
  } catch (error) {
    native.token(null, null, String((error && /** @type {any} */ (error).message) || error))
  }
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
  const at = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number(expiresAt)
  if (Number.isFinite(at)) return Math.max(0, at - Date.now())
  throw new TypeError(`expected expiresAt to be a Date or milliseconds since 1970, got ${String(expiresAt)}`)
}

module.exports = { giveToken }
