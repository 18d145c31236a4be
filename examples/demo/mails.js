// @ts-check
'use strict'

// Mails to fill mailboxes with: notes, newsletters, invitations and attachments, from people all
// over the world. The same seed gives the same mails, but for the bytes of attachments.

const { randomBytes } = require('node:crypto')

/** @type {Array<[name: string, address: string]>} */
const PEOPLE = [
  ['Ada Lovelace', 'ada@analytical.example'], ['Jürgen Groß', 'juergen@gross.example'],
  ['山田 花子', 'hanako@yamada.example'], ['Zoë Quiñones', 'zoe@quinones.example'],
  ['Олена Шевченко', 'olena@shevchenko.example'], ['김민준', 'minjun@kim.example'],
  ['Åse Ødegård', 'ase@odegard.example'], ['Νίκος Παππάς', 'nikos@pappas.example'],
  ['مريم حداد', 'maryam@haddad.example'], ['Nguyễn Thị Hoa', 'hoa@nguyen.example'],
  ['Grace Hopper', 'grace@compiler.example'], ['', 'builds@ci.example'],
  ['The Morning Post ☕', 'news@post.example'], ['O\'Brien, "Pat"', 'pat@obrien.example']
]

const SUBJECTS = [
  'Lunch on Thursday?', 'Re: the numbers for the third quarter', 'Grüße aus Köln', '会議の議事録', 'Your invoice no. %d',
  'Build #%d passed', 'Build #%d failed: 3 tests', 'Счёт за ноябрь', 'Photos from the hike 🏔️', '다음 주 일정',
  'Fwd: Fwd: Fwd: tickets for Saturday', 'A draft, please be merciful', 'Ναι, αύριο στις δέκα', 'Weekly digest, issue %d 📰',
  'Re: Re: that bug you could not reproduce', 'صور من الرحلة', 'Parcel %d is on its way 📦', 'Happy birthday! 🎂🎉',
  'A subject that goes on and on, because somebody wrote the whole mail into it and then pressed Send',
  // What it would do to a terminal that got it as it is: turn red, clear the screen, ring.
  'Special offer \x1b[31m\x1b[2Jnow\x07!'
]

const WORDS = ('the of and to in we that it is was you for on are with as they at be this have from or one had by ' +
  'word but not what all were when your can said there use each which she do how their if will up other about out ' +
  'many then them these so some her would make like him into time has look two more write go see number no way').split(' ')

const ATTACHMENTS = ['minutes.pdf', 'hike.jpg', 'figures.xlsx', 'Entwürfe.zip', '資料.pdf']

/** Characters of base64 in a line (RFC 2045 section 6.8), with CRLF. */
const LINE = 78

/** Attachments are pieces of this: base64 in lines. */
const noise = (randomBytes(57 * 4096).toString('base64').match(/.{76}/g) || []).join('\r\n') + '\r\n'

/** @typedef {{ raw: Buffer, flags: string[], date: Date }} Mail */

/** A source of mails. */
class Mails {
  /** @param {number} seed */
  constructor (seed) {
    this.state = seed
    this.count = 0
    this.person = 0
    this.subject = 0
  }

  /**
   * @param {Date} date
   * @returns {Mail}
   */
  next (date) {
    this.count++
    const { headers, body } = this.content()
    // Neighbours differ: it is their variety that a short table shows.
    this.person += 1 + this.below(4)
    this.subject += 1 + this.below(4)
    const [name, address] = PEOPLE[this.person % PEOPLE.length]
    const subject = SUBJECTS[this.subject % SUBJECTS.length].replace('%d', String(this.below(9000) + 1000))
    const head = [
      `From: ${name ? `${phrase(name)} <${address}>` : address}`,
      'To: Demo <demo@everimap.example>',
      `Subject: ${phrase(subject, false)}`,
      `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <${this.count}.${this.below(1e9)}@everimap.example>`,
      'MIME-Version: 1.0',
      ...headers
    ]
    return { raw: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`), flags: this.flags(), date }
  }

  /** @returns {{ headers: string[], body: string }} */
  content () {
    const chance = this.below(100)
    if (chance < 60) return part('text/plain; charset=utf-8', this.text(1 + this.below(12)))
    if (chance < 80) return this.newsletter()
    if (chance < 85) return this.invitation()
    return this.attachment()
  }

  newsletter () {
    const paragraphs = Array.from({ length: 4 + this.below(20) }, () => this.text(1))
    return multipart('alternative', [
      part('text/plain; charset=utf-8', paragraphs.join('\r\n')),
      part('text/html; charset=utf-8', `<html><body>\r\n${paragraphs.map((text) => `<p>${text}</p>`).join('\r\n')}</body></html>\r\n`)
    ])
  }

  invitation () {
    const event = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'METHOD:REQUEST', 'BEGIN:VEVENT', `UID:${this.below(1e9)}`,
      'SUMMARY:Tea', 'END:VEVENT', 'END:VCALENDAR', '']
    return multipart('alternative', [
      part('text/plain; charset=utf-8', this.text(1)),
      part('text/calendar; charset=utf-8; method=REQUEST', event.join('\r\n'))
    ])
  }

  attachment () {
    const lines = 20 + this.below(1200)
    const from = this.below(4096 - lines)
    const file = part('application/octet-stream', noise.slice(from * LINE, (from + lines) * LINE))
    const name = this.pick(ATTACHMENTS)
    file.headers.push('Content-Transfer-Encoding: base64', `Content-Disposition: attachment; filename="${phrase(name, false)}"`)
    return multipart('mixed', [part('text/plain; charset=utf-8', this.text(2)), file])
  }

  flags () {
    const flags = this.below(10) > 0 ? ['\\Seen'] : []
    if (this.below(8) === 0) flags.push('\\Answered')
    if (this.below(30) === 0) flags.push('\\Flagged')
    return flags
  }

  /** Paragraphs of 20 to 100 words, in lines. @param {number} paragraphs */
  text (paragraphs) {
    let text = ''
    for (; paragraphs > 0; paragraphs--) {
      const words = Array.from({ length: 20 + this.below(80) }, () => this.pick(WORDS))
      text += words.join(' ').replace(/.{60}\S* /g, (line) => `${line.trimEnd()}\r\n`) + '.\r\n'
    }
    return text
  }

  /**
   * @template T
   * @param {T[]} list
   * @returns {T}
   */
  pick (list) {
    return list[this.below(list.length)]
  }

  /** A pseudo-random integer from 0 to below the limit (a linear congruential generator). @param {number} limit */
  below (limit) {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0
    return Math.floor(this.state / 2 ** 32 * limit)
  }
}

/**
 * @param {string} type
 * @param {string} body
 */
function part (type, body) {
  return { headers: [`Content-Type: ${type}`], body }
}

/**
 * @param {string} subtype
 * @param {{ headers: string[], body: string }[]} parts
 */
function multipart (subtype, parts) {
  const boundary = `=_everimap_${subtype}`
  const bodies = parts.map(({ headers, body }) => `--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n${body}`)
  return part(`multipart/${subtype}; boundary="${boundary}"`, `${bodies.join('\r\n')}\r\n--${boundary}--\r\n`)
}

/**
 * A name or text in a header: as it is, quoted, or as encoded words (RFC 2047).
 * @param {string} text
 * @param {boolean} [isName]
 */
function phrase (text, isName = true) {
  if (/^[\x20-\x7e]*$/.test(text)) {
    return isName && /[^\w .]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text
  }
  const words = ['']
  for (const character of text) {
    // 45 bytes are 60 characters of base64: with what is around them, less than 75.
    if (Buffer.byteLength(words[words.length - 1] + character) > 45) words.push('')
    words[words.length - 1] += character
  }
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}

module.exports = { Mails }
