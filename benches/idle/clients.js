// @ts-check
'use strict'

/** By name: a connection that is not connected yet. @type {Record<string, (options: any) => any>} */
const clients = {
  everimap: (options) => new (require('../..'))(options),
  'everimap, reconnect': (options) => new (require('../..'))({ ...options, reconnect: { loginsPerMinute: 1e6 } }),
  imap: (options) => new (npm('imap'))(options)
}

/** A package that only the benchmark needs. @param {string} name @returns {any} */
function npm (name) {
  return require(name)
}

module.exports = { clients }
