// @ts-check
'use strict'

// mail-listener5: events for each new mail and each of its attachments; one connection for life.

const fs = require('node:fs')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')

const { Server } = require('../../server')
const { PATIENCE_MS } = require('../../support')
const { Record } = require('../record')
const { refusing } = require('../stage')

/** @typedef {import('../stage').Stage} Stage */

const EVENTS = ['server:connected', 'mailbox', 'mail', 'headers', 'body', 'attachment', 'server:disconnected', 'error']
const POLL_MS = 10

/** @param {Stage} stage */
async function drive (stage) {
  for (const way of /** @type {const} */ (['TLS', 'plain'])) {
    stage.begin(way)
    await listening(stage, way)
    await restart(stage, way)
  }
  stage.begin('faults')
  await refusals(stage)
  await resets(stage)
}

/**
 * @param {Stage} stage
 * @param {'TLS' | 'plain'} way
 */
async function listening (stage, way) {
  const user = await stage.user(`heard-${way}`, 3)
  const directory = path.join(stage.dovecot.folder, `attachments-${way}`) + path.sep
  fs.mkdirSync(directory)
  const { listener, events } = listen(stage, {
    ...stage.options(way, user), fetchUnreadOnStart: true, markSeen: true, attachments: true, attachmentOptions: { directory }
  })
  listener.start()
  await events.until('body', 2)
  await events.until('attachment', 2)
  stage.note('the unseen mails at start()', ordered(events.take()))
  await stage.deliver(user, 'news')
  await events.until('body')
  stage.note('a new mail', events.take())
  listener.stop()
  await events.until('server:disconnected')
  stage.note('stop()', events.take())
  stage.note('the attachments', await written(directory, ['a 1.bin', 'undefined']))
  stage.note('what Dovecot keeps', await stage.stored(user))
}

/**
 * The server goes away and comes back; the same listener is started again.
 *
 * @param {Stage} stage
 * @param {'TLS' | 'plain'} way
 */
async function restart (stage, way) {
  const user = await stage.user(`restart-${way}`)
  const { listener, events } = listen(stage, { ...stage.options(way, user), markSeen: true, searchFilter: 'UNSEEN' })
  const connection = new Record().listen(listener.imap, ['ready', 'close', 'error'])
  listener.start()
  await events.until('server:connected')
  await stage.dovecot.halt()
  await events.until('server:disconnected')
  stage.note('the server goes away', [events.take(), connection.take()])
  listener.start()
  await connection.until('close')
  stage.note('start() meanwhile', [events.take(), connection.take()])
  await stage.dovecot.resume()
  // It listens for `ready` once in its life: its users do this before they start it again.
  listener.imap.once('ready', listener.imapReady.bind(listener))
  listener.start()
  await events.until('server:connected')
  await stage.deliver(user, 'news after the restart')
  // Once for each time it has been ready.
  await events.until('body', 2)
  stage.note('start() after the restart', events.take())
  listener.stop()
  await connection.until('close')
  stage.note('stop() after the restart', [events.take(), connection.take()])
}

/** @param {Stage} stage */
async function refusals (stage) {
  const user = await stage.user('refused')
  for (const way of /** @type {const} */ (['TLS', 'plain'])) {
    const options = stage.options(way, user)
    await refused(stage, `${way}, wrong password`, { ...options, password: 'wrong' })
    await refused(stage, `${way}, connection refused`, { ...options, port: await refusing() })
  }
  const { listener, events } = listen(stage, { ...stage.options('TLS', user), mailbox: 'nowhere' })
  listener.start()
  await events.until('error')
  listener.stop()
  await events.until('server:disconnected')
  stage.note('a mailbox that is missing', events.take())
}

/**
 * @param {Stage} stage
 * @param {string} step
 * @param {object} options
 */
async function refused (stage, step, options) {
  const { listener, events } = listen(stage, options)
  listener.start()
  await events.until('server:disconnected')
  stage.note(step, events.take())
}

/** @param {Stage} stage */
async function resets (stage) {
  for (const tls of [true, false]) {
    const server = await Server.start({ tls })
    const { listener, events } = listen(stage, { ...server.options, tlsOptions: { rejectUnauthorized: false } })
    listener.start()
    await events.until('server:connected')
    server.inbox.deliver('Subject: before\n\nbefore\n')
    await events.until('body')
    stage.note(`${tls ? 'TLS' : 'plain'}, a mail before the reset`, events.take())
    server.fault({ do: 'reset' })
    await events.until('server:disconnected')
    stage.note(`${tls ? 'TLS' : 'plain'}, reset`, events.take())
    await server.stop()
  }
}

/**
 * @param {Stage} stage
 * @param {any} options
 */
function listen (stage, { user, ...options }) {
  const { MailListener } = stage.load()
  const listener = new MailListener({ username: user, ...options })
  return { listener, events: new Record().listen(listener, EVENTS) }
}

/**
 * Mails are parsed side by side, so only the order within each one is sure.
 *
 * @param {any[][]} events
 */
function ordered (events) {
  const number = (/** @type {any[]} */ event) => event.find((value) => typeof value === 'number') ?? 0
  return events.map((event) => event.map((value) => typeof value === 'string' ? path.basename(value) : value))
    .sort((one, other) => number(one) - number(other))
}

/**
 * Nothing tells when the program has written an attachment: it is awaited.
 *
 * @param {string} directory
 * @param {string[]} names
 */
async function written (directory, names) {
  const deadline = Date.now() + PATIENCE_MS
  const isThere = (/** @type {string} */ name) => fs.existsSync(directory + name) && fs.statSync(directory + name).size > 0
  while (!names.every(isThere) && Date.now() < deadline) await delay(POLL_MS)
  return fs.readdirSync(directory).sort().map((name) => [name, fs.readFileSync(directory + name)])
}

module.exports = { drive }
