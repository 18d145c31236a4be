// @ts-check
'use strict'

// The header of each kind of message, as bytes and as parseHeader() gives it.

const { headerDate, templates, worded } = require('./mailbox')

/**
 * @typedef {object} Header
 * @property {string} text with CRLF between its lines and an empty line at its end
 * @property {[string, string[]][]} fields lower-case names and decoded values
 * @property {string} subject
 */

/** @type {Header[]} */
let headers = []

/** The header of message `seqno` is number `seqno % length` of these. */
function all () {
  if (headers.length === 0) headers = templates().map(header)
  return headers
}

/** @param {import('./mailbox').Kind} kind @returns {Header} */
function header (kind) {
  const lines = written(kind)
  /** @type {Map<string, string[]>} */
  const fields = new Map()
  for (const [name, value] of lines) {
    const key = name.toLowerCase()
    fields.set(key, [...fields.get(key) || [], key === 'subject' ? kind.subject : value.replace(/\r\n[\t ]/g, ' ')])
  }
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('') + '\r\n'
  return { text, fields: [...fields], subject: kind.subject }
}

/** @param {import('./mailbox').Kind} kind @returns {[string, string][]} */
function written (kind) {
  const { date, subject, from, to, cc, inReplyTo, messageId } = kind
  const [sender] = from
  const at = headerDate(date)
  const token = Buffer.from(messageId).toString('base64')
  const optional = /** @type {[string, string][]} */ ([])
  if (cc) optional.push(['Cc', people(cc)])
  if (inReplyTo) optional.push(['In-Reply-To', inReplyTo], ['References', inReplyTo])
  return [
    ['Return-Path', `<${sender.mailbox}@${sender.host}>`],
    ['Received', 'from mx1.example.net (mx1.example.net [192.0.2.7])\r\n' +
      `\tby imap.example.net with ESMTPS id ${token.slice(0, 12)}\r\n\tfor <me@example.net>; ${at}`],
    ['Received', `from ${sender.host} (${sender.host} [198.51.100.23])\r\n` +
      `\tby mx1.example.net (Postfix) with ESMTPS id ${token.slice(4, 16)}\r\n\tfor <me@example.net>; ${at}`],
    ['DKIM-Signature', `v=1; a=rsa-sha256; c=relaxed/relaxed; d=${sender.host};\r\n\ts=mail; h=from:to:subject:date;\r\n` +
      `\tbh=${token}=;\r\n\tb=${token}${token}\r\n\t ${token}${token}`],
    ['Date', at],
    ['From', people(from)],
    ['To', people(to)],
    ...optional,
    ['Message-ID', messageId],
    ['Subject', worded(subject)],
    ['MIME-Version', '1.0'],
    ['Content-Type', 'multipart/alternative; boundary="' + token.slice(0, 20) + '"'],
    ['List-Unsubscribe', `<https://${sender.host}/unsubscribe/${token.slice(0, 16)}>`],
    ['X-Mailer', 'Example Mailer 4.2']
  ]
}

/** @param {import('./mailbox').Address[]} list */
function people (list) {
  const written = list.map(({ name, mailbox, host }) => {
    return name === null ? `${mailbox}@${host}` : `${worded(name)} <${mailbox}@${host}>`
  })
  return written.join(',\r\n\t')
}

module.exports = { headers: all }
