// @ts-check
'use strict'

// The server of the idle benchmark, in a process of its own: over TLS, with a word for every client
// that idles from time to time, as Dovecot has it. `node server.js STILL_HERE_MS`

const { Server } = require('../../__test__/server')

const stillHereMs = Number(process.argv[2])

process.once('disconnect', () => process.exit())

Server.start({ tls: true, record: false }).then((server) => {
  setInterval(() => {
    for (const connection of server.connections) if (connection.idling) connection.untagged('OK Still here')
  }, stillHereMs)
  if (process.send) process.send(server.options)
})
