// @ts-check
'use strict'

// parseHeader() (contract section 8.5).

const assert = require('node:assert/strict')
const test = require('node:test')
const { parseHeader } = require('everimap')
const nodeImap = require('imap')
const { random } = require('./random')

test('lines, names and values', () => {
  for (const [text, fields] of /** @type {[string, [string, string[]][]][]} */ ([
    ['Received: a\r\nRECEIVED: b\r\n', [['received', ['a', 'b']]]],
    ['X: 1\r\nX:\r\nX: 2\r\n', [['x', ['1', '', '2']]]],
    ['X:\r\n', [['x', ['']]]],
    ['X: \r\n', [['x', ['']]]],
    ['X:', [['x', ['']]]],
    ['X:  1  \r\n', [['x', [' 1  ']]]],
    ['X:\t1\r\n', [['x', ['1']]]],
    ['A: 1\r\n 2\r\n\t3\r\n', [['a', ['1 2\t3']]]],
    ['A: 1\r\n 2', [['a', ['1 2']]]],
    ['A: 1\r\n ', [['a', ['1 ']]]],
    ['A:\r\n 2\r\n', [['a', [' 2']]]],
    ['A: 1\r\nnocolon\r\nB: 2\r\n', [['a', ['1']]]],
    ['A: 1\r\n: 2\r\nB: 2\r\n', [['a', ['1']]]],
    ['From a@b Mon Jan 1 00:00:00 2020\r\n', [['from a@b mon jan 1 00', ['00:00 2020']]]],
    ['A: 1\r\n\r\nB: 2\r\n', [['a', ['1']]]],
    [' x\r\n\ty\r\nA: 1', [['a', ['1']]]],
    ['A: 1\nB: 2\n', []],
    ['A: 1\r\nB: 2\r2\r\nC: 3\r\n', [['a', ['1']]]],
    ['A: 1\r\nB: 2\r', [['a', ['1']]]],
    ['A: 1\r\nB: 2\n', [['a', ['1']]]],
    ['A: 1\r\n 2\n3\r4\r\nB: 5', [['a', ['1 2\n3\r4']], ['b', ['5']]]],
    ['A\nB: 1\r\n', [['a\nb', ['1']]]],
    ['', []],
    [' ', []],
    ['\r\n', []],
    ['A : 1\r\nA\u00a0: 2\r\n', [['a', ['1', '2']]]],
    ['ÄÖ: 1\r\n', [['äö', ['1']]]],
    ['B: 1\r\nA: 1\r\nB: 2\r\n 3\r\n', [['b', ['1', '2 3']], ['a', ['1']]]],
    // npm imap takes this for a broken line and drops the rest of the header.
    ['A: 1\u20282\r\nB: 3', [['a', ['1\u20282']], ['b', ['3']]]]
  ])) {
    for (const noDecode of [false, true]) assert.deepEqual(Object.entries(parseHeader(text, noDecode)), fields, JSON.stringify(text))
    assert.deepEqual(Object.entries(parseHeader(/** @type {any} */ (Buffer.from(text)))), fields)
  }
})

test('names that objects already have (Q-35)', () => {
  for (const name of ['constructor', '__proto__', 'hasownproperty', 'tostring']) {
    const header = parseHeader(`${name}: x\r\n y\r\n${name}: z`)
    assert.deepEqual(Object.entries(header), [[name, ['x y', 'z']]])
    assert.equal(Object.getPrototypeOf(header), Object.prototype)
  }
})

test('more names than are remembered', () => {
  const text = Array.from({ length: 5000 }, (_, at) => `Name-${at % 2500}: ${at}\r\n`).join('')
  const header = parseHeader(text)
  assert.equal(Object.keys(header).length, 2500)
  for (let at = 0; at < 2500; at++) assert.deepEqual(header[`name-${at}`], [`${at}`, `${at + 2500}`])
})

test('any header is what npm imap makes of it', () => {
  const parts = [
    'A', 'b', 'Subject: ', 'x-y: ', ':', ': ', ' ', '\t', '\r\n', '\r\n', '\r\n ', '\r\n\t', '\r\n\r\n', '\n', '\r', '?=', '=?', '=?q',
    '=?utf-8?q?=C3=A9?=', '=?utf-8?Q?=C3?=', '=?utf-8?b?w6k=?=', '=?utf-8?B?ww==?=', '=?utf-8*en?q?a_b?=', '\r\n =?utf-8?q?y?=', '=?utf-8?q?z?=\r\n'
  ]
  // An empty field is read in another way.
  const hasEmpty = (/** @type {string} */ text) => text.split('\r\n').some(line => /^[^:]+:[ \t]?$/.test(line))
  const below = random(20261129)
  for (let run = 0; run < 50_000; run++) {
    const text = Array.from({ length: 1 + below() * 20 }, () => parts[Math.floor(below() * parts.length)]).join('')
    if (hasEmpty(text)) continue
    const noDecode = below() < 0.3
    assert.deepEqual(parseHeader(text, noDecode), /** @type {any} */ (nodeImap).parseHeader(text, noDecode), JSON.stringify(text))
  }
})
