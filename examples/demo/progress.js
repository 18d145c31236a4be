// @ts-check
'use strict'

const { clock, number, size } = require('./format')

/** @typedef {import('./screen').Screen} Screen */

/** Time between two drawings of the bar, in milliseconds. */
const REDRAW_MS = 40

/** What a log says: a line for each tenth. */
const LOG_STEPS = 10

/** Eighths of a column. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** The progress of fetching: a bar on a terminal, ten lines in a log. */
class Progress {
  /**
   * @param {Screen} screen
   * @param {number} total how many messages will come
   */
  constructor (screen, total) {
    this.screen = screen
    this.total = total
    this.messages = 0
    this.bytes = 0
    this.started = performance.now()
    this.ended = 0
    this.drawn = 0
    this.logged = 0
    this.draw()
  }

  /** Bytes of a body came. @param {number} count */
  received (count) {
    this.bytes += count
    this.refresh()
  }

  /** A message is complete. */
  advance () {
    this.messages++
    this.refresh()
  }

  finish () {
    this.ended = performance.now()
    if (this.screen.isLive) this.draw()
    this.screen.settle()
  }

  /** Milliseconds so far. */
  get elapsed () {
    return Math.max((this.ended || performance.now()) - this.started, 0.001)
  }

  /** `3,200 messages/s, 41 MB/s` */
  get rate () {
    const seconds = this.elapsed / 1000
    return `${number(this.messages / seconds)} messages/s, ${size(Math.round(this.bytes / seconds))}/s`
  }

  refresh () {
    if (this.screen.isLive) {
      if (performance.now() - this.drawn >= REDRAW_MS) this.draw()
      return
    }
    const step = Math.floor(this.messages / this.total * LOG_STEPS)
    if (step <= this.logged) return
    this.logged = step
    this.screen.line(`  ${this.words()}`)
  }

  draw () {
    if (!this.screen.isLive) return
    this.drawn = performance.now()
    // The last column stays free: a terminal would begin a new line there.
    const columns = this.screen.columns - 3
    let words = this.words()
    if (words.length > columns) words = this.words(false)
    const room = Math.min(40, columns - words.length - 2)
    this.screen.draw(`  ${room > 4 ? `${bar(this.screen, this.messages / this.total, room)}  ` : ''}${words}`)
  }

  /** @param {boolean} [withRate] */
  words (withRate = true) {
    const share = this.total > 0 ? this.messages / this.total : 1
    const left = this.messages > 0 ? this.elapsed / 1000 * (1 - share) / share : NaN
    const count = number(this.messages).padStart(number(this.total).length)
    const percent = String(Math.floor(share * 100)).padStart(3)
    const seconds = this.elapsed / 1000
    const end = share === 1 ? `in ${seconds.toFixed(2)} s` : `${isNaN(left) ? '-:--' : clock(left)} left`
    const rate = `  ${number(this.messages / seconds).padStart(6)} msg/s ${size(Math.round(this.bytes / seconds)).padStart(7)}/s`
    return `${percent} %  ${count}/${number(this.total)}${withRate ? rate : ''}  ${end}`
  }
}

/**
 * @param {Screen} screen
 * @param {number} share how much of it is filled, from 0 to 1
 * @param {number} room columns
 */
function bar (screen, share, room) {
  const filled = Math.min(share, 1) * room
  const whole = Math.floor(filled)
  const part = whole < room ? EIGHTHS[Math.floor((filled - whole) * 8)] : ''
  const done = '█'.repeat(whole) + part
  const rest = '░'.repeat(room - whole - part.length)
  return screen.paint(done, 'green') + screen.paint(rest, 'dim')
}

module.exports = { Progress, bar }
