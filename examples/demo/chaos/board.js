// @ts-check
'use strict'

// What is seen of the chaos: a line for each fault, and on a terminal one below them that runs.

const { clock, duration, number } = require('../format')
const { bar } = require('../progress')
const { drawTable } = require('../table')
const { fit, width } = require('../text')

/** @typedef {import('../screen').Screen} Screen */
/** @typedef {import('./ledger').Ledger} Ledger */

/** Time between two drawings, in milliseconds. */
const REDRAW_MS = 100

/** Columns of the bar. */
const BAR = 10

/** @typedef {{ reconnects: number, rotations: number }} Counts */

class Board {
  /**
   * @param {Screen} screen
   * @param {number} seconds how long it will take
   * @param {Ledger} ledger
   * @param {Counts} counts
   */
  constructor (screen, seconds, ledger, counts) {
    this.screen = screen
    this.seconds = seconds
    this.ledger = ledger
    this.counts = counts
    this.started = performance.now()
    /** What is broken at the moment. @type {{ what: string, since: number } | undefined} */
    this.fault = undefined
    const others = [7, 9, 9, 9, 7]
    this.row = drawTable(screen, [
      { title: 'TIME', columns: others[0], align: 'right', styles: ['dim'] },
      { title: 'WHAT HAPPENS', columns: Math.max(16, screen.columns - 12 - others.reduce((sum, each) => sum + each)) },
      { title: 'BACK IN', columns: others[1], align: 'right', styles: ['green'] },
      { title: 'DELIVERED', columns: others[2], align: 'right' },
      { title: 'ANNOUNCED', columns: others[3], align: 'right' },
      { title: 'DOUBLED', columns: others[4], align: 'right', styles: ['red'] }
    ], [])
    if (screen.isLive) this.timer = setInterval(() => this.draw(), REDRAW_MS)
  }

  /** Seconds so far. */
  get elapsed () {
    return (performance.now() - this.started) / 1000
  }

  /** @param {string} what */
  begins (what) {
    this.fault = { what, since: performance.now() }
  }

  /** The session is back; the line says how long that took. */
  healed () {
    if (!this.fault) return
    const { what, since } = this.fault
    this.fault = undefined
    const { delivered, announced, doubled } = this.ledger
    this.screen.erase()
    this.row([
      `${this.elapsed.toFixed(1)} s`, what, duration(performance.now() - since),
      number(delivered.size), number(announced.size), doubled.length > 0 ? number(doubled.length) : ''
    ])
    if (this.screen.isLive) this.draw()
  }

  draw () {
    const { screen, elapsed, seconds, fault } = this
    const left = elapsed < seconds ? `${clock(seconds - elapsed)} left` : 'ending'
    const head = `  ${bar(screen, elapsed / seconds, BAR)}  ${left}  `
    const used = 2 + BAR + 2 + width(left) + 2
    const words = fault ? `${fault.what}, since ${duration(performance.now() - fault.since)}` : this.words()
    // The last column stays free: a terminal would begin a new line there.
    screen.draw(head + screen.paint(fit(words, screen.columns - 1 - used), fault ? 'yellow' : 'dim'))
  }

  words () {
    const { ledger: { announced, delivered, longest }, counts: { reconnects, rotations } } = this
    return `${number(announced.size)}/${number(delivered.size)}, reconnects ${reconnects}, rotations ${rotations}, ` +
      `silence ${duration(longest)}`
  }

  stop () {
    clearInterval(this.timer)
    this.screen.erase()
  }
}

module.exports = { Board }
