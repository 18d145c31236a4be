// @ts-check
'use strict'

// `npm run test:soak -- [--profile day|month|year|all] [--level plain|condstore|qresync|all] [--seed N]
// [--trace ACCOUNT]`: builds soak/main.rs with optimisation, checks and all, and runs it.

const { spawnSync } = require('node:child_process')
const { join } = require('node:path')

const args = ['run', '--locked', '--quiet', '--profile', 'fuzz', '--example', 'soak', '--', ...process.argv.slice(2)]
const { status, error } = spawnSync('cargo', args, { cwd: join(__dirname, '..'), stdio: 'inherit' })
if (error) console.error(`cargo cannot be run: ${error.message}`)
process.exit(status ?? 1)
