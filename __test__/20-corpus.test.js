// @ts-check
'use strict'

// Answers in the manner of the large servers, to npm imap and to everimap: a program sees the same,
// or what is better for a reason that has an id. `npm run test:corpus` does it with real ones.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const { join } = require('node:path')
const { test } = require('node:test')
const { compared } = require('./corpus/compare')
const { answersIn } = require('./corpus/transcripts')

const answers = answersIn(join(__dirname, 'corpus', 'transcripts'))

test('a transcript is cut where an answer ends, and not in a literal', () => {
  const yahoo = answers.filter(({ name }) => name.startsWith('yahoo'))
  assert.deepEqual(yahoo.map(({ kind }) => kind), ['greeting', ...Array(8).fill('answer'), 'unasked'])
  const [fetch] = yahoo.filter(({ text }) => / FETCH /.test(text))
  assert.equal(fetch.responses.length, 2)
  assert.match(fetch.responses[0], /Text\)\r\n\{4\}\r\n\)\r\n$/)
})

test('programs see what they see with npm imap, or better', async () => {
  const { plays, equal, differences } = await compared(answers)
  assert.deepEqual(differences.filter(({ reason }) => !reason), [])
  assert.ok(plays > 100 && equal > plays / 2, `${equal} of ${plays} are equal`)
})

test('a difference without a reason is seen', async () => {
  const { reasonFor } = require('./corpus/differences')
  const seen = { result: [{ $: 'undefined' }, [1, 2]], events: [['ready']], messages: [] }
  const play = /** @type {any} */ ({ name: 'x', part: 'command', method: 'search', text: '* SEARCH 1 2\r\n' })
  const found = { play, path: 'result.1.1', their: 2, our: 3, theirs: seen, ours: { ...seen, result: [{ $: 'undefined' }, [1, 3]] } }
  assert.equal(reasonFor(found), undefined)
})

test('the command says what it needs', () => {
  const run = (/** @type {string[]} */ ...args) => spawnSync(process.execPath, [join(__dirname, 'corpus', 'run.js'), ...args], { encoding: 'utf8' })
  for (const args of [[], ['/nowhere'], [join(__dirname, 'types', 'interop')]]) {
    const { status, stderr } = run(...args)
    assert.equal(status, 2)
    assert.match(stderr, /FOLDER holds transcripts of servers/)
  }
})
