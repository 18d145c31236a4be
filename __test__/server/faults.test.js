'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { PASSWORD } = require('../credentials')
const { Server } = require('./index')
const { Wire } = require('./wire')

const GREETING = '* OK hello\r\n'

async function serving (t, settings = {}) {
  const server = await Server.start({ greeting: GREETING.trim(), ...settings })
  t.after(() => server.stop())
  return server
}

for (const [deed, code] of [['cut', undefined], ['half-close', undefined], ['reset', 'ECONNRESET']]) {
  test(`${deed} now, on a line, and after exactly 4 bytes`, async (t) => {
    const server = await serving(t)
    const now = await Wire.open(t, server)
    await now.until(GREETING)
    server.fault({ do: deed })
    assert.equal((await now.ended)?.code, code)

    const fault = server.fault({ on: /^A1 NOOP/, do: deed })
    const line = await Wire.open(t, server)
    await line.until(GREETING)
    await line.ask('NOOP', 'A0')
    line.send('A1 NOOP\r\n')
    assert.equal((await line.ended)?.code, code)
    assert.doesNotMatch(line.all, /A1 OK/)
    await fault.fired
    assert.equal(fault.count, 1)

    server.fault({ bytes: 4, do: deed })
    const bytes = await Wire.open(t, server)
    assert.equal((await bytes.ended)?.code, code)
    assert.equal(bytes.all, '* OK')
  })
}

test('reset comes as a reset over TLS, too', async (t) => {
  const server = await serving(t, { tls: 'starttls' })
  const wire = await Wire.open(t, server)
  await wire.ask('STARTTLS')
  await wire.secure(server)
  await wire.ask('NOOP')
  server.fault({ do: 'reset' })
  assert.equal((await wire.ended).code, 'ECONNRESET')
})

test('a rule happens as often as it says, then no more', async (t) => {
  const server = await serving(t)
  const fault = server.fault({ on: /NOOP/, do: 'cut', times: 2 })
  for (const expected of ['cut', 'cut', 'answered']) {
    const wire = await Wire.open(t, server)
    await wire.until(GREETING)
    wire.send('A0 NOOP\r\n')
    const seen = await Promise.race([wire.ended.then(() => 'cut'), wire.until('A0 OK').then(() => 'answered', () => 'cut')])
    assert.equal(seen, expected)
  }
  assert.equal(fault.count, 2)
})

test('a canceled rule does not happen', async (t) => {
  const server = await serving(t)
  server.fault({ on: /NOOP/, do: 'cut' }).cancel()
  const wire = await Wire.open(t, server)
  assert.match(await wire.ask('NOOP', 'A0'), /A0 OK/)
})

test('a stalled connection answers after it resumes, not before', async (t) => {
  const server = await serving(t)
  const fault = server.fault({ on: /NOOP/, do: 'stall' })
  const wire = await Wire.open(t, server)
  await wire.until(GREETING)
  wire.send('A0 NOOP\r\n')
  const connection = await fault.fired
  const other = await Wire.open(t, server)
  await other.ask('NOOP') // the server is alive, and had time for the first one
  assert.equal(wire.all, GREETING)
  connection.resume()
  await wire.until('A0 OK')
})

test('APPEND breaks at each of its steps', async (t) => {
  const server = await serving(t)
  for (const [when, kept, answered] of [
    ['line', 0, false], ['command', 0, false], ['executed', 1, false], ['answered', 1, true]
  ]) {
    const before = server.inbox.messages.length
    server.fault({ on: /^A1 APPEND/, when, do: 'cut' })
    const wire = await Wire.open(t, server)
    await wire.ask(`LOGIN user ${PASSWORD}`, 'A0')
    wire.send('A1 APPEND INBOX {3+}\r\nabc\r\n')
    await wire.ended
    assert.equal(server.inbox.messages.length - before, kept, when)
    assert.equal(/A1 OK/.test(wire.all), answered, when)
  }
})

test('received: in the middle of a literal', async (t) => {
  const server = await serving(t)
  const text = `A0 LOGIN user ${PASSWORD}\r\nA1 APPEND INBOX {10+}\r\n`
  const fault = server.fault({ received: text.length + 4, do: 'reset' })
  const wire = await Wire.open(t, server)
  wire.send(text)
  await wire.until('A0 OK')
  assert.equal(fault.count, 0)
  wire.send('12345')
  assert.equal((await wire.ended).code, 'ECONNRESET')
})

test('garbage, bye, split, slow', async (t) => {
  const server = await serving(t)
  const wire = await Wire.open(t, server)
  await wire.until(GREETING)
  server.fault({ on: /NOOP/, do: { garbage: Buffer.from([0, 255]) } })
  wire.send('A0 NOOP\r\n')
  assert.equal(await wire.until('A0 OK'), '\0\xffA0 OK NOOP completed.\r\n')
  const from = wire.chunks.length
  server.fault({ do: { slow: 3 } })
  await wire.ask('NOOP', 'A1')
  assert.deepEqual(wire.chunks.slice(from).map(String), ['A1 ', 'OK ', 'NOO', 'P c', 'omp', 'let', 'ed.', '\r\n'])
  server.fault({ do: { split: 100 } })
  server.fault({ do: { bye: 'Server shutting down.' } })
  assert.equal(await wire.ended, undefined)
  assert.match(wire.all, /\* BYE Server shutting down\.\r\n$/)
})

test('on and bytes: in the middle of an answer', async (t) => {
  const server = await serving(t)
  server.inbox.deliver('0123456789')
  const wire = await Wire.open(t, server)
  await wire.ask(`LOGIN user ${PASSWORD}`)
  await wire.ask('SELECT INBOX')
  const answer = '* 1 FETCH (BODY[] {10}\r\n0123'
  server.fault({ on: /FETCH/, bytes: answer.length, do: 'reset' })
  wire.send('F FETCH 1 BODY.PEEK[]\r\n')
  assert.equal((await wire.ended).code, 'ECONNRESET')
  assert.ok(wire.all.endsWith(`Select completed.\r\n${answer}`), wire.all)
})

test('bytes count from the rule on a connection that lives already', async (t) => {
  const server = await serving(t)
  const wire = await Wire.open(t, server)
  await wire.until(GREETING)
  server.fault({ bytes: 3, do: 'cut' })
  wire.send('A0 NOOP\r\n')
  await wire.ended
  assert.equal(wire.all, GREETING + 'A0 ')
})

test('garbage at an exact byte is between the bytes', async (t) => {
  const server = await serving(t)
  server.fault({ bytes: 4, do: { garbage: 'XX' } })
  const wire = await Wire.open(t, server)
  await wire.until('\n')
  assert.equal(wire.all, '* OKXX hello\r\n')
})

test('connect: before the greeting', async (t) => {
  const server = await serving(t)
  server.fault({ on: 'connect', do: 'cut' })
  const wire = await Wire.open(t, server)
  await wire.ended
  assert.equal(wire.all, '')
})

test('refuse and accept again on the same port', async (t) => {
  const server = await serving(t)
  const { port } = server
  const wire = await Wire.open(t, server)
  await wire.until(GREETING)
  server.refuse()
  const refused = await new Promise((resolve) => {
    require('node:net').connect(port, server.host).once('error', resolve)
  })
  assert.equal(refused.code, 'ECONNREFUSED')
  await wire.ask('NOOP') // those that live go on
  wire.socket.destroy()
  await server.accept()
  assert.equal(server.port, port)
  await (await Wire.open(t, server)).until(GREETING)
})

test('an unknown deed is refused by name', async (t) => {
  const server = await serving(t)
  assert.throws(() => server.fault({ do: 'explode' }), /unknown "do": "explode"; expected one of cut, reset/)
})

test('an answer takes the place of a command, as often as it is wanted', async (t) => {
  const server = await serving(t)
  server.fault({ on: /^A\d+ LOGIN/, do: { answer: '* OK [ALERT] wait\r\nTAG NO [UNAVAILABLE] TAG is no tag here: TAGS' } })
  const wire = await Wire.open(t, server)
  await wire.until(GREETING)
  assert.equal(await wire.ask('LOGIN x y', 'A0'), '* OK [ALERT] wait\r\nA0 NO [UNAVAILABLE] A0 is no tag here: TAGS\r\n')
  assert.match(await wire.ask(`LOGIN user ${PASSWORD}`, 'A1'), /^A1 OK/)
})
