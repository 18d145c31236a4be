// @ts-check
'use strict'

// `npm test`: sets up whatever is missing, then runs every check. `npm test -- PART ...` runs some
// parts only.

const { spawnSync } = require('node:child_process')
const { existsSync } = require('node:fs')
const { join } = require('node:path')
const { testFiles } = require('./files')

const root = join(__dirname, '..')

/** @type {Record<string, { what: string, run: () => void }>} */
const PARTS = {
  rust: { what: 'the core, in Rust', run: () => command('cargo', ['test', '--locked', '--quiet']) },
  node: { what: 'the package, in Node', run: () => command(process.execPath, nodeTests()) },
  parity: { what: 'the package beside npm imap', run: () => command(process.execPath, [join('__test__', 'parity', 'run.js')]) },
  bytewise: {
    what: 'some of that with each byte of the server alone',
    run: () => command(process.execPath, [join('__test__', 'parity', 'run.js'), '--every', '8'], { BYTEWISE: '1' })
  },
  quirks: { what: 'the quirks of npm imap, on both', run: () => command(process.execPath, [join('__test__', 'quirks', 'run.js')]) },
  types: { what: 'the types', run: () => command(process.execPath, [join('__test__', 'types', 'run.js')]) },
  package: { what: 'the package as it is published', run: () => command(process.execPath, [join('__test__', 'package', 'run.js')]) }
}

main()

function main () {
  const names = process.argv.slice(2)
  const unknown = names.find(name => !(name in PARTS))
  if (unknown) {
    console.error(`npm test has no part '${unknown}'; it has ${Object.keys(PARTS).join(', ')}`)
    process.exit(2)
  }
  setUp()
  for (const name of names.length > 0 ? names : Object.keys(PARTS)) {
    const { what, run } = PARTS[name]
    console.log(`\n# ${what}`)
    run()
  }
}

/** Packages, addon and Dovecot: nothing is to be done by hand on a clean clone. */
function setUp () {
  const { devDependencies } = require('../package.json')
  if (!Object.keys(devDependencies).every(name => existsSync(join(root, 'node_modules', name)))) {
    // The addon is built below, not twice.
    command(npm(), ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
  }
  command(process.execPath, [join('src', 'js', 'build.js')])
  try {
    require('./dovecot/install').ensureDovecot()
  } catch (error) {
    console.error(/** @type {Error} */ (error).message)
    process.exit(1)
  }
}

/** Test files two at a time: each of them also needs a server's share of the machine. */
function nodeTests () {
  return ['--test', '--test-concurrency=2', ...testFiles()]
}

function npm () {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm'
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{ [name: string]: string }} [environment] besides that of this process
 */
function command (program, args, environment) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } })
  if (error) console.error(`${program} cannot be run: ${error.message}`)
  if (status !== 0) process.exit(status || 1)
}
