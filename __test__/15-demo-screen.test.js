// @ts-check
'use strict'

// What the demo draws: columns that hold with wide characters, and a bar that fits its terminal.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { judge } = require('../examples/demo/chaos')
const { FAULTS, plan } = require('../examples/demo/chaos/faults')
const { Ledger } = require('../examples/demo/chaos/ledger')
const { parseOptions } = require('../examples/demo/options')
const { Progress } = require('../examples/demo/progress')
const { Screen } = require('../examples/demo/screen')
const { drawTable } = require('../examples/demo/table')
const { clean, fit, width } = require('../examples/demo/text')
const { random } = require('./random')

/** @param {{ isTTY: boolean, columns?: number }} kind @param {Record<string, string>} [environment] */
function screen (kind, environment = {}) {
  const written = /** @type {string[]} */ ([])
  const stream = /** @type {any} */ ({ ...kind, write: (/** @type {string} */ text) => written.push(text) })
  return { screen: new Screen(stream, environment), text: () => written.join('') }
}

// eslint-disable-next-line no-control-regex
const STYLING = /\x1b\[[\d;?]*[a-zA-Z]/g

test('texts are measured as a terminal shows them', () => {
  for (const [text, columns] of /** @type {[string, number][]} */ ([
    ['abc', 3], ['Zürich', 6], ['Zu\u0308rich', 6], ['東京', 4], ['김민준', 6], ['🏔️', 2], ['👩‍👩‍👧', 2], ['🇺🇦', 2], ['☕', 2], ['ﾊﾝ', 2], ['', 0]
  ])) assert.equal(width(text), columns, text)
  assert.equal(fit('東京都', 5), '東京…')
  assert.equal(fit('東京都', 4), '東… ')
  assert.equal(fit('7', 3, 'right'), '  7')
})

test('texts lose what a terminal would obey', () => {
  assert.equal(clean(' a\r\n\tb '), 'a b')
  assert.equal(clean('\x1b[2J\x07\x9b\u202e\ud800\u2066x'), '�[2J�����x')
  assert.equal(clean('z\u0300\u0301\u0302\u0303\u0304'), 'z\u0300\u0301\u0302')
  assert.equal(clean('👩‍👩‍👧'), '👩‍👩‍👧')
})

test('every row of a table fits a narrow terminal', () => {
  const { screen: narrow, text } = screen({ isTTY: true, columns: 40 })
  drawTable(narrow, [{ title: 'NAME', min: 8 }, { title: 'TEXT', min: 8, styles: ['cyan'] }, { title: 'N', align: 'right' }],
    [['東京 '.repeat(9), 'long '.repeat(20), '12'], ['a', 'b', '3']])
  const lines = text().replace(STYLING, '').trimEnd().split('\n')
  assert.deepEqual(lines.map((line) => width(line)), [40, 40, 40])
})

test('the bar is drawn over itself, within the terminal', () => {
  for (const columns of [40, 60, 80, 200]) {
    const { screen: live, text } = screen({ isTTY: true, columns })
    const progress = new Progress(live, 3)
    for (let count = 0; count < 3; count++) {
      progress.received(1_000_000)
      progress.advance()
    }
    progress.finish()
    const drawn = text().replace(STYLING, '')
    assert.equal(drawn.split('\n').length, 2)
    for (const line of drawn.split(/[\r\n]/)) assert.ok(width(line) < columns, `${width(line)} of ${columns}: ${line}`)
    assert.match(drawn, /100 % {2}3\/3/)
    assert.ok(text().endsWith('\x1b[?25h\n'), 'the cursor is back')
  }
})

test('a log has no colours, a terminal with NO_COLOR neither', () => {
  for (const [kind, environment] of /** @type {[{ isTTY: boolean }, Record<string, string>][]} */ ([
    [{ isTTY: false }, {}], [{ isTTY: true }, { NO_COLOR: '1' }], [{ isTTY: true }, { TERM: 'dumb' }]
  ])) {
    const { screen: plain, text } = screen(kind, environment)
    plain.heading('Title', 'note')
    assert.equal(text(), '\nTitle  note\n')
  }
  const { screen: colourful, text } = screen({ isTTY: true })
  colourful.heading('Title')
  assert.match(text(), STYLING)
})

test('a line can be taken away and another be written in its place', () => {
  const { screen: live, text } = screen({ isTTY: true })
  live.draw('running')
  live.erase()
  live.line('done')
  live.erase()
  assert.equal(text().replace(STYLING, ''), '\rrunning\rdone\n')
})

test('the ledger knows what is lost, doubled and late', () => {
  const ledger = new Ledger()
  ledger.deliver(1, 100)
  ledger.announce(1, 105)
  // The announcement may be heard of first.
  ledger.announce(2, 130)
  ledger.deliver(2, 110)
  assert.equal(ledger.longest, 20)
  judge(ledger, 7)
  ledger.announce(1, 140)
  assert.throws(() => judge(ledger, 7), /^Error: 1 mail was announced more than once, with UID 1\. The same again: .* --seed 7$/)
  ledger.deliver(3, 150)
  ledger.deliver(4, 150)
  ledger.announce(9, 160)
  assert.throws(() => judge(ledger, 7), /2 mails were not announced, the first with UID 3; .*; 1 mail was announced and never delivered, with UID 9/)
})

test('every kind of fault has its turn in each round', () => {
  const rounds = plan(random(3))
  const kinds = Object.keys(FAULTS)
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(kinds.map(() => rounds.next().value).sort(), [...kinds].sort())
  }
})

test('accounts are read from URLs', () => {
  const account = (/** @type {string[]} */ ...args) => parseOptions(args, { IMAP_PASSWORD: 'p' }).account
  assert.deepEqual(account('--url', 'imaps://me%40x@mail.example'), {
    host: 'mail.example',
    port: 993,
    security: 'tls',
    user: 'me@x',
    mailbox: 'INBOX',
    limit: 2000,
    password: 'p',
    passwordInUrl: false,
    token: undefined
  })
  const plain = account('--url=IMAP://u:a%2Fb@[::1]:1143/Entw%C3%BCrfe/%2525', '--insecure-plain', '--limit=7')
  assert.deepEqual(plain, {
    host: '::1',
    port: 1143,
    security: 'plain',
    user: 'u',
    mailbox: 'Entwürfe/%25',
    limit: 7,
    password: 'a/b',
    passwordInUrl: true,
    token: undefined
  })
  assert.equal(account('--url', 'imap://u@bücher.example')?.host, 'xn--bcher-kva.example')
  assert.equal(account('--url', 'imap://u@h')?.security, 'starttls')
})
