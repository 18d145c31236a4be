// @ts-check
'use strict'

const { domainToASCII } = require('node:url')

/** How many messages of an account are fetched when `--limit` does not say. */
const DEFAULT_LIMIT = 2000

/** How long --chaos lasts when neither --seconds nor --minutes says so. */
const DEFAULT_SECONDS = 30

/** Seeds are below this. */
const SEEDS = 2 ** 32

const USAGE = `npm run demo                              everimap on a server of its own, a few seconds
npm run demo -- --url imaps://user@host   the same on your account, strictly read-only
npm run demo -- --chaos                   a listener that must stay whole while everything breaks

Shows the mailboxes as a tree, the newest 10 messages as a table, fetches messages with their
bodies behind a progress bar, then listens: each mail is shown as it arrives.

Without --url, 2,000 messages are served by a small IMAP server in a process of its own on
127.0.0.1, which then delivers 8 mails; each is shown with its delay, in milliseconds from the
delivery over there to the event 'mail' here. Ends by itself.

With --url, mailboxes are opened with EXAMINE and messages fetched with BODY.PEEK: nothing is
changed, not even a flag. Listens until Ctrl-C, which logs out and prints a summary.

With --chaos, mail arrives all the time at a server of the demo's own, whose connections are cut,
reset, stalled, ended with BYE and for their age, in the middle of a login and of a rotation too,
whose logins are refused, and which restarts. The listener comes back by itself; a line for each
fault tells how long that took. Fails if any mail is lost or announced twice.

Options
  --url imaps://user@host[:port][/mailbox]   TLS; port 993 unless given
  --url imap://user@host[:port][/mailbox]    plain connection upgraded with STARTTLS; port 143
        The mailbox is INBOX unless given. User and mailbox are percent-decoded: write %40 for @,
        %2F for / in a user, %20 for a space, %23 for #, %3F for ?
  --limit <n>            fetch the newest n messages; 0 fetches none. Default ${DEFAULT_LIMIT}
  --insecure-plain       with imap://: no TLS at all; the password travels in the clear
  --chaos                break everything
  --seconds <n>          with --chaos: how long. Default ${DEFAULT_SECONDS}
  --minutes <n>          the same in minutes
  --seed <n>             with --chaos: the same order of faults again. Default: any; it is printed
  --help, -h             this text

Environment
  IMAP_PASSWORD          the password. Without it, and without one in the URL, it is asked for
  IMAP_TOKEN             an OAuth 2.0 access token (XOAUTH2), instead of a password
  NODE_EXTRA_CA_CERTS    a file of certificates (PEM) to trust beside Node's own
  NO_COLOR               no colours, if it is set to anything

Exit code: 0 done, 1 an error or something lost or doubled, 2 wrong usage, 130 interrupted by Ctrl-C
before the listening, or without --url.
`

/** The command line is wrong; the message says what to write instead. */
class UsageError extends Error {}

/**
 * An account to look at.
 * @typedef {object} Account
 * @property {string} host
 * @property {number} port
 * @property {'tls' | 'starttls' | 'plain'} security
 * @property {string} user
 * @property {string} mailbox
 * @property {number} limit how many messages to fetch at most
 * @property {string} [password]
 * @property {boolean} passwordInUrl
 * @property {string} [token]
 */

/**
 * What --chaos is to do.
 * @typedef {object} Chaos
 * @property {number} seed
 * @property {number} seconds
 */

/**
 * @typedef {object} Given what the command line says
 * @property {boolean} [help]
 * @property {boolean} [plain]
 * @property {string} [url]
 * @property {number} [limit]
 * @property {boolean} [chaos]
 * @property {number} [seconds]
 * @property {number} [seed]
 */

/**
 * @param {string[]} args
 * @param {Record<string, string | undefined>} environment
 * @returns {{ help: boolean, account?: Account, chaos?: Chaos }}
 */
function parseOptions (args, environment) {
  const given = readArguments(args)
  if (given.help) return { help: true }
  assertTogether(given)
  if (given.chaos) {
    const { seed = Math.floor(Math.random() * SEEDS), seconds = DEFAULT_SECONDS } = given
    return { help: false, chaos: { seed, seconds } }
  }
  if (given.url === undefined) return { help: false }
  const place = parseUrl(given.url, !!given.plain)
  return {
    help: false,
    account: {
      ...place,
      limit: given.limit ?? DEFAULT_LIMIT,
      password: place.password || environment.IMAP_PASSWORD || undefined,
      passwordInUrl: !!place.password,
      token: environment.IMAP_TOKEN || undefined
    }
  }
}

/** Each option has a use. @param {Given} given */
function assertTogether ({ url, limit, plain, chaos, seconds, seed }) {
  const ofAccounts = limit !== undefined ? '--limit' : plain ? '--insecure-plain' : ''
  if (url === undefined && ofAccounts) throw new UsageError(`${ofAccounts} goes with an account: add --url imaps://user@host`)
  const ofChaos = seconds !== undefined ? '--seconds or --minutes' : seed !== undefined ? '--seed' : ''
  if (!chaos && ofChaos) throw new UsageError(`${ofChaos} goes with --chaos: add that`)
  if (chaos && url !== undefined) throw new UsageError('--chaos breaks only a server of its own: leave out --url')
}

/** @param {string[]} args */
function readArguments (args) {
  /** @type {Given} */
  const given = {}
  for (let at = 0; at < args.length; at++) {
    const { name, value } = split(args[at])
    const operand = (/** @type {string} */ example) => {
      const next = value ?? args[++at]
      if (next === undefined || next === '') throw new UsageError(`${name} needs a value, e.g. ${name} ${example}`)
      return next
    }
    if (name === '--help' || name === '-h') given.help = true
    else if (name === '--insecure-plain') given.plain = true
    else if (name === '--url') given.url = operand('imaps://user@imap.example.com/INBOX')
    else if (name === '--limit') given.limit = parseLimit(operand('500'))
    else if (name === '--chaos') given.chaos = true
    else if (name === '--seconds') given.seconds = parseTime(name, operand('60'))
    else if (name === '--minutes') given.seconds = 60 * parseTime(name, operand('5'))
    else if (name === '--seed') given.seed = parseSeed(operand('7'))
    else throw unknown(args[at])
  }
  return given
}

/** @param {string} argument `--name` or `--name=value` */
function split (argument) {
  const equals = argument.startsWith('--') ? argument.indexOf('=') : -1
  if (equals < 0) return { name: argument, value: undefined }
  return { name: argument.slice(0, equals), value: argument.slice(equals + 1) }
}

/** @param {string} argument */
function unknown (argument) {
  if (/^imaps?:/i.test(argument)) return new UsageError('An account is given with an option: write --url imaps://user@host')
  return new UsageError(`There is no option '${hidePassword(argument)}'; there are --url, --limit, --insecure-plain, --chaos, --seconds, --minutes, --seed, --help`)
}

/** @param {string} text */
function parseLimit (text) {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`--limit takes a number of messages, 0 or more, e.g. --limit 500; got '${text}'`)
}

/** @param {string} name @param {string} text */
function parseTime (name, text) {
  if (/^\d{1,6}(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text)
  throw new UsageError(`${name} takes a number above 0, e.g. ${name} 5; got '${text}'`)
}

/** @param {string} text */
function parseSeed (text) {
  if (/^\d{1,10}$/.test(text) && Number(text) < SEEDS) return Number(text)
  throw new UsageError(`--seed takes a whole number from 0 to ${SEEDS - 1}, as the demo prints it; got '${text}'`)
}

/**
 * @param {string} text `imaps://user[:password]@host[:port][/mailbox]`
 * @param {boolean} plain whether TLS is not wanted
 */
function parseUrl (text, plain) {
  const scheme = (/^([a-z][a-z0-9+.-]*):\/\//i.exec(text) || ['', ''])[1].toLowerCase()
  if (scheme !== 'imaps' && scheme !== 'imap') {
    throw new UsageError(`--url begins with imaps:// or imap://, e.g. imaps://user@imap.example.com; got '${hidePassword(text)}'`)
  }
  if (plain && scheme === 'imaps') {
    throw new UsageError('--insecure-plain contradicts imaps://: leave it out, or write imap://')
  }
  const url = readUrl(text)
  for (const [part, sign, code] of [[url.search, '?', '%3F'], [url.hash, '#', '%23']]) {
    if (part) throw new UsageError(`--url has a '${sign}': in the name of a user or mailbox write ${code}`)
  }
  if (!url.username) throw new UsageError(`--url names no user: write ${scheme}://user@${url.host}`)
  return {
    host: hostOf(url),
    port: url.port ? Number(url.port) : scheme === 'imaps' ? 993 : 143,
    security: /** @type {Account['security']} */ (scheme === 'imaps' ? 'tls' : plain ? 'plain' : 'starttls'),
    user: decode(url.username, 'user'),
    password: url.password ? decode(url.password, 'password') : undefined,
    mailbox: decode(url.pathname.slice(1), 'mailbox') || 'INBOX'
  }
}

/** @param {string} text */
function readUrl (text) {
  let url
  try {
    url = new URL(text)
  } catch {
    throw new UsageError(`--url cannot be read: write imaps://user@host[:port][/mailbox]; got '${hidePassword(text)}'`)
  }
  if (!url.hostname) throw new UsageError(`--url names no host: write imaps://user@host; got '${hidePassword(text)}'`)
  if (url.port === '0') throw new UsageError('--url has the port 0: write one from 1 to 65535, or leave it out')
  return url
}

/** The host as the resolver wants it: IPv6 without brackets, other scripts in ASCII. @param {URL} url */
function hostOf (url) {
  if (url.hostname.startsWith('[')) return url.hostname.slice(1, -1)
  const host = domainToASCII(decode(url.hostname, 'host'))
  if (host) return host
  throw new UsageError(`--url has a host that cannot be: '${url.hostname}'; write a name like imap.example.com`)
}

/**
 * @param {string} text
 * @param {string} part
 */
function decode (text, part) {
  let decoded
  try {
    decoded = decodeURIComponent(text)
  } catch {
    throw new UsageError(`--url has a '%' in its ${part} that is no code for a character: write %25 for a '%'`)
  }
  // eslint-disable-next-line no-control-regex
  if (!/[\0\r\n]/.test(decoded)) return decoded
  throw new UsageError(`--url has a line end or NUL in its ${part}: leave it out`)
}

/** Error messages end up in logs. @param {string} text */
function hidePassword (text) {
  return text.replace(/^([a-z0-9+.-]+:\/\/)?([^:/@]*):.*@/i, '$1$2:***@')
}

module.exports = { DEFAULT_LIMIT, USAGE, UsageError, parseOptions }
