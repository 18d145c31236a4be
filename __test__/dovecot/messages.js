// @ts-check
'use strict'

// A mailbox as one finds it: the kinds of message, by number, each with its facts for the tests.

/**
 * @typedef {object} Sample
 * @property {string} kind
 * @property {Buffer} raw
 * @property {string[]} flags
 * @property {string | null} subject decoded
 * @property {number} parts how many parts BODYSTRUCTURE has at its top, 1 for a single one
 */

/**
 * The message of a number, always the same.
 *
 * @param {number} number from 0
 * @returns {Sample}
 */
function sample (number) {
  const build = KINDS[number % KINDS.length]
  const made = build(number)
  const flags = [number % 4 === 0 ? '\\Seen' : '', number % 10 === 0 ? '\\Flagged' : ''].filter(Boolean)
  const raw = Buffer.from(made.raw, made.raw8bit ? 'latin1' : 'utf8')
  return { kind: build.name, raw, flags, subject: made.subject, parts: made.parts ?? 1 }
}

/** @typedef {{ raw: string, raw8bit?: boolean, subject: string | null, parts?: number }} Made */

/** @type {((number: number) => Made)[]} */
const KINDS = [plain, attachments, encodedWords, forwarded, emptyBody, eightBit]

/** @param {number} number */
function plain (number) {
  return {
    subject: `plain ${number}`,
    raw: `${head(number)}Subject: plain ${number}\r\n\r\nLine one of ${number}.\r\n${'.\r\n'.repeat(number % 50)}`
  }
}

/** @param {number} number */
function attachments (number) {
  const file = Buffer.alloc(number % 3000, `${number} `).toString('base64').replace(/.{76}/g, '$&\r\n')
  return {
    subject: `attachments ${number}`,
    parts: 3,
    raw: `${head(number)}Subject: attachments ${number}\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: multipart/mixed; boundary="b${number}"\r\n\r\npreamble\r\n` +
      `--b${number}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n` +
      `--b${number}\r\nContent-Type: application/octet-stream; name="a ${number}.bin"\r\n` +
      `Content-Disposition: attachment; filename="a ${number}.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n${file}\r\n` +
      `--b${number}\r\nContent-Type: image/png\r\nContent-ID: <${number}@images>\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n` +
      `--b${number}--\r\nepilogue\r\n`
  }
}

/** @param {number} number */
function encodedWords (number) {
  const word = (/** @type {string} */ text) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`
  return {
    subject: `Grüße aus Köln 😀 ${number}`,
    raw: `${head(number)}Subject: ${word('Grüße aus ')}\r\n ${word(`Köln 😀 ${number}`)}\r\n` +
      `To: ${word('Jürgen')} <j${number}@example.org>\r\n\r\nx\r\n`
  }
}

/** @param {number} number */
function forwarded (number) {
  return {
    subject: `forwarded ${number}`,
    parts: 2,
    raw: `${head(number)}Subject: forwarded ${number}\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: multipart/mixed; boundary=outer\r\n\r\n` +
      `--outer\r\n\r\nsee below\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n` +
      `From: inner@example.net\r\nSubject: inner "${number}" \\ (x)\r\nMIME-Version: 1.0\r\n` +
      'Content-Type: multipart/alternative; boundary=inner\r\n\r\n' +
      '--inner\r\n\r\ntext\r\n--inner\r\nContent-Type: text/html\r\n\r\n<b>html</b>\r\n--inner--\r\n\r\n--outer--\r\n'
  }
}

/** @param {number} number */
function emptyBody (number) {
  return { subject: null, raw: `${head(number)}\r\n` }
}

/** @param {number} number Latin-1, as mail from before MIME */
function eightBit (number) {
  return {
    raw8bit: true,
    subject: `eight bit ${number}`,
    raw: `${head(number)}Subject: eight bit ${number}\r\nX-Raw: \xfc\xdf\r\nContent-Type: text/plain; charset=iso-8859-1\r\n` +
      `Content-Transfer-Encoding: 8bit\r\n\r\n\xe4\xf6\xfc \xff\xfe${'\x80'.repeat(number % 200)}\r\n) * OK {5}\r\nA1 OK done\r\n`
  }
}

/** @param {number} number */
function head (number) {
  return `From: Sender ${number % 7} <sender${number % 7}@example.com>\r\nDate: Mon, 02 Sep 2024 10:00:00 +0200\r\n` +
    `Message-ID: <${number}@everimap.test>\r\n`
}

module.exports = { sample, KINDS: KINDS.map((build) => build.name) }
