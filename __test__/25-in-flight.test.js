// @ts-check
'use strict'

// Commands in flight when the link dies (resilience 2.9, 2.10; S29 to S32, N04, N15): a relay cuts the
// exchange after every byte, in both directions, before a server that really carries commands out.

const assert = require('node:assert/strict')
const { createHash } = require('node:crypto')
const { once } = require('node:events')
const { Writable } = require('node:stream')
const { pipeline } = require('node:stream/promises')
const { test } = require('node:test')

const { CuttingRelay } = require('./cutting-relay')
const { Imap, Server, call, closed, within } = require('./support')

/** @typedef {import('./cutting-relay').Cut} Cut */

const PATIENCE_MS = 60_000
/** So many cuts at once. */
const ABREAST = 24
/** Every byte takes some minutes; else it is one of so many, and the first and last ones. */
const STRIDE = process.env.EVERY_BYTE ? 1 : 11
/** Fast enough for a test; a real account keeps the defaults. */
const FAST = { baseMs: 1, capMs: 5, stableMs: 60_000, loginsPerMinute: 1e6 }

const MODES = {
  off: false,
  error: { ...FAST, onUnknown: 'error' },
  probe: { ...FAST, onUnknown: 'probe' }
}

/**
 * A command, and what it leaves at the server.
 * @typedef {object} Play
 * @property {string} name
 * @property {string[]} [without] capabilities that the server has not
 * @property {(inbox: any) => void} [prepare]
 * @property {(imap: any, done: (...values: any[]) => void) => void} act
 * @property {(account: any) => 'applied' | 'not-applied' | 'wrong'} state
 * @property {boolean} [isOverwritten] whether it leaves nothing by which it can be told that it was not carried out
 */

const MESSAGE = Buffer.from('Message-ID: <one@example.com>\r\nSubject: x\r\n\r\nHello\r\n')
/** @param {any} inbox */
const deliver = inbox => {
  for (const number of [1, 2, 3]) inbox.deliver(Buffer.from(`Message-ID: <${number}@example.com>\r\n\r\n${number}\r\n`))
}
/** @param {any} account @param {string} name */
const bodies = (account, name) => account.mailbox(name).messages.map((/** @type {any} */ { raw }) => raw.toString())
/** @param {(message: any) => boolean} is */
const flagged = is => (/** @type {any} */ account) => {
  const marked = account.mailbox('INBOX').messages.map(is)
  return marked.every(Boolean) ? 'applied' : marked.some(Boolean) ? 'wrong' : 'not-applied'
}
/** @param {any} account */
const appended = account => {
  const count = bodies(account, 'Archive').filter((/** @type {string} */ body) => body === MESSAGE.toString()).length
  return count === 0 ? 'not-applied' : count === 1 ? 'applied' : 'wrong'
}
/** @param {any} imap @param {any} done */
const append = (imap, done) => imap.append(MESSAGE, { mailbox: 'Archive', flags: ['Seen'] }, done)
/** @param {number} left how many of three messages stay, when two are to be in the other mailbox @param {any} account */
const transferred = (left, account) => {
  const [here, there] = [bodies(account, 'INBOX').length, bodies(account, 'Archive').length]
  if (here === 3 && there === 0) return 'not-applied'
  return here === left && there === 2 ? 'applied' : 'wrong'
}

/** @type {Play[]} */
const PLAYS = [
  { name: 'APPEND', act: append, state: appended },
  { name: 'APPEND without LITERAL+', without: ['LITERAL+'], act: append, state: appended },
  {
    name: 'MOVE',
    prepare: deliver,
    act: (imap, done) => imap.move('1:2', 'Archive', done),
    state: account => transferred(1, account)
  },
  {
    name: 'COPY',
    prepare: deliver,
    act: (imap, done) => imap.copy([1, 2], 'Archive', done),
    state: account => transferred(3, account)
  },
  {
    name: 'STORE +FLAGS',
    prepare: deliver,
    act: (imap, done) => imap.addFlags('1:*', 'Flagged', done),
    state: flagged(({ flags }) => flags.has('\\Flagged'))
  },
  {
    name: 'STORE FLAGS',
    isOverwritten: true,
    prepare: deliver,
    act: (imap, done) => imap.setFlags('1:*', ['Flagged'], done),
    state: flagged(({ flags }) => flags.has('\\Flagged'))
  },
  {
    name: 'STORE UNCHANGEDSINCE',
    prepare: deliver,
    act: (imap, done) => imap.addKeywordsSince('1:*', 'x', imap._box.highestmodseq, done),
    state: flagged(({ flags }) => flags.has('x'))
  },
  {
    name: 'EXPUNGE',
    prepare: inbox => { deliver(inbox); for (const uid of [1, 3]) inbox.flag(uid, ['\\Deleted']) },
    act: (imap, done) => imap.expunge(done),
    state: account => {
      const uids = account.mailbox('INBOX').messages.map((/** @type {any} */ { uid }) => uid).join()
      return uids === '2' ? 'applied' : uids === '1,2,3' ? 'not-applied' : 'wrong'
    }
  }
]

/**
 * Plays a command on an account of its own and cuts it.
 * @param {Play} play
 * @param {keyof typeof MODES} mode
 * @param {Cut | null} cut
 */
async function playCut (play, mode, cut) {
  const capabilities = Server.CAPABILITIES.filter(name => !(play.without || []).includes(name))
  const user = [play.name, mode, cut && cut.direction, cut && cut.bytes].join(' ')
  const server = await Server.start({ accounts: { [user]: {} }, capabilities })
  if (play.prepare) play.prepare(server.inbox)
  const relay = await CuttingRelay.start(server.port)
  const imap = new Imap({ ...server.options, port: relay.port, reconnect: MODES[mode], keepalive: false })
  try {
    imap.on('error', () => {})
    const isClosed = closed(imap)
    imap.connect()
    await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
    await call(imap, 'openBox', 'INBOX')
    /** @type {any[][]} */
    const calls = []
    const answered = new Promise(resolve => {
      play.act(imap, (...values) => resolve(calls.push(values)))
      relay.arm(cut)
    })
    await within(PATIENCE_MS, answered, `${user}: the callback`)
    const passed = { ...relay.passed }
    const [error] = calls[0]
    const verdict = error && error.probe && mode === 'error' ? await error.probe() : undefined
    if (imap.state === 'authenticated') imap.end()
    else imap.destroy()
    await isClosed
    assert.equal(calls.length, 1, `${user}: called back ${calls.length} times`)
    // What it has got it has dealt with when its connections are over.
    await Promise.all(server.connections.map(connection => connection.ended))
    return { user, values: calls[0], verdict, state: play.state(server.account()), passed, cuts: relay.cuts }
  } finally {
    imap.destroy()
    relay.stop()
    await server.stop()
  }
}

/**
 * Plays it with a cut after every byte.
 * @param {Play} play
 * @param {keyof typeof MODES} mode
 */
async function everyByte (play, mode) {
  const whole = await playCut(play, mode, null)
  assert.equal(whole.state, 'applied', whole.user)
  assert.equal(whole.values[0], undefined)
  /** @type {Cut[]} */
  const cuts = []
  for (const direction of /** @type {const} */ (['up', 'down'])) {
    const count = whole.passed[direction]
    for (let bytes = 0; bytes < count; bytes++) {
      if (bytes % STRIDE === 0 || bytes < 3 || bytes > count - 4) cuts.push({ direction, bytes })
    }
  }
  /** @type {Awaited<ReturnType<typeof playCut>>[]} */
  const results = []
  const next = async () => {
    for (let cut = cuts.shift(); cut; cut = cuts.shift()) results.push(await playCut(play, mode, cut))
  }
  await Promise.all(Array.from({ length: ABREAST }, next))
  return { results, answer: whole.values }
}

/**
 * What a result is called in the table, after everything about it was checked.
 * @param {any} result
 * @param {any[]} answer what the callback gets without a cut
 */
function outcome ({ user, values: [error, ...rest], verdict, state, cuts }, answer) {
  assert.equal(cuts, 1, `${user}: cut once`)
  assert.notEqual(state, 'wrong', user)
  if (!error) {
    assert.equal(state, 'applied', `${user}: a false success`)
    // Also what is proven has the UIDs of the answer, and no message was left alone without a reason.
    assert.deepEqual([undefined, ...rest].map(String), answer.map(String), user)
    return 'done'
  }
  if (error.outcome !== undefined && error.outcome !== 'unknown') assert.equal(error.outcome, state, user)
  if (verdict !== undefined && verdict !== 'unknown') assert.equal(verdict, state, `${user}: probe()`)
  if (error.code === 'EOUTCOMEUNKNOWN') {
    assert.equal(error.wire, 'sent', user)
    assert.equal(typeof error.verb, 'string')
    assert.equal(typeof error.mailbox, 'string')
  } else {
    assert.equal(error.code, 'ECONNLOST', user)
  }
  return [error.code, error.outcome, verdict && `probe() ${verdict}`].filter(Boolean).join(', ')
}

for (const play of PLAYS) {
  for (const mode of /** @type {(keyof typeof MODES)[]} */ (Object.keys(MODES))) {
    test(`${play.name} cut after every byte, ${mode === 'off' ? 'without reconnect' : `onUnknown: ${mode}`}`, async t => {
      const { results, answer } = await everyByte(play, mode)
      /** @type {Record<string, number>} */
      const counts = {}
      for (const result of results) {
        const name = outcome(result, answer)
        counts[name] = (counts[name] || 0) + 1
      }
      t.diagnostic(`${results.length} cuts: ${JSON.stringify(counts)}`)
      const isProven = !('EOUTCOMEUNKNOWN, unknown' in counts)
      if (mode === 'probe') assert.equal(isProven, !play.isOverwritten)
    })
  }
}

/** A message of so many bytes, no two lines of which are the same. @param {number} size */
function large (size) {
  const lines = ['Subject: large\r\n\r\n']
  for (let length = lines[0].length, number = 0; length < size; number++) {
    const line = `${number} ${createHash('md5').update(`${number}`).digest('hex')}\r\n`
    lines.push(line)
    length += line.length
  }
  return Buffer.from(lines.join('').slice(0, size))
}

/** @param {Buffer} bytes */
const hashOf = bytes => createHash('sha256').update(bytes).digest('hex')

/**
 * A session with an open INBOX behind a relay.
 * @param {import('node:test').TestContext} t
 * @param {Buffer[]} messages
 */
async function behindRelay (t, messages) {
  const server = await Server.start()
  t.after(() => server.stop())
  for (const message of messages) server.inbox.deliver(message)
  const relay = await CuttingRelay.start(server.port)
  t.after(() => relay.stop())
  const imap = new Imap({ ...server.options, port: relay.port, reconnect: FAST, keepalive: false })
  t.after(() => imap.destroy())
  imap.connect()
  await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
  await call(imap, 'openBox', 'INBOX')
  // The names of the messages are asked for after it.
  await call(imap, 'search', ['ALL'])
  return { server, relay, imap }
}

/**
 * Fetches, and gives what came of each message.
 * @param {any} source
 * @param {any} set
 * @param {object} options
 * @param {(stream: any) => Promise<Buffer>} [read]
 */
function fetchAll (source, set, options, read = readAll) {
  /** @type {{ seqno: number, hashes: Promise<string>[], uid?: number, flags?: string[] }[]} */
  const messages = []
  const fetch = source.fetch(set, options)
  return within(PATIENCE_MS, new Promise((resolve, reject) => {
    fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
      /** @type {any} */
      const got = { seqno, hashes: [], ends: 0 }
      messages.push(got)
      message.on('body', (/** @type {any} */ stream) => got.hashes.push(read(stream).then(hashOf)))
      message.on('attributes', (/** @type {any} */ { uid, flags }) => {
        // What is recent is so for one connection only.
        Object.assign(got, { uid, flags: flags.filter((/** @type {string} */ flag) => flag !== '\\Recent') })
      })
      message.on('end', () => got.ends++)
    })
    fetch.once('error', reject)
    fetch.once('end', () => resolve(Promise.all(messages.map(async ({ hashes, ...rest }) => {
      return { ...rest, hashes: await Promise.all(hashes) }
    }))))
  }), 'the fetch')
}

/** @param {any} stream */
async function readAll (stream) {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

for (const [name, target] of /** @type {const} */ ([['by UID', 'uid'], ['by number', 'seq']])) {
  test(`a fetch ${name} cut anywhere brings every message once and whole`, async t => {
    // The second one is all header.
    const messages = [large(1500), large(18), large(4000)]
    const { relay, imap } = await behindRelay(t, messages)
    const fetch = () => fetchAll(target === 'seq' ? imap.seq : imap, '1:*', { bodies: ['', 'HEADER'] })
    relay.arm()
    const whole = await fetch()
    // Messages are recent for the first connection only, which makes its answer longer.
    relay.snap()
    await within(PATIENCE_MS, once(imap, 'reconnected'), 'reconnected')
    relay.arm()
    await fetch()
    const expected = messages.map((message, index) => ({
      seqno: index + 1, ends: 1, uid: index + 1, flags: [],
      hashes: [hashOf(message), hashOf(large(18))]
    }))
    assert.deepEqual(whole, expected)
    const total = relay.passed.down
    let cuts = 0
    for (let bytes = 0; bytes < total; bytes += process.env.EVERY_BYTE ? 1 : 53) {
      relay.arm({ direction: 'down', bytes })
      const got = await fetch()
      assert.deepEqual(got, expected, `cut after ${bytes} bytes`)
      cuts++
    }
    assert.equal(relay.cuts, cuts + 1)
    t.diagnostic(`${cuts} cuts in ${total} bytes: each message once, and each body equal to what the server has`)
  })
}

test('a large body goes on over many connections, to a slow reader and within its window', async t => {
  const message = large(6 * 1024 * 1024)
  const { relay, imap } = await behindRelay(t, [message])
  // Counted from when the program hears of the new connection, which brings bytes by then already.
  const cut = () => relay.arm({ direction: 'down', bytes: 500_000 })
  imap.on('reconnected', cut)
  cut()
  let passed = 0
  const slow = async (/** @type {any} */ stream) => {
    const hash = createHash('sha256')
    await pipeline(stream, new Writable({
      write (chunk, encoding, done) {
        passed += chunk.length
        hash.update(chunk)
        assert.ok(stream.readableLength < 3 * 1024 * 1024, `${stream.readableLength} bytes wait`)
        // It is slow with bytes, not with pieces: BYTEWISE=1 makes one of each byte.
        if (chunk.length < 1024) setImmediate(done)
        else setTimeout(done, 2)
      }
    }))
    return hash.digest()
  }
  const [{ hashes, ends }] = await fetchAll(imap, 1, { bodies: '', markSeen: true }, slow)
  assert.equal(passed, message.length)
  assert.deepEqual(hashes, [hashOf(createHash('sha256').update(message).digest())])
  assert.equal(ends, 1)
  assert.ok(relay.cuts >= 8, `${relay.cuts} cuts`)
  const [{ flags }] = await fetchAll(imap, 1, {})
  assert.ok(flags.includes('\\Seen'))
  t.diagnostic(`${message.length} bytes over ${relay.cuts + 1} connections`)
})

test('a message that is another one after the cut ends its stream with EBODYCHANGED, and no other', async t => {
  const { server, relay, imap } = await behindRelay(t, [large(4000), large(300)])
  relay.arm({ direction: 'down', bytes: 2000 })
  const fetch = imap.fetch('1:*', { bodies: '' })
  /** @type {any[]} */
  const errors = []
  /** @type {number[]} */
  const sizes = []
  fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream) => {
    stream.on('error', (/** @type {any} */ error) => errors.push(error.code))
    stream.on('end', () => sizes.push(stream.size))
    stream.resume()
  }))
  imap.once('disconnected', () => {
    const [first] = server.inbox.messages
    Object.assign(first, { raw: Buffer.concat([first.raw, Buffer.from('more')]), parsed: undefined })
  })
  await within(PATIENCE_MS, once(fetch, 'end'), 'end')
  assert.deepEqual(errors, ['EBODYCHANGED'])
  assert.equal(sizes.length, 1)
})

test('a body that nobody wants any more is not asked for again', async t => {
  const { server, relay, imap } = await behindRelay(t, [large(4000), large(300)])
  relay.arm({ direction: 'down', bytes: 2000 })
  const fetch = imap.fetch('1:*', { bodies: '' })
  fetch.on('message', (/** @type {any} */ message) => message.once('body', (/** @type {any} */ stream) => stream.destroy()))
  await within(PATIENCE_MS, once(fetch, 'end'), 'end')
  assert.equal(relay.cuts, 1)
  assert.ok(!server.lines.some(line => /BODY\.PEEK\[\]<\d/.test(String(line))), server.lines.join('\n'))
})

test('MOVE that was done for half of its messages is told as partial', async t => {
  const { server, relay, imap } = await behindRelay(t, [1, 2, 3].map(number => Buffer.from(`Message-ID: <${number}@x>\r\n\r\n`)))
  imap._config.reconnect = MODES.probe
  server.fault({ on: /UID MOVE/, do: 'cut' })
  imap.once('disconnected', () => {
    const archive = server.account().mailbox('Archive')
    const { raw, date } = server.inbox.message(1)
    archive.deliver(raw, { date })
    server.inbox.expunge(1)
  })
  const error = await call(imap, 'move', '1:3', 'Archive').catch(error => error)
  assert.equal(error.code, 'EOUTCOMEUNKNOWN')
  assert.deepEqual([error.outcome, error.moved, error.left], ['partial', [1], [2, 3]])
  assert.deepEqual([error.verb, error.mailbox, error.wire], ['MOVE', 'Archive', 'sent'])
  assert.equal(relay.cuts, 0)
})

test('what became of a command is looked for where it was sent, whatever the type of the name', async t => {
  for (const name of [2024, 20.24, 2024n, true, ['20', 24], { toString: () => '2024' }]) {
    const user = `${typeof name} ${String(name)}`
    const server = await Server.start({ accounts: { [user]: { mailboxes: ['INBOX', String(name)] } } })
    t.after(() => server.stop())
    const imap = new Imap({ ...server.options, reconnect: FAST, keepalive: false })
    t.after(() => imap.destroy())
    imap.connect()
    await within(PATIENCE_MS, once(imap, 'ready'), 'ready')
    await call(imap, 'openBox', 'INBOX')
    const lost = (/** @type {RegExp} */ on, /** @type {string} */ method, /** @type {any[]} */ ...args) => {
      server.fault({ on, when: 'executed', do: 'cut' })
      return call(imap, method, ...args).catch(error => error)
    }
    const appended = await lost(/APPEND/, 'append', MESSAGE, { mailbox: name })
    assert.deepEqual([appended.code, appended.mailbox], ['EOUTCOMEUNKNOWN', String(name)])
    assert.equal(await appended.probe(), 'applied')
    const renamed = await lost(/RENAME/, 'renameBox', name, 'new')
    assert.deepEqual([renamed.code, renamed.mailbox], ['EOUTCOMEUNKNOWN', String(name)])
    assert.equal(await renamed.probe(), 'applied')
  }
})

test('a command whose outcome is being found out is told when the session ends', async t => {
  const { server, imap } = await behindRelay(t, [])
  imap._config.reconnect = MODES.probe
  server.fault({ on: /APPEND/, when: 'executed', do: 'cut' })
  const answered = call(imap, 'append', MESSAGE, { mailbox: 'Archive' }).catch(error => error)
  await within(PATIENCE_MS, once(imap, 'disconnected'), 'disconnected')
  const isClosed = closed(imap)
  imap.destroy()
  const error = await answered
  assert.equal(error.code, 'EOUTCOMEUNKNOWN')
  assert.equal(typeof error.probe, 'function')
  await isClosed
  assert.equal(await error.probe(), 'applied')
})
