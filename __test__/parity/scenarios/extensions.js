// @ts-check
'use strict'

// Methods for extensions: id, quotas, thread, esearch (contract sections 3.1 and 3.6).

const { opened, session } = require('../session')

/** One call without a mailbox open. */
const one = (/** @type {string} */ capabilities, /** @type {string[]} */ exchange, /** @type {any[]} */ call, /** @type {string[]} */ ...deviates) =>
  session({ capabilities, exchanges: [exchange], calls: [/** @type {any} */ (call)], deviates })

const identified = (/** @type {string} */ sent, /** @type {any} */ given, /** @type {string[]} */ lines = ['* ID NIL'], /** @type {string[]} */ ...deviates) =>
  one('ID', [`ID ${sent}`, ...lines, 'OK done'], ['id', given], ...deviates)

const MANY = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, 'v']))

const id = {
  'id: null': identified('NIL', null),
  'id: no fields': identified('NIL', {}),
  'id: fields': identified('("name" "x" "version" "1 \\"a\\" \\\\")', { name: 'x', version: '1 "a" \\' }),
  'id: a field of null': identified('("name" NIL)', { name: null }, [], 'D-57'),
  'id: thirty fields': identified(`(${Object.keys(MANY).map((key) => `"${key}" "v"`).join(' ')})`, MANY),
  'id: fields of the server': identified('NIL', null, ['* ID ("name" "Dovecot" "Support-URL" NIL "x" 5 "y" "a \\"b\\"")']),
  'id: a field of the server twice': identified('NIL', null, ['* ID ("name" "a" "NAME" "b")']),
  'id: no ID comes back': identified('NIL', null, []),
  'id: an odd number of fields': identified('NIL', null, ['* ID ("name" "a" "x")'], 'D-62'),
  'id: an empty list': identified('NIL', null, ['* ID ()']),
  'id: NO': one('ID', ['ID NIL', 'NO no'], ['id', null]),
  'id: without the extension': session({ calls: [['id', null], ['id', { a: 5 }]] }),
  'id: too much': session({
    capabilities: 'ID',
    calls: [['id', { ...MANY, more: 'v' }], ['id', { ['k'.repeat(31)]: 'v' }], ['id', { k: 'v'.repeat(1025) }], ['id', { ['é'.repeat(16)]: 'v' }]]
  }),
  'id: as much as may be': identified(`("${'k'.repeat(30)}" "${'v'.repeat(1024)}")`, { ['k'.repeat(30)]: 'v'.repeat(1024) }),
  'id: before the login of a server that wants it': {
    ...session({ capabilities: 'ID', exchanges: [['ID ("name" "x")', '* ID NIL', 'OK done']], calls: [(imap, say, next) => imap._enqueue('ID ("name" "x")', (/** @type {any[]} */ ...values) => {
      say(...values)
      next()
    })] })
  }
}

const QUOTA = '* QUOTA "r" (STORAGE 10 512 MESSAGE 1 20)'

const quotas = {
  'getQuota': one('QUOTA', ['GETQUOTA "r"', QUOTA, 'OK done'], ['getQuota', 'r']),
  'getQuota: an encoded root': one('QUOTA', ['GETQUOTA "&AOk-\\""', '* QUOTA "&AOk-\\"" ()', 'OK done'], ['getQuota', 'é"'], 'D-71'),
  'getQuota: without the extension': one('', ['GETQUOTA ""', '* QUOTA "" (STORAGE 10 512)', 'OK done'], ['getQuota', '']),
  'getQuota: a large limit': one('QUOTA', ['GETQUOTA "r"', '* QUOTA "r" (STORAGE 10 12345678901234567890)', 'OK done'], ['getQuota', 'r']),
  'getQuota: two roots': one('QUOTA', ['GETQUOTA "r"', QUOTA, '* QUOTA "s" (STORAGE 1 2)', 'OK done'], ['getQuota', 'r']),
  'getQuota: none comes back': one('QUOTA', ['GETQUOTA "r"', 'OK done'], ['getQuota', 'r'], 'Q-05'),
  'getQuota: NO': one('QUOTA', ['GETQUOTA "r"', 'NO [NONEXISTENT] no'], ['getQuota', 'r']),
  'setQuota': one('QUOTA', ['SETQUOTA "r" (storage 512 message 10)', QUOTA, 'OK done'], ['setQuota', 'r', { storage: 512, message: 10 }]),
  'setQuota: none comes back': one('QUOTA', ['SETQUOTA "r" (STORAGE 5)', 'OK done'], ['setQuota', 'r', { STORAGE: 5 }]),
  'setQuota: no limits': one('QUOTA', ['SETQUOTA "r" ()', '* QUOTA "r" ()', 'OK done'], ['setQuota', 'r']),
  'setQuota: empty limits': one('QUOTA', ['SETQUOTA "r" ()', 'OK done'], ['setQuota', 'r', {}]),
  'setQuota: NO': one('QUOTA', ['SETQUOTA "r" (storage 5)', 'NO [NOPERM] no'], ['setQuota', 'r', { storage: 5 }]),
  'getQuotaRoot': one('QUOTA', ['GETQUOTAROOT "INBOX"', '* QUOTAROOT INBOX "r"', QUOTA, 'OK done'], ['getQuotaRoot', 'INBOX']),
  'getQuotaRoot: two roots': one('QUOTA', ['GETQUOTAROOT "INBOX"', '* QUOTAROOT INBOX "r" "s"', QUOTA, '* QUOTA "s" ()', 'OK done'], ['getQuotaRoot', 'INBOX']),
  'getQuotaRoot: none': one('QUOTA', ['GETQUOTAROOT "&AOk-"', '* QUOTAROOT "&AOk-"', 'OK done'], ['getQuotaRoot', 'é']),
  'getQuotaRoot: NO': one('QUOTA', ['GETQUOTAROOT "x"', 'NO no'], ['getQuotaRoot', 'x'])
}

const THREADS = ['* THREAD (2)(3 6 (4 23)(44 7 96))', '* THREAD', '* THREAD (1)', '* THREAD ((1)(2))(3)', '* THREAD (1 (2 (3 (4 (5)))))']

/** A call with the INBOX open. */
const inside = (/** @type {string} */ capabilities, /** @type {string[]} */ exchange, /** @type {any[]} */ call, /** @type {string[]} */ ...deviates) =>
  opened({ capabilities, exchanges: [exchange], calls: [/** @type {any} */ (call)], deviates })

const threads = {
  ...Object.fromEntries(THREADS.map((line) => [
    `thread: ${line}`, inside('THREAD=REFERENCES', ['UID THREAD REFERENCES US-ASCII ALL', line, 'OK done'], ['thread', 'REFERENCES', ['ALL']])
  ])),
  'thread: an algorithm in lower case': inside('THREAD=ORDEREDSUBJECT', ['UID THREAD ORDEREDSUBJECT US-ASCII SEEN', '* THREAD (1)', 'OK done'], ['thread', 'orderedsubject', ['SEEN']]),
  'thread: UTF-8': inside('THREAD=REFERENCES', ['UID THREAD REFERENCES UTF-8 FROM {2}', 'S: + go', 'C: ü', '* THREAD (1)', 'OK done'], ['thread', 'references', [['FROM', 'ü']]]),
  'thread: none comes back': inside('THREAD=REFERENCES', ['UID THREAD REFERENCES US-ASCII ALL', 'OK done'], ['thread', 'references', ['ALL']], 'D-60'),
  'seq.thread': inside('THREAD=REFERENCES', ['THREAD REFERENCES US-ASCII ALL', '* THREAD (1)(2)', 'OK done'], ['seq.thread', 'references', ['ALL']]),
  'thread: NO': inside('THREAD=REFERENCES', ['UID THREAD REFERENCES US-ASCII ALL', 'NO no'], ['thread', 'references', ['ALL']]),
  'thread: no mailbox is open': one('THREAD=REFERENCES', ['UID THREAD REFERENCES US-ASCII ALL', 'BAD no mailbox'], ['thread', 'references', ['ALL']]),
  'thread: an algorithm that is not there': opened({
    capabilities: 'THREAD=REFERENCES', calls: [['thread', 'REFS', ['ALL']], ['seq.thread', 'REFS', ['ALL']], ['thread', '', ['ALL']]]
  }),
  'thread: criteria that are none': opened({ capabilities: 'THREAD=REFERENCES', calls: [['thread', 'references', [['FOO']]], ['thread', 'references', [5]]] })
}

/** An extended search. */
const extended = (/** @type {string} */ sent, /** @type {any[]} */ args, /** @type {string[]} */ lines, /** @type {string[]} */ ...deviates) =>
  inside('ESEARCH', [`UID SEARCH RETURN ${sent}`, ...lines, 'OK done'], ['esearch', ...args], ...deviates)

const esearches = {
  'esearch: options': extended('(MIN MAX COUNT ALL) SEEN', [['SEEN'], ['MIN', 'MAX', 'COUNT', 'ALL']], ['* ESEARCH (TAG "A4") UID MIN 1 MAX 11 COUNT 3 ALL 2,10:11']),
  'esearch: no options': extended('() SEEN', [['SEEN']], ['* ESEARCH (TAG "A4") UID ALL 5']),
  'esearch: options that are a text': extended('(MIN MAX) ALL', [['ALL'], 'MIN MAX'], ['* ESEARCH (TAG "A4") UID MIN 1 MAX 2']),
  'esearch: options in lower case': extended('(min) ALL', [['ALL'], ['min']], ['* esearch (tag "A4") uid min 1']),
  'esearch: options that are null': extended('() ALL', [['ALL'], null], ['* ESEARCH (TAG "A4") UID']),
  'esearch: UTF-8': inside('ESEARCH', ['UID SEARCH RETURN (ALL) CHARSET UTF-8 FROM {2}', 'S: + go', 'C: ü', '* ESEARCH (TAG "A4") UID ALL 1', 'OK done'], ['esearch', [['FROM', 'ü']], ['ALL']]),
  'esearch: nothing matches': extended('(ALL) NEW', [['NEW'], ['ALL']], ['* ESEARCH (TAG "A4") UID']),
  'esearch: none comes back': extended('(ALL) NEW', [['NEW'], ['ALL']], [], 'D-60'),
  'esearch: a mod-sequence': extended('(ALL) NEW', [['NEW'], ['ALL']], ['* ESEARCH (TAG "A4") UID ALL 1:3,5 MODSEQ 1236']),
  'esearch: without a tag': extended('(ALL) NEW', [['NEW'], ['ALL']], ['* ESEARCH UID ALL 1'], 'Q-05'),
  'esearch: an unknown item': extended('(ALL) NEW', [['NEW'], ['ALL']], ['* ESEARCH (TAG "A4") UID X-FOO bar ALL 5'], 'D-73'),
  'esearch: SEARCH comes back': extended('(ALL) NEW', [['NEW'], ['ALL']], ['* SEARCH 1 2']),
  'seq.esearch': inside('ESEARCH', ['SEARCH RETURN (COUNT) ALL', '* ESEARCH (TAG "A4") COUNT 5', 'OK done'], ['seq.esearch', ['ALL'], ['COUNT']]),
  'esearch: NO': inside('ESEARCH', ['UID SEARCH RETURN () ALL', 'NO no'], ['esearch', ['ALL']]),
  'esearch: without the extension': inside('', ['UID SEARCH RETURN () ALL', 'BAD what'], ['esearch', ['ALL']]),
  'esearch: criteria that are none': opened({ capabilities: 'ESEARCH', calls: [['esearch', 'ALL'], ['esearch', undefined, []], ['esearch', [['FOO']]], ['seq.esearch', 5]] }),
  'esearch: no mailbox is open': session({ capabilities: 'ESEARCH', calls: [['esearch', ['ALL']], ['seq.esearch', ['ALL']]] })
}

module.exports = { area: 'extensions', scenarios: { ...id, ...quotas, ...threads, ...esearches } }
