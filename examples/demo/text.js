// @ts-check
'use strict'

// Text from mails and servers, made safe for a terminal and measured in its columns.

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Characters that take two columns: East Asian wide and fullwidth ones, and emoji. */
const WIDE = new RegExp('[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\u4dbf\\u4e00-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7a3' +
  '\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{17000}-\\u{18cff}\\u{1b000}-\\u{1b2ff}' +
  '\\u{1f300}-\\u{1f64f}\\u{1f680}-\\u{1f6ff}\\u{1f900}-\\u{1faff}\\u{20000}-\\u{3fffd}\\ufe0f]|\\p{Emoji_Presentation}', 'u')

/** Characters that take none by themselves. */
const WIDTHLESS = /^[\p{M}\p{Cf}]+$/u

/**
 * The text on one line and without anything that a terminal obeys: control characters, changes of
 * the direction of writing, halves of characters, heaps of accents.
 * @param {string} text
 */
function clean (text) {
  return text
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cc}\p{Cs}\p{Co}]|(?!\u200d)\p{Cf}/gu, '\ufffd')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1')
    .trim()
}

/** How many columns the text takes. @param {string} text */
function width (text) {
  if (/^[ -~]*$/.test(text)) return text.length
  let columns = 0
  for (const { segment } of segmenter.segment(text)) columns += widthOf(segment)
  return columns
}

/** @param {string} grapheme */
function widthOf (grapheme) {
  return WIDE.test(grapheme) ? 2 : WIDTHLESS.test(grapheme) ? 0 : 1
}

/**
 * The text in exactly so many columns: cut with an ellipsis, or filled up.
 * @param {string} text
 * @param {number} columns
 * @param {'left' | 'right'} [align]
 */
function fit (text, columns, align = 'left') {
  const cut = width(text) <= columns ? text : shorten(text, columns)
  const blank = ' '.repeat(Math.max(0, columns - width(cut)))
  return align === 'right' ? blank + cut : cut + blank
}

/**
 * @param {string} text
 * @param {number} columns
 */
function shorten (text, columns) {
  if (columns < 1) return ''
  let cut = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    used += widthOf(segment)
    if (used > columns - 1) break
    cut += segment
  }
  return `${cut.trimEnd()}…`
}

module.exports = { clean, fit, width }
