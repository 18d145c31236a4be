// @ts-check
'use strict'

// A network of some length on loopback.

const net = require('node:net')

/**
 * Passes on what comes to it, late.
 * @param {number} port where to
 * @param {number} delayMs how late, in each direction
 * @returns {net.Server} which does not listen yet
 */
function relay (port, delayMs) {
  return net.createServer({ noDelay: true }, client => {
    const server = net.connect({ port, host: '127.0.0.1', noDelay: true })
    pass(client, server, delayMs)
    pass(server, client, delayMs)
  })
}

/**
 * @param {net.Socket} from
 * @param {net.Socket} to
 * @param {number} delayMs
 */
function pass (from, to, delayMs) {
  const late = (/** @type {() => void} */ what) => setTimeout(what, delayMs)
  from.on('data', bytes => late(() => { to.write(bytes) }))
  from.on('end', () => late(() => { to.end() }))
  from.on('error', () => to.destroy())
}

module.exports = { relay }
