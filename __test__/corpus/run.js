// @ts-check
'use strict'

// `npm run test:corpus -- FOLDER`: what servers really said, to npm imap and to everimap.

const { spawnSync } = require('node:child_process')
const { statSync } = require('node:fs')
const { join, resolve } = require('node:path')
const { compared } = require('./compare')
const { answersIn } = require('./transcripts')

const USAGE = `npm run test:corpus -- FOLDER [--splits N]

FOLDER holds transcripts of servers: text files (*.txt, in folders of any depth) with what a server
said in answer to a command, in lines that end in LF, with A######## where the client's tag stood.
Each answer is given to npm imap and to everimap; what their programs see must be the same, or
better for a reason that has an id. Then the transcripts are cut in N random ways (default 10,000):
the events must be those of the whole.

Of its own, the project has some in __test__/corpus/transcripts.`

main(process.argv.slice(2)).then((status) => process.exit(status))

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit status
 */
async function main ([folder, option, splits = '10000', ...more]) {
  if (!folder || more.length > 0 || (option && option !== '--splits') || !(Number(splits) > 0)) {
    console.error(USAGE)
    return 2
  }
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    console.error(`'${folder}' is no folder\n\n${USAGE}`)
    return 2
  }
  const answers = answersIn(resolve(folder))
  if (answers.length === 0) {
    console.error(`There is no transcript (*.txt) in ${folder}\n\n${USAGE}`)
    return 2
  }
  const unexplained = await compare(answers)
  const status = cut(resolve(folder), splits)
  return unexplained > 0 ? 1 : status
}

/**
 * @param {import('./transcripts').Answer[]} answers
 * @returns {Promise<number>} how many differences have no reason
 */
async function compare (answers) {
  const { plays, equal, differences } = await compared(answers)
  for (const reason of new Set(differences.map((difference) => difference.reason))) {
    if (!reason) continue
    const found = differences.filter((difference) => difference.reason === reason)
    console.log(`${reason.id}: ${reason.why}`)
    for (const play of new Set(found.map((difference) => difference.play))) console.log(`    ${play}`)
  }
  const unexplained = differences.filter(({ reason }) => !reason)
  for (const { play, path, theirs, ours } of unexplained) {
    console.log(`UNEXPLAINED in ${play}: ${path}\n    npm imap: ${JSON.stringify(theirs)}\n    everimap: ${JSON.stringify(ours)}`)
  }
  console.log(`${answers.length} answers, ${plays} plays: ${equal} equal, ${plays - equal} differ; ${unexplained.length} differences unexplained`)
  return unexplained.length
}

/**
 * @param {string} folder
 * @param {string} splits
 * @returns {number} the exit status
 */
function cut (folder, splits) {
  const { status } = spawnSync(process.execPath, [join(__dirname, '..', 'fuzz.js'), '--corpus', folder, '--splits', splits], { stdio: 'inherit' })
  return status ?? 1
}
