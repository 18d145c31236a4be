// @ts-check
'use strict'

// Pieces of scripts and of programs that scenarios share.

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

module.exports = { LOGIN, SELECTED, calls, given, loggedIn, logout, mark, opened, told, withInbox }
