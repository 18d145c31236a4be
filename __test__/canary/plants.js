// @ts-check
'use strict'

// Leaks on purpose, each of another kind: a canary run must find every one of them, or it is blind.
// Run with the environment of a canary run; the argument says which.

const { inspect } = require('node:util')
const Imap = require('../..')
const { PASSWORD, TOKEN } = require('../credentials')
const { Server } = require('../server')

/** @type {Record<string, () => void | Promise<void>>} */
const PLANTS = {
  'a password on standard output': () => console.log(`the password is ${PASSWORD}`),
  'a password on standard error': () => console.error(`{"password":${JSON.stringify(PASSWORD)}}`),
  'a token in base64, after something else': () => console.log(Buffer.from(`user=u\x01auth=Bearer ${TOKEN}\x01\x01`).toString('base64')),
  'an error with the command in it' () { throw new Error(`A1 LOGIN "user" "${PASSWORD}" failed`) },
  'a configuration that shows everything' () {
    const { _config } = new Imap({ password: PASSWORD })
    console.log(inspect({ ..._config }))
  },
  // What only the preload can see: the test itself prints nothing.
  'a debug line' () { return session({}, (imap) => { imap._config.password = 'other' }) },
  'a configuration in a connection' () { return session({}, (imap) => { imap._config = { ...imap._config } }) }
}

/**
 * A session that a leak of everimap would show.
 *
 * @param {object} options
 * @param {(imap: any) => void} change what makes it leak
 */
async function session (options, change) {
  const server = await Server.trace(`
    S: * OK ${PASSWORD} is what I know
    C: A0 CAPABILITY
    S: A0 OK done
    C: /^A1 LOGIN/
    S: A1 NO no
    X: half-close`)
  const imap = new Imap({ ...server.options, ...options })
  change(imap)
  imap.on('error', () => {})
  await new Promise((resolve) => imap.once('close', resolve).connect())
  await server.stop()
}

module.exports = { NAMES: Object.keys(PLANTS) }

if (require.main === module) PLANTS[process.argv[2]]()
