// @ts-check
'use strict'

const { fit, width } = require('./text')

/** @typedef {import('./screen').Screen} Screen */
/** @typedef {import('./screen').Style} Style */

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {'left' | 'right'} [align]
 * @property {number} [min] may shrink to so many columns when the screen is narrow
 * @property {number} [max]
 * @property {number} [columns] exactly so many: for rows that come one by one
 * @property {Style[]} [styles]
 */

const INDENT = '  '
const GAP = '  '

/**
 * Draws rows of texts under their titles.
 * @param {Screen} screen
 * @param {Column[]} columns
 * @param {string[][]} rows
 */
function drawTable (screen, columns, rows) {
  const widths = columns.map((column, index) => {
    if (column.columns !== undefined) return column.columns
    const widest = Math.max(...[column.title, ...rows.map((row) => row[index])].map(width))
    return Math.min(widest, column.max ?? Infinity)
  })
  shrink(columns, widths, screen.columns - INDENT.length - GAP.length * (columns.length - 1))
  const plain = columns.map((column) => ({ ...column, styles: /** @type {Style[]} */ (['dim']) }))
  drawRow(screen, plain, widths, columns.map((column) => column.title))
  for (const row of rows) drawRow(screen, columns, widths, row)
  return (/** @type {string[]} */ row) => drawRow(screen, columns, widths, row)
}

/**
 * Takes from the widest column that may shrink, until all fit.
 * @param {Column[]} columns
 * @param {number[]} widths
 * @param {number} available
 */
function shrink (columns, widths, available) {
  let excess = widths.reduce((sum, each) => sum + each, 0) - available
  for (; excess > 0; excess--) {
    let widest = -1
    for (const [index, { min }] of columns.entries()) {
      if (min === undefined || widths[index] <= min) continue
      if (widest < 0 || widths[index] > widths[widest]) widest = index
    }
    if (widest < 0) return
    widths[widest]--
  }
}

/**
 * @param {Screen} screen
 * @param {Column[]} columns
 * @param {number[]} widths
 * @param {string[]} row
 */
function drawRow (screen, columns, widths, row) {
  const cells = columns.map(({ align, styles = [] }, index) => {
    const text = fit(row[index], widths[index], align)
    return styles.length > 0 && text.trim() !== '' ? screen.paint(text, ...styles) : text
  })
  screen.line((INDENT + cells.join(GAP)).trimEnd())
}

module.exports = { drawTable }
