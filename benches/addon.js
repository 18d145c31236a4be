// @ts-check
'use strict'

// Whether the addon that is to be measured is the one that should be.

const { spawnSync } = require('node:child_process')
const { existsSync, readFileSync, readdirSync, statSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '..')
const addon = join(root, 'native', 'everimap.node')

/** Only a debug build checks arithmetic, and so holds the text of that panic. */
const DEBUG_MARK = 'attempt to multiply with overflow'

/** Builds the addon if it is missing; warns if it is a debug build or older than its sources. */
function checkAddon () {
  if (!existsSync(addon)) build()
  if (readFileSync(addon).includes(DEBUG_MARK)) {
    warn('native/everimap.node is a debug build: its figures mean nothing. Run `npm run build`.')
  }
  const newer = sources().filter(file => statSync(file).mtimeMs > statSync(addon).mtimeMs)
  if (newer.length > 0) {
    warn(`native/everimap.node is older than ${newer[0].slice(root.length + 1)}` +
      `${newer.length > 1 ? ` and ${newer.length - 1} more` : ''}. Run \`npm run build\`.`)
  }
}

function build () {
  console.error('bench: there is no addon yet; building it ...')
  const { status } = spawnSync(process.execPath, [join(root, 'src', 'js', 'build.js')], { stdio: 'inherit' })
  if (status !== 0) throw new Error('the addon cannot be built')
}

/** Everything that the addon is made of. */
function sources () {
  const inside = readdirSync(join(root, 'src'), { recursive: true })
    .map(String)
    .filter(file => file.endsWith('.rs'))
    .map(file => join(root, 'src', file))
  return [join(root, 'Cargo.toml'), join(root, 'Cargo.lock'), ...inside]
}

/** @param {string} text */
function warn (text) {
  console.error(`bench: WARNING: ${text}`)
}

module.exports = { checkAddon }
