// @ts-check
'use strict'

const { PATIENCE_MS, within } = require('../support')

/** What happens, in order, and waiting for it. */
class Record {
  constructor () {
    /** @type {any[][]} */
    this.entries = []
    /** @type {Set<() => void>} */
    this.watchers = new Set()
  }

  /** @param {...any} entry */
  add (...entry) {
    this.entries.push(entry)
    for (const watch of [...this.watchers]) watch()
  }

  /**
   * Notes all that an emitter emits under these names: `[name, ...arguments]`.
   *
   * @param {any} emitter
   * @param {string[]} names
   * @returns {this}
   */
  listen (emitter, names) {
    for (const name of names) emitter.on(name, (/** @type {any[]} */ ...values) => this.add(name, ...values))
    return this
  }

  /**
   * @param {string} name
   * @returns {any[][]} the entries that begin with it
   */
  named (name) {
    return this.entries.filter(([first]) => first === name)
  }

  /**
   * @param {string} name
   * @param {number} [count] how many of them there must be
   */
  async until (name, count = 1) {
    await this.when(() => this.named(name).length >= count, `${count} "${name}"`)
  }

  /**
   * Waits until the predicate holds, which may change with an entry only.
   *
   * @param {() => boolean} predicate
   * @param {string} what is awaited, for the error
   */
  async when (predicate, what) {
    let watch = () => {}
    const holds = new Promise((resolve) => {
      watch = () => { if (predicate()) resolve(undefined) }
      this.watchers.add(watch)
      watch()
    })
    try {
      await within(PATIENCE_MS, holds, what)
    } catch (error) {
      throw new Error(`${/** @type {Error} */ (error).message}; until then: ${this.entries.map(([name]) => name).join(', ')}`)
    } finally {
      this.watchers.delete(watch)
    }
  }

  /** @returns {any[][]} the entries since the last call */
  take () {
    return this.entries.splice(0)
  }
}

module.exports = { Record }
