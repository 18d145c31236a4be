// @ts-check
'use strict'

// Searching and sorting: each criterion of the vectors, and what comes back (contract sections 3.6 and 4).

const { opened, session } = require('../session')

/** @typedef {import('../scenarios').Scenario} Scenario */

/** JSON as the value that was recorded. @param {any} value @returns {any} */
function revived (value) {
  if (Array.isArray(value)) return value.map(revived)
  if (value === null || typeof value !== 'object') return value
  if ('$date' in value) return new Date(value.$date)
  if ('$undefined' in value) return undefined
  if ('$nan' in value) return NaN
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revived(inner)]))
}

/** A name for criteria that says what is special in them. @param {any[]} criteria */
function named (criteria) {
  return JSON.stringify(criteria).replace(/^\[|\]$/g, '')
}

/** @param {any} vector @returns {Scenario} */
function fromVector ({ criteria, caps, command, throws, continuationLinesLatin1: literals = [], differs }) {
  const pieces = literals.flatMap((/** @type {string} */ bytes) => ['S: + go', `C: ${Buffer.from(bytes, 'latin1')}`])
  return opened({
    capabilities: caps.filter((/** @type {string} */ name) => name !== 'IMAP4REV1').join(' '),
    exchanges: throws ? [] : [[command, ...pieces, '* SEARCH 1 2', 'OK done']],
    calls: [['search', revived(criteria)]],
    deviates: differs ? [differs] : []
  })
}

const vectors = Object.fromEntries(require('../../vectors/search.json').map((/** @type {any} */ vector) => [
  `criteria ${named(vector.criteria)}`, fromVector(vector)
]))

const one = (/** @type {string[]} */ exchange, /** @type {any[]} */ call, /** @type {object} */ more = {}) =>
  opened({ exchanges: [exchange], calls: [/** @type {any} */ (call)], ...more })

/** A search for everything, answered with these lines. */
const found = (/** @type {string[]} */ lines, /** @type {string[]} */ ...deviates) => one(['UID SEARCH ALL', ...lines, 'OK done'], ['search', ['ALL']], { deviates })

const results = {
  'UIDs': found(['* SEARCH 2 84 882']),
  'nothing': found(['* SEARCH']),
  'nothing, with a blank': found(['* SEARCH ']),
  'no SEARCH': found([]),
  'several lines': found(['* SEARCH 1 2', '* SEARCH 3']),
  'an empty line among several': found(['* SEARCH 1', '* SEARCH']),
  'blanks between': found(['* SEARCH  1   2 '], 'Q-63'),
  'junk between': found(['* SEARCH 1 x 2'], 'Q-63'),
  'a mod-sequence': found(['* SEARCH 2 5 (MODSEQ 917162500)'], 'Q-22'),
  'a mod-sequence in lower case': found(['* search 2 5 (modseq 917162500)'], 'Q-22'),
  'large numbers': found(['* SEARCH 4294967295']),
  'lower case': found(['* search 1 2']),
  'NO after a line': one(['UID SEARCH ALL', '* SEARCH 1 2', 'NO [LIMIT] enough'], ['search', ['ALL']]),
  'BAD': one(['UID SEARCH ALL', 'BAD what'], ['search', ['ALL']]),
  'of sequence numbers': one(['SEARCH ALL', '* SEARCH 1 2', 'OK done'], ['seq.search', ['ALL']]),
  'of sequence numbers, nothing': one(['SEARCH ALL', '* SEARCH', 'OK done'], ['seq.search', ['ALL']]),
  'of sequence numbers, no SEARCH': one(['SEARCH ALL', 'OK done'], ['seq.search', ['ALL']], { deviates: ['D-60'] }),
  'no criteria': one(['UID SEARCH', 'BAD what'], ['search', []]),
  'no mailbox is open': session({ calls: [['search', ['ALL']], ['search', 'x'], ['seq.search', ['ALL']]] }),
  'criteria that are no array': opened({ calls: ['ALL', undefined, null, {}, 5].flatMap((value) => [['search', value], ['seq.search', value]]) }),
  'without a callback': opened({
    exchanges: [['UID SEARCH ALL', '* SEARCH 1', 'OK done'], ['CREATE "x"', 'OK done']],
    calls: [(imap, say, next) => {
      say(imap.search(['ALL']))
      next()
    }, ['addBox', 'x']]
  })
}

const literals = {
  'literals, one after another': one(['UID SEARCH CHARSET UTF-8 SUBJECT {2}', 'S: + go', 'C: ü OR (FROM {3}', 'S: + go', 'C: 你) (TO "x") BODY {4}',
    'S: +', 'C: 😀 SEEN', '* SEARCH 7', 'OK done'], ['search', [['SUBJECT', 'ü'], ['OR', ['FROM', '你'], ['TO', 'x']], ['BODY', '😀'], 'SEEN']]),
  'literals wait even with LITERAL+': { ...one(['SEARCH CHARSET UTF-8 HEADER "X" {2}', 'S: + go', 'C: ü', '* SEARCH', 'OK done'],
    ['seq.search', [['HEADER', 'X', 'ü']]], { capabilities: 'LITERAL+' }), lockStep: true },
  'NO instead of a continuation': opened({
    exchanges: [['UID SEARCH CHARSET UTF-8 SUBJECT {2}', 'NO [BADCHARSET (US-ASCII)] no UTF-8'], ['UID SEARCH ALL', '* SEARCH 1', 'OK done']],
    calls: [['search', [['SUBJECT', 'ü']]], ['search', ['ALL']]]
  }),
  'NO after the first of two literals': opened({
    exchanges: [['UID SEARCH CHARSET UTF-8 SUBJECT {2}', 'S: + go', 'C: ü TO {2}', 'NO no'], ['UID SEARCH ALL', '* SEARCH 1', 'OK done']],
    calls: [['search', [['SUBJECT', 'ü'], ['TO', 'é']]], ['search', ['ALL']]]
  }),
  'untagged data before a continuation': one(['UID SEARCH CHARSET UTF-8 SUBJECT {2}', '* 5 EXISTS', 'S: + go', 'C: ü', '* SEARCH 1', 'OK done'],
    ['search', [['SUBJECT', 'ü']]]),
  'a line break in a string': one(['UID SEARCH SUBJECT {3}', 'S: + go', 'C: /b/', '* SEARCH', 'OK done'], ['search', [['SUBJECT', 'a\nb']]], { deviates: ['Q-38'] })
}

const ALL_SORTS = ['ARRIVAL', 'CC', 'DATE', 'FROM', 'SIZE', 'SUBJECT', 'TO']

const sorting = Object.fromEntries([['sort', 'UID SORT'], ['seq.sort', 'SORT']].flatMap(([method, command]) => [
  [`${method}: every key`, one([`${command} (${ALL_SORTS.join(' ')}) US-ASCII ALL`, '* SORT 3 1 2', 'OK done'], [method, ALL_SORTS, ['ALL']], { capabilities: 'SORT' })],
  [`${method}: every key, reversed`, one([`${command} (${ALL_SORTS.map((key) => `REVERSE ${key}`).join(' ')}) US-ASCII SEEN`, '* SORT', 'OK done'],
    [method, ALL_SORTS.map((key) => `-${key}`), ['SEEN']], { capabilities: 'SORT' })],
  [`${method}: keys as they are written`, one([`${command} (subject REVERSE Date) US-ASCII ALL`, '* SORT 1', 'OK done'], [method, ['subject', '-Date'], ['ALL']], { capabilities: 'SORT' })],
  [`${method}: UTF-8`, one([`${command} (DATE) UTF-8 FROM {2}`, 'S: + go', 'C: ü', '* SORT 1', 'OK done'], [method, ['DATE'], [['FROM', 'ü']]], { capabilities: 'SORT' })],
  [`${method}: NO`, one([`${command} (DATE) US-ASCII ALL`, 'NO [BADCHARSET (UTF-8)] no'], [method, ['DATE'], ['ALL']], { capabilities: 'SORT' })],
  [`${method}: two lines`, one([`${command} (DATE) US-ASCII ALL`, '* SORT 2', '* SORT 1', 'OK done'], [method, ['DATE'], ['ALL']], { capabilities: 'SORT' })],
  [`${method}: keys that are none`, opened({
    capabilities: 'SORT',
    calls: [[], 'DATE', undefined, null, ['FOO'], ['--DATE'], ['-'], [''], ['DATE', 5], [['DATE']], [null], [{}]].map((keys) => [method, keys, ['ALL']])
  })],
  [`${method}: criteria that are none`, opened({
    capabilities: 'SORT', calls: ['ALL', undefined, [['FOO']], [['FROM']]].map((criteria) => [method, ['DATE'], criteria])
  })],
  [`${method}: without SORT`, opened({ calls: [[method, ['DATE'], ['ALL']], [method, [], ['ALL']], [method, ['DATE'], 'ALL']] })],
  [`${method}: no mailbox is open`, session({ capabilities: 'SORT', calls: [[method, ['DATE'], ['ALL']]] })]
]))

sorting['sort: no SORT comes back'] = one(['UID SORT (DATE) US-ASCII ALL', 'OK done'], ['sort', ['DATE'], ['ALL']], { capabilities: 'SORT' })
sorting['seq.sort: no SORT comes back'] = one(['SORT (DATE) US-ASCII ALL', 'OK done'], ['seq.sort', ['DATE'], ['ALL']], { capabilities: 'SORT', deviates: ['D-60'] })

const prefixed = (/** @type {string} */ prefix, /** @type {Record<string, Scenario>} */ scenarios) =>
  Object.fromEntries(Object.entries(scenarios).map(([name, scenario]) => [`${prefix}: ${name}`, scenario]))

module.exports = {
  area: 'searching',
  scenarios: { ...vectors, ...prefixed('search', results), ...prefixed('search', literals), ...sorting }
}
