// @ts-check
'use strict'

// What programs look at although node-imap does not document it (contract section 1.4): the queue,
// the command that is running, IDLE. They are worked out when somebody looks, and nothing is kept
// for them; what is assigned to them is dropped.

const binding = require('./binding')

/** `Upkeep` in src/event.rs, in its order. */
const UPKEEP = ['nothing', 'asking', 'idling', 'leaving', 'polling', 'pausing']

/** The key of the program's `debug` function. */
const kDebug = Symbol('debug')

/** A command that waits or runs, as node-imap keeps it. */
class Command {
  #asked

  /** @param {any} answer what takes the answer to it */
  constructor (answer) {
    this.#asked = answer.asked
    this.cb = answer.callback
    this.cbargs = answer.results || []
  }

  /** The line that was or will be sent, without its tag. */
  get fullcmd () {
    return binding.check(JSON.stringify(this.#asked.request), this.#asked.data)
  }

  /** Its first word; `UID` for the commands on UIDs. */
  get type () {
    return /** @type {RegExpExecArray} */ (/^\S*/.exec(this.fullcmd))[0]
  }
}

/**
 * What the connection is doing.
 * @param {any} connection
 * @returns {{ current: any, waiting: any[], upkeep: string, since: number }}
 */
function look (connection) {
  const link = connection._link()
  if (!link) return { current: undefined, waiting: [], upkeep: 'nothing', since: 0 }
  const [begun, number, since] = link.native.activity()
  const pending = [...link.requests]
  // Nothing is done of the connection's own accord until the program has seen all answers.
  const upkeep = link.settled === link.completions ? UPKEEP[number] : 'nothing'
  let current
  if (link.isAnswering) {
    // A command whose callback is running is over, and the next one has not begun.
  } else if (pending.length > 0 && pending[0][0] <= begun && pending[0][0] !== link.fresh) {
    current = new Command(/** @type {any} */ (pending.shift())[1])
  } else if (upkeep === 'polling') {
    current = { type: 'NOOP', fullcmd: 'NOOP', cb: undefined, cbargs: [] }
  } else if (upkeep === 'asking' || upkeep === 'idling' || upkeep === 'leaving') {
    current = { type: 'IDLE', fullcmd: 'IDLE', cb: undefined, cbargs: [] }
  }
  return { current, waiting: pending.map(([, answer]) => new Command(answer)), upkeep, since }
}

/** What is assigned to those that only tell something. */
function drop () {}

/** What all of them are. */
const MEMBER = { enumerable: true, configurable: true, set: drop }

/**
 * All connections share these, and with them their hidden class.
 * @type {Record<string, PropertyDescriptor & ThisType<any>>}
 */
const members = {
  _queue: {
    ...MEMBER,
    get () { return look(this).waiting }
  },

  _curReq: {
    ...MEMBER,
    get () { return look(this).current }
  },

  _idle: {
    ...MEMBER,
    get () {
      const { current, waiting, upkeep, since } = look(this)
      const isIdling = upkeep === 'idling' || upkeep === 'leaving'
      return {
        started: isIdling ? since : upkeep === 'asking' ? 0 : undefined,
        enabled: upkeep !== 'nothing' && upkeep !== 'leaving' && waiting.length === 0 && !(current instanceof Command)
      }
    }
  },

  debug: {
    ...MEMBER,
    get () { return this[kDebug] },
    set (debug) {
      Object.defineProperty(this, kDebug, { value: debug, configurable: true })
      const link = this._link()
      if (link) link.native.trace(typeof debug === 'function')
    }
  }
}

/**
 * Defines one of these on a new connection, in the order of node-imap's properties.
 * @param {any} connection
 * @param {'_queue' | '_curReq' | '_idle' | 'debug'} name
 */
function defineMember (connection, name) {
  Object.defineProperty(connection, name, members[name])
}

module.exports = { defineMember }
