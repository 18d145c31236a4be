// @ts-check
'use strict'

/** What many connections tell: the strings of it, each once. @type {Map<string, string>} */
const known = new Map()

/** More than all servers have names for together; one that makes them up is not to fill the memory. */
const MOST_STRINGS = 1000

/**
 * Puts the same string for the same name into all lists of names that servers choose from.
 * @param {string[]} list
 */
function interned (list) {
  for (let i = 0; i < list.length; i++) {
    const name = list[i]
    const same = known.get(name)
    if (same !== undefined) list[i] = same
    else if (known.size < MOST_STRINGS) keep(name)
  }
  return list
}

/** @param {string} name as a part of a frame's text, which is not to be kept with it */
function keep (name) {
  const copy = Buffer.from(name).toString()
  known.set(copy, copy)
}

module.exports = { interned }
