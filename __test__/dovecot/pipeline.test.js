// @ts-check
'use strict'

// Many calls at once, on npm imap and on everimap with commands that fly together: a real server
// mixes its answers, and the program must not see that.

const assert = require('node:assert/strict')
const { after, before, test } = require('node:test')

// @ts-ignore: it has no types here
const NodeImap = require('imap')
const { Dovecot } = require('.')
const { sample } = require('./messages')
const { Imap, PATIENCE_MS, within } = require('./support')

const MESSAGES = 6
const MAILBOXES = ['One', 'Two', 'Grüße']
/** Dovecot mixes answers or not as the bytes come: once shows little. */
const ROUNDS = 5

/** @typedef {(name: string, ...values: any[]) => void} Say */

/** @type {Dovecot} */
let dovecot
let users = 0

before(async () => { dovecot = await Dovecot.start() })
after(() => dovecot?.stop())

plays('fetches of one message at once each get it', (imap, say) => {
  for (const name of ['first', 'second', 'third']) follow(imap.fetch(1, { bodies: '', markSeen: true }), name, say)
})

plays('fetches of several messages each get their own', (imap, say) => {
  for (const set of ['1', '2:3', '3:4', '99', '5:*', '6']) {
    follow(imap.fetch(set, { bodies: ['HEADER', ''], envelope: true }), set, say)
  }
})

plays('searches see what was changed before them, and nothing that is changed later', (imap, say) => {
  const search = (/** @type {any[]} */ criteria) => imap.search(criteria, (/** @type {any} */ error, /** @type {any} */ uids) => say('found', error, uids))
  search(['FLAGGED'])
  imap.addFlags([1, 2, 3], '\\Flagged', (/** @type {any} */ error) => say('added', error))
  search(['FLAGGED'])
  imap.delFlags(2, '\\Flagged', (/** @type {any} */ error) => say('deleted', error))
  search(['FLAGGED'])
  follow(imap.fetch('1:3'), 'flags', say)
  follow(imap.fetch(1, { bodies: '', markSeen: true }), 'marking', say)
  search(['UNSEEN'])
  imap.addFlags(4, '\\Deleted', (/** @type {any} */ error) => say('deleted', error))
  imap.addFlags(5, 'kept', (/** @type {any} */ error) => say('kept', error))
  imap.copy([4, 5], 'One', (/** @type {any} */ error, /** @type {any} */ uids) => say('copied', error, uids))
  imap.status('One', (/** @type {any} */ error, /** @type {any} */ box) => say('status', error, box.messages))
  imap.expunge((/** @type {any} */ error) => say('expunged', error))
  search(['ALL'])
})

plays('numbers of mailboxes come to those who asked for them', (imap, say) => {
  for (const name of [...MAILBOXES, 'nowhere', 'inbox', ...MAILBOXES]) {
    imap.status(name, (/** @type {any} */ error, /** @type {any} */ box) => say(name, error, box?.name, box?.messages.total))
  }
  imap.getBoxes((/** @type {any} */ error, /** @type {any} */ boxes) => say('boxes', error, Object.keys(boxes).sort()))
  imap.search(['ALL'], (/** @type {any} */ error, /** @type {any} */ uids) => say('found', error, uids))
  follow(imap.seq.fetch('1:*'), 'by number', say)
})

plays('callbacks that ask for more are heard in their turn', (imap, say) => {
  for (const name of ['one', 'two']) {
    imap.search(['UNSEEN'], (/** @type {any} */ error, /** @type {number[]} */ uids) => {
      say(`${name} found`, error, uids)
      for (const uid of uids) follow(imap.fetch(uid, { bodies: '', markSeen: true }), `${name}, ${uid}`, say)
      imap.status('One', (/** @type {any} */ error) => say(`${name} status`, error))
    })
  }
})

/**
 * @param {string} name
 * @param {(imap: any, say: Say) => void} play what the program does with a mailbox that is open
 */
function plays (name, play) {
  test(name, async () => {
    const expected = await played(new NodeImap(await options()), play)
    assert.ok(expected.length > 1)
    for (let round = 0; round < ROUNDS; round++) {
      assert.deepEqual(await played(new Imap({ ...await options(), pipeline: true }), play), expected)
    }
  })
}

/** A user whose mail is as everybody's at the beginning. */
async function options () {
  const user = dovecot.user(`user${users++}`)
  await dovecot.doveadm('mailbox', 'create', '-u', user, ...MAILBOXES)
  await dovecot.fill(user, 'One', [sample(7)])
  await dovecot.fill(user, 'Two', [sample(8), sample(9)])
  await dovecot.fill(user, 'INBOX', Array.from({ length: MESSAGES }, (_, number) => sample(number + 1)))
  return { user, password: 'secret', host: '127.0.0.1', port: dovecot.port, keepalive: true }
}

/**
 * @param {any} imap
 * @param {(imap: any, say: Say) => void} play
 * @returns {Promise<string[]>} what it saw, in order
 */
function played (imap, play) {
  /** @type {string[]} */
  const seen = []
  /** @type {Say} */
  const say = (name, ...values) => seen.push(`${name} ${JSON.stringify(values.map((value) => value instanceof Error ? value.message : value))}`
    .replace(/ \([\d. +]+ secs\)/, ''))
  const over = new Promise((resolve, reject) => {
    imap.once('close', () => resolve(seen))
    imap.once('error', reject)
  })
  imap.once('ready', () => imap.openBox('INBOX', () => {
    for (const name of ['mail', 'expunge', 'update']) imap.on(name, (/** @type {any[]} */ ...values) => say(name, ...values))
    play(imap, say)
    whenQuiet(seen, () => imap.end())
  }))
  imap.connect()
  return within(PATIENCE_MS, over, 'the end of the play')
}

/** How long nothing comes once all has come, in ms. */
const QUIET_MS = 250

/** @param {string[]} seen @param {() => void} then */
function whenQuiet (seen, then) {
  const { length } = seen
  setTimeout(() => seen.length === length && length > 0 ? then() : whenQuiet(seen, then), QUIET_MS)
}

/**
 * Tells all that comes of a fetch.
 *
 * @param {any} fetch
 * @param {string} name
 * @param {Say} say
 */
function follow (fetch, name, say) {
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    say(`${name}: message`, seqno)
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      let text = ''
      stream.setEncoding('latin1').on('data', (/** @type {string} */ chunk) => { text += chunk })
      stream.on('end', () => say(`${name}: body`, seqno, info.which, text))
    })
    message.on('attributes', (/** @type {any} */ { uid, flags }) => {
      say(`${name}: attributes`, uid, flags.filter((/** @type {string} */ flag) => flag !== '\\Recent'))
    })
    message.on('end', () => say(`${name}: message ends`, seqno))
  })
  fetch.on('error', (/** @type {Error} */ error) => say(`${name}: error`, error))
  fetch.on('end', () => say(`${name}: end`))
}
