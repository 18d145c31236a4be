// @ts-check
'use strict'

// Appending messages.

const assert = require('node:assert/strict')
const { answer, call, connected, serving, session } = require('./stage')

/** What APPEND is to say of 2004-09-05 00:38:03 UTC, by time zone. @type {Record<string, string>} */
const SENT = {
  'America/New_York': '04-Sep-2004 20:38:03 -0400',
  'Asia/Kolkata': '05-Sep-2004 06:08:03 +0530',
  'America/St_Johns': '04-Sep-2004 22:08:03 -0230'
}

const DATE = '2004-09-05T00:38:03Z'

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-08',
    verdict: 'FIX',
    title: 'append sends the bytes of a Buffer as they are',
    red: /expected <Buffer 61 e4 f6 62>, got <Buffer 61 ef bf bd>/,
    async play (Imap, t) {
      const server = await serving(t)
      const imap = await connected({ ...server.options, keepalive: false })
      const data = Buffer.from([0x61, 0xe4, 0xf6, 0x62])
      const appended = answer(imap, 'append', data, { mailbox: 'Archive' })
      await server.waiters.wait(() => server.lines.some(Buffer.isBuffer), 'the literal', { timeout: t.limit })
      assert.deepEqual(server.lines.find(Buffer.isBuffer), data)
      assert.equal((await appended).values[0], undefined)
      assert.deepEqual(server.account().mailbox('Archive').messages[0].raw, data)
    }
  },
  {
    id: 'Q-36',
    verdict: 'FIX',
    title: 'append tells the date with a padded day and the right zone, east and west of UTC',
    red: /expected A3 APPEND "x" "0[45]-Sep-2004 [0-9:]{8} [-+]\d{4}" \{1\}, got A3 APPEND "x" "[45]-Sep-2004 [0-9:]{8} [-+][-.0-9]+" \{1\}/,
    environments: Object.keys(SENT).map((TZ) => ({ TZ })),
    async play (Imap, t) {
      const { imap, server } = await session(t, `
        C: A3 APPEND "x" "${SENT[/** @type {string} */ (process.env.TZ)]}" {1}
        S: + go
        C: x
        S: A3 OK done`)
      await call(imap, 'append', 'x', { mailbox: 'x', date: new Date(DATE) })
      await server.done()
    }
  },
  {
    id: 'Q-37',
    verdict: 'FIX',
    title: 'append takes a date also on Node 23 and later, whose util has no isDate',
    red: /isDate is not a function/,
    environments: [{ QUIRK_WITHOUT_UTIL: 'isDate', TZ: 'UTC' }],
    async play (Imap, t) {
      assert.ok(!('isDate' in require('node:util')))
      const { imap, server } = await session(t, `
        C: A3 APPEND "x" "15-Sep-2004 00:38:03 +0000" {1}
        S: + go
        C: x
        S: A3 OK done`)
      const { values } = await answer(imap, 'append', 'x', { mailbox: 'x', date: new Date('2004-09-15T00:38:03Z') })
      assert.deepEqual(values, [undefined])
      await server.done()
    }
  }
]
