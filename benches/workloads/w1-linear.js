// @ts-check
'use strict'

// W1 at three sizes: whether cost grows as the work does, and memory does not.

const { clients } = require('../clients')
const { prepare } = require('../replay')
const { message } = require('./mailbox')
const { consume, program, responses, sum } = require('./w1-envelopes')

/** Each size is a "client" of its own, so that they take turns. @type {Record<string, number>} */
const PARTS = { '10k': 0.01, '100k': 0.1, '1M': 1 }

/** @type {import('.').Case['columns']} */
const COLUMNS = [
  ['wall ms', 'wallMs', 0], ['CPU ms', 'cpuMs', 0], ['JS ms', 'javascriptMs', 0],
  ['wall us each', 'wallEachUs', 2], ['CPU us each', 'cpuEachUs', 2], ['peak MB', 'peakMB', 0], ['growth MB', 'growthMB', 0]
]

/** @param {number} part of the messages that there are */
function partly (part) {
  /** @type {import('../clients').Program['nodeImap']} */
  const nodeImap = (imap, { count, sum }, done) => {
    consume(imap.seq.fetch(`1:${Math.round(count * part)}`, { envelope: true, size: true }), sum, done)
  }
  const { everimap } = clients({ ...program, nodeImap })
  return async (/** @type {import('../clients').Job} */ job) => {
    await everimap(job)
    const { cpuMs, wallMs } = job.meter.figures
    const messages = Math.round(job.count * part)
    job.meter.note({ cpuEachUs: cpuMs / messages * 1000, wallEachUs: wallMs / messages * 1000 })
  }
}

module.exports = {
  name: 'W1-linear',
  cases: [{
    name: 'W1-linear',
    title: 'messages at most, as W1, everimap alone',
    count: 1_000_000,
    runs: 3,
    columns: COLUMNS,
    /** @param {number} count */
    answers (count) {
      const bounds = Object.values(PARTS).map(part => Math.round(count * part))
      const parts = bounds.map((last, index) => prepare(responses((bounds[index - 1] || 0) + 1, last)))
      return {
        FETCH (/** @type {string[]} */ words) {
          const last = Number(words[1].split(':')[1])
          return parts.slice(0, bounds.indexOf(last) + 1).flat()
        }
      }
    },
    sum,
    /** @param {number} count @param {string} size */
    expected (count, size) {
      const expected = sum()
      const last = Math.round(count * PARTS[size])
      for (let seqno = 1; seqno <= last; seqno++) {
        const { uid, size, subject } = message(seqno)
        expected.uids += uid
        expected.sizes += size
        expected.subjects += subject.length
      }
      return { ...expected, messages: last, ends: last }
    },
    clients: Object.fromEntries(Object.entries(PARTS).map(([size, part]) => [size, partly(part)]))
  }],
  targets: [
    { client: '1M', measure: 'cpuEachUs', against: '100k', most: 1.1 },
    { client: '1M', measure: 'wallEachUs', against: '100k', most: 1.1 },
    { client: '100k', measure: 'cpuEachUs', against: '10k', most: 1.1 },
    // Flat: V8 lets its young generation grow a while longer, and that is all.
    { client: '1M', measure: 'peakMB', against: '100k', most: 1.3 }
  ]
}
