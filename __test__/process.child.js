// @ts-check
'use strict'

// Programs that 02-process.test.js runs in processes of their own. The argument is JSON:
// `{ program, options, ... }`; what they say is one JSON value for each line.

const { writeSync } = require('node:fs')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const Imap = require('./imap')

const input = isMainThread ? JSON.parse(process.argv[2]) : workerData

/** @param {any} value */
const say = (value) => {
  // Synchronous: some of the programs do not live to see a stream drained.
  if (isMainThread) writeSync(1, JSON.stringify(value) + '\n')
  else parentPort?.postMessage(value)
}

/** @type {Record<string, () => void>} */
const programs = {
  construct () {
    say(new Imap(input.options).state)
  },

  /** Says what happens, for as long as the process lives. */
  listen () {
    const imap = opened(() => say('opened'))
    imap.on('mail', (/** @type {number} */ count) => say({ mail: count }))
    imap.on('close', () => say('closed'))
  },

  end () {
    const imap = opened(() => imap.end())
    imap.on('close', (/** @type {boolean} */ hadError) => say({ closed: hadError }))
  },

  destroy () {
    const imap = opened(() => imap.destroy())
    imap.on('close', (/** @type {boolean} */ hadError) => say({ closed: hadError }))
  },

  /** Two connections, of which one ends first, and a third when there is none any more. */
  several () {
    const end = (/** @type {any} */ imap, /** @type {string} */ name, /** @type {() => void} */ next) => {
      imap.once('close', () => {
        say(`${name} closed`)
        next()
      })
      imap.end()
    }
    const first = opened(() => {
      const second = opened(() => end(first, 'first', () => second.getBoxes((/** @type {any} */ error) => {
        say(`second answered: ${error}`)
        end(second, 'second', () => setTimeout(() => {
          const third = opened(() => end(third, 'third', () => {}))
        }, 10))
      })))
    })
  },

  /** Fetches without an end, and says so at the first body. */
  traffic () {
    let told = false
    const imap = opened(again)
    function again () {
      const fetch = imap.fetch('1:*', { bodies: '', envelope: true, struct: true })
      fetch.on('message', (/** @type {any} */ message) => {
        message.on('body', (/** @type {any} */ stream) => stream.on('data', () => {
          if (told) return
          told = true
          say('traffic')
          if (input.exit !== undefined) process.exit(input.exit)
        }))
      })
      fetch.once('end', again)
    }
  },

  /** Ends workers in the middle of their traffic, one after the other. */
  async terminate () {
    for (let round = 0; round < input.rounds; round++) {
      const worker = new Worker(__filename, { workerData: { ...input, program: 'traffic' } })
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
      say(await worker.terminate())
    }
  },

  /** Two workers with a connection each. */
  async workers () {
    const workers = [0, 1].map(() => new Worker(__filename, { workerData: { ...input, program: 'end' } }))
    const said = workers.map((worker) => new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
    }))
    const codes = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
    say({ said: await Promise.all(said), codes: await Promise.all(codes) })
  },

  throwing () {
    const imap = opened(() => say('opened'))
    imap.on('mail', function listener () { throw new Error('from a listener') })
  },

  /** Survives what its listeners throw, and says what still comes. */
  surviving () {
    process.on('uncaughtException', (error) => {
      const own = /** @type {string} */ (error.stack).includes('ownListener')
      say({ uncaught: error.message, own })
    })
    const imap = opened(() => {
      say('opened')
      // Two commands whose answers come together; the first one's callback throws.
      imap.status('Archive', function ownListener () { throw new Error('in a callback') })
      imap.status('Sent', (/** @type {any} */ error, /** @type {any} */ box) => say({ status: box.name }))
    })
    imap.on('alert', function ownListener (/** @type {string} */ text) { throw new Error(text) })
    imap.on('expunge', (/** @type {number} */ seqno) => {
      say({ expunge: seqno })
      imap.end()
    })
    imap.on('close', () => say('closed'))
  },

  /** Survives what its `debug` throws, which is at every line, and says what happens; the first command is CREATE. */
  complaining () {
    let thrown = 0
    process.on('uncaughtException', ({ message }) => { thrown += Number(message === 'a line') })
    const imap = new Imap({ ...input.options, debug: () => { throw new Error('a line') } })
    for (const event of ['ready', 'disconnected', 'reconnected', 'error', 'end']) imap.on(event, () => say(event))
    imap.on('close', () => say({ closed: true, hasThrown: thrown > 0 }))
    imap.once('ready', () => imap.addBox('a', () => imap.end()))
    imap.connect()
  }
}

/** @param {() => void} then called once the INBOX is open */
function opened (then) {
  const imap = new Imap(input.options)
  imap.once('ready', () => imap.openBox('INBOX', (/** @type {Error | undefined} */ error) => {
    if (error) throw error
    then()
  }))
  imap.connect()
  return imap
}

programs[input.program]()
