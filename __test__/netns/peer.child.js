// @ts-check
'use strict'

// The server of a case, in a namespace of its own: `peer.child.js '{"port": 143, "host": "::", "messages": 2}'`.
// Requests and answers go by messages: `{ id, call, args }`, `{ id, result }`.

const { Server } = require('../server')

const { port, host, messages } = JSON.parse(process.argv[2])

process.on('disconnect', () => process.exit())

/** @type {Record<string, (server: Server, ...args: any[]) => any>} */
const CALLS = {
  /** @returns {number} the UID */
  deliver: (server) => server.inbox.deliver('Subject: news\n\nx'),
  /** The clients' ports, oldest connection first. */
  ports: (server) => server.connections.map(({ raw }) => raw.remotePort)
}

Server.start({ port, host }).then((server) => {
  for (let count = 0; count < messages; count++) server.inbox.deliver('Subject: old\n\nx')
  process.on('message', (/** @type {any} */ { id, call, args }) => tell({ id, result: CALLS[call](server, ...args) }))
  tell({ ready: true })
})

/** @param {object} message */
function tell (message) {
  if (process.send) process.send(message)
}
