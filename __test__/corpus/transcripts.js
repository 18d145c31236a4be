// @ts-check
'use strict'

// Transcripts of servers: text files with what a server said, LF line ends, and `A########` where
// the client's tag stood.

const { readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')

/** What stands for the client's tag. */
const TAG = 'A########'

/**
 * What a server says at once: a greeting, the answer to a command, or the last it says.
 *
 * @typedef {object} Answer
 * @property {string} name the file and, if it has several, which of them
 * @property {string} text with CRLF; a byte a character
 * @property {string[]} responses the same, cut
 * @property {'greeting' | 'answer' | 'unasked'} kind
 */

/**
 * @param {string} folder
 * @returns {Answer[]} of all text files in it and below
 */
function answersIn (folder) {
  return textFiles(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'latin1').replaceAll(/\r?\n/g, '\r\n')
    const answers = cut(responsesIn(text))
    const prefix = name.replace(/\.txt$/, '')
    return answers.map(({ kind, responses }, index) => ({
      name: answers.length > 1 ? `${prefix}:${index + 1}` : prefix,
      text: responses.join(''),
      responses,
      kind
    }))
  })
}

/**
 * @param {string} folder
 * @returns {string[]} paths inside of it
 */
function textFiles (folder) {
  const names = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.txt'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(folder, '/').length))
  return names.sort()
}

/**
 * @param {string} text with CRLF
 * @returns {string[]} lines with their ends, each with the literals that it announces
 */
function responsesIn (text) {
  const responses = []
  for (let from = 0; from < text.length;) {
    let end = from
    for (;;) {
      const lineEnd = text.indexOf('\r\n', end)
      const line = text.slice(end, lineEnd)
      end = lineEnd < 0 ? text.length : lineEnd + 2
      const literal = /\{(\d+)\}$/.exec(line)
      if (!literal || !text.startsWith('* ', from)) break
      end += Number(literal[1])
    }
    responses.push(text.slice(from, end))
    from = end
  }
  return responses
}

/**
 * @param {string[]} responses of a whole file
 * @returns {{ kind: Answer['kind'], responses: string[] }[]}
 */
function cut (responses) {
  /** @type {{ kind: Answer['kind'], responses: string[] }[]} */
  const answers = []
  const [first = '', second = '* CAPABILITY'] = responses
  let rest = responses
  if (/^\* (OK|PREAUTH|BYE)/.test(first) && second.startsWith('* CAPABILITY')) {
    answers.push({ kind: 'greeting', responses: [first] })
    rest = responses.slice(1)
  }
  /** @type {string[]} */
  let open = []
  for (const response of rest) {
    open.push(response)
    if (!response.startsWith(TAG)) continue
    answers.push({ kind: 'answer', responses: open })
    open = []
  }
  if (open.length > 0) answers.push({ kind: 'unasked', responses: open })
  return answers
}

module.exports = { TAG, answersIn }
