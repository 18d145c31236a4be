// @ts-check
'use strict'

const names = require('./names')

/**
 * An answer other than OK: thrown by a command, sent with the command's tag.
 */
class Refusal extends Error {
  /**
   * @param {'NO' | 'BAD'} status
   * @param {string} text what follows the status, with its code in brackets
   */
  constructor (status, text) {
    super(text)
    this.status = status
  }
}

/** @param {string} text */
const no = (text) => new Refusal('NO', text)

/** @param {string} text */
const bad = (text) => new Refusal('BAD', text)

/**
 * One argument: an atom, a string (quoted or literal, with its bytes), or a list.
 *
 * @typedef {{ atom: string }} Atom
 * @typedef {{ text: string, bytes: Buffer }} Text
 * @typedef {Atom | Text | NodeList} Node
 */

/** @typedef {Node[]} NodeList */

/**
 * Cuts a command into its arguments.
 *
 *     command = arg *(SP arg)
 *     arg     = atom / quoted / literal / "(" [arg *(SP arg)] ")"
 *
 * `BODY[HEADER.FIELDS (From "To")]<0.10>` is one atom.
 *
 * @param {(string | Buffer)[]} parts lines (one character a byte) and literals, in the order they came
 * @returns {Node[]}
 */
function tokenize (parts) {
  /** @type {Node[][]} */
  const stack = [[]]
  const add = (/** @type {Node} */ node) => stack[stack.length - 1].push(node)
  for (const part of parts) {
    if (typeof part !== 'string') {
      add({ text: part.toString('utf8'), bytes: part })
      continue
    }
    for (let at = 0; at < part.length;) {
      const character = part[at]
      if (character === ' ') {
        at++
      } else if (character === '(') {
        stack.push([])
        at++
      } else if (character === ')') {
        const list = stack.pop()
        if (list === undefined || stack.length === 0) throw bad('Unexpected ")".')
        add(list)
        at++
      } else if (character === '"') {
        const end = quotedEnd(part, at)
        const bytes = Buffer.from(part.slice(at + 1, end).replace(/\\(["\\])/g, '$1'), 'latin1')
        add({ text: bytes.toString('utf8'), bytes })
        at = end + 1
      } else {
        const end = atomEnd(part, at)
        add({ atom: part.slice(at, end) })
        at = end
      }
    }
  }
  if (stack.length > 1) throw bad('Missing ")".')
  return stack[0]
}

/** @param {string} line @param {number} start */
function quotedEnd (line, start) {
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === '"') return at
  }
  throw bad('Missing \'"\'.')
}

/** @param {string} line @param {number} start */
function atomEnd (line, start) {
  const section = /^BODY(?:\.PEEK)?\[/i.exec(line.slice(start, start + 10))
  if (section === null) {
    const rest = /[ ()"]/g
    rest.lastIndex = start + 1
    return rest.exec(line)?.index ?? line.length
  }
  let at = start + section[0].length
  while (line[at] !== ']') {
    if (at >= line.length) throw bad('Missing "]".')
    at = line[at] === '"' ? quotedEnd(line, at) + 1 : at + 1
  }
  const partial = /<[^>]*>/y
  partial.lastIndex = at + 1
  return at + 1 + (partial.exec(line)?.[0].length ?? 0)
}

/**
 * The arguments of a command, taken one after the other. Every method throws a BAD refusal when the next argument
 * is missing or of another kind.
 */
class Arguments {
  /** @param {Node[]} nodes */
  constructor (nodes) {
    this.nodes = nodes
    this.at = 0
  }

  get more () {
    return this.at < this.nodes.length
  }

  /** The next argument, not taken. */
  get peek () {
    return this.nodes[this.at]
  }

  /** @returns {Node} */
  next () {
    if (!this.more) throw bad('Missing arguments.')
    return this.nodes[this.at++]
  }

  /** @returns {string} */
  atom () {
    const node = this.next()
    if (!('atom' in node)) throw bad('Expected an atom.')
    return node.atom
  }

  /** The next argument when it is one of these words, upper case. @param {string[]} words */
  word (...words) {
    const node = this.peek
    if (node === undefined || !('atom' in node)) return undefined
    const upper = node.atom.toUpperCase()
    if (!words.includes(upper)) return undefined
    this.at++
    return upper
  }

  /** An atom or a string, as text. @returns {string} */
  astring () {
    const node = this.next()
    if (Array.isArray(node)) throw bad('Expected a string, not a list.')
    return 'atom' in node ? node.atom : node.text
  }

  /** A string's bytes. @returns {Buffer} */
  bytes () {
    const node = this.next()
    if (!('bytes' in node)) throw bad('Expected a string.')
    return node.bytes
  }

  /** @returns {Arguments} */
  list () {
    const node = this.next()
    if (!Array.isArray(node)) throw bad('Expected a list.')
    return new Arguments(node)
  }

  /** A list if there is one next. */
  optionalList () {
    return Array.isArray(this.peek) ? this.list() : undefined
  }

  /** A mailbox name, decoded. @param {string} delimiter */
  mailbox (delimiter) {
    return names.canonical(names.decode(this.astring()), delimiter)
  }

  /** @returns {number} */
  number () {
    const atom = this.atom()
    if (!/^\d+$/.test(atom)) throw bad('Expected a number.')
    return Number(atom)
  }

  end () {
    if (this.more) throw bad('Too many arguments.')
  }
}

/**
 * A set such as `1,3:5,*` as ordered pairs.
 *
 *     sequence-set = (seq-number / seq-range) *("," sequence-set)
 *
 * @param {string} text
 * @param {number} star what `*` stands for
 * @returns {[number, number][]}
 */
function ranges (text, star) {
  return text.split(',').map((range) => {
    const match = /^(\*|[1-9]\d*)(?::(\*|[1-9]\d*))?$/.exec(range)
    if (match === null) throw bad('Invalid messageset')
    const first = match[1] === '*' ? star : Number(match[1])
    const last = match[2] === undefined ? first : match[2] === '*' ? star : Number(match[2])
    return first <= last ? [first, last] : [last, first]
  })
}

/**
 * Ascending numbers as a set: `1:3,7`.
 *
 * @param {number[]} numbers
 * @returns {string}
 */
function printSet (numbers) {
  const out = []
  for (let i = 0; i < numbers.length;) {
    let end = i
    while (numbers[end + 1] === numbers[end] + 1) end++
    out.push(end === i ? `${numbers[i]}` : `${numbers[i]}:${numbers[end]}`)
    i = end + 1
  }
  return out.join(',')
}

module.exports = { Refusal, no, bad, tokenize, Arguments, ranges, printSet }
