// @ts-check
'use strict'

const { bad, no } = require('../parse')

/** @typedef {import('./index').Definition} Definition */
/** @typedef {import('../connection').Connection} Connection */
/** @typedef {import('../store').Account} Account */

const FAILED = '[AUTHENTICATIONFAILED] Authentication failed.'

/** What Google answers to a bad token, before the NO. */
const XOAUTH2_CHALLENGE = JSON.stringify({
  status: '400',
  schemes: 'Bearer',
  scope: 'https://mail.google.com/'
})

/** @type {Definition} */
const LOGIN = {
  state: 'not authenticated',
  run (connection, { args }) {
    const user = args.astring()
    const password = args.astring()
    args.end()
    if (connection.capabilities().includes('LOGINDISABLED')) {
      throw no('[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.')
    }
    return welcome(connection, byPassword(connection, user, password))
  }
}

/** @type {Definition} */
const AUTHENTICATE = {
  state: 'not authenticated',
  async run (connection, { args }) {
    const mechanism = args.atom().toUpperCase()
    const initial = args.more ? args.astring() : undefined
    args.end()
    if (!connection.capabilities().includes(`AUTH=${mechanism}`)) {
      throw no('Unsupported authentication mechanism.')
    }
    const account = await MECHANISMS[/** @type {keyof typeof MECHANISMS} */ (mechanism)](connection, initial)
    return welcome(connection, account)
  }
}

/** @type {Record<string, (connection: Connection, initial: string | undefined) => Promise<Account | undefined>>} */
const MECHANISMS = {
  /** RFC 4616: authorization NUL authentication NUL password */
  async PLAIN (connection, initial) {
    const text = decode(initial ?? await challenge(connection, ''))
    const [, user, password] = text.split('\0')
    return byPassword(connection, user, password)
  },

  async LOGIN (connection, initial) {
    const user = decode(initial ?? await challenge(connection, 'VXNlcm5hbWU6'))
    const password = decode(await challenge(connection, 'UGFzc3dvcmQ6'))
    return byPassword(connection, user, password)
  },

  async XOAUTH2 (connection, initial) {
    const account = byToken(connection, initial ?? await challenge(connection, ''))
    if (account === undefined) await challenge(connection, Buffer.from(XOAUTH2_CHALLENGE).toString('base64'))
    return account
  },

  async XOAUTH (connection, initial) {
    return byToken(connection, initial ?? await challenge(connection, ''))
  }
}

/**
 * Sends a challenge and reads the answer, in base64.
 *
 * @param {Connection} connection
 * @param {string} base64
 * @returns {Promise<string>}
 */
async function challenge (connection, base64) {
  connection.send(`+ ${base64}\r\n`)
  const line = await connection.readLine()
  if (line === null) throw bad('Disconnected during authentication.')
  const answer = line.toString('latin1')
  if (answer === '*') throw bad('Authentication aborted by client.')
  return answer
}

/** @param {string} base64 `=` is an empty initial response (RFC 4959) */
function decode (base64) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw bad('Invalid base64 data in continued response')
  return Buffer.from(base64, 'base64').toString('utf8')
}

/** @param {Connection} connection @param {string} user @param {string} password */
function byPassword (connection, user, password) {
  const account = connection.server.accounts.get(user)
  return account !== undefined && account.password === password ? account : undefined
}

/** @param {Connection} connection @param {string} token */
function byToken (connection, token) {
  return [...connection.server.accounts.values()].find((account) => account.tokens.includes(token))
}

/** @param {Connection} connection @param {Account | undefined} account */
function welcome (connection, account) {
  const { refusal } = connection.server
  if (refusal !== undefined) throw no(refusal)
  if (account === undefined) throw no(FAILED)
  connection.account = account
  return `OK [CAPABILITY ${connection.capabilities().join(' ')}] Logged in`
}

module.exports = { LOGIN, AUTHENTICATE }
