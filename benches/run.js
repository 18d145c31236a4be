// @ts-check
'use strict'

// Measures everimap beside npm imap, imapflow and two yardsticks. README.md says how to read it.

const { appendFileSync, writeFileSync } = require('node:fs')
const { parseArgs } = require('node:util')
const { checkAddon } = require('./addon')
const { measure, obstacle } = require('./measure')
const { writeReadme } = require('./readme')
const { caseTable, environment, summary, targetTable, verdicts } = require('./report')
const { cases, workloads } = require('./workloads')

/** How often each client does a case that says nothing itself. */
const RUNS = 5

const HELP = `npm run bench -- [WORKLOAD | CASE]... [options]

  WORKLOAD        ${Object.keys(workloads).join(', ')};
                  without one, all of them but ${extras().join(', ')}
  CASE            one case of a workload: ${Object.keys(cases).filter(name => !workloads[name]).join(', ')}
  --runs N        how often each client does each case (${RUNS}, less where one takes long)
  --scale F       that part of the work, such as 0.1 for a quick look (1)
  --clients A,B   only these of ${clientNames().join(', ')}
  --json FILE     writes every run, every median and every target to FILE, one JSON object a line
  --readme        puts the table of targets into the README of the package
  --help          this text
`

main().catch(error => {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
})

async function main () {
  const options = readOptions()
  if (!options) return console.log(HELP)
  if (!options.clients || options.clients.includes('everimap')) checkAddon()
  const record = recorder(options.json)
  const facts = environment()
  record({ type: 'environment', ...facts, scale: options.scale })
  const machine = `${facts.cpus} x ${facts.cpu}, ${facts.platform}, Node ${facts.node}, load ${facts.load}` +
    (options.scale === 1 ? '' : `; scale ${options.scale}: the targets are for the whole`)
  console.log(machine)
  const results = new Map()
  for (const one of options.cases) results.set(one.name, await run(one, options, record))
  const reached = options.workloads.flatMap(workload => verdicts(workload, results))
  for (const verdict of reached) record({ type: 'target', ...verdict })
  if (reached.length === 0) return
  console.log(`\n## Targets\n\n${targetTable(reached)}`)
  if (options.readme) writeReadme(`${machine}:\n\n${targetTable(reached)}`)
}

/**
 * @param {import('./workloads').Case} one
 * @param {NonNullable<ReturnType<typeof readOptions>>} options
 * @param {(line: object) => void} record
 */
async function run (one, options, record) {
  const clients = Object.keys(one.clients).filter(client => !options.clients || options.clients.includes(client))
  const reason = obstacle(one)
  if (reason) console.error(`bench: ${one.name} is left out: ${reason}`)
  if (reason || clients.length === 0) return []
  const count = Math.max(1, Math.round(one.count * options.scale))
  const runs = await measure(one, count, { clients, runs: options.runs || one.runs || RUNS }, { progress, record })
  progress('')
  const result = summary(one, count, runs)
  record({ type: 'summary', ...result })
  console.log(caseTable(one, result))
  return runs
}

function readOptions () {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      scale: { type: 'string', default: '1' },
      clients: { type: 'string' },
      json: { type: 'string' },
      readme: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false }
    }
  })
  if (values.help) return null
  return {
    ...selection(positionals),
    clients: values.clients === undefined
      ? undefined
      : values.clients.split(',').map(name => known('client', name, clientNames())),
    runs: values.runs === undefined ? 0 : positive('--runs', values.runs, Number.isInteger, 'a whole number, such as 5'),
    scale: positive('--scale', values.scale, Number.isFinite, 'a number, such as 0.1'),
    json: values.json,
    readme: values.readme
  }
}

/**
 * The cases that are asked for, and the workloads whose targets can be looked at.
 * @param {string[]} names
 */
function selection (names) {
  const all = [...new Set([...Object.keys(workloads), ...Object.keys(cases)])]
  const asked = names.length > 0
    ? names.map(name => known('workload', name, all))
    : Object.keys(workloads).filter(name => !workloads[name].isExtra)
  const wanted = new Set(asked.flatMap(name => {
    const workload = workloads[name]
    return workload ? [...workload.uses || [], ...workload.cases.map(({ name }) => name)] : [name]
  }))
  return {
    cases: Object.values(cases).filter(({ name }) => wanted.has(name)),
    workloads: Object.values(workloads).filter(({ name, cases }) => {
      return asked.includes(name) || cases.some(({ name }) => wanted.has(name))
    })
  }
}

/**
 * The name as it is written here, whatever its case.
 * @param {string} what
 * @param {string} text
 * @param {string[]} names
 */
function known (what, text, names) {
  const found = names.find(name => name.toLowerCase() === text.toLowerCase())
  if (found !== undefined) return found
  throw new Error(`there is no ${what} '${text}'; there are ${names.join(', ')}`)
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @param {(value: number) => boolean} test
 * @param {string} expected
 */
function positive (option, text, test, expected) {
  const value = Number(text)
  if (test(value) && value > 0) return value
  throw new Error(`${option} is '${text}'; it must be ${expected}`)
}

function clientNames () {
  return [...new Set(Object.values(cases).flatMap(({ clients }) => Object.keys(clients)))]
}

function extras () {
  return Object.values(workloads).filter(({ isExtra }) => isExtra).map(({ name }) => name)
}

/** @param {string | undefined} file */
function recorder (file) {
  if (!file) return () => {}
  writeFileSync(file, '')
  return (/** @type {object} */ line) => appendFileSync(file, JSON.stringify(line) + '\n')
}

/** Says where it is, on one line of a terminal. @param {string} text */
function progress (text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  else if (text) console.error(`bench: ${text}`)
}
