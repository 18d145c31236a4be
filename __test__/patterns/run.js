// @ts-check
'use strict'

// `npm run test:patterns`: how programs that are written for node-imap come through what happens to
// connections (users D.2): each pattern, under each fault, on npm imap, on everimap, and on everimap
// with `reconnect`, as a table. Each cell is a program in a process of its own, a server and a network.
// Fails when one goes another way than is known of it. `--only P03` plays one pattern; `--markdown`
// prints the table as Markdown.

const { parseArgs } = require('node:util')

const { aligned, inTurns, markdown } = require('../tables')
const { FAULTS, play } = require('./cell')
const { PATTERNS } = require('./patterns')

/** How many programs run at a time; most of them only wait. */
const AT_ONCE = 60

/** @type {import('./cell').Column[]} */
const COLUMNS = ['imap', 'off', 'on']
/** @type {Record<import('./cell').Column, string>} */
const NAMES = { imap: 'npm imap', off: 'everimap', on: 'everimap with reconnect' }
const LEGEND = `
resumed: mail that comes afterwards is announced; done: a job that has done its work; deaf: connected, and no mail is
announced; off: it runs without a connection; ended: the process has ended by itself; crashed: by an exception;
does not end: not on SIGTERM either, which calls end()`
const HEAD = ['Pattern', 'What the program does', 'Runs on', ...Object.values(FAULTS).map(({ title }) => title)]

main()

async function main () {
  const { values: { only, markdown: asMarkdown } } = parseArgs({ options: { only: { type: 'string', multiple: true }, markdown: { type: 'boolean' } } })
  const wanted = PATTERNS.filter(({ id }) => !only || only.includes(id))
  const cells = Object.entries(FAULTS).flatMap(([name, fault]) => wanted.flatMap(pattern =>
    COLUMNS.filter(column => !fault.only || fault.only.includes(column)).map(column => ({ name, fault, pattern, column }))))
  const failures = /** @type {string[]} */ ([])
  const texts = new Map()
  const work = async (/** @type {typeof cells[0]} */ { name, fault, pattern, column }) => {
    const expected = pattern.expected[column][name]
    const hopeful = /resumed|done/.test(String(expected))
    const result = await play(pattern, fault, column, hopeful).catch(error => ({ word: `failed: ${error.stack}`, most: 1, hangs: false, faults: [] }))
    const text = [
      result.word,
      ...(result.most > 1 && column !== 'on' ? ['several connections'] : []),
      ...(result.hangs ? ['does not end'] : []),
      ...(column === 'on' ? result.faults : [])
    ].join(', ')
    const isExpected = typeof expected === 'string' ? text === expected : expected.test(text)
    texts.set(`${pattern.id} ${column} ${name}`, isExpected ? text : `UNEXPECTED: ${text.split('\n')[0]}`)
    if (!isExpected) failures.push(`${pattern.id} ${NAMES[column]}, ${fault.title}: expected ${expected}; it ${text}`)
  }
  // Those whose fault is noticed late begin.
  await inTurns([...cells.filter(({ fault }) => fault.isSlow), ...cells.filter(({ fault }) => !fault.isSlow)], AT_ONCE, work)
  const rows = wanted.flatMap(pattern => COLUMNS.map((column, index) => [
    index === 0 ? pattern.id : '', index === 0 ? pattern.title : '', NAMES[column],
    ...Object.keys(FAULTS).map(name => texts.get(`${pattern.id} ${column} ${name}`) ?? '')
  ]))
  for (const line of asMarkdown ? markdown(HEAD, rows) : aligned([HEAD, ...rows])) console.log(line)
  console.log(LEGEND)
  for (const failure of failures) console.error(`\n${failure}`)
  if (!asMarkdown) console.log(`\n${cells.length} cells, ${cells.length - failures.length} as expected`)
  process.exitCode = failures.length === 0 ? 0 : 1
}
