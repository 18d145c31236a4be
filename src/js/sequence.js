// @ts-check
'use strict'

const { copy, fetch, move, search, sort, store } = require('./messages')

/**
 * The methods of `seq`: the same on sequence numbers. They work detached, too.
 * @param {any} connection
 */
function sequence (connection) {
  /** @type {Record<string, Function>} */
  const methods = {
    /** @type {(...a: any[]) => any} */
    search: (criteria, callback) => search(connection, false, criteria, callback),
    /** @type {(...a: any[]) => any} */
    sort: (sorts, criteria, callback) => sort(connection, false, sorts, criteria, callback),
    /** @type {(...a: any[]) => any} */
    serverSupports: capability => connection.serverSupports(capability),
    /** @type {(...a: any[]) => any} */
    fetch: (source, options) => fetch(connection, false, source, options),
    /** @type {(...a: any[]) => any} */
    copy: (source, mailbox, callback) => copy(connection, false, source, mailbox, callback),
    /** @type {(...a: any[]) => any} */
    move: (source, mailbox, callback) => move(connection, false, source, mailbox, callback)
  }
  for (const [plural, what] of [['Flags', 'flags'], ['Keywords', 'keywords']]) {
    for (const action of ['add', 'del', 'set']) {
      methods[action + plural] = (/** @type {any} */ source, /** @type {any} */ values, /** @type {any} */ callback) => {
        store(connection, false, what, action, source, values, callback)
      }
    }
  }
  return methods
}

module.exports = { sequence }
