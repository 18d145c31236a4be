// @ts-check
'use strict'

// Mailboxes: their tree, and the open one.

const assert = require('node:assert/strict')
const { SELECTED, answer, call, login, once, opened, recorded, session, tracing } = require('./stage')

/**
 * @param {any} t
 * @param {string[]} names of what the server lists, or whole lines
 * @returns {Promise<any>} the tree
 */
async function listed (t, ...names) {
  const lines = names.map(name => `S: ${name.startsWith('*') ? name : `* LIST () "/" ${name}`}`)
  const { imap, server } = await session(t, `
    C: A3 LIST "" "*"
    ${lines.join('\n')}
    S: A3 OK done`)
  const boxes = await call(imap, 'getBoxes')
  await server.done()
  return boxes
}

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-01',
    verdict: 'KEEP',
    title: 'opening a mailbox emits mail, before the callback, with what is more than in the mailbox before',
    async play (Imap, t) {
      const open = (/** @type {number} */ tag, /** @type {string} */ name, /** @type {number} */ total) => `
        C: A${tag} SELECT "${name}"
        ${SELECTED.replace('3 EXISTS', `${total} EXISTS`)}
        S: A${tag} OK done`
      const { imap } = await session(t, open(3, 'a', 3) + open(4, 'b', 5) + open(5, 'c', 1) + open(6, 'd', 0))
      const events = recorded(imap)
      for (const name of ['a', 'b', 'c', 'd']) {
        await call(imap, 'openBox', name)
        events.push([name])
      }
      assert.deepEqual(events, [['mail', 3], ['a'], ['mail', 2], ['b'], ['c'], ['d']])
    }
  },
  {
    id: 'Q-12',
    verdict: 'FIX',
    title: 'uidvalidity is emitted, with the number, when the open mailbox gets another one',
    red: /expected \[ \[ 'uidvalidity', 8 \] \], got \[\]/,
    async play (Imap, t) {
      const { imap, box, events } = await opened(t, `
        C: A4 CREATE "x"
        S: * OK [UIDVALIDITY 7] the same
        S: * OK [UIDVALIDITY 8] another
        S: A4 OK done`)
      await call(imap, 'addBox', 'x')
      assert.deepEqual(events, [['uidvalidity', 8]])
      assert.equal(box.uidvalidity, 8)
    }
  },
  {
    id: 'Q-14',
    verdict: 'FIX',
    title: 'each openBox gives a fresh box, which is _box, and leaves the one before alone',
    red: /the same object/,
    async play (Imap, t) {
      const { imap, box } = await opened(t, `
        C: A4 SELECT "b"
        S: * 1 EXISTS
        S: A4 OK done`)
      const second = await call(imap, 'openBox', 'b')
      assert.ok(second !== box, 'the same object')
      assert.ok(second === imap._box)
      assert.deepEqual([box.name, box.messages.total, box.uidnext], ['INBOX', 3, 4])
      assert.deepEqual(second, {
        name: 'b',
        flags: [],
        readOnly: false,
        uidvalidity: 0,
        uidnext: 0,
        permFlags: [],
        keywords: [],
        newKeywords: false,
        persistentUIDs: true,
        nomodseq: false,
        messages: { total: 1, new: 0 }
      })
    }
  },
  {
    id: 'Q-16',
    verdict: 'FIX',
    title: 'openBox(name, readOnly, modifiers, callback) is accepted',
    red: /^uncaught TypeError: cb is not a function/,
    async play (Imap, t) {
      const { imap } = await session(t, `
        C: A3 EXAMINE "x"
        ${SELECTED}
        S: A3 OK [READ-ONLY] done`)
      const { values: [error, box] } = await answer(imap, 'openBox', 'x', true, {})
      assert.deepEqual([error, box.name, box.readOnly], [undefined, 'x', true])
    }
  },
  {
    id: 'Q-34',
    verdict: 'FIX',
    title: 'FLAGS () is no flags',
    red: /expected \[\], got \[ '' \]/,
    async play (Imap, t) {
      const { box } = await opened(t, '', { selected: 'S: * FLAGS ()\nS: * 0 EXISTS' })
      assert.deepEqual(box.flags, [])
    }
  },
  {
    id: 'Q-35',
    verdict: 'FIX',
    title: 'names that a server chooses reach no prototype: mailboxes',
    red: /expected undefined, got \{ x: /,
    async play (Imap, t) {
      const before = Object.getOwnPropertyNames(Object.prototype)
      const boxes = await listed(t, '__proto__/x', 'toString/x', 'constructor', 'hasOwnProperty')
      assert.equal(/** @type {any} */ ({}).children, undefined)
      assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before)
      assert.deepEqual(Object.keys(boxes), ['__proto__', 'toString', 'constructor', 'hasOwnProperty'])
      assert.deepEqual(Object.keys(boxes.toString.children), ['x'])
      assert.equal(Object.getPrototypeOf(boxes), Object.prototype)
    }
  },
  {
    id: 'Q-35',
    verdict: 'FIX',
    title: 'names that a server chooses reach no prototype: header fields',
    red: /push is not a function/,
    async play (Imap) {
      const header = Imap.parseHeader('Constructor: x\r\n__proto__: y\r\nSubject: z\r\n\r\n')
      assert.deepEqual(Object.entries(header), [['constructor', ['x']], ['__proto__', ['y']], ['subject', ['z']]])
      assert.equal(Object.getPrototypeOf(header), Object.prototype)
    }
  },
  {
    id: 'Q-52',
    verdict: 'KEEP',
    title: 'getBoxes gives undefined when nothing is listed',
    decided: { kept: '`if (!boxes)` is what programs ask' },
    async play (Imap, t) {
      assert.equal(await listed(t), undefined)
    }
  },
  {
    id: 'Q-53',
    verdict: 'FIX',
    title: 'parents that are listed later, or never, are whole nodes, and every parent pointer is right',
    red: /got \[ 'children' \]/,
    async play (Imap, t) {
      const { Never, Late } = await listed(t, 'Never/Child', 'Late/Child', '* LIST (\\HasChildren) "/" Late', 'Late/Second')
      assert.deepEqual(Object.keys(Never), ['attribs', 'delimiter', 'children', 'parent'])
      assert.deepEqual([Never.attribs, Never.delimiter, Never.parent], [[], '/', null])
      assert.equal(Never.children.Child.parent, Never)
      assert.deepEqual(Late.attribs, ['\\HasChildren'])
      assert.deepEqual(Object.keys(Late.children), ['Child', 'Second'])
      for (const child of Object.values(Late.children)) assert.equal(child.parent, Late)
    }
  },
  {
    id: 'Q-54',
    verdict: 'FIX',
    title: 'the first LIST is an answer to getBoxes also when the login had none',
    red: /expected \[ 'first', 'second' \], got \[ 'second' \]/,
    async play (Imap, t) {
      const server = await tracing(t, login().replace(/.*S: \* LIST.*\n/, '') + `
        C: A3 LIST "" "*"
        S: * LIST () "." first
        S: * LIST () "." second
        S: A3 OK done`)
      const imap = new Imap({ ...server.options, keepalive: false })
      imap.connect()
      await t.within(once(imap, 'ready'), 'ready')
      assert.deepEqual(Object.keys(await call(imap, 'getBoxes')), ['first', 'second'])
      assert.equal(imap.delimiter, undefined)
    }
  },
  {
    id: 'Q-55',
    verdict: 'KEEP',
    title: 'expunge is emitted for our own EXPUNGE, too',
    async play (Imap, t) {
      const { imap, box, events } = await opened(t, `
        C: A4 EXPUNGE
        S: * 3 EXPUNGE
        S: * 1 EXPUNGE
        S: A4 OK done`)
      await call(imap, 'expunge')
      assert.deepEqual(events, [['expunge', 3], ['expunge', 1]])
      assert.equal(box.messages.total, 1)
    }
  },
  {
    id: 'Q-62',
    verdict: 'KEEP',
    title: 'extensions of a namespace are an object of lists',
    async play (Imap, t) {
      const script = login('NAMESPACE').replace('(("" "/")) NIL NIL', '(("" "/" "X-PARAM" ("a" "b"))) (("~" NIL)) NIL')
      const server = await tracing(t, script)
      const imap = new Imap({ ...server.options, keepalive: false })
      imap.connect()
      await t.within(once(imap, 'ready'), 'ready')
      assert.deepEqual(imap.namespaces, {
        personal: [{ prefix: '', delimiter: '/', extensions: { 'X-PARAM': ['a', 'b'] } }],
        other: [{ prefix: '~', delimiter: null, extensions: undefined }],
        shared: null
      })
    }
  },
  {
    id: 'Q-64',
    verdict: 'FIX',
    title: 'EXAMINE is read-only also when the server does not say so',
    red: /expected true, got false/,
    async play (Imap, t) {
      const { imap } = await session(t, `
        C: A3 EXAMINE "a"
        S: * 1 EXISTS
        S: A3 OK done
        C: A4 SELECT "b"
        S: * 1 EXISTS
        S: A4 OK done`)
      assert.equal((await call(imap, 'openBox', 'a', true)).readOnly, true)
      assert.equal((await call(imap, 'openBox', 'b')).readOnly, false)
    }
  },
  {
    id: 'Q-74',
    verdict: 'KEEP',
    title: 'closeBox(false) without UNSELECT selects a mailbox that there is not',
    async play (Imap, t) {
      const { imap, server } = await opened(t, `
        C: /^A4 SELECT "NODEJSIMAPCLOSINGBOX[0-9]+"$/
        S: A4 NO there is none`)
      const { values } = await answer(imap, 'closeBox', false)
      assert.deepEqual(values.filter((value) => value !== undefined), [])
      assert.equal(imap._box, undefined)
      await server.done()
    }
  },
  {
    id: 'Q-76',
    verdict: 'FIX',
    title: '_box follows UIDNEXT, PERMANENTFLAGS and HIGHESTMODSEQ at any time',
    red: /expected \[ 99, \[ '\\\\Deleted' \], \[ 'Junk' \], true, '5' \], got \[ 4,/,
    async play (Imap, t) {
      const { imap, box } = await opened(t, `
        C: A4 CREATE "x"
        S: * OK [UIDNEXT 99] ok
        S: * OK [PERMANENTFLAGS (\\Deleted Junk \\*)] ok
        S: * OK [HIGHESTMODSEQ 5] ok
        S: A4 OK done`)
      await call(imap, 'addBox', 'x')
      assert.deepEqual([box.uidnext, box.permFlags, box.keywords, box.newKeywords, box.highestmodseq], [99, ['\\Deleted'], ['Junk'], true, '5'])
    }
  }
]
