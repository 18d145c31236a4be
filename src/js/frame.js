// @ts-check
'use strict'

// Reads frames of events: the other half of src/bridge/frame.rs, where the table of tags stands.

const { defineOwn } = require('./own')

/** `RECORDS` in src/bridge/frame.rs: one line a shape, its fields in the order of the Rust type. */
const RECORDS = [
  /** @param {FrameReader} r */ // Envelope
  r => ({ date: r.value(), subject: r.value(), from: r.value(), sender: r.value(), replyTo: r.value(), to: r.value(), cc: r.value(), bcc: r.value(), inReplyTo: r.value(), messageId: r.value() }),
  /** @param {FrameReader} r */ // Address
  r => ({ name: r.value(), mailbox: r.value(), host: r.value() }),
  /** @param {FrameReader} r */ // Group
  r => ({ group: r.value(), addresses: r.value() }),
  /** @param {FrameReader} r */ // Multipart
  r => ({ type: r.value(), params: r.value(), disposition: r.value(), language: r.value(), location: r.value() }),
  /** @param {FrameReader} r */ // ShortMultipart
  r => ({ type: r.value(), params: r.value(), disposition: r.value(), language: r.value() }),
  /** @param {FrameReader} r */ // Part
  r => ({ partID: r.value(), type: r.value(), subtype: r.value(), params: r.value(), id: r.value(), description: r.value(), encoding: r.value(), size: r.value(), md5: r.value(), disposition: r.value(), language: r.value(), location: r.value() }),
  /** @param {FrameReader} r */ // ShortPart
  r => ({ partID: r.value(), type: r.value(), subtype: r.value(), params: r.value(), id: r.value(), description: r.value(), encoding: r.value(), size: r.value(), md5: r.value(), disposition: r.value(), language: r.value() }),
  /** @param {FrameReader} r */ // TextPart
  r => ({ partID: r.value(), type: r.value(), subtype: r.value(), params: r.value(), id: r.value(), description: r.value(), encoding: r.value(), size: r.value(), lines: r.value(), md5: r.value(), disposition: r.value(), language: r.value(), location: r.value() }),
  /** @param {FrameReader} r */ // ShortTextPart
  r => ({ partID: r.value(), type: r.value(), subtype: r.value(), params: r.value(), id: r.value(), description: r.value(), encoding: r.value(), size: r.value(), lines: r.value(), md5: r.value(), disposition: r.value(), language: r.value() }),
  /** @param {FrameReader} r */ // MessagePart
  r => ({ partID: r.value(), type: r.value(), subtype: r.value(), params: r.value(), id: r.value(), description: r.value(), encoding: r.value(), size: r.value(), envelope: r.value(), body: r.value(), lines: r.value(), md5: r.value(), disposition: r.value(), language: r.value(), location: r.value() }),
  /** @param {FrameReader} r */ // Disposition
  r => ({ type: r.value(), params: r.value() })
]

/** `KEYS` in src/bridge/frame.rs. */
const KEYS = [
  'uid', 'flags', 'date', 'size', 'envelope', 'struct', 'modseq', 'x-gm-thrid', 'x-gm-msgid',
  'x-gm-labels', 'internaldate', 'rfc822.size', 'partID', 'type', 'subtype', 'params', 'id',
  'description', 'encoding', 'lines', 'md5', 'disposition', 'language', 'location',
  'extensions', 'body', 'charset', 'boundary', 'name', 'filename', 'format'
]

const INT = 3
const RECORD = 10
const KEY = 12

/** Two words seen as a double. */
const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

const NO_BYTES = Buffer.alloc(0)

/** How many integers are read in a row. A loop over all would run uncompiled for longer. */
const RUN = 1000

/**
 * What `pull()` gives; `text16`, `bytes` and `chunk` only when there are any.
 * @typedef {{ text: string, text16?: string, words: Uint32Array, bytes?: Buffer, chunk?: Buffer }} Frame
 */

/**
 * How a value is read, by its tag; those of most values stand in `FrameReader.value()`, too. The compiler puts the
 * functions of a class into each other until they are large, and that once for each of many callers; what is in
 * a table stays outside.
 * @type {Array<(r: FrameReader, payload: number) => any>}
 */
const READERS = [
  () => null,
  () => false,
  () => true,
  (r, payload) => payload,
  r => r.double(),
  r => new Date(r.double()),
  r => new Date(r.value()),
  () => unknown(),
  (r, payload) => r.list(payload),
  (r, payload) => r.map(payload),
  (r, payload) => RECORDS[payload](r),
  (r, payload) => r.octets(payload),
  () => unknown(),
  (r, payload) => r.text16.slice(r.unit16, r.unit16 += payload),
  () => unknown(),
  () => unknown()
]

function unknown () {
  throw new Error('A frame of everimap has an unknown tag')
}

/** The values of a frame, one after the other. */
class FrameReader {
  /** @param {Frame} frame */
  constructor (frame) {
    this.text = frame.text
    this.text16 = frame.text16 || ''
    this.words = frame.words
    this.bytes = frame.bytes || NO_BYTES
    this.chunk = frame.chunk || NO_BYTES
    /** Strings that come again, by their numbers. @type {string[]} */
    this.kept = []
    this.word = 0
    this.unit = 0
    this.unit16 = 0
  }

  get isAtEnd () {
    return this.word >= this.words.length
  }

  /** The number of the next event. */
  event () {
    const word = this.words[this.word++]
    if ((word & 15) !== RECORD) throw new Error('A frame of everimap is out of step')
    return word >>> 4
  }

  /**
   * The next value.
   * @returns {any}
   */
  value () {
    const word = this.words[this.word++]
    const payload = word >>> 4
    switch (word & 15) {
      case 0: return null
      case INT: return payload
      case 7: return this.text.slice(this.unit, this.unit += payload)
      case 14: return this.kept[payload >>> 8] = this.text.slice(this.unit, this.unit += payload & 255)
      case 15: return this.kept[payload]
      default: return READERS[word & 15](this, payload)
    }
  }

  /** @param {number} length */
  octets (length) {
    const place = this.words[this.word++]
    const from = place >>> 1
    return (place & 1 ? this.chunk : this.bytes).subarray(from, from + length)
  }

  /** @param {number} count */
  list (count) {
    const list = new Array(count)
    let i = count > RUN ? this.integers(list) : 0
    while (i < count) list[i++] = this.value()
    return list
  }

  /**
   * Reads the integers that a list begins with: what a search finds, up to millions of them.
   * @param {any[]} list
   * @returns {number} how many
   */
  integers (list) {
    let read = 0
    for (let from = 0; read === from && from < list.length; from += RUN) {
      read = run(list, from, Math.min(from + RUN, list.length), this.words, this.word)
      this.word += read - from
    }
    return read
  }

  /** @param {number} count */
  map (count) {
    /** @type {Record<string, any>} */
    const map = {}
    for (let i = 0; i < count; i++) {
      const word = this.words[this.word]
      if ((word & 15) === KEY) {
        this.word++
        map[KEYS[word >>> 4]] = this.value()
      } else {
        // A name that the server chose.
        const key = this.value()
        defineOwn(map, key, this.value())
      }
    }
    return map
  }

  double () {
    halves[0] = this.words[this.word++]
    halves[1] = this.words[this.word++]
    return double[0]
  }
}

/**
 * Reads integers into a list, up to the first word that is none.
 * @param {any[]} list
 * @param {number} from
 * @param {number} to
 * @param {Uint32Array} words
 * @param {number} at where the first one is
 * @returns {number} where in the list it came to
 */
function run (list, from, to, words, at) {
  while (from < to && (words[at] & 15) === INT) list[from++] = words[at++] >>> 4
  return from
}

module.exports = { FrameReader, KEYS, RECORDS }
