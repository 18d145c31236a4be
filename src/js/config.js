// @ts-check
'use strict'

// The configuration: copied as node-imap copies it, and as the addon wants it.

const { readFileSync } = require('node:fs')
const tls = require('node:tls')
const { domainToASCII } = require('node:url')
const { inspect } = require('node:util')
const binding = require('./binding')

/** What DNS and certificates have another name for. */
const FOREIGN = /[\u0080-\uffff]/

/**
 * Copies the known options (contract section 1.2). Programs read and write this object; it is
 * read again at each `connect()`.
 * @param {Record<string, any> | null | undefined} config
 * @returns {Record<string, any>}
 */
function copyConfig (config) {
  const given = config || {}
  return secretive({
    localAddress: given.localAddress,
    socket: given.socket,
    socketTimeout: given.socketTimeout || 0,
    host: given.host || 'localhost',
    port: given.port || 143,
    tls: given.tls,
    tlsOptions: given.tlsOptions,
    autotls: given.autotls,
    user: given.user,
    password: given.password,
    xoauth: given.xoauth,
    xoauth2: given.xoauth2,
    connTimeout: given.connTimeout || 10000,
    authTimeout: given.authTimeout || 5000,
    keepalive: given.keepalive === undefined || given.keepalive === null ? true : given.keepalive,
    reconnect: given.reconnect,
    // Not node-imap's: only where it is given.
    ...given.limits && { limits: given.limits }
  })
}

/** Options that nobody should find in a log. */
const SECRETS = ['password', 'xoauth', 'xoauth2']
const TLS_SECRETS = ['key', 'pfx', 'passphrase']

/** What is shown in their place, as in the lines of `debug`. */
const REDACTED = { [inspect.custom]: () => '<redacted>' }

/**
 * Programs read and write secrets in the configuration, as in node-imap; but who prints a connection
 * to look at it, or an error with one in it, does not print them (contract Q-39).
 * @param {Record<string, any>} config
 */
function secretive (config) {
  return Object.defineProperty(config, inspect.custom, {
    /** @this {Record<string, any>} @param {number} depth @param {import('node:util').InspectOptions} options */
    value (depth, options) {
      const shown = redacted(this, SECRETS)
      if (shown.tlsOptions) shown.tlsOptions = redacted(shown.tlsOptions, TLS_SECRETS)
      return inspect(shown, { ...options, depth: options.depth === null ? null : depth })
    }
  })
}

/** @param {Record<string, any>} options @param {string[]} names */
function redacted (options, names) {
  const shown = { ...options }
  for (const name of names) if (shown[name]) shown[name] = REDACTED
  return shown
}

/**
 * The configuration as JSON for src/options.rs.
 * @param {Record<string, any>} config
 * @param {boolean} debug whether protocol lines are wanted
 */
function encodeConfig (config, debug) {
  if (config.socket) throw unsupported('socket', 'a connection of its own: leave it out')
  /** @type {Record<string, any>} */
  const options = { ...config, keepalive: encodeKeepalive(config.keepalive), debug }
  options.host = encodeHost('host', config.host)
  options.tlsOptions = encodeTlsOptions(config.tlsOptions)
  if (config.tls || config.autotls) trustRoots(options.tlsOptions)
  return JSON.stringify(options, infinityAsText)
}

/**
 * JSON has no Infinity, and would make it "not given": it is to be refused like other times that
 * cannot be waited for.
 * @param {string} _ the key
 * @param {unknown} value
 */
function infinityAsText (_, value) {
  return value === Infinity || value === -Infinity ? String(value) : value
}

/**
 * The name as DNS and certificates have it: `bücher.example` is `xn--bcher-kva.example` there
 * (RFC 5891). Blanks around it come from files and environments.
 * @param {string} option
 * @param {any} host
 */
function encodeHost (option, host) {
  if (typeof host !== 'string') return host
  const name = host.trim()
  if (!FOREIGN.test(name)) return name
  const ascii = domainToASCII(name)
  if (ascii !== '') return ascii
  throw Object.assign(new TypeError(`The option \`${option}\` is '${host}'; expected a host name, e.g. 'imap.example.com', or an IP address`), {
    code: 'ERR_INVALID_ARG_VALUE',
    option
  })
}

/** @param {any} keepalive any truthy value turns it on; only an object has details */
function encodeKeepalive (keepalive) {
  if (typeof keepalive === 'string') return keepalive
  if (!keepalive || typeof keepalive !== 'object' || Array.isArray(keepalive)) return !!keepalive
  const { interval, idleInterval, forceNoop } = keepalive
  return { interval, idleInterval, forceNoop }
}

/** Options of `tls.connect` that rustls cannot honour, and what to do instead. */
const UNSUPPORTED = {
  pfx: '`cert` and `key` in PEM',
  checkServerIdentity: '`servername`',
  secureContext: '`ca`, `cert` and `key`',
  ciphers: 'the default ciphers: leave it out',
  secureProtocol: '`minVersion`',
  crl: 'no revocation list: leave it out'
}

/**
 * Own and inherited options, as node-imap takes them.
 * @param {any} given
 */
function encodeTlsOptions (given) {
  /** @type {Record<string, any>} */
  const options = {}
  for (const key in given) {
    if (key in UNSUPPORTED && given[key]) {
      throw unsupported(`tlsOptions.${key}`, UNSUPPORTED[/** @type {'pfx'} */ (key)])
    }
  }
  if (!given) return options
  // `host` names the server to check, as in node-imap; `servername` goes before it.
  const named = given.servername ? 'servername' : 'host'
  options.servername = encodeHost(`tlsOptions.${named}`, given[named])
  options.rejectUnauthorized = given.rejectUnauthorized !== false
  options.minVersion = given.minVersion
  for (const key of ['ca', 'cert', 'key']) options[key] = pem(given[key])
  return options
}

/**
 * PEM texts: Node takes strings and Buffers, one or a list.
 * @param {any} value
 * @returns {any}
 */
function pem (value) {
  if (Array.isArray(value)) return value.map(pem)
  return ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString() : value
}

let rootsAreSet = false

/**
 * Hands the certificates that Node trusts to the addon, once and only if they are needed.
 * @param {Record<string, any>} options
 */
function trustRoots (options) {
  if (options.ca || rootsAreSet) return
  binding.trustRoots(defaultRoots())
  rootsAreSet = true
}

/** @returns {string[]} */
function defaultRoots () {
  const current = /** @type {any} */ (tls).getCACertificates
  if (current) return current('default')
  const extra = process.env.NODE_EXTRA_CA_CERTS
  if (!extra) return [...tls.rootCertificates]
  try {
    return [...tls.rootCertificates, readFileSync(extra, 'utf8')]
  } catch (error) {
    // Node itself only warns, at its start.
    return [...tls.rootCertificates]
  }
}

/**
 * @param {string} option
 * @param {string} instead
 */
function unsupported (option, instead) {
  return Object.assign(new TypeError(`The option \`${option}\` is not supported by everimap; use ${instead}`), {
    code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM',
    option
  })
}

module.exports = { copyConfig, encodeConfig }
