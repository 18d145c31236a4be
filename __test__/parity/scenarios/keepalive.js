// @ts-check
'use strict'

// What a client says by itself to stay connected (contract section 6): IDLE, its renewal and its
// interruption, NOOP where there is no IDLE, and the option `keepalive`.

const { EVERYWHERE, NO_END_OVER_TLS, calls, loggedIn, logout, opened, withInbox } = require('./common')

/** The client hears it when everything before has arrived. */
const BELL = 'S: * OK [ALERT] bell'

const IDLE = `
  C: IDLE IDLE
  S: + idling
`

const DONE = `
  C: DONE
  S: IDLE OK done
`

const NOOP = `
  C: NOOP NOOP
  S: NOOP OK done
`

/** Often enough for a test. */
const OFTEN = { interval: 50, idleInterval: 150 }

/** @param {any} imap @param {() => void} act */
function atBell (imap, act) {
  imap.on('alert', (/** @type {string} */ text) => text === 'bell' && act())
}

/** @param {any} imap */
function endAtBell (imap) {
  atBell(imap, () => imap.end())
}

/** A client that idles as soon as it is ready, until the bell. @param {any} keepalive */
function idles (keepalive) {
  return {
    script: loggedIn('IDLE') + IDLE + BELL + DONE + logout(3),
    options: { keepalive },
    drive: endAtBell
  }
}

/** A client that says nothing by itself: it is only asked to leave. @param {any} keepalive */
function silent (keepalive) {
  return {
    script: `${loggedIn('IDLE')}\nX: wait quiet\n${BELL}${logout(3)}`,
    options: { keepalive },
    drive (/** @type {any} */ imap, /** @type {unknown} */ say, /** @type {any} */ server) {
      imap.once('ready', () => setTimeout(() => server.release('quiet'), 50))
      endAtBell(imap)
    }
  }
}

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'keepalive',
  scenarios: {
    // --- IDLE

    'IDLE as soon as it is ready': { ...idles(true), transport: EVERYWHERE, deviates: NO_END_OVER_TLS },
    'IDLE in an open mailbox, and news of it': {
      script: `${opened('IDLE')}${IDLE}
        S: * 4 EXISTS
        S: * 1 EXPUNGE
        S: * 2 FETCH (FLAGS (\\Seen))
        ${BELL}${DONE}${logout(4)}`,
      transport: EVERYWHERE,
      options: { keepalive: true },
      drive (imap) {
        withInbox(imap, () => {})
        endAtBell(imap)
      },
      deviates: NO_END_OVER_TLS
    },
    'IDLE is renewed': {
      script: loggedIn('IDLE') + IDLE + DONE + IDLE + DONE + IDLE + BELL + DONE + logout(3),
      transport: EVERYWHERE,
      options: { keepalive: OFTEN },
      drive: endAtBell,
      deviates: NO_END_OVER_TLS
    },
    'a command interrupts IDLE': {
      script: `${loggedIn('IDLE')}${IDLE}${BELL}${DONE}
        C: A3 CREATE "New"
        S: A3 OK done
        ${IDLE}${DONE}${logout(4)}`,
      transport: EVERYWHERE,
      options: { keepalive: true },
      drive (imap, say, server) {
        atBell(imap, () => calls(imap, say)('addBox', 'New').then(() => {
          server.waiters.wait(() => server.lines.filter((line) => line === 'IDLE IDLE').length === 2, 'IDLE')
            .then(() => imap.end())
        }))
      },
      deviates: NO_END_OVER_TLS
    },
    'several commands interrupt IDLE once': {
      script: `${loggedIn('IDLE')}${IDLE}${BELL}${DONE}
        C: A3 CREATE "One"
        S: A3 OK done
        C: A4 CREATE "Two"
        S: A4 OK done
        C: A5 CREATE "Three"
        S: A5 OK done
        ${IDLE}${BELL}${DONE}${logout(6)}`,
      options: { keepalive: true },
      drive (imap, say) {
        const call = calls(imap, say)
        let bells = 0
        atBell(imap, () => bells++ === 0 ? ['One', 'Two', 'Three'].forEach((name) => call('addBox', name)) : imap.end())
      }
    },
    'a command before the server has answered IDLE': {
      script: `${loggedIn('IDLE')}
        C: IDLE IDLE
        ${BELL}
        X: wait asked
        S: + idling
        ${DONE}
        C: A3 CREATE "New"
        S: A3 OK done
        ${IDLE}${BELL}${DONE}${logout(4)}`,
      options: { keepalive: true },
      drive (imap, say, server) {
        let bells = 0
        atBell(imap, () => {
          if (bells++ > 0) return imap.end()
          calls(imap, say)('addBox', 'New')
          setTimeout(() => server.release('asked'), 20)
        })
      }
    },
    'the listener of `mail` searches, as programs do': {
      script: `${opened('IDLE')}${IDLE}
        S: * 4 EXISTS
        ${DONE}
        C: A4 UID SEARCH UNSEEN
        S: * SEARCH 9
        S: A4 OK done
        ${IDLE}${BELL}${DONE}${logout(5)}`,
      transport: EVERYWHERE,
      options: { keepalive: true },
      drive (imap, say) {
        withInbox(imap, () => imap.on('mail', () => calls(imap, say)('search', ['UNSEEN'])))
        endAtBell(imap)
      },
      deviates: NO_END_OVER_TLS
    },
    'the server ends IDLE by itself': {
      script: `${loggedIn('IDLE')}${IDLE}
        S: IDLE OK enough
        ${IDLE}${BELL}${DONE}${logout(3)}`,
      options: { keepalive: true },
      drive: endAtBell,
      deviates: ['D-12']
    },
    'the answer to IDLE has no text': {
      script: `${loggedIn('IDLE')}
        C: IDLE IDLE
        S: +
        ${BELL}
        C: DONE
        S: IDLE OK
        ${logout(3)}`,
      options: { keepalive: true },
      drive: endAtBell
    },
    'IDLE is answered in lower case': {
      script: `${loggedIn('IDLE')}
        C: IDLE IDLE
        S: + ok
        ${BELL}
        C: DONE
        S: IDLE ok done
        ${logout(3)}`,
      options: { keepalive: true },
      drive: endAtBell
    },
    'IDLE is refused': {
      script: `${loggedIn('IDLE')}
        C: IDLE IDLE
        S: IDLE NO not now
        X: wait quiet
        ${BELL}
        ${logout(3)}`,
      options: { keepalive: true },
      drive (imap, say, server) {
        imap.once('ready', () => setTimeout(() => server.release('quiet'), 50))
        endAtBell(imap)
      },
      deviates: ['Q-15']
    },
    'a foreign answer during IDLE': {
      script: `${loggedIn('IDLE')}${IDLE}
        S: A99 OK who is this?
        ${BELL}${DONE}${logout(3)}`,
      options: { keepalive: true },
      drive: endAtBell,
      deviates: ['Q-71']
    },
    'IDLE begins again after the callbacks of a fetch': {
      script: `${opened('IDLE')}
        C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE)
        S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000")
        S: A4 OK done
        ${IDLE}${BELL}${DONE}${logout(5)}`,
      options: { keepalive: true },
      drive (imap) {
        withInbox(imap, () => imap.fetch(1))
        endAtBell(imap)
      }
    },
    'a command at the end of a fetch': {
      lockStep: true,
      script: `${opened('IDLE')}
        C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE)
        S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000")
        S: A4 OK done
        ${IDLE}${DONE}
        C: A5 CREATE "New"
        S: A5 OK done
        ${IDLE}${BELL}${DONE}${logout(6)}`,
      options: { keepalive: true },
      drive (imap, say) {
        withInbox(imap, () => imap.fetch(1).once('end', () => calls(imap, say)('addBox', 'New')))
        endAtBell(imap)
      }
    },
    'a command one turn of the event loop after ready': {
      lockStep: true,
      script: `${loggedIn('IDLE')}${IDLE}${DONE}
        C: A3 CREATE "New"
        S: A3 OK done
        ${IDLE}${BELL}${DONE}${logout(4)}`,
      options: { keepalive: true },
      drive (imap, say) {
        imap.once('ready', () => setImmediate(() => calls(imap, say)('addBox', 'New')))
        endAtBell(imap)
      }
    },
    'a command on the next tick after ready': {
      lockStep: true,
      script: `${loggedIn('IDLE')}${IDLE}${DONE}
        C: A3 CREATE "New"
        S: A3 OK done
        ${IDLE}${BELL}${DONE}${logout(4)}`,
      options: { keepalive: true },
      drive (imap, say) {
        imap.once('ready', () => process.nextTick(() => calls(imap, say)('addBox', 'New')))
        endAtBell(imap)
      }
    },
    'IDLE in a mailbox that is opened afterwards': {
      script: `${loggedIn('IDLE')}${IDLE}${BELL}${DONE}
        C: A3 SELECT "INBOX"
        S: * 3 EXISTS
        S: A3 OK [READ-WRITE] done
        ${IDLE}
        S: * 4 EXISTS
        ${DONE}${logout(4)}`,
      options: { keepalive: true },
      drive (imap, say) {
        atBell(imap, () => {
          calls(imap, say)('openBox', 'INBOX')
          imap.on('mail', (/** @type {number} */ count) => count === 1 && imap.end())
        })
      },
      deviates: ['D-58']
    },

    // --- NOOP

    'NOOP where there is no IDLE': {
      script: loggedIn() + NOOP + NOOP + NOOP + BELL + logout(3),
      transport: EVERYWHERE,
      options: { keepalive: { interval: 100 } },
      drive: endAtBell,
      deviates: NO_END_OVER_TLS
    },
    'NOOP although there is IDLE': {
      script: loggedIn('IDLE') + NOOP + NOOP + BELL + logout(3),
      options: { keepalive: { interval: 100, forceNoop: true } },
      drive: endAtBell
    },
    'NOOP after a command': {
      script: `${opened()}${NOOP}
        C: A4 CREATE "New"
        S: A4 OK done
        ${NOOP}${BELL}${logout(5)}`,
      options: { keepalive: { interval: 300 } },
      drive (imap, say, server) {
        withInbox(imap, () => server.waiters.wait(() => server.lines.includes('NOOP NOOP'), 'NOOP')
          .then(() => calls(imap, say)('addBox', 'New')))
        endAtBell(imap)
      }
    },
    'NOOP brings news': {
      script: `${opened()}
        C: NOOP NOOP
        S: * 4 EXISTS
        S: * 2 FETCH (FLAGS (\\Seen))
        S: * 1 EXPUNGE
        S: NOOP OK done
        ${BELL}${logout(4)}`,
      options: { keepalive: { interval: 300 } },
      drive (imap) {
        withInbox(imap, () => {})
        endAtBell(imap)
      }
    },
    'news between two NOOPs': {
      script: `${opened()}${NOOP}
        S: * 4 EXISTS
        S: * 2 FETCH (FLAGS (\\Seen))
        ${BELL}${logout(4)}`,
      options: { keepalive: { interval: 300 } },
      drive (imap) {
        withInbox(imap, () => {})
        endAtBell(imap)
      },
      deviates: ['Q-05']
    },
    'NOOP is refused': {
      script: `${loggedIn()}
        C: NOOP NOOP
        S: NOOP NO not now
        ${BELL}${logout(3)}`,
      options: { keepalive: { interval: 300 } },
      drive: endAtBell
    },
    'end() while NOOP waits': {
      script: `${loggedIn()}
        C: NOOP NOOP
        ${BELL}
        X: wait ended
        S: NOOP OK done
        ${logout(3)}`,
      options: { keepalive: { interval: 300 } },
      drive (imap, say, server) {
        atBell(imap, () => {
          imap.end()
          setImmediate(() => server.release('ended'))
        })
      }
    },

    // --- the option

    'keepalive: undefined': idles(undefined),
    'keepalive: null': idles(null),
    'keepalive: an empty object': idles({}),
    'keepalive: a list': { ...idles([]), deviates: ['Q-68'] },
    'keepalive: a number': idles(1),
    'keepalive: the text true': idles('true'),
    'keepalive: intervals of zero are the default ones': idles({ interval: 0, idleInterval: 0 }),
    'keepalive: false': silent(false),
    'keepalive: zero': silent(0),
    'keepalive: NaN': { ...silent(NaN), deviates: ['Q-68'] },
    'keepalive: an empty text': { ...silent(''), deviates: ['Q-68'] },
    'keepalive: the text false': { ...silent('false'), deviates: ['Q-68'] },
    'keepalive: the text false for forceNoop': { ...idles({ forceNoop: 'false' }), deviates: ['Q-68'] },
    'keepalive: intervals as texts': {
      script: loggedIn('IDLE') + IDLE + DONE + IDLE + BELL + DONE + logout(3),
      options: { keepalive: { interval: '50', idleInterval: '150' } },
      drive: endAtBell
    },
    'keepalive: an interval that is no number, with NOOP': {
      script: `${loggedIn()}${NOOP}${BELL}${logout(3)}`,
      options: { keepalive: { interval: '10s' } },
      drive: endAtBell,
      deviates: ['Q-68']
    },
    'keepalive: a negative interval, with NOOP': {
      script: `${loggedIn()}${NOOP}${BELL}${logout(3)}`,
      options: { keepalive: { interval: -1 } },
      drive: endAtBell,
      deviates: ['Q-68']
    },
    'keepalive: set while it is connected': {
      script: `${loggedIn('IDLE')}
        C: A3 CREATE "New"
        S: A3 OK done
        ${IDLE}${BELL}${DONE}${logout(4)}`,
      drive (imap, say) {
        imap.once('ready', () => {
          imap._config.keepalive = true
          calls(imap, say)('addBox', 'New')
        })
        endAtBell(imap)
      },
      deviates: ['D-08']
    }
  }
}
