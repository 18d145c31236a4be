// @ts-check
'use strict'

// Errors as a Node program knows them, from what the addon tells (src/error.rs).

/**
 * An error of a connection or a command.
 * @typedef {Error & { source?: string, code?: string, type?: string, textCode?: any, advice?: string, [more: string]: any }} ImapError
 */

/**
 * @param {Record<string, any>} facts the fields of the Rust `Error`
 * @returns {ImapError}
 */
function errorFrom (facts) {
  /** @type {ImapError} */
  const error = new Error(facts.message)
  if (facts.type) {
    error.type = facts.type
    // An own property also when the server gave none (contract section 9).
    error.textCode = facts.textCode === null ? undefined : facts.textCode
  }
  for (const extra of [facts.system, facts.tls]) {
    for (const key in extra) {
      if (extra[key] !== null) error[key] = extra[key]
    }
  }
  // The object of Node's `getPeerCertificate()`.
  if (error.cert) {
    const { X509Certificate } = require('node:crypto')
    error.cert = new X509Certificate(Buffer.from(error.cert, 'base64')).toLegacyObject()
  }
  error.code = facts.code
  if (facts.source) error.source = facts.source
  if (facts.advice) error.advice = facts.advice
  return error
}

/**
 * Runs a call of the addon. Argument errors come out of it as JSON, because the addon cannot make
 * a `TypeError` with more than a message.
 * @template T
 * @param {() => T} call
 * @returns {T}
 */
function guarded (call) {
  try {
    return call()
  } catch (error) {
    throw argumentError(error)
  }
}

/** @param {any} error */
function argumentError (error) {
  if (!error || typeof error.message !== 'string' || error.message[0] !== '{') return error
  return revived(JSON.parse(error.message))
}

/**
 * @param {{ name: string, message: string, errors?: any[], [more: string]: any }} facts
 * @returns {Error}
 */
function revived ({ name, message, errors, ...more }) {
  const Kind = name === 'TypeError' ? TypeError : name === 'RangeError' ? RangeError : Error
  return Object.assign(new Kind(message), more, errors && { errors: errors.map(revived) })
}

/**
 * @param {string} expected what the program was to pass
 * @param {any} value what came
 */
function wrongType (expected, value) {
  const got = value === null ? 'null' : typeof value
  return Object.assign(new TypeError(`${expected}; got: ${got}`), { code: 'ERR_INVALID_ARG_TYPE' })
}

/**
 * What a method throws before anything is sent has a code: `EARGUMENT` for what it was passed, `ESTATE`
 * for the state of the session, `EUNSUPPORTED` for what the server cannot do.
 * @template {Error} E
 * @param {'EARGUMENT' | 'ESTATE' | 'EUNSUPPORTED'} code
 * @param {E} error
 * @returns {E & { code: string }}
 */
function coded (code, error) {
  return Object.assign(error, { code })
}

/**
 * What a command is told that cannot be sent because there is no connection.
 * @returns {ImapError}
 */
function notConnected () {
  return Object.assign(new Error('Not connected'), {
    source: 'socket',
    code: 'ENOTCONN',
    advice: 'Call connect() and wait for \'ready\'.'
  })
}

/**
 * Lets an exception of the program's own code be uncaught, without losing what comes after it.
 * @param {unknown} error
 */
function rethrowLater (error) {
  process.nextTick(() => { throw error })
}

/**
 * Emits an event after which other things must happen, even if a listener throws.
 * @param {import('node:events').EventEmitter} emitter
 * @param {string} event
 * @param {any[]} values
 */
function emitGuarded (emitter, event, ...values) {
  try {
    emitter.emit(event, ...values)
  } catch (error) {
    rethrowLater(error)
  }
}

module.exports = { coded, emitGuarded, errorFrom, guarded, notConnected, rethrowLater, wrongType }
