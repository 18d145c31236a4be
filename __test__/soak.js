// @ts-check
'use strict'

// `npm run test:soak -- [--profile day|month|year|strangers|model|all] [--level plain|condstore|qresync|all]
// [--seed N] [--trace ACCOUNT]`: builds soak/main.rs with optimisation, checks and all, and runs it. `model` is
// the long run of src/connection/model, which without arguments comes last.

const { spawnSync } = require('node:child_process')
const { join } = require('node:path')

const OPTIMISED = ['--locked', '--quiet', '--profile', 'fuzz']
const MODEL = ['--lib', 'model', '--', '--ignored', '--nocapture']

const given = process.argv.slice(2)
const isModelAlone = given.join(' ') === '--profile model'
const worlds = isModelAlone ? 0 : cargo(['run', ...OPTIMISED, '--example', 'soak', '--', ...given])
const model = isModelAlone || given.length === 0 ? cargo(['test', ...OPTIMISED, ...MODEL]) : 0
process.exit(worlds || model)

/**
 * @param {string[]} args
 * @returns {number} its exit code
 */
function cargo (args) {
  const { status, error } = spawnSync('cargo', args, { cwd: join(__dirname, '..'), stdio: 'inherit' })
  if (error) console.error(`cargo cannot be run: ${error.message}`)
  return status ?? 1
}
