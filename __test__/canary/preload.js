// @ts-check
'use strict'

// Loaded into every process of a canary run (NODE_OPTIONS): turns `debug` on in every connection,
// and looks for secrets in what a program could print of it: each debug line, each error, and the
// connection itself as `util.inspect` shows them. What it finds is written down for the runner.

const fs = require('node:fs')
const Module = require('node:module')
const path = require('node:path')
const { inspect } = require('node:util')
const { leaksIn, needlesOf } = require('./needles')

const FOLDER = /** @type {string} */ (process.env.EVERIMAP_CANARY_FOLDER)
const SOURCES = path.join(__dirname, '..', '..', 'src', 'js')
const CREDENTIALS = ['password', 'xoauth', 'xoauth2']

/** Options that show the most. */
const ALL = { depth: 12, showHidden: true, maxStringLength: null }

/** What is looked for: the canaries, and whatever else a connection was given as a secret. */
const needles = new Set([process.env.EVERIMAP_CANARY_PASSWORD, process.env.EVERIMAP_CANARY_TOKEN].flatMap((secret) => needlesOf(secret ?? '')))

/** How much was looked at. */
let characters = 0

/** What is done to exports of the package's files, by name. @type {Record<string, (exports: any) => void>} */
const PATCHES = {
  'config.js' (exports) {
    const { encodeConfig } = exports
    exports.encodeConfig = (/** @type {any} */ config) => {
      for (const name of CREDENTIALS) needlesOf(String(config[name] ?? '')).forEach((needle) => needles.add(needle))
      return encodeConfig(config, true)
    }
  },
  'debug.js' (exports) {
    const { debug } = exports
    exports.debug = (/** @type {any} */ connection, /** @type {string} */ text) => {
      search('a debug line', text)
      debug(connection, text)
    }
  },
  'errors.js' (exports) {
    const { errorFrom } = exports
    exports.errorFrom = (/** @type {any} */ facts) => {
      const error = errorFrom(facts)
      search('an error', inspect(error, ALL))
      return error
    }
  },
  'events.js' ({ handlers }) {
    handlers.forEach((/** @type {any} */ handler, /** @type {number} */ index) => {
      if (!['ready', 'closed'].includes(handler.name)) return
      handlers[index] = Object.defineProperty((/** @type {any} */ link, /** @type {any} */ reader) => {
        search('a connection', inspect(link, ALL))
        handler(link, reader)
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

process.on('exit', () => {
  if (characters > 0) note('seen', String(characters))
})

/** @param {string} what @param {string} text */
function search (what, text) {
  characters += text.length
  for (const leak of leaksIn(text, [...needles])) note('leak', `${what} of ${process.argv[1]}: ${leak}`)
}

/** @param {string} kind @param {string} text */
function note (kind, text) {
  fs.appendFileSync(path.join(FOLDER, `${kind}-${process.pid}`), `${text}\n`)
}
