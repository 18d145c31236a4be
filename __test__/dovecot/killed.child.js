// @ts-check
'use strict'

// Says "ready" once a body streams (or, without a fetch, once it idles), then lives through the
// death of the server; at its own exit it prints all that it heard.

const fs = require('node:fs')

const { call, connected } = require('./support')

// The consumer's pace: slow enough that the body is still open when the server dies.
const CHUNK_PAUSE_MS = 5

/** @type {{ options: object, fetching: boolean, listening: boolean }} */
const { options, fetching, listening } = JSON.parse(process.argv[2])

/** @type {{ name: string, detail?: unknown }[]} */
const heard = []
process.on('exit', () => fs.writeSync(1, JSON.stringify({ heard }) + '\n'))

main()

async function main () {
  let isOpen = false
  // Idle is when the server has answered IDLE: killed before, it has bytes of ours to reset for.
  const debug = (/** @type {string} */ line) => { if (isOpen && line.startsWith("<= '+") && !fetching) say('ready') }
  const connection = await connected({ ...options, debug })
  await call(connection, 'openBox', 'INBOX')
  isOpen = true
  connection.on('error', (/** @type {unknown} */ error) => note('error', facts(error)))
  connection.on('end', () => note('end', connection.state))
  connection.on('close', (/** @type {unknown} */ hadError) => note('close', hadError))
  if (!fetching) return
  const fetch = connection.fetch(1, { bodies: '' })
  listen(fetch, 'fetch', (/** @type {any} */ stream) => stream.once('data', () => say('ready')))
  queue(connection)
}

/** @param {any} connection */
function queue (connection) {
  const answer = (/** @type {string} */ name) => (/** @type {unknown} */ error) => note(`callback ${name}`, facts(error))
  connection.search(['ALL'], answer('search'))
  connection.status('Other', answer('status'))
  connection.getBoxes(answer('getBoxes'))
  connection.addFlags(1, 'Seen', answer('addFlags'))
  connection.copy(1, 'Other', answer('copy'))
  connection.append('Subject: never\r\n\r\n\r\n', answer('append'))
  connection.expunge(answer('expunge'))
  listen(connection.fetch('1:*'), 'queued fetch', () => {})
}

/**
 * @param {any} fetch
 * @param {string} name
 * @param {(stream: any) => void} onBody
 */
function listen (fetch, name, onBody) {
  fetch.on('end', () => note(`${name} end`))
  if (listening) fetch.on('error', (/** @type {unknown} */ error) => note(`${name} error`, facts(error)))
  fetch.on('message', (/** @type {any} */ message) => message.on('body', (/** @type {any} */ stream) => {
    stream.on('data', () => {
      stream.pause()
      setTimeout(() => stream.resume(), CHUNK_PAUSE_MS)
    })
    stream.on('end', () => note(`${name} body end`))
    if (listening) stream.on('error', (/** @type {unknown} */ error) => note(`${name} body error`, facts(error)))
    onBody(stream)
  }))
}

/**
 * @param {string} name
 * @param {unknown} [detail]
 */
function note (name, detail) {
  heard.push({ name, detail })
}

/** @param {any} error */
function facts (error) {
  return error instanceof Error
    ? { message: error.message, source: /** @type {any} */ (error).source, code: /** @type {any} */ (error).code }
    : { notAnError: String(error) }
}

/** @param {string} word */
function say (word) {
  fs.writeSync(1, JSON.stringify(word) + '\n')
}
