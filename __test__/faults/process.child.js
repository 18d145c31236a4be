// @ts-check
'use strict'

// A session in a process that runs out of what it needs, for process.test.js. The argument is
// `{ options, act }`; what it says is one JSON value for each line.

const fs = require('node:fs')
const Imap = require('../imap')

const { options, act } = JSON.parse(process.argv[2])
const imap = new Imap(options)

/** @param {any} value */
const say = (value) => fs.writeSync(1, JSON.stringify(value) + '\n')

/** Files that are open for nothing. @type {number[]} */
const files = []

/** @type {Record<string, () => void>} */
const ACTS = {
  /** No descriptor is left when the connection is lost; later there are some again. */
  descriptors () {
    const exhaust = () => {
      try {
        for (;;) files.push(fs.openSync('/dev/null', 'r'))
      } catch (error) {
        say({ open: /** @type {any} */ (error).code })
      }
    }
    let isFound = false
    imap.on('reconnected', () => {
      // It was quicker than we were with the descriptor of the connection before.
      if (!isFound) return exhaust()
      say('reconnected')
      imap.end()
    })
    imap.on('disconnected', (/** @type {any} */ { cause, code }) => {
      say({ cause, code })
      isFound = code === 'EMFILE'
      if (isFound) for (const file of files.splice(0)) fs.closeSync(file)
      else setImmediate(exhaust)
    })
    imap.once('ready', exhaust)
  },

  /** It ends by itself, in the middle of a session that is waiting. */
  exit () {
    imap.once('reconnecting', () => {
      say('waiting')
      process.exit(3)
    })
    imap.once('ready', () => say('ready'))
  },

  /** Nobody holds the process once it has ended. */
  end () {
    imap.once('reconnecting', () => {
      say('waiting')
      imap.end()
    })
    imap.once('ready', () => say('ready'))
    imap.on('close', () => say('close'))
  }
}

ACTS[act]()
imap.connect()
