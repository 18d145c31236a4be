// @ts-check
'use strict'

// Runs a program of somebody in this process, with its `require('imap')` led to the library under
// test and its connections to the test's server, and tells what they emit. The argument is JSON,
// see {@link Input}; each line of the output is one event. SIGUSR2 asks the last connection to
// rotate.

const { writeSync } = require('node:fs')
const Module = require('node:module')
const { join } = require('node:path')

const Imap = require('../imap')

/**
 * @typedef {object} Input
 * @property {string} program its file
 * @property {Record<string, any>} options of each connection, before its own
 * @property {string[]} [tokens] what `auth.getToken()` gives, one after the other
 *
 * @typedef {object} Line
 * @property {number} connection which one, counted from 0
 * @property {string} event
 * @property {number[]} [uids] of `mail`
 * @property {Record<string, number>} listeners how many there are of each event
 */

const TOLD = ['ready', 'mail', 'error', 'end', 'close', 'disconnected', 'reconnected', 'rotated', 'rotationFailed', 'suspended']
const COUNTED = ['mail', 'update', 'error', 'end', 'close']

/** @type {Input} */
const { program, options, tokens } = JSON.parse(process.argv[2])
/** @type {any[]} */
const connections = []

/** Stands for the library's constructor. @param {any} config */
function Observed (config) {
  const auth = tokens && { getToken: () => (tokens.length > 1 ? tokens.shift() : tokens[0]) }
  const imap = new Imap({ ...config, ...options, ...(auth ? { auth } : {}) })
  const connection = connections.push(imap) - 1
  const { emit } = imap
  imap.emit = (/** @type {string} */ event, /** @type {any[]} */ ...values) => {
    if (TOLD.includes(event)) {
      const listeners = Object.fromEntries(COUNTED.map(name => [name, imap.listenerCount(name)]))
      writeSync(1, JSON.stringify({ connection, event, uids: values[1]?.uids, listeners }) + '\n')
    }
    return emit.call(imap, event, ...values)
  }
  return imap
}

Object.setPrototypeOf(Observed, Imap)
Observed.prototype = Imap.prototype

// Standard output is for the lines.
console.log = console.error

process.on('SIGUSR2', () => connections.at(-1).rotate())

/** @type {any} */
const loader = Module
const load = loader._load
loader._load = (/** @type {string} */ request, /** @type {any} */ parent, /** @type {boolean} */ isMain) => {
  const isTheirs = request === 'imap' && parent.filename.startsWith(join(__dirname, 'programs'))
  return isTheirs ? Observed : load.call(loader, request, parent, isMain)
}

require(program)
