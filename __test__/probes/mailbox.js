// @ts-check
'use strict'

// What is told of an open mailbox.

const { call, once, within } = require('./stage')

/** @type {import('./stage').Probe[]} */
module.exports = [
  {
    id: 'P7',
    title: '`* OK [UIDVALIDITY 99]` in a session',
    expected: {
      imap: 'mail(1); state authenticated',
      off: 'uidvalidity(99), mail(1); state authenticated',
      on: 'uidvalidity(99), mailboxReset (1700000000 to 99), mail(1); state authenticated'
    },
    async play (t) {
      const server = await t.serve()
      const imap = await t.idle(server)
      const mail = once(imap, 'mail')
      server.fault({ do: { garbage: '* OK [UIDVALIDITY 99] UIDs are new\r\n' } })
      server.inbox.deliver('Subject: afterwards\n\n')
      await within(5000, mail, 'mail')
      return { did: t.outcome(imap).did }
    }
  },
  {
    id: 'P8',
    title: 'openBox() of a mailbox of 5, and again',
    expected: {
      imap: 'mail(5), opened, opened; state authenticated',
      off: 'mail(5), opened, opened; state authenticated',
      on: 'mail(5), opened, opened; state authenticated'
    },
    async play (t) {
      const server = await t.serve()
      for (let n = 1; n <= 5; n++) server.inbox.deliver(`Subject: ${n}\n\n`)
      const imap = t.client({ ...server.options, keepalive: false })
      await t.begun(imap)
      t.events.length = 0
      for (let time = 0; time < 2; time++) {
        await call(imap, 'openBox', 'INBOX')
        t.events.push(['opened'])
      }
      return { did: t.outcome(imap).did }
    }
  },
  {
    id: 'P16',
    title: 'a greeting of PREAUTH (`authTimeout` 1 s)',
    expected: {
      imap: 'error timeout-auth, close(false)',
      off: 'ready; state authenticated',
      on: 'ready; state authenticated'
    },
    async play (t) {
      const server = await t.serve({ greeting: '* PREAUTH welcome' })
      const imap = t.client({ ...server.options, keepalive: false, authTimeout: 1000 })
      await t.begun(imap)
      return { did: t.outcome(imap).did }
    }
  }
]
