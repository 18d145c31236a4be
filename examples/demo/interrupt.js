// @ts-check
'use strict'

/** npm passes on a Ctrl-C that its child has got from the terminal too: so close, it is the same. */
const SAME_MS = 500

const SIGNALS = /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM'])

/**
 * Calls back at the first Ctrl-C; the second ends the process at once.
 * @param {() => void} callback
 * @returns {() => void} stops that
 */
function onInterrupt (callback) {
  let first = 0
  const listener = () => {
    const now = performance.now()
    if (first === 0) {
      first = now
      callback()
    } else if (now - first > SAME_MS) process.exit(130)
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return () => { for (const signal of SIGNALS) process.removeListener(signal, listener) }
}

module.exports = { onInterrupt }
