// @ts-check
'use strict'

// What the program asks for.

/** @type {[text: string, value: unknown][]} */
const NONSENSE = [
  ["{ interval: 'abc' }", { interval: 'abc' }],
  ['{ interval: -5 }', { interval: -5 }],
  ['{ interval: NaN }', { interval: NaN }],
  ["'yes'", 'yes'],
  ['{ intervl: 5 }', { intervl: 5 }]
]

/** @type {Record<string, string>} */
const REFUSED = {
  "{ interval: 'abc' }": 'TypeError of keepalive.interval',
  '{ interval: -5 }': 'RangeError of keepalive.interval',
  '{ interval: NaN }': 'RangeError of keepalive.interval',
  "'yes'": 'TypeError of keepalive',
  '{ intervl: 5 }': 'TypeError of keepalive.intervl: did you mean `interval`?'
}

/** @type {import('./stage').Probe[]} */
module.exports = NONSENSE.map(([text, keepalive]) => ({
  id: 'P10',
  title: `keepalive: ${text}`,
  expected: { imap: 'accepted', off: REFUSED[text], on: REFUSED[text] },
  async play (t) {
    try {
      t.client({ keepalive })
      return { did: 'accepted' }
    } catch (error) {
      const { name, option, message } = /** @type {any} */ (error)
      const [advice] = /did you mean .*/.exec(message) ?? []
      return { did: `${name} of ${option}${advice ? `: ${advice}` : ''}` }
    }
  }
}))
