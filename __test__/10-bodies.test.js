// @ts-check
'use strict'

// Bodies: in which order their events come, what becomes of those that nobody reads, and every form
// in which servers send them (contract section 5, Q-13, Q-17 to Q-21, Q-28 to Q-30, Q-43, Q-80).

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const { PassThrough, Writable } = require('node:stream')
const test = require('node:test')
const { Server } = require('./server')
const { ready, soon } = require('./watch')

const LOGIN = `
  S: * PREAUTH hello
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1
  S: A0 OK done
  C: A1 LIST "" ""
  S: A1 OK done
  C: A2 SELECT "INBOX"
  S: * 9 EXISTS
  S: A2 OK done
`
const DATE = 'INTERNALDATE "01-Jan-2020 00:00:00 +0000"'

/** @type {Record<string, (stream: any, done: (bytes?: Buffer) => void) => void>} */
const CONSUMERS = {
  data (stream, done) {
    /** @type {Buffer[]} */
    const chunks = []
    stream.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk))
    stream.on('end', () => done(Buffer.concat(chunks)))
  },
  pipe (stream, done) {
    /** @type {Buffer[]} */
    const chunks = []
    stream.pipe(new Writable({
      write (chunk, _, next) {
        chunks.push(chunk)
        next()
      }
    }))
    stream.on('end', () => done(Buffer.concat(chunks)))
  },
  'pipe to a sink that takes its time' (stream, done) {
    stream.pipe(new Writable({
      write (_, __, next) {
        setImmediate(next)
      }
    }))
    // What the sink has in hand does not count here.
    stream.on('end', () => done(undefined))
  },
  async iteration (stream, done) {
    /** @type {Buffer[]} */
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    done(Buffer.concat(chunks))
  },
  readable (stream, done) {
    /** @type {Buffer[]} */
    const chunks = []
    stream.on('readable', () => { for (let chunk; (chunk = stream.read()) !== null;) chunks.push(chunk) })
    stream.on('end', () => done(Buffer.concat(chunks)))
  }
}

/**
 * Notes every event of a fetch.
 * @param {any} fetch
 * @param {(stream: any, done: (bytes?: Buffer) => void) => void} consume
 */
async function notesOf (fetch, consume) {
  /** @type {string[]} */
  const notes = []
  /** @type {Record<string, string>} */
  const texts = {}
  /** @type {Record<number, any>} */
  const attributes = {}
  fetch.on('error', () => notes.push('error'))
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    notes.push(`message ${seqno}`)
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      assert.deepEqual(Object.keys(info), ['seqno', 'which', 'size'])
      notes.push(`body ${seqno} ${info.which}`)
      consume(stream, (bytes) => {
        notes.push(`body end ${seqno} ${info.which}`)
        if (bytes) assert.equal(bytes.length, info.size)
        texts[`${seqno} ${info.which}`] = bytes && bytes.toString('latin1')
      })
    })
    message.on('attributes', (/** @type {any} */ attrs) => {
      notes.push(`attributes ${seqno}`)
      attributes[seqno] = attrs
    })
    message.on('end', () => notes.push(`end ${seqno}`))
  })
  await soon(fetch, 'end')
  notes.push('end')
  return { notes, texts, attributes }
}

/**
 * Plays one FETCH.
 * @param {any} t
 * @param {string[]} answer lines, one character a byte; CRLF is added
 * @param {object} options of fetch
 * @param {{ consume?: (stream: any, done: (bytes?: Buffer) => void) => void, split?: any, seed?: number, set?: any, uid?: boolean }} [more]
 */
async function fetching (t, answer, options, { consume = CONSUMERS.data, split, seed, set = '1:*', uid = false } = {}) {
  const bytes = answer.map((line) => `S+: ${`${line}\r\n`.replace(/[^ !-[\]-~]/g, escaped)}`)
  const server = await Server.trace(`${LOGIN}\nC: /^A3 (UID )?FETCH/\n${bytes.join('\n')}\nS: A3 OK done`, { split, seed })
  try {
    const watched = await ready({ ...server.options, keepalive: false }, 'INBOX')
    const { connection, errors } = watched
    /** @type {any[]} */
    const updates = []
    connection.on('update', (/** @type {number} */ seqno, /** @type {any} */ info) => updates.push([seqno, info]))
    const result = await notesOf((uid ? connection : connection.seq).fetch(set, options), consume)
    assert.deepEqual(errors, [])
    const closed = soon(connection, 'close')
    connection.destroy()
    await closed
    return { ...result, updates }
  } finally {
    await server.stop()
  }
}

/** @param {string} char */
function escaped (char) {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
}

/** Whether the events stand in the order that programs are built on (contract section 5.2). @param {string[]} notes */
function assertOrder (notes) {
  for (const note of notes) {
    const [, seqno] = /^body end (\d+)/.exec(note) || []
    if (seqno) assert.ok(notes.indexOf(note) < notes.indexOf(`attributes ${seqno}`), `${note} too late: ${notes}`)
  }
  for (const [at, note] of notes.entries()) {
    const [, seqno] = /^message (\d+)/.exec(note) || []
    if (!seqno) continue
    const end = notes.indexOf(`end ${seqno}`)
    assert.ok(end > at && notes[end - 1] === `attributes ${seqno}`, `message ${seqno}: ${notes}`)
    assert.ok(!notes.slice(end).some((later) => later.startsWith(`body ${seqno} `)), String(notes))
  }
  assert.equal(notes.at(-1), 'end')
}

for (const [name, consume] of Object.entries(CONSUMERS)) {
  test(`a stream ends before its message, and all before the fetch: ${name} (Q-20)`, async (t) => {
    let seed = 1
    for (const size of [0, 1, 1000, 70_000, 1_300_000]) {
      for (const bodies of [['TEXT'], ['HEADER', 'TEXT', '1']]) {
        for (const messages of [1, 3]) {
          for (const split of size > 1000 ? [5000, undefined] : [1, 'random', undefined]) {
            if (split && size > 100_000) continue
            const answer = []
            for (let seqno = 1; seqno <= messages; seqno++) {
              const parts = bodies.map((which) => `BODY[${which}] {${size}}\r\n${'x'.repeat(size)}`)
              answer.push(`* ${seqno} FETCH (UID ${seqno} FLAGS () ${DATE} ${parts.join(' ')})`)
            }
            const { notes, texts } = await fetching(t, answer, { bodies }, { consume, split, seed: seed++ })
            assertOrder(notes)
            assert.equal(Object.keys(texts).length, bodies.length * messages, String(notes))
            assert.ok(Object.values(texts).every((text) => text === undefined || text === 'x'.repeat(size)))
          }
        }
      }
    }
  })
}

test('a body piped into what is never read does not hold up the events for long', async (t) => {
  const { notes } = await fetching(t, [`* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[] {100000}\r\n${'x'.repeat(100_000)})`], { bodies: '' },
    { consume: (stream) => stream.pipe(new PassThrough()) })
  assert.deepEqual(notes, ['message 1', 'body 1 ', 'attributes 1', 'end 1', 'end'])
})

test('a reader that is late does not hold up the events', async (t) => {
  /** @type {any[]} */
  const streams = []
  const { notes } = await fetching(t, [`* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[] {5}\r\nhello)`], { bodies: '' },
    { consume: (stream) => streams.push(stream), split: 1 })
  assert.deepEqual(notes, ['message 1', 'body 1 ', 'attributes 1', 'end 1', 'end'])
  /** @type {Buffer[]} */
  const chunks = []
  for await (const chunk of streams[0]) chunks.push(chunk)
  assert.equal(Buffer.concat(chunks).toString(), 'hello')
})

const FORMS = /** @type {[string, string[], any, Record<string, string>][]} */ ([
  ['an empty literal (Q-13)', [`* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[TEXT] {0}\r\n)`], 'TEXT', { '1 TEXT': '' }],
  ['NIL (Q-28)', [`* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[TEXT] NIL)`], 'TEXT', { '1 TEXT': '' }],
  ['quoted, empty', [`* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[TEXT] "")`], 'TEXT', { '1 TEXT': '' }],
  ['quoted', [`* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[TEXT] "a \\"b\\" \\\\ )")`], 'TEXT', { '1 TEXT': 'a "b" \\ )' }],
  ['quoted and literal in one line (Q-30)', [`* 1 FETCH (UID 1 BODY[HEADER] "S: x" FLAGS () ${DATE} BODY[TEXT] {5}\r\na\r\n)b)`],
    ['HEADER', 'TEXT'], { '1 HEADER': 'S: x', '1 TEXT': 'a\r\n)b' }],
  ['literal and quoted in one line', [`* 1 FETCH (UID 1 BODY[TEXT] {3}\r\nabc BODY[HEADER] "S: x" FLAGS () ${DATE})`],
    ['HEADER', 'TEXT'], { '1 HEADER': 'S: x', '1 TEXT': 'abc' }],
  ['a part from an offset (Q-29)', [`* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[TEXT]<0> {3}\r\nabc)`], 'TEXT', { '1 TEXT': 'abc' }],
  ['another case and order of fields (Q-18)', [`* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[header.fields ("TO" "From")] {3}\r\nabc)`],
    'HEADER.FIELDS (FROM TO)', { '1 header.fields ("TO" "From")': 'abc' }],
  ['the attributes first, the body in a line of its own (Q-43)',
    [`* 1 FETCH (UID 1 FLAGS () ${DATE})`, '* 1 FETCH (BODY[TEXT] {3}\r\nabc)'], 'TEXT', { '1 TEXT': 'abc' }],
  ['each item in a line of its own', ['* 1 FETCH (BODY[TEXT] {3}\r\nabc)', `* 1 FETCH (${DATE})`, '* 1 FETCH (UID 1)', '* 1 FETCH (FLAGS ())'],
    'TEXT', { '1 TEXT': 'abc' }],
  ['sent twice (Q-80)', [`* 1 FETCH (UID 1 BODY[TEXT] {3}\r\nabc BODY[TEXT] {3}\r\ndef FLAGS () ${DATE})`], 'TEXT', { '1 TEXT': 'abc' }],
  ['asked for twice (Q-80)', [`* 1 FETCH (UID 1 BODY[TEXT] {3}\r\nabc FLAGS () ${DATE})`], ['TEXT', 'TEXT'], { '1 TEXT': 'abc' }],
  ['not asked for', [`* 1 FETCH (UID 1 BODY[1] {3}\r\nabc BODY[TEXT] {3}\r\ndef FLAGS () ${DATE})`], 'TEXT', { '1 TEXT': 'def' }],
  ['octets of every kind', [`* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[TEXT] {9}\r\n\0\xff\xfe\r\n* )\r)`], 'TEXT', { '1 TEXT': '\0\xff\xfe\r\n* )\r' }],
  ['an item that never comes (Q-17)', ['* 1 FETCH (UID 1 BODY[TEXT] {3}\r\nabc)'], 'TEXT', { '1 TEXT': 'abc' }],
  ['nothing but the body', ['* 1 FETCH (BODY[TEXT] {3}\r\nabc)'], 'TEXT', { '1 TEXT': 'abc' }],
  ['lower-case words', [`* 1 fetch (uid 1 flags () ${DATE.toLowerCase()} body[text] {3}\r\nabc)`], 'TEXT', { '1 text': 'abc' }]
])

for (const [name, answer, bodies, expected] of FORMS) {
  test(`a body: ${name}`, async (t) => {
    for (const split of [undefined, 1, 'random']) {
      const { notes, texts, attributes } = await fetching(t, answer, { bodies }, { split, seed: 7 })
      assert.deepEqual(texts, expected)
      assertOrder(notes)
      assert.equal(notes.filter((note) => note.startsWith('message')).length, 1, String(notes))
      if (!/Q-17|nothing but/.test(name)) {
        assert.equal(attributes[1].uid, 1)
        assert.deepEqual(attributes[1].flags, [])
        assert.equal(attributes[1].date.getTime(), Date.UTC(2020, 0, 1))
      }
    }
  })
}

test('news of a message during a FETCH are an update, no dead message (Q-19)', async (t) => {
  for (const split of [undefined, 1]) {
    const { notes, updates } = await fetching(t, [
      '* 7 FETCH (FLAGS (\\Seen))',
      `* 1 FETCH (UID 1 FLAGS () ${DATE} BODY[TEXT] {3}\r\nabc)`,
      '* 1 FETCH (FLAGS (\\Deleted))',
      '* 8 FETCH (FLAGS (a) UID 8)'
    ], { bodies: 'TEXT' }, { split, set: '1:2' })
    assert.deepEqual(notes, ['message 1', 'body 1 TEXT', 'body end 1 TEXT', 'attributes 1', 'end 1', 'end'])
    assert.deepEqual(updates, [[7, { flags: ['\\Seen'] }], [1, { flags: ['\\Deleted'] }], [8, { flags: ['a'], uid: 8 }]])
  }
})

// Dovecot says it after each FETCH that sets \Seen; mail-listener5 and Node-RED search at each update.
test('the new MODSEQ of a message that a FETCH is done with is no update (Q-19)', async (t) => {
  const { notes, updates } = await fetching(t, [
    `* 1 FETCH (UID 1 FLAGS (\\Seen) ${DATE} BODY[TEXT] {3}\r\nabc)`,
    '* 1 FETCH (MODSEQ (5))',
    '* 1 FETCH (UID 1 MODSEQ (6))',
    '* 1 FETCH (UID 1 FLAGS (a) MODSEQ (7))',
    '* 7 FETCH (MODSEQ (8))'
  ], { bodies: 'TEXT', markSeen: true }, { set: '1:2' })
  assert.deepEqual(notes, ['message 1', 'body 1 TEXT', 'body end 1 TEXT', 'attributes 1', 'end 1', 'end'])
  assert.deepEqual(updates, [[1, { uid: 1, flags: ['a'], modseq: '7' }], [7, { modseq: '8' }]])
})

/** @param {any} t @param {number} size */
async function large (t, size) {
  const server = await Server.start()
  t.after(() => server.stop())
  server.inbox.deliver(Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), Buffer.alloc(size, 'x')]))
  const { connection } = await ready(server.options, 'INBOX')
  t.after(() => connection.destroy())
  return { server, connection }
}

/** @param {any} connection @param {string} name */
function status (connection, name) {
  return new Promise((resolve, reject) => {
    connection.status(name, (/** @type {any} */ error, /** @type {any} */ box) => error ? reject(error) : resolve(box))
  })
}

test('a body that nobody listens to is discarded, and nothing of it stays (Q-21)', async (t) => {
  const { connection } = await large(t, 30_000_000)
  const link = connection._link()
  const before = process.memoryUsage().arrayBuffers
  const fetch = connection.seq.fetch(1, { bodies: '' })
  const order = /** @type {string[]} */ ([])
  fetch.on('message', (/** @type {any} */ message) => message.on('end', () => order.push('message end')))
  fetch.on('end', () => order.push('fetch end'))
  await status(connection, 'Archive')
  assert.deepEqual(order, ['message end', 'fetch end'])
  assert.equal(link.bodies.size, 0)
  assert.ok(process.memoryUsage().arrayBuffers - before < 16_000_000)
})

test('a body that is listened to but never read does not hold up the connection (Q-21)', async (t) => {
  const { connection } = await large(t, 10_000_000)
  /** @type {any} */
  let stream
  const fetch = connection.seq.fetch(1, { bodies: '' })
  fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ body) => { stream = body }))
  const ended = soon(fetch, 'end')
  await status(connection, 'Archive')
  await ended
  let bytes = 0
  for await (const chunk of stream) bytes += chunk.length
  assert.equal(bytes, 10_000_014)
})

test('bodies that are kept stay what they are, however they come', async (t) => {
  // What the core reads at once, and one more or less.
  const chunk = 256 * 1024
  const words = Array.from({ length: 110_000 }, (_, word) => String(word).padStart(8)).join('')
  const texts = [3 * chunk + 1000, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 100_000].map((size) => words.slice(-size))
  const answer = texts.map((text, at) => `* ${at + 1} FETCH (UID 1 FLAGS () ${DATE} BODY[TEXT] {${text.length}}\r\n${text})`)
  for (const split of [undefined, 1000, 100_000]) {
    const result = await fetching(t, answer, { bodies: 'TEXT' }, { split, consume: keep })
    assertOrder(result.notes)
    // By now, what the others were read into has been used again, if it ever is.
    for (const [at, text] of texts.entries()) assert.ok(String(kept[at]) === text, `${split} ${at}`)
    kept.length = 0
  }
})

/** @type {Buffer[]} */
const kept = []

/**
 * Keeps the chunks of each body as they are until all have come.
 * @param {any} stream
 * @param {() => void} done
 */
function keep (stream, done) {
  /** @type {any} */
  const chunks = []
  chunks.toString = () => Buffer.concat(chunks).toString('latin1')
  kept.push(chunks)
  stream.on('data', (/** @type {Buffer} */ chunk) => chunks.push(chunk))
  stream.on('end', () => done())
}

test('a body that is destroyed early does not hold up the connection, and nothing of it stays', async (t) => {
  const { connection } = await large(t, 10_000_000)
  const link = connection._link()
  for (const after of [0, 1, 100_000]) {
    let bytes = 0
    const fetch = connection.seq.fetch(1, { bodies: '' })
    fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream) => {
      if (after === 0) return stream.destroy()
      stream.on('data', (/** @type {Buffer} */ chunk) => {
        bytes += chunk.length
        if (bytes >= after) stream.destroy()
      })
    }))
    await soon(fetch, 'end')
    await status(connection, 'Archive')
    assert.ok(bytes < 9_000_000)
    assert.equal(link.bodies.size, 0)
  }
})

test('a paused body that is resumed after another command of the same connection (Q-21)', async (t) => {
  for (const style of ['pause', 'iteration']) {
    const { connection } = await large(t, 6_000_000)
    let bytes = 0
    let asked = false
    const fetch = connection.seq.fetch(1, { bodies: '' })
    const read = new Promise((resolve, reject) => {
      fetch.on('message', (/** @type {any} */ message) => message.on('body', async (/** @type {any} */ stream) => {
        if (style === 'pause') {
          stream.on('end', resolve)
          stream.on('data', (/** @type {Buffer} */ chunk) => {
            bytes += chunk.length
            if (asked) return
            asked = true
            stream.pause()
            status(connection, 'Archive').then(() => stream.resume(), reject)
          })
          return
        }
        for await (const chunk of stream) {
          bytes += chunk.length
          if (!asked) await status(connection, 'Archive')
          asked = true
        }
        resolve(undefined)
      }))
    })
    await read
    assert.equal(bytes, 6_000_014)
  }
})

test('50 MB with a slow reader take little memory', async (t) => {
  const server = await Server.start()
  t.after(() => server.stop())
  server.inbox.deliver(Buffer.alloc(1_000_000, 'y'))
  server.inbox.deliver(Buffer.alloc(50_000_000, 'x'))
  const program = `
    const fs = require('node:fs')
    const Imap = require(${JSON.stringify(require.resolve('./imap'))})
    const imap = new Imap(${JSON.stringify(server.options)})
    const read = (seqno, done) => {
      let bytes = 0
      const fetch = imap.seq.fetch(seqno, { bodies: '' })
      fetch.on('message', (message) => message.on('body', async (stream) => {
        for await (const chunk of stream) {
          bytes += chunk.length
          // A turn of the loop and more for each chunk: slower than the server.
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        done(bytes)
      }))
    }
    const memory = (name) => Number(new RegExp(name + ':\\\\s+(\\\\d+)').exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) / 1024
    imap.once('ready', () => imap.openBox('INBOX', () => read(1, () => {
      fs.writeFileSync('/proc/self/clear_refs', '5')
      const before = memory('VmRSS')
      read(2, (bytes) => {
        console.log(JSON.stringify({ bytes, growth: memory('VmHWM') - before }))
        imap.end()
      })
    })))
    imap.connect()
  `
  const output = await new Promise((resolve, reject) => {
    execFile(process.execPath, ['-e', program], { timeout: 60_000 }, (error, stdout) => error ? reject(error) : resolve(stdout))
  })
  const { bytes, growth } = JSON.parse(/** @type {string} */ (output))
  assert.equal(bytes, 50_000_000)
  assert.ok(growth < 32, `grew by ${growth} MB`)
})

test('messages that go during a UID FETCH do not take others with them', async (t) => {
  const server = await Server.trace(`${LOGIN}
    C: A3 UID FETCH 10:12 (UID FLAGS INTERNALDATE)
    S: * 1 FETCH (UID 10 FLAGS () ${DATE})
    S: * 1 EXPUNGE
    S: * 1 FETCH (UID 11 FLAGS () ${DATE})
    S: * 2 FETCH (UID 12 FLAGS () ${DATE})
    S: A3 OK done
  `)
  t.after(() => server.stop())
  const { connection } = await ready({ ...server.options, keepalive: false })
  t.after(() => connection.destroy())
  await new Promise((resolve) => connection.openBox('INBOX', resolve))
  /** @type {number[]} */
  const uids = []
  const fetch = connection.fetch('10:12')
  fetch.on('message', (/** @type {any} */ message) => {
    message.on('attributes', (/** @type {any} */ attributes) => uids.push(attributes.uid))
  })
  await soon(fetch, 'end')
  assert.deepEqual(uids, [10, 11, 12])
})
