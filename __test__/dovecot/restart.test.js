// @ts-check
'use strict'

// A Dovecot that is restarted and killed while mail arrives: a session with `reconnect` announces
// each message once. DELIVERIES=1000 makes it a longer run.

const assert = require('node:assert/strict')
const { EventEmitter, once } = require('node:events')
const { test } = require('node:test')

const { Dovecot } = require('.')
const { Imap, call, within } = require('./support')

const DELIVERIES = Number(process.env.DELIVERIES || 100)
/** A restart after so many deliveries. */
const EVERY = 25
/** `doveadm` starts a process for each delivery. */
const PATIENCE_MS = 10_000 + DELIVERIES * 100
/** Fast enough for a test; a real account keeps the defaults. */
const RECONNECT = { baseMs: 20, capMs: 200, loginsPerMinute: 1e6 }

test(`${DELIVERIES} deliveries while Dovecot is restarted: each is announced once, and none is missing`, async (t) => {
  const dovecot = await Dovecot.start()
  t.after(() => dovecot.stop())
  const imap = new Imap({ ...dovecot.options(), reconnect: RECONNECT })
  t.after(() => imap.destroy())
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  await call(imap, 'openBox', 'INBOX')
  /** @type {number[]} */
  const announced = []
  let reconnects = 0
  for (const never of ['error', 'end', 'close']) imap.on(never, () => assert.fail(`'${never}' while the session comes back`))
  imap.on('mail', (/** @type {number} */ _count, /** @type {any} */ { uids }) => announced.push(...uids))
  imap.on('reconnected', () => reconnects++)

  const delivering = delivery(dovecot)
  for (let restarts = 0; restarts < DELIVERIES / EVERY; restarts++) {
    await within(PATIENCE_MS, delivering.until(restarts * EVERY), `${restarts * EVERY} deliveries`)
    await (restarts % 2 ? dovecot.kill() : dovecot.halt())
    const back = once(imap, 'reconnected')
    await dovecot.resume()
    await within(PATIENCE_MS, back, 'reconnected')
  }
  await delivering.all
  while (announced.length < DELIVERIES) await within(PATIENCE_MS, once(imap, 'mail'), `mail after ${announced.length}`)

  assert.equal(new Set(announced).size, DELIVERIES, 'distinct UIDs')
  assert.equal(announced.length, DELIVERIES, 'none announced twice')
  assert.deepEqual(announced, await call(imap, 'search', ['ALL']))
  assert.ok(reconnects >= DELIVERIES / EVERY)
  for (const never of ['error', 'end', 'close']) imap.removeAllListeners(never)
  imap.end()
  await within(PATIENCE_MS, once(imap, 'close'), 'close')
  t.diagnostic(`${announced.length} announced, ${reconnects} reconnects`)
})

/**
 * Delivers without a pause, and again what could not be delivered while the server was down.
 *
 * @param {Dovecot} dovecot
 */
function delivery (dovecot) {
  const emitter = new EventEmitter()
  let delivered = 0
  const all = (async () => {
    while (delivered < DELIVERIES) {
      try {
        await dovecot.save('user', 'INBOX', `Subject: ${delivered + 1}\r\n\r\nx\r\n`)
      } catch (error) {
        // EX_TEMPFAIL: not delivered, because the server is down. Mail transport tries again.
        if (!String(error).includes('ended with 75')) throw error
        await new Promise((resolve) => setImmediate(resolve))
        continue
      }
      delivered++
      emitter.emit('delivered')
    }
  })()
  return {
    all,
    /** @param {number} number of deliveries to wait for */
    async until (number) {
      while (delivered < number) await once(emitter, 'delivered')
    }
  }
}
