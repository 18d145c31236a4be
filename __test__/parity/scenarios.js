// @ts-check
'use strict'

// The scenarios of the folder `scenarios`, and their scripts for each transport.

const { readdirSync } = require('node:fs')
const { join } = require('node:path')

/** @typedef {'plain' | 'tls' | 'starttls'} Transport */

/**
 * @typedef {object} Scenario
 * @property {string | string[]} script what both sides say (see ../server/README.md); a list has one
 *   for each connection. The server takes any line for a `C:`, and answers with the tag it had.
 * @property {any} [options] for `new Imap()`, beside those of the server and `keepalive: false`; or a
 *   function of the server that gives them
 * @property {Transport | Transport[]} [transport] default `plain`; with `starttls` the script gets a
 *   STARTTLS before its first command and its tags are counted up
 * @property {(imap: any, say: (...values: any[]) => void, server: import('../server/trace').TraceServer) => void} drive
 *   the program: it is called before `connect()`; what it says is compared
 * @property {string[] | Partial<Record<Transport, string[]>>} [deviates] the rows of DEVIATIONS.md that
 *   explain the difference, of all transports or by transport
 * @property {boolean} [debug] debug lines are compared, too
 * @property {boolean} [survives] the program goes on after an uncaught exception
 * @property {false} [connect] `drive` calls `connect()` itself, or does not
 * @property {number} [patience] how long everimap may be quiet before it does something, in ms; for its
 *   own deadlines, which npm imap does not have
 * @property {import('../server/trace').TraceOptions} [trace]
 * @property {boolean} [lockStep] the script is about the lines of lock step (IDLE at once, a literal that waits, a
 *   second CAPABILITY): with commands that fly together it would be another conversation
 */

/** @typedef {{ area: string, scenarios: Record<string, Scenario> }} Area what a file of `scenarios/` exports */

/** @typedef {{ key: string, scenario: Scenario, transport: Transport, deviates: string[] }} Play */

const FOLDER = join(__dirname, 'scenarios')

const TRANSPORTS = ['plain', 'tls', 'starttls']

const KNOWN = ['script', 'options', 'transport', 'drive', 'deviates', 'debug', 'survives', 'connect', 'patience', 'trace', 'lockStep']

/** @returns {Map<string, Play>} every scenario on each of its transports */
function plays () {
  const all = new Map()
  for (const file of readdirSync(FOLDER).sort()) {
    if (file === 'common.js' || !file.endsWith('.js')) continue
    const { area, scenarios } = require(join(FOLDER, file))
    for (const [name, scenario] of Object.entries(scenarios)) {
      for (const play of playsOf(`${area}: ${name}`, scenario)) {
        if (all.has(play.key)) throw new Error(`There are two scenarios "${play.key}"`)
        all.set(play.key, play)
      }
    }
  }
  return all
}

/** @param {string} name @param {Scenario} scenario @returns {Play[]} */
function playsOf (name, scenario) {
  const unknown = Object.keys(scenario).find((key) => !KNOWN.includes(key))
  if (unknown) throw new Error(`${name}: unknown property ${unknown}; there are ${KNOWN.join(', ')}`)
  const transports = [scenario.transport ?? 'plain'].flat()
  const { deviates = [] } = scenario
  for (const transport of [...transports, ...(Array.isArray(deviates) ? [] : Object.keys(deviates))]) {
    if (!TRANSPORTS.includes(transport)) throw new Error(`${name}: unknown transport ${transport}`)
  }
  return transports.map((transport) => ({
    key: transports.length > 1 || transport !== 'plain' ? `${name} (${transport})` : name,
    scenario,
    transport,
    deviates: Array.isArray(deviates) ? deviates : deviates[transport] ?? []
  }))
}

const STARTTLS = `
  C: A0 CAPABILITY
  S: * CAPABILITY IMAP4rev1 STARTTLS
  S: A0 OK done
  C: A1 STARTTLS
  S: A1 OK go ahead
  X: starttls
`

/** How many commands {@link STARTTLS} adds. */
const ADDED = 2

/**
 * @param {string} script
 * @param {Transport} transport
 * @returns {string}
 */
function scriptFor (script, transport) {
  if (transport !== 'starttls') return script
  const lines = script.split('\n')
  const greeting = lines.findIndex((line) => /^\s*S\+?:/.test(line))
  const counted = lines.slice(greeting + 1).map((line) => {
    return line.replace(/^(\s*(?:C|S|S\+): (?:\/\^)?A)(\d+)/, (_, start, tag) => start + (Number(tag) + ADDED))
  })
  return [...lines.slice(0, greeting + 1), STARTTLS, ...counted].join('\n')
}

module.exports = { plays, scriptFor }
