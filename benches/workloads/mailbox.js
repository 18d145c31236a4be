// @ts-check
'use strict'

// A mailbox as people have it: the same messages every time, without a list of them in memory.

/** How many different messages there are, apart from their numbers. */
const KINDS = 997

const FIRST = ['Anna', 'Bernd', 'Chloé', 'Dmitri', 'Eva', 'Farid', 'Giulia', 'Hiroshi', 'Ines', 'Jakub', 'Kofi', 'Lea']
const LAST = ['Schmidt', 'Okafor', 'García', 'Novak', 'Tanaka', 'Larsen', 'O\'Brien', 'Dubois', 'van Dijk', 'Rossi', 'Müller']
const HOSTS = ['example.com', 'mail.example.org', 'lists.example.net', 'corp.example', 'xn--bcher-kva.example']
const WORDS = ['invoice', 'meeting', 'notes', 'for', 'the', 'quarterly', 'review', 'draft', 'of', 'release', 'plan',
  'photos', 'from', 'Lisbon', 'question', 'about', 'your', 'order', 'reminder', 'account', 'statement', 'weekly', 'digest']
const ACCENTS = ['Grüße', 'über', 'année', 'señor', 'приглашение', '会議', 'łódź', 'naïve']
const FLAGS = [[], ['\\Seen'], ['\\Seen', '\\Answered'], ['\\Seen', '$Forwarded'], ['\\Flagged', '\\Seen'], ['\\Recent']]
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** @typedef {{ name: string | null, mailbox: string, host: string }} Address */

/** Whole numbers below `bound`, always the same after the same seed. @param {number} seed */
function dice (seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  return (/** @type {number} */ bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % bound
  }
}

/** @param {number} kind */
function template (kind) {
  const below = dice(kind)
  const date = Date.UTC(2019 + below(6), below(12), 1 + below(28), below(24), below(60), below(60))
  const from = address(below)
  const people = (/** @type {number} */ count) => Array.from({ length: count }, () => address(below))
  const words = Array.from({ length: 3 + below(8) }, () => WORDS[below(WORDS.length)])
  // One subject in four is not ASCII.
  if (below(4) === 0) words.splice(below(words.length), 0, ACCENTS[below(ACCENTS.length)])
  return {
    date,
    flags: FLAGS[below(FLAGS.length)],
    subject: (below(3) === 0 ? 'Re: ' : '') + words.join(' '),
    from: [from],
    sender: below(5) === 0 ? people(1) : [from],
    replyTo: below(5) === 0 ? people(1) : [from],
    to: people(1 + below(5)),
    cc: below(3) === 0 ? people(1 + below(6)) : null,
    bcc: null,
    inReplyTo: below(3) === 0 ? id(below) : null,
    messageId: id(below)
  }
}

/** @param {(bound: number) => number} below @returns {Address} */
function address (below) {
  const first = FIRST[below(FIRST.length)]
  const last = LAST[below(LAST.length)]
  const name = below(8) === 0 ? null : `${first} ${last}`
  const mailbox = `${first}.${last}`.normalize('NFD').replace(/[^A-Za-z.]/g, '').toLowerCase()
  return { name, mailbox, host: HOSTS[below(HOSTS.length)] }
}

/** @param {(bound: number) => number} below */
function id (below) {
  return `<${below(2 ** 31).toString(36)}.${below(2 ** 31).toString(36)}@${HOSTS[below(HOSTS.length)]}>`
}

/** @type {Kind[]} */
let kinds = []

/** The messages apart from their numbers; message `seqno` is number `seqno % length` of them. */
function templates () {
  if (kinds.length === 0) kinds = Array.from({ length: KINDS }, (_, kind) => rendered(template(kind)))
  return kinds
}

/** @typedef {ReturnType<typeof rendered>} Kind */

/** With what is said of it. @param {ReturnType<typeof template>} kind */
function rendered (kind) {
  return { ...kind, said: { flags: kind.flags.join(' '), internalDate: internalDate(kind.date), envelope: written(kind) } }
}

/** What a server sends of a message. @param {number} seqno */
function message (seqno) {
  const kind = templates()[seqno % KINDS]
  return { ...message.numbers(seqno), subject: kind.subject, ...kind.said }
}

/** UIDs have gaps. @param {number} seqno */
message.numbers = (seqno) => ({ uid: seqno * 3 + seqno % 3, size: 1500 + (seqno * 7919) % 90_000 })

/** The envelope as node-imap gives it, in new objects. @param {ReturnType<typeof template>} template */
function envelope ({ date, subject, from, sender, replyTo, to, cc, bcc, inReplyTo, messageId }) {
  return {
    date: new Date(date),
    subject,
    from: from.map(copy),
    sender: sender.map(copy),
    replyTo: replyTo.map(copy),
    to: to.map(copy),
    cc: cc && cc.map(copy),
    bcc,
    inReplyTo,
    messageId
  }
}

/** @param {Address} address */
function copy ({ name, mailbox, host }) {
  return { name, mailbox, host }
}

/** The envelope as a server writes it (RFC 3501 section 7.4.2). @param {ReturnType<typeof template>} kind */
function written (kind) {
  const people = (/** @type {Address[] | null} */ list) => list === null
    ? 'NIL'
    : `(${list.map(({ name, mailbox, host }) => `(${string(name)} NIL "${mailbox}" "${host}")`).join('')})`
  const { from, sender, replyTo, to, cc, bcc } = kind
  return `("${headerDate(kind.date)}" ${string(kind.subject)} ` +
    `${[from, sender, replyTo, to, cc, bcc].map(people).join(' ')} ` +
    `${string(kind.inReplyTo)} ${string(kind.messageId)})`
}

/** @param {string | null} text */
function string (text) {
  if (text === null) return 'NIL'
  return `"${worded(text)}"`
}

/** As it stands in a header: with an encoded word where it is not ASCII. @param {string} text */
function worded (text) {
  // eslint-disable-next-line no-control-regex
  return /^[\x20-\x7e]*$/.test(text) ? text : encoded(text)
}

/** An encoded word (RFC 2047), in base64 or as quoted-printable. @param {string} text */
function encoded (text) {
  const bytes = Buffer.from(text)
  if (bytes.length % 2 === 0) return `=?UTF-8?B?${bytes.toString('base64')}?=`
  const quoted = [...bytes].map(byte => {
    const character = String.fromCharCode(byte)
    if (character === ' ') return '_'
    return /[A-Za-z0-9]/.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  })
  return `=?utf-8?Q?${quoted.join('')}?=`
}

/** @param {number} date */
function internalDate (date) {
  const { day, month, year, time } = parts(date)
  return `${String(day).padStart(2, ' ')}-${month}-${year} ${time} +0000`
}

/** @param {number} date */
function headerDate (date) {
  const { weekday, day, month, year, time } = parts(date)
  return `${weekday}, ${day} ${month} ${year} ${time} +0000`
}

/** @param {number} date */
function parts (date) {
  const at = new Date(date)
  return {
    weekday: DAYS[at.getUTCDay()],
    day: at.getUTCDate(),
    month: MONTHS[at.getUTCMonth()],
    year: at.getUTCFullYear(),
    time: at.toISOString().slice(11, 19)
  }
}

module.exports = { envelope, headerDate, message, templates, worded }
