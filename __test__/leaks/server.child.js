// @ts-check
'use strict'

// The server of the leak check, in a process of its own: it ends each connection that idles, by FIN
// and by RST in turn, until it is told to be calm.

const { Server } = require('../server')

process.on('disconnect', () => process.exit())

/** Servers without TLS and with. @type {Server[]} */
let servers
/** @type {import('../server/faults').Fault[]} */
let faults = []

/** @type {Record<string, () => void>} */
const CALLS = {
  storm () {
    faults = servers.map((server) => server.fault({ on: /^IDLE/, do: 'reset', times: Infinity }))
    for (const server of servers) server.fault({ do: 'cut' })
  },
  calm () {
    for (const fault of faults) fault.cancel()
    for (const server of servers) server.faults.length = 0
  }
}

Promise.all([Server.start({ record: false }), Server.start({ tls: true, record: false })]).then((started) => {
  servers = started
  for (const server of servers) server.inbox.deliver('Subject: one\n\nx')
  process.on('message', (/** @type {string} */ call) => CALLS[call]())
  if (process.send) process.send(servers.map(({ options }) => options))
})
