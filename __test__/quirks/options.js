// @ts-check
'use strict'

// The configuration.

const assert = require('node:assert/strict')
const { closed, login, recorded, serving, session, tracing } = require('./stage')

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-59',
    verdict: 'KEEP',
    title: 'the default port is 143, with TLS, too',
    async play (Imap) {
      assert.equal(new Imap({ tls: true })._config.port, 143)
    }
  },
  {
    id: 'Q-68',
    verdict: 'FIX',
    title: 'options from the environment are taken as numbers and switches',
    red: /The "msecs" argument must be of type number/,
    async play (Imap, t) {
      const server = await tracing(t, login('IDLE') + 'C: A3 LOGOUT\nS: A3 OK bye')
      const imap = new Imap({
        ...server.options,
        port: String(server.port),
        socketTimeout: '60000',
        connTimeout: '20000',
        authTimeout: '20000',
        tls: 'false',
        keepalive: 'false'
      })
      imap.once('ready', () => imap.end())
      imap.connect()
      await closed(imap)
      await server.done()
    }
  },
  {
    id: 'Q-68',
    verdict: 'FIX',
    title: 'values that are no time are refused by name, and flood nobody',
    red: /Missing expected exception/,
    async play (Imap, t) {
      const server = await serving(t)
      for (const value of ['10s', -1, 2 ** 31, Infinity, '1e3']) {
        for (const [name, options] of /** @type {[string, object][]} */ ([
          ['keepalive.interval', { keepalive: { interval: value, forceNoop: true } }],
          ['keepalive.idleInterval', { keepalive: { idleInterval: value } }],
          ['connTimeout', { connTimeout: value }],
          ['authTimeout', { authTimeout: value }],
          ['socketTimeout', { socketTimeout: value }]
        ])) {
          assert.throws(() => new Imap({ ...server.options, ...options }).connect(), (/** @type {any} */ error) => {
            assert.ok(error instanceof TypeError || error instanceof RangeError, error.stack)
            assert.ok(error.message.includes(`\`${name}\``), error.message)
            assert.match(error.message, /expected a number of milliseconds from 0 to 2147483647/)
            return true
          })
        }
      }
      assert.equal(server.accepted, 0)
    }
  },
  {
    id: 'Q-68',
    verdict: 'FIX',
    title: 'details of keepalive from the environment are numbers and switches, too',
    red: /expected IDLE IDLE, got NOOP NOOP/,
    async play (Imap, t) {
      const { imap, server } = await session(t, `
        C: IDLE IDLE
        S: + idling
        C: DONE
        S: IDLE OK done
        C: IDLE IDLE
        S: + idling`, { capabilities: 'IDLE', options: { keepalive: { interval: '50', idleInterval: '100', forceNoop: 'false' } } })
      await server.done({ timeout: t.limit })
      assert.equal(imap.state, 'authenticated')
    }
  },
  {
    id: 'Q-69',
    verdict: 'FIX',
    title: 'a connect() that throws has said all: no error and no close follow',
    red: /got \[ \[ 'error', Error: Timed out while connecting to server/,
    async play (Imap) {
      const connTimeout = 100
      const imap = new Imap({ host: '127.0.0.1', port: 70000, connTimeout })
      const events = recorded(imap)
      assert.throws(() => imap.connect(), RangeError)
      // Nothing is awaited here: node-imap's timer rings after `connTimeout`, if it was left on.
      await new Promise((resolve) => setTimeout(resolve, 4 * connTimeout))
      assert.deepEqual(events, [])
      assert.equal(imap.state, 'disconnected')
    }
  }
]
