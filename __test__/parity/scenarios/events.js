// @ts-check
'use strict'

// Which events there are, with which arguments, and in which order they come among each other and
// among callbacks (contract sections 2.1 and 2.2).

const { EVERYWHERE, LOGIN, NO_END_OVER_TLS, SELECTED, calls, loggedIn, logout, mark, opened, told, withInbox } = require('./common')

/** Messages without bodies, in one piece. @param {number[]} numbers */
function fetched (numbers) {
  return numbers.map((number) => `S: * ${number} FETCH (UID ${number} FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000")`)
    .join('\n')
}

/**
 * A second mailbox after the first.
 *
 * @param {string} selected what the server says of it
 * @param {boolean} [closing] whether the first one is closed before
 */
function second (selected, closing = false) {
  const tag = closing ? 5 : 4
  return {
    script: `${opened()}
      ${closing ? 'C: A4 CLOSE\nS: A4 OK done' : ''}
      C: A${tag} SELECT "Archive"
      ${selected}
      S: A${tag} OK [READ-WRITE] done
      ${logout(tag + 1)}`,
    drive (/** @type {any} */ imap, /** @type {any} */ say) {
      const open = () => imap.openBox('Archive', (/** @type {any} */ error, /** @type {any} */ box) => {
        say('open', error, box, box === imap._box)
        imap.end()
      })
      withInbox(imap, () => closing ? imap.closeBox(open) : open())
    }
  }
}

/** Each way to listen. @param {any} imap @param {any} say @param {string} event */
function listening (imap, say, event) {
  imap.on(event, () => say(event, 'on'))
  imap.once(event, () => say(event, 'once'))
  imap.prependListener(event, /** @this {any} */ function () { say(event, 'first', this === imap) })
}

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'events',
  scenarios: {
    'listeners of every kind': {
      script: LOGIN + logout(3),
      drive (imap, say) {
        for (const event of ['ready', 'end', 'close']) listening(imap, say, event)
        imap.once('ready', () => imap.end())
      }
    },
    'the state at each step': {
      script: opened() + logout(4),
      transport: EVERYWHERE,
      drive (imap, say) {
        say(imap.state)
        imap.once('ready', () => say(imap.state))
        withInbox(imap, () => {
          say(imap.state)
          imap.end()
          say(imap.state)
        })
        imap.once('close', () => say(imap.state))
      },
      deviates: NO_END_OVER_TLS
    },
    'ready comes before what its listener asks for': {
      script: `${LOGIN}
        C: A3 CREATE "One"
        S: A3 OK done
        ${logout(4)}`,
      drive (imap, say) {
        imap.once('ready', () => {
          calls(imap, say)('addBox', 'One').then(() => imap.end())
          process.nextTick(() => say('next tick'))
          say('asked')
        })
      }
    },

    // --- mail

    'mail with all messages when a mailbox is opened, before the callback': {
      script: opened() + logout(4),
      transport: EVERYWHERE,
      drive (imap, say) {
        withInbox(imap, (box) => {
          say('open', box)
          imap.end()
        })
      },
      deviates: NO_END_OVER_TLS
    },
    'no mail when an empty mailbox is opened': {
      script: opened('', SELECTED.replace('3 EXISTS', '0 EXISTS')) + logout(4),
      drive (imap, say) {
        withInbox(imap, (box) => {
          say('open', box)
          imap.end()
        })
      }
    },
    'mail when a larger mailbox is opened': second(SELECTED.replace('3 EXISTS', '10 EXISTS')),
    'mail when a smaller mailbox is opened': second(SELECTED.replace('3 EXISTS', '2 EXISTS')),
    'what a mailbox does not say is not what the one before said': {
      ...second('S: * 1 EXISTS'),
      deviates: ['Q-14']
    },
    'mail when a mailbox is opened after the other was closed': second(SELECTED.replace('3 EXISTS', '10 EXISTS'), true),
    'mail counts what is new, and the box what there is': {
      script: `${opened()}
        X: wait open
        S: * 4 EXISTS
        S: * 1 RECENT
        S: * 7 EXISTS
        S: * OK [ALERT] bell
        ${logout(4)}`,
      drive (imap, say, server) {
        withInbox(imap, () => {
          imap.on('mail', () => say(imap._box.messages))
          server.release('open')
        })
        imap.once('alert', () => {
          say(imap._box.messages)
          imap.end()
        })
      }
    },

    // --- the order of events and callbacks

    'news come before the callback of the command': {
      script: `${opened()}
        C: A4 UID STORE 1 +FLAGS.SILENT (\\Seen)
        S: * 1 FETCH (UID 1 FLAGS (\\Seen))
        S: * 4 EXISTS
        S: * 2 EXPUNGE
        S: * OK [ALERT] bell
        S: A4 OK done
        ${logout(5)}`,
      transport: EVERYWHERE,
      drive (imap, say) {
        withInbox(imap, () => calls(imap, say)('addFlags', 1, 'Seen').then(() => imap.end()))
      },
      deviates: NO_END_OVER_TLS
    },
    'news that come after the answer, in the same piece': {
      script: `${opened()}
        C: A4 UID STORE 1 +FLAGS.SILENT (\\Seen)
        S+: A4 OK done\\r\\n* 4 EXISTS\\r\\n* 2 EXPUNGE\\r\\n* OK [ALERT] bell\\r\\n
        ${logout(5)}`,
      drive (imap, say) {
        withInbox(imap, () => {
          calls(imap, say)('addFlags', 1, 'Seen')
          imap.once('alert', () => imap.end())
        })
      }
    },
    'what next tick and promise see of a callback': {
      script: `${LOGIN}
        C: A3 CREATE "One"
        S: * OK [ALERT] before
        S: A3 OK done
        C: A4 CREATE "Two"
        S: A4 OK done
        ${logout(5)}`,
      drive (imap, say) {
        imap.once('ready', () => {
          imap.addBox('One', () => {
            say('One')
            process.nextTick(() => say('tick of One'))
            Promise.resolve().then(() => say('promise of One'))
          })
          imap.addBox('Two', () => {
            say('Two')
            imap.end()
          })
        })
      }
    },
    'expunges of an own expunge()': {
      script: `${opened()}
        C: A4 EXPUNGE
        S: * 3 EXPUNGE
        S: * 1 EXPUNGE
        S: A4 OK done
        ${logout(5)}`,
      transport: EVERYWHERE,
      drive (imap, say) {
        withInbox(imap, () => {
          imap.on('expunge', () => say(imap._box.messages.total))
          calls(imap, say)('expunge').then(() => imap.end())
        })
      },
      deviates: NO_END_OVER_TLS
    },
    'updates of every kind': {
      script: `${opened()}
        C: A4 CREATE "One"
        S: * 1 FETCH (FLAGS ())
        S: * 2 FETCH (UID 9 FLAGS (\\Seen) MODSEQ (12345678901234567890) RFC822.SIZE 77 INTERNALDATE "05-Sep-2004 00:38:03 +0000")
        S: * 3 FETCH (X-GM-LABELS ("\\\\Inbox" "my label") X-GM-THRID 1278455344230334865)
        S: A4 OK done
        ${logout(5)}`,
      drive (imap, say) { withInbox(imap, () => calls(imap, say)('addBox', 'One').then(() => imap.end())) }
    },

    // --- fetches

    'the events of a fetch': {
      script: `${opened()}
        C: A4 UID FETCH 1:3 (UID FLAGS INTERNALDATE)
        ${fetched([1, 2, 3])}
        S: A4 OK done
        ${logout(5)}`,
      transport: EVERYWHERE,
      drive (imap, say) { withInbox(imap, () => told(imap.fetch('1:3'), say).then(() => imap.end())) },
      deviates: NO_END_OVER_TLS
    },
    'the events of a fetch, when its bytes come one by one': {
      script: `${opened()}
        C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE)
        ${fetched([1])}
        S: A4 OK done
        ${logout(5)}`,
      trace: { split: 1 },
      drive (imap, say) { withInbox(imap, () => told(imap.fetch(1), say).then(() => imap.end())) }
    },
    'the end of a fetch and the callback of the next command': {
      script: `${opened()}
        C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE)
        ${fetched([1])}
        S: A4 OK done
        C: A5 CREATE "One"
        S: A5 OK done
        ${logout(6)}`,
      drive (imap, say) {
        withInbox(imap, () => {
          told(imap.fetch(1), say)
          calls(imap, say)('addBox', 'One').then(() => imap.end())
        })
      }
    },
    'a fetch that is refused': {
      script: `${opened()}
        C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE)
        S: A4 NO [UNAVAILABLE] not now
        ${logout(5)}`,
      drive (imap, say) { withInbox(imap, () => told(imap.fetch(1), say).then(() => imap.end())) }
    },
    'a fetch that is refused, and nobody listens': {
      script: `${opened()}
        C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE)
        S: A4 NO not now
        ${logout(5)}`,
      drive (imap, say) {
        withInbox(imap, () => {
          imap.fetch(1)
          say('asked')
        })
      }
    },
    'a fetch of nothing': {
      script: `${opened()}
        C: A4 UID FETCH 99 (UID FLAGS INTERNALDATE)
        S: A4 OK done
        ${logout(5)}`,
      drive (imap, say) { withInbox(imap, () => told(imap.fetch(99), say).then(() => imap.end())) }
    },
    'mail and expunge between the messages of a fetch': {
      script: `${opened()}
        C: A4 UID FETCH 1:3 (UID FLAGS INTERNALDATE)
        ${fetched([1])}
        S: * 4 EXISTS
        ${fetched([2])}
        S: * OK [ALERT] bell
        ${fetched([3])}
        S: A4 OK done
        ${logout(5)}`,
      drive (imap, say) { withInbox(imap, () => told(imap.fetch('1:3'), say).then(() => imap.end())) }
    },
    'a body, attributes and end': {
      script: `${opened()}
        C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[])
        S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000" BODY[] {5}
        S: hello)
        S: A4 OK done
        ${logout(5)}`,
      transport: EVERYWHERE,
      drive (imap, say) { withInbox(imap, () => told(imap.fetch(1, { bodies: '' }), say).then(() => imap.end())) },
      deviates: NO_END_OVER_TLS
    },

    // --- alerts

    'an alert in an answer': {
      script: `${LOGIN}
        C: A3 CREATE "One"
        S: A3 NO [ALERT] the disk is full
        ${logout(4)}`,
      drive (imap, say) { imap.once('ready', () => calls(imap, say)('addBox', 'One').then(() => imap.end())) }
    },
    'alerts in every piece of a session': {
      script: `${loggedIn()}
        X: wait ready
        S: * OK [ALERT] one
        S: * OK [alert] two
        S: * OK [ALERT] three, and [more]
        S: * OK [ALERT] bell
        ${logout(3)}`,
      transport: EVERYWHERE,
      drive (imap, say, server) {
        imap.once('ready', () => server.release('ready'))
        imap.on('alert', (/** @type {string} */ text) => text === 'bell' && imap.end())
      },
      deviates: NO_END_OVER_TLS
    },

    // --- uidvalidity

    'uidvalidity in its odd form': {
      script: `${opened()}
        X: wait open
        S: * OK [UIDVALIDITY] 55
        S: * OK [ALERT] bell
        ${logout(4)}`,
      drive (imap, say, server) {
        withInbox(imap, () => server.release('open'))
        imap.once('alert', () => imap.end())
      },
      deviates: ['Q-12']
    },

    // --- again

    'ready again, and with what is remembered': {
      script: [`${opened()}\nX: end`, LOGIN + logout(3)],
      drive (imap, say) {
        withInbox(imap, (box) => say(box))
        imap.once('close', () => {
          imap.connect()
          imap.once('ready', () => {
            say(mark('again'), imap._box, imap.delimiter, imap.namespaces, imap._caps)
            imap.end()
          })
        })
      }
    }
  }
}
