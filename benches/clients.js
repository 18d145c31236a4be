// @ts-check
'use strict'

// What is compared: each connects, opens INBOX, and does the workload between `meter.start()` and
// `meter.stop()`.

const net = require('node:net')

/** The longest last line of an answer of the server. */
const TAGGED_BYTES = 40

/**
 * @typedef {object} Job
 * @property {import('./workloads').Workload} workload
 * @property {number} port
 * @property {number} count
 * @property {import('./meter').Meter} meter
 * @property {any} sum
 */

/** @type {Record<string, (job: Job) => Promise<void>>} */
const clients = {
  everimap: job => nodeImap(require('..'), job),
  imap: job => nodeImap(npm('imap'), job),
  imapflow,
  drain,
  floor
}

/**
 * everimap and npm imap: the same program.
 * @param {any} Imap
 * @param {Job} job
 * @returns {Promise<void>}
 */
function nodeImap (Imap, { workload, port, meter, sum }) {
  return new Promise((resolve, reject) => {
    const imap = new Imap({ user: 'bench', password: 'bench', host: '127.0.0.1', port, tls: false, keepalive: false })
    imap.once('error', reject)
    imap.once('ready', () => imap.openBox('INBOX', true, (/** @type {any} */ error) => {
      if (error) return reject(error)
      meter.start()
      workload.nodeImap(imap, sum, (/** @type {any} */ error) => {
        const stopped = meter.stop()
        imap.end()
        if (error) reject(error)
        else resolve(stopped)
      })
    }))
    imap.connect()
  })
}

/** @param {Job} job */
async function imapflow ({ workload, port, meter, sum }) {
  const { ImapFlow } = npm('imapflow')
  const client = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: 'bench', pass: 'bench' },
    logger: false,
    disableAutoIdle: true
  })
  await client.connect()
  await client.mailboxOpen('INBOX', { readOnly: true })
  meter.start()
  await workload.imapflow(client, sum)
  await meter.stop()
  client.close()
}

/**
 * A raw socket that sends the same command and does nothing with what comes.
 * @param {Job} job
 */
async function drain ({ workload, port, meter, sum }) {
  const socket = net.connect(port, '127.0.0.1')
  const answered = (/** @type {string} */ tag) => new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.on('data', function take (bytes) {
      sum.bytes += bytes.length
      if (!bytes.subarray(-TAGGED_BYTES).includes(`${tag} OK `)) return
      socket.off('data', take).off('error', reject)
      resolve(null)
    })
  })
  const command = (/** @type {string} */ line) => {
    socket.write(line + '\r\n')
    return answered(line.split(' ')[0])
  }
  await command('A0 LOGIN bench bench')
  await command('A1 EXAMINE INBOX')
  sum.bytes = 0
  meter.start()
  await command(`A2 ${workload.command}`)
  await meter.stop()
  sum.bytes -= 'A2 OK done\r\n'.length
  socket.destroy()
}

/**
 * The same objects and events, made from memory.
 * @param {Job} job
 */
async function floor ({ workload, count, meter, sum }) {
  meter.start()
  await new Promise((resolve, reject) => {
    workload.floor(count, sum, (/** @type {any} */ error) => error ? reject(error) : resolve(null))
  })
  await meter.stop()
}

/** A package that only the benchmark needs. @param {string} name @returns {any} */
function npm (name) {
  return require(name)
}

module.exports = { clients }
