// @ts-check
'use strict'

// Opening and closing a mailbox, and the box (contract sections 3.3 and 3.4).

const { SELECTED } = require('./common')
const { opened, session } = require('../session')

/** Says the box as it is now. */
const box = (/** @type {any} */ imap, /** @type {any} */ say, /** @type {() => void} */ next) => {
  say('_box', imap._box)
  next()
}

/** openBox answered with these lines. */
const answered = (/** @type {string[]} */ lines, /** @type {string[]} */ ...deviates) => session({
  exchanges: [['SELECT "x"', ...lines]],
  calls: [['openBox', 'x'], box],
  ...(deviates.length > 0 ? { deviates } : {})
})

/** A line that comes while nothing but a command that concerns no mailbox runs. */
const later = (/** @type {string[]} */ lines, /** @type {string[]} */ ...deviates) => opened({
  exchanges: [['CREATE "x"', ...lines, 'OK done']],
  calls: [['addBox', 'x'], box],
  ...(deviates.length > 0 ? { deviates } : {})
})

const opening = {
  'openBox: SELECT': session({ exchanges: [['SELECT "INBOX"', SELECTED, 'OK [READ-WRITE] done']], calls: [['openBox', 'INBOX'], box] }),
  'openBox: false as readOnly': session({ exchanges: [['SELECT "INBOX"', SELECTED, 'OK [READ-WRITE] done']], calls: [['openBox', 'INBOX', false]] }),
  'openBox: EXAMINE': session({
    exchanges: [['EXAMINE "INBOX"', '* 1 EXISTS', 'OK [READ-ONLY] done']], calls: [['openBox', 'INBOX', true], box]
  }),
  'openBox: any value that is true reads only': session({
    exchanges: [['EXAMINE "INBOX"', '* 1 EXISTS', 'OK [READ-ONLY] done'], ['EXAMINE "INBOX"', '* 1 EXISTS', 'OK [READ-ONLY] done']],
    calls: [['openBox', 'INBOX', 'false'], ['openBox', 'INBOX', {}]],
    deviates: ['Q-14']
  }),
  'openBox: EXAMINE without the code': session({
    exchanges: [['EXAMINE "x"', '* 1 EXISTS', 'OK done']], calls: [['openBox', 'x', true]], deviates: ['Q-64']
  }),
  'openBox: with modifiers': session({
    exchanges: [['SELECT "x"', '* 1 EXISTS', 'OK done']],
    calls: [(imap, say, next) => imap.openBox('x', false, {}, (/** @type {any[]} */ ...values) => {
      say(...values)
      next()
    })],
    deviates: ['Q-16']
  }),
  'openBox: CONDSTORE': session({
    capabilities: 'CONDSTORE',
    exchanges: [['SELECT "x" (CONDSTORE)', '* 1 EXISTS', '* OK [HIGHESTMODSEQ 715194045007] ok', 'OK [READ-WRITE] done'],
      ['EXAMINE "y" (CONDSTORE)', '* 1 EXISTS', '* OK [NOMODSEQ] none', 'OK [READ-ONLY] done']],
    calls: [['openBox', 'x'], ['openBox', 'y', true]],
    deviates: ['Q-14']
  }),
  'openBox: an encoded name keeps its name': session({
    exchanges: [['SELECT "Entw&APw-rfe"', '* 1 EXISTS', 'OK done']], calls: [['openBox', 'Entwürfe'], box]
  }),
  'openBox: NO': answered(['NO [NONEXISTENT] no such mailbox']),
  'openBox: NO after untagged data': answered(['* 5 EXISTS', 'NO sorry']),
  'openBox: BAD': answered(['BAD what']),
  'openBox: NO closes the mailbox that was open': opened({
    exchanges: [['SELECT "x"', 'NO no']], calls: [box, ['openBox', 'x'], box, ['search', ['ALL']]]
  }),
  'openBox: another mailbox afterwards': opened({
    exchanges: [['SELECT "x"', '* FLAGS (\\Seen)', '* 5 EXISTS', '* 1 RECENT', '* OK [UIDVALIDITY 8] ok', '* OK [UIDNEXT 9] ok',
      '* OK [PERMANENTFLAGS ()] none', 'OK [READ-WRITE] done']],
    calls: [['openBox', 'x'], box],
    deviates: ['Q-14']
  }),
  'openBox: a smaller mailbox afterwards makes no mail': opened({
    exchanges: [['SELECT "x"', '* 1 EXISTS', 'OK [READ-WRITE] done']], calls: [['openBox', 'x']], deviates: ['Q-14']
  }),
  'openBox: nothing untagged': answered(['OK done'], 'Q-05'),
  'openBox: not authenticated': {
    ...session({ calls: [] }),
    drive: (/** @type {any} */ imap, /** @type {any} */ say) => {
      try {
        imap.openBox('INBOX', () => {})
      } catch (error) {
        say(error)
      }
      imap.once('ready', () => imap.end())
    }
  }
}

const boxes = {
  'a box: what it holds at least': answered(['* 0 EXISTS', 'OK done']),
  'a box: RECENT before EXISTS': answered(['* 1 RECENT', '* 5 EXISTS', 'OK done']),
  'a box: EXISTS before RECENT': answered(['* 5 EXISTS', '* 1 RECENT', 'OK done']),
  'a box: EXISTS twice': answered(['* 5 EXISTS', '* 7 EXISTS', 'OK done']),
  'a box: EXISTS that shrinks': answered(['* 7 EXISTS', '* 5 EXISTS', 'OK done']),
  'a box: flags': answered(['* FLAGS (\\Seen $MDNSent custom)', 'OK done']),
  'a box: no flags': answered(['* FLAGS ()', 'OK done'], 'Q-34'),
  'a box: flags that are digits or NIL': answered(['* FLAGS (5 NIL 007)', 'OK done']),
  'a box: permanent flags and keywords': answered(['* OK [PERMANENTFLAGS (\\Seen $Label1 custom \\*)] ok', 'OK done']),
  'a box: permanent flags without new keywords': answered(['* OK [PERMANENTFLAGS (\\Seen)] ok', 'OK done']),
  'a box: no permanent flags': answered(['* OK [PERMANENTFLAGS ()] read-only', 'OK done']),
  'a box: permanent flags that are no list': answered(['* OK [PERMANENTFLAGS] x', '* OK [PERMANENTFLAGS x] y', 'OK done'], 'Q-05'),
  'a box: UIDs that do not stay': answered(['* OK [UIDNOTSTICKY] no', 'OK done']),
  'a box: no mod-sequences': answered(['* OK [NOMODSEQ] no', 'OK done']),
  'a box: codes in lower case': answered(['* OK [uidvalidity 5] x', '* OK [uidnext 6] x', '* OK [nomodseq] x', '* OK [uidnotsticky] x',
    '* OK [highestmodseq 7] x', '* OK [permanentflags (\\Seen)] x', 'OK [read-only] done'], 'D-54'),
  'a box: the largest mod-sequence': answered(['* OK [HIGHESTMODSEQ 9223372036854775807] x', 'OK done']),
  'a box: a mod-sequence that is too large': answered(['* OK [HIGHESTMODSEQ 12345678901234567890] x', 'OK done'], 'D-55'),
  'a box: a code that tells nothing': answered(['* 1 EXISTS', '* OK [UNSEEN 12] first', '* OK [X-FOO bar] x', 'OK done']),
  'a box: numbers that are none': answered(['* OK [UIDVALIDITY x] x', '* OK [UIDNEXT] x', 'OK done'], 'D-55'),
  'a box: READ-ONLY in the answer to SELECT': answered(['* 1 EXISTS', 'OK [READ-ONLY] done']),
  'a box: READ-ONLY without a text': answered(['* 1 EXISTS', 'OK [READ-ONLY]'], 'Q-41'),
  'a box: CLOSED before the data of the next': opened({
    exchanges: [['SELECT "x"', '* OK [CLOSED] ok', '* 1 EXISTS', 'OK done']], calls: [['openBox', 'x']], deviates: ['Q-14']
  }),
  'later: EXISTS grows': later(['* 5 EXISTS']),
  'later: EXISTS shrinks': later(['* 1 EXISTS', '* 2 EXISTS']),
  'later: RECENT': later(['* 2 RECENT']),
  'later: FLAGS': later(['* FLAGS (\\Seen new)']),
  'later: EXPUNGE': later(['* 1 EXPUNGE', '* 1 EXPUNGE', '* 1 EXPUNGE', '* 1 EXPUNGE']),
  'later: EXPUNGE and EXISTS': later(['* 1 EXPUNGE', '* 3 EXISTS']),
  'later: UIDVALIDITY changes': later(['* OK [UIDVALIDITY 8] ok'], 'Q-12'),
  'later: the malformed UIDVALIDITY': later(['* OK [UIDVALIDITY] 55'], 'Q-12'),
  'later: UIDNEXT, HIGHESTMODSEQ and PERMANENTFLAGS': later(['* OK [UIDNEXT 9] x', '* OK [HIGHESTMODSEQ 9] x', '* OK [PERMANENTFLAGS (\\Seen)] x'], 'Q-76'),
  'later: a FETCH is an update': later(['* 2 FETCH (FLAGS (\\Seen) UID 3)', '* 3 FETCH (MODSEQ (5) FLAGS ($x))']),
  'later: an update with every item': later(['* 2 FETCH (UID 3 INTERNALDATE "05-Sep-2004 00:38:03 +0000" RFC822.SIZE 5 ' +
    'BODY ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1) X-GM-LABELS ("\\\\Inbox"))'])
}

/** closeBox and what is sent. */
const closing = {
  'closeBox: CLOSE': opened({ exchanges: [['CLOSE', 'OK done']], calls: [['closeBox'], box, ['search', ['ALL']]] }),
  'closeBox: true': opened({ exchanges: [['CLOSE', 'OK done']], calls: [['closeBox', true], box] }),
  'closeBox: a value that is true': opened({ exchanges: [['CLOSE', 'OK done']], calls: [['closeBox', 1], box] }),
  'closeBox: expunges are told': opened({ exchanges: [['CLOSE', '* 1 EXPUNGE', 'OK done']], calls: [['closeBox'], box] }),
  'closeBox: NO keeps the mailbox': opened({ exchanges: [['CLOSE', 'NO no']], calls: [['closeBox'], box] }),
  'closeBox: UNSELECT': opened({ capabilities: 'UNSELECT', exchanges: [['UNSELECT', 'OK done']], calls: [['closeBox', false], box] }),
  'closeBox: UNSELECT and BAD': opened({ capabilities: 'UNSELECT', exchanges: [['UNSELECT', 'BAD what']], calls: [['closeBox', false], box] }),
  'closeBox: 0 and the empty string do not expunge': opened({
    capabilities: 'UNSELECT',
    exchanges: [['UNSELECT', 'OK done'], ['SELECT "INBOX"', '* 1 EXISTS', 'OK done'], ['UNSELECT', 'OK done']],
    calls: [['closeBox', 0], ['openBox', 'INBOX'], ['closeBox', '']]
  }),
  'closeBox: a SELECT that fails, without UNSELECT': opened({
    exchanges: [['/SELECT "NODEJSIMAPCLOSINGBOX\\d+"$/', 'NO no such mailbox']], calls: [withoutClock, ['search', ['ALL']]]
  }),
  'closeBox: a SELECT that does not fail': opened({
    exchanges: [['/SELECT "NODEJSIMAPCLOSINGBOX\\d+"$/', '* 9 EXISTS', 'OK done']], calls: [withoutClock]
  }),
  'closeBox: no mailbox is open': session({ calls: [['closeBox'], ['closeBox', false]] }),
  'closeBox: twice': opened({ exchanges: [['CLOSE', 'OK done']], calls: [['closeBox'], ['closeBox']] })
}

/**
 * closeBox(false) at a time that is the same for everybody.
 *
 * @param {any} imap
 * @param {(...values: any[]) => void} say
 * @param {() => void} next
 */
function withoutClock (imap, say, next) {
  const { now } = Date
  Date.now = () => 1234567890123
  try {
    imap.closeBox(false, (/** @type {any[]} */ ...values) => {
      say('closeBox', imap._box, values[0])
      next()
    })
  } finally {
    Date.now = now
  }
}

module.exports = { area: 'opening and closing', scenarios: { ...opening, ...boxes, ...closing } }
