// @ts-check
'use strict'

// What may be sent, obeyed, shown or kept in memory.

const { PASSWORD } = require('../credentials')
const { sleep } = require('./stage')

/** A value that ends its line, and makes whole ones of what follows. */
const INJECTED = '5\r\nA99 DELETE Archive\r\nA98 NOOP'
/** How much a server says without a line break, in MB. */
const FLOOD_MB = 200

/** @type {import('./stage').Probe[]} */
module.exports = [
  {
    id: 'P11',
    title: "`autotls: 'always'`, and somebody took STARTTLS out of CAPABILITY",
    expected: {
      imap: 'ready; the password went out in clear text',
      off: 'error ENOSTARTTLS, end, close(false); no password went out',
      on: 'disconnected (permanent), suspended (permanent), error ENOSTARTTLS, end, close(false); no password went out'
    },
    async play (t) {
      const server = await t.serve()
      const imap = t.client({ ...server.options, autotls: 'always', keepalive: false })
      await t.begun(imap)
      const sent = server.lines.some((line) => line.includes(PASSWORD))
      return { did: t.outcome(null, sent ? 'the password went out in clear text' : 'no password went out').did }
    }
  },
  {
    id: 'P12',
    title: 'data in clear text behind the OK to STARTTLS',
    expected: {
      imap: "obeyed after TLS: the delimiter is '/', though the server says '.'",
      off: 'error ESTARTTLSINJECTION, end, close(false)',
      on: 'disconnected (permanent), suspended (permanent), error ESTARTTLSINJECTION, end, close(false)'
    },
    async play (t) {
      const server = await t.trace(`
        S: * OK ready
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1 STARTTLS
        S: A0 OK done
        C: A1 STARTTLS
        S+: A1 OK go\\r\\n* LIST () "/" ""\\r\\n
        X: starttls
        C: A2 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: A2 OK done
        C: /^A3 LOGIN/
        S: * CAPABILITY IMAP4rev1
        S: A3 OK done
        C: A4 LIST "" ""
        S: * LIST () "." ""
        S: A4 OK done`, { lenient: true })
      const imap = t.client({ ...server.options, autotls: 'always', keepalive: false, authTimeout: 3000 })
      await t.begun(imap)
      if (imap.state !== 'authenticated') return { did: t.outcome(null).did }
      return { did: `obeyed after TLS: the delimiter is '${imap.delimiter}', though the server says '.'` }
    }
  },
  ...['SUBJECT', 'KEYWORD', 'LARGER'].map((criterion) => ({
    id: 'P13',
    title: `line breaks in search([['${criterion}', ...]])`,
    expected: {
      imap: 'A99 DELETE went out, and Archive is gone',
      off: criterion === 'SUBJECT' ? 'sent as a literal' : 'Error: refused',
      on: criterion === 'SUBJECT' ? 'sent as a literal' : 'Error: refused'
    },
    async play (/** @type {import('./stage').Stage} */ t) {
      const server = await t.serve()
      const imap = await t.open(server)
      const searched = new Promise((resolve) => {
        try {
          imap.search([[criterion, INJECTED]], resolve)
        } catch (error) {
          resolve(error)
        }
      })
      const error = await Promise.race([searched, server.waitFor(({ lines }) => lines.some(isInjected))])
      if (server.lines.some(isInjected)) {
        await server.waitFor(() => !server.account().mailboxes.has('Archive'))
        return { did: 'A99 DELETE went out, and Archive is gone' }
      }
      return { did: error instanceof Error ? 'Error: refused' : 'sent as a literal' }
    }
  })),
  {
    id: 'P13',
    title: 'line breaks in the password',
    expected: {
      imap: 'A99 DELETE went out',
      off: 'error EARGUMENT, end, close(false); nothing of it went out',
      on: 'disconnected (permanent), suspended (permanent), error EARGUMENT, end, close(false); nothing of it went out'
    },
    async play (t) {
      const server = await t.serve()
      const imap = t.client({ ...server.options, password: INJECTED, keepalive: false })
      const over = new Promise((resolve) => imap.once('close', resolve))
      imap.connect()
      await Promise.race([over, server.waitFor(({ accepted, lines }) => accepted > 3 || lines.some(isInjected))])
      if (server.lines.some(isInjected)) return { did: 'A99 DELETE went out' }
      return { did: t.outcome(null, 'nothing of it went out').did }
    }
  },
  {
    id: 'P14',
    title: '`debug` during the login',
    expected: { imap: 'shows the password', off: 'hides the password', on: 'hides the password' },
    async play (t) {
      const server = await t.serve()
      let debug = ''
      await t.open(server, { debug: (/** @type {string} */ line) => { debug += line } })
      return { did: debug.includes(PASSWORD) ? 'shows the password' : 'hides the password' }
    }
  },
  {
    id: 'P15',
    title: `a line of ${FLOOD_MB} MB without its end`,
    expected: {
      imap: `holds all of it: memory grew by more than ${FLOOD_MB / 2} MB`,
      off: 'error ELIMIT, end, close(false)',
      on: 'disconnected (transient), reconnected'
    },
    async play (t) {
      const server = await t.serve()
      const imap = await t.open(server)
      const socket = server.connections[0].raw
      const over = ['close', 'reconnected'].map((name) => new Promise((resolve) => imap.once(name, resolve)))
      const before = process.memoryUsage().rss
      const chunk = Buffer.alloc(1 << 20, 'x')
      socket.write('* OK ')
      for (let sent = 0; sent < FLOOD_MB && !socket.destroyed; sent++) {
        if (!socket.write(chunk)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), ...over])
      }
      await Promise.race([...over, sleep(1000)])
      const grown = (process.memoryUsage().rss - before) >> 20
      if (grown < FLOOD_MB / 2) return { did: t.outcome(null).did }
      return { did: `holds all of it: memory grew by more than ${FLOOD_MB / 2} MB` }
    }
  }
]

/** @param {string | Buffer} line */
function isInjected (line) {
  return typeof line === 'string' && line.startsWith('A99 DELETE')
}
