// @ts-check
'use strict'

// The test files of npm imap itself, unmodified, with everimap in its place. All of their
// expectations hold: none of them is about a row of DEVIATIONS.md.

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const { readdirSync } = require('node:fs')
const { dirname, join } = require('node:path')
const test = require('node:test')
const { fetched } = require('./support')
const { Server } = require('./server')
const { ready, soon } = require('./watch')

const folder = join(dirname(require.resolve('imap/package.json')), 'test')
const preload = join(__dirname, 'upstream.preload.js')

const FILES = [
  'test-connection-fetch-dup.js',
  'test-connection-fetch-frag.js',
  'test-connection-fetch-stringbody.js',
  'test-connection-idle-normal.js',
  'test-connection-idle-order.js',
  'test-parse-bodystructure.js',
  'test-parse-envelope-addrs.js',
  'test-parse-expr.js',
  'test-parse-header.js',
  'test-parser.js'
]

/** Drives `_sock` and `_parser` of node-imap; its scenario is the last test of this file. */
const OF_INTERNALS = 'test-connection-fetch-spillover.js'

test('every test file of npm imap is here', () => {
  const there = readdirSync(folder).filter((name) => name.startsWith('test-')).sort()
  assert.deepEqual(there, [...FILES, OF_INTERNALS].sort())
})

for (const file of FILES) {
  test(`npm imap's ${file}`, async () => {
    // The parse tests print what fails and exit with 0: any output is a failure.
    const { code, output } = await run(['-r', preload, join(folder, file)])
    assert.equal(output, '')
    assert.equal(code, 0)
  })
}

test('without the preload it is npm imap that is tested, and the preload tells', async () => {
  const { output } = await run(['-r', preload, '-e', `require(${JSON.stringify(join(folder, '..'))})`])
  assert.match(output, /lib\/Connection\.js is loaded, not everimap/)
})

test('a body read late, and a second message in pieces: nothing is lost (fetch-spillover)', async () => {
  // More than a stream buffers before it asks to wait.
  const bytes = Array.from({ length: 2048 }, (_, line) => String(line).padStart(9, '0')).join('\n') + '\n'
  assert.equal(bytes.length, 20_480)
  const escaped = (/** @type {string} */ text) => text.replace(/\n/g, '\\n')
  const server = await Server.trace(`
    S: * PREAUTH hello
    C: A0 CAPABILITY
    S: * CAPABILITY IMAP4rev1
    S: A0 OK done
    C: A1 LIST "" ""
    S: A1 OK done
    C: A2 SELECT "INBOX"
    S: * 2 EXISTS
    S: A2 OK done
    C: A3 FETCH 1,2 (UID FLAGS INTERNALDATE BODY.PEEK[TEXT])
    S: * 1 FETCH (UID 1000 FLAGS (\\Seen) INTERNALDATE "05-Sep-2004 00:38:03 +0000" BODY[TEXT] {20480}
    S+: ${escaped(bytes.slice(0, 20_000))}
    X: wait rest
    S+: ${escaped(bytes.slice(20_000))})\\r\\n* 2 FETCH (UID 1001 FLAGS (\\\\Seen) INTERNALDATE "05-Sep-2004 00:38:13 +0000" BODY[TEXT] {200}\\r\\n
    S+: ${escaped(bytes.slice(0, 100))}
    X: wait last
    S+: ${escaped(bytes.slice(100, 200))})\\r\\n
    S: A3 OK Success
  `)
  try {
    const { connection, errors } = await ready({ ...server.options, keepalive: false }, 'INBOX')
    const fetch = connection.seq.fetch([1, 2], { bodies: ['TEXT'] })
    fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
      message.prependListener('body', (/** @type {any} */ stream) => {
        stream.once('data', () => server.release(seqno === 1 ? 'rest' : 'last'))
        if (seqno === 1) startLate(stream, 20_000)
      })
    })
    const messages = fetched(fetch)
    const [first, second, ...more] = await messages
    assert.deepEqual(more, [])
    assert.deepEqual(first, {
      seqno: 1,
      attributes: { uid: 1000, flags: ['\\Seen'], date: new Date('2004-09-05T00:38:03Z') },
      bodies: { TEXT: Buffer.from(bytes) }
    })
    assert.deepEqual(second, {
      seqno: 2,
      attributes: { uid: 1001, flags: ['\\Seen'], date: new Date('2004-09-05T00:38:13Z') },
      bodies: { TEXT: Buffer.from(bytes.slice(0, 200)) }
    })
    assert.deepEqual(errors, [])
    const closed = soon(connection, 'close')
    connection.destroy()
    await closed
  } finally {
    await server.stop()
  }
})

/**
 * @param {string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
function run (args) {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr })
    })
  })
}

/**
 * Leaves a stream alone until so many bytes wait in it.
 * @param {import('node:stream').Readable} stream
 * @param {number} bytes
 */
function startLate (stream, bytes) {
  stream.pause()
  const look = () => stream.readableLength < bytes ? setImmediate(look) : stream.resume()
  look()
}
