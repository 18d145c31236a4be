// @ts-check
'use strict'

// Loaded before a test file of npm imap (`node -r`): what that file takes for the library beside
// it is everimap. Should any of npm imap be loaded all the same, the test fails by saying so.

const Module = require('node:module')
const { dirname, join } = require('node:path')

const folder = dirname(require.resolve('imap/package.json'))
/** @type {Record<string, string>} */
const REPLACED = { '../lib/Connection': './upstream.connection', '../lib/Parser': 'everimap/lib/Parser' }

const loader = /** @type {any} */ (Module)
const resolve = loader._resolveFilename

loader._resolveFilename = function (/** @type {string} */ request, /** @type {any} */ parent, /** @type {any[]} */ ...more) {
  const isTheirs = parent && parent.filename && dirname(parent.filename) === join(folder, 'test')
  if (isTheirs && request in REPLACED) return require.resolve(REPLACED[request])
  return resolve.call(this, request, parent, ...more)
}

process.on('exit', () => {
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(join(folder, 'lib'))) console.log(`${file} is loaded, not everimap`)
  }
})
