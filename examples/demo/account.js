// @ts-check
'use strict'

// The demo on a real account, which it does not change.

const { duration, moment, number, sender, size, subject, time: clockTime } = require('./format')
const { onInterrupt } = require('./interrupt')
const { Listener } = require('./listener')
const { askPassword } = require('./password')
const { Interrupted, Session } = require('./session')
const { drawTable } = require('./table')
const { clean } = require('./text')
const { fetchBodies, showMailboxes, showNewest } = require('./tour')
const { VERSION } = require('./version')

/** @typedef {import('./options').Account} Account */
/** @typedef {import('./screen').Screen} Screen */

/** What `connTimeout` and `authTimeout` are for servers far away, in milliseconds. */
const CONNECT_MS = 20_000

/**
 * What was seen until the end.
 * @typedef {{ fetched?: import('./progress').Progress, listener?: Listener, since: number }} Seen
 */

/**
 * @param {Account} account
 * @param {Screen} screen
 */
async function run (account, screen) {
  if (account.passwordInUrl) warn('the password in --url can be read by others on this machine; IMAP_PASSWORD cannot')
  if (account.security === 'plain') warn('without TLS, everybody on the way can read the password and the mails')
  const where = `${clean(account.user)} on ${clean(account.host)}:${account.port}`
  const password = account.password || account.token ? account.password : await askPassword(`Password of ${where}: `)
  const session = new Session(config({ ...account, password }))
  const stop = onInterrupt(() => session.abort(new Interrupted('Interrupted')))
  /** @type {Seen} */
  const seen = { since: 0 }
  session.imap.on('alert', (text) => screen.line(`  ${screen.paint('the server says', 'yellow')} ${clean(String(text))}`))
  try {
    screen.line(`${screen.paint('everimap', 'bold')} ${VERSION}, read-only`)
    screen.line()
    await show(session, account, screen, seen)
  } catch (error) {
    screen.settle()
    if (!(error instanceof Interrupted)) {
      session.imap.destroy()
      throw advised(error)
    }
    const wasListening = seen.since > 0
    await session.close()
    if (wasListening) summarise(screen, seen)
    else process.exitCode = 130
  } finally {
    stop()
  }
}

/** @param {Account} account @returns {import('everimap').Config} */
function config ({ host, port, security, user, password, token }) {
  return {
    host,
    port,
    user,
    password,
    xoauth2: token && Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString('base64'),
    tls: security === 'tls',
    autotls: security === 'starttls' ? 'always' : 'never',
    connTimeout: CONNECT_MS,
    authTimeout: CONNECT_MS
  }
}

/**
 * Ends only by being aborted.
 * @param {Session} session
 * @param {Account} account
 * @param {Screen} screen
 * @param {Seen} seen
 */
async function show (session, account, screen, seen) {
  const before = performance.now()
  await session.connect()
  const how = { tls: 'over TLS', starttls: 'over STARTTLS', plain: 'without TLS' }[account.security]
  screen.fact('logged in', `${clean(account.user)} on ${clean(account.host)}:${account.port} ${how}`, `in ${duration(performance.now() - before)}`)
  await showMailboxes(session, screen)
  const box = await session.examine(account.mailbox)
  const { total } = box.messages
  screen.line()
  screen.fact('opened', clean(account.mailbox), `read-only, ${number(total)} messages`)
  const known = box.uidnext - 1
  seen.listener = new Listener(session, Math.max(known, 0), (arrival) => draw(arrival))
  const newest = await showNewest(session, screen, total)
  seen.listener.lastUid = Math.max(known, newest)
  const count = Math.min(total, account.limit)
  if (count > 0) {
    screen.heading('Fetching', `the newest ${number(count)} messages with their bodies`)
    seen.fetched = (await fetchBodies(session, screen, total, count)).progress
  }
  screen.heading('Listening', 'times are local; Ctrl-C ends')
  const fromColumns = screen.columns < 80 ? 12 : 20
  const row = drawTable(screen, [
    { title: 'ARRIVED', columns: 8, styles: ['green'] },
    { title: 'INTERNALDATE', columns: 12, styles: ['dim'] },
    { title: 'DATE', columns: 11, styles: ['dim'] },
    { title: 'FROM', columns: fromColumns, styles: ['cyan'] },
    { title: 'SUBJECT', columns: Math.max(8, screen.columns - 42 - fromColumns) }
  ], [])
  /** @param {import('./listener').Arrival} arrival */
  const draw = ({ time, date, envelope }) => {
    row([clockTime(time).slice(0, 8), moment(date), moment(envelope && envelope.date), sender(envelope), subject(envelope)])
  }
  seen.since = performance.now()
  seen.listener.start()
  await session.lost
}

/**
 * @param {Screen} screen
 * @param {Seen} seen
 */
function summarise (screen, { fetched, listener, since }) {
  screen.heading('Summary')
  if (fetched) {
    const missing = fetched.total - fetched.messages
    screen.fact('fetched', `${number(fetched.messages)} messages, ${size(fetched.bytes)}`, missing > 0 ? `${number(missing)} were gone` : '')
    screen.fact('rate', fetched.rate)
  }
  if (listener) {
    screen.fact('listened', duration(performance.now() - since))
    screen.fact('announced', `${number(listener.announced)} mail${listener.announced === 1 ? '' : 's'}`)
  }
  screen.fact('logged out', 'in order; nothing was changed')
}

/** What to do about errors that happen to everybody once. @param {any} error */
function advised (error) {
  /** @type {Record<string, string>} */
  const hints = {
    EAUTH: 'Many providers want an app password, or a token in IMAP_TOKEN',
    ENOSTARTTLS: 'Try imaps://; --insecure-plain would send the password in the clear',
    EAUTHTIMEOUT: 'If the port is one for TLS, write imaps://',
    ERR_SSL_WRONG_VERSION_NUMBER: 'If the port is one without TLS, write imap://',
    ENOTFOUND: 'Check the host in --url',
    ECONNREFUSED: 'Check the host and the port in --url',
    SELF_SIGNED_CERT_IN_CHAIN: 'Or name a file with its authority in NODE_EXTRA_CA_CERTS',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'Or name a file with it in NODE_EXTRA_CA_CERTS',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Name a file with its authority in NODE_EXTRA_CA_CERTS'
  }
  const hint = hints[error.code] || (error.textCode === 'NONEXISTENT' ? 'Check the mailbox in --url' : '')
  return hint ? Object.assign(error, { hint }) : error
}

/** @param {string} text */
function warn (text) {
  process.stderr.write(`demo: warning: ${text}\n`)
}

module.exports = { run }
