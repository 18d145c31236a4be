// @ts-check
'use strict'

// What can go wrong with a session, and what each is called.

/** How long logins are refused, and how long the server is away while it restarts, in milliseconds. */
const REFUSED_MS = 800
const RESTART_MS = 700

/** How often a connection is reset on the way back. */
const FLAPS = 3

const SHUTDOWN = 'Server shutting down.'
/** What Gmail says after a day, or after the life of an access token. */
const EXPIRED = 'Session expired, please login again.'

/** By the name that the server's process knows. @type {Record<string, string>} */
const FAULTS = {
  cut: 'connection closed (FIN)',
  reset: 'connection reset (RST)',
  stall: 'black hole: no byte, no FIN',
  bye: `BYE ${SHUTDOWN}`,
  expire: `BYE ${EXPIRED}`,
  refuse: `logins refused for ${REFUSED_MS / 1000} s`,
  restart: `restart, away for ${RESTART_MS / 1000} s`,
  flap: `RST, ${FLAPS} more on the way back`,
  rotate: 'rotation',
  'rotate and reset': 'rotation, RST in the middle'
}

/**
 * All faults again and again, each round in another order.
 * @param {() => number} random
 * @returns {Generator<string>}
 */
function * plan (random) {
  for (;;) {
    const round = Object.keys(FAULTS)
    while (round.length > 0) yield round.splice(Math.floor(random() * round.length), 1)[0]
  }
}

module.exports = { EXPIRED, FAULTS, FLAPS, REFUSED_MS, RESTART_MS, SHUTDOWN, plan }
