// @ts-check
'use strict'

// Both halves of the frame: what src/bridge/frame.rs writes, src/js/frame.js reads back.

const assert = require('node:assert/strict')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const test = require('node:test')

const binding = require('../src/js/binding')
const { handlers } = require('../src/js/events')
const { FrameReader, KEYS, RECORDS } = require('../src/js/frame')

const source = (/** @type {string[]} */ ...path) => readFileSync(join(__dirname, '..', 'src', ...path), 'utf8')

/** @param {any[]} values @returns {any[]} */
function crossed (values) {
  const reader = new FrameReader(binding.echo(JSON.stringify(values)))
  return values.map(() => reader.value())
}

test('every tag crosses', () => {
  const values = [null, false, true, 0, 1, 2 ** 28 - 1, 2 ** 28, -1, 1.5, 2 ** 53, 'text', '', [], [1, ['x']], {}]
  assert.deepEqual(crossed(values), values)
  assert.deepEqual(crossed([{ uid: 1, flags: ['\\Seen'], other: { id: null } }]), [
    { uid: 1, flags: ['\\Seen'], other: { id: null } }
  ])
  const [date, old, text] = crossed([{ $date: 837562965000 }, { $date: -1.5 }, { $dateText: 'Wed, 17 Jul 1996 02:23:25 GMT' }])
  assert.deepEqual([date.getTime(), old.getTime(), text.getTime()], [837562965000, -1, 837570205000])
  assert.deepEqual(crossed([{ $bytes: [0, 255] }, { $bytes: [] }, { $bytes: [1] }]), [
    Buffer.from([0, 255]), Buffer.alloc(0), Buffer.from([1])
  ])
  assert.deepEqual(crossed([{ $record: ['Address', null, 'a', 'b'] }, { $record: ['Group', 'g', []] }]), [
    { name: null, mailbox: 'a', host: 'b' }, { group: 'g', addresses: [] }
  ])
})

test('strings are counted in UTF-16, not in bytes', () => {
  const values = ['é', '😀', 'plain', 'a😀b', '\u0000', '\uffff']
  assert.deepEqual(crossed(values), values)
})

test('strings inside and outside of ASCII keep their order', () => {
  const [{ name, clé }, date, last] = crossed([{ name: 'é', clé: 'e' }, { $dateText: 'août' }, 'end'])
  assert.deepEqual([name, clé, date.getTime(), last], ['é', 'e', NaN, 'end'])
})

test('strings of a server are read as UTF-8, with U+FFFD for what is none', () => {
  const strings = [Buffer.from('plain'), Buffer.alloc(0), Buffer.from('é😀'), Buffer.from([0x61, 0xe9]), Buffer.from([0xe2, 0x82, 0x62])]
  const values = strings.map(bytes => ({ $text: [...bytes] }))
  assert.deepEqual(crossed([...values, { $bytes: [233] }, 'end']), [...strings.map(String), Buffer.from([233]), 'end'])
  assert.deepEqual(crossed([{ $record: ['Address', values[3], values[0], { $bytes: [1] }] }]), [
    { name: 'a\ufffd', mailbox: 'plain', host: Buffer.from([1]) }
  ])
})

test('strings that come again are the same', () => {
  const random = generator(20261125)
  const words = ['text', 'plain', 'x', '', 'é', 'QUOTED-PRINTABLE', 'of more than sixteen', 'uid', '__proto__']
  const word = () => words[random(words.length)]
  for (let run = 0; run < 500; run++) {
    const values = Array.from({ length: random(20) }, () => [word(), { [`k${word()}`]: word(), text: [word()] }, word()])
    assert.deepEqual(crossed(values), values)
  }
  const { text, words: frame } = binding.echo(JSON.stringify(['plain', 'html', 'plain', 'plain', 'html']))
  // The first event is not searched for what comes again.
  assert.deepEqual([text, frame.length], ['plainhtmlplain', 5])
})

test('a key of the server never becomes a prototype', () => {
  const [map] = crossed(JSON.parse('[{"__proto__": 1, "constructor": 2}]'))
  assert.equal(Object.getPrototypeOf(map), Object.prototype)
  assert.deepEqual(Object.entries(map), [['__proto__', 1], ['constructor', 2]])
})

test('random values survive', () => {
  const random = generator(20261124)
  for (let run = 0; run < 2000; run++) {
    const values = Array.from({ length: random(6) }, () => randomValue(random, 4))
    assert.deepEqual(crossed(values), values)
  }
})

test('long lists of numbers survive, wherever something else is among them', () => {
  for (const length of [999, 1000, 1001, 1999, 2000, 2001, 3500]) {
    const numbers = Array.from({ length }, (_, index) => index * 3)
    for (const at of [undefined, 0, 1, 999, 1000, 1001, 2000, length - 1]) {
      const list = numbers.slice()
      if (at !== undefined && at < length) list[at] = 2 ** 40
      const values = [list, 'after']
      assert.deepEqual(crossed(values), values, `${length} with another one at ${at}`)
    }
  }
})

test('the tables of both halves are the same', () => {
  assert.deepEqual(KEYS, table(source('bridge', 'frame.rs'), 'KEYS'))
  assert.equal(RECORDS.length, table(source('bridge', 'frame.rs'), 'RECORDS').length)
  const body = source('event.rs').split('pub enum Event<\'a> {')[1].split('\n}')[0]
  const variants = [...body.matchAll(/^ {4}([A-Z]\w+)/gm)].map(([, name]) => name[0].toLowerCase() + name.slice(1))
  assert.deepEqual(handlers.map(handler => handler.name), variants)
})

/** @param {string} rust @param {string} name */
function table (rust, name) {
  const [, items] = rust.split(new RegExp(`const ${name}: [^=]+= \\[`))
  return [...items.split('];')[0].matchAll(/"([^"]+)"/g)].map(([, item]) => item)
}

/** A linear congruential generator: the same values in every run. @param {number} seed */
function generator (seed) {
  let state = seed
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
}

/** @param {(below: number) => number} random @param {number} depth @returns {any} */
function randomValue (random, depth) {
  switch (random(depth > 0 ? 8 : 6)) {
    case 0: return [null, true, false][random(3)]
    case 1: return random(2 ** 31)
    case 2: return (random(2 ** 31) - 2 ** 30) / 8
    case 3: return KEYS[random(KEYS.length)]
    case 4: return Array.from({ length: random(8) }, () => String.fromCodePoint(random(0xd7ff))).join('')
    case 5: return 2 ** random(60)
    case 6: return Array.from({ length: random(5) }, () => randomValue(random, depth - 1))
    default: return Object.fromEntries(Array.from({ length: random(5) }, (_, i) =>
      [random(2) ? KEYS[random(KEYS.length)] : `k${i}`, randomValue(random, depth - 1)]))
  }
}
