// @ts-check
'use strict'

// Makes sure that Dovecot is on this machine before its tests run; as a script it does only that.

const { canInstall, find, install, searched } = require('../debian')

const PACKAGE = 'dovecot-imapd'

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
  if (!canInstall()) throw new Error(missing())
  install([PACKAGE])
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

function missing () {
  const where = process.env.CI === 'true' ? 'this CI machine has no Dovecot' : 'the Dovecot tests cannot run here'
  return `${where}: install it with "sudo apt-get install -y --no-install-recommends ${PACKAGE}" (Debian, Ubuntu)`
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
