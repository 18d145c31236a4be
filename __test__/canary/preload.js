// @ts-check
'use strict'

// Loaded into every process of a canary run (NODE_OPTIONS): turns `debug` on in every connection,
// and writes down what a program could print of it: each debug line, and its errors and itself as
// `util.inspect` shows them. Credentials that are no canaries are told to the runner.

const fs = require('node:fs')
const Module = require('node:module')
const path = require('node:path')
const { inspect } = require('node:util')

const FOLDER = /** @type {string} */ (process.env.EVERIMAP_CANARY_FOLDER)
const SOURCES = path.join(__dirname, '..', '..', 'src', 'js')
const CREDENTIALS = ['password', 'xoauth', 'xoauth2']

/** Options that show the most. */
const ALL = { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null }

/** What replaces exports of the package's files, by name. @type {Record<string, (exports: any) => void>} */
const PATCHES = {
  'config.js' (exports) {
    const { encodeConfig } = exports
    exports.encodeConfig = (/** @type {any} */ config) => {
      for (const name of CREDENTIALS) if (config[name]) note('given', JSON.stringify(String(config[name])))
      return encodeConfig(config, true)
    }
  },
  'events.js' (exports) {
    exports.handlers.forEach((/** @type {any} */ handler, /** @type {number} */ index) => {
      exports.handlers[index] = Object.defineProperty((/** @type {any} */ link, /** @type {any} */ reader) => {
        const restore = overheard(link.connection)
        try {
          handler(link, reader)
        } finally {
          restore()
        }
        if (['error', 'failed', 'closed', 'ready'].includes(handler.name)) note('seen', inspect(link, ALL))
      }, 'name', { value: handler.name })
    })
  }
}

/** @type {any} */
const loader = Module
const load = loader._load
const patched = new Set()
loader._load = /** @this {any} */ function (/** @type {string} */ request, /** @type {any} */ parent, /** @type {any[]} */ ...rest) {
  const exports = load.call(this, request, parent, ...rest)
  if (!request.startsWith('.') || !parent?.filename) return exports
  const name = path.relative(SOURCES, loader._resolveFilename(request, parent))
  if (name in PATCHES && !patched.has(name)) {
    patched.add(name)
    PATCHES[name](exports)
  }
  return exports
}

/**
 * Hears what an event says to a connection: the lines of `debug`, also where the program has none,
 * and the values of its events.
 * @param {any} connection
 * @returns {() => void} undoes it
 */
function overheard (connection) {
  const own = Object.getOwnPropertyDescriptor(connection, 'debug')
  const { debug, emit } = connection
  connection.debug = (/** @type {string} */ line) => {
    note('debug', line)
    if (typeof debug === 'function') debug.call(connection, line)
  }
  connection.emit = (/** @type {any[]} */ ...values) => {
    note('emit', inspect(values, { ...ALL, depth: 4 }))
    return emit.apply(connection, values)
  }
  return () => {
    delete connection.emit
    if (own) Object.defineProperty(connection, 'debug', own)
    else delete connection.debug
  }
}

/** @param {string} kind @param {string} text */
function note (kind, text) {
  fs.appendFileSync(path.join(FOLDER, `${kind}-${process.pid}.log`), `${text}\n`)
}
