// @ts-check
'use strict'

// The five clients of a workload that is one program on one open mailbox: each connects, opens
// INBOX, and does it between `meter.start()` and `meter.stop()`.

const { Drain, flow, npm, opened } = require('./sessions')

/**
 * What a client has to do in its process.
 * @typedef {object} Job
 * @property {import('./sessions').Address} address
 * @property {number} count
 * @property {import('./meter').Meter} meter
 * @property {any} sum what it is to fill
 */

/** @typedef {(job: Job) => Promise<void>} Client */

/**
 * The program of a workload, for each library.
 * @typedef {object} Program
 * @property {object} [config] of everimap and npm imap
 * @property {(imap: any, job: Job, done: (error?: any) => void) => void} nodeImap
 * @property {(client: any, job: Job) => Promise<void>} imapflow
 * @property {string} [command] what `drain` sends, without a tag
 * @property {(socket: Drain, job: Job) => Promise<void>} [drain] instead of `command`
 * @property {(job: Job) => (done: (error?: any) => void) => void} floor prepares, and gives what is measured
 */

/**
 * @param {Program} program
 * @returns {Record<string, Client>}
 */
function clients (program) {
  return {
    everimap: job => nodeImap(require('..'), program, job),
    imap: job => nodeImap(npm('imap'), program, job),
    imapflow: job => imapflow(program, job),
    drain: job => drain(program, job),
    floor: job => floor(program, job)
  }
}

/**
 * everimap and npm imap: the same program.
 * @param {any} Imap
 * @param {Program} program
 * @param {Job} job
 */
async function nodeImap (Imap, program, job) {
  const imap = await opened(Imap, job.address, program.config || { keepalive: false })
  job.meter.start()
  await called(done => program.nodeImap(imap, job, done))
  await job.meter.stop()
  imap.end()
}

/**
 * @param {Program} program
 * @param {Job} job
 */
async function imapflow (program, job) {
  const client = await flow(job.address, program.config ? {} : { disableAutoIdle: true })
  await client.mailboxOpen('INBOX', { readOnly: true })
  job.meter.start()
  await program.imapflow(client, job)
  await job.meter.stop()
  client.close()
}

/**
 * A raw socket that sends the same and does nothing with what comes.
 * @param {Program} program
 * @param {Job} job
 */
async function drain (program, job) {
  const socket = await Drain.login(job.address)
  await socket.command('A1 EXAMINE INBOX')
  socket.bytes = 0
  job.meter.start()
  if (program.drain) await program.drain(socket, job)
  else await socket.command(`A2 ${program.command}`)
  await job.meter.stop()
  if (program.command) job.sum = { bytes: socket.bytes }
  socket.socket.destroy()
}

/**
 * The same objects and events, made from memory.
 * @param {Program} program
 * @param {Job} job
 */
async function floor (program, job) {
  const start = program.floor(job)
  job.meter.start()
  await called(start)
  await job.meter.stop()
}

/**
 * @param {(done: (error?: any) => void) => void} start
 * @returns {Promise<void>}
 */
function called (start) {
  return new Promise((resolve, reject) => start(error => error ? reject(error) : resolve()))
}

module.exports = { clients }
