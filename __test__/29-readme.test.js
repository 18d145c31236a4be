// @ts-check
'use strict'

// The programs in README.md: each can be parsed, and the first does what it says, whatever is in INBOX.

const assert = require('node:assert/strict')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')
const { Script } = require('node:vm')

const { Imap, closed, serving } = require('./support')

const PROGRAMS = [...readFileSync(join(__dirname, '..', 'README.md'), 'utf8').matchAll(/^```js\n(.*?)^```/gms)].map(([, text]) => text)
const LOGIN = /^ *host: .*\n.*password: .*\n/m

test('every program can be parsed', () => {
  assert.ok(PROGRAMS.length >= 5)
  for (const text of PROGRAMS) new Script(`async () => {\n${text}\n}`, { filename: 'README.md' })
})

for (const messages of [0, 12]) {
  test(`the first program shows the last ten of ${messages} messages`, async (t) => {
    const server = await serving(t)
    // As Dovecot answers `1:*` where there is none.
    if (messages === 0) server.fault({ on: /FETCH/, do: { answer: 'TAG BAD Invalid messageset' } })
    for (let i = 1; i <= messages; i++) server.inbox.deliver(`From: a@example.org\r\nSubject: ${i}\r\n\r\nx`)
    assert.match(PROGRAMS[0], LOGIN)
    const program = new Function('require', 'console', 'options', `${PROGRAMS[0].replace(LOGIN, '...options\n')}\nreturn imap`)
    /** @type {any[]} */
    const shown = []
    const show = (/** @type {any[]} */ ...values) => { shown.push(...values) }
    const imap = program(() => Imap, { log: show, error: show }, server.options)
    t.after(() => imap.destroy())
    // Nothing is asked any more.
    await server.waitFor(({ lines }) => lines.some((line) => / IDLE$/.test(String(line))))
    imap.end()
    await closed(imap)
    const subjects = shown.filter((value) => value.subject).map(({ subject }) => Number(subject[0]))
    assert.deepEqual(subjects, messages === 0 ? [] : [3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    const texts = shown.filter((value) => typeof value === 'string')
    assert.deepEqual(texts, [...messages === 0 ? [] : ['12 new'], `${messages} messages`, 'closed'])
  })
}
