// @ts-check
'use strict'

// A scenario in few words: a session that logs in, opens a mailbox if it is asked to, calls methods
// one after another, and logs out. What each call throws, calls back with or emits is said.

/** The login of every session; the next tag is A3. */
const login = (/** @type {string} */ capabilities) => `
  S: * OK ready
  C: A0 CAPABILITY
  S: * CAPABILITY ${`IMAP4rev1 ${capabilities}`.trim()}
  S: A0 OK done
  C: A1 LOGIN "foo" "bar"
  S: * CAPABILITY ${`IMAP4rev1 ${capabilities}`.trim()}
  S: A1 OK done
  C: A2 LIST "" ""
  S: * LIST (\\Noselect) "/" ""
  S: A2 OK done
`

/** What the server says to SELECT, unless the scenario says otherwise. */
const SELECTED = [
  '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)',
  '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] ok',
  '* 3 EXISTS',
  '* 0 RECENT',
  '* OK [UIDVALIDITY 7] ok',
  '* OK [UIDNEXT 4] ok',
  'OK [READ-WRITE] done'
]

/**
 * A command that is to come, without its tag, and what the server says: untagged lines, and at
 * last the tagged one without its tag. Lines that begin with `C: `, `S: `, `S+: ` or `X: ` stand in
 * the trace as they are.
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
 * @param {object} words
 * @param {string} [words.capabilities] besides IMAP4rev1
 * @param {boolean | string[]} [words.open] whether the INBOX is opened first; or what the server says to it
 * @param {Exchange[]} [words.exchanges]
 * @param {Call[]} words.calls
 * @param {string[]} [words.deviates]
 * @param {object} [words.options]
 */
function session ({ capabilities = '', open = false, exchanges = [], calls, deviates, options }) {
  const condstore = /\bCONDSTORE\b/.test(capabilities) ? ' (CONDSTORE)' : ''
  const opening = open ? [[`SELECT "INBOX"${condstore}`, ...(Array.isArray(open) ? open : SELECTED)]] : []
  const all = [...opening, ...exchanges, ['LOGOUT', '* BYE see you', 'OK done']]
  return {
    script: `${login(capabilities)}${all.map((exchange, index) => lines(exchange, `A${index + 3}`)).join('')}`,
    options: { keepalive: false, ...options },
    ...(deviates ? { deviates } : {}),
    drive: (/** @type {any} */ imap, /** @type {(...values: any[]) => void} */ say) => {
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

/** {@link session} with the INBOX open; the first command has the tag A4. @param {Parameters<typeof session>[0]} words */
const opened = (words) => session({ open: true, ...words })

/** @param {Exchange} exchange @param {string} tag */
function lines ([command, ...answers], tag) {
  const script = answers.map((line, index) => {
    if (/^(S\+?|C|X): /.test(line)) return line
    return `S: ${index === answers.length - 1 ? `${tag} ` : ''}${line}`
  })
  const pattern = /^\/(.*)$/s.exec(command)
  return [`C: ${pattern ? `/^${tag} ${pattern[1]}` : `${tag} ${command}`}`, ...script, ''].join('\n')
}

/**
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
  // What an implementation does to its arguments is not to meet the next one.
  const given = args.map(copied)
  try {
    if (method === 'fetch') return tell(target.fetch(...given), say, next)
    target[method](...given, (/** @type {any[]} */ ...values) => {
      say(name, ...values)
      next()
    })
  } catch (error) {
    say(`${name} throws`, error)
    next()
  }
}

/**
 * Says what a fetch brings: each message once it ends, or when the fetch does, with its events.
 *
 * @param {any} fetch
 * @param {(...values: any[]) => void} say
 * @param {() => void} then
 */
function tell (fetch, say, then) {
  /** @type {Set<any[]>} */
  const open = new Set()
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    /** @type {any[]} */
    const story = ['message', seqno]
    open.add(story)
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      let text = ''
      story.push('body', info)
      stream.on('data', (/** @type {Buffer} */ data) => { text += data.toString('latin1') })
      stream.on('end', () => story.push('read', info.which, text))
    })
    message.on('attributes', (/** @type {any} */ attributes) => story.push('attributes', attributes))
    message.on('end', () => {
      if (open.delete(story)) say(...story)
    })
  })
  fetch.on('error', (/** @type {Error} */ error) => say('fetch error', error))
  fetch.on('end', () => {
    for (const story of open) say(...story, 'never ends')
    say('fetch end')
    then()
  })
}

/** A copy of arrays and plain objects; other values are themselves. @param {any} value @returns {any} */
function copied (value) {
  if (Array.isArray(value)) return value.map(copied)
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)]))
}

module.exports = { SELECTED, inTurn, login, opened, session, tell }
