// @ts-check
'use strict'

// A server that stops answering what keeps the session alive.

const { sleep } = require('./stage')

/** The message that arrives while nobody is told. */
const MESSAGE = 'Subject: while nobody was told\n\n'

/** @type {import('./stage').Probe[]} */
module.exports = [
  {
    id: 'P1',
    title: 'the server is silent after DONE, its kernel still acknowledges',
    deadlineMs: 15_000,
    expected: {
      imap: 'nothing; state authenticated',
      off: 'error EDEADLINE, end, close(true)',
      on: 'disconnected (transient), mail(1), reconnected'
    },
    async play (t) {
      const server = await t.serve()
      const silent = server.fault({ on: /^DONE$/, do: 'stall' })
      const imap = await t.open(server, { keepalive: { interval: 100, idleInterval: 300 } })
      await silent.fired
      t.begin()
      server.inbox.deliver(MESSAGE)
      return t.settled(imap, 18_000)
    }
  },
  {
    id: 'P2',
    title: '`forceNoop`, and NOOP is not answered',
    deadlineMs: 20_000,
    expected: {
      imap: 'nothing; state authenticated',
      off: 'error EDEADLINE, end, close(true)',
      on: 'disconnected (transient), mail(1), reconnected'
    },
    async play (t) {
      const server = await t.serve()
      const silent = server.fault({ on: /NOOP$/, do: 'stall' })
      const imap = await t.open(server, { keepalive: { interval: 100, forceNoop: true } })
      await silent.fired
      t.begin()
      server.inbox.deliver(MESSAGE)
      return t.settled(imap, 23_000)
    }
  },
  {
    id: 'P3',
    title: 'IDLE is announced and refused',
    expected: {
      imap: /^\d{4,} IDLE in 2 s$/,
      off: '1 IDLE in 2 s',
      on: '1 IDLE in 2 s'
    },
    async play (t) {
      const server = await t.serve()
      const refused = server.fault({ on: /IDLE$/, do: { answer: 'TAG NO not here' }, times: Infinity })
      await t.open(server, { keepalive: true })
      await refused.fired
      await sleep(2000)
      return { did: `${refused.count} IDLE in 2 s` }
    }
  },
  {
    id: 'P4',
    title: '`* BYE Session expired`, and no FIN',
    deadlineMs: 2000,
    expected: {
      imap: 'nothing; state authenticated',
      off: 'end, close(false)',
      on: 'disconnected (expired), reconnected'
    },
    async play (t) {
      const server = await t.serve()
      const imap = await t.idle(server)
      const [connection] = server.connections
      // Our own FIN does not bring it to its own.
      connection.stall()
      connection.raw.write('* BYE Session expired, please login again.\r\n')
      t.begin()
      return t.settled(imap, 8000)
    }
  }
]
