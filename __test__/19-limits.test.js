// @ts-check
'use strict'

// The option `limits` (resilience X10): over a limit only the response or the connection fails, with
// an error that says which option it was.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { answer, call, closed, connected, fetched, login, opened, recorded, session, tracing } = require('./support')
const Imap = require('./imap')

/** @param {any} error @param {string} option */
function assertLimit (error, option) {
  assert.equal(error.code, 'ELIMIT')
  assert.equal(error.source, 'protocol')
  assert.match(error.message, /^The server sent /)
  assert.equal(error.advice, `The option \`limits.${option}\` sets this limit.`)
}

test('what is too long to read on ends the connection', async (t) => {
  const long = 'x'.repeat(3000)
  for (const [option, line] of [
    ['lineBytes', `* OK ${long}`],
    ['literalBytes', '* LIST () "/" {2000}'],
    ['responseBytes', `* LIST () "/" {2000}\\r\\n${long.slice(0, 2000)} {2000}`]
  ]) {
    const { imap } = await session(t, `C: A3 CREATE "x"\nS+: ${line}\\r\\n`, { options: { limits: { [option]: 1500 } } })
    const events = recorded(imap)
    const lost = answer(imap, 'addBox', 'x')
    await closed(imap)
    assert.deepEqual(events.map(([name]) => name), ['error', 'end', 'close'])
    assertLimit(events[0][1], option)
    assert.equal((await lost).values[0].code, 'ECONNLOST')
  }
})

test('an answer that is too large fails its command, and the connection goes on', async (t) => {
  const { imap } = await opened(t, `
    C: A4 UID SEARCH ALL
    S: * SEARCH 1 2 3 4 5 6
    S: * SEARCH 7 8
    S: A4 OK done
    C: A5 UID SEARCH ALL
    S: * SEARCH 1 2 3 4 5 6
    S: * SEARCH 7 8 9
    S: A5 OK done
    C: A6 LIST "" "*"
    S: * LIST (((((\\A))))) "/" "x"
    S: * LIST () "/" "y"
    S: A6 OK done
    C: A7 CREATE "x"
    S: * LIST (((((\\A))))) "/" "x"
    S: A7 OK done
    C: A8 LIST "" "*"
    S: * LIST () "/" "${'x'.repeat(800)}"
    S: * LIST () "/" "${'y'.repeat(800)}"
    S: A8 OK done
    C: A9 NOOP
  `, { options: { limits: { items: 10, depth: 4, responseBytes: 1500 } } })
  assert.deepEqual(await call(imap, 'search', ['ALL']), [1, 2, 3, 4, 5, 6])
  for (const [method, args, option] of /** @type {[string, any[], string][]} */ ([
    ['search', [['ALL']], 'items'],
    ['getBoxes', [], 'depth'],
    ['addBox', ['x'], ''],
    ['getBoxes', [], 'responseBytes']
  ])) {
    const { values: [error] } = await answer(imap, method, ...args)
    if (option) assertLimit(error, option)
    // Whatever else the server says: this command was done.
    else assert.equal(error, undefined)
  }
  assert.equal(imap.state, 'authenticated')
})

test('a message that is too deep fails the fetch; the others come, and so does its body', async (t) => {
  const deep = '('.repeat(20) + '"TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1' + ')'.repeat(20)
  const flat = '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)'
  const large = 'x'.repeat(5000)
  const { imap } = await opened(t, `
    C: /^A4 UID FETCH/
    S: * 1 FETCH (UID 1 BODYSTRUCTURE ${flat} BODY[TEXT] {5000}
    S+: ${large}
    S: )
    S: * 2 FETCH (UID 2 BODYSTRUCTURE ${deep} BODY[TEXT] {5000}
    S+: ${large}
    S: )
    S: * 3 FETCH (UID 3 BODYSTRUCTURE ${flat} BODY[TEXT] {5000}
    S+: ${large}
    S: )
    S: A4 OK done
  `, { options: { limits: { depth: 10, literalBytes: 2000, responseBytes: 4000 } } })
  const fetch = imap.fetch('1:3', { bodies: 'TEXT', struct: true })
  /** @type {any} */
  let failure
  fetch.on('error', (/** @type {any} */ error) => { failure = error })
  const seen = []
  fetch.on('message', (/** @type {any} */ message, /** @type {number} */ seqno) => {
    seen.push(seqno)
    message.on('body', (/** @type {any} */ stream) => stream.resume())
  })
  await new Promise((resolve) => fetch.once('end', resolve))
  assertLimit(failure, 'depth')
  assert.deepEqual(seen, [1, 3])
  assert.equal(imap.state, 'authenticated')
})

test('messages that never become complete do not fill the memory', async (t) => {
  const lines = Array.from({ length: 100 }, (_, n) => `S: * ${n + 1} FETCH (UID ${n + 1} X "${'x'.repeat(100)}")`)
  const { imap } = await opened(t, `C: /^A4 UID FETCH/\n${lines.join('\n')}\nS: A4 OK done`,
    { options: { limits: { responseBytes: 5000 } } })
  const events = recorded(imap)
  const fetch = imap.fetch('1:*', { bodies: 'TEXT', envelope: true })
  fetch.on('error', () => {})
  await closed(imap)
  assertLimit(events[0][1], 'responseBytes')
})

test('lists as deep as the option can allow do not overflow', async (t) => {
  const deep = '("A" '.repeat(197) + '"B"' + ')'.repeat(197)
  const { imap } = await opened(t, `
    C: /^A4 UID FETCH/
    S: * 1 FETCH (UID 1 BODYSTRUCTURE ${deep} X-DEEP ${deep})
    S: * 2 FETCH (UID 2 BODYSTRUCTURE ${'('.repeat(190)}"TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)${' "MIXED")'.repeat(189)})
    S: A4 OK [X ${'('.repeat(10000)}] done
    C: A5 CREATE "x"
    S: A5 NO [X ${'('.repeat(10000)}] no
  `, { options: { limits: { depth: 200 } } })
  const messages = await fetched(imap.fetch('1:2', { struct: true, extensions: ['X-DEEP'] }))
  assert.deepEqual(messages.map(({ seqno }) => seqno), [1, 2])
  let depth = 0
  for (let parts = messages[1].attributes.struct; Array.isArray(parts); parts = parts.at(-1)) depth++
  assert.equal(depth, 190)
  assert.equal((await answer(imap, 'addBox', 'x')).values[0].type, 'no')
})

test('nonsense in limits is refused by name, by the constructor and by connect()', () => {
  for (const [limits, option, text] of /** @type {[any, string, RegExp][]} */ ([
    [5, 'limits', /is 5; expected an object/],
    [{ bytes: 5 }, 'limits.bytes', /expected one of `responseBytes`, `lineBytes`/],
    [{ lineBytes: 5 }, 'limits.lineBytes', /from 1024 to 268435455/],
    [{ items: -1 }, 'limits.items', /a whole number of values from 1/],
    [{ depth: 1000 }, 'limits.depth', /from 1 to 200/]
  ])) {
    const imap = new Imap({ host: '127.0.0.1', port: 1 })
    imap._config.limits = limits
    for (const work of [() => new Imap({ limits }), () => imap.connect()]) {
      assert.throws(work, (/** @type {any} */ error) => {
        assert.equal(error.option, option)
        assert.match(error.message, text)
        return true
      })
    }
  }
})

test('with reconnect, a command whose answer is too long to read on is not sent again', async (t) => {
  const first = `${login()}
    C: /^A3 SELECT/
    S: A3 OK [READ-WRITE] done
    C: A4 UID SEARCH ALL
    S: * SEARCH ${'1 '.repeat(1000)}`
  const second = `${login()}
    C: /^A3 SELECT/
    S: A3 OK [READ-WRITE] done
    C: A4 UID SEARCH SEEN
    S: * SEARCH 7
    S: A4 OK done`
  const server = await tracing(t, [first, second])
  const imap = await connected({ ...server.options, keepalive: false, reconnect: { baseMs: 1, capMs: 1 }, limits: { lineBytes: 1500 } })
  t.after(() => imap.destroy())
  await call(imap, 'openBox', 'INBOX')
  const all = answer(imap, 'search', ['ALL'])
  const seen = answer(imap, 'search', ['SEEN'])
  assert.equal((await all).values[0].code, 'ELIMIT')
  assert.match((await all).values[0].message, /\(The server sent a line of more than 1500 bytes\)$/)
  assert.deepEqual((await seen).values, [undefined, [7]])
})
