// @ts-check
'use strict'

// Medians, ratios and tables.

const os = require('node:os')

/** @typedef {import('./measure').Run} Run */
/** @typedef {import('./workloads').Target} Target */

/** The clients that others are compared with. */
const YARDSTICKS = ['imap', 'drain', 'floor']

/** What a ratio is made of. */
const COMPARED = ['wallMs', 'cpuMs', 'javascriptMs', 'memoryEachKB', 'connectCpuEachMs']

/** The columns of a case that names none: title, measure or measure/yardstick, digits. */
const COLUMNS = /** @type {[string, string, number][]} */ ([
  ['wall ms', 'wallMs', 0], ['/imap', 'wallMs/imap', 2], ['/drain', 'wallMs/drain', 2], ['/floor', 'wallMs/floor', 2],
  ['CPU ms', 'cpuMs', 0], ['/imap', 'cpuMs/imap', 2], ['JS ms', 'javascriptMs', 0], ['/imap', 'javascriptMs/imap', 2],
  ['peak MB', 'peakMB', 0], ['growth MB', 'growthMB', 0], ['loop max', 'delayMaxMs', 1], ['loop p99', 'delayP99Ms', 1]
])

/** Names of measures, with their units. @type {Record<string, [name: string, unit: string]>} */
const MEASURES = {
  wallMs: ['wall', 'ms'],
  cpuMs: ['CPU', 'ms'],
  javascriptMs: ['JavaScript CPU', 'ms'],
  peakMB: ['peak memory', 'MB'],
  growthMB: ['memory growth', 'MB'],
  delayMaxMs: ['loop delay, max', 'ms'],
  cpuEachUs: ['CPU each', 'us'],
  wallEachUs: ['wall each', 'us'],
  memoryEachKB: ['memory each', 'KB'],
  deliveryP99Ms: ['delivery to event, p99', 'ms']
}

/** What the figures depend on besides the code. */
function environment () {
  const [cpu] = os.cpus()
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpu ? cpu.model : 'unknown',
    cpus: os.cpus().length,
    load: load()
  }
}

/** Processes that wanted to run during the last minute. */
function load () {
  return Math.round(os.loadavg()[0] * 100) / 100
}

/**
 * The medians of a case, and those of the ratios of each round.
 * @param {import('./workloads').Case} one
 * @param {number} count
 * @param {Run[]} runs
 */
function summary (one, count, runs) {
  const ran = Object.keys(one.clients).filter(client => runs.some(run => run.client === client))
  /** @type {Record<string, any>} */
  const clients = Object.fromEntries(ran.map(client => {
    const own = runs.filter(run => run.client === client)
    const measures = Object.keys(own[0]).filter(key => typeof own[0][key] === 'number' && !['round', 'count'].includes(key))
    const medians = Object.fromEntries(measures.map(key => [key, median(own.map(run => run[key]))]))
    const ratios = Object.fromEntries(COMPARED.filter(key => measures.includes(key)).flatMap(key => {
      return YARDSTICKS.map(name => [`${key}/${name}`, ratio(runs, client, name, key)])
    }))
    return [client, { runs: own.length, ...medians, ...ratios }]
  }))
  return { case: one.name, title: one.title, count, load: load(), clients }
}

/**
 * The median of the ratios of each round: what disturbs a whole round falls out of them.
 * @param {Run[]} runs
 * @param {string} client
 * @param {string} yardstick
 * @param {string} measure
 * @returns {number | null}
 */
function ratio (runs, client, yardstick, measure) {
  const ratios = runs.filter(run => run.client === client).flatMap(run => {
    const other = runs.find(other => other.client === yardstick && other.round === run.round)
    return other ? [run[measure] / other[measure]] : []
  })
  return ratios.length > 0 ? median(ratios) : null
}

/** @param {number[]} values */
function median (values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * What became of the targets of a workload; those whose clients did not run are left out.
 * @param {import('./workloads').Workload} workload
 * @param {Map<string, Run[]>} results the runs of each case
 */
function verdicts (workload, results) {
  return workload.targets.flatMap(target => {
    const { case: name = workload.name, client = 'everimap', measure, against, most } = target
    const runs = results.get(name) || []
    const own = runs.filter(run => run.client === client).map(run => run[measure])
    const others = runs.filter(run => run.client === against).map(run => run[measure])
    if (own.length === 0 || (against && others.length === 0)) return []
    const value = median(own)
    const reached = against ? Number(ratio(runs, client, against, measure)) : value
    return [{
      workload: workload.name,
      case: name,
      client,
      measure,
      against: against || null,
      value,
      other: against ? median(others) : null,
      reached,
      most,
      met: reached <= most
    }]
  })
}

/**
 * A case as a table: a line for each client.
 * @param {import('./workloads').Case} one
 * @param {ReturnType<typeof summary>} result
 */
function caseTable ({ columns = COLUMNS }, result) {
  const { count, title, load, clients } = result
  const present = columns.filter(([, key]) => Object.values(clients).some(it => it[key] !== undefined && it[key] !== null))
  const rows = Object.entries(clients).map(([client, it]) => [
    client, ...present.map(([, key, digits]) => figure(it[key], digits))
  ])
  const { runs } = Object.values(clients)[0]
  return `\n### ${result.case}: ${count.toLocaleString('en')} ${title}\n\nMedians of ${runs}, load ${load}.\n\n` +
    table(['', ...present.map(([title]) => title)], rows)
}

/** The targets as a table. @param {ReturnType<typeof verdicts>} verdicts */
function targetTable (verdicts) {
  const rows = verdicts.map(({ workload, case: name, client, measure, against, value, other, reached, most, met }) => {
    const [title, unit] = MEASURES[measure]
    const where = workload === name ? name : `${workload} (${name})`
    return [
      client === 'everimap' ? where : `${where}, ${client}`,
      title,
      `${figure(value, value < 10 ? 2 : 0)} ${unit}`,
      against && other !== null ? `${figure(other, other < 10 ? 2 : 0)} ${unit} (${against})` : '',
      figure(reached, reached < 1 ? 3 : 2),
      `<= ${most}${against ? '' : ` ${unit}`}`,
      met ? 'met' : '**missed**'
    ]
  })
  const missed = verdicts.filter(({ met }) => !met).length
  return table(['', 'measure', 'everimap', 'against', 'reached', 'target', ''], rows) +
    `\n\n${verdicts.length - missed} of ${verdicts.length} met.`
}

/**
 * Markdown, with its columns aligned.
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table (head, rows) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map(row => row[column].length)))
  const line = (/** @type {string[]} */ row) => `| ${row.map((cell, column) => {
    return column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
  }).join(' | ')} |`
  const rule = widths.map((width, column) => column === 0 ? '-'.repeat(width) : '-'.repeat(width - 1) + ':')
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/** @param {number | null | undefined} value @param {number} digits */
function figure (value, digits) {
  return value === null || value === undefined ? '-' : value.toFixed(digits)
}

module.exports = { caseTable, environment, median, summary, targetTable, verdicts }
