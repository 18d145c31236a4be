// @ts-check
'use strict'

// What npm imap 0.8.19 sends and throws, recorded in vectors/, through the public API. An entry
// with `differs` records what is mended (contract section 10); what is expected instead stands here.

// The vectors were recorded in UTC, and dates are sent in local time.
process.env.TZ = 'UTC'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { isDeepStrictEqual } = require('node:util')

const { PATIENCE_MS, call, connected, serving, within } = require('./support')

const isNodeImap = !!process.env.IMAP_IMPLEMENTATION
const INTEGER = 'UID/seqno must be an integer, "*", or a range: '

/** By the value that is passed. */
const MENDED = [
  { given: [['LARGER', '10k']], differs: 'Q-81', throws: 'Search option argument must be a number' },
  { given: [['UID', [1, 2, 3]]], differs: 'Q-07', command: 'UID SEARCH UID 1,2,3' },
  { given: [['UID', '1,2,3']], differs: 'Q-07', command: 'UID SEARCH UID 1,2,3' },
  { given: [['OR', ['SEEN', 'FLAGGED'], 'DRAFT']], differs: 'Q-07', command: 'UID SEARCH OR (SEEN FLAGGED) (DRAFT)' },
  { given: '1,2,3', differs: 'Q-07', command: 'UID FETCH 1,2,3 (UID FLAGS INTERNALDATE)' },
  { given: [[1, 2], [3]], differs: 'Q-07', command: 'UID FETCH 1,2,3 (UID FLAGS INTERNALDATE)' },
  { given: '5x', differs: 'Q-07', throws: `${INTEGER}5x` },
  { given: ['*', 'junk'], differs: 'Q-07', throws: `${INTEGER}junk` },
  { given: 12.5, differs: 'Q-07', throws: `${INTEGER}12.5` },
  { given: { bodies: true }, differs: 'Q-33', command: 'UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[])' },
  { given: { bodies: null }, differs: 'Q-33', command: 'UID FETCH 1 (UID FLAGS INTERNALDATE)' }
]

/** @typedef {{ caps?: string[], command?: string, throws?: string, errorName?: string, continuationLinesLatin1?: string[], differs?: string, [given: string]: any }} Vector */

vectors('search', require('./vectors/search.json'), 180, 'criteria', (imap, criteria) => {
  return (done) => imap.search(criteria, done)
})

vectors('message sets', require('./vectors/message-sets.json'), 28, 'source', (imap, source) => {
  return (done) => fetched(imap.fetch(source), done)
})

vectors('fetch', require('./vectors/fetch-commands.json'), 67, 'options', (imap, options, { seq }) => {
  return (done) => fetched((seq ? imap.seq : imap).fetch(1, options), done)
})

/**
 * @param {string} topic
 * @param {Vector[]} entries
 * @param {number} count
 * @param {string} key what is passed
 * @param {(imap: any, given: any, entry: Vector) => (done: () => void) => void} make
 */
function vectors (topic, entries, count, key, make) {
  test(`${topic}: all ${count} vectors are played`, () => assert.equal(entries.length, count))
  for (const capabilities of new Set(entries.map(({ caps = [] }) => caps.join(' ')))) {
    const group = entries.filter(({ caps = [] }) => caps.join(' ') === capabilities)
    test(`${topic}, with the capabilities ${capabilities || 'of IMAP4rev1'}`, async (t) => {
      const server = await serving(t, { capabilities: ['IMAP4rev1', ...capabilities.split(' ')].filter(Boolean) })
      server.inbox.deliver('Subject: x\n\n')
      const imap = await connected({ ...server.options, keepalive: false })
      t.after(() => imap.destroy())
      await call(imap, 'openBox', 'INBOX')
      for (const entry of group) {
        const name = JSON.stringify(entry[key])
        await t.test(name, () => check(server, expected(entry, revive(entry[key])), make(imap, revive(entry[key]), entry)))
      }
    })
  }
}

/**
 * @param {import('./support').Server} server
 * @param {Vector} entry
 * @param {(done: () => void) => void} start
 */
async function check (server, entry, start) {
  const from = server.lines.length
  if (entry.throws !== undefined) {
    assert.throws(() => start(() => {}), { name: entry.errorName ?? 'Error', message: entry.throws })
    assert.equal(server.lines.length, from)
    return
  }
  await within(PATIENCE_MS, new Promise((resolve) => start(() => resolve(undefined))), 'the answer')
  const [line, ...rest] = server.lines.slice(from)
  assert.equal(String(line).replace(/^A\d+ /, ''), entry.command)
  const continuations = []
  for (let at = 0; at < rest.length; at += 2) {
    continuations.push(/** @type {Buffer} */ (rest[at]).toString('latin1') + Buffer.from(String(rest[at + 1])).toString('latin1'))
  }
  assert.deepEqual(continuations, entry.continuationLinesLatin1 ?? [])
}

/** @param {Vector} entry @param {any} given @returns {Vector} what must happen */
function expected (entry, given) {
  if (!entry.differs || isNodeImap) return entry
  const mended = MENDED.find((one) => isDeepStrictEqual(one.given, given))
  assert.ok(mended, `nothing says what is expected of ${JSON.stringify(given)}`)
  assert.equal(mended.differs, entry.differs)
  return mended
}

/** @param {any} fetch @param {() => void} done */
function fetched (fetch, done) {
  // The test peer does not know Gmail's items.
  fetch.on('error', () => {})
  fetch.on('end', done)
}

/** JSON as the value that was recorded. @param {any} value @returns {any} */
function revive (value) {
  if (Array.isArray(value)) return value.map(revive)
  if (value === null || typeof value !== 'object') return value
  if ('$date' in value) return new Date(value.$date)
  if ('$undefined' in value) return undefined
  if ('$nan' in value) return NaN
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revive(inner)]))
}
