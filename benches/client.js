// @ts-check
'use strict'

// One client doing one workload once, in this process: `node client.js WORKLOAD CLIENT PORT COUNT`.
// The result goes to the parent, or to standard output when there is none.

const { clients } = require('./clients')
const { Meter } = require('./meter')
const { workloads } = require('./workloads')

const [name, client, port, count] = process.argv.slice(2)
const workload = workloads[name]
const sum = client === 'drain' ? { bytes: 0 } : workload.sum()
const meter = new Meter()

clients[client]({ workload, port: Number(port), count: Number(count), meter, sum })
  .then(() => ({ ...meter.result(), sum }))
  .catch(error => ({ error: (error && error.stack) || String(error) }))
  .then(result => {
    if (process.send) process.send(result, () => process.exit())
    else console.log(JSON.stringify(result, null, 2))
  })
