// @ts-check
'use strict'

// Whatever a server sends, and however much of it: events or a named error, in bounded memory. Each
// flood meets a process of its own, whose peak of resident memory is measured.

const assert = require('node:assert/strict')
const path = require('node:path')
const { test } = require('node:test')
const { child, tracing } = require('./support')

/** How much the memory of a program may grow, in MB: three times the limit of 64 MiB. */
const MAX_GROWTH = 200

const LOGIN = `
  S: * PREAUTH hello
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1
  S: A0 OK done
  C: A1 LIST "" ""
  S: * LIST () "/" ""
  S: A1 OK done
  C: A2 SELECT "INBOX"
  S: * 3 EXISTS
  S: A2 OK [READ-WRITE] done
`

const OVER = '* OK [ALERT] over\r\n'

/**
 * @param {import('node:test').TestContext} t
 * @param {'nothing' | 'boxes' | 'search' | 'fetch'} act what the program is doing
 * @param {(write: (data: string | Buffer) => Promise<boolean>) => Promise<unknown>} flood what the
 *   server does; `write` gives false once nobody listens
 * @param {object} [options]
 * @returns {Promise<{ events: string[], updates: number, bodyBytes: number, growth: number }>}
 */
async function flooded (t, act, flood, options) {
  const server = await tracing(t, LOGIN)
  const program = child(path.join(__dirname, 'flood.child.js'), { options: { ...server.options, keepalive: false, ...options }, act })
  t.after(() => program.kill())
  await server.done()
  const link = server.connections[0]
  const socket = link.raw
  socket.on('error', () => {})
  await link.line(/^A3 SUBSCRIBE/)
  link.write('A3 OK done\r\n')
  if (act !== 'nothing') await link.line(/^A4 /)
  await flood(async (data) => {
    if (!socket.destroyed && !socket.write(data)) await drained(socket)
    return !socket.destroyed
  })
  const [seen] = await program.lines
  t.diagnostic(`memory grew by ${seen.growth} MB`)
  assert.ok(seen.growth < MAX_GROWTH, `memory grew by ${seen.growth} MB`)
  return seen
}

/**
 * Waits until there is room to write, or nobody to write to.
 *
 * @param {import('node:net').Socket} socket
 * @returns {Promise<void>}
 */
function drained (socket) {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}

/**
 * The same again and again.
 *
 * @param {string | Buffer} data
 * @param {number} times
 * @returns {(write: (data: string | Buffer) => Promise<boolean>) => Promise<void>}
 */
function repeated (data, times) {
  return async (write) => {
    for (let time = 0; time < times && await write(data); time++);
  }
}

const MEGABYTE = 'x'.repeat(1 << 20)

test('100,000 untagged lines at once are events', async (t) => {
  const lines = []
  for (let n = 0; n < 100_000; n++) lines.push(n % 2 ? `* ${n} FETCH (FLAGS (\\Seen) UID ${n})` : `* LIST () "/" "name ${n}"`)
  const { events, updates } = await flooded(t, 'nothing', (write) => write(`${lines.join('\r\n')}\r\n${OVER}`))
  assert.deepEqual([events, updates], [[], 50_000])
})

for (const head of ['* LIST () "/" ', 'A3 OK ', '* OK [X ', '* 1 FETCH (BODY[', '']) {
  test(`a line of 200 MB that begins with '${head}' is refused at the limit`, async (t) => {
    const { events } = await flooded(t, 'nothing', async (write) => {
      await write(head)
      await repeated(MEGABYTE, 200)(write)
    })
    assert.deepEqual(events, ['ELIMIT'])
  })
}

test('a literal of 5 GB is refused when it is announced', async (t) => {
  const { events } = await flooded(t, 'boxes', (write) => write('* LIST () "/" {5000000000}\r\n'))
  assert.deepEqual(events.sort(), ['ELIMIT', 'boxes ECONNLOST'])
})

test('a body of 5 GB is a stream: the first 300 MB of it pass through', async (t) => {
  const { events, bodyBytes } = await flooded(t, 'fetch', async (write) => {
    await write('* 1 FETCH (UID 1 BODY[TEXT] {5000000000}\r\n')
    await repeated(MEGABYTE, 300)(write)
    await write('')
  }, { socketTimeout: 500 })
  assert.equal(bodyBytes, 300 << 20)
  assert.ok(events.includes('ESOCKETTIMEOUT') && events.includes('fetch end'), String(events))
})

test('10,000 open parentheses, a thousand times', async (t) => {
  const { events } = await flooded(t, 'nothing', async (write) => {
    await repeated(`* 1 FETCH (BODYSTRUCTURE ${'('.repeat(10_000)}\r\n* LIST ${'('.repeat(10_000)}\r\n`, 1000)(write)
    await write(OVER)
  })
  assert.deepEqual(events, [])
})

test('NUL bytes everywhere: in lines, in literals, and nothing else', async (t) => {
  const line = '* \0LIST (\0) "\0" \0{3}\r\n\0\0\0\r\n\0* 1 FETCH (UID 1 FLAGS (\0))\r\n* OK [\0 \0] \0\r\n\0\r\n'
  const lines = await flooded(t, 'boxes', async (write) => {
    await repeated(line.repeat(1000), 100)(write)
    await write(OVER)
  })
  assert.deepEqual(lines.events.filter((event) => !event.startsWith('boxes')), [])
  const nothingElse = await flooded(t, 'nothing', repeated(Buffer.alloc(1 << 20), 200))
  assert.deepEqual(nothingElse.events, ['ELIMIT'])
})

test('BYE in literals, and tags of commands that were not sent', async (t) => {
  const lines = '* LIST () "/" {14}\r\n* BYE goodbye\r\n\r\nA99 OK done\r\nA5 OK [X] early\r\nA0 BAD late\r\n+ go on\r\nIDLE OK done\r\n'
  const { events } = await flooded(t, 'nothing', async (write) => {
    await repeated(lines.repeat(100), 1000)(write)
    await write(OVER)
  })
  assert.deepEqual(events, [])
})

test('an answer without end fails its command, and the connection goes on', async (t) => {
  const boxes = await flooded(t, 'boxes', async (write) => {
    await repeated('* LIST () "/" "a mailbox"\r\n'.repeat(1000), 500)(write)
    await write(`A4 OK done\r\n${OVER}`)
  }, { limits: { items: 400_000 } })
  assert.deepEqual(boxes.events, ['boxes ELIMIT'])
  const search = await flooded(t, 'search', async (write) => {
    await repeated(`* SEARCH${' 1234567'.repeat(10_000)}\r\n`, 600)(write)
    await write(`A4 OK done\r\n${OVER}`)
  })
  assert.deepEqual(search.events, ['search ELIMIT'])
})

test('messages that never become complete, and expunges without end', async (t) => {
  for (const line of ['* @ FETCH (UID @ RFC822.SIZE 5)\r\n', '* 1 EXPUNGE\r\n']) {
    const { events } = await flooded(t, 'fetch', async (write) => {
      let seqno = 0
      const lines = () => line.repeat(1000).replaceAll('* @', () => `* ${++seqno}`).replaceAll('@', '7')
      while (await write(lines()));
    }, { limits: { responseBytes: 4 * 1024 * 1024 } })
    assert.ok(events.includes('ELIMIT'), String(events))
  }
})
