// @ts-check
'use strict'

// Servers that stop answering, or that idle and never speak: the deadlines of the option `timeouts`,
// news behind IDLE, and what holds everything up (resilience 2.7, 2.11).

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')

const { Imap, PATIENCE_MS, session, tracing, within } = require('./support')

/** Fast enough for a test; a real account keeps the defaults. */
const RECONNECT = { baseMs: 1, capMs: 5, loginsPerMinute: 1e6 }

/**
 * @param {any} imap
 * @returns {Promise<[number, any, boolean]>} milliseconds until the connection died, its error, the argument of `close`
 */
async function death (imap) {
  const began = Date.now()
  const error = new Promise(resolve => imap.once('error', resolve))
  const close = new Promise(resolve => imap.once('close', resolve))
  return within(PATIENCE_MS, Promise.all([error.then(() => Date.now() - began), error, close]), 'error and close')
}

for (const [option, awaited, script] of [
  ['continuation', 'IDLE', 'C: IDLE IDLE'],
  ['done', 'DONE', 'C: IDLE IDLE\nS: + idling\nC: DONE'],
  ['noop', 'NOOP', 'C: NOOP NOOP'],
  ['command', 'the command', 'C: A3 STATUS "x" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)']
]) {
  test(`timeouts.${option}: a server that says nothing is dead after that time`, async (t) => {
    const limit = 300
    const { imap } = await session(t, script, {
      capabilities: option === 'noop' ? '' : 'IDLE',
      options: {
        keepalive: option === 'command' ? false : { interval: 50, idleInterval: 100 },
        timeouts: { [option]: limit }
      }
    })
    if (option === 'command') imap.status('x', () => {})
    const [took, error, hadError] = await death(imap)
    assert.ok(took < PATIENCE_MS / 2, `${took} ms`)
    assert.deepEqual([error.source, error.code, error.message, hadError], [
      'timeout', 'EDEADLINE',
      `The server did not answer ${awaited} within 0.3 seconds; the connection is taken for dead`, true
    ])
  })
}

test('timeouts.greeting: a server that never greets is left before authTimeout', async (t) => {
  const server = await tracing(t, 'C: nothing that anybody says')
  const imap = new Imap({ ...server.options, authTimeout: PATIENCE_MS * 2, timeouts: { greeting: 200 } })
  t.after(() => imap.destroy())
  imap.connect()
  const [, error] = await death(imap)
  assert.deepEqual([error.source, error.code], ['timeout-auth', 'EAUTHTIMEOUT'])
})

test('timeouts.logout and timeouts.afterBye: end() is as quick as it is told, and no error', async (t) => {
  for (const script of ['C: A3 LOGOUT', 'C: A3 LOGOUT\nS: * BYE bye\nS: A3 OK done\nC: nothing that anybody says']) {
    const { imap } = await session(t, script, { options: { timeouts: { logout: 100, afterBye: 100 } } })
    const began = Date.now()
    const close = once(imap, 'close')
    imap.end()
    assert.deepEqual(await within(PATIENCE_MS, close, 'close'), [false])
    assert.ok(Date.now() - began < 1900, `${Date.now() - began} ms`)
  }
})

test('keepalive.resyncInterval: what IDLE forgets to tell is asked for', async (t) => {
  const { imap } = await session(t, `
    C: IDLE IDLE
    S: + idling
    C: DONE
    S: IDLE OK done
    C: A3 EXAMINE "INBOX"
    S: * 1 EXISTS
    S: * OK [UIDVALIDITY 7] ok
    S: * OK [UIDNEXT 4] ok
    S: A3 OK [READ-ONLY] done
    C: A4 FETCH 1:1 (UID FLAGS)
    S: * 1 FETCH (UID 3 FLAGS ())
    S: A4 OK done
    C: IDLE IDLE
    S: + idling
    C: DONE
    S: IDLE OK done
    C: NOOP NOOP
    S: NOOP OK done
    C: A5 UID FETCH 4:* (UID)
    S: * 2 FETCH (UID 9)
    S: A5 OK done
    C: A6 FETCH 2:2 (UID FLAGS)
    S: * 2 FETCH (UID 9 FLAGS ())
    S: A6 OK done
    C: IDLE IDLE
    S: + idling
  `, { capabilities: 'IDLE', options: { keepalive: { resyncInterval: 300 }, reconnect: RECONNECT, pipeline: false } })
  const opened = new Promise((resolve, reject) => {
    imap.openBox('INBOX', true, (/** @type {any} */ error, /** @type {any} */ box) => error ? reject(error) : resolve(box))
  })
  await within(PATIENCE_MS, opened, 'openBox')
  const [count, arrival] = await within(PATIENCE_MS, once(imap, 'mail'), 'mail')
  assert.deepEqual([count, arrival], [1, { uids: [9], uidvalidity: 7, cause: 'live' }])
})

test('stalled: a command about which the server is silent; flowing: when it speaks again', async (t) => {
  const { imap, server } = await session(t, `
    C: A3 STATUS "x" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
    X: wait heard
    S: * STATUS x (MESSAGES 0)
    S: A3 OK done
  `, { options: { timeouts: { command: 6000 }, reconnect: RECONNECT } })
  const answered = new Promise(resolve => imap.status('x', resolve))
  const [stalled] = await within(PATIENCE_MS, once(imap, 'stalled'), 'stalled')
  assert.equal(stalled.phase, 'command')
  assert.ok(stalled.sinceMs >= 3000 && stalled.sinceMs < 6000, `${stalled.sinceMs} ms`)
  const flows = once(imap, 'flowing')
  server.release('heard')
  const [flowing] = await within(PATIENCE_MS, flows, 'flowing')
  assert.equal(flowing.phase, 'command')
  assert.ok(flowing.stalledMs >= stalled.sinceMs)
  assert.equal(await within(PATIENCE_MS, answered, 'the answer'), undefined)
})
