// @ts-check
'use strict'

// Mailboxes: their names, their trees, their counts (contract section 3.2).

const { opened, session } = require('../session')

const TOLD = 'MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT'
const STATUS = `(${TOLD})`

/** One call without a mailbox open. */
const one = (/** @type {string[]} */ exchange, /** @type {any[]} */ call, /** @type {object} */ more = {}) =>
  session({ exchanges: [exchange], calls: [/** @type {any} */ (call)], ...more })

const deviating = (/** @type {any[]} */ deviates) => deviates.length > 0 ? { deviates } : {}

/** What `* LIST` lines make of getBoxes. */
const listed = (/** @type {string[]} */ lines, /** @type {string[]} */ ...deviates) =>
  one(['LIST "" "*"', ...lines.map((line) => `* LIST ${line}`), 'OK done'], ['getBoxes'], deviating(deviates))

/** The methods that take a name and give nothing. */
const NAMED = Object.entries({ addBox: 'CREATE', delBox: 'DELETE', subscribeBox: 'SUBSCRIBE', unsubscribeBox: 'UNSUBSCRIBE' })

const named = Object.fromEntries(NAMED.flatMap(([method, command]) => [
  [`${method} sends ${command}`, one([`${command} "x"`, 'OK done'], [method, 'x'])],
  [`${method} is refused with NO and a code`, one([`${command} "x"`, 'NO [ALREADYEXISTS] not again'], [method, 'x'])],
  [`${method} is answered with BAD`, one([`${command} "x"`, 'BAD what'], [method, 'x'])],
  [`${method} works without a callback`, session({
    exchanges: [[`${command} "x"`, 'NO no']],
    calls: [(imap, say, next) => {
      say(imap[method]('x'))
      next()
    }]
  })]
]))

/** Names and what they are on the wire. */
const NAMES = /** @type {[string, any, string, string?][]} */ ([
  ['with umlauts', 'Entwürfe', 'Entw&APw-rfe'],
  ['with an ampersand', 'a & b', 'a &- b'],
  ['with quotes and backslashes', 'x"y\\z', 'x\\"y\\\\z'],
  ['of Japanese', '台北/日本語', '&U,BTFw-/&ZeVnLIqe-'],
  ['of an emoji', '😀', '&2D3eAA-'],
  ['with a tab', 'a\tb', 'a&AAk-b'],
  ['with a line break', 'a\r\nb', 'a&AA0ACg-b'],
  ['that is encoded already', '&Jjo-', '&-Jjo-'],
  ['that is empty', '', ''],
  ['that is null', null, 'null'],
  ['that is undefined', undefined, 'undefined'],
  ['that is a number', 5, '5'],
  ['that is an array', ['a', 'b'], 'a,b'],
  ['that is an object', {}, '[object Object]'],
  ['with DEL', 'a\x7fb', 'a&AH8-b'],
  ['of mixed runs', 'é&é~', '&AOk-&-&AOk-~'],
  ['with half a surrogate pair', 'a\ud83db', 'a&,,0-b', 'D-50']
])

const names = Object.fromEntries(NAMES.map(([what, name, wire, ...deviates]) => [
  `a name ${what}`, one([`/CREATE "${wire.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}"$/`, 'OK done'], ['addBox', name], deviating(deviates))
]))

const trees = {
  'getBoxes: a tree of mailboxes': listed([
    '(\\HasNoChildren) "/" INBOX', '(\\HasChildren) "/" "A"', '(\\HasNoChildren) "/" "A/B"', '(\\HasNoChildren) "/" "A/B/C"'
  ]),
  'getBoxes: the inbox comes last': listed(['() "/" A', '() "/" INBOX']),
  'getBoxes: nothing is listed': listed([]),
  'getBoxes: NO': one(['LIST "" "*"', 'NO [NOPERM] no'], ['getBoxes']),
  'getBoxes: NO after a line': one(['LIST "" "*"', '* LIST () "/" A', 'NO sorry'], ['getBoxes']),
  'getBoxes: a namespace': one(['LIST "Shared/" "*"', '* LIST () "/" Shared/x', 'OK done'], ['getBoxes', 'Shared/'], { deviates: ['Q-53'] }),
  'getBoxes: a namespace that is encoded': one(['LIST "&AOk-\\"" "*"', 'OK done'], ['getBoxes', 'é"']),
  'getBoxes: an empty namespace': one(['LIST "" "*"', 'OK done'], ['getBoxes', '']),
  'getBoxes: a namespace that is null': one(['LIST "" "*"', 'OK done'], ['getBoxes', null], { deviates: ['D-51'] }),
  'getBoxes: a delimiter that is a dot': listed(['() "." INBOX', '() "." INBOX.Sent']),
  'getBoxes: a delimiter that is a backslash': listed(['() "\\\\" A', '() "\\\\" "A\\\\B"']),
  'getBoxes: no delimiter': listed(['() NIL flat/name.x']),
  'getBoxes: each entry has its own delimiter': listed(['() "/" a', '() "/" a/b', '() "." c', '() "." c.d/e', '() NIL f.g/h']),
  'getBoxes: a parent that is never listed': listed(['() "/" A/B'], 'Q-53'),
  'getBoxes: a parent that is listed later': listed(['() "/" Late/x', '(\\HasChildren) "/" Late'], 'Q-53'),
  'getBoxes: a mailbox listed twice': listed(['(\\Marked) "/" A', '() "/" A/B', '(\\UnMarked) "/" A'], 'Q-53'),
  'getBoxes: a name with a delimiter at its end': listed(['() "/" A/'], 'Q-53'),
  'getBoxes: a name with a delimiter at its start': listed(['() "/" /A'], 'Q-53'),
  'getBoxes: encoded names': listed(['() "/" "Entw&APw-rfe"', '() "/" "a &- b"', '() "/" &2D3eAA-']),
  'getBoxes: groups that are no UTF-7 stay': listed(['() "/" "&"', '() "/" "&AP"', '() "/" "&!!-"', '() "/" "a&b c-"'], 'D-52'),
  'getBoxes: a group that does not end stays': listed(['() "/" "&"', '() "/" "&AP"', '() "/" "a&AOk"']),
  'getBoxes: a name with brackets': listed(['() "/" [Gmail]', '() "/" [Gmail]/Sent'], 'D-67'),
  'getBoxes: a name with brackets, in quotes': listed(['() "/" "[Gmail]"', '() "/" "[Gmail]/Sent"']),
  'getBoxes: names of digits': listed(['() "/" 2021', '() "/" 007', '() "/" 12345678901234567890', '() "/" "5"']),
  'getBoxes: names with quotes and backslashes': listed(['() "/" "x\\"y"', '() NIL "x\\\\y"']),
  'getBoxes: a name that is a literal': one(['LIST "" "*"', '* LIST () "/" {3}', 'S+: a b\\r\\n', 'OK done'], ['getBoxes']),
  'getBoxes: a name that is raw UTF-8': listed(['() "/" "Entwürfe"']),
  'getBoxes: no name': listed(['(\\X) "/"'], 'Q-05'),
  'getBoxes: attributes as they come': listed(['(\\Noselect \\HasChildren \\X-Foo bar $x) "/" A']),
  'getBoxes: a name that is like a property of every object': listed(['() "/" hasOwnProperty', '() "/" valueOf'], 'Q-35'),
  'getBoxes: lower case, and blanks at the start': one(['LIST "" "*"', ' * list () "/" A', 'OK done'], ['getBoxes']),
  'getBoxes: LSUB lines count, too': one(['LIST "" "*"', '* LSUB () "/" A', '* XLIST () "/" B', 'OK done'], ['getBoxes']),
  'getBoxes: extended data after the name': listed(['() "/" A ("CHILDINFO" ("SUBSCRIBED"))']),
  'getBoxes: a call without a callback': session({
    exchanges: [['LIST "" "*"', '* LIST () "/" A', 'OK done']],
    deviates: ['D-51'],
    calls: [(imap, say, next) => {
      imap.getBoxes()
      next()
    }]
  }),
  ...Object.fromEntries(['All', 'Archive', 'Drafts', 'Flagged', 'Important', 'Junk', 'Sent', 'Trash', 'Inbox', 'sent', 'Spam'].map((attribute) => [
    `getBoxes: the attribute ${attribute}`, listed([`(\\HasNoChildren \\${attribute}) "/" x`])
  ])),
  'getBoxes: several special uses': listed(['(\\Trash \\Junk) "/" a', '(\\Junk \\Trash) "/" b', '(\\Sent \\All \\Drafts) "/" c']),
  'getSubscribedBoxes sends LSUB': one(['LSUB "" "*"', '* LSUB (\\HasNoChildren) "/" A', 'OK done'], ['getSubscribedBoxes']),
  'getSubscribedBoxes: a namespace': one(['LSUB "x." "*"', '* LSUB () "." x', 'OK done'], ['getSubscribedBoxes', 'x.']),
  'getSubscribedBoxes: nothing is listed': one(['LSUB "" "*"', 'OK done'], ['getSubscribedBoxes']),
  'getSubscribedBoxes: BAD': one(['LSUB "" "*"', 'BAD what'], ['getSubscribedBoxes']),
  'getSpecialUseBoxes sends XLIST': one(['XLIST "" "*"', '* XLIST (\\Sent) "/" Sent', 'OK done'], ['getSpecialUseBoxes']),
  'getSpecialUseBoxes: nothing is listed': one(['XLIST "" "*"', 'OK done'], ['getSpecialUseBoxes']),
  'getSpecialUseBoxes: BAD': one(['XLIST "" "*"', 'BAD Unknown command'], ['getSpecialUseBoxes']),
  'the delimiter is that of the first LIST': session({
    calls: [(imap, say, next) => {
      say(imap.delimiter)
      next()
    }]
  })
}

/** STATUS and what comes back for it. */
const told = (/** @type {string[]} */ lines, /** @type {object} */ more = {}) =>
  one([`STATUS "x" ${STATUS}`, ...lines, 'OK done'], ['status', 'x'], more)

const status = {
  'status: all counts': told(['* STATUS x (MESSAGES 231 RECENT 1 UNSEEN 2 UIDVALIDITY 123 UIDNEXT 442)']),
  'status: counts in another order': told(['* STATUS "x" (UIDNEXT 442 UNSEEN 2 MESSAGES 231)']),
  'status: no counts': told(['* STATUS x ()']),
  'status: counts in lower case': told(['* status x (messages 231 uidnext 5)']),
  'status: a mod-sequence': told(['* STATUS x (MESSAGES 1 HIGHESTMODSEQ 12345678901234567890)']),
  'status: CONDSTORE asks for the mod-sequence': one([`STATUS "x" (${TOLD} HIGHESTMODSEQ)`, '* STATUS x (HIGHESTMODSEQ 7)', 'OK done'],
    ['status', 'x'], { capabilities: 'CONDSTORE' }),
  'status: unknown items': told(['* STATUS x (MESSAGES 1 DELETED 3 SIZE 99)']),
  'status: counts that are no numbers': told(['* STATUS x (MESSAGES NIL UNSEEN "5" UIDNEXT abc)'], { deviates: ['Q-05'] }),
  'status: an encoded name': one([`STATUS "&AOk-" ${STATUS}`, '* STATUS "&AOk-" (MESSAGES 1)', 'OK done'], ['status', 'é']),
  'status: another name than was asked for': told(['* STATUS "INBOX/y" (MESSAGES 1)']),
  'status: a name that is a literal': told(['* STATUS {3}', 'S+: a b (MESSAGES 1)\\r\\n']),
  'status: a name of digits': told(['* STATUS 2021 (MESSAGES 1)']),
  'status: nothing comes back': told([]),
  'status: two lines': told(['* STATUS x (MESSAGES 1)', '* STATUS x (MESSAGES 2)']),
  'status: NO': one([`STATUS "x" ${STATUS}`, 'NO [NONEXISTENT] no such mailbox'], ['status', 'x']),
  'status: NO after the counts': one([`STATUS "x" ${STATUS}`, '* STATUS x (MESSAGES 1)', 'NO sorry'], ['status', 'x']),
  'status: the open mailbox': opened({ calls: [['status', 'INBOX']] }),
  'status: the open mailbox in another case': opened({
    exchanges: [[`STATUS "inbox" ${STATUS}`, '* STATUS inbox (MESSAGES 3)', 'OK done']], calls: [['status', 'inbox']]
  })
}

const renaming = {
  'renameBox': one(['RENAME "a" "b"', 'OK done'], ['renameBox', 'a', 'b']),
  'renameBox: encoded names': one(['RENAME "&AOk-" "x\\"y"', 'OK done'], ['renameBox', 'é', 'x"y']),
  'renameBox: NO': one(['RENAME "a" "b"', 'NO [ALREADYEXISTS] no'], ['renameBox', 'a', 'b']),
  'renameBox: another mailbox is open': opened({ exchanges: [['RENAME "a" "b"', 'OK done']], calls: [['renameBox', 'a', 'b']] }),
  'renameBox: the inbox is open': opened({ exchanges: [['RENAME "INBOX" "b"', 'OK done']], calls: [['renameBox', 'INBOX', 'b']] }),
  'renameBox: the open mailbox': session({
    exchanges: [['SELECT "a"', '* 1 EXISTS', 'OK done'], ['RENAME "a" "b"', 'OK done'], [`STATUS "a" ${STATUS}`, 'OK done']],
    calls: [['openBox', 'a'], ['renameBox', 'a', 'b'], ['status', 'b'], ['status', 'a']]
  }),
  'renameBox: the open mailbox, and NO': session({
    exchanges: [['SELECT "a"', '* 1 EXISTS', 'OK done'], ['RENAME "a" "b"', 'NO no']],
    calls: [['openBox', 'a'], ['renameBox', 'a', 'b'], ['status', 'a']]
  })
}

module.exports = { area: 'mailboxes', scenarios: { ...named, ...names, ...trees, ...status, ...renaming } }
