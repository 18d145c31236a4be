// @ts-check
'use strict'

// Finds and loads the addon.

const { closeSync, existsSync, openSync, readSync } = require('node:fs')
const { isAbsolute, join } = require('node:path')

const local = join(__dirname, '..', '..', 'native', 'everimap.node')

/** Where the head of an executable file that names its loader ends. */
const HEAD_BYTES = 4096

module.exports = load()

function load () {
  const tried = []
  for (const place of places()) {
    try {
      return isAbsolute(place) ? opened(place) : require(place)
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

/** The addon in a file: require() would look for it first. @param {string} file */
function opened (file) {
  const addon = { exports: {} }
  process.dlopen(addon, file)
  return addon.exports
}

/** A build of this clone comes first, then the package for this platform. */
function * places () {
  if (existsSync(local)) yield local
  yield `@everimap/${process.platform}-${process.arch}${libc()}`
}

/** Linux has two C libraries, and an addon fits one of them: that of the loader which Node's own file names. */
function libc () {
  if (process.platform !== 'linux') return ''
  const head = Buffer.alloc(HEAD_BYTES)
  const file = openSync(process.execPath, 'r')
  try {
    readSync(file, head)
  } finally {
    closeSync(file)
  }
  return head.includes('/ld-musl-') ? '-musl' : '-gnu'
}
