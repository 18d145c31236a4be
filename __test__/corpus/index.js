// @ts-check
'use strict'

// npm run test:corpus -- FOLDER

const { answersIn } = require('./transcripts')
const { compared } = require('./compare')

compared(answersIn(process.argv[2])).then(({ plays, equal, differences }) => {
  for (const { play, path, theirs, ours, reason } of differences) if (!reason) console.log(`${play} | ${path}\n   imap: ${JSON.stringify(theirs)?.slice(0, 300)}\n   ours: ${JSON.stringify(ours)?.slice(0, 300)}`)
  console.log({ plays, equal })
})
