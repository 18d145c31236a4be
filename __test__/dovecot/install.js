// @ts-check
'use strict'

// Makes sure that Dovecot is on this machine before its tests run; as a script it does only that.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const PACKAGE = 'dovecot-imapd'
const APT_TIMEOUT_MS = 300_000
// With it, the package's own script does not start the system's Dovecot (invoke-rc.d(8)).
const POLICY = '/usr/sbin/policy-rc.d'
const POLICY_TEXT = '#!/bin/sh\nexit 101\n'

/**
 * Finds Dovecot, installing it first where that is possible: as root on a system with apt-get.
 *
 * @returns {{ dovecot: string, doveadm: string }} the paths of both programs
 * @throws {Error} one line that says what to install, when Dovecot cannot be had here: the tests
 *   that need it fail then, they are never skipped
 */
function ensureDovecot () {
  const present = programs()
  if (present) return present
  if (process.getuid?.() !== 0 || !find('apt-get')) throw new Error(missing())
  install()
  const installed = programs()
  if (!installed) throw new Error(`apt-get installed ${PACKAGE}, and still no dovecot in ${searched().join(':')}`)
  return installed
}

/** @returns {{ dovecot: string, doveadm: string } | null} both programs, if both are here */
function programs () {
  const dovecot = find('dovecot')
  const doveadm = find('doveadm')
  return dovecot && doveadm ? { dovecot, doveadm } : null
}

/**
 * @param {string} name
 * @returns {string | undefined} where the program is
 */
function find (name) {
  return searched().map((folder) => path.join(folder, name)).find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The PATH, and where Debian keeps daemons, which the PATH of a plain user leaves out. */
function searched () {
  return [...(process.env.PATH || '').split(path.delimiter).filter(Boolean), '/usr/sbin', '/sbin']
}

function missing () {
  const where = process.env.CI === 'true' ? 'this CI machine has no Dovecot' : 'the Dovecot tests cannot run here'
  return `${where}: install it with "sudo apt-get install -y --no-install-recommends ${PACKAGE}" (Debian, Ubuntu)`
}

function install () {
  const log = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'everimap-apt-')), 'apt.log')
  const policy = forbidDaemons()
  try {
    apt(log, ['update'])
    apt(log, ['install', '-y', '-o', 'DPkg::Lock::Timeout=60', '--no-install-recommends', PACKAGE])
  } finally {
    if (policy) fs.rmSync(POLICY)
    fs.rmSync(path.dirname(log), { recursive: true })
  }
}

/** @returns {boolean} whether the policy was made here, and is to be removed again */
function forbidDaemons () {
  if (fs.existsSync(POLICY)) return false
  fs.writeFileSync(POLICY, POLICY_TEXT, { mode: 0o755 })
  return true
}

/**
 * @param {string} log
 * @param {string[]} args
 */
function apt (log, args) {
  const output = fs.openSync(log, 'a')
  const { status, error } = spawnSync('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', output, output],
    timeout: APT_TIMEOUT_MS
  })
  fs.closeSync(output)
  if (status === 0) return
  const why = error ? error.message : `it ended with ${status}`
  throw new Error(`apt-get ${args.join(' ')}: ${why}\n${fs.readFileSync(log, 'utf8')}`)
}

module.exports = { ensureDovecot }

if (require.main === module) {
  try {
    console.log(ensureDovecot().dovecot)
  } catch (error) {
    console.error(/** @type {Error} */ (error).message)
    process.exitCode = 1
  }
}
