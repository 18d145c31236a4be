// @ts-check
'use strict'

// What a server says unasked, or leaves out (P9).

const { call, once, within } = require('./stage')

const CRASH = 'TypeError that nobody can catch: the process ends'
const ALIVE = 'the session goes on'

/** @type {[title: string, bytes: string][]} */
const STRAY = [
  ['`* SEARCH` while no command runs', '* SEARCH 1 2\r\n'],
  ['`* 1 FETCH` while no command runs', '* 1 FETCH (FLAGS (\\Seen) UID 1)\r\n'],
  ['`+` while no command runs', '+ go on\r\n'],
  ['a body while no command runs', '* 1 FETCH (UID 1 BODY[TEXT] {5}\r\nhello)\r\n']
]

/** @type {import('./stage').Probe[]} */
module.exports = [
  ...STRAY.map(([title, bytes]) => ({
    id: 'P9',
    title,
    expected: { imap: CRASH, off: ALIVE, on: ALIVE },
    async play (/** @type {import('./stage').Stage} */ t) {
      const server = await t.serve()
      server.inbox.deliver('Subject: one\n\n')
      const imap = await t.open(server)
      const alert = once(imap, 'alert')
      server.fault({ do: { garbage: `${bytes}* OK [ALERT] read so far\r\n` } })
      await within(5000, alert, 'the alert behind it')
      await call(imap, 'search', ['ALL'])
      return { did: ALIVE }
    }
  })),
  {
    id: 'P9',
    title: 'SELECT is answered with a bare OK',
    expected: { imap: CRASH, off: ALIVE, on: ALIVE },
    async play (t) {
      const server = await t.serve()
      server.fault({ on: /SELECT/, do: { answer: 'TAG OK done' } })
      const imap = await t.open(server)
      await call(imap, 'getBoxes')
      return { did: ALIVE }
    }
  }
]
