// @ts-check
'use strict'

// `rotate()`: what has become of it is told by the events of the session.

/** Who waits for another connection. @type {WeakMap<object, Array<(moved: boolean) => void>>} */
const waiting = new WeakMap()

/** Events after which the session runs on another connection, or on none. */
const OUTCOMES = new Map([
  ['rotated', true],
  ['reconnected', true],
  ['rotationFailed', false]
])

/**
 * Asks the session of a link to move to another connection.
 * @param {import('./link').Link} link
 * @returns {Promise<boolean>} whether it runs on another one
 */
function rotate (link) {
  return new Promise((resolve) => {
    waiting.set(link, [...waiting.get(link) || [], resolve])
    link.native.rotate()
  })
}

/**
 * Something happened to the session.
 * @param {import('./link').Link} link
 * @param {string} event
 */
function watchRotation (link, event) {
  const moved = OUTCOMES.get(event)
  if (moved !== undefined) settle(link, moved)
}

/**
 * Tells those who wait.
 * @param {import('./link').Link} link
 * @param {boolean} moved
 */
function settle (link, moved) {
  const all = waiting.get(link)
  waiting.delete(link)
  if (all) for (const resolve of all) resolve(moved)
}

module.exports = { rotate, settle, watchRotation }
