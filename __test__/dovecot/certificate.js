// @ts-check
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

/**
 * Makes an authority and a certificate for `localhost` and `127.0.0.1` that it signed, with the
 * `openssl` command: `server.pem` and `server.key` in the folder.
 *
 * @param {string} folder
 * @returns {string} the authority's certificate, for `tlsOptions.ca`
 */
function makeCertificate (folder) {
  const authority = { certificate: path.join(folder, 'authority.pem'), key: path.join(folder, 'authority.key') }
  const server = { certificate: path.join(folder, 'server.pem'), key: path.join(folder, 'server.key') }
  const file = path.join(folder, 'openssl.cnf')
  fs.writeFileSync(file, OPENSSL)
  request(file, authority, '/CN=everimap test authority', ['-extensions', 'authority'])
  request(file, server, '/CN=localhost', [
    '-extensions', 'server', '-CA', authority.certificate, '-CAkey', authority.key
  ])
  fs.rmSync(authority.key)
  return fs.readFileSync(authority.certificate, 'utf8')
}

/**
 * @param {string} file
 * @param {{ certificate: string, key: string }} made
 * @param {string} subject
 * @param {string[]} more
 */
function request (file, made, subject, more) {
  execFileSync('openssl', [
    'req', '-x509', '-config', file, '-subj', subject, '-days', '2', '-noenc',
    '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
    '-keyout', made.key, '-out', made.certificate, ...more
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
}

const OPENSSL = `[req]
distinguished_name = name
prompt = no
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
`

module.exports = { makeCertificate }
