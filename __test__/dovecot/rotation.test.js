// @ts-check
'use strict'

// A session that moves from connection to connection while another client delivers, flags and
// expunges (resilience 2.8). ROTATIONS=200 makes it a longer run, SEED another one.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')

const { Dovecot } = require('.')
const { random } = require('../random')
const { Shadow, picture } = require('../shadow')
const { Imap, call, connected, ended, fetched, within } = require('./support')

const ROTATIONS = Number(process.env.ROTATIONS || 10)
const SEED = Number(process.env.SEED || 20261124)
const PATIENCE_MS = 30_000
/** Dovecot tells an idling client of changes within a second. */
const SETTLE_MS = 5_000
const RECONNECT = { loginsPerMinute: 1e6 }
const MARKS = [['Flags', '\\Seen'], ['Flags', '\\Flagged'], ['Flags', '\\Answered'], ['Keywords', 'important']]

test(`${ROTATIONS} rotations under mail flow: each UID once, never closed, two connections at most`, async (t) => {
  const dovecot = await Dovecot.start()
  t.after(() => dovecot.stop())
  const imap = new Imap({ ...dovecot.options(), reconnect: RECONNECT })
  t.after(() => imap.destroy())
  const opened = once(imap, 'ready').then(() => call(imap, 'openBox', 'INBOX', true))
  imap.connect()
  await within(PATIENCE_MS, opened, 'the mailbox')
  const shadow = new Shadow(imap)
  let rotated = 0
  imap.on('rotated', () => rotated++)
  for (const never of ['error', 'end', 'close', 'disconnected', 'rotationFailed']) imap.on(never, (/** @type {any} */ what) => assert.fail(`'${never}': ${JSON.stringify(what)}`))

  const other = new OtherClient(await connected({ ...dovecot.plainOptions(), keepalive: false }), shadow, random(SEED))
  await call(other.imap, 'openBox', 'INBOX')
  const working = other.work()
  for (let count = 0; count < ROTATIONS; count++) {
    assert.equal(await within(PATIENCE_MS, imap.rotate(), `rotation ${count + 1}`), true)
    // Its LOGOUT is still on its way.
    await sessions(dovecot, count + 1)
    // Something happens between two rotations too.
    await other.did(1 + count % 5)
  }
  other.stop()
  await within(PATIENCE_MS, working, 'the other client')

  const server = (await fetched(other.imap.fetch('1:*', {}))).map(({ attributes }) => picture(attributes))
  // What is still on its way has a while; then the comparison says what is missing.
  await shadow.until(() => shadow.picture.join() === server.join(), SETTLE_MS)
  assert.deepEqual(shadow.announced, other.uids, 'each UID once, in order')
  assert.deepEqual(shadow.picture, server, 'the shadow is the server\'s mailbox')
  assert.equal(rotated, ROTATIONS)

  for (const never of ['end', 'close']) imap.removeAllListeners(never)
  await ended(imap)
  await ended(other.imap)
  const { logins, most } = await sessions(dovecot, ROTATIONS + 1)
  assert.equal(logins, ROTATIONS + 1)
  assert.ok(most <= 2, `${most} connections at once`)
  t.diagnostic(`${rotated} rotations, ${other.uids.length} deliveries, ${other.flagged} flags, ${other.expunged} expunges, ` +
    `at most ${most} connections at once; SEED=${SEED}`)
})

/** Changes the mailbox without a pause, one thing after the other. */
class OtherClient {
  /**
   * @param {any} imap with the mailbox open
   * @param {Shadow} shadow
   * @param {() => number} chance
   */
  constructor (imap, shadow, chance) {
    this.imap = imap
    this.shadow = shadow
    this.chance = chance
    /** The UIDs of all deliveries. @type {number[]} */
    this.uids = []
    /** UIDs that are not expunged. @type {number[]} */
    this.alive = []
    this.flagged = 0
    this.expunged = 0
    this.steps = 0
    this.isStopped = false
    this.stepped = () => {}
  }

  async work () {
    while (!this.isStopped) {
      await this.step()
      this.steps++
      this.stepped()
    }
  }

  async step () {
    const chance = this.chance()
    // What comes and goes between two looks is nobody's to know.
    const last = this.shadow.announced.at(-1) ?? 0
    const known = this.alive.filter((uid) => uid <= last).length
    const at = Math.floor(this.chance() * known)
    if (known === 0 || chance < 0.5) {
      const uid = await call(this.imap, 'append', `Subject: ${this.uids.length + 1}\r\n\r\nx\r\n`)
      this.uids.push(uid)
      this.alive.push(uid)
    } else if (chance < 0.8) {
      const [kind, mark] = MARKS[Math.floor(this.chance() * MARKS.length)]
      await call(this.imap, `${this.chance() < 0.7 ? 'add' : 'del'}${kind}`, this.alive[at], mark)
      this.flagged++
    } else {
      const [uid] = this.alive.splice(at, 1)
      await call(this.imap, 'addFlags', uid, '\\Deleted')
      await call(this.imap, 'expunge', uid)
      this.expunged++
    }
  }

  /** Resolves after so many more steps. @param {number} count */
  async did (count) {
    const until = this.steps + count
    while (this.steps < until) await new Promise((resolve) => { this.stepped = () => resolve(undefined) })
  }

  stop () {
    this.isStopped = true
  }
}

/**
 * The sessions over TLS by the log of the server: how many there were, and how many at once.
 *
 * @param {Dovecot} dovecot
 * @param {number} ends how many of them must be over; they are waited for
 */
async function sessions (dovecot, ends) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const open = new Set()
    let logins = 0
    let most = 0
    let over = 0
    for (const line of fs.readFileSync(path.join(dovecot.folder, 'dovecot.log'), 'utf8').split('\n')) {
      const login = /imap-login: Info: Login: .*, TLS, session=<(.*)>/.exec(line)
      if (login) {
        logins++
        open.add(login[1])
        most = Math.max(most, open.size)
      }
      const end = /imap\(.*\)<\d+><(.*)>: Info: Disconnected: /.exec(line)
      if (end && open.delete(end[1])) over++
    }
    if (over >= ends) return { logins, most }
    assert.ok(Date.now() < deadline, `${over} of ${ends} connections are over`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
