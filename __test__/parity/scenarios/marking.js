// @ts-check
'use strict'

// Flags, keywords and labels (contract section 3.6).

const { opened, session } = require('../session')

const SIGNS = /** @type {Record<string, string>} */ ({ add: '+', del: '-', set: '' })

/** Every form of the methods that store something: name, what goes before STORE, sign. */
const FORMS = ['', 'seq.'].flatMap((by) => Object.entries(SIGNS).map(([action, sign]) => ({
  action: by + action, command: `${by ? '' : 'UID '}STORE`, sign
})))

const one = (/** @type {string} */ command, /** @type {any[]} */ call, /** @type {object} */ more = {}) =>
  opened({ exchanges: [[command, 'OK done']], calls: [/** @type {any} */ (call)], ...more })

const flags = Object.fromEntries(FORMS.flatMap(({ action, command, sign }) => [
  [`${action}Flags`, one(`${command} 1,2 ${sign}FLAGS.SILENT (\\Seen \\Flagged)`, [`${action}Flags`, [1, 2], ['Seen', '\\Flagged']])],
  [`${action}Keywords`, one(`${command} 1 ${sign}FLAGS.SILENT (kw1 $Label1)`, [`${action}Keywords`, 1, ['kw1', '$Label1']])],
  [`${action}Labels`, one(`${command} 1:3 ${sign}X-GM-LABELS.SILENT ("foo" "b&AOQ-r \\"q\\"" "\\\\Inbox")`,
    [`${action}Labels`, '1:3', ['foo', 'bär "q"', '\\Inbox']], { capabilities: 'X-GM-EXT-1' })],
  [`${action}Flags: NO`, opened({ exchanges: [[`${command} 1 ${sign}FLAGS.SILENT (\\Seen)`, 'NO [NOPERM] read-only']], calls: [[`${action}Flags`, 1, 'Seen']] })],
  [`${action}Flags: no mailbox is open`, session({ capabilities: 'X-GM-EXT-1', calls: [[`${action}Flags`, 1, 'Seen'], [`${action}Labels`, 1, 'x'], [`${action}Keywords`, 1, 'x']] })],
  [`${action}FlagsSince`, one(`${command} 1 (UNCHANGEDSINCE 123) ${sign}FLAGS.SILENT (\\Seen)`,
    [`${action}FlagsSince`, 1, 'Seen', 123], { capabilities: 'CONDSTORE', deviates: ['Q-24'] })],
  [`${action}KeywordsSince`, one(`${command} 1,2 (UNCHANGEDSINCE 12345678901234) ${sign}FLAGS.SILENT (a b)`,
    [`${action}KeywordsSince`, [1, 2], ['a', 'b'], '12345678901234'], { capabilities: 'CONDSTORE', deviates: ['Q-24'] })]
]))

const NOT_FLAGS = [undefined, null, [], 5, {}, true]

const refused = {
  'flags that are none': opened({ calls: NOT_FLAGS.map((value) => ['addFlags', 1, value]) }),
  'keywords that are none': opened({ calls: [undefined, null, [], 5, {}, true].map((value) => ['addKeywords', 1, value]) }),
  'labels that are none': opened({ capabilities: 'X-GM-EXT-1', calls: NOT_FLAGS.map((value) => ['addLabels', 1, value]) }),
  'labels without the extension': opened({ calls: [['addLabels', 1, 'x'], ['seq.setLabels', 1, 'x'], ['delLabels', undefined, 'x']] }),
  'keywords with characters that may not be': opened({
    calls: ['a b', 'a(', ')', '{', '\\x', 'a"', 'x]', '%', '*', 'a\tb', 'a\x7f', 'a\r\nb'].map((keyword) => ['addKeywords', 1, ['good', keyword]])
  }),
  'no messages to flag': opened({ calls: [undefined, [], null, '', 0, 'x', [0]].map((set) => ['addFlags', set, 'Seen']) }),
  'no messages to flag, by sequence number': opened({ calls: [undefined, [], null, '', 0, 'x', [0]].map((set) => ['seq.addFlags', set, 'Seen']) }),
  'no messages to label': opened({ capabilities: 'X-GM-EXT-1', calls: [undefined, [], null, 0, 'x'].map((set) => ['addLabels', set, 'x']) }),
  'no messages to label, by sequence number': opened({ capabilities: 'X-GM-EXT-1', calls: [undefined, [], null, 0, 'x'].map((set) => ['seq.delLabels', set, 'x']) }),
  'the checks of flags come in order': opened({ calls: [['addFlags', [], []], ['addFlags', 'x', []], ['addKeywords', 'x', 'a b']] }),
  'Since without the mod-sequence': opened({
    capabilities: 'CONDSTORE', calls: [['addFlagsSince', undefined, 'Seen', 1], ['addFlagsSince', 1, [], 1], ['seq.addKeywordsSince', 1, 'a b', 1]]
  })
}

const forms = {
  'an empty flag': one('UID STORE 1 +FLAGS.SILENT ()', ['addFlags', 1, ''], { deviates: ['D-59'] }),
  'a flag that is a text': one('UID STORE 1 +FLAGS.SILENT (\\Seen)', ['addFlags', 1, 'Seen']),
  'a flag with its backslash': one('UID STORE 1 +FLAGS.SILENT (\\Deleted)', ['addFlags', 1, '\\Deleted']),
  'a keyword among flags gets a backslash': one('UID STORE 1 +FLAGS.SILENT (\\$Forwarded)', ['addFlags', 1, '$Forwarded']),
  'flags in one text': one('UID STORE 1 +FLAGS.SILENT (\\Seen \\Flagged)', ['addFlags', 1, 'Seen \\Flagged'], {}),
  'a flag of white space': opened({ calls: [['addFlags', 1, 'a\r\nb']], exchanges: [], deviates: ['Q-38'] }),
  'a keyword that is a text': one('UID STORE 1 FLAGS.SILENT (kw)', ['setKeywords', 1, 'kw']),
  'an empty keyword': one('UID STORE 1 +FLAGS.SILENT ()', ['addKeywords', 1, '']),
  'a label that is a text': one('UID STORE 1 X-GM-LABELS.SILENT ("x")', ['setLabels', 1, 'x'], { capabilities: 'X-GM-EXT-1' }),
  'a label that is empty': one('UID STORE 1 +X-GM-LABELS.SILENT ("")', ['addLabels', 1, ['']], { capabilities: 'X-GM-EXT-1' }),
  'a label that is a number': one('UID STORE 1 +X-GM-LABELS.SILENT ("5")', ['addLabels', 1, [5]], { capabilities: 'X-GM-EXT-1' }),
  'an update that the flags cause': opened({
    exchanges: [['UID STORE 1 +FLAGS.SILENT (\\Seen)', '* 1 FETCH (FLAGS (\\Seen))', 'OK done']], calls: [['addFlags', 1, 'Seen']]
  }),
  'all messages': one('UID STORE 1:* +FLAGS.SILENT (\\Seen)', ['addFlags', '1:*', 'Seen']),
  'without a callback': opened({
    exchanges: [['UID STORE 1 +FLAGS.SILENT (\\Seen)', 'NO no'], ['CREATE "x"', 'OK done']],
    calls: [(imap, say, next) => {
      say(imap.addFlags(1, 'Seen'))
      next()
    }, ['addBox', 'x']]
  }),
  'Since, in a mailbox without mod-sequences': opened({
    capabilities: 'CONDSTORE',
    open: ['* 3 EXISTS', '* OK [NOMODSEQ] none', 'OK done'],
    exchanges: [['UID STORE 1 +FLAGS.SILENT (\\Seen)', 'OK done']],
    calls: [['addFlagsSince', 1, 'Seen', 123]]
  }),
  'Since, with messages that were modified': opened({
    capabilities: 'CONDSTORE',
    exchanges: [['/UID STORE 7,9 \\(?UNCHANGEDSINCE 12121230045\\)? \\+FLAGS.SILENT \\(\\\\Deleted\\)$/', '* 1 FETCH (UID 7 MODSEQ (12121231000))', 'OK [MODIFIED 9] Conditional STORE failed']],
    calls: [['addFlagsSince', [7, 9], 'Deleted', 12121230045]],
    deviates: ['Q-24']
  })
}

module.exports = { area: 'marking', scenarios: { ...flags, ...refused, ...forms } }
