// @ts-check
'use strict'

// mail-notifier: an event for each new mail; `start()` makes a new connection.

const { Server } = require('../../server')
const { Record } = require('../record')
const { refusing } = require('../stage')

/** @typedef {import('../stage').Stage} Stage */

const EVENTS = ['connected', 'mail', 'error', 'end']

/** @param {Stage} stage */
async function drive (stage) {
  for (const way of /** @type {const} */ (['TLS', 'plain'])) {
    stage.begin(way)
    await notifications(stage, way)
    await unmarked(stage, way)
  }
  stage.begin('faults')
  await refusals(stage)
  await resets(stage)
}

/**
 * @param {Stage} stage
 * @param {'TLS' | 'plain'} way
 */
async function notifications (stage, way) {
  const user = await stage.user(`notified-${way}`, 6)
  const notifier = stage.load()(stage.options(way, user))
  const events = new Record().listen(notifier, EVENTS)
  notifier.start()
  await events.until('mail', 4)
  stage.note('the unseen mails at start()', events.take())
  await stage.deliver(user, 'news')
  await events.until('mail')
  stage.note('a new mail', events.take())

  const lost = closed(notifier)
  await stage.dovecot.halt()
  stage.note('close when the server goes away', await lost)
  stage.note('the server goes away', events.take())
  notifier.start()
  await events.until('error')
  stage.note('start() meanwhile', events.take())
  await stage.dovecot.resume()
  notifier.start()
  await events.until('connected')
  await stage.deliver(user, 'news after the restart')
  await events.until('mail')
  stage.note('start() after the restart', events.take())

  const stopped = closed(notifier)
  notifier.stop()
  stage.note('close after stop()', await stopped)
  stage.note('stop()', events.take())
  notifier.stop()
  stage.note('stop() again', [events.take(), notifier.imap.state])
  stage.note('what Dovecot keeps', await stage.stored(user))
}

/**
 * Another filter and box, and mails that stay unseen.
 *
 * @param {Stage} stage
 * @param {'TLS' | 'plain'} way
 */
async function unmarked (stage, way) {
  const user = await stage.user(`unmarked-${way}`, 6)
  const search = ['ALL', ['SUBJECT', 'attachments']]
  const notifier = stage.load()({ ...stage.options(way, user), markSeen: false, search })
  const events = new Record().listen(notifier, EVENTS)
  notifier.start()
  await events.until('mail')
  stage.note('a filter of one\'s own, markSeen: false', events.take())
  const stopped = closed(notifier)
  notifier.stop()
  await stopped
  events.take()
  stage.note('what Dovecot keeps of unmarked mails', await stage.stored(user))

  const missing = stage.load()({ ...stage.options(way, user), box: 'nowhere' })
  events.listen(missing, EVENTS)
  missing.start()
  await events.until('error')
  const ended = closed(missing)
  missing.stop()
  await ended
  stage.note('a box that is missing', events.take())
}

/** @param {Stage} stage */
async function refusals (stage) {
  const user = await stage.user('refused')
  for (const way of /** @type {const} */ (['TLS', 'plain'])) {
    const options = stage.options(way, user)
    await refused(stage, `${way}, wrong password`, { ...options, password: 'wrong' })
    await refused(stage, `${way}, connection refused`, { ...options, port: await refusing() })
  }
}

/**
 * @param {Stage} stage
 * @param {string} step
 * @param {object} options
 */
async function refused (stage, step, options) {
  const notifier = stage.load()(options)
  const events = new Record().listen(notifier, EVENTS)
  notifier.start()
  stage.note(`${step}, close`, await closed(notifier))
  stage.note(step, events.take())
}

/** @param {Stage} stage */
async function resets (stage) {
  for (const tls of [true, false]) {
    const server = await Server.start({ tls })
    const notifier = stage.load()({ ...server.options, tlsOptions: { rejectUnauthorized: false } })
    const events = new Record().listen(notifier, EVENTS)
    server.inbox.deliver('Subject: before\n\nbefore\n')
    notifier.start()
    await events.until('mail')
    events.take()
    const lost = closed(notifier)
    server.fault({ do: 'reset' })
    stage.note(`${tls ? 'TLS' : 'plain'}, reset, close`, await lost)
    stage.note(`${tls ? 'TLS' : 'plain'}, reset`, events.take())
    await server.stop()
  }
}

/**
 * @param {any} notifier that was started
 * @returns {Promise<boolean>} the argument of `close`, with which its connection is over
 */
async function closed (notifier) {
  const close = new Record().listen(notifier.imap, ['close'])
  await close.until('close')
  return close.entries[0][1]
}

module.exports = { drive }
