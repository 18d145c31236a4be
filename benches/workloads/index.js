// @ts-check
'use strict'

// Each workload is one file of this folder. It says what the server answers to the one command
// that is measured, and what each client does.

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} title what there are `count` of
 * @property {number} count how many at scale 1
 * @property {string} verb the command that the server answers with `responses`
 * @property {string} command the command line as `drain` sends it, without a tag
 * @property {Record<string, number>} targets the largest ratios of everimap to npm imap
 * @property {() => any} sum an empty sum; all clients must fill it alike
 * @property {(count: number) => Iterable<string | Buffer>} responses
 * @property {(imap: any, sum: any, done: (error?: any) => void) => void} nodeImap
 * @property {(client: any, sum: any) => Promise<void>} imapflow
 * @property {(count: number, sum: any, done: (error?: any) => void) => void} floor
 */

/** @type {Record<string, Workload>} */
const workloads = {
  W1: require('./w1-envelopes'),
  W3: require('./w3-bodies'),
  W6: require('./w6-search')
}

module.exports = { workloads }
