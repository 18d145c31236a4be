// @ts-check
'use strict'

// Builds the addon from source and puts it where the loader looks first. `--debug` builds fast
// and runs slowly.

const { execFileSync, spawnSync } = require('node:child_process')
const { copyFileSync, mkdirSync, renameSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '..', '..')
const profile = process.argv.includes('--debug') ? 'debug' : 'release'
const libraries = { darwin: 'libeverimap.dylib', win32: 'everimap.dll' }
const library = /** @type {Record<string, string>} */ (libraries)[process.platform] || 'libeverimap.so'

build()

function build () {
  const args = ['build', '--locked', ...(profile === 'release' ? ['--release'] : [])]
  const { status, error } = spawnSync('cargo', args, { cwd: root, stdio: 'inherit' })
  if (error) {
    console.error(`everimap is built with Rust, and cargo cannot be run (${error.message}).\n` +
      'Install it from https://rustup.rs and try again.')
    process.exit(1)
  }
  if (status !== 0) process.exit(status || 1)
  const native = join(root, 'native')
  mkdirSync(native, { recursive: true })
  // A running process keeps the file that it has loaded; a rename leaves that one alone.
  const target = join(native, 'everimap.node')
  copyFileSync(join(targetFolder(), profile, library), `${target}.new`)
  renameSync(`${target}.new`, target)
}

function targetFolder () {
  const args = ['metadata', '--format-version', '1', '--no-deps', '--locked']
  const metadata = execFileSync('cargo', args, { cwd: root, maxBuffer: 64 << 20 })
  return JSON.parse(metadata.toString()).target_directory
}
