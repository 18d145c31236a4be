// @ts-check
'use strict'

// What the programs that print tables share.

/**
 * @template T, R
 * @param {T[]} values
 * @param {number} atOnce
 * @param {(value: T) => Promise<R>} work
 * @returns {Promise<R[]>} in the order of the values
 */
async function inTurns (values, atOnce, work) {
  /** @type {R[]} */
  const results = []
  let next = 0
  const turn = async () => {
    while (next < values.length) {
      const index = next++
      results[index] = await work(values[index])
    }
  }
  await Promise.all(Array.from({ length: atOnce }, turn))
  return results
}

/**
 * Lets only so many be at something at once.
 *
 * @param {number} atOnce
 * @returns {<T>(work: () => Promise<T>) => Promise<T>}
 */
function gate (atOnce) {
  /** @type {(() => void)[]} */
  const waiting = []
  let inside = 0
  return async (work) => {
    while (inside >= atOnce) await /** @type {Promise<void>} */ (new Promise((resolve) => waiting.push(resolve)))
    inside++
    try {
      return await work()
    } finally {
      inside--
      waiting.shift()?.()
    }
  }
}

/**
 * A table of text whose columns are as wide as what is in them.
 *
 * @param {string[][]} rows
 * @returns {string[]} lines
 */
function aligned (rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  return rows.map(row => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd())
}

/**
 * The same in Markdown.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 * @returns {string[]} lines
 */
function markdown (head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`
  const escaped = (/** @type {string} */ cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')
  return [line(head), line(head.map(() => '---')), ...rows.map(row => line(row.map(escaped)))]
}

module.exports = { aligned, gate, inTurns, markdown }
