// @ts-check
'use strict'

// The demo on a server of its own.

const { duration, number, sender, size, subject, time } = require('./format')
const { onInterrupt } = require('./interrupt')
const { Listener } = require('./listener')
const { Peer } = require('./peer-process')
const { Interrupted, Session } = require('./session')
const { drawTable } = require('./table')
const { fetchBodies, showMailboxes, showNewest } = require('./tour')
const { VERSION } = require('./version')

/** @typedef {import('./screen').Screen} Screen */
/** @typedef {import('./peer').Ready} Ready */

/** The demo needs a few seconds; after so many milliseconds it has failed. */
const DEADLINE_MS = 60_000

/** How long the announcement of a delivered mail may take, in milliseconds. */
const ANNOUNCE_MS = 10_000

/** @param {Screen} screen */
async function run (screen) {
  const started = performance.now()
  screen.line(`${screen.paint('everimap', 'bold')} ${VERSION} on a server of its own`)
  screen.line()
  const peer = new Peer('peer.js')
  /** @type {Session | undefined} */
  let session
  const giveUp = (/** @type {Error} */ error) => {
    peer.fail(error)
    if (session) session.abort(error)
  }
  const timer = setTimeout(() => giveUp(new Error(`The demo was not done after ${DEADLINE_MS / 1000} s`)), DEADLINE_MS)
  const stop = onInterrupt(() => giveUp(new Interrupted('Interrupted')))
  peer.failed.catch((error) => session && session.abort(error))
  try {
    const account = await peer.ready
    screen.fact('server', `${number(account.messages)} messages, ${size(account.bytes)}`,
      `in a process of its own, ready after ${duration(performance.now() - started)}`)
    session = new Session({
      host: '127.0.0.1',
      port: account.port,
      user: account.user,
      password: account.password,
      tls: true,
      tlsOptions: { ca: account.ca }
    })
    await show(session, screen, peer, account)
    await session.close()
    screen.fact('total', duration(performance.now() - started))
  } catch (error) {
    screen.settle()
    if (session) session.imap.destroy()
    if (!(error instanceof Interrupted)) throw error
    process.exitCode = 130
  } finally {
    clearTimeout(timer)
    stop()
    peer.stop()
  }
}

/**
 * @param {Session} session
 * @param {Screen} screen
 * @param {Peer} peer
 * @param {Ready} account
 */
async function show (session, screen, peer, account) {
  const before = performance.now()
  await session.connect()
  screen.fact('logged in', `127.0.0.1:${account.port} over TLS`, `in ${duration(performance.now() - before)}`)
  await showMailboxes(session, screen)
  const box = await session.examine('INBOX')
  await showNewest(session, screen, box.messages.total)
  screen.heading('Fetching', `all ${number(box.messages.total)} messages with their bodies`)
  const { progress, digests } = await fetchBodies(session, screen, box.messages.total, Infinity)
  compare(account, digests)
  const { delays, delivered, announced } = await listen(session, screen, peer, box.uidnext - 1)
  screen.heading('Summary')
  screen.fact('fetched', `${number(progress.messages)} messages, ${size(progress.bytes)}`, 'every byte compared (SHA-256)')
  screen.fact('rate', progress.rate)
  screen.fact('delivered', `${delivered} mails`)
  screen.fact('announced', `${announced} mails`)
  delays.sort((a, b) => a - b)
  const median = (delays[delays.length - 1 >> 1] + delays[delays.length >> 1]) / 2
  screen.fact('delay', `median ${duration(median)}, max ${duration(delays[delays.length - 1])}`)
}

/**
 * @param {Ready} account
 * @param {Map<number, string>} digests
 */
function compare (account, digests) {
  const wrong = account.digests.filter(([uid, digest]) => digests.get(uid) !== digest)
  if (wrong.length > 0) {
    const [uid] = wrong[0]
    throw new Error(`${number(wrong.length)} of ${number(account.digests.length)} messages did not arrive as they are ` +
      `on the server, the first with UID ${uid}`)
  }
  if (digests.size !== account.digests.length) throw new Error(`${digests.size - account.digests.length} messages arrived that the server does not have`)
}

/**
 * Waits for the mails that the peer delivers, and shows each.
 * @param {Session} session
 * @param {Screen} screen
 * @param {Peer} peer
 * @param {number} lastUid
 */
async function listen (session, screen, peer, lastUid) {
  screen.heading('Listening', 'delay from the delivery over there to the event \'mail\' here')
  const fromColumns = screen.columns < 80 ? 12 : 20
  const draw = drawTable(screen, [
    { title: 'TIME', columns: 12, styles: ['dim'] },
    { title: 'DELAY', columns: 9, align: 'right', styles: ['green'] },
    { title: 'FROM', columns: fromColumns, styles: ['cyan'] },
    { title: 'SUBJECT', columns: Math.max(8, screen.columns - 30 - fromColumns) }
  ], [])
  /** In milliseconds. @type {number[]} */
  const delays = []
  let changed = () => {}
  const listener = new Listener(session, lastUid, async ({ uid, at, time: when, envelope }) => {
    // The mail may be faster than the word of its delivery.
    const delay = at - await peer.delivered(uid)
    delays.push(delay)
    draw([time(when), duration(delay), sender(envelope), subject(envelope)])
    changed()
  })
  listener.start()
  const delivered = await Promise.race([peer.ask('deliver', 'finished'), session.lost])
  await Promise.race([session.lost, new Promise((resolve, reject) => {
    const lost = () => reject(new Error(`${delivered - delays.length} of ${delivered} delivered mails were not announced within ${ANNOUNCE_MS / 1000} s`))
    const timer = setTimeout(lost, ANNOUNCE_MS)
    changed = () => {
      if (delays.length < delivered) return
      clearTimeout(timer)
      resolve(undefined)
    }
    changed()
    session.lost.catch(() => clearTimeout(timer))
  })])
  const { announced } = listener
  if (announced !== delivered) throw new Error(`${announced} mails were announced, ${delivered} were delivered`)
  return { delays, delivered, announced }
}

module.exports = { run }
