// @ts-check
'use strict'

const { coded } = require('./errors')

/** The facts of a mailbox before the server has told any (contract section 3.4). */
function freshBox () {
  return {
    name: '',
    flags: [],
    readOnly: false,
    uidvalidity: 0,
    uidnext: 0,
    permFlags: [],
    keywords: [],
    newKeywords: false,
    persistentUIDs: true,
    nomodseq: false,
    messages: { total: 0, new: 0 }
  }
}

/** @param {any} connection */
function requireBox (connection) {
  if (!connection._box) throw coded('ESTATE', new Error('No mailbox is currently selected'))
}

module.exports = { freshBox, requireBox }
