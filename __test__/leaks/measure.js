// @ts-check
'use strict'

const assert = require('node:assert/strict')
const { fork } = require('node:child_process')
const { once } = require('node:events')
const { join } = require('node:path')

/**
 * A measurement of a process that was calm; memory in bytes, after the collector.
 * @typedef {object} Measured
 * @property {number} reconnects so far, over all of its sessions
 * @property {number} rss resident memory
 * @property {number} heap JavaScript's
 * @property {number} external buffers outside of that
 * @property {number} files open ones, sockets among them
 * @property {number} threads
 * @property {string} resources names of what keeps the process alive: handles, timers, requests
 */

/** What may grow, in bytes: an allocator and a compiler keep some of what they had. */
const BOUNDS = { rss: 2 * 2 ** 20, heap: 256 * 2 ** 10, external: 64 * 2 ** 10 }

/**
 * Four sessions in a process of their own reconnect again and again.
 *
 * @param {number[]} marks after so many reconnects the process is measured
 * @param {(measured: Measured) => void} [onMeasured]
 * @returns {Promise<Measured[]>}
 */
async function reconnecting (marks, onMeasured = () => {}) {
  const server = fork(join(__dirname, 'server.child.js'))
  const client = fork(join(__dirname, 'client.child.js'), { execArgv: ['--expose-gc'] })
  try {
    const [servers] = await once(server, 'message')
    /** @type {Measured[]} */
    const all = []
    const done = new Promise((resolve, reject) => {
      client.on('message', (/** @type {any} */ { ask, measured, done }) => {
        if (ask) server.send(ask)
        if (measured) {
          all.push(measured)
          onMeasured(measured)
        }
        if (done) resolve(undefined)
      })
      for (const child of [server, client]) child.once('exit', (code, signal) => reject(new Error(`a process ended: ${signal || code}`)))
    })
    client.send({ servers, marks })
    await done
    return all
  } finally {
    for (const child of [server, client]) child.removeAllListeners('exit').kill('SIGKILL')
  }
}

/**
 * @param {Measured} before
 * @param {Measured} after
 * @param {{ rss: number, heap: number, external: number }} [bounds]
 */
function assertSame (before, after, bounds = BOUNDS) {
  for (const what of /** @type {['files', 'threads', 'resources']} */ (['files', 'threads', 'resources'])) {
    assert.equal(after[what], before[what], `${what} after ${after.reconnects} reconnects, and after ${before.reconnects}`)
  }
  for (const what of /** @type {['rss', 'heap', 'external']} */ (['rss', 'heap', 'external'])) {
    const grown = after[what] - before[what]
    assert.ok(grown <= bounds[what], `${what} has grown by ${grown} bytes, more than ${bounds[what]}, from ${before.reconnects} ` +
      `to ${after.reconnects} reconnects`)
  }
}

module.exports = { BOUNDS, assertSame, reconnecting }
