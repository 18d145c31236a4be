// @ts-check
'use strict'

// Drives one program on one implementation, and prints what came out at each step.

const { Stage } = require('./stage')

/** @type {{ tree: string, program: string }} */
const { tree, program } = JSON.parse(process.argv[2])

main()

async function main () {
  const stage = await Stage.open(tree, program)
  try {
    await require(`./programs/${program}`).drive(stage)
  } finally {
    await stage.close()
  }
}
