// @ts-check
'use strict'

// Configurations from environment variables, whose values are texts.

const { encodeValues } = require('./arguments')
const binding = require('./binding')
const { guarded, wrongType } = require('./errors')

/** What the names of variables begin with. */
const PREFIXES = { client: 'IMAP_CLIENT_', keepalive: 'IMAP_KEEPALIVE_' }

/**
 * Makes a configuration of environment variables: `USER`, `PASSWORD`, `HOST`, `PORT`, `TLS`,
 * `CONNTIMEOUT`, `AUTHTIMEOUT` and `SOCKETTIMEOUT` behind the prefix `client`; `INTERVAL`,
 * `IDLEINTERVAL` and `FORCENOOP` behind the prefix `keepalive`. One that is empty is not set.
 * Throws one error for all variables that cannot be used, which are its `errors`.
 * @param {Record<string, any>} [env]
 * @param {{ client?: string, keepalive?: string }} [prefixes]
 * @returns {Record<string, any>} for the constructor
 */
function configFromEnv (env = process.env, prefixes = {}) {
  if (env === null || typeof env !== 'object') {
    throw wrongType('configFromEnv() takes environment variables, e.g. process.env', env)
  }
  for (const name in prefixes) {
    if (!(name in PREFIXES)) throw unknownPrefix(name)
  }
  const { client, keepalive } = { ...PREFIXES, ...prefixes }
  for (const prefix of [client, keepalive]) {
    if (typeof prefix !== 'string') {
      throw wrongType('configFromEnv() takes prefixes as strings, e.g. { client: \'IMAP_CLIENT_\' }', prefix)
    }
  }
  /** @type {Record<string, any>} */
  const variables = {}
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(client) || name.startsWith(keepalive)) variables[name] = encodeValues(value)
  }
  return JSON.parse(guarded(() => binding.configFromEnvironment(JSON.stringify(variables), client, keepalive)))
}

/** @param {string} name */
function unknownPrefix (name) {
  const message = `configFromEnv() has no prefix \`${name}\`; expected \`client\` or \`keepalive\``
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
}

module.exports = { configFromEnv }
