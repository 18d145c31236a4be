// @ts-check
'use strict'

// Secrets stay where they are: the search of `npm run test:canary`, here on the logins alone, and what
// `util.inspect` shows of a configuration.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const { join } = require('node:path')
const { test } = require('node:test')
const { format, inspect } = require('node:util')
const Imap = require('./imap')
const { leaksIn, needlesOf } = require('./canary/needles')

const SECRETS = { password: 'the-password', xoauth: 'the-xoauth', xoauth2: 'the-xoauth2', tlsOptions: { key: 'the-key', passphrase: 'the-passphrase' } }

test('no secret is shown of a connection, and programs can still read and write them (Q-39)', () => {
  const imap = new Imap({ user: 'me', ...SECRETS })
  for (const text of [
    inspect(imap, { depth: 9, showHidden: true }),
    inspect(imap._config),
    format('%s %o %O', imap, imap, imap._config),
    inspect(Object.assign(new Error('x'), { connection: imap }), { depth: 9 })
  ]) assert.doesNotMatch(text, /the-(password|xoauth|key|passphrase)/)
  assert.match(inspect(imap), /user: 'me',\s+password: <redacted>/)

  assert.equal(imap._config.password, 'the-password')
  assert.equal({ ...imap._config }.xoauth2, 'the-xoauth2')
  assert.equal(JSON.parse(JSON.stringify(imap._config)).password, 'the-password')
  assert.ok(Object.keys(imap._config).includes('password'))
  imap._config.password = 'another'
  assert.equal(imap._config.password, 'another')
  assert.equal(inspect(new Imap({})._config).includes('redacted'), false)
})

test('a secret is found as it is, escaped and in base64 wherever it stands', () => {
  const secret = 'canary-"0123456789'
  const needles = needlesOf(secret)
  for (const text of [
    secret,
    JSON.stringify({ secret }),
    encodeURIComponent(secret),
    ...['', 'x', 'xx', 'xxx'].map((before) => Buffer.from(`${before}${secret} and more`).toString('base64'))
  ]) assert.ok(leaksIn(`before ${text} after`, needles).length > 0, text)
  assert.deepEqual(leaksIn('canary-0123456789 Y2FuYXJ5', needles), [])
  assert.deepEqual(needlesOf('short'), [])
})

test('planted leaks are found, and logins leak nothing', () => {
  const args = [join(__dirname, 'canary', 'run.js'), join('__test__', '05-login.test.js')]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^7 planted leaks were found\n1 test files, \d+ characters, 0 leaks\n$/)
})
