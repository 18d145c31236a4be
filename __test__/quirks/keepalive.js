// @ts-check
'use strict'

// IDLE and NOOP.

const assert = require('node:assert/strict')
const { call, once, login, logout, session, tracing } = require('./stage')

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-15',
    verdict: 'FIX',
    title: 'IDLE that is refused is not asked for again and again: NOOP takes its place',
    red: /got IDLE IDLE/,
    async play (Imap, t) {
      const { imap, server } = await session(t, `
        C: IDLE IDLE
        S: IDLE BAD unknown
        C: A3 CREATE "x"
        S: A3 OK done
        C: NOOP NOOP
        S: NOOP OK done
        C: A4 CREATE "y"
        S: A4 OK done
        C: NOOP NOOP
        S: NOOP OK done`, { capabilities: 'IDLE', options: { keepalive: true } })
      await server.waiters.wait(() => server.lines.at(-1) === 'IDLE IDLE', 'IDLE', { timeout: t.limit })
      await t.within(call(imap, 'addBox', 'x'), 'the first command')
      await server.waiters.wait(() => server.lines.at(-1) === 'NOOP NOOP', 'NOOP', { timeout: t.limit })
      await t.within(call(imap, 'addBox', 'y'), 'the second command')
      await server.done({ timeout: t.limit })
    }
  },
  {
    id: 'Q-56',
    verdict: 'KEEP',
    title: 'tags are A0, A1, ... and start anew with each connect(); IDLE and NOOP are their own tags',
    async play (Imap, t) {
      const server = await tracing(t, [
        `${login('IDLE')}
        C: IDLE IDLE
        S: + idling
        C: DONE
        S: IDLE OK done
        ${logout(3)}`,
        `${login()}
        C: NOOP NOOP
        S: NOOP OK done
        ${logout(3)}`
      ])
      const imap = new Imap({ ...server.options, keepalive: { interval: 600_000 } })
      for (const last of ['IDLE IDLE', 'NOOP NOOP']) {
        imap.connect()
        await t.within(once(imap, 'ready'), 'ready')
        await server.waiters.wait(() => server.lines.at(-1) === last, last, { timeout: t.limit })
        const close = once(imap, 'close')
        imap.end()
        await t.within(close, 'close')
      }
      await server.done()
    }
  },
  {
    id: 'Q-58',
    verdict: 'KEEP',
    title: 'IDLE comes before any mailbox is open, and after each batch of commands; DONE before the next',
    async play (Imap, t) {
      const { imap, server } = await session(t, `
        C: IDLE IDLE
        S: + idling
        C: DONE
        S: IDLE OK done
        C: A3 CREATE "a"
        S: A3 OK done
        C: A4 CREATE "b"
        S: A4 OK done
        C: IDLE IDLE
        S: + idling
        C: DONE
        S: IDLE OK done
        C: A5 CREATE "c"
        S: A5 OK done
        C: IDLE IDLE
        S: + idling`, { capabilities: 'IDLE', options: { keepalive: true } })
      const idle = () => server.waiters.wait(() => server.lines.at(-1) === 'IDLE IDLE', 'IDLE', { timeout: t.limit })
      await idle()
      imap.addBox('a')
      await call(imap, 'addBox', 'b')
      await idle()
      await call(imap, 'addBox', 'c')
      await server.done()
      assert.equal(imap.state, 'authenticated')
    }
  }
]
