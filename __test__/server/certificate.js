// @ts-check
'use strict'

const crypto = require('node:crypto')
const net = require('node:net')

/**
 * What a certificate should say.
 *
 * @typedef {object} CertificateOptions
 * @property {string[]} [names] DNS names and IP addresses it is good for. Default `localhost`, `127.0.0.1`, `::1`.
 * @property {Date} [notBefore] Default: a day ago.
 * @property {Date} [notAfter] Default: in a year.
 * @property {boolean | { key: string, cert: string }} [ca] `true` makes an authority first and signs with it;
 *   a pair from `authority()` signs with that one. Absent: self-signed.
 */

/**
 * A key and a certificate, as PEM. `ca` is what a client has to trust: the authority, or the certificate itself.
 *
 * @typedef {{ key: string, cert: string, ca: string }} Certificate
 */

const DAY = 24 * 3600 * 1000

/**
 * Makes a certificate for a server (X.509 v3, EC P-256, SHA-256, RFC 5280).
 *
 * @param {CertificateOptions} [options]
 * @returns {Certificate}
 */
function certificate (options = {}) {
  const names = options.names ?? ['localhost', '127.0.0.1', '::1']
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = options.ca === true ? authority() : options.ca || null
  const extensions = [
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, keyUsage(0x80)),
    extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
    extension(OID.subjectAltName, false, sequence(...names.map(generalName)))
  ]
  const cert = sign({
    subject: name(names[0] ?? 'nobody'),
    issuer: issuer ? subjectOf(issuer.cert) : name(names[0] ?? 'nobody'),
    publicKey,
    signer: issuer ? crypto.createPrivateKey(issuer.key) : privateKey,
    extensions,
    options
  })
  return { key: pkcs8(privateKey), cert, ca: issuer ? issuer.cert : cert }
}

/**
 * Makes a certificate authority that `certificate({ ca })` can sign with.
 *
 * @param {CertificateOptions} [options] `notBefore` and `notAfter` are used.
 * @returns {{ key: string, cert: string }}
 */
function authority (options = {}) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const extensions = [
    extension(OID.basicConstraints, true, sequence(tlv(0x01, Buffer.from([0xff])))),
    extension(OID.keyUsage, true, keyUsage(0x06))
  ]
  const self = name('Test peer authority')
  const cert = sign({ subject: self, issuer: self, publicKey, signer: privateKey, extensions, options })
  return { key: pkcs8(privateKey), cert }
}

const OID = {
  commonName: [2, 5, 4, 3],
  basicConstraints: [2, 5, 29, 19],
  keyUsage: [2, 5, 29, 15],
  extendedKeyUsage: [2, 5, 29, 37],
  subjectAltName: [2, 5, 29, 17],
  serverAuth: [1, 3, 6, 1, 5, 5, 7, 3, 1],
  ecdsaWithSHA256: [1, 2, 840, 10045, 4, 3, 2]
}

/**
 * Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }, as PEM.
 *
 * @param {{ subject: Buffer, issuer: Buffer, publicKey: crypto.KeyObject, signer: crypto.KeyObject,
 *   extensions: Buffer[], options: CertificateOptions }} content
 * @returns {string}
 */
function sign ({ subject, issuer, publicKey, signer, extensions, options }) {
  const algorithm = sequence(oid(OID.ecdsaWithSHA256))
  const serial = crypto.randomBytes(16)
  serial[0] = (serial[0] & 0x7f) | 0x40
  const tbs = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    algorithm,
    issuer,
    sequence(
      time(options.notBefore ?? new Date(Date.now() - DAY)),
      time(options.notAfter ?? new Date(Date.now() + 365 * DAY))
    ),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions))
  )
  const signature = crypto.sign('sha256', tbs, signer)
  return pem('CERTIFICATE', sequence(tbs, algorithm, bits(signature, 0)))
}

/** @param {number} tag @param {Buffer[]} contents */
function tlv (tag, ...contents) {
  const body = Buffer.concat(contents)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length = body.length < 0x100
    ? [0x81, body.length]
    : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

/** @param {Buffer[]} items */
function sequence (...items) {
  return tlv(0x30, ...items)
}

/** @param {number[]} arcs */
function oid (arcs) {
  const bytes = [arcs[0] * 40 + arcs[1]]
  for (const arc of arcs.slice(2)) {
    const digits = [arc & 0x7f]
    for (let rest = arc >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80)
    bytes.push(...digits)
  }
  return tlv(0x06, Buffer.from(bytes))
}

/** @param {Buffer} bytes @param {number} unused */
function bits (bytes, unused) {
  return tlv(0x03, Buffer.from([unused]), bytes)
}

/** @param {number} usage the bits of KeyUsage, first one highest */
function keyUsage (usage) {
  let unused = 0
  while (unused < 7 && (usage >> unused & 1) === 0) unused++
  return bits(Buffer.from([usage]), unused)
}

/** @param {number[]} id @param {boolean} critical @param {Buffer} value */
function extension (id, critical, value) {
  const flag = critical ? [tlv(0x01, Buffer.from([0xff]))] : []
  return sequence(oid(id), ...flag, tlv(0x04, value))
}

/** @param {string} text */
function generalName (text) {
  if (net.isIP(text) === 0) return tlv(0x82, Buffer.from(text, 'latin1'))
  return tlv(0x87, net.isIP(text) === 4 ? Buffer.from(text.split('.').map(Number)) : ipv6(text))
}

/** @param {string} text */
function ipv6 (text) {
  const [head, tail = ''] = text.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const groups = [...left, ...new Array(8 - left.length - right.length).fill('0'), ...right]
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** @param {string} commonName */
function name (commonName) {
  const text = tlv(0x0c, Buffer.from(commonName, 'utf8'))
  return sequence(tlv(0x31, sequence(oid(OID.commonName), text)))
}

/**
 * UTCTime until 2049, GeneralizedTime after (RFC 5280 4.1.2.5).
 *
 * @param {Date} date
 */
function time (date) {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '')
  const short = date.getUTCFullYear() < 2050
  return tlv(short ? 0x17 : 0x18, Buffer.from(short ? digits.slice(2) : digits, 'latin1'))
}

/**
 * The subject of an authority of ours, as DER.
 *
 * @param {string} cert
 */
function subjectOf (cert) {
  const subject = new crypto.X509Certificate(cert).subject
  return name(subject.replace(/^CN=/, ''))
}

/** @param {crypto.KeyObject} key */
function pkcs8 (key) {
  return /** @type {string} */ (key.export({ type: 'pkcs8', format: 'pem' }))
}

/** @param {string} label @param {Buffer} der */
function pem (label, der) {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

module.exports = { certificate, authority }
