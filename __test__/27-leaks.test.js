// @ts-check
'use strict'

// Reconnects leave nothing behind. `npm run test:leaks` does ten thousand; this is the fast part.

const { test } = require('node:test')

const { assertSame, reconnecting } = require('./leaks/measure')
const { within } = require('./support')

const PATIENCE_MS = 60_000
/** A process this young still grows: the compiler works, caches and arenas fill. In bytes. */
const BOUNDS = { rss: 8 * 2 ** 20, heap: 2 ** 20, external: 256 * 2 ** 10 }

test('after 300 reconnects files, threads, handles and timers are what they were after 100', async (t) => {
  const [before, after] = await within(PATIENCE_MS, reconnecting([100, 300]), '300 reconnects')
  assertSame(before, after, BOUNDS)
  t.diagnostic(`RSS ${((after.rss - before.rss) / 1024).toFixed(0)} KB, heap ${((after.heap - before.heap) / 1024).toFixed(0)} KB more; ${after.files} files`)
})
