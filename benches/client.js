// @ts-check
'use strict'

// One client doing one case once, in this process: `node client.js CASE CLIENT PORT COUNT`.
// The result goes to the parent, or to standard output when there is none.

const { Meter } = require('./meter')
const { cases } = require('./workloads')

const [name, client, port, count] = process.argv.slice(2)
const { clients, sum } = cases[name]
const job = {
  // What the parent knows of the server besides its port.
  address: { user: 'bench', password: 'bench', ...JSON.parse(process.env.EVERIMAP_BENCH || '{}'), port: Number(port) },
  count: Number(count),
  meter: new Meter(),
  sum: sum()
}

clients[client](job)
  .then(() => ({ ...job.meter.result(), sum: job.sum }))
  .catch(error => ({ error: (error && error.stack) || String(error) }))
  .then(result => {
    if (process.send) process.send(result, () => process.exit())
    else console.log(JSON.stringify(result, null, 2))
  })
