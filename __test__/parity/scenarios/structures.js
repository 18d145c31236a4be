// @ts-check
'use strict'

// Envelopes and body structures of many shapes (contract sections 5.5 and 5.6).

const { opened } = require('../session')

const PLAIN = 'UID 1 FLAGS (\\Seen) INTERNALDATE "05-Sep-2004 00:38:03 +0000"'

/** @param {string} item @param {object} options @param {string[]} values @param {string[]} deviates */
const fetched = (item, options, values, deviates) => opened({
  exchanges: [[`UID FETCH 1:9 (UID FLAGS INTERNALDATE ${item})`, ...values.map((value, index) => `* ${index + 1} FETCH (${PLAIN} ${value})`), 'OK done']],
  calls: [['fetch', '1:9', options]],
  deviates
})

const structure = (/** @type {string} */ text, /** @type {string[]} */ ...deviates) =>
  fetched('BODYSTRUCTURE', { struct: true }, [`BODYSTRUCTURE ${text}`], deviates)

/** An envelope whose given fields are set. @param {Record<string, string>} fields */
const envelope = (fields, /** @type {string[]} */ ...deviates) => {
  const names = ['date', 'subject', 'from', 'sender', 'replyTo', 'to', 'cc', 'bcc', 'inReplyTo', 'messageId']
  const values = names.map((name) => fields[name] ?? (name === 'date' ? '"Sun, 5 Sep 2004 00:38:03 +0000"' : 'NIL'))
  return fetched('ENVELOPE', { envelope: true }, [`ENVELOPE (${values.join(' ')})`], deviates)
}

const TEXT = '("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "7BIT" 12 1)'
const HTML = '("TEXT" "HTML" ("CHARSET" "UTF-8") NIL NIL "QUOTED-PRINTABLE" 120 5)'
const IMAGE = '("IMAGE" "PNG" ("NAME" "a.png") "<cid@x>" "a picture" "BASE64" 4096)'
const ENVELOPE = '("Sun, 5 Sep 2004 00:38:03 +0000" "s" ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL "<id>")'

const structures = {
  'a text': structure(TEXT),
  'an image': structure(IMAGE),
  'a text with extension data': structure('("TEXT" "PLAIN" NIL NIL NIL "7BIT" 12 1 "md5" ("ATTACHMENT" ("FILENAME" "a.txt")) ("en" "de") "http://x/" "more")'),
  'a text with NIL for all extension data': structure('("TEXT" "PLAIN" NIL NIL NIL "7BIT" 12 1 NIL NIL NIL NIL)'),
  'an image with extension data': structure('("IMAGE" "PNG" NIL NIL NIL "BASE64" 5 NIL ("INLINE" NIL) "en" NIL)'),
  'a disposition without parameters': structure('("IMAGE" "PNG" NIL NIL NIL "BASE64" 5 NIL ("inline"))'),
  'a disposition that is a text': structure('("IMAGE" "PNG" NIL NIL NIL "BASE64" 5 NIL "attachment")'),
  'more extensions than one': structure('("IMAGE" "PNG" NIL NIL NIL "BASE64" 5 NIL NIL NIL NIL (1 2 (3)) "x" 5)'),
  'parameters of several values': structure('("TEXT" "PLAIN" ("CHARSET" "us-ascii" "Format" "flowed" "DelSp" NIL "N" 5) NIL NIL "7BIT" 12 1)'),
  'parameters that are encoded words': structure('("IMAGE" "PNG" ("NAME" "=?utf-8?Q?=C3=A9?=") NIL "=?utf-8?Q?=C3=A9?=" "BASE64" 5 NIL ("attachment" ("filename" "=?utf-8?Q?=C3=A9?=")))'),
  'an odd number of parameters': structure('("TEXT" "PLAIN" ("CHARSET") NIL NIL "7BIT" 12 1)', 'D-68'),
  'alternatives': structure(`(${TEXT}${HTML} "ALTERNATIVE")`),
  'alternatives with extension data': structure(`(${TEXT}${HTML} "ALTERNATIVE" ("BOUNDARY" "b") NIL NIL NIL)`),
  'a multipart with a disposition and a language': structure(`(${TEXT} "MIXED" ("BOUNDARY" "b") ("attachment" NIL) ("en") "loc" "ext")`),
  'parts with blanks between them': structure(`(${TEXT} ${HTML} "ALTERNATIVE")`),
  'parts in parts': structure(`((${TEXT}${HTML} "ALTERNATIVE")(${IMAGE}(${TEXT} "X") "RELATED")${IMAGE} "MIXED")`),
  'a message in a message': structure(`("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 342 ${ENVELOPE} ${TEXT} 10)`),
  'a message of several parts in a message': structure(`("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 342 ${ENVELOPE} (${TEXT}${HTML} "ALTERNATIVE") 10)`),
  'a message as a part': structure(`(${TEXT}("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 342 ${ENVELOPE} ${TEXT} 10) "MIXED")`),
  'a message of several parts as a part': structure(`(${TEXT}("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 342 ${ENVELOPE} (${TEXT}(${HTML}${IMAGE} "RELATED") "ALTERNATIVE") 10 NIL ("attachment" NIL)) "MIXED")`),
  'a message that says nothing of itself': structure('("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 342 NIL NIL NIL)'),
  'a delivery status': structure('("MESSAGE" "DELIVERY-STATUS" NIL NIL NIL "7BIT" 342)'),
  'types in mixed case': structure('("Text" "Plain" NIL NIL NIL "7bit" 12 1)'),
  'numbers in quotes': structure('("TEXT" "PLAIN" NIL NIL NIL "7BIT" "12" "1")'),
  'numbers of NIL': structure('("TEXT" "PLAIN" NIL NIL NIL "7BIT" NIL NIL)'),
  'ids and descriptions': structure('("TEXT" "PLAIN" NIL "<id>" "d\\"q\\\\" "7BIT" 12 1)'),
  'less than there must be': structure('("TEXT" "PLAIN" NIL)', 'D-68'),
  'only a type': structure('("TEXT")'),
  'an empty list': structure('()'),
  'a multipart without parts': structure('("ALTERNATIVE" ("BOUNDARY" "b") NIL NIL)'),
  'a multipart of lists without a subtype': structure(`(${TEXT}${HTML})`, 'Q-05'),
  'NIL': structure('NIL', 'Q-05'),
  'a text instead of a list': structure('"x"', 'D-68'),
  'BODY instead of BODYSTRUCTURE': fetched('BODYSTRUCTURE', { struct: true }, [`BODY ${TEXT}`], ['Q-17'])
}

const ANN = '("Ann" NIL "ann" "example.com")'

const envelopes = {
  'all fields': envelope({
    subject: '"hello"', from: `(${ANN})`, sender: `(${ANN})`, replyTo: `(${ANN})`, to: `(${ANN}("Bob" NIL "bob" "x.org"))`, cc: `(${ANN})`, bcc: `(${ANN})`, inReplyTo: '"<a@b>"', messageId: '"<c@d>"'
  }),
  'NIL for everything': envelope({ date: 'NIL' }),
  'an encoded subject': envelope({ subject: '"=?utf-8?Q?=C3=A9?= =?utf-8?B?w7w=?= x"' }),
  'an encoded subject of latin 1': envelope({ subject: '"=?iso-8859-1?Q?caf=E9?="' }),
  'a subject of raw UTF-8': envelope({ subject: '"é 你"' }),
  'a subject with escapes': envelope({ subject: '"a \\"b\\" \\\\ c"' }),
  'a subject of digits': envelope({ subject: '"123"' }),
  'a subject that is no quoted text': envelope({ subject: 'hello' }),
  'a subject that is empty': envelope({ subject: '""' }),
  'encoded names': envelope({ from: '(("=?utf-8?Q?J=C3=BCrgen?=" NIL "j" "x.org"))' }),
  'an address without a name': envelope({ from: '((NIL NIL "a" "b"))' }),
  'an address with a route': envelope({ from: '(("A" "@x,@y" "a" "b"))' }),
  'an empty address list': envelope({ from: '()' }),
  'an address without a host': envelope({ to: '(("A" NIL "a" ""))' }),
  'a group': envelope({ to: `((NIL NIL "Friends" NIL)${ANN}${ANN}(NIL NIL NIL NIL))` }),
  'an empty group': envelope({ to: '((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))' }),
  'a group among addresses': envelope({ to: `(${ANN}(NIL NIL "G" NIL)${ANN}(NIL NIL NIL NIL)${ANN})` }),
  'a group that does not end': envelope({ to: `((NIL NIL "G" NIL)${ANN})` }),
  'a group that does not begin': envelope({ to: `(${ANN}(NIL NIL NIL NIL))` }),
  'two groups': envelope({ to: `((NIL NIL "G" NIL)${ANN}(NIL NIL NIL NIL)(NIL NIL "H" NIL)(NIL NIL NIL NIL))` }),
  'a group in a group': envelope({ to: `((NIL NIL "G" NIL)(NIL NIL "H" NIL)${ANN}(NIL NIL NIL NIL)${ANN}(NIL NIL NIL NIL))` }, 'D-69'),
  'addresses with blanks between': envelope({ to: `(${ANN} ${ANN})` }),
  'an address list that is a text': envelope({ to: '"ann@example.com"' }),
  'a date that is none': envelope({ date: '"junk"' }),
  'a date with a comment': envelope({ date: '"Sun, 5 Sep 2004 00:38:03 -0700 (PDT)"' }),
  'a date without a zone': envelope({ date: '"Sun, 5 Sep 2004 00:38:03"' }),
  'a date of two digits': envelope({ date: '"05 Sep 04 00:38 GMT"' }),
  'less than there must be': fetched('ENVELOPE', { envelope: true }, ['ENVELOPE ("Sun, 5 Sep 2004 00:38:03 +0000" "s")'], ['D-68']),
  'an empty list': fetched('ENVELOPE', { envelope: true }, ['ENVELOPE ()'], ['D-68']),
  'NIL': fetched('ENVELOPE', { envelope: true }, ['ENVELOPE NIL'], ['Q-05']),
  'a subject that is a literal': opened({
    exchanges: [['UID FETCH 1 (UID FLAGS INTERNALDATE ENVELOPE)', 'S+: * 1 FETCH (UID 1 FLAGS (x) INTERNALDATE "05-Sep-2004 00:38:03 +0000" ENVELOPE (NIL {5}\\r\\na "b) NIL NIL NIL NIL NIL NIL {2}\\r\\nre {3}\\r\\n<i>))\\r\\n', 'OK done']],
    calls: [['fetch', 1, { envelope: true }]]
  }),
  'a literal of no bytes': opened({
    exchanges: [['UID FETCH 1 (UID FLAGS INTERNALDATE ENVELOPE)', 'S+: * 1 FETCH (UID 1 FLAGS (x) INTERNALDATE "05-Sep-2004 00:38:03 +0000" ENVELOPE (NIL {0}\\r\\n NIL NIL NIL NIL NIL NIL NIL {3}\\r\\n<i>))\\r\\n', 'OK done']],
    calls: [['fetch', 1, { envelope: true }]],
    deviates: ['Q-25']
  })
}

const prefixed = (/** @type {string} */ prefix, /** @type {Record<string, any>} */ scenarios) =>
  Object.fromEntries(Object.entries(scenarios).map(([name, scenario]) => [`${prefix}${name}`, scenario]))

module.exports = { area: 'structures', scenarios: { ...prefixed('body structure: ', structures), ...prefixed('envelope: ', envelopes) } }
