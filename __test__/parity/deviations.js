// @ts-check
'use strict'

// Reads DEVIATIONS.md: one table, a row for each place where everimap differs from npm imap on
// purpose.

const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const FILE = join(__dirname, '..', '..', 'DEVIATIONS.md')

/**
 * @typedef {object} Deviation
 * @property {string} id `Q-nn` or `D-nn`
 * @property {string} theirs what npm imap does
 * @property {string} ours what everimap does
 * @property {string} why
 * @property {string} shown the test that shows it: a file of __test__ and a name
 * @property {string} back how to get the old behaviour, or `no`
 */

const ID = /^[QD]-\d\d$/

/** @returns {Deviation[]} in the order of the file */
function deviations () {
  return readFileSync(FILE, 'utf8').split('\n').flatMap((line) => {
    if (!line.startsWith('|')) return []
    // A bar inside a cell is written `\|`.
    const cells = line.slice(1).replace(/\|\s*$/, '').split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
    const [id, theirs, ours, why, shown, back] = cells
    if (!ID.test(id)) return []
    if (cells.length !== 6) throw new Error(`DEVIATIONS.md, row ${id}: ${cells.length} cells instead of 6`)
    return [{ id, theirs, ours, why, shown, back }]
  })
}

module.exports = { FILE, deviations }
