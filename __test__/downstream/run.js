// @ts-check
'use strict'

// `npm run test:downstream [-- PROGRAM ...]`: programs that nobody here wrote, each driven in the same
// way on npm imap and on everimap. What comes out has to be equal, or a difference that is meant.

const assert = require('node:assert/strict')
const path = require('node:path')
const { isDeepStrictEqual } = require('node:util')

const { sha256 } = require('../dovecot/support')
const { child, within } = require('../support')
const { meant } = require('./differences')
const { ROOT, implementation, install, npm } = require('./trees')

const PROGRAMS = ['imap-simple', 'mail-listener5', 'mail-notifier', 'node-red-node-email']
const LIBRARIES = /** @type {const} */ (['imap', 'everimap'])
const DRIVE_MS = 120_000
const SHOWN = 36

/** @typedef {{ step: string, result: unknown }[]} Results */

main()

async function main () {
  const names = process.argv.slice(2)
  const unknown = names.find((name) => !PROGRAMS.includes(name))
  if (unknown) {
    console.error(`npm run test:downstream has no program '${unknown}'; it has ${PROGRAMS.join(', ')}`)
    process.exit(2)
  }
  await npm(ROOT, ['audit', '--omit=dev'])
  console.log('npm audit --omit=dev: nothing to say about everimap itself')
  const trees = await Promise.all(LIBRARIES.map(install))
  let faults = 0
  for (const program of names.length > 0 ? names : PROGRAMS) {
    checkImplementations(program, trees)
    const [imap, everimap] = await Promise.all(trees.map((tree) => results(program, tree)))
    faults += report(program, imap, everimap)
  }
  if (faults > 0) {
    console.error(`${faults} steps differ that should not`)
    process.exitCode = 1
  }
}

/**
 * Each program must run on what it is said to run on.
 *
 * @param {string} program
 * @param {string[]} trees
 */
function checkImplementations (program, [imap, everimap]) {
  const published = path.join('node_modules', 'imap', 'lib', 'Connection.js')
  const ours = implementation(imap, program)
  assert.ok(ours.startsWith(imap) && ours.endsWith(published), `${program} has ${ours} instead of npm imap`)
  assert.equal(implementation(everimap, program), require.resolve(ROOT), `${program} does not have everimap`)
}

/**
 * @param {string} program
 * @param {string} tree
 * @returns {Promise<Results>}
 */
async function results (program, tree) {
  const drive = child(path.join(__dirname, 'drive.child.js'), { program, tree }, undefined, {
    IMAP_IMPLEMENTATION: implementation(tree, program),
    // These programs are older than the warnings.
    NODE_NO_WARNINGS: '1'
  })
  try {
    return await within(DRIVE_MS, drive.lines, `${program} on ${path.basename(tree)}`)
  } finally {
    drive.kill()
  }
}

/**
 * Prints a row for each step.
 *
 * @param {string} program
 * @param {Results} imap
 * @param {Results} everimap
 * @returns {number} how many steps differ and should not
 */
function report (program, imap, everimap) {
  assert.deepEqual(everimap.map(({ step }) => step), imap.map(({ step }) => step), `${program} took other steps`)
  const width = Math.max(...imap.map(({ step }) => step.length))
  let faults = 0
  console.log(`\n${'program'.padEnd(20)}${'step'.padEnd(width)}  ${'on imap'.padEnd(SHOWN)}  ${'on everimap'.padEnd(SHOWN)}  equal`)
  imap.forEach(({ step, result }, index) => {
    const other = everimap[index].result
    const verdict = isDeepStrictEqual(result, other) ? 'yes' : meant(program, step, result, other) ?? 'NO'
    console.log(`${program.padEnd(20)}${step.padEnd(width)}  ${short(result)}  ${short(other)}  ${verdict}`)
    if (verdict !== 'NO') return
    faults++
    console.log(`  on imap:     ${JSON.stringify(result)}\n  on everimap: ${JSON.stringify(other)}`)
  })
  return faults
}

/** @param {unknown} result */
function short (result) {
  const text = JSON.stringify(result)
  return (text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 10)}… ${sha256(text).slice(0, 8)}`).padEnd(SHOWN)
}
