// @ts-check
'use strict'

// What both forms of the demo show of a mailbox: the tree, the newest messages, all bodies.

const { createHash } = require('node:crypto')
const { minute, number, sender, size, subject } = require('./format')
const { Progress } = require('./progress')
const { drawTable } = require('./table')
const { clean } = require('./text')

/** @typedef {import('./screen').Screen} Screen */
/** @typedef {import('./session').Session} Session */
/** @typedef {import('everimap').MailBoxes} Tree */

/** How many messages the table shows. */
const NEWEST = 10

/** How many mailboxes are counted and shown at most. */
const MAX_MAILBOXES = 60

/**
 * Shows the mailboxes as a tree. The one that will be opened must not be open yet.
 * @param {Session} session
 * @param {Screen} screen
 */
async function showMailboxes (session, screen) {
  const all = flatten(await session.boxes())
  const shown = all.slice(0, MAX_MAILBOXES)
  // Asked for together: everimap sends them without waiting for each answer.
  const counts = await Promise.all(shown.map(({ name, node }) => isSelectable(node)
    ? session.status(name).catch(refusedOnly)
    : null))
  screen.heading('Mailboxes', number(all.length))
  drawTable(screen, [
    { title: 'NAME', min: 12 },
    { title: 'USE', styles: ['magenta'] },
    { title: 'MESSAGES', align: 'right' },
    { title: 'UNSEEN', align: 'right', styles: ['yellow'] }
  ], shown.map(({ label, node }, index) => {
    const count = counts[index]
    const use = clean((/** @type {any} */ (node).special_use_attrib || '').replace('\\', ''))
    if (!count) return [label, use, '-', '-']
    return [label, use, number(count.messages.total), number(count.messages.unseen || 0)]
  }))
  if (all.length > shown.length) screen.line(`  … and ${number(all.length - shown.length)} more`)
}

/**
 * A server may refuse to count one mailbox; the others are shown.
 * @param {any} error
 */
function refusedOnly (error) {
  if (error.type === 'no') return null
  throw error
}

/** @param {any} node */
function isSelectable (node) {
  return !(node.attribs || []).some((/** @type {string} */ attribute) => /^\\(noselect|nonexistent)$/i.test(attribute))
}

/**
 * The tree in the order it is drawn, INBOX first.
 * @param {Tree} tree
 * @param {string} [path]
 * @param {string} [stem] what is drawn before the branches
 * @returns {{ name: string, label: string, node: any }[]}
 */
function flatten (tree, path = '', stem = '') {
  const names = Object.keys(tree).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
  return names.flatMap((name, index) => {
    const node = tree[name]
    const isLast = index === names.length - 1
    const isRoot = path === ''
    const full = path + name
    const label = stem + (isRoot ? '' : isLast ? '└─ ' : '├─ ') + clean(name)
    const below = isRoot ? '' : stem + (isLast ? '   ' : '│  ')
    const children = node.children ? flatten(node.children, full + (node.delimiter || '/'), below) : []
    return [{ name: full, label, node }, ...children]
  })
}

/** @param {string} name */
function rank (name) {
  return name.toUpperCase() === 'INBOX' ? 0 : 1
}

/**
 * Shows the newest messages of the open mailbox.
 * @param {Session} session
 * @param {Screen} screen
 * @param {number} total how many messages there are
 * @returns {Promise<number>} the highest UID among them, or 0
 */
async function showNewest (session, screen, total) {
  if (total === 0) {
    screen.heading('Newest messages', 'the mailbox is empty')
    return 0
  }
  const first = Math.max(1, total - NEWEST + 1)
  const request = session.imap.seq.fetch(`${first}:${total}`, { envelope: true, struct: true, size: true })
  /** @type {any[]} */
  const messages = []
  await session.fetched('fetching the newest messages', request, (message) => {
    message.once('attributes', (attributes) => messages.push(attributes))
  })
  messages.sort((a, b) => b.uid - a.uid)
  screen.heading('Newest messages')
  drawTable(screen, [
    { title: 'UID', align: 'right', styles: ['dim'] },
    { title: 'DATE', styles: ['dim'] },
    { title: 'FROM', min: 8, max: 24, styles: ['cyan'] },
    { title: 'SUBJECT', min: 8 },
    { title: 'SIZE', align: 'right' },
    { title: '📎' }
  ], messages.map(({ uid, date, envelope, size: bytes, struct }) => [
    String(uid),
    minute(envelope && envelope.date > 0 ? envelope.date : date),
    sender(envelope),
    subject(envelope),
    size(bytes || 0),
    hasAttachment(struct) ? '📎' : ''
  ]))
  return messages.length > 0 ? messages[0].uid : 0
}

/**
 * Whether a part of the message is a file.
 * @param {any} struct the message's parts as node-imap nests them
 * @returns {boolean}
 */
function hasAttachment (struct) {
  if (!Array.isArray(struct)) return false
  return struct.some((part) => {
    if (Array.isArray(part)) return hasAttachment(part)
    return !!part && !!part.disposition && /^attachment$/i.test(part.disposition.type)
  })
}

/**
 * Fetches the newest messages with their bodies, behind a progress bar.
 * @param {Session} session
 * @param {Screen} screen
 * @param {number} total how many messages there are
 * @param {number} limit how many to fetch at most
 */
async function fetchBodies (session, screen, total, limit) {
  const count = Math.min(total, limit)
  const request = session.imap.seq.fetch(`${total - count + 1}:${total}`, { bodies: '' })
  const progress = new Progress(screen, count)
  /** What arrived: the SHA-256 of each message by its UID. @type {Map<number, string>} */
  const digests = new Map()
  try {
    await session.fetched('fetching the messages', request, (message, seqno, alive) => {
      const hash = createHash('sha256')
      message.once('body', (stream, { size: announced }) => {
        let received = 0
        stream.on('data', (/** @type {Buffer} */ chunk) => {
          received += chunk.length
          hash.update(chunk)
          progress.received(chunk.length)
          alive()
        })
        stream.once('end', () => {
          if (received !== announced) session.abort(new Error(`Message ${seqno} was cut: ${received} of ${announced} bytes came`))
        })
      })
      message.once('attributes', ({ uid }) => digests.set(uid, hash.digest('hex')))
      message.once('end', () => progress.advance())
    })
  } finally {
    progress.finish()
  }
  return { progress, digests }
}

module.exports = { fetchBodies, showMailboxes, showNewest }
