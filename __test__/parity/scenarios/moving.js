// @ts-check
'use strict'

// Copying, moving and removing messages (contract section 3.6).

const { opened, session } = require('../session')

const ALL_OK = 'OK done'

/** One call with the INBOX open. */
const one = (/** @type {string[]} */ exchange, /** @type {any[]} */ call, /** @type {object} */ more = {}) =>
  opened({ exchanges: [exchange], calls: [/** @type {any} */ (call)], ...more })

/** What refuses a message set, for a method that takes one. */
const SETS = [[], undefined, null, 0, -1, '0', 'abc', '', true, {}, NaN, ['1', 'x'], [0], [null]]

/** A method is called with each set that is refused. */
const refusedSets = (/** @type {string} */ method, /** @type {any[]} */ ...rest) => opened({
  capabilities: 'MOVE UIDPLUS', calls: SETS.map((set) => /** @type {any} */ ([method, set, ...rest]))
})

const copying = Object.fromEntries([['copy', 'UID COPY'], ['seq.copy', 'COPY']].flatMap(([method, command]) => [
  [`${method}: one message`, one([`${command} 1 "Archive"`, ALL_OK], [method, 1, 'Archive'])],
  [`${method}: a set`, one([`${command} 1,2:4,* "Archive"`, ALL_OK], [method, [1, '2:4', '*'], 'Archive'])],
  [`${method}: one new UID`, one([`${command} 1 "x"`, 'OK [COPYUID 38505 304 3956] done'], [method, 1, 'x'])],
  [`${method}: new UIDs`, one([`${command} 1:3 "x"`, 'OK [COPYUID 38505 304,319:320 3956:3958] done'], [method, '1:3', 'x'])],
  [`${method}: NO`, one([`${command} 1 "x"`, 'NO [TRYCREATE] no such mailbox'], [method, 1, 'x'])],
  [`${method}: BAD`, one([`${command} 1 "x"`, 'BAD what'], [method, 1, 'x'])],
  [`${method}: no mailbox is open`, session({ calls: [[method, 1, 'x']] })],
  [`${method}: sets that are none`, refusedSets(method, 'x')]
]))

const moving = Object.fromEntries([['move', 'UID MOVE'], ['seq.move', 'MOVE']].flatMap(([method, command]) => [
  [`${method}: one message`, one([`${command} 1 "x"`, '* 1 EXPUNGE', ALL_OK], [method, 1, 'x'], { capabilities: 'MOVE' })],
  [`${method}: a set`, one([`${command} 1,2 "&AOk-"`, ALL_OK], [method, [1, 2], 'é'], { capabilities: 'MOVE' })],
  [`${method}: new UIDs in the tagged answer`, one([`${command} 1 "x"`, 'OK [COPYUID 7 1 9] done'], [method, 1, 'x'], { capabilities: 'MOVE' })],
  [`${method}: new UIDs in an untagged OK`, one([`${command} 1 "x"`, '* OK [COPYUID 7 1 9] copied', '* 1 EXPUNGE', ALL_OK], [method, 1, 'x'],
    { capabilities: 'MOVE', deviates: ['Q-23'] })],
  [`${method}: NO`, one([`${command} 1 "x"`, 'NO [OVERQUOTA] full'], [method, 1, 'x'], { capabilities: 'MOVE' })],
  [`${method}: no mailbox is open`, session({ calls: [[method, 1, 'x']] })],
  [`${method}: sets that are none`, refusedSets(method, 'x')]
]))

/** The steps of a move without MOVE, each with what the server says to it. */
const WITH_UIDPLUS = [
  ['UID COPY 5 "x"', 'OK [COPYUID 7 5 9] done'],
  ['UID STORE 5 +FLAGS.SILENT (\\Deleted)', ALL_OK],
  ['UID EXPUNGE 5', '* 1 EXPUNGE', ALL_OK]
]

const WITHOUT_UIDPLUS = [
  ['UID COPY 5 "x"', ALL_OK],
  ['UID SEARCH DELETED', '* SEARCH 2 3', ALL_OK],
  ['UID STORE 2,3 -FLAGS.SILENT (\\Deleted)', ALL_OK],
  ['UID STORE 5 +FLAGS.SILENT (\\Deleted)', ALL_OK],
  ['EXPUNGE', '* 1 EXPUNGE', ALL_OK],
  ['UID STORE 2,3 +FLAGS.SILENT (\\Deleted)', ALL_OK]
]

const NONE_DELETED = [
  ['UID COPY 5:6 "x"', ALL_OK],
  ['UID SEARCH DELETED', '* SEARCH', ALL_OK],
  ['UID STORE 5:6 +FLAGS.SILENT (\\Deleted)', ALL_OK],
  ['EXPUNGE', '* 1 EXPUNGE', '* 1 EXPUNGE', ALL_OK]
]

const BY_NUMBER = [
  ['COPY 1 "x"', 'OK [COPYUID 7 5 9] done'],
  ['UID SEARCH DELETED', '* SEARCH 2', ALL_OK],
  ['UID STORE 2 -FLAGS.SILENT (\\Deleted)', ALL_OK],
  ['STORE 1 +FLAGS.SILENT (\\Deleted)', ALL_OK],
  ['EXPUNGE', '* 1 EXPUNGE', ALL_OK],
  ['UID STORE 2 +FLAGS.SILENT (\\Deleted)', ALL_OK]
]

/** A chain that is whole, and that ends with a refusal of each of its steps. */
const chain = (/** @type {string} */ name, /** @type {string[][]} */ steps, /** @type {any} */ call, /** @type {object} */ more = {}) => [
  [`${name}`, opened({ exchanges: steps, calls: [call], ...more })],
  ...steps.map((step, index) => [
    `${name}: NO to step ${index + 1}`,
    opened({ exchanges: [...steps.slice(0, index), [step[0], 'NO [X] no']], calls: [call], ...more })
  ])
]

const SELECTED_WITHOUT_DELETED = ['* FLAGS (\\Seen)', '* OK [PERMANENTFLAGS (\\Seen)] ok', '* 3 EXISTS', '* 0 RECENT', 'OK done']

const emulation = Object.fromEntries([
  ...chain('a move without MOVE, with UIDPLUS', WITH_UIDPLUS, ['move', 5, 'x'], { capabilities: 'UIDPLUS' }),
  ...chain('a move without MOVE and UIDPLUS', WITHOUT_UIDPLUS, ['move', 5, 'x']),
  ...chain('a move without MOVE and UIDPLUS, where nothing is deleted', NONE_DELETED, ['move', '5:6', 'x']),
  ...chain('a move by sequence number without MOVE', BY_NUMBER, ['seq.move', 1, 'x'], { capabilities: 'UIDPLUS' }),
  ['a move without MOVE: no SEARCH comes back', opened({
    exchanges: [['UID COPY 5 "x"', ALL_OK], ['UID SEARCH DELETED', ALL_OK], ['UID STORE 5 +FLAGS.SILENT (\\Deleted)', ALL_OK], ['EXPUNGE', ALL_OK]],
    calls: [['move', 5, 'x']]
  })],
  ['a move without MOVE where nothing may be deleted', opened({
    open: SELECTED_WITHOUT_DELETED, calls: [['move', 5, 'x'], ['seq.move', 5, 'x'], ['move', [], 'x']]
  })],
  ['a move without MOVE: the flag stands in FLAGS only', opened({
    open: ['* FLAGS (\\Deleted)', '* 3 EXISTS', ALL_OK],
    capabilities: 'UIDPLUS',
    exchanges: WITH_UIDPLUS,
    calls: [['move', 5, 'x']]
  })],
  ['a move without MOVE: what comes after it waits for it', opened({
    capabilities: 'UIDPLUS',
    exchanges: [WITH_UIDPLUS[0], ['CREATE "y"', ALL_OK], ...WITH_UIDPLUS.slice(1)],
    calls: [(imap, say, next) => {
      imap.move(5, 'x', (/** @type {any[]} */ ...values) => {
        say('move', ...values)
        next()
      })
      imap.addBox('y', (/** @type {any[]} */ ...values) => say('addBox', ...values))
    }]
  })]
])

const removing = {
  'expunge: all': one(['EXPUNGE', '* 2 EXPUNGE', '* 2 EXPUNGE', ALL_OK], ['expunge']),
  'expunge: some': one(['UID EXPUNGE 1,3:5', '* 1 EXPUNGE', ALL_OK], ['expunge', [1, '3:5']], { capabilities: 'UIDPLUS' }),
  'expunge: one': one(['UID EXPUNGE 5', ALL_OK], ['expunge', 5], { capabilities: 'UIDPLUS' }),
  'expunge: some, without UIDPLUS': opened({ calls: [['expunge', 5], ['expunge', []], ['expunge', 'x']] }),
  'expunge: no mailbox is open': session({ exchanges: [['EXPUNGE', 'BAD no mailbox']], calls: [['expunge']] }),
  'expunge: NO': one(['EXPUNGE', 'NO [EXPUNGEISSUED] no'], ['expunge']),
  'expunge: sets that are none': opened({
    capabilities: 'UIDPLUS', calls: SETS.filter((set) => set !== undefined).map((set) => /** @type {any} */ (['expunge', set]))
  }),
  'expunge: without a callback': opened({
    exchanges: [['EXPUNGE', ALL_OK], ['CREATE "x"', ALL_OK]],
    calls: [(imap, say, next) => {
      say(imap.expunge())
      next()
    }, ['addBox', 'x']]
  }),
  'expunge: what the fetched messages are called afterwards': one(['EXPUNGE', '* 3 EXPUNGE', '* 1 EXPUNGE', '* 1 EXISTS', ALL_OK], ['expunge'])
}

module.exports = { area: 'copying and moving', scenarios: { ...copying, ...moving, ...emulation, ...removing } }
