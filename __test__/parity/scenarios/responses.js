// @ts-check
'use strict'

// Responses, whole and broken: untagged, tagged, their codes and tokens (contract section 8).

const { opened, session } = require('../session')

/** Says the box, the capabilities and the namespaces. */
const seen = (/** @type {any} */ imap, /** @type {any} */ say, /** @type {() => void} */ next) => {
  say(imap._box, imap._caps, imap.namespaces, imap.delimiter)
  next()
}

/** Lines that come while a command runs that wants none; what its callback gets is said. */
const during = (/** @type {string[]} */ lines, /** @type {string[]} */ ...deviates) => opened({
  exchanges: [['CREATE "x"', ...lines, 'OK done'], ['CREATE "y"', 'OK done']], calls: [['addBox', 'x'], ['addBox', 'y'], seen], deviates
})

/** A line as it is on the wire, with escapes. */
const raw = (/** @type {string} */ line) => `S+: ${line}\\r\\n`

/** Lines that are understood. */
const UNTAGGED = [
  '* SEARCH 1 2', '* SORT 3 1 2', '* THREAD (2)(3 6 (4 23)(44 7 96))', '* THREAD', '* THREAD ()', '* THREAD ((1)(2))',
  '* STATUS x (MESSAGES 1 UIDNEXT 2)', '* LIST (\\Sent) "/" stray', '* LSUB () NIL stray', '* XLIST () "/" stray',
  '* ID NIL', '* ID ("name" "x" "Version" NIL)', '* QUOTA "" (STORAGE 10 512 MESSAGE 1 20)', '* QUOTA "" ()', '* QUOTAROOT INBOX ""',
  '* ESEARCH (TAG "A4") UID MIN 1 MAX 9 COUNT 3 ALL 1:2,9', '* ESEARCH (TAG "A4")', '* ESEARCH (TAG "A4") ALL 5 MODSEQ 917162500',
  '* NAMESPACE (("" "/")) NIL (("shared." "."))', '* NAMESPACE (("" "/" "X-PARAM" ("FLAG1" "FLAG2"))) (("~" "/")("#" ".")) NIL', '* NAMESPACE NIL NIL NIL',
  '* NAMESPACE (("" NIL)) NIL NIL',
  '* CAPABILITY IMAP4rev1 idle X-foo', '* FLAGS (\\Seen x)', '* ENABLED CONDSTORE', '* VANISHED 1:5', '* METADATA "" (/x "y")', '* MYRIGHTS INBOX lrs',
  '* ACL INBOX user lrs', '* OK', '* OK hello', '* OK [X-CODE 1 (2)] hello', '* OK [ALERT] hear', '* OK [alert] hear', '* OK [ALERT]', '* ok [Alert] lower',
  '* NO hello', '* BAD hello', '* UNHEARD OF THIS', '* 5 UNHEARD'
]

/** Broken lines, by the row of DEVIATIONS.md that says what differs; the first ones do nothing on either side. */
const BROKEN = {
  '': [
    '*', '* ', '* 1', '* 1 ', '* x EXISTS', '* EXISTS', '* -1 EXISTS', 'junk', '', 'A', 'A9', 'A999 OK stray', '\\0\\xff\\xfe', '+', '+ stray',
    '* OK [', '* OK []', '* OK [X', '* CAPABILITY', '* SORT', '* THREAD (', '* ID (', '* STATUS x (MESSAGES)',
    '* 2 FETCH (', '* 2 FETCH (FLAGS (\\Seen)', '* 0 FETCH (UID 0)', '  * SEARCH 1', '* SEARCH 1  '
  ],
  'Q-05': [
    '* FLAGS (\\Seen', '* LIST', '* STATUS', '* STATUS x', '* NAMESPACE', '* ID', '* QUOTA', '* QUOTA ""', '* ESEARCH', '* ESEARCH UID ALL 1',
    '* 2 FETCH', '* 2 FETCH (BODYSTRUCTURE NIL)', '* 2 FETCH (ENVELOPE NIL)'
  ],
  'Q-63': ['* SEARCH x', '* SORT x', '* SEARCH 1\\0 2'],
  'D-62': [
    '* FLAGS', '* FLAGS x', '* LIST x', '* LIST (\\X)', '* LSUB ()', '* STATUS x MESSAGES', '* NAMESPACE (', '* NAMESPACE (("x"))', '* ID x',
    '* QUOTA "" (STORAGE 1)', '* THREAD x', '* 2 FETCH x', '* 2 FETCH (UID)', '* 2 FETCH (UID 1 FLAGS'
  ],
  'D-64': ['*  SEARCH 1', '* 5  EXISTS', '*\\tSEARCH 1', '* SEARCH\\t1']
}

const untagged = Object.fromEntries(UNTAGGED.map((line) => [`untagged: ${line}`, during([line])]))

untagged['untagged: a namespace whose prefix is encoded'] = during(['* NAMESPACE (("&AOk-" "/")) NIL NIL'], 'D-63')

const broken = Object.fromEntries(Object.entries(BROKEN).flatMap(([id, lines]) => lines.map((line) => [
  `broken: ${JSON.stringify(line)}`, during([raw(line.replace(/\\(?=[SX])/g, '\\\\'))], ...(id ? [id] : []))
])))

/** A command that is answered so. The text goes out as it is. */
const tagged = (/** @type {string} */ line, /** @type {string[]} */ ...deviates) => session({
  exchanges: [['CREATE "x"', line.startsWith('S') ? line : `S: ${line}`, ...(line.includes('MAYBE') ? ['OK later'] : [])], ['CREATE "y"', 'OK done']],
  calls: [['addBox', 'x'], ['addBox', 'y']],
  deviates
})

/** Answers to a command, and what its callback gets. @type {Record<string, [string, ...string[]]>} */
const ANSWERS = {
  'OK without a text': ['A3 OK'],
  'OK with a blank': ['A3 OK '],
  'lower case': ['A3 ok done'],
  'NO without a text': ['A3 NO'],
  'BAD without a text': ['A3 BAD'],
  'NO in mixed case': ['A3 No way'],
  'a code of one word': ['A3 NO [TRYCREATE] create it'],
  'a code in lower case': ['A3 NO [trycreate] create it'],
  'a code without a text': ['A3 NO [TRYCREATE]', 'Q-41'],
  'a code that is a number': ['A3 NO [5] five'],
  'a code with a number': ['A3 NO [UIDVALIDITY 1] text'],
  'a code with a list': ['A3 NO [BADCHARSET (UTF-8 "US-ASCII")] text'],
  'a code with several values': ['A3 NO [A 1 "b c" (d)] text'],
  'a code with three numbers': ['A3 BAD [COPYUID 1 2 3] text', 'D-56'],
  'a code with a large number': ['A3 NO [X 12345678901234567890] text'],
  'a code with NIL': ['A3 NO [X NIL] text'],
  'a code in quotes': ['A3 NO ["x y"] text'],
  'a code with an empty list': ['A3 NO [X ()] text'],
  'a code with a bracket in quotes': ['A3 NO [X "a]b"] text', 'D-65'],
  'a code that does not end': ['A3 NO [X text'],
  'an empty code': ['A3 NO [] text'],
  'a code after two blanks': ['A3 NO  [X] text', 'D-65'],
  'a code glued to its text': ['A3 NO [X]text', 'D-65'],
  'a code in the middle of the text': ['A3 NO text [X] more'],
  'two codes': ['A3 NO [X] [Y] text'],
  'a text of UTF-8': ['A3 NO é 你'],
  'a text with blanks at its end': ['A3 NO text  '],
  'a line feed alone': ['S+: A3 OK done\\n'],
  'blanks before the tag': ['  A3 OK done'],
  'two blanks before the status': ['A3  OK done', 'Q-71'],
  'a tag in lower case': ['a3 OK done', 'Q-71'],
  'a tab': ['S+: A3\\tOK done\\r\\n', 'Q-71'],
  'another tag': ['A33 OK done', 'Q-71'],
  'an unknown status': ['A3 MAYBE done', 'Q-71']
}

const answers = Object.fromEntries(Object.entries(ANSWERS).map(([name, [line, ...deviates]]) => [`tagged: ${name}`, tagged(line, ...deviates)]))

/** The value of an item that nobody knows, as it is tokenised. */
const token = (/** @type {string} */ text, /** @type {string[]} */ ...deviates) => opened({
  exchanges: [['UID FETCH 1 (UID FLAGS INTERNALDATE X)', `* 1 FETCH (X ${text} UID 1 FLAGS (x) INTERNALDATE "05-Sep-2004 00:38:03 +0000")`, 'OK done']],
  calls: [['fetch', 1, { extensions: ['X'] }]],
  deviates
})

const TOKENS = /** @type {[string, ...string[]][]} */ ([
  ['a'], ['"a b"'], ['""'], ['"a\\"b\\\\c\\d"', 'D-66'], ['NIL'], ['nil'], ['Nil'], ['"NIL"'], ['5'], ['"5"'], ['007'], ['-5'], ['0'], ['4294967296'], ['9007199254740991'],
  ['9007199254740993'], ['1.5'], ['1e5'], ['()'], ['(a)'], ['(a b)'], ['((a)(b))'], ['(a (b (c)) d)'], ['( a  b )'], ['(a(b))', 'D-66'], ['a(b)', 'D-66'], ['("a""b")'], ['[a b]', 'D-67'], ['a]b', 'D-67'],
  ['\\Flag'], ['$x'], ['a"b', 'D-66'], ['a%*'], ['é'], ['("é" NIL 5)'], ['BODY[x', 'D-66'], ['(BODY[HEADER.FIELDS (A B)] c)'], ['{5'], ['a{5}b'], ['<0>'], ['@'], ["'x'"]
])

const tokens = Object.fromEntries(TOKENS.map(([text, ...deviates]) => [`token: ${text}`, token(text, ...deviates)]))

const literals = {
  'literal: a value': during(['S+: * STATUS {1}\\r\\nx (MESSAGES 1)\\r\\n']),
  'literal: of a line that is ignored': during(['S+: * XYZZY {4}\\r\\nJUNK\\r\\n', '* STATUS x (MESSAGES 1)']),
  'literal: of a line that is ignored, before another literal': during(['S+: * XYZZY {4}\\r\\nJUNK\\r\\n', 'S+: * STATUS {1}\\r\\nx (MESSAGES 1)\\r\\n'], 'Q-25'),
  'literal: that holds a line': during(['S+: * STATUS {11}\\r\\nA4 OK no\\r\\nx (MESSAGES 1)\\r\\n']),
  'literal: after a line feed alone': during(['S+: * STATUS {1}\\nx (MESSAGES 1)\\n'])
}

module.exports = { area: 'responses', scenarios: { ...untagged, ...broken, ...answers, ...tokens, ...literals } }
