// @ts-check
'use strict'

// The matrix in README.md tells the truth: every id has a row, every test that it names is there.

const assert = require('node:assert/strict')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')

const ROOT = join(__dirname, '..', '..')
/** How many faults each part of the matrix has. */
const PARTS = { N: 24, S: 38, P: 18 }
const TEST = /^`([^`]+)`: (.+)$/

/** @type {string[][]} */
const rows = readFileSync(join(__dirname, 'README.md'), 'utf8').split('\n')
  .filter((line) => /^\| [NSP]\d\d \|/.test(line))
  .map((line) => line.slice(2, -2).split(' | '))

test('every fault has one row', () => {
  const ids = Object.entries(PARTS).flatMap(([part, count]) =>
    Array.from({ length: count }, (_, index) => part + String(index + 1).padStart(2, '0')))
  assert.deepEqual(rows.map(([id]) => id), ids)
})

test('every test that is named exists, and what has none has a reason', () => {
  for (const [id, , cell] of rows) {
    if (/^not here: .{10}/.test(cell)) continue
    for (const part of cell.split('; ')) {
      const [, file, name] = TEST.exec(part) ?? []
      assert.ok(name, `${id}: '${part}' is neither \`file\`: name nor 'not here: reason'`)
      const text = readFileSync(join(ROOT, file), 'utf8').replaceAll("\\'", "'")
      assert.ok(text.includes(name), `${id}: ${file} has no test '${name}'`)
    }
  }
})
