// @ts-check
'use strict'

/** How long a test waits by default, in milliseconds. */
const PATIENCE = 5000

/** Promises for things that have happened or will, with an error that says what happened instead. */
class Waiters {
  /** @param {() => (string | Buffer)[]} received what to show when the wait was in vain */
  constructor (received) {
    this.received = received
    /** @type {Set<{ check: () => void, fail: (reason: string) => void }>} */
    this.waiting = new Set()
  }

  /**
   * Resolves with what `find` gives, as soon as that is neither undefined nor false.
   *
   * @template T
   * @param {() => T | undefined | false} find called now and after everything that happens
   * @param {string} what for the error
   * @param {{ timeout?: number }} [options] milliseconds
   * @returns {Promise<T>}
   */
  wait (find, what, { timeout = PATIENCE } = {}) {
    const trace = new Error()
    return new Promise((resolve, reject) => {
      const finish = (/** @type {() => void} */ settle) => {
        clearTimeout(timer)
        this.waiting.delete(waiter)
        settle()
      }
      const waiter = {
        check: () => {
          const found = find()
          if (found !== undefined && found !== false) finish(() => resolve(found))
        },
        fail: (/** @type {string} */ reason) => finish(() => {
          trace.message = `Waited for ${what}, but ${reason}. Received: ${this.describe()}`
          reject(trace)
        })
      }
      const timer = setTimeout(() => waiter.fail(`${timeout} ms passed`), timeout)
      this.waiting.add(waiter)
      waiter.check()
    })
  }

  check () {
    for (const waiter of [...this.waiting]) waiter.check()
  }

  /** @param {string} reason */
  fail (reason) {
    for (const waiter of [...this.waiting]) waiter.fail(reason)
  }

  describe () {
    const last = this.received().slice(-10)
    return last.length === 0 ? 'nothing' : '\n' + last.map((line) => `  C: ${line.toString()}`).join('\n')
  }
}

module.exports = { Waiters }
