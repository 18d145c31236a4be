// @ts-check
'use strict'

// That the comparison sees what is different, and lets pass what DEVIATIONS.md allows.

const assert = require('node:assert/strict')
const { EventEmitter } = require('node:events')
const { test } = require('node:test')

const { difference, unexplained } = require('./compare')
const { Recorder } = require('./record')
const { scriptFor } = require('./scenarios')

/** What is recorded of these events, and of a connection that is connected. @param {any[][]} events @param {string[]} [wire] */
function record (events, wire = []) {
  const recorder = new Recorder(993, () => {})
  const connection = Object.assign(new EventEmitter(), { state: 'connected' })
  recorder.follow(connection)
  for (const [name, ...values] of events) {
    if (name === 'says') recorder.add('says', ...values)
    else connection.emit(name, ...values)
  }
  return { events: recorder.events, wire, outcome: '', crashed: false, played: true }
}

const error = (/** @type {string} */ message, /** @type {object} */ own) => Object.assign(new Error(message), own)

/** @type {Record<string, [theirs: any[], ours: any[]]>} one event each */
const DIFFERENT = {
  'another event': [['mail', 1], ['expunge', 1]],
  'another argument': [['mail', 1], ['mail', 2]],
  'a number and its text': [['mail', 1], ['mail', '1']],
  'null and undefined': [['says', null], ['says', undefined]],
  'a property more': [['says', { uid: 1 }], ['says', { uid: 1, flags: [] }]],
  'a property that is undefined': [['says', {}], ['says', { uid: undefined }]],
  'an array and an object': [['says', []], ['says', {}]],
  'the order of a list': [['says', [1, 2]], ['says', [2, 1]]],
  'another date': [['says', new Date(0)], ['says', new Date(1)]],
  'other bytes': [['says', Buffer.from('a')], ['says', Buffer.from('b')]],
  'bytes and text': [['says', Buffer.from('a')], ['says', 'a']],
  'a plain object and one without a prototype': [['says', {}], ['says', Object.create(null)]],
  'the text of an error': [['error', error('a', {})], ['error', error('b', {})]],
  'the class of an error': [['error', new TypeError('a')], ['error', new Error('a')]],
  'the source of an error': [['error', error('a', { source: 'socket' })], ['error', error('a', { source: 'timeout' })]],
  'a property of an error less': [['error', error('a', { source: 'socket' })], ['error', error('a', { code: 'ENO' })]],
  'another code of an error': [['error', error('a', { code: 'EPIPE' })], ['error', error('a', { code: 'ENO' })]]
}

for (const [name, [theirs, ours]] of Object.entries(DIFFERENT)) {
  test(`is seen: ${name}`, () => {
    assert.ok(difference(record([theirs]), record([ours])))
    assert.equal(difference(record([ours]), record([ours])), undefined)
  })
}

test('an event more on either side is seen', () => {
  const [one, two] = [record([['ready']]), record([['ready'], ['ready']])]
  assert.match(difference(one, two) ?? '', /event 2: npm imap has none/)
  assert.match(difference(two, one) ?? '', /event 2: .*everimap has none/)
})

test('the state at an event is seen', () => {
  const [theirs, ours] = [record([['ready']]), record([['ready']])]
  ours.events[0][1] = { kind: 'state', text: '@authenticated' }
  assert.ok(difference(theirs, ours))
})

test('the client\'s lines are seen', () => {
  assert.match(difference(record([], ['A0 NOOP']), record([], ['A0 CHECK'])) ?? '', /client line 1: npm imap sends "A0 NOOP", everimap "A0 CHECK"/)
  assert.match(difference(record([], []), record([], ['DONE'])) ?? '', /sends nothing/)
})

test('everimap\'s errors may have a code and advice where npm imap\'s have none', () => {
  const theirs = record([['error', error('a', { source: 'timeout' })]])
  assert.equal(difference(theirs, record([['error', error('a', { source: 'timeout', code: 'E', advice: 'Wait.' })]])), undefined)
  assert.ok(difference(theirs, record([['error', error('a', { source: 'timeout', more: 1 })]])))
})

test('ports are the same in each play', () => {
  const [theirs, ours] = [new Recorder(1111, () => {}), new Recorder(2222, () => {})]
  theirs.add('says', error('connect 127.0.0.1:1111', { port: 1111 }))
  ours.add('says', error('connect 127.0.0.1:2222', { port: 2222 }))
  assert.deepEqual(theirs.events, ours.events)
})

test('circles are told', () => {
  /** @type {any} */
  const box = { name: 'a', parent: null }
  box.parent = box
  assert.equal(difference(record([['says', box]]), record([['says', box]])), undefined)
})

test('a row that says exactly what differs explains nothing else', () => {
  const theirs = record([['ready'], ['close', false]])
  assert.equal(unexplained(theirs, record([['ready'], ['end'], ['close', false]]), ['Q-02']), undefined)
  assert.ok(unexplained(theirs, record([['ready'], ['end'], ['close', true]]), ['Q-02']))
  assert.ok(unexplained(theirs, record([['end'], ['close', false]]), ['Q-02']))
})

test('characters that came in pieces explain nothing else (Q-26)', () => {
  const told = (/** @type {string} */ name, /** @type {string} */ subject, /** @type {number} */ size, uid = 1) => record([
    ['says', 'message 1', 'body', { size, which: 'TEXT' }],
    ['says', 'message 1', 'attributes', { [name]: [subject, null], uid }],
    ['says', 'message 1', 'body TEXT', 'end', Buffer.from(subject)],
    ['error', error(subject, { source: 'protocol' })]
  ])
  const whole = told('ü', 'é 你x', 7)
  const [ü, é, 你] = ['\ufffd'.repeat(2), '\ufffd'.repeat(2), '\ufffd'.repeat(3)]
  assert.equal(unexplained(told(ü, `${é} ${你}x`, 17), whole, ['Q-26']), undefined)
  for (const [theirs, what] of /** @type {const} */ ([
    [told(ü, `${é} ${你}x`, 7), 'the size'],
    [told('ü', `${é} ${你}x`, 17), 'a name that is whole'],
    [told(ü, `\ufffd ${你}x`, 14), 'a character less'],
    [told(ü, `${é} ${你}y`, 17), 'another letter'],
    [told(ü, `${é} ${你}x`, 17, 2), 'another value'],
    [whole, 'nothing']
  ])) assert.ok(unexplained(theirs, whole, ['Q-26']), what)
})

test('with STARTTLS the tags are two further', () => {
  assert.deepEqual(scriptFor('S: * OK\nC: A0 CAPABILITY\nS: A0 OK\nC: /^A1 LOGIN/\nS+: A1 OK\\r\\n', 'starttls').split('\n').slice(-4),
    ['C: A2 CAPABILITY', 'S: A2 OK', 'C: /^A3 LOGIN/', 'S+: A3 OK\\r\\n'])
})
