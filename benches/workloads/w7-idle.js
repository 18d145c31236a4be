// @ts-check
'use strict'

// Many connections that wait for mail over TLS: what each costs, and how soon it tells.

const { setTimeout: delay } = require('node:timers/promises')
const { residentBytes } = require('../meter')
const { Drain, flow, npm, opened } = require('../sessions')

/** Connections that are being made at the same time. */
const AT_ONCE = 32

/** Until all connections idle and what they left behind is gone, in milliseconds. */
const SETTLE_MS = 500

/** How long the processor time of idling is looked at, in milliseconds. */
const IDLE_MS = 1000

/** Deliveries, one after the other to one connection each. */
const DELIVERIES = 500

/** Between two deliveries, in milliseconds. */
const GAP_MS = 4

/** How late the last event may be, in milliseconds. */
const LATE_MS = 5000

const MESSAGES = 10

/** @typedef {import('../sessions').Address} Address */
/** @typedef {(address: Address, told: () => void) => Promise<any>} Open makes a connection that idles, and tells of mail */

/** @type {Record<string, Open>} */
const libraries = {
  everimap: (address, told) => nodeImap(require('../..'), address, told),
  imap: (address, told) => nodeImap(npm('imap'), address, told),

  async imapflow (address, told) {
    const client = await flow(address)
    await client.mailboxOpen('INBOX', { readOnly: true })
    client.on('exists', told)
    client.idle().catch(() => {})
    return client
  },

  async drain (address, told) {
    const drain = await Drain.login(address)
    await drain.command('A1 EXAMINE INBOX')
    const idling = drain.until('+ ')
    drain.socket.write('A2 IDLE\r\n')
    await idling
    drain.socket.on('data', told)
    return drain
  }
}

/** @param {any} Imap @param {Address} address @param {() => void} told */
async function nodeImap (Imap, address, told) {
  const imap = await opened(Imap, address)
  imap.on('mail', told)
  return imap
}

/**
 * @param {Open} open
 * @param {number} deliveries
 * @returns {import('../clients').Client}
 */
function idling (open, deliveries) {
  return async ({ address, count, meter, sum }) => {
    const mail = new Mail()
    const connections = /** @type {any[]} */ ([])
    const connect = async (/** @type {number} */ index) => {
      const user = `bench-${index}`
      connections.push(await open({ ...address, user }, () => mail.arrived(user)))
    }
    // What the first one needs is there for all.
    await connect(0)
    const before = await settled()
    for (let index = 1; index < count; index += AT_ONCE) {
      const last = Math.min(count, index + AT_ONCE)
      await Promise.all(Array.from({ length: last - index }, (_, offset) => connect(index + offset)))
    }
    const connectMs = performance.now() - before.at
    const after = await settled()
    const added = Math.max(1, count - 1)
    const { user, system } = process.cpuUsage(after.cpu)
    await delay(IDLE_MS)
    const idle = process.cpuUsage(after.cpu)
    meter.note({
      memoryEachKB: (after.resident - before.resident) / 1024 / added,
      connectMs,
      connectCpuEachMs: (after.cpuMs - before.cpuMs) / added,
      idleCpuEachUs: (idle.user + idle.system - user - system) / (IDLE_MS / 1000) / count
    })
    if (deliveries > 0) meter.note(await delivered(address, deliveries, mail))
    sum.idling = connections.length
    sum.told = mail.count
  }
}

/** When nothing happens any more: what there is by then. */
async function settled () {
  await delay(SETTLE_MS)
  if (global.gc) global.gc()
  await delay(SETTLE_MS / 2)
  if (global.gc) global.gc()
  const cpu = process.cpuUsage()
  return { at: performance.now(), resident: residentBytes(), cpu, cpuMs: (cpu.user + cpu.system) / 1000 }
}

/** Which connection has told of mail, and when. */
class Mail {
  constructor () {
    /** @type {Map<string, number[]>} */
    this.times = new Map()
    this.count = 0
  }

  /** @param {string} user */
  arrived (user) {
    this.count++
    this.times.set(user, [...this.times.get(user) || [], now()])
  }
}

/**
 * Lets the server deliver while this loop does nothing.
 * @param {Address} address
 * @param {number} count
 * @param {Mail} mail
 */
async function delivered (address, count, mail) {
  const control = await Drain.login({ ...address, user: 'control' })
  let text = ''
  control.socket.on('data', bytes => { text += bytes })
  await control.command(`C1 XDELIVER ${count}`)
  for (const until = now() + LATE_MS; mail.count < count && now() < until;) await delay(GAP_MS)
  const delays = [...text.matchAll(/\* SENT (\S+) (\S+)/g)].map(([, user, sent]) => {
    const arrived = (mail.times.get(user) || []).shift()
    return arrived === undefined ? Infinity : arrived - Number(sent)
  }).sort((a, b) => a - b)
  const at = (/** @type {number} */ part) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))]
  return { deliveryP50Ms: at(0.5), deliveryP99Ms: at(0.99), deliveryMaxMs: at(1) }
}

/** The server's side of it: tells when it sent what to whom. @type {import('../server').Answerer} */
async function deliver ([, count], sessions) {
  const idling = [...sessions].filter(({ isIdling }) => isIdling)
  const sent = []
  for (let index = 0; index < Number(count); index++) {
    await delay(GAP_MS)
    const { socket, user } = idling[index * 7919 % idling.length]
    // No connection has two deliveries before all have one.
    const exists = MESSAGES + 1 + Math.floor(index / idling.length)
    sent.push(`* SENT ${user} ${now()}\r\n`)
    socket.write(`* ${exists} EXISTS\r\n`)
  }
  return sent.join('')
}

/** The time in milliseconds, the same in every process of a machine. */
function now () {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

/**
 * @param {number} count
 * @param {number} runs
 * @param {number} deliveries
 * @returns {import('.').Case}
 */
function idle (count, runs, deliveries) {
  return {
    name: `W7-${count}`,
    title: 'idle TLS connections in one process',
    count,
    runs,
    tls: true,
    files: count,
    columns: [
      ['KB each', 'memoryEachKB', 1], ['/imap', 'memoryEachKB/imap', 2],
      ['connect ms, all', 'connectMs', 0], ['connect CPU ms, each', 'connectCpuEachMs', 2], ['/imap', 'connectCpuEachMs/imap', 2],
      ['idle CPU us/s, each', 'idleCpuEachUs', 1],
      ['delivery p50 ms', 'deliveryP50Ms', 2], ['p99', 'deliveryP99Ms', 2], ['max', 'deliveryMaxMs', 2]
    ],
    mailbox: () => MESSAGES,
    answers: () => ({ XDELIVER: deliver }),
    sum: () => ({ idling: 0, told: 0 }),
    expected: count => ({ idling: count, told: deliveries }),
    clients: Object.fromEntries(Object.entries(libraries).map(([name, open]) => [name, idling(open, deliveries)]))
  }
}

module.exports = {
  name: 'W7',
  cases: [idle(100, 2, 0), idle(1000, 2, DELIVERIES), idle(4000, 1, 0)],
  targets: [
    { case: 'W7-100', measure: 'memoryEachKB', against: 'imap', most: 0.2 },
    { case: 'W7-1000', measure: 'memoryEachKB', against: 'imap', most: 0.2 },
    { case: 'W7-4000', measure: 'memoryEachKB', against: 'imap', most: 0.2 },
    { case: 'W7-1000', measure: 'deliveryP99Ms', most: 5 }
  ]
}
