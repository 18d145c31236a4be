// @ts-check
'use strict'

// A program under a flood, for 21-flood.test.js: opens the INBOX, says `{ ready: true }` by a
// SUBSCRIBE, does what it is told to, and prints what it saw and by how much its memory grew.

const fs = require('node:fs')
const Imap = require('./imap')

const { options, act } = JSON.parse(process.argv[2])

/** @param {string} name a line of /proc/self/status @returns {number} in MB */
const memory = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024

const imap = new Imap(options)
/** @type {string[]} */
const events = []
let updates = 0
let bodyBytes = 0
let before = 0

/** @type {Record<string, () => void>} */
const ACTS = {
  nothing () {},
  boxes () {
    imap.getBoxes((/** @type {any} */ error) => events.push(`boxes ${error ? error.code : 'ok'}`))
  },
  search () {
    imap.search(['ALL'], (/** @type {any} */ error, /** @type {number[]} */ found) => events.push(`search ${error ? error.code : found.length}`))
  },
  fetch () {
    const fetch = imap.fetch('1:*', { bodies: ['TEXT', '1'], struct: true })
    fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream) => {
      stream.on('data', (/** @type {Buffer} */ chunk) => { bodyBytes += chunk.length })
      stream.on('error', () => {})
    }))
    fetch.on('error', (/** @type {any} */ error) => events.push(`fetch ${error.code}`))
    fetch.on('end', () => events.push('fetch end'))
  }
}

imap.on('error', (/** @type {any} */ error) => events.push(error.code))
imap.on('update', () => { updates++ })
imap.on('alert', (/** @type {string} */ text) => {
  if (text === 'over') imap.destroy()
})
imap.on('close', () => {
  const growth = Math.round(memory('VmHWM') - before)
  console.log(JSON.stringify({ events, updates, bodyBytes, growth }))
})
imap.once('ready', () => imap.openBox('INBOX', () => {
  // The peak begins anew (proc(5)).
  fs.writeFileSync('/proc/self/clear_refs', '5')
  before = memory('VmRSS')
  imap.subscribeBox('begin', () => ACTS[act]())
}))
imap.connect()
