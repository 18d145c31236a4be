// @ts-check
'use strict'

// Medians, ratios and the table.

const os = require('node:os')

const MEASURES = ['wallMs', 'cpuMs', 'javascriptMs', 'peakMB', 'delayMaxMs', 'delayP99Ms']

/** The clients that others are compared with. */
const YARDSTICKS = ['imap', 'drain']

/** What the figures depend on besides the code. */
function environment () {
  const [cpu] = os.cpus()
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpu ? cpu.model : 'unknown',
    cpus: os.cpus().length,
    load: os.loadavg()[0]
  }
}

/**
 * @param {import('./workloads').Workload} workload
 * @param {number} count
 * @param {any[]} runs
 */
function summary (workload, count, runs) {
  /** @type {Record<string, any>} */
  const clients = {}
  for (const client of new Set(runs.map(run => run.client))) {
    const own = runs.filter(run => run.client === client)
    clients[client] = Object.fromEntries(MEASURES.map(key => [key, median(own.map(run => run[key]))]))
    clients[client].runs = own.length
    clients[client].ratios = Object.fromEntries(YARDSTICKS.map(name => [name, {
      wall: ratio(runs, own, name, 'wallMs'),
      javascript: ratio(runs, own, name, 'javascriptMs')
    }]))
  }
  return { workload: workload.name, title: workload.title, count, clients, targets: verdicts(workload, clients) }
}

/**
 * The median of the ratios of each round: what disturbs a whole round falls out of them.
 * @param {any[]} runs
 * @param {any[]} own
 * @param {string} yardstick
 * @param {string} key
 */
function ratio (runs, own, yardstick, key) {
  const ratios = own.flatMap(run => {
    const other = runs.find(other => other.client === yardstick && other.round === run.round)
    return other ? [run[key] / other[key]] : []
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
 * @param {import('./workloads').Workload} workload
 * @param {Record<string, any>} clients
 */
function verdicts (workload, clients) {
  const { everimap } = clients
  if (!everimap || !everimap.ratios.imap.wall) return []
  return Object.entries(workload.targets).map(([measure, target]) => {
    const reached = everimap.ratios.imap[measure]
    return { measure, target, reached, met: reached <= target }
  })
}

/**
 * @param {import('./workloads').Workload} workload
 * @param {ReturnType<typeof summary>} result
 */
function table (workload, result) {
  const head = ['', 'wall ms', '/imap', '/drain', 'CPU ms', 'JS ms', '/imap', 'peak MB', 'loop max', 'loop p99']
  const rows = Object.entries(result.clients).map(([client, it]) => [
    client,
    it.wallMs.toFixed(0), times(it.ratios.imap.wall), times(it.ratios.drain.wall),
    it.cpuMs.toFixed(0),
    it.javascriptMs.toFixed(0), times(it.ratios.imap.javascript),
    it.peakMB.toFixed(0),
    it.delayMaxMs.toFixed(1), it.delayP99Ms.toFixed(1)
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => row[column].length)))
  const lines = [head, ...rows].map(row => row.map((cell, column) => {
    return column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
  }).join('  '))
  const { runs } = Object.values(result.clients)[0]
  const verdict = result.targets.map(({ measure, target, reached, met }) => {
    return `${met ? 'met   ' : 'MISSED'}  ${measure} ratio to imap ${reached.toFixed(3)}, target ${target}`
  })
  return [
    `\n${workload.name}: ${result.count.toLocaleString('en')} ${workload.title} (medians of ${runs})\n`,
    ...lines, '', ...verdict
  ].join('\n')
}

/** @param {number | null} value */
function times (value) {
  return value === null ? '-' : value.toFixed(2)
}

module.exports = { environment, median, summary, table }
