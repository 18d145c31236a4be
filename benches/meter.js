// @ts-check
'use strict'

// Measures one operation in this process: wall time, processor time, memory, event-loop delay.

const { readFileSync, writeFileSync } = require('node:fs')
const { monitorEventLoopDelay } = require('node:perf_hooks')

class Meter {
  constructor () {
    this.delay = monitorEventLoopDelay({ resolution: 1 })
    /** @type {Record<string, number>} */
    this.figures = {}
  }

  /** The operation begins. */
  start () {
    forgetPeak()
    this.resident = residentBytes()
    this.delay.enable()
    this.cpu = process.cpuUsage()
    this.javascript = mainThreadMs()
    this.began = performance.now()
  }

  /** The operation is over. @returns {Promise<void>} when everything about it is known */
  async stop () {
    const wallMs = performance.now() - Number(this.began)
    const javascriptMs = mainThreadMs() - Number(this.javascript)
    const { user, system } = process.cpuUsage(this.cpu)
    const peak = peakBytes()
    // The sample that was due during the last stretch of work comes with the next turns.
    await new Promise(resolve => setTimeout(resolve, 5))
    this.delay.disable()
    this.note({
      wallMs,
      cpuMs: (user + system) / 1000,
      javascriptMs,
      peakMB: peak / 2 ** 20,
      growthMB: Math.max(0, peak - Number(this.resident)) / 2 ** 20,
      delayMaxMs: this.delay.max / 1e6,
      delayP99Ms: this.delay.percentile(99) / 1e6
    })
  }

  /** Adds figures of the workload's own. @param {Record<string, number>} figures */
  note (figures) {
    Object.assign(this.figures, figures)
  }

  result () {
    return this.figures
  }
}

/** Processor time of the thread that runs JavaScript, in milliseconds. */
function mainThreadMs () {
  const { threadCpuUsage } = /** @type {any} */ (process)
  if (typeof threadCpuUsage === 'function') {
    const { user, system } = threadCpuUsage.call(process)
    return (user + system) / 1000
  }
  if (process.platform !== 'linux') return NaN
  // The main thread's id is that of the process; the first field is nanoseconds on a processor.
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')
  return Number(nanoseconds) / 1e6
}

/** What of the process is in memory. */
function residentBytes () {
  return process.memoryUsage.rss()
}

/** From here on the peak is counted anew, where the system can (proc(5), clear_refs). */
function forgetPeak () {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // Then the peak is that of the whole process.
  }
}

/** The most memory that was resident. */
function peakBytes () {
  if (process.platform === 'linux') {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'latin1'))
    if (match) return Number(match[1]) * 1024
  }
  return process.resourceUsage().maxRSS * 1024
}

module.exports = { Meter, residentBytes }
