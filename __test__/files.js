// @ts-check
'use strict'

const { readdirSync } = require('node:fs')
const { join, relative } = require('node:path')

/**
 * @param {string} [folder]
 * @returns {string[]} all files of tests in it and below, seen from the project's folder, in order
 */
function testFiles (folder = __dirname) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return testFiles(path)
      return entry.name.endsWith('.test.js') || entry.name.endsWith('.test.mjs') ? [relative(join(__dirname, '..'), path)] : []
    })
}

module.exports = { testFiles }
