// @ts-check
'use strict'

// DEVIATIONS.md has a row for all that was mended, and each row a test that shows it.

const assert = require('node:assert/strict')
const { existsSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')

const { quirks } = require('../quirks')
const { deviations } = require('./deviations')
const { plays } = require('./scenarios')

const rows = deviations()

test('each row is told in full, and once', () => {
  assert.ok(rows.length > 0)
  for (const row of rows) {
    for (const [cell, text] of Object.entries(row)) assert.ok(text, `${row.id}: nothing stands under '${cell}'`)
  }
  const ids = rows.map(({ id }) => id)
  assert.deepEqual(ids.filter((id, at) => ids.indexOf(id) !== at), [])
})

test('whatever was mended has a row', () => {
  const mended = new Set(quirks.filter(({ verdict }) => verdict === 'FIX').map(({ id }) => id))
  for (const { id } of rows) mended.delete(id)
  assert.deepEqual([...mended], [])
})

for (const { id, shown } of rows) {
  test(`${id} is shown by ${shown}`, () => {
    const [, file, name] = /^([^,]+), (.+)$/.exec(shown) ?? []
    assert.ok(name, 'expected "FILE, NAME", with the file seen from __test__')
    const path = join(__dirname, '..', file)
    assert.ok(existsSync(path), `there is no ${file}`)
    assert.ok(shows(path, file, name, id), `${file} has no '${name}' for ${id}`)
  })
}

/**
 * Whether a file has such a test.
 *
 * @param {string} path
 * @param {string} file seen from __test__
 * @param {string} name
 * @param {string} id of the row
 */
function shows (path, file, name, id) {
  if (file.startsWith('parity/scenarios/')) {
    const { area } = require(path)
    const here = [...plays().values()].filter(({ key }) => key === `${area}: ${name}` || key.startsWith(`${area}: ${name} (`))
    return here.some(({ deviates }) => deviates.includes(id))
  }
  if (file.startsWith('quirks/')) {
    return require(path).some((/** @type {{ id: string, title: string }} */ quirk) => quirk.id === id && quirk.title === name)
  }
  const source = readFileSync(path, 'utf8')
  return file.endsWith('.rs') ? source.includes(`fn ${name}(`) : source.includes(`test('${name.replaceAll('\'', '\\\'')}'`)
}
