// @ts-check
'use strict'

const { spawnSync } = require('node:child_process')
const { existsSync } = require('node:fs')
const { join } = require('node:path')

/** @typedef {import('./screen').Screen} Screen */

const root = join(__dirname, '..', '..')

/** How long a build may take, in milliseconds: twenty times what it needs on two cores. */
const BUILD_MS = 20 * 60 * 1000

/**
 * Builds the addon of this clone if it is not there yet.
 * @param {Screen} screen
 */
function ensureBuilt (screen) {
  if (existsSync(join(root, 'native', 'everimap.node'))) return
  screen.line('everimap is not built yet: building it with Rust, once. This takes one to three minutes.')
  const build = join(root, 'src', 'js', 'build.js')
  const { status, signal } = spawnSync(process.execPath, [build], { stdio: 'inherit', timeout: BUILD_MS })
  if (status === 0) return
  throw new Error(`everimap could not be built (${signal ? `ended by ${signal}` : `exit code ${status}`}); ` +
    'what went wrong is above. Try `npm run build`')
}

module.exports = { ensureBuilt }
