// @ts-check
'use strict'

// How callbacks are called: with which `this`, how many times, and that they may be missing (contract section 3.0).

const { calls, loggedIn, logout, opened, withInbox } = require('./common')

/** @typedef {import('../scenarios').Scenario} Scenario */

/**
 * A method and what it sends.
 * @typedef {{ call: [string, ...any[]], command: string, answer?: string, capabilities?: string, deviates?: string[] }} Case
 */

/** @type {Record<string, Case>} */
const OPENED = {
  search: { call: ['search', ['ALL']], command: 'UID SEARCH ALL', answer: 'S: * SEARCH 1' },
  'seq.search': { call: ['seq.search', ['ALL']], command: 'SEARCH ALL', answer: 'S: * SEARCH 1' },
  sort: { call: ['sort', ['DATE'], ['ALL']], command: 'UID SORT (DATE) US-ASCII ALL', answer: 'S: * SORT 1', capabilities: 'SORT' },
  thread: { call: ['thread', 'references', ['ALL']], command: 'UID THREAD REFERENCES US-ASCII ALL', answer: 'S: * THREAD (1)', capabilities: 'THREAD=REFERENCES' },
  esearch: { call: ['esearch', ['ALL'], ['MIN']], command: 'UID SEARCH RETURN (MIN) ALL', answer: 'S: * ESEARCH (TAG "A4") UID MIN 1', capabilities: 'ESEARCH' },
  copy: { call: ['copy', 1, 'x'], command: 'UID COPY 1 "x"' },
  'seq.copy': { call: ['seq.copy', 1, 'x'], command: 'COPY 1 "x"' },
  move: { call: ['move', 1, 'x'], command: 'UID MOVE 1 "x"', capabilities: 'MOVE' },
  expunge: { call: ['expunge'], command: 'EXPUNGE' },
  addFlags: { call: ['addFlags', 1, 'Seen'], command: 'UID STORE 1 +FLAGS.SILENT (\\Seen)' },
  delKeywords: { call: ['delKeywords', 1, 'x'], command: 'UID STORE 1 -FLAGS.SILENT (x)' },
  setLabels: { call: ['setLabels', 1, 'x'], command: 'UID STORE 1 X-GM-LABELS.SILENT ("x")', capabilities: 'X-GM-EXT-1' },
  append: { call: ['append', 'x'], command: 'APPEND "INBOX" {1}', answer: 'S: + go' },
  closeBox: { call: ['closeBox'], command: 'CLOSE', deviates: ['D-58'] },
  addBox: { call: ['addBox', 'x'], command: 'CREATE "x"' },
  delBox: { call: ['delBox', 'x'], command: 'DELETE "x"' },
  renameBox: { call: ['renameBox', 'x', 'y'], command: 'RENAME "x" "y"', deviates: ['D-58'] },
  subscribeBox: { call: ['subscribeBox', 'x'], command: 'SUBSCRIBE "x"' },
  unsubscribeBox: { call: ['unsubscribeBox', 'x'], command: 'UNSUBSCRIBE "x"' },
  getBoxes: { call: ['getBoxes'], command: 'LIST "" "*"', answer: 'S: * LIST () "/" x' },
  getSubscribedBoxes: { call: ['getSubscribedBoxes', ''], command: 'LSUB "" "*"', answer: 'S: * LSUB () "/" x' },
  status: { call: ['status', 'x'], command: 'STATUS "x" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)', answer: 'S: * STATUS x (MESSAGES 1)' },
  openBox: { call: ['openBox', 'x'], command: 'SELECT "x"', answer: 'S: * 3 EXISTS', deviates: ['D-58', 'Q-14'] },
  id: { call: ['id', null], command: 'ID NIL', answer: 'S: * ID NIL', capabilities: 'ID' },
  getQuota: { call: ['getQuota', 'r'], command: 'GETQUOTA "r"', answer: 'S: * QUOTA "r" (STORAGE 1 2)', deviates: ['D-58'] },
  setQuota: { call: ['setQuota', 'r', { storage: 5 }], command: 'SETQUOTA "r" (storage 5)', answer: 'S: * QUOTA "r" (STORAGE 1 5)', deviates: ['D-58'] },
  getQuotaRoot: { call: ['getQuotaRoot', 'x'], command: 'GETQUOTAROOT "x"', answer: 'S: * QUOTA "r" (STORAGE 1 2)', deviates: ['D-58'] },
  _enqueue: { call: ['_enqueue', 'XYZZY 1 2'], command: 'XYZZY 1 2' }
}

/** @param {Case} given @param {string} status @returns {Scenario} */
function called ({ call, command, answer = '', capabilities, deviates }, status) {
  const answered = status === 'OK' || command.startsWith('APPEND') ? answer : ''
  return {
    script: `${opened(capabilities)}
      C: A4 ${command}
      ${answered}
      S: A4 ${status} done
      ${logout(5)}`,
    drive: (imap, say) => withInbox(imap, async () => {
      await calls(imap, say)(...call)
      imap.end()
    }),
    ...(deviates ? { deviates } : {})
  }
}

const REQUIRED = ['openBox', 'closeBox', 'renameBox', 'getQuota', 'setQuota', 'getQuotaRoot']

/** The same call without a callback: what comes after it goes on. @param {string} name @param {Case} given @returns {Scenario} */
function uncalled (name, { call: [method, ...args], command, answer = '', capabilities }) {
  return {
    script: `${opened(capabilities)}
      C: A4 ${command}
      ${answer}
      S: A4 OK done
      C: A5 CREATE "after"
      S: A5 OK done
      ${logout(6)}`,
    drive: (imap, say) => withInbox(imap, async () => {
      const target = method.startsWith('seq.') ? imap.seq : imap
      say(target[method.replace('seq.', '')](...args))
      await calls(imap, say)('addBox', 'after')
      imap.end()
    }),
    ...(REQUIRED.includes(name) ? { deviates: ['Q-05'] } : {})
  }
}

/** Methods of which the last argument before the callback may be left out: without one they read it otherwise. */
const OPTIONAL = ['getBoxes', 'closeBox', 'openBox', 'setQuota', 'expunge']

const all = Object.entries(OPENED).flatMap(([name, given]) => [
  [`${name}: OK`, called(given, 'OK')],
  [`${name}: NO`, called(given, 'NO')],
  ...(OPTIONAL.includes(name) ? [] : [[`${name}: no callback`, uncalled(name, given)]])
])

const more = {
  'commands are answered in the order of their calls': {
    script: `${loggedIn()}
      C: A3 CREATE "a"
      S: A3 OK done
      C: A4 DELETE "b"
      S: A4 NO no
      C: A5 LIST "" "*"
      S: A5 OK done
      ${logout(6)}`,
    drive: (/** @type {any} */ imap, /** @type {any} */ say) => imap.once('ready', () => {
      imap.addBox('a', (/** @type {any} */ error) => say('a', error))
      imap.delBox('b', (/** @type {any} */ error) => say('b', error))
      imap.getBoxes((/** @type {any} */ error) => say('c', error))
      imap.end()
    })
  },
  'a call in a callback comes behind what waits': {
    script: `${loggedIn()}
      C: A3 CREATE "a"
      S: A3 OK done
      C: A4 CREATE "b"
      S: A4 OK done
      C: A5 CREATE "c"
      S: A5 OK done
      ${logout(6)}`,
    drive: (/** @type {any} */ imap, /** @type {any} */ say) => imap.once('ready', () => {
      imap.addBox('a', () => imap.addBox('c', (/** @type {any} */ error) => {
        say('c', error)
        imap.end()
      }))
      imap.addBox('b', (/** @type {any} */ error) => say('b', error))
    })
  },
  'methods of seq work detached': {
    script: `${opened()}
      C: A4 SEARCH ALL
      S: * SEARCH 1
      S: A4 OK done
      ${logout(5)}`,
    drive: (/** @type {any} */ imap, /** @type {any} */ say) => withInbox(imap, () => {
      const { search } = imap.seq
      search(['ALL'], (/** @type {any[]} */ ...values) => {
        say(...values)
        imap.end()
      })
    })
  },
  'arguments that are changed in place': {
    script: `${opened()}
      C: A4 UID STORE 5,7 +FLAGS.SILENT (\\Seen)
      S: A4 OK done
      ${logout(5)}`,
    deviates: ['Q-40'],
    drive: (/** @type {any} */ imap, /** @type {any} */ say) => withInbox(imap, () => {
      const [uids, flags] = [['5', ' 7'], ['Seen']]
      imap.addFlags(uids, flags, (/** @type {any} */ error) => {
        say(error, uids, flags)
        imap.end()
      })
    })
  },
  'an exception in a callback': {
    script: `${loggedIn()}
      C: A3 CREATE "a"
      S: A3 OK done
      C: A4 CREATE "b"
      S: A4 OK done
      ${logout(5)}`,
    survives: true,
    deviates: ['Q-73'],
    drive: (/** @type {any} */ imap, /** @type {any} */ say) => imap.once('ready', () => {
      imap.addBox('a', () => { throw new Error('a program\'s own') })
      imap.addBox('b', (/** @type {any} */ error) => {
        say('b', error)
        imap.end()
      })
    })
  }
}

/** @type {Record<string, Scenario>} */
const scenarios = { ...Object.fromEntries(all), .../** @type {any} */ (more) }

module.exports = { area: 'callbacks', scenarios }
