// @ts-check
'use strict'

// What a server says unasked: each kind of news at each moment (contract sections 2.1, 3.4 and 8.2).

const { calls, loggedIn, logout, opened, told, withInbox } = require('./common')

/** @typedef {import('../scenarios').Scenario} Scenario */

/** The client hears it when everything before has arrived. */
const BELL = 'S: * OK [ALERT] bell'

const STATUS = 'STATUS "Archive" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)'

/** The news of a server, by name. @type {Record<string, string>} */
const NEWS = {
  'more messages': 'S: * 5 EXISTS',
  'as many messages': 'S: * 3 EXISTS',
  'fewer messages': 'S: * 2 EXISTS',
  'recent messages': 'S: * 2 RECENT',
  'more messages, and recent ones': 'S: * 5 EXISTS\nS: * 2 RECENT',
  'an expunge': 'S: * 2 EXPUNGE',
  'an expunge of more than there is': 'S: * 3 EXPUNGE\nS: * 1 EXPUNGE\nS: * 1 EXPUNGE\nS: * 1 EXPUNGE',
  'new flags of a message': 'S: * 2 FETCH (FLAGS (\\Seen $Later))',
  'new flags of a message, with its uid': 'S: * 2 FETCH (UID 22 FLAGS (\\Seen) MODSEQ (777))',
  'flags of the mailbox': 'S: * FLAGS (\\Seen Work)',
  'no flags of the mailbox': 'S: * FLAGS ()',
  'permanent flags': 'S: * OK [PERMANENTFLAGS (\\Seen Work \\*)] ok',
  'the next uid': 'S: * OK [UIDNEXT 99] ok',
  'the highest modseq': 'S: * OK [HIGHESTMODSEQ 4711] ok',
  'another uidvalidity': 'S: * OK [UIDVALIDITY 8] ok',
  'an alert': 'S: * OK [ALERT] the disk is full',
  'an alert without text': 'S: * OK [ALERT]',
  'an alert in lower case': 'S: * ok [alert] the disk is full',
  'an alert that is a NO': 'S: * NO [ALERT] the disk is full',
  'a word of comfort': 'S: * OK still here',
  'a NO': 'S: * NO disk errors',
  'a BAD': 'S: * BAD what did you say?',
  'other capabilities': 'S: * CAPABILITY IMAP4rev1 X-NEW',
  'a mailbox': 'S: * LIST (\\HasNoChildren) "/" Late',
  'a result of a search': 'S: * SEARCH 1 2',
  'the status of a mailbox': 'S: * STATUS Sent (MESSAGES 7)',
  'something unknown': 'S: * VANISHED 2:3\nS: * XNEWS 1 2 (3)',
  'something malformed': 'S: * 5\nS: *\nS: what is this\nS: * FLAGS (\\Seen',
  'a continuation that nobody waits for': 'S: + go on'
}

const NO_COMMAND = /between|^without/

const OPEN = /IDLE|between|during a command$|fetch/

/** What differs: rows of DEVIATIONS.md, by news and moment. @type {[id: string, news: RegExp, moment: RegExp][]} */
const DEVIATIONS = [
  // Who has asked for nothing gets an exception from the socket.
  ['Q-05', /^something malformed/, /^/],
  ['Q-05', /new flags|^a mailbox|result|status|continuation/, NO_COMMAND],
  ['Q-05', /messages|flags of the mailbox/, /^without/],
  ['Q-12', /uidvalidity/, OPEN],
  ['Q-19', /new flags/, /fetch/],
  ['Q-34', /^no flags/, /IDLE|between|during a command$|fetch|openBox/],
  ['Q-51', /that is a NO/, /^/],
  ['Q-76', /permanent|next uid|modseq$/, OPEN]
]

/** @param {any} imap @param {(...values: any[]) => void} say */
function tell (imap, say) {
  say(imap._box, imap._caps)
  imap.end()
}

/** The scenario of some news, by moment. @type {Record<string, (news: string) => Scenario>} */
const MOMENTS = {
  'during IDLE': (news) => ({
    script: `${opened('IDLE')}
      C: IDLE IDLE
      S: + idling
      ${news}
      ${BELL}
      C: DONE
      S: IDLE OK done
      ${logout(4)}`,
    options: { keepalive: true },
    drive (imap, say) {
      withInbox(imap, () => {})
      atBell(imap, () => tell(imap, say))
    }
  }),
  'between commands': (news) => ({
    script: `${opened()}
      X: wait open
      ${news}
      ${BELL}
      ${logout(4)}`,
    drive (imap, say, server) {
      withInbox(imap, () => server.release('open'))
      atBell(imap, () => tell(imap, say))
    }
  }),
  'during a command': (news) => ({
    script: `${opened()}
      C: A4 ${STATUS}
      ${news}
      S: * STATUS Archive (MESSAGES 1 RECENT 0 UNSEEN 0 UIDVALIDITY 3 UIDNEXT 2)
      S: A4 OK done
      ${logout(5)}`,
    drive (imap, say) {
      withInbox(imap, () => calls(imap, say)('status', 'Archive').then(() => tell(imap, say)))
    }
  }),
  'during a fetch': (news) => ({
    script: `${opened()}
      C: A4 UID FETCH 1,3 (UID FLAGS INTERNALDATE)
      S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000")
      ${news}
      S: * 3 FETCH (UID 3 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000")
      S: A4 OK done
      ${logout(5)}`,
    drive (imap, say) {
      withInbox(imap, () => told(imap.fetch('1,3'.split(',')), say).then(() => tell(imap, say)))
    }
  }),
  'during openBox()': (news) => ({
    script: `${opened().replace('S: A3 OK', `${news}\nS: A3 OK`)}
      ${logout(4)}`,
    drive (imap, say) { withInbox(imap, () => tell(imap, say)) }
  }),
  'without a mailbox': (news) => ({
    script: `${loggedIn()}
      X: wait ready
      ${news}
      ${BELL}
      ${logout(3)}`,
    drive (imap, say, server) {
      imap.once('ready', () => server.release('ready'))
      atBell(imap, () => tell(imap, say))
    }
  }),
  'during a command without a mailbox': (news) => ({
    script: `${loggedIn()}
      C: A3 ${STATUS}
      ${news}
      S: * STATUS Archive (MESSAGES 1 RECENT 0 UNSEEN 0 UIDVALIDITY 3 UIDNEXT 2)
      S: A3 OK done
      ${logout(4)}`,
    drive (imap, say) {
      imap.once('ready', () => calls(imap, say)('status', 'Archive').then(() => tell(imap, say)))
    }
  })
}

/** @param {any} imap @param {() => void} act */
function atBell (imap, act) {
  imap.on('alert', (/** @type {string} */ text) => text === 'bell' && act())
}

/** @type {Record<string, Scenario>} */
const scenarios = {}
for (const [moment, scenarioOf] of Object.entries(MOMENTS)) {
  for (const [name, news] of Object.entries(NEWS)) {
    const deviates = DEVIATIONS.filter(([, what, when]) => what.test(name) && when.test(moment)).map(([id]) => id)
    scenarios[`${name}, ${moment}`] = { ...scenarioOf(news), deviates }
  }
}

/** @type {import('../scenarios').Area} */
module.exports = { area: 'unsolicited', scenarios }
