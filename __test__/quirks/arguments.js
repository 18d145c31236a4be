// @ts-check
'use strict'

// What programs pass: message sets, criteria, flags.

const assert = require('node:assert/strict')
const { answer, call, greeting, life, opened, silent } = require('./stage')

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-07',
    verdict: 'FIX',
    title: 'lists of messages mean all of their members: \'1,2,3\'',
    red: /expected A4 UID COPY 1,2,3 "x", got A4 UID COPY 1 "x"/,
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: A4 UID COPY 1,2,3 "x"
        S: A4 OK done
        C: A5 COPY 1,5:7,9 "x"
        S: A5 OK done`)
      await call(imap, 'copy', '1,2,3', 'x')
      await call(imap.seq, 'copy', ['1,5:7', 9], 'x')
      await server.done()
    }
  },
  {
    id: 'Q-07',
    verdict: 'FIX',
    title: 'lists of messages mean all of their members: [\'UID\', [1, 2, 3]]',
    red: /expected A4 UID SEARCH UID 1,2,3, got A4 UID SEARCH UID 1/,
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: A4 UID SEARCH UID 1,2,3
        S: A4 OK done`)
      await call(imap, 'search', [['UID', [1, 2, 3]]])
      await server.done()
    }
  },
  {
    id: 'Q-07',
    verdict: 'FIX',
    title: 'a side of OR that is a list of criteria means all of them',
    red: /expected A4 UID SEARCH OR \(SEEN FLAGGED\) \(DRAFT\), got A4 UID SEARCH OR \(SEEN\) \(DRAFT\)/,
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: A4 UID SEARCH OR (SEEN FLAGGED) (DRAFT)
        S: A4 OK done`)
      await call(imap, 'search', [['OR', ['SEEN', 'FLAGGED'], 'DRAFT']])
      await server.done()
    }
  },
  {
    id: 'Q-07',
    verdict: 'FIX',
    title: 'what begins like a number, and is none, is refused',
    red: /Missing expected exception/,
    async play (Imap, t) {
      const { imap, quiet } = await silent(t)
      for (const value of ['5x', '1:', '1,', [[1, '2y']]]) {
        assert.throws(() => imap.copy(value, 'x', () => {}), { message: /^UID\/seqno must be an integer, "\*", or a range: / })
      }
      await quiet()
    }
  },
  {
    id: 'Q-24',
    verdict: 'FIX',
    title: 'UNCHANGEDSINCE has its parentheses, and MODIFIED is told',
    red: /got A4 UID STORE 1,7 UNCHANGEDSINCE 123 \+FLAGS.SILENT \(\\Seen\)/,
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: A4 UID STORE 1,7 (UNCHANGEDSINCE 123) +FLAGS.SILENT (\\Seen)
        S: A4 OK [MODIFIED 7] done`, { capabilities: 'CONDSTORE' })
      const { values } = await answer(imap, 'addFlagsSince', [1, 7], 'Seen', 123)
      assert.deepEqual(values, [undefined, '7'])
      await server.done()
    }
  },
  {
    id: 'Q-38',
    verdict: 'FIX',
    title: 'line breaks end no command: strings of a search',
    red: /got A4 UID SEARCH SUBJECT "a/,
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: A4 UID SEARCH SUBJECT {12}
        S: + go
        C: /^a\\r\\nA9 LOGOUT$/
        S: A4 OK done`)
      await call(imap, 'search', [['SUBJECT', 'a\r\nA9 LOGOUT']])
      await server.done()
    }
  },
  {
    id: 'Q-38',
    verdict: 'FIX',
    title: 'line breaks end no command: user and password',
    red: /got .*'A9 LOGOUT/,
    hangs: true,
    async play (Imap, t) {
      for (const options of [{ user: 'a\r\nA9 LOGOUT' }, { password: 'secret\r\nA9 LOGOUT' }]) {
        const { error, server } = await life(t, greeting(), { options: { ...options, authTimeout: t.limit / 2 } })
        assert.deepEqual(server.lines, ['A0 CAPABILITY'])
        assert.equal(error.source, 'authentication')
      }
    }
  },
  {
    id: 'Q-38',
    verdict: 'FIX',
    title: 'line breaks end no command: flags and keywords',
    red: /Missing expected exception/,
    async play (Imap, t) {
      const { imap, quiet } = await silent(t)
      const injected = 'x\r\nA9 LOGOUT'
      assert.throws(() => imap.addFlags(1, injected, () => {}), /invalid characters/)
      assert.throws(() => imap.addKeywords(1, injected, () => {}), /invalid characters/)
      assert.throws(() => imap.search([['KEYWORD', injected]], () => {}), /invalid characters/)
      await quiet()
    }
  },
  {
    id: 'Q-38',
    verdict: 'FIX',
    title: 'line breaks end no command: labels',
    red: /got A4 UID SEARCH X-GM-LABELS x$/,
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: A4 UID SEARCH X-GM-LABELS "x&AA0ACg-A9 LOGOUT"
        S: A4 OK done
        C: A5 UID STORE 1 +X-GM-LABELS.SILENT ("x&AA0ACg-A9 LOGOUT")
        S: A5 OK done`, { capabilities: 'X-GM-EXT-1' })
      await call(imap, 'search', [['X-GM-LABELS', 'x\r\nA9 LOGOUT']])
      await call(imap, 'addLabels', 1, 'x\r\nA9 LOGOUT')
      await server.done()
    }
  },
  {
    id: 'Q-40',
    verdict: 'FIX',
    title: 'arguments are not changed',
    red: /expected \[ '5', ' 7' \], got \[ 5, 7 \]/,
    async play (Imap, t) {
      const { imap } = await opened(t, `
        C: A4 UID STORE 5,7 +FLAGS.SILENT (\\Seen)
        S: A4 OK done
        C: A5 APPEND "INBOX" (\\Seen) {1}
        S: + go
        C: x
        S: A5 OK done`)
      const uids = ['5', ' 7']
      const flags = ['Seen']
      const options = { flags }
      await call(imap, 'addFlags', uids, flags)
      await call(imap, 'append', 'x', options)
      assert.deepEqual(uids, ['5', ' 7'])
      assert.deepEqual(flags, ['Seen'])
      assert.deepEqual(options, { flags: ['Seen'] })
    }
  },
  {
    id: 'Q-72',
    verdict: 'KEEP',
    title: 'errors of arguments have node-imap\'s texts, with its slips',
    async play (Imap, t) {
      const { imap, quiet } = await silent(t, 'SORT')
      for (const [call, message] of /** @type {[() => void, string][]} */ ([
        [() => imap.copy([], 'x', () => {}), 'Empty uidlist'],
        [() => imap.seq.copy([], 'x', () => {}), 'Empty sequence numberlist'],
        [() => imap.expunge([], () => {}), 'Empty uid list'],
        [() => imap.sort([5], ['ALL'], () => {}), 'Unexpected sort criteria data type. Expected string. Got: object'],
        [() => imap.addFlags(1, undefined, () => {}), 'Keywords argument must be a string or a non-empty Array'],
        [() => imap.addFlags(1, [], () => {}), 'Flags argument must be a string or a non-empty Array']
      ])) assert.throws(call, { name: 'Error', message })
      await quiet()
    }
  },
  {
    id: 'Q-75',
    verdict: 'KEEP',
    title: 'addFlags makes a flag of $keyword, append leaves it one',
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: A4 UID STORE 1 +FLAGS.SILENT (\\$Forwarded)
        S: A4 OK done
        C: A5 UID STORE 1 +FLAGS.SILENT ($Forwarded)
        S: A5 OK done
        C: A6 APPEND "INBOX" (\\Seen $Forwarded) {1}
        S: + go
        C: x
        S: A6 OK done`)
      await call(imap, 'addFlags', 1, '$Forwarded')
      await call(imap, 'addKeywords', 1, '$Forwarded')
      await call(imap, 'append', 'x', { flags: ['Seen', '$Forwarded'] })
      await server.done()
    }
  },
  {
    id: 'Q-81',
    verdict: 'FIX',
    title: 'search arguments are checked: sizes, keywords, mod-sequences',
    red: /Missing expected exception/,
    async play (Imap, t) {
      const { imap, quiet } = await silent(t, 'CONDSTORE')
      for (const [criterion, message] of /** @type {[any[], string | RegExp][]} */ ([
        [['LARGER', '10k'], 'Search option argument must be a number'],
        [['SMALLER', -5], 'Search option argument must be a number'],
        [['LARGER', 1.5], 'Search option argument must be a number'],
        [['UNKEYWORD', 'a b'], 'The keyword "a b" contains invalid characters'],
        [['KEYWORD', 'a)'], 'The keyword "a)" contains invalid characters'],
        [['MODSEQ', '1 2'], /./]
      ])) {
        for (const target of [imap, imap.seq]) assert.throws(() => target.search([criterion], () => {}), { message })
      }
      await quiet()
    }
  },
  {
    id: 'Q-81',
    verdict: 'FIX',
    title: 'search arguments are quoted and encoded: labels of Gmail',
    red: /got A4 UID SEARCH X-GM-LABELS b\u00e4 r/,
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: A4 UID SEARCH X-GM-LABELS "b&AOQ- r"
        S: A4 OK done`, { capabilities: 'X-GM-EXT-1' })
      await call(imap, 'search', [['X-GM-LABELS', 'bä r']])
      await server.done()
    }
  }
]
