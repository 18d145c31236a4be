// @ts-check
'use strict'

// What a program does on an event belongs to what it did when it connected, for tracing and logs that
// follow AsyncLocalStorage.

const assert = require('node:assert/strict')
const { AsyncLocalStorage } = require('node:async_hooks')
const { once } = require('node:events')
const { test } = require('node:test')

const { Imap, PATIENCE_MS, login, tracing, within } = require('./support')

const SESSION = `${login()}
  C: A3 CREATE "a"
  S: A3 OK done
  C: A4 LOGOUT
  S: * BYE
  S: A4 OK done
  X: end`

test('events and callbacks of a session have the context of its connect()', async (t) => {
  const context = new AsyncLocalStorage()
  const names = ['one', 'two', 'three']
  const server = await tracing(t, names.map(() => SESSION))
  /** @type {string[]} */
  const seen = []
  const sessions = names.map((name) => {
    const imap = new Imap({ ...server.options, keepalive: false })
    t.after(() => imap.destroy())
    const see = (/** @type {string} */ what) => seen.push(`${context.getStore()} in ${what} of ${name}`)
    imap.once('ready', () => {
      see('ready')
      setImmediate(() => {
        see('a turn after ready')
        imap.addBox('a', () => {
          see('a callback')
          imap.end()
        })
      })
    })
    imap.once('close', () => see('close'))
    const closed = once(imap, 'close')
    context.run(name, () => imap.connect())
    return closed
  })
  await within(PATIENCE_MS, Promise.all(sessions), 'the end of all')
  const expected = names.flatMap((name) => ['ready', 'a turn after ready', 'a callback', 'close'].map((what) => `${name} in ${what} of ${name}`))
  assert.deepEqual(seen.sort(), expected.sort())
})
