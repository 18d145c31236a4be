// @ts-check
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const { test } = require('node:test')

const { Dovecot } = require('.')
const { child, within } = require('./support')

const SIZE = 64 * 1024 * 1024
const EXIT_MS = 20_000
const CALLBACKS = ['search', 'status', 'getBoxes', 'addFlags', 'copy', 'append', 'expunge']

/** @typedef {{ name: string, detail?: any }[]} Heard */

/**
 * Kills a Dovecot under a client.
 *
 * @param {import('node:test').TestContext} t
 * @param {(dovecot: Dovecot) => object} options
 * @param {{ fetching: boolean, listening: boolean }} how
 * @returns {Promise<Heard>} what the client heard until its process ended by itself
 */
async function killedUnder (t, options, how) {
  const dovecot = await Dovecot.start()
  t.after(() => dovecot.stop())
  await dovecot.doveadm('mailbox', 'create', '-u', 'user', 'Other')
  await dovecot.fill('user', 'INBOX', [Buffer.alloc(SIZE, `${'x'.repeat(62)}\r\n`)])
  /** @type {() => void} */
  let ready = () => {}
  const streaming = new Promise((resolve) => { ready = () => resolve(undefined) })
  const client = child(path.join(__dirname, 'killed.child.js'), { options: options(dovecot), ...how }, ready)
  t.after(client.kill)
  await within(EXIT_MS, Promise.race([streaming, client.lines]), 'the client\'s word that it is ready')
  await dovecot.kill()
  const lines = await within(EXIT_MS, client.lines, 'the end of the client, whose server is dead')
  return lines.at(-1).heard
}

/**
 * The end of the connection itself: rows 1 to 3 of what a drop can look like. The kernel of a
 * killed server sends FIN, or RST when it had not read all that we sent.
 *
 * @param {Heard} heard
 */
function assertClosed (heard) {
  const named = (/** @type {string} */ name) => heard.filter((event) => event.name === name)
  assert.equal(named('close').length, 1, 'close comes once')
  assert.equal(heard.at(-1)?.name, 'close', 'close comes last')
  const errors = named('error')
  assert.equal(named('close')[0].detail, errors.length > 0, 'close tells whether there was an error')
  if (errors.length === 0) {
    assert.equal(named('end').length, 1, 'end comes once')
    assert.equal(named('end')[0].detail, 'disconnected')
    return
  }
  assert.equal(errors.length, 1)
  assert.equal(errors[0].detail.source, 'socket')
  // EPIPE is a write that came after the RST; after `end` it would be an artefact.
  assert.ok(['ECONNRESET', 'EPIPE'].includes(errors[0].detail.code), JSON.stringify(errors[0]))
  assert.ok(named('end').length <= 1, 'end comes at most once')
  assert.ok(!heard.slice(0, heard.indexOf(errors[0])).some(({ name }) => name === 'end'), 'no error after end')
}

/** @param {any} error */
function assertLost (error) {
  assert.ok(error, 'there is an error')
  assert.equal(error.source, 'socket', JSON.stringify(error))
  assert.equal(typeof error.code, 'string', JSON.stringify(error))
  assert.ok(error.message.length > 0)
}

const WAYS = /** @type {[string, (dovecot: Dovecot) => object][]} */ ([
  ['TLS', (dovecot) => dovecot.options()],
  ['plain', (dovecot) => dovecot.plainOptions()],
  ['STARTTLS', (dovecot) => ({ ...dovecot.plainOptions(), autotls: 'always', tlsOptions: { ca: dovecot.ca } })]
])

for (const [way, options] of WAYS) {
  test(`${way}: killed in mid-fetch, every callback hears of it once`, async (t) => {
    const heard = await killedUnder(t, options, { fetching: true, listening: true })
    const names = heard.map(({ name }) => name)
    for (const name of CALLBACKS) {
      const calls = heard.filter((event) => event.name === `callback ${name}`)
      assert.equal(calls.length, 1, `${name}: ${calls.length} calls of its callback`)
      assertLost(calls[0].detail)
    }
    for (const fetch of ['fetch', 'queued fetch']) {
      const its = names.filter((name) => [`${fetch} error`, `${fetch} end`].includes(name))
      assert.deepEqual(its, [`${fetch} error`, `${fetch} end`])
      assertLost(heard.find(({ name }) => name === `${fetch} error`)?.detail)
    }
    assert.equal(names.filter((name) => name === 'fetch body error').length, 1)
    assertLost(heard.find(({ name }) => name === 'fetch body error')?.detail)
    assert.ok(!names.includes('fetch body end'), 'a body that was cut off does not end well')
    assertClosed(heard)
  })

  test(`${way}: killed while idle, end and close`, async (t) => {
    const heard = await killedUnder(t, options, { fetching: false, listening: true })
    assertClosed(heard)
    assert.deepEqual(heard.map(({ name }) => name), ['end', 'close'])
  })
}

test('killed in mid-fetch without listeners for errors, nothing is thrown', async (t) => {
  const heard = await killedUnder(t, (dovecot) => dovecot.options(), { fetching: true, listening: false })
  const names = heard.map(({ name }) => name)
  assert.equal(names.filter((name) => name === 'fetch end').length, 1)
  assert.equal(names.filter((name) => name === 'queued fetch end').length, 1)
  assertClosed(heard)
})
