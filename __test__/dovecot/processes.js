// @ts-check
'use strict'

// A daemon and all that it starts, as one process group; Linux only, as the Dovecot tests are.

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const { setTimeout: delay } = require('node:timers/promises')

const POLL_MS = 10

/** A daemon in a process group of its own. It never keeps the test process alive. */
class ProcessGroup {
  /**
   * @param {string} command a daemon that stays in the foreground
   * @param {string[]} args
   * @param {string} folder what belongs to it, removed with it
   */
  constructor (command, args, folder) {
    const leader = spawn(command, args, { detached: true, stdio: 'ignore' })
    if (leader.pid === undefined) throw new Error(`${command} does not start`)
    leader.unref()
    /** The id of the group: the pid of its leader. */
    this.id = leader.pid
    /** How the leader ended, once it did. @type {string | undefined} */
    this.ended = undefined
    leader.on('exit', (status, signal) => { this.ended = `${command} ended with ${signal ?? status}` })
    this.guard = guard(this.id, folder)
  }

  /** @returns {number[]} the pids of those that live; a zombie does not */
  alive () {
    return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
      const status = processStatus(pid)
      return status !== undefined && status.group === this.id && !'ZX'.includes(status.state)
    })
  }

  /**
   * Signals every process of the group.
   *
   * @param {NodeJS.Signals} name
   */
  signal (name) {
    try {
      process.kill(-this.id, name)
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
    }
  }

  /**
   * Waits until none is left.
   *
   * @param {number} milliseconds how long at most
   * @returns {Promise<boolean>} whether all are gone
   */
  async gone (milliseconds) {
    const deadline = Date.now() + milliseconds
    // A leader that nobody has waited for yet still has its pid, and Dovecot takes it for running.
    while (this.alive().length > 0 || this.ended === undefined) {
      if (Date.now() > deadline) return false
      await delay(POLL_MS)
    }
    return true
  }

  /** The group is gone and its folder is removed: nothing is left to guard. */
  release () {
    this.guard.kill('SIGKILL')
  }
}

/**
 * @param {number} pid
 * @returns {{ state: string, group: number } | undefined} proc(5), /proc/pid/stat: the name is in
 *   parentheses and may hold any byte
 */
function processStatus (pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state, group: Number(group) }
  } catch {
    return undefined
  }
}

// Waits for the end of our pipe: it comes however the test process ends, SIGKILL included.
const GUARD = `trap '' INT TERM HUP
read -r _
kill -s KILL -- "-$1"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf -- "$2" && exit
  sleep 0.1
done`

/**
 * @param {number} group
 * @param {string} folder
 */
function guard (group, folder) {
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', String(group), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore']
  })
  child.unref()
  const pipe = /** @type {import('node:net').Socket} */ (child.stdin)
  pipe.on('error', () => {})
  pipe.unref()
  return child
}

module.exports = { ProcessGroup }
