// @ts-check
'use strict'

// Each workload is one file of this folder: one or more cases, which say what the server answers
// and what each client does, and the targets that everimap has in them.

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} title what there are `count` of
 * @property {number} count how many at scale 1
 * @property {number} [runs] how often each client does it, unless `--runs` says
 * @property {boolean} [tls] whether the server speaks TLS
 * @property {number} [roundTripMs] how far away the server is
 * @property {boolean} [isWaiting] the clients of a round run at once, because all they do is wait
 * @property {number} [files] open files that a process needs
 * @property {[title: string, measure: string, digits: number][]} [columns] of its table
 * @property {'dovecot'} [server] instead of one that replays `answers`
 * @property {string} [command] what `drain` sends; it counts the bytes of the answer
 * @property {(count: number) => number} [mailbox] messages in INBOX; `count` unless given
 * @property {(count: number) => Record<string, import('../server').Answerer>} answers by command
 * @property {() => any} sum an empty sum; all clients must fill it alike
 * @property {(count: number, client: string) => any} [expected] the sum; that of `floor` unless given
 * @property {Record<string, import('../clients').Client>} clients
 */

/**
 * What everimap is to reach: a measure, or its ratio to that of another client in the same round.
 * @typedef {object} Target
 * @property {string} [case] the one that is named as the workload unless given
 * @property {string} [client] `everimap` unless given
 * @property {string} measure
 * @property {string} [against] the other client
 * @property {number} most
 */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {boolean} [isExtra] whether it runs only when it is asked for
 * @property {string[]} [uses] cases of other workloads that its targets look at
 * @property {Case[]} cases
 * @property {Target[]} targets
 */

/** @type {Workload[]} */
const list = [
  require('./w1-envelopes'),
  require('./w1-linear'),
  require('./w2-headers'),
  require('./w3-bodies'),
  require('./w4-large'),
  require('./w5-structures'),
  require('./w6-search'),
  require('./w7-idle'),
  require('./w8-delay'),
  require('./w9-start'),
  require('./w10-commands'),
  require('./dovecot')
]

/** By name. @type {Record<string, Workload>} */
const workloads = Object.fromEntries(list.map(workload => [workload.name, workload]))

/** Of all workloads, by name. @type {Record<string, Case>} */
const cases = Object.fromEntries(list.flatMap(({ cases }) => cases.map(one => [one.name, one])))

module.exports = { cases, workloads }
