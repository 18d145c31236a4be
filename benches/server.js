// @ts-check
'use strict'

// Replays prepared answers as fast as a socket takes them: `node server.js CASE COUNT`. It speaks
// as little IMAP as the clients need to get to the commands that are measured.

const net = require('node:net')
const tls = require('node:tls')
const { certificate } = require('../__test__/server/certificate')
const { relay } = require('./relay')
const { cases } = require('./workloads')

/** Connections that may wait to be accepted. */
const BACKLOG = 4096

const CAPABILITIES = 'IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN IDLE NAMESPACE'

/**
 * A connection to this server.
 * @typedef {object} Session
 * @property {net.Socket} socket
 * @property {string} user who has logged in
 * @property {boolean} isIdling
 * @property {string} awaited the tag of a command that sends another line, or ''
 */

/**
 * What is said to a command before its tagged line, in the pieces that are written at once.
 * @typedef {string | Iterable<string | Buffer>} Answer
 * @typedef {(words: string[], sessions: Set<Session>) => Answer | Promise<Answer>} Answerer
 */

const [name, count] = process.argv.slice(2)
const { answers, mailbox, command, tls: isEncrypted, roundTripMs } = cases[name]
const { key, cert, ca } = certificate()

/** Answers by command. @type {Record<string, Answerer>} */
const known = {
  CAPABILITY: () => `* CAPABILITY ${CAPABILITIES}\r\n`,
  NAMESPACE: () => '* NAMESPACE (("" "/")) NIL NIL\r\n',
  LIST: () => '* LIST () "/" INBOX\r\n',
  LSUB: () => '* LSUB () "/" INBOX\r\n',
  SELECT: box,
  EXAMINE: box,
  LOGOUT: () => '* BYE\r\n',
  ...answers(Number(count))
}

/** @type {Set<Session>} */
const sessions = new Set()

start().catch(error => {
  console.error(error)
  process.exit(1)
})

// Whoever started the server is gone, or has enough of it.
process.once('disconnect', () => process.exit())

async function start () {
  const server = isEncrypted
    ? tls.createServer({ key, cert, noDelay: true }, serve)
    : net.createServer({ noDelay: true }, serve)
  const direct = await listening(server)
  const port = roundTripMs === undefined ? direct : await listening(relay(direct, roundTripMs / 2))
  const address = { port, ca: isEncrypted ? ca : undefined }
  if (process.send) process.send({ address, bytes: command ? await answerBytes(command) : null })
  else console.log(port)
}

/**
 * @param {net.Server} server
 * @returns {Promise<number>} its port
 */
function listening (server) {
  return new Promise(resolve => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
      resolve(/** @type {net.AddressInfo} */ (server.address()).port)
    })
  })
}

/** @param {net.Socket} socket */
function serve (socket) {
  let rest = ''
  const session = { socket, user: '', isIdling: false, awaited: '' }
  sessions.add(session)
  socket.on('error', () => {})
  socket.on('close', () => sessions.delete(session))
  socket.write(`* OK [CAPABILITY ${CAPABILITIES}] ready\r\n`)
  socket.on('data', bytes => {
    const lines = (rest + bytes.toString('latin1')).split('\r\n')
    rest = lines.pop() || ''
    for (const line of lines) obey(session, line)
  })
}

/**
 * @param {Session} session
 * @param {string} line
 */
function obey (session, line) {
  const { socket, awaited } = session
  if (awaited) {
    if (!session.isIdling) session.user = plainUser(line)
    session.awaited = ''
    session.isIdling = false
    return socket.write(`${awaited} OK done\r\n`)
  }
  const [tag, ...words] = line.split(' ')
  const verb = words[words[0] === 'UID' ? 1 : 0].toUpperCase()
  if (verb === 'IDLE' || (verb === 'AUTHENTICATE' && words.length === 2)) {
    session.isIdling = verb === 'IDLE'
    session.awaited = tag
    return socket.write('+ \r\n')
  }
  if (verb === 'LOGIN') session.user = words[1].replace(/"/g, '')
  if (verb === 'AUTHENTICATE') session.user = plainUser(words[2])
  const tagged = `${tag} OK ${verb === 'EXAMINE' ? '[READ-ONLY] ' : ''}done\r\n`
  const answer = known[verb] ? known[verb](words, sessions) : ''
  if (answer instanceof Promise) answer.then(answer => say(socket, answer, tagged))
  else say(socket, answer, tagged)
  if (verb === 'LOGOUT') socket.end()
}

/** Who logs in: `NUL user NUL password` in base64 (RFC 4616). @param {string} response */
function plainUser (response) {
  return Buffer.from(response, 'base64').toString().split('\0')[1] || ''
}

/**
 * @param {net.Socket} socket
 * @param {Answer} answer
 * @param {string} tagged
 */
function say (socket, answer, tagged) {
  if (typeof answer === 'string') return socket.write(answer + tagged)
  const pieces = answer[Symbol.iterator]()
  const write = () => {
    for (let next = pieces.next(); !next.done; next = pieces.next()) {
      if (!socket.write(next.value)) return socket.once('drain', write)
    }
    socket.write(tagged)
  }
  write()
}

/** What `drain` has to count. @param {string} command */
async function answerBytes (command) {
  const words = command.split(' ')
  const answer = await known[words[words[0] === 'UID' ? 1 : 0]](words, sessions)
  let bytes = 'A2 OK done\r\n'.length
  for (const piece of typeof answer === 'string' ? [answer] : answer) bytes += piece.length
  return bytes
}

function box () {
  return '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n' +
    `* ${mailbox ? mailbox(Number(count)) : count} EXISTS\r\n* 0 RECENT\r\n` +
    '* OK [UIDVALIDITY 1] UIDs valid\r\n* OK [UIDNEXT 4000000000] next\r\n'
}
