// @ts-check
'use strict'

const { width } = require('./text')

/** Columns when the output is no terminal, and the bounds when it is one. */
const DEFAULT_COLUMNS = 100
const MIN_COLUMNS = 40
const MAX_COLUMNS = 120

/** SGR parameters (ECMA-48 section 8.3.117). */
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 }

/** @typedef {keyof typeof STYLES} Style */

/** Where the demo writes: a terminal with colours and a line that changes, or a plain log. */
class Screen {
  /**
   * @param {NodeJS.WriteStream} stream
   * @param {Record<string, string | undefined>} environment
   */
  constructor (stream, environment) {
    this.stream = stream
    /** Whether a line can be written over. */
    this.isLive = !!stream.isTTY && environment.TERM !== 'dumb'
    this.hasColour = this.isLive && !environment.NO_COLOR
    this.isDrawing = false
  }

  get columns () {
    const columns = (this.stream.isTTY && this.stream.columns) || DEFAULT_COLUMNS
    return Math.min(Math.max(columns, MIN_COLUMNS), MAX_COLUMNS)
  }

  /**
   * @param {string} text
   * @param {...Style} styles
   */
  paint (text, ...styles) {
    if (!this.hasColour || text === '') return text
    return `\x1b[${styles.map((style) => STYLES[style]).join(';')}m${text}\x1b[0m`
  }

  /** Writes a line, above none that is being drawn. @param {string} [text] */
  line (text = '') {
    this.settle()
    this.stream.write(`${text}\n`)
  }

  /** @param {string} title @param {string} [note] */
  heading (title, note = '') {
    this.line()
    this.line(this.paint(title, 'bold', 'cyan') + this.note(note, width(title)))
  }

  /** A label and what it is about. @param {string} label @param {string} text @param {string} [note] */
  fact (label, text, note = '') {
    const gap = ' '.repeat(Math.max(1, 11 - width(label)))
    this.line(`  ${this.paint(label, 'dim')}${gap}${text}${this.note(note, 2 + width(label + gap + text))}`)
  }

  /** A remark at the end of a line, where there is room for it. @param {string} text @param {number} used columns */
  note (text, used) {
    if (text === '' || (this.stream.isTTY && used + 2 + width(text) > this.columns)) return ''
    return `  ${this.paint(text, 'dim')}`
  }

  /** Draws over the current line; only if the screen is live. @param {string} text */
  draw (text) {
    // The cursor stays hidden while it would only run along the line.
    this.stream.write(`${this.isDrawing ? '' : '\x1b[?25l'}\r${text}\x1b[K`)
    this.isDrawing = true
  }

  /** Takes the line that is being drawn away. */
  erase () {
    if (!this.isDrawing) return
    this.isDrawing = false
    this.stream.write('\r\x1b[K\x1b[?25h')
  }

  /** Ends the line that is being drawn. */
  settle () {
    if (!this.isDrawing) return
    this.isDrawing = false
    this.stream.write('\x1b[?25h\n')
  }
}

module.exports = { Screen }
