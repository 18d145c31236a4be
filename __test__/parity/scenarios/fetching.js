// @ts-check
'use strict'

// fetch: what is asked for and what comes (contract sections 3.7, 4.3 and 5).

const { opened, session } = require('../session')

/** @typedef {import('../scenarios').Scenario} Scenario */

const DATE = 'INTERNALDATE "05-Sep-2004 00:38:03 +0000"'
const PLAIN = `UID 1 FLAGS (\\Seen) ${DATE}`

/** JSON as the value that was recorded. @param {any} value @returns {any} */
const revived = (value) => {
  if (value === null || typeof value !== 'object') return value
  return '$undefined' in value ? undefined : '$nan' in value ? NaN : value
}

/** What the vectors of options ask for, one scenario for each set of capabilities. */
const options = Object.fromEntries(require('../../vectors/fetch-commands.json').map((/** @type {any} */ vector) => {
  const { options, caps, seq, command, differs } = vector
  return [
    `options ${options && '$undefined' in options ? 'undefined' : JSON.stringify(options)}, ${seq ? 'by sequence number, ' : ''}with ${caps.join(' and ') || 'no extension'}`,
    opened({
      capabilities: caps.join(' '),
      exchanges: [[command, 'OK done']],
      calls: [[seq ? 'seq.fetch' : 'fetch', 1, revived(options)]],
      deviates: differs ? [differs] : []
    })
  ]
}))

const sets = Object.fromEntries(require('../../vectors/message-sets.json').map((/** @type {any} */ { source, command, throws, differs }) => [
  `message set ${source && source.$undefined ? 'undefined' : source && source.$nan ? 'NaN' : JSON.stringify(source)}`,
  opened({ exchanges: throws ? [] : [[command, 'OK done']], calls: [['fetch', revived(source)]], deviates: differs ? [differs] : [] })
]))

const refusals = {
  'sequence numbers that are none': opened({ calls: [undefined, null, [], 0, '0', -1, 'abc', '', true, {}, NaN, [1, 'x']].map((set) => ['seq.fetch', set]) }),
  'no mailbox is open': session({ exchanges: [['UID FETCH 1 (UID FLAGS INTERNALDATE)', 'BAD no mailbox']], calls: [['fetch', 1]] }),
  'NO': opened({ exchanges: [['UID FETCH 1 (UID FLAGS INTERNALDATE)', 'NO [X-CODE 5] no']], calls: [['fetch', 1]] }),
  'NO after messages': opened({ exchanges: [['UID FETCH 1:2 (UID FLAGS INTERNALDATE)', `* 1 FETCH (${PLAIN})`, 'NO some are gone']], calls: [['fetch', '1:2']] }),
  'BAD': opened({ exchanges: [['UID FETCH 1 (UID FLAGS INTERNALDATE)', 'BAD what']], calls: [['fetch', 1]] }),
  'nothing is there': opened({ exchanges: [['UID FETCH 99 (UID FLAGS INTERNALDATE)', 'OK done']], calls: [['fetch', 99]] }),
  'CHANGEDSINCE in a mailbox without mod-sequences': opened({
    capabilities: 'CONDSTORE',
    open: ['* 3 EXISTS', '* OK [NOMODSEQ] none', 'OK done'],
    exchanges: [['UID FETCH 1 (UID FLAGS INTERNALDATE)', 'OK done']],
    calls: [['fetch', 1, { modifiers: { changedsince: 5 } }]]
  })
}

/** A fetch of attributes that is answered with these lines. */
const attributes = (/** @type {string[]} */ lines, /** @type {any} */ more = {}, /** @type {string[]} */ ...deviates) => {
  const { items = '', options, capabilities, before = '' } = more
  return opened({
    capabilities,
    exchanges: [[`UID FETCH 1:2 (${before}UID FLAGS INTERNALDATE${items})`, ...lines, 'OK done']],
    calls: [['fetch', '1:2', options]],
    deviates
  })
}

const SIZE = { items: ' RFC822.SIZE', options: { size: true } }

const events = {
  'a message': attributes([`* 1 FETCH (${PLAIN})`]),
  'several messages': attributes([`* 1 FETCH (${PLAIN})`, `* 2 FETCH (UID 2 FLAGS ($x) ${DATE})`]),
  'lower case': attributes([`* 1 fetch (uid 1 flags (\\Seen) internaldate "05-Sep-2004 00:38:03 +0000")`]),
  'no flags': attributes([`* 1 FETCH (UID 1 FLAGS () ${DATE})`]),
  'flags that are digits and NIL': attributes([`* 1 FETCH (UID 1 FLAGS (5 NIL nil 007) ${DATE})`]),
  'attributes over several lines': attributes(['* 1 FETCH (UID 1)', '* 2 FETCH (UID 2)', `* 1 FETCH (${DATE})`, '* 1 FETCH (FLAGS (\\Seen))', `* 2 FETCH (FLAGS (x) ${DATE})`]),
  'an attribute that comes twice': attributes(['* 1 FETCH (UID 1)', `* 1 FETCH (${DATE} UID 1000)`, '* 1 FETCH (FLAGS (\\Seen))']),
  'an attribute twice in one line': attributes([`* 1 FETCH (UID 1 UID 2 FLAGS (\\Seen) ${DATE})`], {}, 'D-70'),
  'an attribute that nobody asked for': attributes([`* 1 FETCH (${PLAIN} X-FOO bar RFC822.SIZE 5)`]),
  'an attribute that does not come': attributes([`* 1 FETCH (UID 1 FLAGS (\\Seen))`], {}, 'Q-17'),
  'an attribute that does not come, of one of two': attributes([`* 1 FETCH (UID 1 FLAGS (\\Seen))`, `* 2 FETCH (UID 2 FLAGS (x) ${DATE})`], {}, 'Q-17'),
  'a message twice': attributes([`* 1 FETCH (${PLAIN})`, `* 1 FETCH (${PLAIN})`], {}, 'Q-19'),
  'flags of another message': attributes(['* 9 FETCH (FLAGS (\\Seen))', `* 1 FETCH (${PLAIN})`], {}, 'Q-19'),
  'flags of a message that is done': attributes([`* 1 FETCH (${PLAIN})`, '* 1 FETCH (FLAGS (\\Deleted))'], {}, 'Q-19'),
  'other news in between': attributes([`* 1 FETCH (${PLAIN})`, '* 4 EXISTS', '* 3 EXPUNGE', `* 2 FETCH (${PLAIN})`, '* OK [ALERT] hear']),
  'an odd item at the end': attributes([`* 1 FETCH (${PLAIN} X)`]),
  'items without parentheses': attributes([`* 1 FETCH ${PLAIN}`], {}, 'Q-05'),
  'no items': attributes(['* 1 FETCH ()', '* 1 FETCH'], {}, 'Q-05'),
  'a size': attributes([`* 1 FETCH (${PLAIN} RFC822.SIZE 44827)`], SIZE),
  'a size in quotes': attributes([`* 1 FETCH (${PLAIN} RFC822.SIZE "5")`], SIZE),
  'a size of NIL': attributes([`* 1 FETCH (${PLAIN} RFC822.SIZE NIL)`], SIZE),
  'dates of other forms': attributes([
    '* 1 FETCH (UID 1 FLAGS (x) INTERNALDATE " 5-Sep-2004 00:38:03 +0000")', '* 2 FETCH (UID 2 FLAGS (x) INTERNALDATE "05-Sep-2004 00:38:03 -0730")'
  ]),
  'a date that is none': attributes(['* 1 FETCH (UID 1 FLAGS (x) INTERNALDATE "junk")']),
  'a date of NIL': attributes(['* 1 FETCH (UID 1 FLAGS (x) INTERNALDATE NIL)']),
  'a UID that is none': attributes([`* 1 FETCH (UID x FLAGS (x) ${DATE})`]),
  'a mod-sequence': attributes([`* 1 FETCH (MODSEQ (65402) ${PLAIN})`, `* 2 FETCH (MODSEQ (9223372036854775807) ${PLAIN})`], { before: 'MODSEQ ', capabilities: 'CONDSTORE' }),
  'a mod-sequence without parentheses': attributes([`* 1 FETCH (MODSEQ 5 ${PLAIN})`], { before: 'MODSEQ ', capabilities: 'CONDSTORE' }, 'D-61'),
  'labels': attributes([`* 1 FETCH (X-GM-THRID 1266894439832287888 X-GM-MSGID 1278455344230334865 X-GM-LABELS ("\\\\Inbox" "\\\\Sent" Important "Muy Importante" 5 &AOk-) ${PLAIN})`],
    { before: 'X-GM-THRID X-GM-MSGID X-GM-LABELS ', capabilities: 'X-GM-EXT-1' }),
  'no labels, and small ids': attributes([`* 1 FETCH (X-GM-THRID 12 X-GM-MSGID 13 X-GM-LABELS () ${PLAIN})`],
    { before: 'X-GM-THRID X-GM-MSGID X-GM-LABELS ', capabilities: 'X-GM-EXT-1' }, 'Q-31'),
  'extensions': attributes([`* 1 FETCH (${PLAIN} X-REAL-UID 5 X-LIST (a (b NIL) "c d") X-NIL NIL)`],
    { items: ' X-REAL-UID X-LIST X-NIL', options: { extensions: ['x-real-uid', 'X-List', 'x-nil'] } }),
  'a list that comes as a literal': opened({
    exchanges: [['UID FETCH 1 (UID FLAGS INTERNALDATE X-TEXT)', `S+: * 1 FETCH (X-TEXT {5}\\r\\na b)c ${PLAIN.replace(/\\/g, '\\\\')})\\r\\n`, 'OK done']],
    calls: [['fetch', 1, { extensions: ['X-TEXT'] }]]
  })
}

/** A fetch of bodies; the lines are sent as they are, with escapes. */
const bodies = (/** @type {any} */ sections, /** @type {string[]} */ lines, /** @type {string[]} */ ...deviates) => opened({
  exchanges: [[
    `UID FETCH 1:2 (UID FLAGS INTERNALDATE${[sections].flat().map((section) => ` BODY.PEEK[${section}]`).join('')})`,
    ...lines.map((line) => `S+: ${line.replace(/\\(?=Seen)/g, '\\\\')}\\r\\n`), 'OK done'
  ]],
  calls: [['fetch', '1:2', { bodies: sections }]],
  deviates
})

const streams = {
  'a literal': bodies('TEXT', [`* 1 FETCH (${PLAIN} BODY[TEXT] {5}\\r\\nhello)`]),
  'a literal before the attributes': bodies('TEXT', [`* 1 FETCH (BODY[TEXT] {5}\\r\\nhello ${PLAIN})`]),
  'a literal in a line of its own, before the attributes': bodies('TEXT', ['* 1 FETCH (BODY[TEXT] {5}\\r\\nhello)', `* 1 FETCH (${PLAIN})`]),
  'a literal in a line of its own, after the attributes': bodies('TEXT', [`* 1 FETCH (${PLAIN})`, '* 1 FETCH (BODY[TEXT] {5}\\r\\nhello)'], 'Q-43'),
  'a quoted body': bodies('TEXT', [`* 1 FETCH (${PLAIN} BODY[TEXT] "IMAP is terrible")`]),
  'a quoted body with escapes': bodies('TEXT', [`* 1 FETCH (${PLAIN} BODY[TEXT] "a \\\\"b\\\\" \\\\\\\\ c)")`]),
  'a quoted body of UTF-8': bodies('TEXT', [`* 1 FETCH (${PLAIN} BODY[TEXT] "\\u00e9\\u00fc")`]),
  'an empty quoted body': bodies('TEXT', [`* 1 FETCH (${PLAIN} BODY[TEXT] "")`]),
  'NIL': bodies('TEXT', [`* 1 FETCH (${PLAIN} BODY[TEXT] NIL)`], 'Q-28'),
  'a literal of no bytes': bodies('TEXT', [`* 1 FETCH (${PLAIN} BODY[TEXT] {0}\\r\\n)`], 'Q-13'),
  'a part of a body': bodies('TEXT<0.3>', [`* 1 FETCH (${PLAIN} BODY[TEXT]<0> {3}\\r\\nabc)`], 'Q-29'),
  'the whole message': bodies('', [`* 1 FETCH (${PLAIN} BODY[] {11}\\r\\nA: b\\r\\n\\r\\nabc)`]),
  'bytes of every kind': bodies('', [`* 1 FETCH (${PLAIN} BODY[] {8}\\r\\n\\0\\xff\\xfe\\r\\n)"\\n)`]),
  'a body that looks like answers': bodies('', [`* 1 FETCH (${PLAIN} BODY[] {26}\\r\\nA5 OK x\\r\\n* BYE\\r\\n{5}\\r\\n)\\r\\n+)`]),
  'two bodies of a message': bodies(['HEADER', 'TEXT'], [`* 1 FETCH (${PLAIN} BODY[HEADER] {3}\\r\\na: BODY[TEXT] {2}\\r\\nbc)`]),
  'two bodies in the other order': bodies(['HEADER', 'TEXT'], [`* 1 FETCH (BODY[TEXT] {2}\\r\\nbc BODY[HEADER] {3}\\r\\na: ${PLAIN})`]),
  'two bodies in two lines': bodies(['HEADER', 'TEXT'], ['* 1 FETCH (BODY[TEXT] {2}\\r\\nbc)', `* 1 FETCH (BODY[HEADER] {3}\\r\\na: ${PLAIN})`]),
  'two quoted bodies': bodies(['HEADER', 'TEXT'], [`* 1 FETCH (${PLAIN} BODY[HEADER] "a" BODY[TEXT] "b")`]),
  'a quoted body, then a literal': bodies(['HEADER', 'TEXT'], [`* 1 FETCH (${PLAIN} BODY[HEADER] "a" BODY[TEXT] {1}\\r\\nb)`], 'Q-30'),
  'bodies of two messages': bodies('TEXT', [`* 1 FETCH (${PLAIN} BODY[TEXT] {2}\\r\\nab)`, `* 2 FETCH (${PLAIN} BODY[TEXT] {2}\\r\\ncd)`]),
  'bodies of two messages, interleaved': bodies(['1', '2'], ['* 1 FETCH (BODY[1] {1}\\r\\na)', '* 2 FETCH (BODY[1] {1}\\r\\nb)', `* 1 FETCH (BODY[2] {1}\\r\\nc ${PLAIN})`,
    `* 2 FETCH (BODY[2] {1}\\r\\nd ${PLAIN})`]),
  'a body twice': bodies('TEXT', [`* 1 FETCH (BODY[TEXT] {1}\\r\\na BODY[TEXT] {1}\\r\\nb ${PLAIN})`]),
  'a body that nobody asked for': bodies('TEXT', [`* 1 FETCH (BODY[1] {1}\\r\\na BODY[TEXT] {1}\\r\\nb ${PLAIN})`]),
  'a body that does not come': bodies('TEXT', [`* 1 FETCH (${PLAIN})`], 'Q-17'),
  'some header fields': bodies('HEADER.FIELDS (FROM TO)', [`* 1 FETCH (${PLAIN} BODY[HEADER.FIELDS (FROM TO)] {4}\\r\\na: b)`]),
  'header fields in quotes': bodies('HEADER.FIELDS (FROM TO)', [`* 1 FETCH (${PLAIN} BODY[HEADER.FIELDS ("FROM" "TO")] {4}\\r\\na: b)`]),
  'header fields with other blanks': bodies('HEADER.FIELDS (FROM TO)', [`* 1 FETCH (${PLAIN} BODY[HEADER.FIELDS  (FROM  TO)] {4}\\r\\na: b)`]),
  'header fields in another order': bodies('HEADER.FIELDS (FROM TO)', [`* 1 FETCH (${PLAIN} BODY[HEADER.FIELDS (TO FROM)] {4}\\r\\na: b)`], 'Q-18'),
  'header fields in another case': bodies('HEADER.FIELDS (From To)', [`* 1 FETCH (${PLAIN} BODY[HEADER.FIELDS (FROM TO)] {4}\\r\\na: b)`], 'Q-18'),
  'a section in lower case': bodies('1.mime', [`* 1 FETCH (${PLAIN} BODY[1.MIME] {4}\\r\\na: b)`], 'Q-18'),
  'BODY in lower case': bodies('TEXT', [`* 1 FETCH (${PLAIN} body[TEXT] {1}\\r\\na)`]),
  'numbers of parts': bodies(['1', '1.2', '10.MIME'], [`* 1 FETCH (BODY[1] {1}\\r\\na BODY[1.2] {1}\\r\\nb BODY[10.MIME] {1}\\r\\nc ${PLAIN})`]),
  'the same section twice': opened({
    exchanges: [['/UID FETCH 1 \\(UID FLAGS INTERNALDATE BODY.PEEK\\[TEXT\\]/', `S+: * 1 FETCH (BODY[TEXT] {1}\\r\\na UID 1 FLAGS (x) ${DATE})\\r\\n`, 'OK done']],
    calls: [['fetch', 1, { bodies: ['TEXT', 'TEXT'] }]],
    deviates: ['Q-80']
  }),
  'NO after a body': opened({
    exchanges: [['UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[TEXT])', `S+: * 1 FETCH (UID 1 FLAGS (x) ${DATE} BODY[TEXT] {1}\\r\\na)\\r\\n`, 'NO no more']],
    calls: [['fetch', 1, { bodies: 'TEXT' }]]
  })
}

const prefixed = (/** @type {string} */ prefix, /** @type {Record<string, Scenario>} */ scenarios) =>
  Object.fromEntries(Object.entries(scenarios).map(([name, scenario]) => [`${prefix}${name}`, scenario]))

module.exports = { area: 'fetching', scenarios: { ...options, ...sets, ...refusals, ...prefixed('attributes: ', events), ...prefixed('bodies: ', streams) } }
