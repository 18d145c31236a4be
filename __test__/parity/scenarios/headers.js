// @ts-check
'use strict'

// Imap.parseHeader (contract section 8.5).

const { session } = require('../session')

/** Texts of headers, by what is special in them. @type {Record<string, string | [string, ...string[]]>} */
const HEADERS = {
  'one field': 'Subject: hello',
  'a field that comes twice': 'Received: a\r\nRECEIVED: b',
  'a field that is empty in between': ['X: 1\r\nX:\r\nX: 2', 'Q-42'],
  'an empty field': 'X:',
  'an empty field of a blank': 'X: ',
  'blanks around a value': 'X:  1  ',
  'a tab before a value': 'X:\t1',
  'no blank before a value': 'X:1',
  'blanks around a name': ' X : 1\r\nY : 2',
  'folded lines': 'A: 1\r\n 2\r\n\t3',
  'a fold at once': 'A:\r\n 2',
  'a fold of several blanks': 'A: 1\r\n    2',
  'a fold of nothing': 'A: 1\r\n \r\nB: 2',
  'a line without a colon': 'A: 1\r\nnocolon\r\nB: 2',
  'a line that begins with a colon': 'A: 1\r\n: x\r\nB: 2',
  'the line of an mbox': 'From a@b Mon Jan 1 00:00:00 2020\r\nA: 1',
  'a body after an empty line': 'A: 1\r\n\r\nB: 2',
  'an empty line first': '\r\nA: 1',
  'line feeds alone': 'A: 1\nB: 2',
  'nothing': '',
  'a continuation first': ' x\r\nA: 1',
  'a colon in the value': 'A: b: c',
  'names of other characters': 'X-ä: 1\r\nX.Y_Z: 2',
  'names like properties': ['Constructor: x\r\n__proto__: x\r\nToString: y', 'Q-35'],
  'Q words next to each other': 'S: =?utf-8?Q?a?= =?utf-8?Q?b?=',
  'Q words without a blank': 'S: =?utf-8?Q?a?==?utf-8?Q?b?=',
  'Q words that are folded': 'S: =?utf-8?Q?a?=\r\n =?utf-8?Q?b?=',
  'words with two blanks between': 'S: =?utf-8?Q?a?=  \t =?utf-8?Q?b?=',
  'a word and a text on the next line': 'S: =?utf-8?Q?a?=\r\n b',
  'a text and a word on the next line': 'S: a\r\n =?utf-8?Q?b?=',
  'a word in a text': 'S: pre=?utf-8?Q?a?=post',
  'a word in quotes': 'From: "=?utf-8?Q?J=C3=B6rg?=" <j@x.org>',
  'a character over two Q words': 'S: =?utf-8?Q?=C3?= =?utf-8?Q?=A9?=',
  'a character over two B words': 'S: =?utf-8?B?ww==?= =?utf-8?B?qQ==?=',
  'a character over three B words': 'S: =?utf-8?B?4g==?= =?utf-8?B?gg==?= =?utf-8?B?rA==?=',
  'a character over a Q and a B word': 'S: =?utf-8?Q?=C3?= =?utf-8?B?qQ==?=',
  'words of two charsets': 'S: =?utf-8?Q?=C3=A9?= =?iso-8859-1?Q?=E9?=',
  'lower case': 'S: =?UTF-8?q?=c3=a9?= =?utf-8?b?w6k=?=',
  'underscores and escapes': 'S: =?utf-8?Q?a_b=20c=5F=3D?=',
  'escapes that are none': 'S: =?utf-8?Q?=ZZ=4?=',
  'line breaks in a word': 'S: =?utf-8?Q?a=0D=0Ab?=',
  'base64 without padding': 'S: =?utf-8?B?w6k?=',
  'base64 with junk': 'S: =?utf-8?B?w6!k=?=',
  'base64 of nothing': 'S: =?utf-8?B??=',
  'a Q word of nothing': 'S: a=?utf-8?Q??=b',
  'a word with blanks and question marks': 'S: =?utf-8?Q?a b?c?=',
  'a language': 'S: =?utf-8*en?Q?=C3=A9?=',
  'an unknown encoding': 'S: =?utf-8?X?abc?=',
  'a word that does not end': 'S: =?utf-8?Q?abc',
  'a word that is cut off': 'S: =?utf-8?Q?=C3?=',
  'UTF-8 that is none': 'S: =?utf-8?Q?=FF=FEa?=',
  'raw UTF-8': 'S: é 你',
  'parts that look like words': 'S: =?= =?utf-8?= ?= =?a?b?c?d?='
}

/** Words of charsets; the same bytes in each. */
const CHARSETS = [
  'utf-8', 'utf8', 'us-ascii', 'iso-8859-1', 'latin1', 'iso-8859-2', 'iso-8859-5', 'iso-8859-15', 'iso-8859-16', 'windows-1250', 'windows-1251', 'windows-1252', 'cp1252',
  'koi8-r', 'koi8-u', 'macintosh', 'gb2312', 'gbk', 'gb18030', 'big5', 'euc-jp', 'shift_jis', 'iso-2022-jp', 'euc-kr', 'ks_c_5601-1987', 'tis-620', 'hz-gb-2312',
  'utf-16', 'utf-16le', 'utf-16be', 'utf-7', 'x-foo', 'unknown-8bit', 'cp936', 'cp850', 'utf-32', 'iso-2022-kr', 'x-user-defined', 'iso-8859-8-i', ''
]

/** Charsets that are read in another way. @type {Record<string, string[]>} */
const DIFFERENT = { shift_jis: ['D-74'] }

/** @param {any[]} values @param {string[]} [deviates] what parseHeader makes of each, decoded and not */
const parsed = (values, deviates) => session({
  deviates,
  calls: [(imap, say, next) => {
    for (const value of values) {
      for (const undecoded of [undefined, true]) {
        try {
          say(imap.constructor.parseHeader(value, undecoded))
        } catch (error) {
          say('throws', error)
        }
      }
    }
    next()
  }]
})

const scenarios = {
  ...Object.fromEntries(Object.entries(HEADERS).map(([name, given]) => {
    const [text, ...deviates] = [given].flat()
    return [name, parsed([text], deviates)]
  })),
  ...Object.fromEntries(CHARSETS.map((charset) => [
    `a word of the charset ${charset || 'without a name'}`, parsed([`S: =?${charset}?Q?a=E9=E4=80=C4=E3?= b`, `T: =?${charset}?B?2/LMSw==?=`], DIFFERENT[charset])
  ])),
  'what is no text': parsed([undefined, null, 5, {}, Buffer.from('A: b')], ['D-57'])
}

module.exports = { area: 'headers', scenarios }
