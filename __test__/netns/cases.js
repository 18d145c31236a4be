// @ts-check
'use strict'

// What happens to packets, by the names of resilience 3.1, and how soon a session must know of it.

const { setTimeout: delay } = require('node:timers/promises')
const { HOST, hasIpv6 } = require('./network')
const { now } = require('./stage')

/** @typedef {import('./stage').Stage} Stage */

/**
 * @typedef {object} Outcome seconds; `undefined` where nothing was noticed in the time that is allowed
 * @property {number | undefined} noticed by everimap
 * @property {number} [back] from the repair, or from the loss where none is needed, to the announcement of what was missed
 * @property {number} [rival] by npm imap; `undefined` where it noticed nothing
 * @property {boolean} [hasRival]
 */

/**
 * @typedef {object} Case
 * @property {string} id
 * @property {string} what
 * @property {number} limit seconds
 * @property {(stage: Stage, limit: number) => Promise<Outcome>} run
 */

/** A machine that is busy with all cases at once is late by so many seconds at the most. */
const MARGIN_S = 5

/** What was missed is told so soon after the repair, in seconds. */
const BACK_S = 30

/** What keepalive probes and unacknowledged data have (resilience 2.11), in seconds. */
const TCP_S = 90
/** NOOP and DONE. */
const NOOP_S = 20
const DONE_S = 15

/** Logins are not what is tested. */
const RECONNECT = { loginsPerMinute: 600 }
/** IDLE is renewed often. */
const RENEWING = { interval: 1000, idleInterval: 2000 }
const RENEWAL_S = 3

/** The time for a name with a black hole among its addresses, and that of TCP for a wire that was out for a moment. */
const RACE_S = 0.6
const FLAP_MS = 200

/** @type {Case[]} */
const CASES = [
  {
    id: 'N02',
    what: 'SYN into a black hole; connTimeout 3 s',
    limit: 3,
    async run (stage, limit) {
      await stage.serve()
      stage.network.cut()
      const [own, rival] = await Promise.all([
        stage.client('everimap', { connTimeout: 3000, reconnect: RECONNECT }), stage.client('imap', { connTimeout: 3000 })
      ])
      const lost = Promise.all([watch(own, ['disconnected'], limit), watch(rival, ['error', 'close'], limit)])
      const started = now()
      own.begin('connect')
      rival.begin('connect')
      const [noticed, theirs] = await lost
      const ready = own.next(['ready'])
      const healed = now()
      stage.network.heal()
      return { noticed: since(started, noticed), rival: since(started, theirs), hasRival: true, back: since(healed, (await ready).at) }
    }
  },
  {
    id: 'N03',
    what: 'RST while idle',
    limit: 1,
    run: (stage, limit) => breaks(stage, limit, { fault: () => stage.network.kill(), rival: true })
  },
  {
    id: 'N06',
    what: 'half-open while idle',
    limit: TCP_S,
    run: (stage, limit) => breaks(stage, limit, { fault: () => stage.network.cut(), rival: true })
  },
  {
    id: 'N06off',
    what: 'the same without reconnect: error and close',
    limit: TCP_S,
    async run (stage, limit) {
      await stage.serve()
      const own = await stage.listener('everimap')
      const noticed = watch(own, ['error'], limit)
      const started = now()
      stage.network.cut()
      return { noticed: since(started, await noticed) }
    }
  },
  {
    id: 'N07',
    what: 'half-open, NOOP unanswered (each 1 s)',
    limit: 1 + NOOP_S,
    run: (stage, limit) => breaks(stage, limit, { fault: () => stage.network.cut(), options: { keepalive: { interval: 1000, forceNoop: true } }, rival: true })
  },
  {
    id: 'N07cmd',
    what: 'half-open, a command in flight; no keepalive',
    limit: TCP_S,
    run: (stage, limit) => breaks(stage, limit, { fault: () => stage.network.cut(), call: 'search', options: { keepalive: false }, rival: true })
  },
  {
    id: 'N08',
    what: 'half-open, DONE unanswered (renewal 3 s)',
    limit: RENEWAL_S + DONE_S,
    run: (stage, limit) => breaks(stage, limit, { fault: () => stage.network.cut(), options: { keepalive: RENEWING }, rival: true })
  },
  {
    id: 'N09',
    what: 'one-way loss: nothing comes in',
    limit: TCP_S,
    run: (stage, limit) => breaks(stage, limit, { fault: () => stage.network.drop('client', ['INPUT']), rival: true })
  },
  {
    id: 'N11',
    what: 'NAT forgets the connection (renewal 3 s)',
    limit: RENEWAL_S + DONE_S,
    run: (stage, limit) => breaks(stage, limit, {
      // New connections pass.
      fault: (ports) => ports.forEach((port) => {
        stage.network.drop('server', ['INPUT', '-p', 'tcp', '--sport', String(port)])
        stage.network.drop('server', ['OUTPUT', '-p', 'tcp', '--dport', String(port)])
      }),
      options: { keepalive: RENEWING },
      rival: true
    })
  },
  {
    id: 'N16',
    what: `link flaps for ${FLAP_MS} ms: mail passes, one reconnect at most`,
    limit: 5,
    async run (stage, limit) {
      await stage.serve()
      const own = await stage.listener('everimap', { reconnect: RECONNECT })
      const started = now()
      stage.network.run('server', 'ip', 'link', 'set', 'wire', 'down')
      const heard = watch(own, ['mail'], limit)
      await stage.server.ask('deliver')
      await delay(FLAP_MS)
      stage.network.run('server', 'ip', 'link', 'set', 'wire', 'up')
      const noticed = since(started, await heard)
      if (own.count('reconnected') > 1) throw new Error(`${own.count('reconnected')} reconnects`)
      assertAnnounced(own, 1)
      return { noticed }
    }
  },
  {
    id: 'N18',
    what: 'the host reboots without a word (renewal 3 s)',
    limit: RENEWAL_S + 1,
    async run (stage, limit) {
      await stage.serve(1)
      const own = await stage.listener('everimap', { reconnect: RECONNECT, keepalive: RENEWING })
      const server = stage.server
      stage.network.cut()
      // Nobody hears of the end of its sockets.
      stage.network.kill()
      server.child.kill('SIGKILL')
      await stage.serve(2)
      const lost = watch(own, ['disconnected'], limit)
      const mail = own.next(['mail'])
      const started = now()
      stage.network.heal()
      const noticed = since(started, await lost)
      const { at } = await mail
      assertAnnounced(own, 2)
      return { noticed, back: since(started, at) }
    }
  },
  {
    id: 'N19',
    what: 'zero window: APPEND of 16 MB, server stopped; no keepalive',
    limit: TCP_S,
    async run (stage, limit) {
      await stage.serve()
      const own = await stage.listener('everimap', { reconnect: RECONNECT, keepalive: false })
      stage.server.child.kill('SIGSTOP')
      const lost = watch(own, ['disconnected'], limit)
      const started = now()
      own.begin('append')
      const noticed = since(started, await lost)
      const continued = now()
      stage.server.child.kill('SIGCONT')
      return { noticed, back: since(continued, (await own.next(['reconnected'])).at) }
    }
  },
  {
    id: 'N20',
    what: 'IPv6 black hole, IPv4 fine: connected',
    limit: RACE_S,
    async run (stage, limit) {
      if (!hasIpv6()) return { noticed: 0 }
      await stage.serve(0, '::')
      stage.network.drop('server', ['INPUT', '-p', 'tcp'], 'ip6tables')
      /** @type {Record<string, number | undefined>} */
      const took = {}
      for (const implementation of /** @type {['everimap', 'imap']} */ (['everimap', 'imap'])) {
        const client = await stage.client(implementation, { host: HOST })
        const ready = watch(client, ['ready'], limit)
        const started = now()
        client.begin('connect')
        took[implementation] = since(started, await ready)
      }
      return { noticed: took.everimap, rival: took.imap, hasRival: true }
    }
  }
]

/**
 * Breaks the connection of sessions that listen, waits until they know, repairs, and looks whether the
 * mail of the meantime is announced.
 *
 * @param {Stage} stage
 * @param {number} limit seconds
 * @param {{ fault: (ports: number[]) => void, options?: object, call?: string, rival?: boolean }} how `call` is a
 *   command that is given then
 * @returns {Promise<Outcome>}
 */
async function breaks (stage, limit, { fault, options, call, rival: hasRival }) {
  await stage.serve()
  const own = await stage.listener('everimap', { reconnect: RECONNECT, ...options })
  const rival = hasRival ? await stage.listener('imap', options) : undefined
  const lost = watch(own, ['disconnected'], limit)
  const theirs = rival && watch(rival, ['error', 'end', 'close'], limit)
  const ports = await stage.server.ask('ports')
  const mail = own.next(['mail'], (limit + MARGIN_S + BACK_S) * 1000)
  const started = now()
  fault(ports)
  await stage.server.ask('deliver')
  if (call) own.begin(call)
  if (call && rival) rival.begin(call)
  const lostAt = await lost
  const rivalAt = await theirs
  const healed = now()
  stage.network.heal()
  const { at } = await mail
  assertAnnounced(own, 1)
  // Where new connections pass, nothing has to be repaired.
  const back = lostAt !== undefined && at < healed ? since(lostAt, at) : since(healed, at)
  return { noticed: since(started, lostAt), rival: since(started, rivalAt), hasRival, back }
}

/**
 * When the next of some events comes, by the monotonic clock; `undefined` if none comes in time.
 *
 * @param {import('./stage').Process} client
 * @param {string[]} names
 * @param {number} limit seconds
 * @returns {Promise<number | undefined>}
 */
async function watch (client, names, limit) {
  try {
    return (await client.next(names, (limit + MARGIN_S) * 1000)).at
  } catch {
    return undefined
  }
}

/** Seconds. @param {number} from milliseconds @param {number | undefined} to */
function since (from, to) {
  return to === undefined ? undefined : (to - from) / 1000
}

/** @param {import('./stage').Process} client @param {...number} uids */
function assertAnnounced (client, ...uids) {
  if (client.announced.join() !== uids.join()) throw new Error(`announced were ${client.announced}, expected ${uids}`)
}

module.exports = { CASES, MARGIN_S }
