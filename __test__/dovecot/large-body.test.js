// @ts-check
'use strict'

const assert = require('node:assert/strict')
const path = require('node:path')
const { after, before, test } = require('node:test')

const { Dovecot } = require('.')
const { child, sha256, within } = require('./support')

const MIB = 1024 * 1024
const SIZE = 200 * MIB
const MEMORY = 32 * MIB
// Slow beside loopback, which would bring all of it in about a second.
const BYTES_PER_SECOND = 20 * MIB
const DEADLINE_MS = 60_000

/** @type {Dovecot} */
let dovecot
before(async () => { dovecot = await Dovecot.start() })
after(() => dovecot?.stop())

/** A message no two mebibytes of which are the same, so that a lost or repeated piece shows. */
function largeMessage () {
  const message = Buffer.alloc(SIZE, `${'0123456789abcdef'.repeat(4)}${'-'.repeat(62)}\r\n`)
  message.write('Subject: large\r\n\r\n')
  for (let block = 1; block < SIZE / MIB; block++) message.write(`block ${block} `, block * MIB)
  return message
}

test('a body of 200 MB streams through a slow consumer within 32 MB', async (t) => {
  const message = largeMessage()
  const [warm, large] = await dovecot.fill('user', 'INBOX', ['Subject: warm\r\n\r\nx\r\n', message])
  const reader = child(path.join(__dirname, 'large-body.child.js'), {
    options: dovecot.options(), warm, large, bytesPerSecond: BYTES_PER_SECOND
  })
  t.after(reader.kill)
  const [result] = await within(DEADLINE_MS, reader.lines, 'the reader')
  assert.equal(result.announced, SIZE)
  assert.equal(result.size, SIZE)
  assert.equal(result.sha256, sha256(message))
  const growth = (result.peak - result.before) / MIB
  t.diagnostic(`${growth.toFixed(1)} MiB more at the peak, ${Math.round(result.milliseconds)} ms`)
  // A timer may be a millisecond early by the clock that measures it.
  assert.ok(result.milliseconds >= (SIZE - MIB) / BYTES_PER_SECOND * 1000, 'the consumer was not slow')
  assert.ok(growth < MEMORY / MIB, `the resident memory grew by ${growth.toFixed(1)} MiB`)
})
