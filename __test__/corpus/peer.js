// @ts-check
'use strict'

// A server that answers as usual, and once as the play says.

const { TAG } = require('./plays')

const SELECTED = '* FLAGS (\\Seen)\r\n* 20 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 30] ok\r\n'

/** Says that everything is said. */
const OVER = '* OK [ALERT] over\r\n'

/**
 * @param {import('node:net').Socket} socket
 * @param {import('./plays').Play} play
 */
function peer (socket, play) {
  const { part, text, capabilities, opened } = play
  const say = (/** @type {string} */ answer) => socket.write(answer, 'latin1')
  let awaitsSelect = opened
  let played = false

  /** @param {string} tag @param {string} command */
  const answer = (tag, command) => {
    const given = (/** @type {typeof part} */ asked, /** @type {string} */ usual) => {
      if (part !== asked) return `${usual}${tag} OK done\r\n`
      return text.replaceAll(TAG, tag)
    }
    const [verb] = command.toUpperCase().split(' ')
    if (verb === 'CAPABILITY') return given('capability', `* CAPABILITY ${capabilities}\r\n`)
    if (verb === 'LOGIN') return given('login', '')
    if (verb === 'NAMESPACE') return given('namespace', '* NAMESPACE (("" "/")) NIL NIL\r\n')
    if (command === 'LIST "" ""') return `* LIST (\\Noselect) "/" ""\r\n${tag} OK done\r\n`
    if (awaitsSelect && verb === 'SELECT') {
      awaitsSelect = false
      return `${SELECTED}${tag} OK [READ-WRITE] done\r\n`
    }
    if (played) return `${tag} OK done\r\n`
    played = true
    if (part !== 'unasked') return given('command', '') + OVER
    socket.end(`${tag} OK done\r\n${text}`, 'latin1')
    return ''
  }

  socket.on('error', () => {})
  say(part === 'greeting' ? text : '* OK ready\r\n')
  let pending = ''
  let literal = 0
  socket.setEncoding('latin1').on('data', (data) => {
    pending += data
    for (;;) {
      const skipped = Math.min(literal, pending.length)
      literal -= skipped
      pending = pending.slice(skipped)
      const end = pending.indexOf('\r\n')
      if (literal > 0 || end < 0) return
      const line = pending.slice(0, end)
      pending = pending.slice(end + 2)
      open = open || line
      literal = Number(/\{(\d+)\}$/.exec(line)?.[1] ?? 0)
      if (literal > 0) {
        say('+ go on\r\n')
        continue
      }
      const [tag, ...words] = open.split(' ')
      open = ''
      say(answer(tag, words.join(' ')))
    }
  })
  /** The first line of a command whose literal is coming. */
  let open = ''
}

module.exports = { peer }
