// @ts-check
'use strict'

const { rethrowLater } = require('./errors')

/**
 * Tells the program's `debug` function, if it has one now (contract section 1.5). What it throws is uncaught, and
 * what is told happens all the same (contract Q-73).
 * @param {any} connection or a parser
 * @param {string} text
 */
function debug (connection, text) {
  try {
    if (typeof connection.debug === 'function') connection.debug(text)
  } catch (error) {
    rethrowLater(error)
  }
}

module.exports = { debug }
