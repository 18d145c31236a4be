// @ts-check
'use strict'

// Servers and networks that say nothing any more: each is noticed within its deadline (resilience
// 2.11). What a kernel must notice, because packets are lost, needs a network of its own.

const SILENT = 'nothing; state authenticated'
const FAILED = 'error EDEADLINE, end, close(true)'
const BACK = 'disconnected (transient), reconnected'

/** @type {import('./stage').Probe[]} */
module.exports = [
  {
    id: 'D1',
    title: '`+` does not come after IDLE',
    deadlineMs: 10_000,
    expected: { imap: SILENT, off: FAILED, on: BACK },
    async play (t) {
      const server = await t.serve()
      const silent = server.fault({ on: /IDLE$/, do: 'stall' })
      const imap = await t.open(server, { keepalive: true })
      await silent.fired
      t.begin()
      return t.settled(imap, 13_000)
    }
  },
  {
    id: 'D2',
    title: 'half-open while idle: the network swallows all (`idleInterval` 300 ms)',
    deadlineMs: 15_300,
    expected: { imap: SILENT, off: FAILED, on: BACK },
    async play (t) {
      const server = await t.serve()
      const relay = await t.relay(server.port)
      const imap = await t.idle(server, { port: relay.port, keepalive: { interval: 100, idleInterval: 300 } })
      relay.blackhole()
      t.begin()
      return t.settled(imap, 18_500)
    }
  },
  {
    id: 'D3',
    title: 'half-open with a command on its way: the network swallows it',
    deadlineMs: 15_000,
    expected: {
      imap: `${SILENT}; search never calls back`,
      off: `${FAILED}; search fails with ECONNLOST`,
      on: `${BACK}; search finds 1`
    },
    async play (t) {
      const server = await t.serve()
      server.inbox.deliver('Subject: one\n\n')
      const relay = await t.relay(server.port)
      const imap = await t.idle(server, { port: relay.port })
      relay.blackhole()
      t.begin()
      return withSearch(t, imap, 18_000)
    }
  },
  {
    id: 'D4',
    title: 'a wedged server whose kernel still answers, and a command during IDLE',
    deadlineMs: 15_000,
    expected: {
      imap: `${SILENT}; search never calls back`,
      off: `${FAILED}; search fails with ECONNLOST`,
      on: `${BACK}; search finds 1`
    },
    async play (t) {
      const server = await t.serve()
      server.inbox.deliver('Subject: one\n\n')
      const imap = await t.idle(server)
      server.connections[0].stall()
      t.begin()
      return withSearch(t, imap, 18_000)
    }
  },
  {
    id: 'D5',
    title: 'end(), and LOGOUT is not answered',
    deadlineMs: 5000,
    expected: { imap: SILENT, off: 'end, close(false)', on: 'end, close(false)' },
    async play (t) {
      const server = await t.serve()
      const silent = server.fault({ on: /LOGOUT$/, do: 'stall' })
      const imap = await t.open(server)
      imap.end()
      await silent.fired
      t.begin()
      return t.settled(imap, 8000)
    }
  }
]

/**
 * Searches, and tells what comes of it.
 *
 * @param {import('./stage').Stage} t
 * @param {any} imap
 * @param {number} limit in milliseconds
 */
async function withSearch (t, imap, limit) {
  let found = 'search never calls back'
  const searched = new Promise((resolve) => imap.search(['ALL'], (/** @type {any} */ error, /** @type {number[]} */ uids) => {
    found = error ? `search fails with ${error.code}` : `search finds ${uids.length}`
    resolve(undefined)
  }))
  await t.settled(imap, limit)
  if (t.noticed < Infinity) await searched
  return t.outcome(imap, found)
}
