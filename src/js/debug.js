// @ts-check
'use strict'

/**
 * Tells the program's `debug` function, if it has one now (contract section 1.5).
 * @param {any} connection
 * @param {string} text
 */
function debug (connection, text) {
  if (typeof connection.debug === 'function') connection.debug(text)
}

module.exports = { debug }
