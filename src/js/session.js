// @ts-check
'use strict'

// The methods of a session that node-imap does not have.

const { notConnected } = require('./errors')

/**
 * Moves the session to a fresh connection while the old one still serves: nothing is lost, nothing
 * closes. Only with `reconnect`. Resolves to whether it did; `rotationFailed` tells why not.
 * @this {any}
 * @returns {Promise<boolean>}
 */
async function rotate () {
  if (!this._config.reconnect) {
    throw Object.assign(new TypeError('rotate() needs a session that can be over several connections; set `reconnect: true`'), {
      code: 'ERR_INVALID_STATE', option: 'reconnect'
    })
  }
  const link = this._link()
  if (!link) throw notConnected()
  return require('./rotation').rotate(link)
}

/**
 * Figures of the session since the last `connect()`.
 * @this {any}
 */
function stats () {
  return require('./observe').stats(this, this._lastLink())
}

module.exports = { rotate, stats }
