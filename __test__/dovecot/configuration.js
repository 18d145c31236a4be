// @ts-check
'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/**
 * @typedef {object} Configuration
 * @property {string} folder where everything of this Dovecot lives
 * @property {string} name its `instance_name`, which is also in its greeting
 * @property {number} port the plain port, which offers STARTTLS when there is TLS
 * @property {number} [tlsPort] the TLS port; without it there is no TLS at all
 * @property {Record<string, string | number>} settings added last: they win
 */

/**
 * Writes all that Dovecot reads: its configuration, the users and the key of access tokens.
 * As root, Dovecot drops to the users that its package made; else all of it runs as we do.
 *
 * @param {Configuration} configuration
 * @param {Buffer} tokenKey the HS256 key of access tokens
 * @returns {string} the path of the configuration file
 */
function writeConfiguration (configuration, tokenKey) {
  const { folder } = configuration
  const owner = mailOwner()
  const mail = path.join(folder, 'mail')
  fs.chmodSync(folder, 0o755)
  fs.mkdirSync(mail)
  fs.chownSync(mail, owner.uid, owner.gid)
  fs.mkdirSync(path.join(folder, 'users'))
  const keys = path.join(folder, 'tokens', 'default', 'HS256')
  fs.mkdirSync(keys, { recursive: true })
  fs.writeFileSync(path.join(keys, 'default'), tokenKey.toString('base64'))
  fs.writeFileSync(path.join(folder, 'oauth2.conf'), oauth2(folder))
  const file = path.join(folder, 'dovecot.conf')
  fs.writeFileSync(file, dovecot(configuration, owner))
  return file
}

/** @returns {{ user: string | undefined, group: string | undefined, uid: number, gid: number }} */
function mailOwner () {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  if (uid !== 0) return { user: named('/etc/passwd', uid), group: named('/etc/group', gid), uid, gid }
  const [, , mailUid, mailGid] = entries('/etc/passwd').find(([name]) => name === 'mail') ?? []
  if (!mailUid) throw new Error('Dovecot run by root keeps the mail as user "mail", and /etc/passwd has none')
  return { user: undefined, group: undefined, uid: Number(mailUid), gid: Number(mailGid) }
}

/**
 * @param {string} file
 * @param {number} id
 */
function named (file, id) {
  const entry = entries(file).find((fields) => Number(fields[2]) === id)
  return entry ? entry[0] : os.userInfo().username
}

/** @param {string} file */
function entries (file) {
  return fs.readFileSync(file, 'utf8').split('\n').map((line) => line.split(':'))
}

/** @param {string} folder */
function oauth2 (folder) {
  return `introspection_mode = local
local_validation_key_dict = fs:posix:prefix=${folder}/tokens/
username_attribute = email
`
}

/**
 * @param {Configuration} configuration
 * @param {ReturnType<typeof mailOwner>} owner
 */
function dovecot ({ folder, name, port, tlsPort, settings }, owner) {
  const identity = owner.user === undefined
    ? ''
    : `default_internal_user = ${owner.user}\ndefault_login_user = ${owner.user}\ndefault_internal_group = ${owner.group}\n`
  const tls = tlsPort === undefined
    ? 'ssl = no\n'
    : `ssl = yes\nssl_cert = <${folder}/server.pem\nssl_key = <${folder}/server.key\n`
  const added = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`).join('')
  return `base_dir = ${folder}/run
state_dir = ${folder}/run
instance_name = ${name}
login_greeting = ${name}
log_path = ${folder}/dovecot.log
listen = 127.0.0.1
protocols = imap
${identity}${tls}
first_valid_uid = 1
mail_home = ${folder}/mail/%u
mail_location = sdbox:~/sdbox
mail_fsync = never
mailbox_idle_check_interval = 1 s
mail_max_userip_connections = 1000
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = ${folder}/oauth2.conf
}
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${folder}/users/%u
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${folder}/mail/%u
}
service imap-login {
  chroot =
  service_count = 0
  client_limit = 1000
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort ?? 0}
    ssl = yes
  }
}
service anvil {
  chroot =
  # else each login after a refused one waits for seconds
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
${added}`
}

module.exports = { writeConfiguration }
