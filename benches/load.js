// @ts-check
'use strict'

// Loads one package and says what that took: `node load.js PACKAGE`. It needs nothing that the
// package may need, so that the package pays for it.

const before = process.cpuUsage()
const began = performance.now()
require(process.argv[2])
const wallMs = performance.now() - began
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000 }))
process.exit()
