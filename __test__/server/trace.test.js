'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { Server } = require('./index')
const { Wire } = require('./wire')

const DIALOGUE = `
  # a little session
  S: * OK ready
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1
  S: A0 OK done
  C: /^a1 login/i
  S: A1 OK in
`

async function played (t, script, options) {
  const server = await Server.trace(script, options)
  t.after(() => server.stop())
  return server
}

for (const split of [undefined, 1, 7, [3, 20], 'random']) {
  test(`a dialogue arrives whole, split ${split}`, async (t) => {
    const server = await played(t, DIALOGUE, { split, seed: 3 })
    const wire = await Wire.open(t, server)
    wire.send('A0 CAPABILITY\r\n')
    assert.match(await wire.until('A0 OK'), /\* CAPABILITY IMAP4rev1\r\nA0 OK done\r\n$/)
    wire.send('A1 LOGIN a b\r\n')
    await wire.until('A1 OK')
    await server.done()
    assert.deepEqual(server.lines, ['A0 CAPABILITY', 'A1 LOGIN a b'])
    assert.equal(wire.all, '* OK ready\r\n* CAPABILITY IMAP4rev1\r\nA0 OK done\r\nA1 OK in\r\n')
  })
}

test('split 1 makes every byte arrive alone', async (t) => {
  const server = await played(t, 'S: * OK ready', { split: 1 })
  const wire = await Wire.open(t, server)
  await wire.until('ready')
  assert.deepEqual(wire.chunks.map((chunk) => chunk.length), new Array('* OK ready\r\n'.length).fill(1))
})

for (const [how, script, last] of [['the next byte', 'S: * OK', '\n'], ['a reset', 'S: * OK\nX: reset', undefined]]) {
  test(`${how} waits until the client is done with what came before`, async (t) => {
    let done = 0
    const asked = []
    const intake = () => (bytes) => {
      asked.push(bytes)
      return done >= bytes
    }
    const server = await played(t, script, { intake, ...(last && { split: 1 }) })
    const wire = await Wire.open(t, server)
    const size = '* OK\r\n'.length
    for (done = last ? 0 : size - 1; done < size; done++) {
      // It asks for the byte that is on its way, again and again.
      while (asked.filter((bytes) => bytes === done + 1).length < 20) await new Promise(setImmediate)
      assert.equal(asked.at(-1), done + 1)
      assert.equal(wire.all.length, done + 1)
      assert.ok(!server.connections[0].closed)
    }
    if (last) return assert.ok(wire.all.endsWith(last))
    await server.connections[0].ended
  })
}

test('split offsets cut where they say', async (t) => {
  const server = await played(t, 'S: * OK ready', { split: [2, 4] })
  const wire = await Wire.open(t, server)
  await wire.until('ready')
  assert.deepEqual(wire.chunks.map(String), ['* ', 'OK', ' ready\r\n'])
})

test('another line is a mismatch with expected and actual, and the connection ends', async (t) => {
  const server = await played(t, 'S: * OK\nC: A0 NOOP')
  const wire = await Wire.open(t, server)
  wire.send('A0 LOGOUT\r\n')
  await assert.rejects(server.done(), { code: 'ERR_ASSERTION', expected: 'A0 NOOP', actual: 'A0 LOGOUT' })
  await wire.ended
})

test('a lenient trace takes another line, and answers with its tag', async (t) => {
  const server = await played(t, `${DIALOGUE.replace('/^a1 login/i', '/^A1 LOGIN/')}
    C: A2 CHECK
    S: A2 OK done`, { lenient: true })
  const wire = await Wire.open(t, server)
  wire.send('A0 CAPABILITY\r\n')
  await wire.until('A0 OK')
  wire.send('A7 AUTHENTICATE PLAIN x\r\n')
  await wire.until('A7 OK in')
  wire.send('A8 LOGOUT\r\n')
  await wire.until('A8 OK done')
  await server.done()
  assert.deepEqual(server.lines, ['A0 CAPABILITY', 'A7 AUTHENTICATE PLAIN x', 'A8 LOGOUT'])
})

test('a client that leaves early is a mismatch', async (t) => {
  const server = await played(t, 'S: * OK\nC: A0 NOOP')
  const wire = await Wire.open(t, server)
  wire.socket.end()
  await assert.rejects(server.done(), { expected: 'A0 NOOP', actual: 'the end of the connection' })
})

test('a trace that does not end says where it stands', async (t) => {
  const server = await played(t, ['S: * OK\nC: A0 NOOP', 'S: * OK'])
  await Wire.open(t, server)
  await assert.rejects(server.done({ timeout: 20 }), /trace 1: stands at line 2, "C: A0 NOOP"\n.*trace 2: no connection came/)
})

test('a connection too many is a mismatch', async (t) => {
  const server = await played(t, 'S: * OK\nC: A0 NOOP')
  await Wire.open(t, server)
  await Wire.open(t, server)
  await assert.rejects(server.done(), /connection 2 came, but there are 1 traces/)
})

test('literals are read by their size', async (t) => {
  const server = await played(t, `
    S: * OK
    C: A0 APPEND INBOX {7}
    S: + go
    C: one two
    S: A0 OK
    C: A1 APPEND INBOX {3}
    S: + go
    S: A1 OK
    C: A2 APPEND INBOX {3+}
    S: A2 OK
    C: A3 SEARCH SUBJECT {1}
    S: +
    C: x FROM {2}
    S: +
    C: yz
    S: A3 OK
  `)
  const wire = await Wire.open(t, server)
  wire.send('A0 APPEND INBOX {7}\r\n')
  await wire.until('+ go\r\n')
  wire.send('one two\r\n')
  await wire.until('A0 OK')
  wire.send('A1 APPEND INBOX {3}\r\n')
  await wire.until('+ go\r\n')
  wire.send('abc\r\n')
  await wire.until('A1 OK')
  wire.send('A2 APPEND INBOX {3+}\r\nabc\r\n')
  await wire.until('A2 OK')
  wire.send('A3 SEARCH SUBJECT {1}\r\n')
  await wire.until('+\r\n')
  wire.send('x FROM {2}\r\n')
  await wire.until('+\r\n')
  wire.send('yz\r\n')
  await wire.until('A3 OK')
  await server.done()
})

test('S+ sends bytes without a line end', async (t) => {
  const server = await played(t, 'S+: a\\r\\n\\x00\\xff\\u00e9\\\\')
  const wire = await Wire.open(t, server)
  await server.done()
  await wire.match(/\\$/)
  assert.deepEqual(Buffer.concat(wire.chunks), Buffer.from([97, 13, 10, 0, 255, 0xc3, 0xa9, 92]))
})

test('X: wait waits for its release', async (t) => {
  const server = await played(t, 'S: one\nX: wait go\nS: two')
  const wire = await Wire.open(t, server)
  await wire.until('one\r\n')
  await assert.rejects(server.done({ timeout: 20 }), /stands at line 2, "X: wait go"/)
  assert.equal(wire.all, 'one\r\n')
  server.release('go')
  await wire.until('two\r\n')
  await server.done()
})

test('X: cut, half-close and reset end in their own ways', async (t) => {
  const server = await played(t, ['S: bye\nX: cut', 'S: bye\nX: half-close\nC: A0 NOOP', 'S: bye\nX: reset'])
  const cut = await Wire.open(t, server)
  assert.equal(await cut.ended, undefined)
  assert.equal(cut.all, 'bye\r\n')
  const half = await Wire.open(t, server, { allowHalfOpen: true })
  await half.ended
  half.send('A0 NOOP\r\n')
  const reset = await Wire.open(t, server)
  assert.equal((await reset.ended).code, 'ECONNRESET')
  assert.equal(reset.all, 'bye\r\n')
  await server.done()
})

test('X: starttls goes on in TLS', async (t) => {
  const server = await played(t, 'S: * OK\nC: A0 STARTTLS\nS: A0 OK\nX: starttls\nC: A1 NOOP\nS: A1 OK secret')
  const wire = await Wire.open(t, server)
  wire.send('A0 STARTTLS\r\n')
  await wire.until('A0 OK\r\n')
  await wire.secure(server)
  wire.send('A1 NOOP\r\n')
  await wire.until('A1 OK secret')
  await server.done()
})

test('a script with an unknown line is refused with its number', () => {
  return assert.rejects(async () => Server.trace('S: * OK\nX: explode'), /trace, line 2: "X: explode"; expected/)
})
