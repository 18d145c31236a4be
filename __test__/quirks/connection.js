// @ts-check
'use strict'

// How connections live and end.

const assert = require('node:assert/strict')
const { call, closed, ended, life, login, logout, once, opened, recorded, serving, session, turns } = require('./stage')

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-02',
    verdict: 'FIX',
    title: 'over TLS an orderly close is \'end\' and \'close\', as in clear text',
    red: /got \[ \[ 'close', false \] \]/,
    async play (Imap, t) {
      const { imap, server } = await session(t, '', { trace: { tls: true } })
      const events = recorded(imap)
      await server.done()
      server.connections[0].close()
      await closed(imap)
      assert.deepEqual(events, [['end'], ['close', false]])
    }
  },
  {
    id: 'Q-03',
    verdict: 'FIX',
    title: 'socketTimeout holds over TLS, too',
    red: /^close: not within/,
    hangs: true,
    async play (Imap, t) {
      const { imap } = await session(t, 'X: wait ever', { trace: { tls: true }, options: { socketTimeout: 1000 } })
      const events = recorded(imap)
      /** @type {string[]} */
      const states = []
      imap.on('error', () => states.push(imap.state))
      await closed(imap)
      const [, error] = events[0]
      assert.deepEqual(events, [['error', error], ['close', false]])
      assert.deepEqual([error.message, error.source, states], ['Socket timed out while talking to server', 'socket-timeout', ['disconnected']])
    }
  },
  {
    id: 'Q-04',
    verdict: 'FIX',
    title: 'a TLS peer that leaves without close_notify has ended, no more',
    red: /got \[ \[ 'end' \], \[ 'error', Error: This socket has been ended by the other party/,
    async play (Imap, t) {
      const { imap, server } = await session(t, '', { trace: { tls: true } })
      const events = recorded(imap)
      await server.done()
      server.connections[0].cut()
      await closed(imap)
      await turns()
      assert.deepEqual(events, [['end'], ['close', false]])
    }
  },
  {
    id: 'Q-06',
    verdict: 'FIX',
    title: 'a lost connection ends every callback, fetch and body that was waiting, before close',
    red: /got \[ 'message', 'body', 'end', 'close' \]/,
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: /^A4 UID FETCH/
        S: * 1 FETCH (UID 1 FLAGS () BODY[TEXT] {10}
        S+: abc
        X: wait asked
        X: cut`)
      /** @type {string[]} */
      const told = []
      /** @type {any[]} */
      const errors = []
      const note = (/** @type {string} */ name) => (/** @type {any} */ error) => {
        told.push(name)
        if (error instanceof Error) errors.push(error)
      }
      const fetch = imap.fetch('1:*', { bodies: 'TEXT' })
      fetch.on('error', note('fetch error')).on('end', note('fetch end'))
      fetch.on('message', (/** @type {any} */ message) => {
        told.push('message')
        message.on('body', (/** @type {any} */ stream) => {
          told.push('body')
          stream.resume().on('error', note('body error')).on('close', note('body close'))
          server.release('asked')
        })
      })
      imap.status('first', note('first'))
      imap.addBox('second', note('second'))
      imap.on('end', note('end')).on('close', note('close'))
      await closed(imap)
      await turns()
      assert.deepEqual(told, ['message', 'body', 'fetch error', 'fetch end', 'first', 'second', 'body error', 'body close', 'end', 'close'])
      assert.equal(new Set(errors).size, 1)
      assert.deepEqual([errors[0].source, errors[0].code], ['socket', 'ECONNLOST'])
    }
  },
  {
    id: 'Q-48',
    verdict: 'FIX',
    title: 'destroy() closes, whatever the peer does',
    red: /^close: not within/,
    hangs: true,
    async play (Imap, t) {
      const { imap } = await session(t, 'X: wait ever')
      const events = recorded(imap)
      imap.destroy()
      await closed(imap)
      assert.deepEqual([events, imap.state], [[['end'], ['close', false]], 'disconnected'])
    }
  },
  {
    id: 'Q-49',
    verdict: 'FIX',
    title: 'end() closes in the end, also when LOGOUT is not answered',
    red: /^close: not within/,
    hangs: true,
    async play (Imap, t) {
      const { imap } = await session(t, 'C: A3 LOGOUT\nX: wait ever')
      const events = recorded(imap)
      imap.end()
      await closed(imap)
      assert.deepEqual([events, imap.state], [[['end'], ['close', false]], 'disconnected'])
    }
  },
  {
    id: 'Q-50',
    verdict: 'KEEP',
    title: 'BYE in a session is no error',
    async play (Imap, t) {
      const { imap, server } = await session(t, 'X: wait go\nS: * BYE shutting down')
      const events = recorded(imap)
      server.release('go')
      await closed(imap)
      assert.deepEqual(events, [['end'], ['close', false]])
    }
  },
  {
    id: 'Q-70',
    verdict: 'FIX',
    title: 'connect() while connected, or on the way, changes nothing',
    red: /expected 1, got [23]/,
    async play (Imap, t) {
      const server = await serving(t)
      const imap = new Imap({ ...server.options, keepalive: false })
      const events = recorded(imap)
      imap.connect()
      imap.connect()
      await t.within(once(imap, 'ready'), 'ready')
      imap.connect()
      await ended(imap)
      assert.equal(server.accepted, 1)
      assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
    }
  },
  {
    id: 'Q-71',
    verdict: 'FIX',
    title: 'answers are told apart by their tags, in any case and spacing; an unknown status is an error',
    red: /^CREATE a: expected an Error, got undefined/,
    async play (Imap, t) {
      const { imap, server } = await session(t, `
        C: A3 CREATE "a"
        S: A2 OK late
        S: A4 OK early
        S: A3 MAYBE perhaps
        C: A4 CREATE "b"
        S: a4  ok  done
        C: A5 CREATE "c"
        S: A5 NO [CANNOT] no`)
      const error = await call(imap, 'addBox', 'a').then(() => undefined, (error) => error)
      assert.ok(error instanceof Error, `CREATE a: expected an Error, got ${error}`)
      assert.equal(error.message, 'perhaps')
      await call(imap, 'addBox', 'b')
      await assert.rejects(call(imap, 'addBox', 'c'), { message: 'no', textCode: 'CANNOT' })
      await server.done()
    }
  },
  {
    id: 'Q-73',
    verdict: 'FIX',
    title: 'what a callback throws is uncaught, and the next answers come all the same',
    red: /the second callback: not within/,
    hangs: true,
    async play (Imap, t) {
      const { imap } = await session(t, `
        C: A3 CREATE "a"
        S: A3 OK done
        S: * OK [ALERT] in the same segment
        C: A4 CREATE "b"
        S: A4 OK done`)
      const events = recorded(imap)
      t.onUncaught = (error) => events.push(['uncaught', error.message])
      imap.addBox('a', () => { throw new Error('in a callback') })
      await t.within(new Promise((resolve) => imap.addBox('b', resolve)), 'the second callback')
      await turns()
      assert.deepEqual(events.sort(), [['alert', 'in the same segment'], ['uncaught', 'in a callback']])
    }
  },
  {
    id: 'Q-51',
    verdict: 'FIX',
    title: 'ALERT is told in untagged NO, BAD and BYE, too',
    red: /got \[ \[ 'ready' \], \[ 'end' \]/,
    async play (Imap, t) {
      const { events } = await life(t, login().replace('S: A1 OK', 'S: * NO [ALERT] soon\nS: * BAD [alert] really\nS: A1 OK') +
        logout(3).replace('BYE bye', 'BYE [ALERT] now'))
      assert.deepEqual(events, [['alert', 'soon'], ['alert', 'really'], ['ready'], ['alert', 'now'], ['end'], ['close', false]])
    }
  }
]

