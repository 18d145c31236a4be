// @ts-check
'use strict'

// The methods that exist twice: on UIDs in the class, and on sequence numbers in its `seq`.

const { marks } = require('./marks')
const { messages } = require('./messages')
const { searches } = require('./search')

/** @param {boolean} uid */
const numbered = uid => ({ ...searches(uid), ...messages(uid), ...marks(uid) })

const byUid = numbered(true)

/** Made when a program asks for them, which few do. @type {Array<[name: string, method: Function]> | undefined} */
let bySequence

/**
 * The methods of `seq`. They work detached, too.
 * @param {any} connection
 */
function sequence (connection) {
  /** @type {Record<string, Function>} */
  const methods = {
    serverSupports: (/** @type {any} */ capability) => connection.serverSupports(capability)
  }
  bySequence = bySequence || Object.entries(numbered(false))
  for (const [name, method] of bySequence) methods[name] = method.bind(connection)
  return methods
}

module.exports = { byUid, sequence }
