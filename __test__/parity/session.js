// @ts-check
'use strict'

// A scenario in few words: a session that logs in, opens a mailbox if it is asked to, calls methods
// one after another, and logs out.

const { SELECTED, given, loggedIn, logout, told } = require('./scenarios/common')

/** @typedef {import('./scenarios').Scenario} Scenario */

/**
 * A command that is to come, without its tag, and what the server says: untagged lines, and at
 * last the tagged one without its tag. Lines that begin with `C: `, `S: `, `S+: ` or `X: ` stand in
 * the trace as they are. A command that begins with `/` is a regular expression.
 *
 * @typedef {string[]} Exchange
 */

/**
 * A call: the method (`seq.` before it works on sequence numbers) and its arguments without the
 * callback; or a function that goes on with `next`.
 *
 * @typedef {[method: string, ...args: any[]] | ((imap: any, say: (...values: any[]) => void, next: () => void) => void)} Call
 */

/**
 * @typedef {object} Words
 * @property {string} [capabilities] besides IMAP4rev1
 * @property {boolean | string[]} [open] whether the INBOX is opened first; or what the server says to it
 * @property {Exchange[]} [exchanges]
 * @property {Call[]} calls
 * @property {string[]} [deviates]
 */

/** What the server says to SELECT. */
const OPENED = [SELECTED, 'OK [READ-WRITE] done']

/** @param {Words} words @returns {Scenario} */
function session ({ capabilities = '', open = false, exchanges = [], calls, deviates }) {
  const condstore = /\bCONDSTORE\b/.test(capabilities) ? ' (CONDSTORE)' : ''
  const opening = open ? [[`SELECT "INBOX"${condstore}`, ...(Array.isArray(open) ? open : OPENED)]] : []
  const all = [...opening, ...exchanges]
  return {
    script: `${loggedIn(capabilities)}
      ${all.map((exchange, index) => trace(exchange, `A${index + 3}`)).join('\n')}
      ${logout(all.length + 3)}`,
    ...(deviates && deviates.length > 0 ? { deviates } : {}),
    drive: (imap, say) => {
      const start = () => inTurn(imap, say, calls, () => imap.end())
      imap.once('ready', () => {
        if (!open) return start()
        imap.openBox('INBOX', (/** @type {Error | undefined} */ error) => {
          if (error) say('openBox', error)
          start()
        })
      })
    }
  }
}

/** {@link session} with the INBOX open; the first command has the tag A4. @param {Words} words */
const opened = (words) => session({ open: true, ...words })

/** @param {Exchange} exchange @param {string} tag */
function trace ([command, ...answers], tag) {
  const script = answers.map((line, index) => {
    if (/^\s*(S\+?|C|X): /.test(line)) return line
    return `S: ${index === answers.length - 1 ? `${tag} ` : ''}${line}`
  })
  const pattern = /^\/(.*)$/s.exec(command)
  return [`C: ${pattern ? `/^${tag} ${pattern[1]}` : `${tag} ${command}`}`, ...script].join('\n')
}

/**
 * Makes the calls one after another, and says what each throws, or calls back with, or what it fetches.
 *
 * @param {any} imap
 * @param {(...values: any[]) => void} say
 * @param {Call[]} calls
 * @param {() => void} then
 */
function inTurn (imap, say, [call, ...rest], then) {
  if (call === undefined) return then()
  const next = () => inTurn(imap, say, rest, then)
  if (typeof call === 'function') return call(imap, say, next)
  const [name, ...args] = call
  const method = name.replace('seq.', '')
  const target = method === name ? imap : imap.seq
  try {
    if (method === 'fetch') {
      told(target.fetch(...args), say).then(next)
      return
    }
    const result = target[method](...args, (/** @type {any[]} */ ...values) => {
      say(name, ...values.slice(0, given(values)))
      next()
    })
    if (result !== undefined) say(name, 'gives', result)
  } catch (error) {
    say(name, 'throws', error)
    next()
  }
}

module.exports = { inTurn, opened, session }
