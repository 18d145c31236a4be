// @ts-check
'use strict'

// node-red-node-email: its node `e-mail in`, which fetches by itself or when it is triggered, and
// connects again when the server has been away.

const { Server } = require('../../server')
const { Runtime } = require('../node-red')
const { refusing } = require('../stage')

/** @typedef {import('../stage').Stage} Stage */
/** @typedef {ReturnType<Runtime['start']>} Node */

/** The text of a status. */
const CONNECTING = 'node-red:common.status.connecting'
const DISCONNECTED = 'node-red:common.status.disconnected'
const FAILED = 'email.status.connecterror'
const FETCHING = 'email.status.fetching'
const FETCHED = /^email\.status\.fetched \{"number":"(\d+)"\}$/

/** @param {Stage} stage */
async function drive (stage) {
  const runtime = new Runtime(stage.load('./61-email.js'))
  stage.begin('auto')
  await auto(stage, runtime, 'TLS')
  await auto(stage, runtime, 'plain')
  await auto(stage, runtime, 'STARTTLS')
  stage.begin('trigger')
  for (const disposition of ['None', 'Read', 'Delete']) await triggered(stage, runtime, disposition)
  await criteria(stage, runtime)
  stage.begin('faults')
  await refusals(stage, runtime)
  await resets(stage, runtime)
}

/**
 * It stays connected, hears of new mail, and comes back after a restart of the server.
 *
 * @param {Stage} stage
 * @param {Runtime} runtime
 * @param {'TLS' | 'plain' | 'STARTTLS'} way
 */
async function auto (stage, runtime, way) {
  const user = await stage.user(`auto-${way}`, 4)
  const node = runtime.start('e-mail in', config(stage, way, user, { disposition: 'Read', repeat: 1 }))
  await settled(node, 1)
  look(stage, node, `${way}, at first`)
  await stage.deliver(user, 'news')
  await settled(node, 1)
  look(stage, node, `${way}, a new mail`)

  await stage.dovecot.halt()
  await shown(node, DISCONNECTED)
  await shown(node, CONNECTING)
  look(stage, node, `${way}, the server goes away`)
  await shown(node, FAILED)
  look(stage, node, `${way}, meanwhile`)
  await stage.dovecot.resume()
  await settled(node, 0)
  // How often it was refused until then is a matter of time.
  const { events } = taken(node)
  stage.note(`${way}, after the restart`, events.slice(events.map(([, status]) => status?.text).lastIndexOf(CONNECTING)))
  await stage.deliver(user, 'news after the restart')
  await settled(node, 1)
  look(stage, node, `${way}, a new mail after the restart`)
  node.close()
  await shown(node, DISCONNECTED)
  look(stage, node, `${way}, closed`)
  stage.note(`${way}, what Dovecot keeps`, await stage.stored(user))
}

/**
 * It fetches once for each message that it gets.
 *
 * @param {Stage} stage
 * @param {Runtime} runtime
 * @param {string} disposition
 */
async function triggered (stage, runtime, disposition) {
  const user = await stage.user(`trigger-${disposition}`, 6)
  const node = runtime.start('e-mail in', config(stage, 'TLS', user, { disposition, inputs: 1, fetch: 'trigger', criteria: '_msg_' }))
  look(stage, node, `${disposition}, not triggered`)
  for (const [step, criteria, query] of /** @type {[string, any[], string[]][]} */ ([
    ['once', ['UNSEEN'], ['UNSEEN']],
    ['again', ['UNSEEN'], ['UNSEEN']],
    ['with other criteria', [['FROM', 'sender4'], 'SEEN'], ['FROM', 'sender4', 'SEEN']],
    ['without a result', [['SUBJECT', 'nothing like this']], ['SUBJECT', 'nothing like this']]
  ])) {
    await answer(node, criteria, await found(stage, user, query))
    look(stage, node, `${disposition}, ${step}`)
    stage.note(`${disposition}, ${step}, what Dovecot keeps`, await stage.stored(user))
  }
  node.close()
}

/**
 * @param {Stage} stage
 * @param {Runtime} runtime
 */
async function criteria (stage, runtime) {
  const user = await stage.user('criteria', 6)
  for (const [criteria, query] of /** @type {[any, string[]?][]} */ ([
    [['NONSENSE']],
    [[['SINCE', 'nonsense']]],
    ['UNSEEN'],
    [[['UID', '1:*']], ['ALL']],
    [['!SEEN', ['LARGER', 300]], ['UNSEEN', 'LARGER', '300']]
  ])) {
    const node = runtime.start('e-mail in', config(stage, 'TLS', user, { inputs: 1, fetch: 'trigger', criteria: '_msg_' }))
    await answer(node, criteria, query && await found(stage, user, query))
    look(stage, node, `criteria ${JSON.stringify(criteria)}`)
    node.close()
  }
}

/**
 * Triggers it and waits for all that comes of it.
 *
 * @param {Node} node
 * @param {any} criteria
 * @param {number} [mails] how many there are; without it, an error is what comes
 */
async function answer (node, criteria, mails) {
  node.emit('input', { topic: 'replaced', kept: 'kept', criteria })
  await node.record.until('done')
  if (mails === undefined) return node.record.until('error')
  await shown(node, DISCONNECTED)
  await node.record.until('sent', mails)
}

/**
 * @param {Stage} stage
 * @param {string} user
 * @param {string[]} query as `doveadm search` takes it
 * @returns {Promise<number>} how many mails Dovecot itself finds
 */
async function found (stage, user, query) {
  const lines = await stage.dovecot.doveadm('search', '-u', user, 'mailbox', 'INBOX', ...query)
  return lines.split('\n').filter(Boolean).length
}

/**
 * @param {Stage} stage
 * @param {Runtime} runtime
 */
async function refusals (stage, runtime) {
  const user = await stage.user('refused')
  await stage.dovecot.doveadm('mailbox', 'create', '-u', user, 'Archive/2024', 'Grüße')
  for (const way of /** @type {const} */ (['TLS', 'plain'])) {
    const good = config(stage, way, user, { inputs: 1, fetch: 'trigger' })
    for (const [step, wrong, last] of /** @type {[string, object, string?][]} */ ([
      ['wrong password', { ...good, credentials: { userid: user, password: 'wrong' } }],
      ['connection refused', { ...good, port: await refusing() }, FAILED],
      ['a box that is missing', { ...good, box: 'nowhere' }]
    ])) {
      const node = runtime.start('e-mail in', wrong)
      node.emit('input', {})
      await node.record.until('done')
      await node.record.until('error')
      if (last) await shown(node, last)
      look(stage, node, `${way}, ${step}`)
      node.close()
    }
  }
}

/**
 * A connection that is reset is no error for its users: it connects again.
 *
 * @param {Stage} stage
 * @param {Runtime} runtime
 */
async function resets (stage, runtime) {
  for (const tls of [true, false]) {
    const server = await Server.start({ tls })
    const way = tls ? 'TLS' : 'plain'
    const node = runtime.start('e-mail in', {
      ...config(stage, way, 'user', { repeat: 1 }), port: server.port
    })
    await settled(node, 0)
    taken(node)
    server.fault({ do: 'reset' })
    await shown(node, CONNECTING)
    await settled(node, 0)
    look(stage, node, `${way}, reset`)
    node.close()
    await shown(node, DISCONNECTED)
    await server.stop()
  }
}

/**
 * @param {Stage} stage
 * @param {'TLS' | 'plain' | 'STARTTLS'} way
 * @param {string} user
 * @param {object} more
 */
function config (stage, way, user, more) {
  const { host, port, tls, password } = stage.options(way === 'TLS' ? 'TLS' : 'plain', user)
  return {
    protocol: 'IMAP', server: host, port, useSSL: tls, autotls: way === 'STARTTLS' ? 'always' : 'never', box: 'INBOX', criteria: 'UNSEEN',
    credentials: { userid: user, password }, ...more
  }
}

/**
 * Waits until it has sent so many mails since the last look at least, and every search that it
 * began on this connection is done with.
 *
 * @param {Node} node
 * @param {number} mails
 */
function settled (node, mails) {
  return node.record.when(() => {
    const texts = node.statuses.slice(node.statuses.lastIndexOf(CONNECTING))
    const begun = texts.filter((text) => text === FETCHING).length
    const done = texts.filter((text) => FETCHED.test(text)).length
    // Being ready has the same status as the beginning of a search.
    return done > 0 && begun === done + 1 && fresh(node) >= mails && node.sent.length === fetched(node)
  }, `${mails} mails and the end of all searches`)
}

/**
 * @param {Node} node
 * @returns {number} how many mails its statuses told of, ever
 */
function fetched (node) {
  return node.statuses.reduce((sum, text) => sum + Number(FETCHED.exec(text)?.[1] ?? 0), 0)
}

/** @param {Node} node */
function fresh (node) {
  return node.record.named('sent').length
}

/**
 * Waits for a status, unless it came since the last look.
 *
 * @param {Node} node
 * @param {string} text
 */
function shown (node, text) {
  return node.record.when(() => node.record.entries.some(([name, status]) => name.startsWith('status') && status.text === text), text)
}

/**
 * Notes what it did since the last look. Mails are parsed side by side, so only what they are is
 * sure, not when they come.
 *
 * @param {Stage} stage
 * @param {Node} node
 * @param {string} step
 */
function look (stage, node, step) {
  const { events, sent } = taken(node)
  stage.note(step, events)
  if (sent.length > 0) stage.note(`${step}, mails`, sent)
}

/** @param {Node} node */
function taken (node) {
  const id = (/** @type {any} */ { header }) => header['message-id']
  const sent = node.sent.slice(node.sent.length - fresh(node)).sort((one, other) => id(one) < id(other) ? -1 : 1)
  return { events: node.record.take().filter(([name]) => name !== 'sent' && name !== 'status again'), sent }
}

module.exports = { drive }
