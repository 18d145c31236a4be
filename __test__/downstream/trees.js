// @ts-check
'use strict'

// The programs, installed twice from the registry: as their authors publish them, and with
// everimap in the place of imap.

const { execFile } = require('node:child_process')
const fs = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')
const { promisify } = require('node:util')

const ROOT = path.join(__dirname, '..', '..')
// As deep as the folders of the two package.json here: `file:../../..` is the checkout from both.
const CACHE = path.join(ROOT, 'target', 'downstream')
const INSTALL_TIMEOUT_MS = 120_000

/**
 * Installs a tree with `npm ci`, exactly as its lock file says.
 *
 * @param {'imap' | 'everimap'} name the library that its programs run on
 * @returns {Promise<string>} its folder
 */
async function install (name) {
  const folder = path.join(CACHE, name)
  fs.mkdirSync(folder, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) {
    fs.copyFileSync(path.join(__dirname, name, file), path.join(folder, file))
  }
  await npm(folder, ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'])
  // node-red-node-email brings its imap in its own archive, where no override of npm reaches it.
  if (name === 'everimap') fs.rmSync(path.join(folder, 'node_modules', BUNDLED), { recursive: true })
  return folder
}

const BUNDLED = path.join('node-red-node-email', 'node_modules', 'imap')

/**
 * @param {string} folder of a tree
 * @param {string} program
 * @returns {string} the file that the program gets for `require('imap')`
 */
function implementation (folder, program) {
  return requireOf(folder, program).resolve('imap')
}

/**
 * @param {string} folder of a tree
 * @param {string} program
 * @returns {NodeJS.Require} what `require` is in the program's package
 */
function requireOf (folder, program) {
  return createRequire(path.join(folder, 'node_modules', program, 'package.json'))
}

/**
 * @param {string} folder
 * @param {string[]} args
 * @returns {Promise<string>} what npm printed; rejects with what it complained about
 */
async function npm (folder, args) {
  const program = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, timeout: INSTALL_TIMEOUT_MS })
  return stdout
}

module.exports = { ROOT, implementation, install, npm, requireOf }
