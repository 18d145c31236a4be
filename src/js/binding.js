// @ts-check
'use strict'

// Finds and loads the addon.

const { existsSync } = require('node:fs')
const { join } = require('node:path')

/** A build of this clone comes first, then the package for this platform. */
const local = join(__dirname, '..', '..', 'native', 'everimap.node')
const packaged = `@everimap/${process.platform}-${process.arch}${libc()}`

module.exports = load()

function load () {
  const tried = []
  for (const place of existsSync(local) ? [local, packaged] : [packaged]) {
    try {
      return require(place)
    } catch (error) {
      tried.push(`  ${place}: ${/** @type {Error} */ (error).message.split('\n')[0]}`)
    }
  }
  throw Object.assign(new Error(
    `everimap has no addon for ${process.platform}-${process.arch} and Node ${process.version}. Tried:\n` +
    `${tried.join('\n')}\n` +
    'Build it with Rust (https://rustup.rs): run `npm run build` in the folder of everimap.'
  ), { code: 'ERR_EVERIMAP_NO_ADDON' })
}

/** Linux has two C libraries, and an addon fits one of them. */
function libc () {
  if (process.platform !== 'linux') return ''
  const report = /** @type {any} */ (process.report && process.report.getReport())
  return report && report.header.glibcVersionRuntime ? '-gnu' : '-musl'
}
