// @ts-check
'use strict'

// Programs of the system that tests need, and the packages of Debian that have them.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const APT_TIMEOUT_MS = 300_000
// With it, a package's own script does not start its daemon (invoke-rc.d(8)).
const POLICY = '/usr/sbin/policy-rc.d'
const POLICY_TEXT = '#!/bin/sh\nexit 101\n'

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

/** @returns {boolean} whether packages can be installed: as root on a system with apt-get */
function canInstall () {
  return process.getuid?.() === 0 && find('apt-get') !== undefined
}

/**
 * Installs packages; no daemon of theirs is started.
 *
 * @param {string[]} packages
 */
function install (packages) {
  const log = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'everimap-apt-')), 'apt.log')
  const policy = forbidDaemons()
  try {
    apt(log, ['update'])
    apt(log, ['install', '-y', '-o', 'DPkg::Lock::Timeout=60', '--no-install-recommends', ...packages])
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

module.exports = { canInstall, find, install, searched }
