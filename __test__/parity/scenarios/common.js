// @ts-check
'use strict'

// Pieces of scripts and of programs that scenarios share.

/** @typedef {import('../scenarios').Transport[]} Transports */

const EVERYWHERE = /** @type {Transports} */ (['plain', 'tls', 'starttls'])

/** Over TLS npm imap tells of an orderly close without `end`. */
const NO_END_OVER_TLS = { tls: ['Q-02'], starttls: ['Q-02'] }

/** Greeting and capabilities; the next tag is A1. @param {string} [capabilities] */
function greeted (capabilities = '') {
  return `
  S: * OK ready
  C: A0 CAPABILITY
  S: ${`* CAPABILITY IMAP4rev1 ${capabilities}`.trim()}
  S: A0 OK done
  `
}

/** Greeting and login; the next tag is A3. @param {string} [capabilities] announced with the login */
function loggedIn (capabilities = '') {
  const announced = `* CAPABILITY IMAP4rev1 ${capabilities}`.trim()
  return `
  S: * OK ready
  C: A0 CAPABILITY
  S: ${announced}
  S: A0 OK done
  C: A1 LOGIN "user" "secret"
  S: ${announced}
  S: A1 OK done
  C: A2 LIST "" ""
  S: * LIST (\\Noselect) "/" ""
  S: A2 OK done
  `
}

/** Greeting and login without extensions. */
const LOGIN = loggedIn()

/** The password is sent. */
const LOGGING_IN = `${greeted()}
  C: A1 LOGIN "user" "secret"
`

/** What follows the login without NAMESPACE. @param {number} tag of its first command @param {string} [capabilities] */
function settled (tag, capabilities = '') {
  return `
  C: A${tag} CAPABILITY
  S: ${`* CAPABILITY IMAP4rev1 ${capabilities}`.trim()}
  S: A${tag} OK done
  C: A${tag + 1} LIST "" ""
  S: * LIST (\\Noselect) "/" ""
  S: A${tag + 1} OK done
  ${logout(tag + 2)}
  `
}

/** What a server says of an ordinary mailbox of three messages. */
const SELECTED = `
  S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
  S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] ok
  S: * 3 EXISTS
  S: * 0 RECENT
  S: * OK [UIDVALIDITY 7] ok
  S: * OK [UIDNEXT 4] ok
`

/**
 * Login and SELECT of the INBOX; the next tag is A4.
 *
 * @param {string} [capabilities]
 * @param {string} [selected] what the server says of the mailbox
 */
function opened (capabilities = '', selected = SELECTED) {
  const modifier = /\bCONDSTORE\b/.test(capabilities) ? ' (CONDSTORE)' : ''
  return `${loggedIn(capabilities)}
  C: A3 SELECT "INBOX"${modifier}
  ${selected}
  S: A3 OK [READ-WRITE] done
  `
}

/** LOGOUT with this tag, and the server's end. @param {number} tag */
function logout (tag) {
  return `
  C: A${tag} LOGOUT
  S: * BYE so long
  S: A${tag} OK done
  X: end
  `
}

/** The client idles, and hears a bell then: what it does is no race with the server's `+`. */
const IDLING = `${loggedIn('IDLE')}
  C: IDLE IDLE
  S: + idling
  S: * OK [ALERT] bell
`

/** The server neither says nor does anything any more. */
const SILENCE = 'X: wait silence'

/** With IDLE. */
const KEEPALIVE = { keepalive: true }

/** Does nothing: the server acts, or ends it. */
function watch () {}

/** Leaves as soon as it is ready. @param {any} imap */
function endWhenReady (imap) {
  imap.once('ready', () => imap.end())
}

/** Says what it knows when it is ready, and leaves. @param {any} imap @param {(...values: any[]) => void} say */
function tellWhenReady (imap, say) {
  imap.once('ready', () => {
    say(imap.state, imap.delimiter, imap.namespaces, imap._caps)
    imap.end()
  })
}

/** Three commands, of which the first is sent. @param {any} imap @param {(...values: any[]) => void} say */
function ask (imap, say) {
  const call = calls(imap, say)
  imap.once('ready', () => {
    call('status', 'Archive')
    call('addBox', 'New')
    call('getBoxes')
  })
}

/** Opens the INBOX as soon as it can. @param {any} imap @param {(box: any) => void} then */
function withInbox (imap, then) {
  imap.once('ready', () => imap.openBox('INBOX', (/** @type {Error | undefined} */ error, /** @type {any} */ box) => {
    if (error) throw error
    then(box)
  }))
}

/**
 * Gives a function that calls a method and says what it throws, or what its callback gets: `this` and
 * the arguments, without `undefined` ones at the end. Methods of `seq` are named with it: `seq.search`.
 *
 * @param {any} imap
 * @param {(...values: any[]) => void} say
 */
function calls (imap, say) {
  /** @param {string} name @param {any[]} args what stands before the callback @returns {Promise<void>} when it was called back */
  return (name, ...args) => new Promise((resolve) => {
    const [target, method] = name.startsWith('seq.') ? [imap.seq, name.slice(4)] : [imap, name]
    try {
      const result = target[method](...args, /** @this {any} */ function (/** @type {any[]} */ ...values) {
        say(name, 'calls back', this === imap ? mark('on the connection') : this, ...values.slice(0, given(values)))
        resolve()
      })
      if (result !== undefined) say(name, 'gives', result)
    } catch (error) {
      say(name, 'throws', error)
    }
  })
}

/** How many arguments there are up to the last that is not undefined. @param {any[]} values */
function given (values) {
  let count = values.length
  while (count > 0 && values[count - 1] === undefined) count--
  return count
}

/** A word in a record that is no string. @param {string} text */
function mark (text) {
  return { kind: 'word', text }
}

/**
 * Says everything that a fetch brings, as it comes.
 *
 * @param {any} fetch
 * @param {(...values: any[]) => void} say
 * @returns {Promise<void>} when it has ended
 */
function told (fetch, say) {
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    const who = `message ${seqno}`
    say('fetch', 'message', seqno)
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      /** @type {Buffer[]} */
      const chunks = []
      say(who, 'body', info)
      stream.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk))
      stream.on('error', (/** @type {Error} */ error) => say(who, `body ${info.which}`, 'error', error))
      stream.on('end', () => say(who, `body ${info.which}`, 'end', Buffer.concat(chunks)))
    })
    message.on('attributes', (/** @type {any} */ attributes) => say(who, 'attributes', attributes))
    message.on('end', () => say(who, 'end'))
  })
  fetch.on('error', (/** @type {Error} */ error) => say('fetch', 'error', error))
  return new Promise((resolve) => fetch.on('end', () => {
    say('fetch', 'end')
    resolve()
  }))
}

module.exports = {
  EVERYWHERE, IDLING, KEEPALIVE, LOGGING_IN, LOGIN, NO_END_OVER_TLS, SELECTED, SILENCE, ask, calls, endWhenReady,
  given, greeted, loggedIn, logout, mark, opened, settled, tellWhenReady, told, watch, withInbox
}
