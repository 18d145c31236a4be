// @ts-check
'use strict'

const { bad } = require('../parse')
const { nstring } = require('../format')

/** @typedef {import('./index').Definition} Definition */

/** @type {Definition} */
const CAPABILITY = {
  state: 'any',
  run (connection, { args }) {
    args.end()
    connection.untagged(`CAPABILITY ${connection.capabilities().join(' ')}`)
    return connection.account ? 'OK Capability completed.' : 'OK Pre-login capabilities listed.'
  }
}

/** @type {Definition} */
const NOOP = {
  state: 'any',
  run (connection, { args }) {
    args.end()
    return 'OK NOOP completed.'
  }
}

/** @type {Definition} */
const CHECK = {
  state: 'selected',
  run (connection, { args }) {
    args.end()
    return 'OK Check completed.'
  }
}

/** @type {Definition} */
const LOGOUT = {
  state: 'any',
  run (connection, { tag, args }) {
    args.end()
    connection.untagged('BYE Logging out')
    connection.send(`${tag} OK Logout completed.\r\n`)
    connection.quit()
    return undefined
  }
}

/** @type {Definition} */
const STARTTLS = {
  state: 'not authenticated',
  async run (connection, { tag, args }) {
    args.end()
    if (connection.server.settings.tls !== 'starttls' || connection.secure) {
      throw bad('TLS is not available.')
    }
    // The client's first TLS bytes may follow the OK at once: they stay in the kernel until TLS reads them.
    connection.raw.pause()
    connection.send(`${tag} OK Begin TLS negotiation now.\r\n`)
    await connection.outlet.drained(0)
    if (!connection.closed) connection.startTls()
    return undefined
  }
}

/** @type {Definition} */
const ID = {
  state: 'any',
  capability: 'ID',
  run (connection, { args }) {
    if (args.word('NIL') === undefined) args.list()
    args.end()
    const fields = Object.entries({ name: 'Test peer', ...connection.server.settings.id })
    connection.untagged(`ID (${fields.map(([key, value]) => `${nstring(key)} ${nstring(value)}`).join(' ')})`)
    return 'OK ID completed.'
  }
}

/** @type {Definition} */
const ENABLE = {
  state: 'authenticated',
  capability: 'ENABLE',
  run (connection, { args }) {
    const enabled = []
    do {
      const name = args.atom().toUpperCase()
      if (name === 'CONDSTORE' && connection.supports('CONDSTORE')) {
        connection.condstore = true
        enabled.push(name)
      }
    } while (args.more)
    connection.untagged(['ENABLED', ...enabled].join(' '))
    return 'OK Enabled.'
  }
}

/** @type {Definition} */
const IDLE = {
  state: 'authenticated',
  capability: 'IDLE',
  async run (connection, { args }) {
    args.end()
    connection.send('+ idling\r\n')
    connection.view?.announce({ expunge: true })
    connection.idling = true
    connection.server.waiters.check()
    const line = await connection.readLine()
    connection.idling = false
    if (line === null) return undefined
    if (!/^done$/i.test(line.toString('latin1'))) throw bad('Expected DONE.')
    return 'OK Idle completed.'
  }
}

module.exports = { CAPABILITY, NOOP, CHECK, LOGOUT, STARTTLS, ID, ENABLE, IDLE }
