// @ts-check
'use strict'

// A real Dovecot with a full mailbox: `node dovecot.js CASE COUNT`.

const { PASSWORD } = require('../__test__/credentials')
const { Dovecot } = require('../__test__/dovecot')
const { Drain } = require('./sessions')
const { cases } = require('./workloads')
const { messages } = require('./workloads/dovecot')

const USER = 'user'

const [name, count] = process.argv.slice(2)

start().catch(error => {
  console.error(error)
  process.exit(1)
})

async function start () {
  const dovecot = await Dovecot.start()
  // Whoever started the server is gone, or has enough of it.
  process.once('disconnect', () => dovecot.stop().finally(() => process.exit()))
  await dovecot.fill(USER, 'INBOX', messages(Number(count)))
  const plain = { port: dovecot.port, user: USER, password: PASSWORD }
  await read(plain, String(cases[name].command))
  const address = cases[name].tls ? { ...plain, port: dovecot.tlsPort, ca: dovecot.ca } : plain
  if (process.send) process.send({ address, bytes: null })
  else console.log(address)
}

/**
 * Lets Dovecot make its index, so that the first client does not pay for it.
 * @param {import('./sessions').Address} address
 * @param {string} command
 */
async function read (address, command) {
  const drain = await Drain.login(address)
  await drain.command('A1 EXAMINE INBOX')
  await drain.command(`A2 ${command}`)
  drain.socket.destroy()
}
