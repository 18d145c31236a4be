// @ts-check
'use strict'

// A server that dies in the middle, and a program that connects again: every callback is called
// once, every fetch and body ends, and `close` is the last word (contract ).

const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const { EventEmitter } = require('node:events')
const test = require('node:test')
const { handlers } = require('../src/js/events')
const { FetchRequest } = require('../src/js/fetch')
const { Link } = require('../src/js/link')
const { Counts } = require('../src/js/observe')
const { Socket } = require('../src/js/socket')
const { Server } = require('./server')
const { ready, soon, turn, watch } = require('./watch')

const BODY_BYTES = 300_000

/** @param {any} t @param {object} [settings] */
async function serving (t, settings) {
  const server = await Server.start(settings)
  t.after(() => server.stop())
  server.inbox.deliver(`Subject: large\n\n${'x'.repeat(BODY_BYTES)}`)
  server.inbox.deliver('Subject: small\n\nhello')
  return server
}

/**
 * A fetch whose first body is large, with commands behind it; notes all that is called.
 * @param {any} connection
 * @param {{ listen?: boolean, read?: boolean }} [options] whether `error` is listened to, whether bodies are read
 */
function busy (connection, { listen = true, read = true } = {}) {
  /** @type {string[]} */
  const notes = []
  /** @type {any[]} */
  const errors = []
  const fetch = connection.fetch('1:*', { bodies: '' })
  fetch.on('end', () => notes.push('fetch end'))
  if (listen) {
    fetch.on('error', (/** @type {any} */ error) => {
      notes.push('fetch error')
      errors.push(error)
    })
  }
  fetch.on('message', (/** @type {any} */ message) => {
    notes.push('message')
    message.on('body', (/** @type {any} */ stream) => {
      stream.on('close', () => notes.push('body close'))
      if (listen) {
        stream.on('error', (/** @type {any} */ error) => {
          notes.push('body error')
          errors.push(error)
        })
      }
      if (read) stream.resume()
    })
  })
  for (const name of ['first', 'second', 'third']) {
    connection.status('Archive', (/** @type {any} */ error) => {
      notes.push(name)
      errors.push(error)
    })
  }
  connection.on('close', () => notes.push('close'))
  return { notes, errors, fetch }
}

/** @type {[string, any][]} */
const DEATHS = [
  ['cut', 'cut'],
  ['reset', 'reset'],
  ['half-close', 'half-close'],
  ['BYE and FIN', { bye: 'shutting down' }]
]

for (const transport of [false, true, /** @type {'starttls'} */ ('starttls')]) {
  for (const [name, deed] of DEATHS) {
    for (const listen of [true, false]) {
      test(`${name} in the middle of a body, tls: ${transport}, ${listen ? 'listened to' : 'unheard'}`, async (t) => {
        const server = await serving(t, { tls: transport })
        // Commands that the server has not read when it closes would make a reset of its FIN.
        const { connection, events } = await ready({ ...server.options, pipeline: false }, 'INBOX')
        server.fault({ on: /FETCH/, bytes: 100_000, do: deed })
        const { notes, errors } = busy(connection, { listen })
        await soon(connection, 'close')
        await turn()
        const expected = listen
          ? ['message', 'fetch error', 'fetch end', 'first', 'second', 'third', 'body error', 'body close', 'close']
          : ['message', 'fetch end', 'first', 'second', 'third', 'body close', 'close']
        assert.deepEqual(notes, expected)
        assert.equal(new Set(errors).size, 1)
        assert.equal(errors[0].source, 'socket')
        assert.equal(errors[0].code, 'ECONNLOST')
        assert.match(errors[0].message, /before this command was answered$/)
        assert.equal(events.filter((event) => event.startsWith('close')).length, 1)
        assert.equal(events.filter((event) => event.startsWith('error')).length, deed === 'reset' ? 1 : 0)
        assert.equal(connection.state, 'disconnected')
      })
    }
  }
}

test('BYE without FIN: we close', async (t) => {
  const server = await serving(t)
  const { connection, events } = await ready(server.options, 'INBOX')
  const peer = await server.connection()
  server.fault({ on: /FETCH/, do: 'stall' })
  const { notes, errors } = busy(connection)
  await peer.line(/FETCH/)
  peer.raw.write('* BYE I am leaving, slowly\r\n')
  await soon(connection, 'close')
  assert.deepEqual(notes, ['fetch error', 'fetch end', 'first', 'second', 'third', 'close'])
  assert.match(errors[0].message, /I am leaving, slowly/)
  assert.deepEqual(events.slice(-2), ['end@disconnected', 'close(false)@disconnected'])
})

test('a stall ends with socketTimeout, in the middle of a body too', async (t) => {
  const server = await serving(t)
  const { connection, events } = await ready({ ...server.options, socketTimeout: 300 }, 'INBOX')
  server.fault({ on: /FETCH/, bytes: 100_000, do: 'stall' })
  const { notes } = busy(connection)
  await soon(connection, 'close')
  assert.deepEqual(notes, ['message', 'fetch error', 'fetch end', 'first', 'second', 'third', 'body error', 'body close', 'close'])
  assert.deepEqual(events.slice(-2), ['error@disconnected', 'close(false)@disconnected'])
})

test('socketTimeout does not run while it is the program that does not read', async (t) => {
  const server = await serving(t)
  server.inbox.deliver(`\n\n${'x'.repeat(8_000_000)}`)
  const { connection, events } = await ready({ ...server.options, socketTimeout: 1000 }, 'INBOX')
  const fetch = connection.seq.fetch(3, { bodies: '' })
  let bytes = 0
  let paused = false
  fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream) => {
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      bytes += chunk.length
      if (paused) return
      paused = true
      stream.pause()
      setTimeout(() => stream.resume(), 2500)
    })
  }))
  await soon(fetch, 'end')
  assert.equal(bytes, 8_000_004)
  assert.deepEqual(events.filter((event) => /error|close/.test(event)), [])
  connection.destroy()
  await soon(connection, 'close')
})

for (const how of /** @type {('destroy' | 'end')[]} */ (['destroy', 'end'])) {
  for (const [state, deed] of /** @type {[string, any][]} */ ([
    ['before the greeting', { on: 'connect', do: 'stall' }],
    ['in the login', { on: /LOGIN/, do: 'stall' }],
    ['in a fetch', { on: /FETCH/, bytes: 100_000, do: 'stall' }]
  ])) {
    test(`${how}() ${state} of a server that stalls`, async (t) => {
      const server = await serving(t)
      server.fault(deed)
      const watched = watch({ ...server.options, authTimeout: 60_000 })
      const { connection } = watched
      connection.connect()
      const peer = await server.connection()
      /** @type {ReturnType<typeof busy> | undefined} */
      let work
      if (state === 'in the login') await peer.line(/LOGIN/)
      if (state === 'in a fetch') {
        await soon(connection, 'ready')
        await new Promise((resolve) => connection.openBox('INBOX', resolve))
        work = busy(connection)
        await soon(work.fetch, 'message')
      }
      if (how === 'end' && state === 'in a fetch') {
        // It waits for its turn behind the fetch; destroy() after it does not.
        connection.end()
        connection.destroy()
      }
      const began = performance.now()
      connection[how]()
      connection[how]()
      await soon(connection, 'close')
      assert.ok(performance.now() - began < (how === 'destroy' ? 3000 : 8000))
      await turn()
      assert.deepEqual(watched.events.slice(-2), ['end@disconnected', 'close(false)@disconnected'])
      assert.equal(watched.events.filter((event) => event.startsWith('close')).length, 1)
      if (work) assert.deepEqual(work.notes.slice(-7), ['fetch error', 'fetch end', 'first', 'second', 'third', 'body error', 'body close', 'close'].slice(-7))
    })
  }
}

test('end() against a server that never stops talking', async (t) => {
  const server = await Server.trace(`
    S: * PREAUTH hello
    C: A0 CAPABILITY
    S: * CAPABILITY IMAP4rev1
    S: A0 OK done
    C: A1 LIST "" ""
    S: A1 OK done
    C: A2 LOGOUT
  `)
  t.after(() => server.stop())
  const { connection, events } = await ready({ ...server.options, keepalive: false })
  connection.end()
  await server.done()
  const { raw } = server.connections[0]
  const noise = Buffer.from('* OK still here\r\n'.repeat(4000))
  const talk = () => { while (!raw.destroyed && raw.write(noise)); }
  raw.on('drain', talk)
  raw.on('error', () => {})
  talk()
  await soon(connection, 'close')
  raw.destroy()
  assert.deepEqual(events.slice(-2), ['end@disconnected', 'close(false)@disconnected'])
})

test('commands after close call back with an error', async (t) => {
  const server = await serving(t)
  const { connection } = await ready(server.options)
  connection.destroy()
  const early = new Promise((resolve) => connection.getBoxes(resolve))
  await soon(connection, 'close')
  for (const asked of [early, new Promise((resolve) => connection.addBox('x', resolve))]) {
    const error = /** @type {any} */ (await asked)
    assert.equal(error.source, 'socket')
    assert.match(error.code, /^(ENOTCONN|ECONNLOST)$/)
  }
  assert.throws(() => connection.openBox('INBOX', () => {}), /Not authenticated/)
})

test('connect() while up, or on its way, changes nothing', async (t) => {
  const server = await serving(t)
  const watched = watch(server.options)
  watched.connection.connect()
  watched.connection.connect()
  await soon(watched.connection, 'ready')
  watched.connection.connect()
  await new Promise((resolve) => watched.connection.openBox('INBOX', resolve))
  assert.equal(server.accepted, 1)
  assert.deepEqual(watched.events, ['ready@authenticated', 'mail@authenticated'])
  watched.connection.destroy()
  await soon(watched.connection, 'close')
})

for (const event of ['error', 'end', 'close']) {
  test(`connecting again in the handler of '${event}', as users do`, async (t) => {
    const server = await serving(t)
    const watched = await ready(server.options, 'INBOX')
    const { connection } = watched
    const peer = await server.connection()
    await peer.line('IDLE IDLE')
    server.fault({ on: /STATUS/, do: 'stall' })
    const lost = new Promise((resolve) => connection.status('Archive', resolve))
    await peer.line(/STATUS/)
    connection.once(event, () => connection.connect())
    const again = soon(connection, 'ready')
    if (event === 'error') peer.reset()
    else peer.cut()
    await again
    await lost
    assert.equal(connection.state, 'authenticated')
    assert.equal(connection._box, undefined)
    const second = await server.connection()
    await second.line(/^A0 /)
    await new Promise((resolve) => connection.openBox('INBOX', resolve))
    assert.equal(connection._box.messages.total, 2)
    const closes = () => watched.events.filter((name) => name.startsWith('close')).length
    assert.equal(closes(), 1)
    connection.end()
    await soon(connection, 'close')
    assert.equal(closes(), 2)
    assert.equal(server.accepted, 2)
  })
}

test("connecting again in 'error', 'end' and 'close' alike connects once", async (t) => {
  const server = await serving(t)
  const { connection } = await ready(server.options)
  const peer = await server.connection()
  const connect = () => connection.connect()
  connection.on('error', connect).on('end', connect).on('close', connect)
  peer.reset()
  await soon(connection, 'ready')
  await turn()
  assert.equal(server.accepted, 2)
  connection.removeAllListeners('close').removeAllListeners('end')
  connection.destroy()
  await soon(connection, 'close')
})

for (const how of /** @type {('destroy' | 'end')[]} */ (['destroy', 'end'])) {
  test(`${how}() and connect() at once: the old link ends, the new one is not disturbed`, async (t) => {
    const server = await serving(t)
    const watched = await ready(server.options, 'INBOX')
    const { connection } = watched
    const again = soon(connection, 'ready')
    const closed = soon(connection, 'close')
    connection[how]()
    connection.connect()
    await Promise.all([again, closed])
    assert.equal(connection.state, 'authenticated')
    await new Promise((resolve) => connection.openBox('INBOX', resolve))
    assert.equal(connection._box.name, 'INBOX')
    assert.equal(server.accepted, 2)
    connection.destroy()
    await soon(connection, 'close')
  })
}

test('a process whose server died ends by itself', async (t) => {
  const server = await serving(t)
  server.fault({ on: /FETCH/, bytes: 100_000, do: 'reset' })
  const program = `
    const Imap = require(${JSON.stringify(require.resolve('./imap'))})
    const imap = new Imap(${JSON.stringify(server.options)})
    imap.on('error', (error) => console.log(error.code))
    imap.on('close', (hadError) => console.log('close', hadError))
    imap.on('ready', () => imap.openBox('INBOX', () => {
      const fetch = imap.fetch('1:*', { bodies: '' })
      fetch.on('message', (message) => message.on('body', () => {}))
      fetch.on('end', () => console.log('fetch end'))
    }))
    imap.connect()
  `

  const output = await new Promise((resolve, reject) => {
    execFile(process.execPath, ['-e', program], { timeout: 10_000 }, (error, stdout) => error ? reject(error) : resolve(stdout))
  })
  assert.equal(output, 'ECONNRESET\nfetch end\nclose true\n')
})

test('what a former connection still says is no news of the new one', async (t) => {
  const login = `
    S: * PREAUTH hello
    C: A0 CAPABILITY
    S: * CAPABILITY IMAP4rev1
    S: A0 OK done
    C: A1 LIST "" ""
    S: A1 OK done
  `
  const server = await Server.trace([
    `${login}
    C: A2 SELECT "OLD"
    X: wait new
    S: * FLAGS (old)
    S: * 99 EXISTS
    S: A2 OK [READ-ONLY] done
    C: A3 LOGOUT
    S: A3 OK bye`,
    `${login}
    C: A2 SELECT "NEW"
    S: * 7 EXISTS
    S: A2 OK [READ-WRITE] done
    C: A3 LOGOUT
    S: A3 OK bye`
  ])
  t.after(() => server.stop())
  const { connection } = await ready({ ...server.options, keepalive: false })
  const old = new Promise((resolve) => connection.openBox('OLD', resolve))
  connection.end()
  connection.connect()
  await soon(connection, 'ready')
  const box = await new Promise((resolve) => connection.openBox('NEW', (/** @type {any} */ _, /** @type {any} */ it) => resolve(it)))
  server.release('new')
  assert.equal(await old, undefined, 'the former command is answered all the same')
  await soon(connection, 'close')
  assert.equal(connection._box, box)
  assert.deepEqual([box.name, box.messages.total, box.readOnly, box.flags], ['NEW', 7, false, []])
  connection.end()
  await soon(connection, 'close')
  await server.done()
})

test('a message whose body is being read when the connection goes ends before its fetch', async (t) => {
  const script = await Server.trace(`
    S: * PREAUTH hello
    C: A0 CAPABILITY
    S: * CAPABILITY IMAP4rev1
    S: A0 OK done
    C: A1 LIST "" ""
    S: A1 OK done
    C: A2 UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[TEXT])
    S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "01-Jan-2020 00:00:00 +0000" BODY[TEXT] {5}
    S+: hello)\\r\\n
    X: cut
  `)
  t.after(() => script.stop())
  const { connection } = await ready({ ...script.options, keepalive: false })
  /** @type {string[]} */
  const notes = []
  const fetch = connection.fetch(1, { bodies: 'TEXT' })
  fetch.on('message', (/** @type {any} */ message) => {
    message.on('body', (/** @type {any} */ stream) => stream.on('data', () => {}))
    message.on('end', () => notes.push('message end'))
  })
  fetch.on('error', () => notes.push('fetch error'))
  fetch.on('end', () => notes.push('fetch end'))
  connection.on('close', () => notes.push('close'))
  await soon(connection, 'close')
  await turn()
  assert.deepEqual(notes, ['message end', 'fetch error', 'fetch end', 'close'])
})

test('a message and the end of its connection in one turn: what came whole is told in its order', async () => {
  const connection = Object.assign(new EventEmitter(), { _config: {} })
  const link = Object.assign(Object.create(Link.prototype), {
    connection, counts: new Counts(), requests: new Map(), bodies: new Map(), isOpen: true, isFailed: false, socket: new Socket({ destroy () {} })
  })
  const request = new FetchRequest(link)
  link.requests.set(1, request)
  /** @type {string[]} */
  const notes = []
  request.emitter.on('message', (message) => {
    message.on('body', (/** @type {any} */ stream) => {
      stream.on('data', () => notes.push('data'))
      stream.on('end', () => notes.push('body end'))
    })
    message.on('attributes', () => notes.push('attributes'))
    message.on('end', () => notes.push('message end'))
  })
  request.emitter.on('error', () => notes.push('fetch error'))
  request.emitter.on('end', () => notes.push('fetch end'))
  const closed = new Promise((resolve) => connection.on('end', () => notes.push('end')).on('close', resolve))
  request.message(1)
  request.body(1, 'TEXT', Buffer.from('hello'))
  request.attributes(1, { uid: 1 })
  const values = [false, true, { message: 'lost', code: 'ECONNLOST' }]
  const closing = /** @type {any} */ (handlers.find(({ name }) => name === 'closed'))
  closing(link, { value: () => values.shift() })
  assert.equal(await closed, false)
  assert.deepEqual(notes, ['data', 'body end', 'attributes', 'message end', 'fetch error', 'fetch end', 'end'])
})
