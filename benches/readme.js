// @ts-check
'use strict'

// The figures in the README of the package come from here and from nowhere else.

const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

const README = join(__dirname, '..', 'README.md')
const BEGIN = '<!-- npm run bench -- --readme -->\n'
const END = '<!-- end of the figures -->\n'

/**
 * Puts it in the place of the figures that stand there.
 * @param {string} figures Markdown
 */
function writeReadme (figures) {
  const text = readFileSync(README, 'utf8')
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  if (begin === -1 || end === -1) throw new Error(`README.md has no '${BEGIN.trim()}' before a '${END.trim()}'`)
  writeFileSync(README, `${text.slice(0, begin)}${BEGIN}\n${figures.trim()}\n\n${text.slice(end)}`)
}

module.exports = { writeReadme }
