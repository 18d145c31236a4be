// @ts-check
'use strict'

// A connection that goes while the program waits for an answer.

const TEXT = 'Session expired, please login again.'

/** @type {import('./stage').Probe[]} */
module.exports = [
  {
    id: 'P5',
    title: '`* BYE ...`, then FIN, while search() runs: is the text of the BYE told?',
    expected: {
      imap: 'end, close(false); search never calls back; the text is lost',
      off: 'end, close(false); search fails with ECONNLOST; the text is told',
      on: 'disconnected (expired), reconnected; search finds 5; the text is told'
    },
    play: (t) => searching(t, { bye: TEXT })
  },
  {
    id: 'P6',
    title: 'the link is dropped while search() runs',
    expected: {
      imap: 'end, close(false); search never calls back',
      off: 'end, close(false); search fails with ECONNLOST',
      on: 'disconnected (transient), reconnected; search finds 5'
    },
    play: (t) => searching(t, 'cut')
  }
]

/**
 * @param {import('./stage').Stage} t
 * @param {import('../server/faults').Deed} deed what happens in the middle of a search
 */
async function searching (t, deed) {
  const server = await t.serve()
  for (let n = 1; n <= 5; n++) server.inbox.deliver(`Subject: ${n}\n\n`)
  const imap = await t.open(server)
  server.fault({ on: /SEARCH/, do: deed })
  let found = 'search never calls back'
  /** @type {string[]} */
  const told = []
  const searched = new Promise((resolve) => imap.search(['ALL'], (/** @type {any} */ error, /** @type {number[]} */ uids) => {
    found = error ? `search fails with ${error.code}` : `search finds ${uids.length}`
    resolve(told.push(error?.message))
  }))
  imap.on('disconnected', (/** @type {any} */ { text }) => told.push(text))
  t.begin()
  await t.settled(imap, 5000)
  if (t.column !== 'imap') await searched
  const facts = typeof deed === 'string' ? [found] : [found, told.some(text => text?.includes(TEXT)) ? 'the text is told' : 'the text is lost']
  const { did } = t.outcome(imap, ...facts)
  return { did }
}
