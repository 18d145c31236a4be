// @ts-check
'use strict'

// Compiles the programs of this folder against index.d.ts, once per way of importing it.
// A wrong program carries `@ts-expect-error`: that the compiler accepts it is an error too.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const { readFileSync } = require('node:fs')
const path = require('node:path')

const packageOf = (/** @type {string} */ name) =>
  path.dirname(require.resolve(name + '/package.json'))

const compiler = path.join(packageOf('typescript'), 'bin', 'tsc')
const typeRoots = path.dirname(packageOf('@types/node'))
const projects = process.argv.length > 2
  ? process.argv.slice(2)
  : ['sources', 'commonjs', 'interop', 'nodenext', 'bundler', 'javascript']

for (const project of projects) {
  const file = path.join(__dirname, `tsconfig.${project}.json`)
  const started = Date.now()
  const args = [compiler, '--project', file, '--typeRoots', typeRoots, '--pretty', 'false']
  const { error, status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (error !== undefined) throw error
  console.log(`${status === 0 ? 'ok' : 'not ok'} - types: ${project} (${Date.now() - started} ms)`)
  if (status !== 0) process.exitCode = 1
}

// `export type *` cannot be written, so the types of the ES module list the names by hand.
const listed = readFileSync(path.join(__dirname, '../../src/js/index.d.mts'), 'utf8').match(/export type \{([^}]*)\}/)
assert.deepEqual(listed?.[1].match(/\w+/g)?.sort(), namesOf('../../index.d.ts'))

/** @param {string} file */
function namesOf (file) {
  const text = readFileSync(path.join(__dirname, file), 'utf8')
  return [...text.matchAll(/^ {2}export (?:interface|type) (\w+)/gm)].map(([, name]) => name).sort()
}
