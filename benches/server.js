// @ts-check
'use strict'

// Replays prepared answers as fast as a socket takes them: `node server.js WORKLOAD COUNT`. It
// speaks as little IMAP as the clients need to get to the one command that is measured.

const net = require('node:net')
const { workloads } = require('./workloads')

/** The size of the buffers that are written at once. */
const CHUNK_BYTES = 1 << 20

const [name, count] = process.argv.slice(2)
const workload = workloads[name]
const total = Number(count)
const chunks = prepare(workload.responses(total))

/** Untagged answers by command. @type {Record<string, string>} */
const ANSWERS = {
  CAPABILITY: '* CAPABILITY IMAP4rev1 NAMESPACE\r\n',
  NAMESPACE: '* NAMESPACE (("" "/")) NIL NIL\r\n',
  LIST: '* LIST () "/" INBOX\r\n',
  LSUB: '* LSUB () "/" INBOX\r\n',
  SELECT: mailbox(),
  EXAMINE: mailbox(),
  LOGOUT: '* BYE\r\n'
}

const server = net.createServer({ noDelay: true }, socket => {
  let rest = ''
  socket.on('error', () => {})
  socket.write('* OK [CAPABILITY IMAP4rev1 NAMESPACE] ready\r\n')
  socket.on('data', bytes => {
    const lines = (rest + bytes.toString('latin1')).split('\r\n')
    rest = lines.pop() || ''
    for (const line of lines) answer(socket, line)
  })
})

server.listen(0, '127.0.0.1', () => {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const { port } = /** @type {net.AddressInfo} */ (server.address())
  if (process.send) process.send({ port, bytes })
  else console.log(port)
})

// Whoever started the server is gone, or has enough of it.
process.once('disconnect', () => process.exit())

/**
 * @param {net.Socket} socket
 * @param {string} line
 */
function answer (socket, line) {
  const [tag, ...words] = line.split(' ')
  const verb = (words[0] === 'UID' ? words[1] : words[0]).toUpperCase()
  const tagged = `${tag} OK ${verb === 'EXAMINE' ? '[READ-ONLY] ' : ''}done\r\n`
  if (verb === workload.verb) return replay(socket, tagged)
  socket.write((ANSWERS[verb] || '') + tagged)
  if (verb === 'LOGOUT') socket.end()
}

/**
 * @param {net.Socket} socket
 * @param {string} tagged
 */
function replay (socket, tagged) {
  let next = 0
  const write = () => {
    while (next < chunks.length) {
      if (!socket.write(chunks[next++])) return socket.once('drain', write)
    }
    socket.write(tagged)
  }
  write()
}

/** @param {Iterable<string | Buffer>} pieces */
function prepare (pieces) {
  const prepared = []
  let open = []
  let size = 0
  for (const piece of pieces) {
    const bytes = Buffer.from(piece)
    open.push(bytes)
    size += bytes.length
    if (size < CHUNK_BYTES) continue
    prepared.push(Buffer.concat(open, size))
    open = []
    size = 0
  }
  return [...prepared, Buffer.concat(open, size)]
}

function mailbox () {
  return '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n' +
    `* ${total} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] UIDs valid\r\n* OK [UIDNEXT 4000000000] next\r\n`
}
