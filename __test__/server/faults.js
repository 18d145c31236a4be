// @ts-check
'use strict'

/** @typedef {import('./link').Link} Link */

/**
 * What goes wrong.
 *
 * - `'cut'`: what is queued goes out, then FIN, without TLS close_notify
 * - `'reset'`: RST
 * - `'stall'`: nothing is read or written any more, the connection stays up; `resume()` ends it
 * - `'half-close'`: FIN, and reading goes on
 * - `{ slow: n }`: n bytes a turn of the event loop from here on
 * - `{ split }`: each n bytes, or the pieces between offsets, or random pieces, in writes of their own
 * - `{ garbage }`: these bytes at once
 * - `{ bye: text }`: `* BYE text`, then a proper close
 * - `{ answer: lines }`: the command is not carried out, these lines are its answer; `TAG` in them stands for its tag.
 *   Together with `on`; the command is awaited whole
 *
 * @typedef {'cut' | 'reset' | 'stall' | 'half-close' | { slow: number } | { split: import('./outlet').Split, seed?: number }
 *   | { garbage: Buffer | string } | { bye: string } | { answer: string }} Deed
 */

/**
 * When it happens. With none of `on`, `bytes`, `received`: now, on every live connection. Counts of bytes begin when the
 * rule is made, or with the connection if that is younger.
 *
 * @typedef {object} Rule
 * @property {Deed} do
 * @property {RegExp | 'connect'} [on] a client's line; `'connect'`: a new connection, before the greeting
 * @property {'line' | 'command' | 'executed' | 'answered'} [when] with a RegExp. `line` (default): as the line arrives;
 *   `command`: when the whole command with its literals is in; `executed`: done, but its tagged answer is not sent;
 *   `answered`: after the tagged answer
 * @property {number} [bytes] after exactly so many bytes sent; together with `on`, sent since the line came
 * @property {number} [received] as soon as so many bytes are received
 * @property {number} [times] how often it may happen; default 1
 */

const DEEDS = ['cut', 'reset', 'stall', 'half-close', '{ slow }', '{ split }', '{ garbage }', '{ bye }', '{ answer }']

/** A rule in force. */
class Fault {
  /** @param {Rule} rule */
  constructor (rule) {
    checkDeed(rule.do)
    this.rule = typeof rule.do === 'object' && 'answer' in rule.do ? { ...rule, when: /** @type {'command'} */ ('command') } : rule
    this.left = rule.times ?? 1
    this.immediate = rule.on === undefined && rule.bytes === undefined && rule.received === undefined
    /** How often it has happened. */
    this.count = 0
    /** @type {(link: Link) => void} */
    this.resolve = () => {}
    /** Resolves with the connection when it first happens. @type {Promise<Link>} */
    this.fired = new Promise((resolve) => { this.resolve = resolve })
  }

  /** It does not happen again. */
  cancel () {
    this.left = 0
  }

  /** @param {Link} link */
  fire (link) {
    if (this.left <= 0 || link.closed) return
    this.left--
    this.count++
    // "After exactly so many bytes": what else is queued is lost, or comes after the garbage.
    if (this.rule.bytes !== undefined) interrupt(link, this.rule.do)
    else inflict(link, this.rule.do)
    this.resolve(link)
  }
}

/**
 * @param {Link} link
 * @param {Deed} deed
 */
function inflict (link, deed) {
  if (deed === 'cut') return link.cut()
  if (deed === 'reset') return link.reset()
  if (deed === 'stall') return link.stall()
  if (deed === 'half-close') return link.halfClose()
  if ('slow' in deed) return link.outlet.split(deed.slow)
  if ('split' in deed) return link.outlet.split(deed.split, deed.seed)
  if ('garbage' in deed) return link.write(deed.garbage)
  if ('answer' in deed) {
    link.instead = deed.answer
    return
  }
  link.bye(deed.bye)
}

/**
 * @param {Link} link
 * @param {Deed} deed
 */
function interrupt (link, deed) {
  if (typeof deed === 'object' && 'garbage' in deed) return link.outlet.insert(Buffer.from(deed.garbage))
  const ends = deed === 'cut' || deed === 'half-close' || (typeof deed === 'object' && 'bye' in deed)
  if (ends) link.outlet.drop()
  inflict(link, deed)
}

/** @param {any} deed */
function checkDeed (deed) {
  const name = typeof deed === 'string' ? deed : `{ ${Object.keys(deed ?? {})[0]} }`
  if (!DEEDS.includes(name)) {
    throw new TypeError(`fault: unknown "do": ${JSON.stringify(deed) ?? deed}; expected one of ${DEEDS.join(', ')}`)
  }
}

module.exports = { Fault, inflict }
