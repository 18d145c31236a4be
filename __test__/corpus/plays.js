// @ts-check
'use strict'

// Which call of the API an answer is the answer to: a play is one session in which the server gives
// that answer, and every other answer as usual.

const { TAG } = require('./transcripts')

/** @typedef {import('./transcripts').Answer} Answer */

/**
 * @typedef {object} Play
 * @property {string} name
 * @property {'greeting' | 'capability' | 'login' | 'namespace' | 'command' | 'unasked'} part where the
 *   answer comes; that of `command` is the first after the login and, if it is open, after SELECT
 * @property {string} text
 * @property {string} capabilities of the server, where the answer does not tell them
 * @property {boolean} opened whether the INBOX is open
 * @property {string} [method]
 * @property {any[]} [args]
 */

const CAPABILITIES = 'IMAP4rev1 UIDPLUS MOVE SORT ESEARCH NAMESPACE UNSELECT CONDSTORE QUOTA THREAD=REFERENCES'

/**
 * @param {Answer} answer
 * @returns {Play[]} one at the least
 */
function playsOf (answer) {
  const { kind, text } = answer
  if (kind === 'greeting') return [play(answer, { part: 'greeting' })]
  if (kind === 'unasked') return [play(answer, { part: 'unasked', opened: true })]
  const has = (/** @type {string} */ words) => new RegExp(`^\\* (\\d+ )?(${words})\\b`, 'm').test(text)
  const plays = []
  const command = (/** @type {string} */ method, /** @type {any[]} */ args, opened = true, more = '') =>
    plays.push(play(answer, { method, args, opened, capabilities: `${CAPABILITIES} ${more}`.trim() }))

  if (has('CAPABILITY')) {
    for (const part of /** @type {Play['part'][]} */ (['capability', 'login'])) plays.push(play(answer, { part }))
  }
  if (has('NAMESPACE')) plays.push(play(answer, { part: 'namespace' }))
  if (has('FETCH')) {
    command('fetch', ['1:*', asked(text)], true, gmail(text))
    const completed = answer.responses.map(complete).join('')
    plays.push({ ...plays[plays.length - 1], text: completed, name: `${answer.name} as fetch(), completed` })
    command('addFlags', ['1:*', 'Seen'], true, gmail(text))
  }
  if (has('SEARCH')) command('search', [['ALL']])
  if (has('ESEARCH')) command('esearch', [['ALL'], ['ALL']])
  if (has('SORT')) command('sort', [['ARRIVAL'], ['ALL']])
  if (has('THREAD')) command('thread', ['REFERENCES', ['ALL']])
  if (has('STATUS')) command('status', ['Archive'], false)
  if (has('LIST')) command('getBoxes', [], false)
  if (has('XLIST')) command('getBoxes', [], false, 'XLIST')
  if (has('LSUB')) command('getSubscribedBoxes', [], false)
  if (has('EXISTS') && has('FLAGS')) command('openBox', ['Archive'], false)
  if (has('EXPUNGE|VANISHED')) command('expunge', [])
  if (/COPYUID/.test(text)) for (const method of ['copy', 'move']) command(method, ['1:*', 'Archive'])
  if (/APPENDUID|^A#+ NO.*APPEND/m.test(text)) command('append', ['a\r\n', { mailbox: 'Archive' }])
  if (plays.length === 0) command('addBox', ['Archive'])
  return plays
}

/**
 * @param {Answer} answer
 * @param {Partial<Play>} more
 * @returns {Play}
 */
function play ({ name, text }, more) {
  const part = more.part ?? 'command'
  const what = part === 'command' ? `${more.method}()` : part
  return { text, part, capabilities: CAPABILITIES, opened: false, ...more, name: `${name} as ${what}` }
}

/**
 * Options that ask for what the answer brings.
 *
 * @param {string} text
 */
function asked (text) {
  const all = (/** @type {RegExp} */ pattern) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name))]
  const bodies = all(/ \(?BODY\[([^\]]*)\]/g)
  return {
    // One section that is no list makes node-imap read in another way.
    bodies: bodies.length > 1 ? bodies : bodies[0],
    envelope: /[( ]ENVELOPE \(/.test(text),
    struct: /[( ]BODYSTRUCTURE \(/.test(text),
    size: /[( ]RFC822\.SIZE /.test(text),
    extensions: all(/[( ](XAOL[\w.-]+) (?=[\d("])/g)
  }
}

/** @param {string} text */
function gmail (text) {
  return /X-GM-/.test(text) ? 'X-GM-EXT-1' : ''
}

/**
 * A FETCH response with what node-imap asks for in every FETCH: without it, it never emits what the
 * others of its attributes are.
 *
 * @param {string} response
 */
function complete (response) {
  const missing = [['UID', '1'], ['FLAGS', '()'], ['INTERNALDATE', '"01-Jan-2026 00:00:00 +0000"']]
    .filter(([name]) => !new RegExp(`[( ]${name} `).test(response))
    .map((pair) => `${pair.join(' ')} `)
  return response.replace(/^(\* \d+ FETCH \()/, `$1${missing.join('')}`)
}

module.exports = { TAG, playsOf }
