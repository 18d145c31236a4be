// @ts-check
'use strict'

const { describe, it, afterEach } = require('node:test')
const assert = require('node:assert/strict')
const vm = require('node:vm')
const {
  encodeCriteria, encodeDate, encodeEntries, encodeFetchOptions, encodeSet, encodeValues
} = require('../src/js/arguments.js')

const zone = process.env.TZ

afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

describe('values', () => {
  it('keeps what JSON holds', () => {
    for (const value of ['x', '', true, null, 0, 5, -5, 2 ** 53 - 1]) {
      assert.equal(encodeValues(value), value)
    }
    assert.deepEqual(encodeValues([1, ['a', [null]]]), [1, ['a', [null]]])
  })

  it('marks what JSON does not hold', () => {
    for (const [value, text] of [[NaN, 'NaN'], [1.5, '1.5'], [1e21, '1e+21'], [2 ** 53, '9007199254740992']]) {
      assert.deepEqual(encodeValues(value), { $: 'number', text })
    }
    assert.deepEqual(encodeValues(-0), { $: 'number', text: '0' })
    assert.deepEqual(encodeValues(undefined), { $: 'undefined' })
    assert.deepEqual(encodeValues(5n), { $: 'bigint', text: '5' })
    assert.deepEqual(encodeValues({}), { $: 'object', text: '[object Object]', type: 'object' })
    assert.deepEqual(encodeValues({ $: 'undefined' }), { $: 'object', text: '[object Object]', type: 'object' })
    assert.deepEqual(encodeValues(Symbol('s')), { $: 'object', text: 'Symbol(s)', type: 'symbol' })
    assert.deepEqual(encodeValues(Object.create(null)), { $: 'object', text: '[object Object]', type: 'object' })
    assert.deepEqual(encodeValues({ toString () { return 'INBOX' } }), { $: 'object', text: 'INBOX', type: 'object' })
    assert.equal(encodeValues(() => 1).type, 'function')
    assert.deepEqual(encodeValues(new Array(2)), [{ $: 'undefined' }, { $: 'undefined' }])
  })

  it('takes the entries of an object in order', () => {
    assert.deepEqual(encodeEntries({ b: 1, a: undefined, '\ud800': ['x'] }), [
      ['b', 1], ['a', { $: 'undefined' }], ['\ufffd', ['x']]
    ])
    assert.deepEqual(encodeEntries(Object.assign(Object.create(null), { a: NaN })), [['a', { $: 'number', text: 'NaN' }]])
    for (const none of [null, undefined, {}]) assert.deepEqual(encodeEntries(none), [])
  })

  it('replaces halves of surrogate pairs, which JSON parsers refuse', () => {
    assert.equal(encodeValues('a\ud800b\udc00😀'), 'a\ufffdb\ufffd😀')
  })

  it('changes nothing that it is given', () => {
    const uids = Object.freeze(['5', ' 7', Object.freeze([1])])
    assert.deepEqual(encodeSet(uids), ['5', ' 7', [1]])
  })

  it('refuses arrays that contain themselves, with a name', () => {
    const circular = [1]
    circular.push(circular)
    assert.throws(() => encodeSet(circular), { name: 'TypeError', message: 'The message set contains itself' })
    assert.throws(() => encodeCriteria(circular), /The search criteria contains itself/)
    const twice = [1]
    assert.deepEqual(encodeSet([twice, twice]), [[1], [1]])
  })

  it('refuses what is too deep or too large', () => {
    let deep = [1]
    for (let i = 0; i < 40; i++) deep = [deep]
    assert.throws(() => encodeSet(deep), /nested deeper than 32 levels/)
    for (let i = 0; i < 100000; i++) deep = [deep]
    assert.throws(() => encodeCriteria(deep), /nested deeper than 1000 levels/)
    let wide = [1, 2]
    for (let i = 0; i < 30; i++) wide = [wide, wide]
    assert.throws(() => encodeSet(wide), /more than 1000000 values/)
    assert.throws(() => encodeSet(new Array(2 ** 32 - 1)), /more than 1000000 values/)
  })
})

describe('dates', () => {
  const fields = (date) => {
    const { $: mark, text, ...rest } = encodeDate(date)
    assert.equal(mark, 'date')
    return rest
  }

  it('tells local time and the zone east of UTC', () => {
    const date = new Date('2004-09-05T00:38:03Z')
    for (const [name, day, hour, minute, zone] of [
      ['UTC', 5, 0, 38, 0],
      ['Asia/Kolkata', 5, 6, 8, 330],
      ['America/New_York', 4, 20, 38, -240],
      ['America/St_Johns', 4, 22, 8, -150],
      ['Asia/Tokyo', 5, 9, 38, 540]
    ]) {
      process.env.TZ = name
      assert.deepEqual(fields(date), { valid: true, year: 2004, month: 9, day, hour, minute, second: 3, zone })
    }
  })

  it('knows dates of other realms, and invalid ones', () => {
    assert.equal(fields(vm.runInNewContext('new Date(0)')).valid, true)
    assert.deepEqual(encodeDate(new Date(NaN)), { $: 'date', valid: false, text: 'Invalid Date' })
    assert.equal(encodeDate('2004-09-05'), '2004-09-05')
    assert.deepEqual(encodeDate({ getTime () {} }), { $: 'object', text: '[object Object]', type: 'object' })
  })
})

describe('criteria', () => {
  it('are flat', () => {
    assert.deepEqual(encodeCriteria(['UNSEEN', ['OR', ['FROM', 'x'], 'NEW'], []]), [
      'UNSEEN',
      { $: 'list', length: 3 }, 'OR', { $: 'list', length: 2 }, 'FROM', 'x', 'NEW',
      { $: 'list', length: 0 }
    ])
  })

  it('have dates where they need them', () => {
    process.env.TZ = 'UTC'
    for (const argument of ['May 20, 2010', '2010-05-20', 1274313600000, new Date(1274313600000)]) {
      const [list, name, date] = encodeCriteria([['!since', argument]])
      assert.deepEqual([list, name], [{ $: 'list', length: 2 }, '!since'])
      assert.deepEqual([date.year, date.month, date.day], [2010, 5, 20])
    }
    assert.equal(encodeCriteria([['ON', null]])[2].year, 1970)
    assert.equal(encodeCriteria([['OR', ['BEFORE', '2010-05-20'], 'NEW']])[4].day, 20)
    for (const argument of ['junk', undefined, new Date(NaN), 5n, Symbol('s')]) {
      assert.equal(encodeCriteria([['SENTON', argument]])[2].valid, false)
    }
  })

  it('leave other arguments alone', () => {
    assert.deepEqual(encodeCriteria([['FROM', '2010-05-20']])[2], '2010-05-20')
    assert.deepEqual(encodeCriteria([['SINCE']]), [{ $: 'list', length: 1 }, 'SINCE'])
    assert.deepEqual(encodeCriteria([['SINCE', 'a', 'b']]).slice(2), ['a', 'b'])
  })

  it('may be long chains of OR', () => {
    let chain = 'SEEN'
    for (let i = 0; i < 900; i++) chain = ['OR', ['FROM', `user${i}`], chain]
    assert.equal(encodeCriteria([chain]).filter((item) => item === 'OR').length, 900)
  })
})

describe('fetch options', () => {
  it('are absent, or what node-imap reads of them', () => {
    assert.deepEqual(encodeFetchOptions(undefined), {})
    assert.deepEqual(encodeFetchOptions(null), {})
    assert.deepEqual(encodeFetchOptions({ struct: 1, markSeen: 'x', extensions: 'y' }), {
      bodies: { $: 'undefined' }, markSeen: true, envelope: false, struct: true, size: false
    })
    assert.deepEqual(encodeFetchOptions({ bodies: ['HEADER', 1], extensions: ['x'], modifiers: { CHANGEDSINCE: 5, x: 1 } }), {
      bodies: ['HEADER', 1],
      markSeen: false,
      envelope: false,
      struct: false,
      size: false,
      extensions: ['x'],
      modifiers: { changedsince: 5 }
    })
    assert.equal('modifiers' in encodeFetchOptions({ modifiers: null }), false)
  })
})
