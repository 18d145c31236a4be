// @ts-check
'use strict'

// The demo as people run it, and what it makes of their mistakes.

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { test } = require('node:test')
const { PASSWORD } = require('./credentials')
const { Server, certificate } = require('./server')

/** The demo says of itself that it needs a few seconds; a busy machine gets more. */
const PATIENCE_MS = 60_000

/** What a mail could do to a terminal. */
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/

/** The demo in a process of its own. */
class Demo {
  /**
   * @param {string[]} args
   * @param {Record<string, string>} [environment]
   */
  constructor (args, environment = {}) {
    const { IMAP_PASSWORD, IMAP_TOKEN, NODE_EXTRA_CA_CERTS, ...inherited } = process.env
    this.child = spawn(process.execPath, [join(__dirname, '..', 'examples', 'demo.js'), ...args], {
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS
    })
    this.out = ''
    this.errors = ''
    this.child.stdout.setEncoding('utf8').on('data', (text) => { this.out += text })
    this.child.stderr.setEncoding('utf8').on('data', (text) => { this.errors += text })
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal, out: this.out, errors: this.errors }))
  }

  /** Resolves when the output matches. @param {RegExp} pattern */
  async says (pattern) {
    while (!pattern.test(this.out)) {
      const more = once(this.child.stdout, 'data')
      const end = await Promise.race([more.then(() => null), this.ended])
      if (end) assert.match(end.out, pattern, `the demo ended with ${end.code}: ${end.errors}`)
    }
  }
}

/**
 * A server with TLS of its own authority, and the environment that trusts it.
 * @param {import('node:test').TestContext} t
 * @param {import('./server').Settings} [settings]
 */
async function serve (t, settings = {}) {
  const server = await Server.start({ tls: true, certificate: certificate({ ca: true }), ...settings })
  const folder = mkdtempSync(join(tmpdir(), 'everimap-demo-'))
  const file = join(folder, 'ca.pem')
  if (server.ca) writeFileSync(file, server.ca)
  t.after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  return { server, environment: { NODE_EXTRA_CA_CERTS: file, IMAP_PASSWORD: PASSWORD } }
}

test('without arguments it shows, fetches and listens, and ends by itself', async () => {
  const { code, out, errors } = await new Demo([]).ended
  assert.equal(errors, '')
  assert.equal(code, 0)
  assert.match(out, /^ {2}INBOX +2,000 +\d+$/m)
  assert.match(out, /^ {2}Archive +Archive +5 +\d+\n {2}├─ 2024 +10 +\d+\n {2}└─ 2025 +3 +\d+$/m)
  assert.match(out, /^ {2}├─ Büro Zürich +\d+ +\d+\n {2}└─ 東京 2027 🗼 +\d+ +\d+$/m)
  assert.equal(out.match(/^ +(?:2000|199\d) {2}(?:\d{4}-)?\d\d-\d\d( \d\d:\d\d)? +\S.* \d+(\.\d)? k?B/mg)?.length, 10)
  assert.match(out, /Grüße aus Köln +\d+ kB {2}📎$/m)
  assert.equal(out.match(/^ +\d+0 % +[\d,]+\/2,000 +[\d,]+ msg\/s/mg)?.length, 10)
  assert.equal(out.match(/^ +\d\d:\d\d:\d\d\.\d{3} +[\d.]+ m?s {2}\S/mg)?.length, 8)
  assert.match(out, /fetched +2,000 messages, \d+ MB {2}every byte compared/)
  assert.match(out, /delivered +8 mails\n +announced +8 mails\n +delay +median [\d.]+ m?s, max [\d.]+ m?s\n/)
})

test('what a mail says never reaches the terminal raw', async (t) => {
  const { server, environment } = await serve(t, { accounts: { user: { mailboxes: ['INBOX', 'a\x1b[2Jb'] } } })
  server.inbox.deliver('From: "\x1b]0;title\x07" <a@b>\nSubject: =?utf-8?Q?=1B[31mred=C2=9B2J=E2=80=AEtxt?=\n\nhello')
  const demo = new Demo(['--url', `imaps://user@127.0.0.1:${server.port}`], environment)
  await demo.says(/Listening/)
  assert.match(demo.out, /�\[31mred�2J�txt/)
  assert.match(demo.out, /a�\[2Jb/)
  assert.doesNotMatch(demo.out, CONTROLS)
  demo.child.kill('SIGINT')
  await demo.ended
})

test('an account is read, listened to until Ctrl-C, and not changed', async (t) => {
  const mailboxes = ['INBOX', 'Größe 1/Ärger']
  const { server, environment } = await serve(t, { accounts: { 'me@home': { mailboxes } } })
  const mailbox = server.account().mailbox('Größe 1/Ärger')
  for (let count = 1; count <= 30; count++) mailbox.deliver(`From: a@b\nSubject: no. ${count}\n\nhello`)
  const url = `imaps://me%40home@127.0.0.1:${server.port}/Gr%C3%B6%C3%9Fe%201/%C3%84rger`
  const demo = new Demo(['--url', url, '--limit=20'], environment)
  await demo.says(/ARRIVED/)
  mailbox.deliver('From: Ada <ada@example>\nSubject: just now\nDate: Sun, 24 Nov 2019 04:30:00 +0000\n\nhello')
  await demo.says(/just now/)
  // From the terminal, and once more from npm.
  demo.child.kill('SIGINT')
  demo.child.kill('SIGINT')
  const { code, out, errors } = await demo.ended
  assert.equal(errors, '')
  assert.equal(code, 0)
  assert.match(out, /opened +Größe 1\/Ärger {2}read-only, 30 messages/)
  assert.match(out, /no\. 30/)
  assert.match(out, /^ {2}\d\d:\d\d:\d\d +\d\d:\d\d:\d\d +2019-11-\d\d +Ada +just now$/m)
  assert.match(out, /fetched +20 messages/)
  assert.match(out, /announced +1 mail\n/)
  const commands = server.lines.map((line) => String(line))
  assert.ok(commands.some((line) => / LOGOUT$/.test(line)), 'it logs out')
  assert.deepEqual(commands.filter((line) => / (SELECT|STORE|APPEND|EXPUNGE) |BODY\[/.test(line)), [])
  assert.ok(mailbox.messages.every(({ flags }) => flags.size === 0), 'no message has been marked')
})

test('STARTTLS, an access token, and no fetching', async (t) => {
  const token = Buffer.from('user=user\x01auth=Bearer abc\x01\x01').toString('base64')
  const { server, environment } = await serve(t, { tls: 'starttls', loginDisabled: true, accounts: { user: { tokens: [token] } } })
  const demo = new Demo(['--url', `imap://user@127.0.0.1:${server.port}`, '--limit', '0'],
    { NODE_EXTRA_CA_CERTS: environment.NODE_EXTRA_CA_CERTS, IMAP_TOKEN: 'abc' })
  await demo.says(/ARRIVED/)
  demo.child.kill('SIGTERM')
  const { code, out, errors } = await demo.ended
  assert.equal(errors, '')
  assert.equal(code, 0)
  assert.match(out, /over STARTTLS/)
  assert.doesNotMatch(out, /Fetching/)
})

test('without STARTTLS on the server no password is sent, unless that is asked for', async (t) => {
  const { server, environment: { IMAP_PASSWORD } } = await serve(t, { tls: false })
  const environment = { IMAP_PASSWORD }
  const url = `imap://user@127.0.0.1:${server.port}`
  const refused = await new Demo(['--url', url], environment).ended
  assert.equal(refused.code, 1)
  assert.match(refused.errors, /^demo: .*ENOSTARTTLS.*--insecure-plain.*\n$/)
  assert.ok(!server.lines.some((line) => String(line).includes(PASSWORD)))

  const demo = new Demo(['--url', url, '--insecure-plain'], environment)
  await demo.says(/ARRIVED/)
  demo.child.kill('SIGINT')
  const { code, errors } = await demo.ended
  assert.equal(code, 0)
  assert.match(errors, /^demo: warning: .*\n$/)
})

test('errors of the server are one line and exit code 1', async (t) => {
  const { server, environment } = await serve(t)
  const url = `imaps://user@127.0.0.1:${server.port}`
  for (const [target, variables, expected] of /** @type {[string, Record<string, string>, RegExp][]} */ ([
    [url, { ...environment, IMAP_PASSWORD: 'wrong' }, /^demo: .*EAUTH.*app password.*\n$/],
    [url, { IMAP_PASSWORD: PASSWORD }, /^demo: .*certificate.*NODE_EXTRA_CA_CERTS\n$/],
    [`${url}/Nowhere`, environment, /^demo: .*\n$/],
    ['imaps://user@127.0.0.1:1', environment, /^demo: .*ECONNREFUSED.*\n$/]
  ])) {
    const { code, errors } = await new Demo(['--url', target], variables).ended
    assert.match(errors, expected)
    assert.equal(code, 1)
  }
})

test('a server that goes away while listening is an error', async (t) => {
  const { server, environment } = await serve(t)
  const demo = new Demo(['--url', `imaps://user@127.0.0.1:${server.port}`], environment)
  await demo.says(/ARRIVED/)
  server.fault({ do: 'reset' })
  const { code, errors } = await demo.ended
  assert.equal(code, 1)
  assert.match(errors, /^demo: .*\n$/)
})

test('Ctrl-C in the middle of fetching ends it', async (t) => {
  const { server, environment } = await serve(t)
  for (let count = 1; count <= 30; count++) server.inbox.deliver(`Subject: no. ${count}\n\nhello`)
  const stalled = server.fault({ on: /FETCH 1:30 .*BODY\.PEEK/, bytes: 1500, do: 'stall' })
  const demo = new Demo(['--url', `imaps://user@127.0.0.1:${server.port}`], environment)
  await stalled.fired
  demo.child.kill('SIGINT')
  const { code, errors } = await demo.ended
  assert.equal(errors, '')
  assert.equal(code, 130)
})

test('--chaos: everything breaks, and nothing is lost or doubled', async () => {
  const { code, out, errors } = await new Demo(['--chaos', '--seconds', '4', '--seed', '10']).ended
  assert.equal(errors, '')
  assert.equal(code, 0)
  assert.match(out, /seed +10 {2}the same again: npm run demo -- --chaos --seed 10$/m)
  assert.match(out, /up to 600 a minute {2}reconnect\.loginsPerMinute; by default 3 at once, then 1 a minute/)
  const [, faults] = out.match(/faults +(\d+)/) || []
  assert.ok(Number(faults) >= 2, `${faults} faults`)
  assert.equal(out.match(/^ +[\d.]+ s {2}\S.* +[\d.]+ m?s +\d+ +\d+$/mg)?.length, Number(faults), 'a line for each')
  const [, delivered] = out.match(/delivered +(\d+) mails/) || []
  assert.ok(Number(delivered) >= 20, `${delivered} deliveries`)
  assert.match(out, new RegExp(`announced +${delivered} mails {2}${delivered} of them read`))
  assert.match(out, /lost +0\n +doubled +0\n +reconnects +[1-9].*\n +rotations +\d+\n +silence +[\d.]+ m?s/)
  assert.match(out, /Nothing lost, nothing doubled\.\n$/)
  assert.doesNotMatch(out, CONTROLS)
})

test('--chaos ends with Ctrl-C', async () => {
  const demo = new Demo(['--chaos', '--minutes=5'])
  await demo.says(/WHAT HAPPENS/)
  demo.child.kill('SIGINT')
  const { code, errors } = await demo.ended
  assert.equal(errors, '')
  assert.equal(code, 130)
})

test('--help says what there is', async () => {
  const { code, out, errors } = await new Demo(['--help']).ended
  assert.equal(errors, '')
  assert.equal(code, 0)
  for (const word of ['--url', '--limit', '--insecure-plain', '--chaos', '--seconds', '--minutes', '--seed', 'Default 30', 'IMAP_PASSWORD', 'IMAP_TOKEN', 'NODE_EXTRA_CA_CERTS',
    'NO_COLOR', 'milliseconds', 'Default 2000', 'Exit code']) assert.ok(out.includes(word), word)
})

test('wrong usage is one line that says what to write, and exit code 2', async () => {
  for (const [args, expected] of /** @type {[string[], RegExp][]} */ ([
    [['--nope'], /no option '--nope'; there are --url/],
    [['imaps://user@host'], /write --url imaps:/],
    [['--url'], /needs a value, e\.g\./],
    [['--url', 'http://user@host'], /begins with imaps:\/\/ or imap:\/\//],
    [['--url', 'imaps://host'], /names no user: write imaps:\/\/user@host/],
    [['--url', 'imaps://us%er@host'], /write %25/],
    [['--url', 'imaps://user@host/a#b'], /write %23/],
    [['--url', 'imaps://user:canary@host:99999'], /cannot be read: write imaps:.*user:\*\*\*@host/],
    [['--url', 'imaps://user@host', '--insecure-plain'], /contradicts/],
    [['--url', 'imaps://user@host', '--limit', 'many'], /a number of messages.*got 'many'/],
    [['--limit', '5'], /add --url/],
    [['--seed', '5'], /--seed goes with --chaos/],
    [['--minutes', '5'], /--seconds or --minutes goes with --chaos/],
    [['--chaos', '--seed', '-1'], /a whole number from 0 to 4294967295.*got '-1'/],
    [['--chaos', '--seconds', '0'], /--seconds takes a number above 0/],
    [['--chaos', '--url', 'imaps://user@host'], /a server of its own: leave out --url/],
    [['--url', 'imaps://user@host'], /set IMAP_PASSWORD/]
  ])) {
    const { code, out, errors } = await new Demo(args).ended
    assert.match(errors, expected)
    assert.match(errors, /^demo: [^\n]+\n$/)
    assert.doesNotMatch(errors, /canary/)
    assert.equal(out, '')
    assert.equal(code, 2)
  }
})
