// @ts-check
'use strict'

// `npm run test:canary [-- FILE ...]`: runs the tests with a password and a token that stand nowhere
// else, `debug` on in every connection, and looks for them in all that comes out.

const { spawn } = require('node:child_process')
const { randomBytes } = require('node:crypto')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { testFiles } = require('../files')
const { leaksIn, needlesOf } = require('./needles')
const { NAMES } = require('./plants')

const root = path.join(__dirname, '..', '..')

/** Larger files are read in pieces that overlap. */
const PIECE_BYTES = 64 * 1024 * 1024

main(process.argv.slice(2)).then((status) => process.exit(status))

/**
 * @param {string[]} files
 * @returns {Promise<number>} the exit status
 */
async function main (files) {
  const strange = files.find((file) => !fs.existsSync(path.resolve(root, file)))
  if (strange !== undefined) {
    console.error(`${strange} is no file of tests\nUsage: npm run test:canary [-- FILE ...]`)
    return 2
  }
  const password = `canary-password-${randomBytes(12).toString('hex')}`
  const token = Buffer.from(`user=canary\x01auth=Bearer canary-token-${randomBytes(12).toString('hex')}\x01\x01`).toString('base64')
  const needles = [password, token].flatMap(needlesOf)
  const run = (/** @type {string[]} */ ...args) => output(args, { EVERIMAP_CANARY_PASSWORD: password, EVERIMAP_CANARY_TOKEN: token })

  for (const name of NAMES) {
    const { folder } = await run(path.join(__dirname, 'plants.js'), name)
    const leaks = found(folder, needles)
    if (leaks.length === 0) {
      console.error(`The search is blind: it does not find ${name}. The output is in ${folder}`)
      return 1
    }
    fs.rmSync(folder, { recursive: true })
  }
  console.log(`${NAMES.length} planted leaks were found`)

  const tests = files.length > 0 ? files : testFiles()
  const { folder, status } = await run('--test', '--test-concurrency=2', ...tests)
  const leaks = found(folder, needles)
  for (const { file, context } of leaks) console.error(`LEAK in ${file}: ${JSON.stringify(context)}`)
  if (status !== 0) console.error('Tests failed: what they would have shown was not looked at')
  console.log(`${tests.length} test files, ${searched(folder)} characters, ${leaks.length} leaks`)
  if (leaks.length > 0 || status !== 0) {
    console.error(`The output is in ${folder}`)
    return 1
  }
  fs.rmSync(folder, { recursive: true })
  return 0
}

/**
 * Runs Node with the preload, and keeps all that comes out in a folder.
 *
 * @param {string[]} args
 * @param {Record<string, string>} credentials
 * @returns {Promise<{ folder: string, status: number }>}
 */
async function output (args, credentials) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'everimap-canary-'))
  const streams = ['out', 'err'].map((name) => fs.openSync(path.join(folder, name), 'w'))
  const env = {
    ...process.env,
    ...credentials,
    EVERIMAP_CANARY_FOLDER: folder,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${JSON.stringify(path.join(__dirname, 'preload.js'))}`
  }
  // Set for a test of this command; the runner of tests would not run tests of its own there.
  delete (/** @type {any} */ (env).NODE_TEST_CONTEXT)
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', ...streams] })
  const [status] = await once(child, 'exit')
  streams.forEach((stream) => fs.closeSync(stream))
  return { folder, status: status ?? 1 }
}

/**
 * @param {string} folder
 * @param {string[]} needles
 * @returns {{ file: string, context: string }[]} what the preload has found, and what is in the output
 */
function found (folder, needles) {
  const overlap = Math.max(...needles.map((needle) => needle.length))
  const contexts = (/** @type {string} */ file) => file.startsWith('leak-')
    ? fs.readFileSync(path.join(folder, file), 'utf8').trim().split('\n')
    : [...pieces(path.join(folder, file), overlap)].flatMap((text) => leaksIn(text, needles))
  return fs.readdirSync(folder).flatMap((file) => [...new Set(contexts(file))].map((context) => ({ file, context })))
}

/**
 * @param {string} file
 * @param {number} overlap
 * @returns {Generator<string>}
 */
function * pieces (file, overlap) {
  const handle = fs.openSync(file, 'r')
  const buffer = Buffer.alloc(Math.min(PIECE_BYTES, fs.fstatSync(handle).size + overlap))
  for (let from = 0, read = 0; (read = fs.readSync(handle, buffer, 0, buffer.length, from)) > 0; from += read - overlap) {
    yield buffer.toString('utf8', 0, read)
    if (read < buffer.length) break
  }
  fs.closeSync(handle)
}

/** @param {string} folder @returns {number} how much was looked at, in all */
function searched (folder) {
  const size = (/** @type {string} */ name) => name.startsWith('seen-')
    // A line for each thread.
    ? fs.readFileSync(path.join(folder, name), 'utf8').trim().split('\n').reduce((sum, line) => sum + Number(line), 0)
    : fs.statSync(path.join(folder, name)).size
  return fs.readdirSync(folder).reduce((sum, name) => sum + size(name), 0)
}
