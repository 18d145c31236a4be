// @ts-check
'use strict'

// append (contract section 3.5).

const { opened, session } = require('../session')

const MESSAGE = 'Subject: x\r\n\r\nhello'

/** An append of the message that is sent once the server goes on. */
const appends = (/** @type {string} */ words, /** @type {any} */ options, /** @type {object} */ more = {}) => opened({
  exchanges: [[`APPEND ${words} {19}`, 'S: + go', `OK done`]],
  calls: [options === undefined ? ['append', MESSAGE] : ['append', MESSAGE, options]],
  ...more
})

/** An append of this data. */
const data = (/** @type {any} */ value, /** @type {number} */ size, /** @type {object} */ more = {}) => opened({
  exchanges: [[`APPEND "INBOX" {${size}}`, 'S: + go', 'OK done']], calls: [['append', value]], ...more
})

/** An append that is refused before anything is sent. */
const refused = (/** @type {any[]} */ ...args) => opened({ calls: [['append', ...args]], deviates: ['D-57'] })

const DATE = new Date('2004-09-15T00:38:03Z')

module.exports = {
  area: 'appending',
  scenarios: {
    'into the open mailbox': appends('"INBOX"', undefined),
    'with empty options': appends('"INBOX"', {}),
    'into another mailbox': appends('"Sent &AOk-"', { mailbox: 'Sent é' }),
    'into another mailbox, with none open': session({
      exchanges: [['APPEND "x" {19}', 'S: + go', 'OK done']], calls: [['append', MESSAGE, { mailbox: 'x' }]]
    }),
    'with no mailbox': session({ calls: [['append', MESSAGE], ['append', MESSAGE, {}], ['append', MESSAGE, { mailbox: '' }]] }),
    'with a flag': appends('"INBOX" (\\Seen)', { flags: 'Seen' }),
    'with a flag that has its backslash': appends('"INBOX" (\\Seen)', { flags: '\\Seen' }),
    'with flags': appends('"INBOX" (\\Seen \\Flagged $Forwarded)', { flags: ['Seen', '\\Flagged', '$Forwarded'] }),
    'with no flags': appends('"INBOX"', { flags: [] }),
    'with an empty flag': appends('"INBOX"', { flags: '' }),
    'with a date': appends('"INBOX" "15-Sep-2004 00:38:03 +0000"', { date: DATE }),
    'with a date whose day has one digit': appends('"INBOX" "05-Sep-2004 00:38:03 +0000"', { date: new Date('2004-09-05T00:38:03Z') },
      { deviates: ['Q-36'] }),
    'with flags, a date and a mailbox': appends('"x" (\\Draft) "15-Sep-2004 00:38:03 +0000"', { mailbox: 'x', flags: ['Draft'], date: DATE }),
    'with a date that is none': opened({
      calls: [['append', MESSAGE, { date: '2004-09-05' }], ['append', MESSAGE, { date: 1 }], ['append', MESSAGE, { date: {} }]]
    }),
    'with a date that is false': appends('"INBOX"', { date: 0 }),
    'tells the UID': opened({
      exchanges: [['APPEND "INBOX" {19}', 'S: + go', 'OK [APPENDUID 38505 3955] done']], calls: [['append', MESSAGE]]
    }),
    'tells no UID without a text behind the code': opened({
      exchanges: [['APPEND "INBOX" {19}', 'S: + go', 'OK [APPENDUID 38505 3955]']], calls: [['append', MESSAGE]], deviates: ['Q-41']
    }),
    'tells no UID when the code is another': opened({
      exchanges: [['APPEND "INBOX" {19}', 'S: + go', 'OK [COPYUID 1 2 3] done']], calls: [['append', MESSAGE]], deviates: ['D-56']
    }),
    'LITERAL+ does not wait': opened({
      capabilities: 'LITERAL+', exchanges: [['APPEND "INBOX" {19+}', 'OK done']], calls: [['append', MESSAGE]]
    }),
    'LITERAL+ with flags': opened({
      capabilities: 'LITERAL+', exchanges: [['APPEND "INBOX" (\\Seen) {19+}', 'OK done']], calls: [['append', MESSAGE, { flags: 'Seen' }]]
    }),
    'of a text in UTF-8': data('é😀', 6),
    'of an empty text': data('', 0),
    'of a Buffer': data(Buffer.from(MESSAGE), 19),
    'of a Uint8Array': data(new Uint8Array(Buffer.from('abc')), 3),
    'of a Buffer that is no UTF-8': data(Buffer.from([0x61, 0xe4, 0xf6, 0x62]), 4, { deviates: ['Q-08'] }),
    'of bare line feeds': data('a\nb\rc', 5),
    'of data that looks like a command': data('a\r\nA9 LOGOUT\r\n', 14),
    'of a number': refused(5),
    'of nothing': refused(undefined),
    'of null': refused(null),
    'NO instead of the continuation': opened({
      exchanges: [['APPEND "x" {19}', 'NO [TRYCREATE] no such mailbox']], calls: [['append', MESSAGE, { mailbox: 'x' }]]
    }),
    'NO after the data': opened({
      exchanges: [['APPEND "INBOX" {19}', 'S: + go', 'NO [OVERQUOTA] full']], calls: [['append', MESSAGE]]
    }),
    'BAD': opened({ exchanges: [['APPEND "INBOX" {19}', 'BAD what']], calls: [['append', MESSAGE]] }),
    'a continuation without a text': opened({ exchanges: [['APPEND "INBOX" {19}', 'S: +', 'OK done']], calls: [['append', MESSAGE]] }),
    'untagged data before the continuation': opened({
      exchanges: [['APPEND "INBOX" {19}', '* 4 EXISTS', 'S: + go', '* 5 EXISTS', '* 1 RECENT', 'OK done']], calls: [['append', MESSAGE]]
    }),
    'without a callback': opened({
      exchanges: [['APPEND "INBOX" {19}', 'S: + go', 'OK done'], ['CREATE "x"', 'OK done']],
      calls: [(imap, say, next) => {
        say(imap.append(MESSAGE))
        next()
      }, ['addBox', 'x']]
    }),
    'two at once, one after the other': opened({
      exchanges: [['APPEND "INBOX" {1}', 'S: + go', 'OK done'], ['APPEND "INBOX" {2}', 'S: + go', 'OK done']],
      calls: [(imap, say, next) => {
        imap.append('a', (/** @type {any} */ error) => say('first', error))
        imap.append('bb', (/** @type {any} */ error) => {
          say('second', error)
          next()
        })
      }]
    })
  }
}
