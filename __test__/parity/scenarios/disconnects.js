// @ts-check
'use strict'

// How a connection ends (contract section 2.3, whose rows the names begin with): by the server, by
// the network and by the program. silence.js and handshake.js have the rest.

const {
  EVERYWHERE, IDLING, KEEPALIVE, LOGGING_IN, LOGIN, NO_END_OVER_TLS, SILENCE, ask,
  calls, endWhenReady, logout, mark, opened, told, watch, withInbox
} = require('./common')

/** @typedef {import('../scenarios').Transport[]} Transports */

/** Without close_notify it tells of an error, or also of no `end`. */
const CUT_OVER_TLS = { tls: ['Q-04'], starttls: ['Q-02'] }

/** A body of which only the beginning comes. */
const HALF_A_BODY = `${opened()}
  C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[])
  S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000" BODY[] {1000}
  S+: Subject: half a message\\r\\n
`

/** A fetch that tells all it brings. @param {any} imap @param {(...values: any[]) => void} say */
function fetch (imap, say) {
  withInbox(imap, () => told(imap.fetch(1, { bodies: '' }), say))
}

/** Waits for a line of the client, then acts. @param {any} server @param {RegExp} line @param {() => void} act */
function at (server, line, act) {
  server.waiters.wait(() => line.test(server.lines.at(-1)), line).then(act)
}

/** No event tells when a connection is up. @param {any} imap @param {() => void} act */
function whenConnected (imap, act) {
  const timer = setInterval(() => {
    if (imap.state !== 'connected') return
    clearInterval(timer)
    act()
  }, 5)
}

/** @param {any} imap @param {unknown} say @param {any} server */
function releaseWhenConnected (imap, say, server) {
  whenConnected(imap, () => server.release('connected'))
}

/** @param {any} imap */
function destroyWhenReady (imap) {
  imap.once('ready', () => imap.destroy())
}

/** With what npm imap drops on top. */
const DROPPED = { plain: ['Q-06'], tls: ['Q-02', 'Q-06'], starttls: ['Q-02', 'Q-06'] }

/** The ways a server or the network ends a connection, at different moments. */
function moments () {
  /** @type {Record<string, import('../scenarios').Scenario>} */
  const scenarios = {}
  const ways = {
    '1: the server closes': { act: 'X: end', idle: NO_END_OVER_TLS, busy: DROPPED },
    '2: the connection is cut': { act: 'X: cut', idle: CUT_OVER_TLS, busy: { ...DROPPED, tls: ['Q-04', 'Q-06'] } },
    '3: the connection is reset': {
      act: 'X: reset',
      idle: { starttls: ['D-03'] },
      busy: { plain: ['Q-06'], tls: ['Q-06'], starttls: ['D-03', 'Q-06'] }
    }
  }
  for (const [way, { act, idle, busy }] of Object.entries(ways)) {
    Object.assign(scenarios, {
      [`${way} while nothing is going on`]: { script: LOGIN + act, transport: EVERYWHERE, drive: watch, deviates: idle },
      [`${way} during IDLE`]: { script: IDLING + act, transport: EVERYWHERE, options: KEEPALIVE, drive: watch, deviates: idle },
      [`${way} while commands wait`]: {
        script: `${LOGIN}\nC: A3 STATUS "Archive" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)\n${act}`,
        transport: EVERYWHERE,
        drive: ask,
        deviates: busy
      },
      [`${way} in the middle of a body`]: { script: HALF_A_BODY + act, transport: EVERYWHERE, drive: fetch, deviates: busy },
      [`${way} before the greeting`]: {
        script: `X: wait connected\n${act}`,
        transport: /** @type {Transports} */ (['plain', 'tls']),
        drive: releaseWhenConnected,
        deviates: idle
      },
      [`${way} before capabilities are told`]: {
        script: `S: * OK ready\nC: A0 CAPABILITY\n${act}`,
        transport: /** @type {Transports} */ (['plain', 'tls']),
        drive: watch,
        deviates: idle
      },
      [`${way} after LOGIN`]: { script: LOGGING_IN + act, transport: EVERYWHERE, drive: watch, deviates: idle }
    })
  }
  return scenarios
}

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'disconnects',
  scenarios: {
    ...moments(),

    // --- end()

    '5: end(), and the server closes first': {
      script: LOGIN + logout(3),
      transport: EVERYWHERE,
      drive: endWhenReady,
      deviates: NO_END_OVER_TLS
    },
    '5: end(), and the server waits for the client to close': {
      script: `${LOGIN}
        C: A3 LOGOUT
        S: * BYE so long
        S: A3 OK done`,
      transport: EVERYWHERE,
      drive: endWhenReady,
      deviates: NO_END_OVER_TLS
    },
    '5: end() without BYE': {
      script: `${LOGIN}
        C: A3 LOGOUT
        S: A3 OK done`,
      drive: endWhenReady
    },
    '5: end() is answered BAD': {
      script: `${LOGIN}
        C: A3 LOGOUT
        S: A3 BAD what?`,
      drive: endWhenReady
    },
    '5: end(), and the server resets the connection instead of an answer': {
      script: `${LOGIN}
        C: A3 LOGOUT
        X: reset`,
      drive: endWhenReady,
      deviates: ['D-30']
    },
    '5: end() during IDLE': {
      script: `${IDLING}
        C: DONE
        S: IDLE OK done
        ${logout(3)}`,
      transport: EVERYWHERE,
      options: KEEPALIVE,
      drive (imap) { imap.once('alert', () => imap.end()) },
      deviates: NO_END_OVER_TLS
    },
    '5: end() twice': {
      script: LOGIN + logout(3),
      transport: EVERYWHERE,
      drive (imap) {
        imap.once('ready', () => {
          imap.end()
          imap.end()
        })
      },
      deviates: NO_END_OVER_TLS
    },
    '5: end() lets what was asked before be done': {
      script: `${LOGIN}
        C: A3 STATUS "Archive" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
        S: * STATUS Archive (MESSAGES 3 RECENT 1 UNSEEN 2 UIDVALIDITY 9 UIDNEXT 7)
        S: A3 OK done
        C: A4 CREATE "New"
        S: A4 OK done
        C: A5 LIST "" "*"
        S: * LIST () "/" INBOX
        S: A5 OK done
        ${logout(6)}`,
      transport: EVERYWHERE,
      drive (imap, say) {
        ask(imap, say)
        imap.once('ready', () => imap.end())
      },
      deviates: NO_END_OVER_TLS
    },
    '5: end(), and then a command': {
      script: LOGIN + logout(3),
      drive (imap, say) {
        imap.once('ready', () => {
          imap.end()
          calls(imap, say)('addBox', 'New')
        })
      },
      deviates: ['Q-06']
    },
    '6: end(), and the server never answers': {
      script: `${LOGIN}
        C: A3 LOGOUT
        ${SILENCE}`,
      transport: EVERYWHERE,
      patience: 8000,
      drive: endWhenReady,
      deviates: ['Q-49']
    },
    '7: end(), and the server never closes': {
      script: `${LOGIN}
        C: A3 LOGOUT
        S: * BYE so long
        S: A3 OK done
        ${SILENCE}`,
      transport: EVERYWHERE,
      patience: 8000,
      drive: endWhenReady,
      deviates: ['Q-49']
    },
    '10: end() as soon as it is connected': {
      script: `X: wait connected\nS: * OK ready\n${logout(0)}`,
      transport: ['plain', 'tls'],
      drive (imap, say, server) {
        whenConnected(imap, () => {
          imap.end()
          server.release('connected')
        })
      },
      deviates: NO_END_OVER_TLS
    },
    'end() before connect()': {
      script: LOGIN + logout(3),
      drive (imap) {
        imap.end()
        endWhenReady(imap)
      }
    },
    'end() without connect()': {
      script: '',
      connect: false,
      drive (imap, say) {
        imap.end()
        say(imap.state)
      }
    },
    'end() when it is closed': {
      script: LOGIN + logout(3),
      drive (imap, say) {
        endWhenReady(imap)
        imap.once('close', () => {
          imap.end()
          say(imap.state)
        })
      }
    },

    // --- destroy()

    '8: destroy()': { script: LOGIN, transport: EVERYWHERE, drive: destroyWhenReady, deviates: NO_END_OVER_TLS },
    '8: destroy() during IDLE': {
      script: IDLING,
      transport: EVERYWHERE,
      options: KEEPALIVE,
      drive (imap) { imap.once('alert', () => imap.destroy()) },
      deviates: NO_END_OVER_TLS
    },
    '8: destroy() while commands wait': {
      script: `${LOGIN}
        C: A3 STATUS "Archive" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)`,
      transport: EVERYWHERE,
      drive (imap, say, server) {
        ask(imap, say)
        at(server, /STATUS "Archive"/, () => imap.destroy())
      },
      deviates: DROPPED
    },
    '8: destroy(), and the server never closes': {
      script: `${LOGIN}
        ${SILENCE}`,
      transport: EVERYWHERE,
      patience: 4000,
      drive: destroyWhenReady,
      deviates: ['Q-48']
    },
    '8: destroy(), and the server goes on talking': {
      script: `${opened()}
        X: wait gone
        S: * 5 FETCH (FLAGS (\\Seen))
        S: * 4 EXISTS`,
      drive (imap, say, server) {
        withInbox(imap, () => {
          imap.destroy()
          server.release('gone')
        })
      },
      deviates: ['Q-05']
    },
    '8: destroy() twice': {
      script: LOGIN,
      transport: EVERYWHERE,
      drive (imap) {
        imap.once('ready', () => {
          imap.destroy()
          imap.destroy()
        })
      },
      deviates: NO_END_OVER_TLS
    },
    '9: destroy() right after connect()': {
      script: '',
      transport: ['plain', 'tls'],
      connect: false,
      drive (imap) {
        imap.connect()
        imap.destroy()
      },
      deviates: { tls: ['Q-48'] }
    },
    'destroy() without connect()': {
      script: '',
      connect: false,
      drive (imap, say) {
        imap.destroy()
        say(imap.state)
      }
    },
    'destroy() when it is closed': {
      script: LOGIN + logout(3),
      drive (imap, say) {
        endWhenReady(imap)
        imap.once('close', () => {
          imap.destroy()
          say(imap.state)
        })
      }
    },

    // --- BYE

    '11: BYE, and the server closes': {
      script: `${LOGIN}
        S: * BYE shutting down
        X: end`,
      transport: EVERYWHERE,
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    '11: BYE, and the server waits for the client to close': {
      script: `${LOGIN}
        S: * BYE shutting down`,
      transport: EVERYWHERE,
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    '11: BYE during IDLE': {
      script: `${IDLING}
        S: * BYE Session expired
        X: end`,
      transport: EVERYWHERE,
      options: KEEPALIVE,
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    '11: BYE while commands wait': {
      script: `${LOGIN}
        C: A3 STATUS "Archive" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
        S: * BYE shutting down
        X: end`,
      drive: ask,
      deviates: ['Q-06']
    },
    '11: BYE with an alert': {
      script: `${LOGIN}
        S: * BYE [ALERT] the server burns
        X: end`,
      drive: watch,
      deviates: ['Q-51']
    },

    // --- afterwards

    'commands when it is closed': {
      script: LOGIN + logout(3),
      drive (imap, say) {
        endWhenReady(imap)
        imap.once('close', () => {
          const call = calls(imap, say)
          call('addBox', 'New')
          call('getBoxes')
        })
      },
      deviates: ['D-02']
    },
    'openBox() when it is closed': {
      script: LOGIN + logout(3),
      drive (imap, say) {
        endWhenReady(imap)
        imap.once('close', () => calls(imap, say)('openBox', 'INBOX'))
      }
    },
    'the mailbox that was open, when it is closed': {
      script: opened() + logout(4),
      drive (imap, say) {
        withInbox(imap, () => imap.end())
        imap.once('close', () => say(imap._box, imap.delimiter, imap._caps))
      }
    },
    'state and mailbox after a connection that was lost, and again': {
      script: [`${opened()}\nX: end`, LOGIN + logout(3)],
      transport: EVERYWHERE,
      drive (imap, say) {
        withInbox(imap, (box) => say(box.name))
        imap.once('close', () => {
          imap.connect()
          say(imap.state, imap._box, imap.delimiter)
          imap.once('ready', () => {
            say(mark('again'), imap._box)
            imap.end()
          })
        })
      },
      deviates: NO_END_OVER_TLS
    },
    'connect() in the listener of `end`': {
      script: [`${LOGIN}\nX: end`, LOGIN + logout(3)],
      drive (imap) {
        imap.once('end', () => {
          imap.connect()
          endWhenReady(imap)
        })
      }
    },
    'connect() in the listener of `error`': {
      script: [`${LOGIN}\nX: reset`, LOGIN + logout(3)],
      // The new connection is not up before the old one has told of its end.
      transport: 'tls',
      drive (imap) {
        imap.once('error', () => {
          imap.connect()
          endWhenReady(imap)
        })
      },
      deviates: NO_END_OVER_TLS
    }
  }
}
