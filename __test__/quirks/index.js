// @ts-check
'use strict'

// Every row of the contract's section 10, in its order.

const THEMES = ['login', 'connection', 'options', 'keepalive', 'parsing', 'mailbox', 'fetch', 'append', 'arguments', 'surface']

/** @type {import('./stage').Quirk[]} */
const quirks = THEMES.flatMap(theme => require(`./${theme}`)).sort((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

module.exports = { quirks }
