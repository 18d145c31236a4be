// @ts-check
'use strict'

// Fetches one large body into a consumer slower than the network and says what that cost.

const crypto = require('node:crypto')
const fs = require('node:fs')
const { Writable } = require('node:stream')
const { pipeline } = require('node:stream/promises')

const { call, connected, ended, fetched } = require('./support')

/** @type {{ options: object, warm: number, large: number, bytesPerSecond: number }} */
const { options, warm, large, bytesPerSecond } = JSON.parse(process.argv[2])

main()

async function main () {
  const connection = await connected(options)
  await call(connection, 'openBox', 'INBOX')
  await fetched(connection.fetch(warm, { bodies: '' }))

  // proc(5): a 5 makes the current resident size the peak
  fs.writeFileSync('/proc/self/clear_refs', '5')
  const before = memory('VmRSS')
  const started = performance.now()
  const result = await consumed(connection.fetch(large, { bodies: '' }))
  const milliseconds = performance.now() - started
  console.log(JSON.stringify({ ...result, milliseconds, before, peak: memory('VmHWM') }))
  await ended(connection)
}

/**
 * @param {any} fetch
 * @returns {Promise<{ sha256: string, size: number, announced: number }>}
 */
async function consumed (fetch) {
  const consumer = new SlowConsumer()
  let announced = -1
  /** @type {Promise<void> | undefined} */
  let consuming
  fetch.on('message', (/** @type {any} */ message) => {
    message.on('body', (/** @type {any} */ stream, /** @type {any} */ info) => {
      announced = info.size
      consuming = pipeline(stream, consumer)
    })
  })
  await new Promise((resolve, reject) => {
    fetch.on('error', reject)
    fetch.on('end', resolve)
  })
  await consuming
  return { sha256: consumer.hash.digest('hex'), size: consumer.size, announced }
}

class SlowConsumer extends Writable {
  hash = crypto.createHash('sha256')
  size = 0
  started = performance.now()

  /**
   * @param {Buffer} chunk
   * @param {BufferEncoding} _encoding
   * @param {() => void} done
   */
  _write (chunk, _encoding, done) {
    this.hash.update(chunk)
    this.size += chunk.length
    const due = this.started + this.size / bytesPerSecond * 1000
    const wait = due - performance.now()
    if (wait >= 1) setTimeout(done, wait)
    else setImmediate(done)
  }
}

/**
 * @param {'VmRSS' | 'VmHWM'} name
 * @returns {number} bytes
 */
function memory (name) {
  const status = fs.readFileSync('/proc/self/status', 'utf8')
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
}
