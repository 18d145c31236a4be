// @ts-check
'use strict'

// Every probe, in the order of the table.

const THEMES = ['liveness', 'lost', 'mailbox', 'stray', 'options', 'security', 'deadlines']

/** @type {import('./stage').Probe[]} */
const probes = THEMES.flatMap(theme => require(`./${theme}`)).sort((a, b) => order(a) - order(b))

/** Rows of resilience 0.3 before deadlines, each by its number. @param {import('./stage').Probe} probe */
function order ({ id }) {
  return Number(id.slice(1)) + (id.startsWith('D') ? 1000 : 0)
}

module.exports = { probes }
