// @ts-check
'use strict'

// W1, W2 and W3 on a real server, as a check that the replayed answers do not flatter anybody.

const { clients } = require('../clients')
const { text } = require('./body')
const { headers } = require('./header')
const envelopes = require('./w1-envelopes')
const header = require('./w2-headers')
const bodies = require('./w3-bodies')

const BODY_BYTES = 8 * 1024

const body = text(BODY_BYTES).toString()

/** @param {number} count */
function * messages (count) {
  const kinds = headers()
  for (let seqno = 1; seqno <= count; seqno++) yield kinds[seqno % kinds.length].text + body
}

/**
 * @param {string} what
 * @param {{ program: import('../clients').Program, sum: () => any }} workload
 * @param {boolean} [tls]
 */
function onDovecot (what, { program, sum }, tls = false) {
  const { floor, ...others } = clients(program)
  return {
    name: `dovecot-${what}`,
    title: `messages on a Dovecot, ${what}`,
    count: 10_000,
    runs: 3,
    server: /** @type {const} */ ('dovecot'),
    tls,
    command: program.command,
    answers: () => ({}),
    sum,
    clients: others
  }
}

module.exports = {
  name: 'dovecot',
  isExtra: true,
  cases: [
    onDovecot('envelopes', envelopes),
    onDovecot('headers', header),
    onDovecot('bodies', bodies),
    onDovecot('bodies-tls', bodies, true)
  ],
  targets: [],
  messages
}
