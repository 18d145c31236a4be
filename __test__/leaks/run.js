// @ts-check
'use strict'

// `npm run test:leaks`: one process, 10,000 reconnects; nothing of them may stay. With a number,
// `npm run test:leaks -- 30000`, so many.

const { BOUNDS, assertSame, reconnecting } = require('./measure')

/** Until then caches fill and the compiler works. */
const FIRST = 1000

main().catch((error) => {
  console.error(`test:leaks: ${error.message}`)
  process.exitCode = 1
})

async function main () {
  const last = Number(process.argv[2] || 10_000)
  if (!(Number.isInteger(last) && last > FIRST)) throw new Error(`the number of reconnects is above ${FIRST}, not '${process.argv[2]}'`)
  const step = Math.ceil((last - FIRST) / 9)
  const marks = Array.from({ length: 9 }, (_, index) => Math.min(last, FIRST + (index + 1) * step))
  const row = (/** @type {(string | number)[]} */ cells) => console.log(cells.map((cell) => String(cell).padStart(11)).join(''))
  row(['reconnects', 'RSS MB', 'heap MB', 'external KB', 'files', 'threads', 'handles'])
  const started = performance.now()
  const all = await reconnecting([FIRST, ...marks], ({ reconnects, rss, heap, external, files, threads, resources }) => row([
    reconnects, (rss / 2 ** 20).toFixed(1), (heap / 2 ** 20).toFixed(2), (external / 2 ** 10).toFixed(0), files, threads, resources.split(' ').length
  ]))
  assertSame(all[0], all[all.length - 1])
  console.log(`\nThe same after ${all[all.length - 1].reconnects} reconnects as after ${all[0].reconnects}, in ${((performance.now() - started) / 1000).toFixed(0)} s: ` +
    `files, threads, handles and timers (${all[0].resources}) equal; RSS within ${BOUNDS.rss / 2 ** 20} MB, heap within ${BOUNDS.heap / 2 ** 10} KB`)
}
