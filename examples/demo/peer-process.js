// @ts-check
'use strict'

const { fork } = require('node:child_process')
const { once } = require('node:events')
const { join } = require('node:path')

/** The process of a server that delivers mail. */
class Peer {
  /**
   * @param {string} script of this folder
   * @param {string[]} [args]
   */
  constructor (script, args = []) {
    this.child = fork(join(__dirname, script), args)
    this.failed = new Promise((resolve, reject) => {
      this.fail = reject
      this.child.once('error', reject)
      this.child.once('exit', (code, signal) => reject(new Error(`The server's process ended (${signal || `exit code ${code}`})`)))
    })
    this.failed.catch(() => {})
    /** @type {Map<number, number>} when each mail was delivered, by its UID */
    this.times = new Map()
    /** @type {Promise<import('./peer').Ready>} */
    this.ready = this.message('ready')
    this.child.on('message', (/** @type {any} */ { delivered }) => {
      if (delivered) this.times.set(delivered.uid, delivered.at)
      if (delivered) this.child.emit(`delivered ${delivered.uid}`)
    })
  }

  /**
   * @param {string | object} request
   * @param {string} answer the kind of message
   * @returns {Promise<any>} that message
   */
  ask (request, answer) {
    const answered = this.message(answer)
    this.child.send(request)
    return answered
  }

  /** When a mail was delivered. @param {number} uid @returns {Promise<number>} */
  async delivered (uid) {
    if (!this.times.has(uid)) await once(this.child, `delivered ${uid}`)
    return /** @type {number} */ (this.times.get(uid))
  }

  /** The next message of a kind. @param {string} kind @returns {Promise<any>} */
  message (kind) {
    return Promise.race([this.failed, new Promise((resolve) => {
      const listener = (/** @type {any} */ message) => {
        if (message[kind] === undefined) return
        this.child.off('message', listener)
        resolve(message[kind])
      }
      this.child.on('message', listener)
    })])
  }

  /** It has nothing to keep; and one that hangs would hold this process. */
  stop () {
    this.child.kill('SIGKILL')
  }
}

module.exports = { Peer }
