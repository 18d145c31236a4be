// @ts-check
'use strict'

// What each event of the addon does: one handler for each variant of `Event` in src/event.rs, in
// its order. A handler reads all fields of its event before it calls code of the program. Nothing is
// loaded by a handler: when a connection is lost, there may be no descriptor left to read a file.

const { inspect } = require('node:util')
const { freshBox } = require('./box')
const { debug } = require('./debug')
const { emitGuarded, errorFrom } = require('./errors')
const { interned } = require('./interned')
const { named } = require('./namespaces')
const { finish, observe } = require('./observe')
const proof = require('./proof')
const { settle, watchRotation } = require('./rotation')
const { encrypt, fail, finish: finishSocket, open, reconnect, shut } = require('./socket')
const { giveToken } = require('./token')
const { plant } = require('./tree')

/** @typedef {import('./frame').FrameReader} FrameReader */
/** @typedef {any} Link */

/** @type {Array<(link: Link, r: FrameReader) => void>} */
const handlers = [
  function trace ({ connection }, r) {
    const sent = r.value()
    const line = r.value()
    const shown = sent && line === 'DONE' ? line : inspect(line)
    debug(connection, `${sent ? '=>' : '<='} ${shown}`)
  },

  function connected (link, r) {
    const { connection, socket } = link
    open(socket, r.value(), Number(connection._config.port))
    // While a session comes back, its state stays what it was: health checks see no outage.
    if (connection.state !== 'authenticated') connection.state = 'connected'
    debug(connection, '[connection] Connected to host')
    observe(link, 'connected')
    emitGuarded(socket, 'connect')
  },

  function encrypted ({ socket }) {
    encrypt(socket)
    emitGuarded(socket, 'secureConnect')
  },

  function capabilities ({ connection }, r) {
    connection._caps = interned(r.value())
  },

  function delimiter ({ connection }, r) {
    connection.delimiter = r.value()
  },

  function namespaces ({ connection }, r) {
    const [personal, other, shared] = [r.value(), r.value(), r.value()]
    connection.namespaces = { personal: named(personal), other: named(other), shared: named(shared) }
  },

  function ready (link) {
    link.completions++
    link.connection.state = 'authenticated'
    // The connection that has just been made is another one.
    settle(link, true)
    observe(link, 'ready')
    link.connection.emit('ready')
  },

  function alert (link, r) {
    const text = r.value()
    observe(link, 'alert', { text })
    link.connection.emit('alert', text === null ? undefined : text)
  },

  function uidvalidity ({ connection }, r) {
    connection.emit('uidvalidity', r.value())
  },

  function selecting ({ connection }) {
    connection._box = freshBox()
  },

  function selected ({ connection }, r) {
    const name = r.value()
    const readOnly = r.value()
    if (connection._box) Object.assign(connection._box, { name, readOnly })
  },

  function deselected ({ connection }) {
    connection._box = undefined
  },

  function mailbox ({ connection }, r) {
    const facts = r.value()
    for (const name in facts) if (Array.isArray(facts[name])) interned(facts[name])
    if (connection._box) Object.assign(connection._box, facts)
  },

  function exists ({ connection }, r) {
    const total = r.value()
    const fresh = r.value()
    const box = connection._box
    if (!box) return
    box.messages.total = total
    if (fresh > 0) {
      box.messages.new = fresh
      connection.emit('mail', fresh)
    }
  },

  function arrived ({ connection }, r) {
    const uids = r.value()
    const uidvalidity = r.value()
    const cause = r.value()
    if (connection._box) connection._box.messages.new = uids.length
    connection.emit('mail', uids.length, { uids, uidvalidity, cause })
  },

  function recent ({ connection }, r) {
    const count = r.value()
    if (connection._box) connection._box.messages.new = count
  },

  function expunge ({ connection }, r) {
    const seqno = r.value()
    const uid = r.value()
    const cause = r.value()
    const box = connection._box
    if (!box) return
    if (box.messages.total > 0) box.messages.total--
    if (cause === null) {
      connection.emit('expunge', seqno)
    } else {
      connection.emit('expunge', seqno, { uid: uid === null ? undefined : uid, cause })
    }
  },

  function update ({ connection }, r) {
    const seqno = r.value()
    connection.emit('update', seqno, r.value())
  },

  function flags ({ connection }, r) {
    const seqno = r.value()
    connection.emit('update', seqno, { uid: r.value(), flags: r.value() })
  },

  function list (link, r) {
    const request = collector(link, r.value())
    const mailbox = { attribs: r.value(), delimiter: r.value(), name: r.value() }
    if (!request) return
    if (!request.tree) {
      request.tree = {}
      request.results.push(request.tree)
    }
    plant(request.tree, mailbox)
  },

  function search (link, r) {
    const request = collector(link, r.value())
    const numbers = r.value()
    const modseq = r.value()
    if (!request) return
    request.results.push(numbers)
    if (modseq !== null) request.results.push(modseq)
  },

  function status (link, r) {
    const request = collector(link, r.value())
    const name = r.value()
    const items = r.value()
    if (request) request.results.push(statusBox(name, items))
  },

  function thread (link, r) {
    collect(link, r)
  },

  function esearch (link, r) {
    collect(link, r)
  },

  function id (link, r) {
    collect(link, r)
  },

  function quota (link, r) {
    const request = collector(link, r.value())
    const quota = r.value()
    if (!request) return
    if (!request.quotas) {
      request.quotas = []
      request.results.push(request.quotas)
    }
    request.quotas.push(quota)
  },

  function fetched (link, r) {
    const request = link.requests.get(r.value())
    const seqno = r.value()
    const attributes = r.value()
    if (request) request.whole(seqno, attributes)
  },

  function message (link, r) {
    const request = link.requests.get(r.value())
    const seqno = r.value()
    if (request) request.message(seqno)
  },

  function attributes (link, r) {
    const request = link.requests.get(r.value())
    const seqno = r.value()
    const attributes = r.value()
    if (request) request.attributes(seqno, attributes)
  },

  function bodyBegin (link, r) {
    const request = link.requests.get(r.value())
    const seqno = r.value()
    const body = r.value()
    const which = r.value()
    const size = r.value()
    if (request) request.bodyBegin(seqno, body, which, size)
  },

  function bodyChunk (link, r) {
    const body = link.bodies.get(r.value())
    const bytes = r.value()
    if (body) body.arrive(bytes)
  },

  function bodyEnd (link, r) {
    const id = r.value()
    const body = link.bodies.get(id)
    link.bodies.delete(id)
    if (body) body.complete()
  },

  function bodyLost (link, r) {
    const id = r.value()
    const error = errorFrom(r.value())
    const body = link.bodies.get(id)
    link.bodies.delete(id)
    if (body) body.lose(error)
  },

  function body (link, r) {
    const request = link.requests.get(r.value())
    const seqno = r.value()
    const which = r.value()
    const bytes = r.value()
    if (request) request.body(seqno, which, bytes)
  },

  function done (link, r) {
    const request = link.answered(r.value())
    const code = r.value()
    finish(link, request)
    if (request) request.succeed(code)
  },

  function failed (link, r) {
    const request = link.answered(r.value())
    const error = errorFrom(r.value())
    finish(link, request, error)
    if (request) request.fail(error)
  },

  function lost (link, r) {
    const request = link.answered(r.value())
    const error = Object.assign(errorFrom(r.value()), r.value())
    finish(link, request, error)
    if (request) proof.lose(link, request, error)
  },

  function again (link, r) {
    const request = link.requests.get(r.value())
    if (request && request.restart) request.restart()
  },

  function tokenWanted (link, r) {
    const cause = r.value()
    giveToken(link.connection, link.native, { cause, attempt: r.value() })
  },

  function error (link, r) {
    const { connection } = link
    const error = errorFrom(r.value())
    // Nothing can be asked of this link any more, and a listener may connect anew.
    link.isOpen = false
    shut(link.socket)
    observe(link, 'error', { code: error.code, source: error.source, text: error.message })
    // A program that has taken our listener off the socket deals with its errors itself.
    if (error.source === 'socket') return fail(link.socket, error)
    // The connection is already given up when nothing was heard for too long (contract 2.3).
    if (error.source === 'socket-timeout') {
      debug(connection, '[connection] Socket timeout')
      connection.state = 'disconnected'
    } else {
      debug(connection, `[connection] Error: ${error}`)
    }
    connection.emit('error', error)
  },

  function closed (link, r) {
    const { connection } = link
    const hadError = r.value()
    const ended = r.value()
    const lost = errorFrom(r.value())
    const { socket } = link
    link.isOpen = false
    settle(link, false)
    finishSocket(socket)
    connection.state = 'disconnected'
    // What came whole and is being read is told to its end first (contract Q-20).
    setImmediate(() => {
      link.abandon(lost)
      // The streams that were abandoned emit their errors on this tick: `close` is the last event.
      process.nextTick(() => {
        if (ended && !link.isFailed) {
          debug(connection, '[connection] Ended')
          emitGuarded(connection, 'end')
          emitGuarded(socket, 'end')
        }
        debug(connection, '[connection] Closed')
        observe(link, 'close', { hadError: hadError || link.isFailed })
        emitGuarded(connection, 'close', hadError || link.isFailed)
        emitGuarded(socket, 'close', hadError || link.isFailed)
      })
    })
  },

  function lifecycle (link, r) {
    const { event, ...facts } = r.value()
    if (event === 'reconnected' || event === 'rotated') link.completions++
    if (event === 'disconnected') reconnect(link.socket)
    watchRotation(link, event)
    proof.watch(link, event)
    observe(link, event, facts)
    debug(link.connection, `[session] ${event} ${inspect(facts, { breakLength: Infinity })}`)
    link.connection.emit(event, facts)
  }
]

/**
 * The request that is to have the server's data with its answer. A FETCH and LOGOUT take none: what
 * a server says during those unasked is passed over (contract Q-05).
 * @param {Link} link
 * @param {number} id
 */
function collector (link, id) {
  const request = link.requests.get(id)
  return request && request.results ? request : undefined
}

/**
 * Data that is one result of its request.
 * @param {Link} link
 * @param {FrameReader} r
 */
function collect (link, r) {
  const request = collector(link, r.value())
  const result = r.value()
  if (request) request.results.push(result)
}

/**
 * The result of `status()` (contract section 3.2).
 * @param {string} name
 * @param {Array<[item: string, value: any]>} items
 */
function statusBox (name, items) {
  const messages = { total: 0, new: 0, unseen: 0 }
  /** @type {any} */
  const box = { name, uidnext: 0, uidvalidity: 0, messages }
  for (const [item, value] of items) {
    switch (item) {
      case 'MESSAGES': messages.total = value || 0; break
      case 'RECENT': messages.new = value || 0; break
      case 'UNSEEN': messages.unseen = value || 0; break
      case 'UIDNEXT': box.uidnext = value || 0; break
      case 'UIDVALIDITY': box.uidvalidity = value || 0; break
      case 'HIGHESTMODSEQ': box.highestmodseq = String(value)
    }
  }
  return box
}

module.exports = { handlers }
