// @ts-check
'use strict'

// Measures one operation in this process: wall time, processor time, memory, event-loop delay.

const { readFileSync } = require('node:fs')
const { monitorEventLoopDelay } = require('node:perf_hooks')

class Meter {
  constructor () {
    this.delay = monitorEventLoopDelay({ resolution: 1 })
    this.began = 0
    this.javascript = 0
    this.cpu = process.cpuUsage()
  }

  /** The operation begins. */
  start () {
    this.delay.enable()
    this.cpu = process.cpuUsage()
    this.javascript = mainThreadMs()
    this.began = performance.now()
  }

  /** The operation is over. @returns {Promise<void>} when everything about it is known */
  async stop () {
    this.wallMs = performance.now() - this.began
    this.javascriptMs = mainThreadMs() - this.javascript
    const { user, system } = process.cpuUsage(this.cpu)
    this.cpuMs = (user + system) / 1000
    this.peakMB = peakBytes() / 2 ** 20
    // The sample that was due during the last stretch of work comes with the next turns.
    await new Promise(resolve => setTimeout(resolve, 5))
    this.delay.disable()
  }

  result () {
    const { wallMs, cpuMs, javascriptMs, peakMB, delay } = this
    return {
      wallMs,
      cpuMs,
      javascriptMs,
      peakMB,
      delayMaxMs: delay.max / 1e6,
      delayP99Ms: delay.percentile(99) / 1e6
    }
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

/** The most memory that the process ever had resident. */
function peakBytes () {
  if (process.platform === 'linux') {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'latin1'))
    if (match) return Number(match[1]) * 1024
  }
  return process.resourceUsage().maxRSS * 1024
}

module.exports = { Meter }
