// @ts-check
'use strict'

const { bad } = require('../parse')

/** @typedef {import('../connection').Connection} Connection */
/** @typedef {import('../connection').Command} Command */

/**
 * A command: when it may come, which capability it belongs to, and what it does. `run` gives the tagged answer without
 * its tag, or throws a Refusal.
 *
 * @typedef {object} Definition
 * @property {'any' | 'not authenticated' | 'authenticated' | 'selected'} state
 * @property {string} [capability]
 * @property {boolean} [uid] whether `UID` may stand before it
 * @property {(connection: Connection, command: Command) => string | undefined | Promise<string | undefined>} run
 */

/** @type {Map<string, Definition>} */
const table = new Map(Object.entries({
  ...require('./session'),
  ...require('./login'),
  ...require('./mailboxes'),
  ...require('./select'),
  ...require('./append'),
  ...require('./messages')
}))

/**
 * Runs a command if it may run now.
 *
 * @param {Connection} connection
 * @param {Command} command
 * @returns {Promise<string | undefined>}
 */
async function run (connection, command) {
  const definition = table.get(command.name)
  const { capability } = definition ?? {}
  const unknown = definition === undefined || (capability !== undefined && !connection.supports(capability))
  if (unknown || (command.uid && !definition.uid)) {
    throw bad(`Error in IMAP command ${command.uid ? 'UID ' : ''}${command.name}: Unknown command.`)
  }
  if (!allowed(definition.state, connection.state)) {
    const wanted = { selected: 'No mailbox selected.', authenticated: 'Please log in first.' }
    const reason = wanted[/** @type {keyof typeof wanted} */ (definition.state)] ?? 'Already logged in.'
    throw bad(`Error in IMAP command ${command.name}: ${reason}`)
  }
  return definition.run(connection, command)
}

/** @param {Definition['state']} needed @param {Connection['state']} state */
function allowed (needed, state) {
  if (needed === 'any' || needed === state) return true
  return needed === 'authenticated' && state === 'selected'
}

module.exports = { run }
