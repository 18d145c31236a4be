// @ts-check
'use strict'

// The shape of the class and of what its methods give.

const assert = require('node:assert/strict')
const { EventEmitter } = require('node:events')
const { inherits, inspect } = require('node:util')
const { SELECTED, answer, call, life, login, logout, opened, session } = require('./stage')

/** All public methods (contract section 1.1). */
const METHODS = [
  'connect', 'serverSupports', 'destroy', 'end', 'append', 'getSpecialUseBoxes', 'getBoxes', 'id', 'openBox', 'closeBox', 'addBox', 'delBox',
  'renameBox', 'subscribeBox', 'unsubscribeBox', 'getSubscribedBoxes', 'status', 'expunge', 'search', 'addFlags', 'delFlags', 'setFlags',
  'addKeywords', 'delKeywords', 'setKeywords', 'copy', 'move', 'fetch', 'setLabels', 'addLabels', 'delLabels', 'sort', 'esearch', 'setQuota',
  'getQuota', 'getQuotaRoot', 'thread', 'addFlagsSince', 'delFlagsSince', 'setFlagsSince', 'addKeywordsSince', 'delKeywordsSince', 'setKeywordsSince'
]

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-42',
    verdict: 'FIX',
    title: 'parseHeader keeps the earlier values of a field that comes again, empty',
    red: /expected \{ x: \[ '1', '', '2' \], y: \[ '' \] \}, got \{ x: \[ '', '2' \], y: \[ '' \] \}/,
    async play (Imap) {
      assert.deepEqual(Imap.parseHeader('X: 1\r\nX:\r\nX: 2\r\nY:\r\n\r\n'), { x: ['1', '', '2'], y: [''] })
    }
  },
  {
    id: 'Q-44',
    verdict: 'KEEP',
    title: 'the error of what worked is undefined, not null',
    async play (Imap, t) {
      const { imap } = await session(t, `
        C: A3 CREATE "x"
        S: A3 OK done
        C: A4 SELECT "x"
        ${SELECTED}
        S: A4 OK done
        C: A5 UID SEARCH ALL
        S: * SEARCH 1
        S: A5 OK done`)
      assert.deepEqual((await answer(imap, 'addBox', 'x')).values, [undefined])
      assert.deepEqual((await answer(imap, 'openBox', 'x')).values, [undefined, imap._box])
      assert.deepEqual((await answer(imap, 'search', ['ALL'])).values, [undefined, [1]])
    }
  },
  {
    id: 'Q-45',
    verdict: 'KEEP',
    title: 'this is the connection in callbacks',
    async play (Imap, t) {
      const calls = /** @type {[string, any[], string][]} */ ([
        ['addBox', ['x'], 'CREATE "x"'], ['getBoxes', [], 'LIST "" "*"'], ['status', ['x'], '/ STATUS "x"/'],
        ['search', [['ALL']], 'UID SEARCH ALL'], ['addFlags', [1, 'Seen'], '/ UID STORE 1/'], ['copy', [1, 'x'], 'UID COPY 1 "x"'],
        ['expunge', [], 'EXPUNGE']
      ])
      const { imap } = await opened(t, calls.map(([, , command], index) => `
        C: ${command.startsWith('/') ? command : `A${4 + index} ${command}`}
        S: A${4 + index} OK done`).join(''))
      for (const [method, args] of calls) assert.ok((await answer(imap, method, ...args)).self === imap, method)
    }
  },
  {
    id: 'Q-46',
    verdict: 'KEEP',
    title: 'functions of seq work on their own',
    decided: { kept: 'each access to seq makes a new object' },
    async play (Imap, t) {
      const { imap } = await opened(t, `
        C: A4 SEARCH ALL
        S: * SEARCH 1 3
        S: A4 OK done
        C: /^A5 FETCH 1 /
        S: A5 OK done`)
      const { search, fetch } = imap.seq
      assert.ok(imap.seq !== imap.seq) // eslint-disable-line no-self-compare
      assert.deepEqual((await answer({ search }, 'search', ['ALL'])).values, [undefined, [1, 3]])
      await t.within(new Promise((resolve) => fetch(1).on('end', resolve)), 'the end of a fetch')
    }
  },
  {
    id: 'Q-47',
    verdict: 'KEEP',
    title: 'the constructor is callable without new, made for subclasses of ES5 and ES6, its methods enumerable',
    async play (Imap) {
      const plain = Imap({ user: 'u' })
      for (const parent of [Imap, EventEmitter]) assert.ok(plain instanceof parent)
      assert.equal(plain._config.user, 'u')
      /** @this {any} @param {any} config */
      function Old (config) { Imap.call(this, config) }
      inherits(Old, Imap)
      class New extends Imap {}
      for (const made of [new /** @type {any} */ (Old)({ user: 'u' }), new /** @type {any} */ (New)({ user: 'u' })]) {
        assert.ok(made instanceof Imap)
        assert.equal(/** @type {any} */ (made)._config.user, 'u')
        assert.equal(/** @type {any} */ (made).state, 'disconnected')
      }
      const enumerable = []
      for (const name in Imap.prototype) {
        if (!name.startsWith('_') && Object.hasOwn(Imap.prototype, name)) enumerable.push(name)
      }
      assert.deepEqual(enumerable.filter((name) => name !== 'constructor').sort(), [...METHODS].sort())
    }
  },
  {
    id: 'Q-60',
    verdict: 'KEEP',
    title: 'debug lines have node-imap\'s shape',
    async play (Imap, t) {
      const { debug } = await life(t, login().replace('A0 OK done', 'A0 OK it\'s "done"') + logout(3))
      assert.deepEqual(debug.filter((line) => !line.startsWith('=> \'A1 LOGIN ')), [
        '[connection] Connected to host',
        '<= \'* OK ready\'',
        '=> \'A0 CAPABILITY\'',
        '<= \'* CAPABILITY IMAP4rev1\'',
        `<= ${inspect('A0 OK it\'s "done"')}`,
        '<= \'* CAPABILITY IMAP4rev1\'',
        '<= \'A1 OK done\'',
        '=> \'A2 LIST "" ""\'',
        `<= ${inspect('* LIST (\\Noselect) "/" ""')}`,
        '<= \'A2 OK done\'',
        '=> \'A3 LOGOUT\'',
        '<= \'* BYE bye\'',
        '<= \'A3 OK bye\'',
        '[connection] Ended',
        '[connection] Closed'
      ])
    }
  },
  {
    id: 'Q-61',
    verdict: 'KEEP',
    title: 'getQuota gives the root and its resources',
    async play (Imap, t) {
      const { imap } = await session(t, `
        C: A3 GETQUOTA "r"
        S: * QUOTA "r" (STORAGE 10 512)
        S: A3 OK done`, { capabilities: 'QUOTA' })
      assert.deepEqual(await call(imap, 'getQuota', 'r'), { root: 'r', resources: { storage: { usage: 10, limit: 512 } } })
    }
  },
  {
    id: 'Q-67',
    verdict: 'FIX',
    title: 'serverSupports takes any case, and says false before anything is known',
    red: /expected false, got undefined/,
    async play (Imap, t) {
      assert.equal(new Imap({}).serverSupports('IDLE'), false)
      const { imap } = await session(t, '', { capabilities: 'IDLE' })
      assert.deepEqual(['IDLE', 'idle', 'Idle', 'MOVE'].map((name) => imap.serverSupports(name)), [true, true, true, false])
    }
  }
]
