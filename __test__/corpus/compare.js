// @ts-check
'use strict'

// Plays with npm imap and with everimap, and compares what they showed.

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { join } = require('node:path')
const { text } = require('node:stream/consumers')
const { reasonFor } = require('./differences')
const { playsOf } = require('./plays')

/**
 * @typedef {object} Difference
 * @property {string} play
 * @property {string} path where in what was seen
 * @property {any} theirs
 * @property {any} ours
 * @property {{ id: string, why: string } | undefined} reason
 */

/**
 * @param {import('./transcripts').Answer[]} answers
 * @returns {Promise<{ plays: number, equal: number, differences: Difference[] }>}
 */
async function compared (answers) {
  const plays = answers.flatMap(playsOf)
  const [theirs, ours] = await Promise.all([seenBy('imap', plays), seenBy('', plays)])
  /** @type {Difference[]} */
  const differences = []
  let equal = 0
  plays.forEach((play, index) => {
    const found = [...differing('', theirs[index], ours[index])]
    if (found.length === 0) equal++
    const context = { play, theirs: theirs[index], ours: ours[index] }
    for (const [path, their, our] of found) {
      differences.push({ play: play.name, path, theirs: their, ours: our, reason: reasonFor({ ...context, path, their, our }) })
    }
  })
  return { plays: plays.length, equal, differences }
}

/**
 * @param {string} implementation
 * @param {import('./plays').Play[]} plays
 * @returns {Promise<any[]>}
 */
async function seenBy (implementation, plays) {
  const env = { ...process.env, IMAP_IMPLEMENTATION: implementation }
  const child = spawn(process.execPath, [join(__dirname, 'play.child.js')], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(plays))
  const [lines, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const seen = lines.trim().split('\n').map((line) => JSON.parse(line))
  if (status !== 0 || seen.length !== plays.length) {
    throw new Error(`${implementation || 'everimap'} ended after ${seen.length} of ${plays.length} plays`)
  }
  return seen
}

/**
 * @param {string} path
 * @param {any} theirs
 * @param {any} ours
 * @returns {Generator<[path: string, theirs: any, ours: any]>}
 */
function * differing (path, theirs, ours) {
  const both = [theirs, ours]
  if (both.some((value) => value === null || typeof value !== 'object') || Array.isArray(theirs) !== Array.isArray(ours)) {
    if (theirs !== ours) yield [path, theirs, ours]
    return
  }
  if (Array.isArray(theirs) && theirs.length !== ours.length) return yield [path, theirs, ours]
  for (const key of new Set(both.flatMap(Object.keys))) yield * differing(path ? `${path}.${key}` : key, theirs[key], ours[key])
}

module.exports = { compared }
