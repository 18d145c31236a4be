// @ts-check
'use strict'

// The configuration: copied as node-imap copies it, and as the addon wants it.

const { readFileSync } = require('node:fs')
const { domainToASCII } = require('node:url')
const { encodeValues } = require('./arguments')
const { inspect } = require('node:util')
const binding = require('./binding')
const { guarded } = require('./errors')

/** The options that are looked at as soon as the program names them (src/options.rs). */
const TYPED = [
  'connTimeout', 'authTimeout', 'socketTimeout', 'timeouts', 'tcp', 'limits', 'keepalive', 'reconnect', 'rotate',
  'pipeline', 'compress'
]
/** Those that are looked at when they are used. */
const OTHERS = ['localAddress', 'port', 'tls', 'autotls', 'user', 'password', 'xoauth', 'xoauth2']

/** What DNS and certificates have another name for. */
const FOREIGN = /[\u0080-\uffff]/

/**
 * Copies the known options (contract section 1.2); those that the program may have meant otherwise
 * are a warning. Programs read and write this object; it is read again at each `connect()`. Throws
 * when one that is typed, `auth` or `log` cannot be used.
 * @param {Record<string, any> | null | undefined} config
 * @returns {Record<string, any>}
 */
function copyConfig (config) {
  const given = config || {}
  checkTyped(given)
  asksToken(given.auth)
  const copy = secretive({
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
    // Not node-imap's.
    reconnect: given.reconnect,
    auth: given.auth,
    ...given.log && { log: checkLog(given.log) },
    ...given.pipeline !== undefined && { pipeline: given.pipeline },
    ...given.compress !== undefined && { compress: given.compress },
    ...given.rotate !== undefined && { rotate: given.rotate },
    ...given.timeouts && { timeouts: given.timeouts },
    ...given.tcp && { tcp: given.tcp },
    ...given.limits && { limits: given.limits }
  })
  for (const name in given) if (!(name in copy)) tellMisspelt(name)
  return copy
}

/** @param {any} log */
function checkLog (log) {
  if (typeof log === 'function') return log
  throw unusable('log', `is ${inspect(log, { depth: 0 })}; expected a function that takes a record, e.g. console.log`)
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
  return Object.defineProperty(config, inspect.custom, { value: inspectRedacted })
}

/** @this {Record<string, any>} @param {number} depth @param {import('node:util').InspectOptions} options */
function inspectRedacted (depth, options) {
  const shown = redacted(this, SECRETS)
  if (shown.tlsOptions) shown.tlsOptions = redacted(shown.tlsOptions, TLS_SECRETS)
  return inspect(shown, { ...options, depth: options.depth === null ? null : depth })
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
  const options = checkTyped(config)
  options.host = encodeValues(encodeHost('host', config.host), 'option `host`')
  encodeOptions(config, OTHERS, options)
  options.tlsOptions = encodeTlsOptions(config.tlsOptions)
  if (config.tls || config.autotls) trustRoots(options.tlsOptions)
  options.asksToken = asksToken(config.auth)
  options.debug = debug
  return JSON.stringify(options)
}

/** What the program was told already. @type {Set<string>} */
const told = new Set()

/** The typed options that were found good last: a program makes all its connections with the same ones. */
let known = ''

/**
 * Throws when a typed option cannot be used, and warns of strings that were taken for a number or
 * a switch: once in a process for each. Gives these options encoded.
 * @param {Record<string, any>} config
 */
function checkTyped (config) {
  const options = encodeOptions(config, TYPED, {})
  const text = JSON.stringify(options)
  if (text !== known) tellNotes(guarded(() => binding.checkOptions(text)))
  known = text
  return options
}

/** @param {string[]} notes */
function tellNotes (notes) {
  for (const note of notes) {
    if (told.has(note)) continue
    told.add(note)
    process.emitWarning(note, { code: 'EVERIMAP_OPTION_TEXT' })
  }
}

/** The names of options that were looked at. @type {Set<string>} */
const strangers = new Set()
/** So many of them are looked at: a program that makes up names is told enough then. */
const MAX_STRANGERS = 1000

/**
 * Warns of an option that nobody reads and that looks like one of ours, once in a process.
 * @param {string} name
 */
function tellMisspelt (name) {
  if (strangers.has(name) || strangers.size >= MAX_STRANGERS) return
  strangers.add(name)
  const note = binding.misspeltOption(name)
  if (note) process.emitWarning(note, { code: 'EVERIMAP_OPTION_UNKNOWN' })
}

/**
 * Options as src/options/value.rs reads them, without losing what JSON cannot hold.
 * @param {Record<string, any>} config
 * @param {string[]} names
 * @param {Record<string, any>} options where they are put
 */
function encodeOptions (config, names, options) {
  for (const name of names) {
    const value = config[name]
    if (value === undefined) continue
    options[name] = isDetails(value) ? encodeDetails(value) : encodeValues(value, `option \`${name}\``)
  }
  return options
}

/**
 * Whether this is an object of options. Those of built-in classes hold something else.
 * @param {unknown} value
 */
function isDetails (value) {
  return Object.prototype.toString.call(value) === '[object Object]'
}

/**
 * Own and inherited options, as node-imap takes them.
 * @param {Record<string, any>} details
 */
function encodeDetails (details) {
  /** @type {Record<string, any>} */
  const options = {}
  for (const name in details) options[name] = encodeValues(details[name], `option \`${name}\``)
  return options
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
  throw unusable(option, `is '${host}'; expected a host name, e.g. 'imap.example.com', or an IP address`)
}

/**
 * Whether the program hands out tokens. An error does not show what may hold secrets.
 * @param {any} auth the option
 */
function asksToken (auth) {
  if (auth === undefined || auth === null) return false
  if (typeof auth.getToken === 'function') return true
  throw unusable('auth', 'has no function `getToken`; expected an object such as { getToken: async () => token }')
}

/**
 * Whether commands of which nobody knows what became of them are to be proven (src/js/proof).
 * @param {Record<string, any>} config
 */
function wantsProof ({ reconnect }) {
  return typeof reconnect === 'object' && reconnect !== null && reconnect.onUnknown === 'probe'
}

/** Options of `tls.connect` that rustls cannot honour, and what to do instead. */
const UNSUPPORTED = {
  pfx: '`cert` and `key` in PEM',
  checkServerIdentity: '`servername`',
  secureContext: '`ca`, `cert` and `key`',
  ciphers: 'the default ciphers: leave it out',
  secureProtocol: '`minVersion`',
  crl: 'no revocation list: leave it out',
  secureOptions: '`minVersion` and `maxVersion`',
  ALPNProtocols: 'the port of IMAP: leave it out',
  sigalgs: 'the default algorithms: leave it out',
  ecdhCurve: 'the default curves: leave it out',
  pskCallback: '`cert` and `key`',
  privateKeyEngine: '`key`',
  privateKeyIdentifier: '`key`',
  clientCertEngine: '`cert` and `key`'
}

/** How PEM says that a key needs a passphrase (RFC 7468 section 11, RFC 1421). */
const ENCRYPTED = /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m

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
  options.maxVersion = given.maxVersion
  for (const key of ['ca', 'cert', 'key']) options[key] = pem(given[key])
  if (given.passphrase && ENCRYPTED.test(options.key)) {
    throw unsupported('tlsOptions.passphrase', 'a `key` without a passphrase: `openssl pkey` takes it away')
  }
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
  const tls = require('node:tls')
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
 * @param {string} fault what came, and what to write instead
 */
function unusable (option, fault) {
  return Object.assign(new TypeError(`The option \`${option}\` ${fault}`), { code: 'ERR_INVALID_ARG_VALUE', option })
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

module.exports = { copyConfig, encodeConfig, wantsProof }
