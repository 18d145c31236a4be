// @ts-check
'use strict'

// Packs the package as it would be published and looks at what users get: whether tools resolve
// its entries and types, whether its files are enough to run, and whether it brings anything along.

const assert = require('node:assert/strict')
const { execFileSync, spawnSync } = require('node:child_process')
const { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { dirname, join } = require('node:path')

const root = join(__dirname, '..', '..')
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})

async function main () {
  const folder = mkdtempSync(join(tmpdir(), 'everimap-package-'))
  try {
    const tarball = pack(folder)
    await check('publint has nothing to say', () => publint(tarball))
    await check('the types are right for every way of resolving them', () => typesAreRight(tarball))
    await check('its files are all that it needs', () => runs(tarball, folder))
    await check('it brings nothing along', bringsNothing)
    await check('npm audit has nothing to say', () => run(npm, ['audit', '--omit=dev'], root))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The scripts are left out, because `prepare` builds the addon and that is not in the package.
 * @param {string} folder
 */
function pack (folder) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const [{ filename }] = JSON.parse(execFileSync(npm, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }).toString())
  return join(folder, filename)
}

/** @param {string} tarball */
async function publint (tarball) {
  const { publint } = await import('publint')
  const { formatMessage } = await import('publint/utils')
  const { buffer, byteOffset, byteLength } = readFileSync(tarball)
  const bytes = /** @type {ArrayBuffer} */ (buffer.slice(byteOffset, byteOffset + byteLength))
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true })
  assert.deepEqual(messages.map(message => formatMessage(message, pkg || {}, { color: false })), [])
}

/** @param {string} tarball */
function typesAreRight (tarball) {
  const folder = dirname(require.resolve('@arethetypeswrong/cli/package.json'))
  run(process.execPath, [join(folder, 'dist', 'index.js'), tarball, '--no-color'], root)
}

/**
 * The addon comes from this clone: the package for the platform is another one.
 * @param {string} tarball
 * @param {string} folder
 */
function runs (tarball, folder) {
  const installed = join(folder, 'node_modules', 'everimap')
  mkdirSync(join(installed, 'native'), { recursive: true })
  run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'], folder)
  copyFileSync(join(root, 'native', 'everimap.node'), join(installed, 'native', 'everimap.node'))
  run(process.execPath, ['-e', 'new (require(\'everimap\'))({ keepalive: true })'], folder)
  const module = 'import Imap from \'everimap\'; new Imap({ keepalive: true })'
  run(process.execPath, ['--input-type=module', '-e', module], folder)
}

function bringsNothing () {
  const { dependencies, peerDependencies, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  assert.deepEqual([dependencies, peerDependencies], [undefined, undefined])
  // npm 12 runs none of these, and many users forbid them.
  for (const script of ['preinstall', 'install', 'postinstall']) assert.ok(!(script in scripts), script)
}

/**
 * @param {string} what
 * @param {() => void | Promise<void>} look
 */
async function check (what, look) {
  try {
    await look()
    console.log(`ok - package: ${what}`)
  } catch (error) {
    console.log(`not ok - package: ${what}\n${/** @type {Error} */ (error).message}`)
    process.exitCode = 1
  }
}

/**
 * Throws what the program said, if it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 */
function run (program, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`)
}
