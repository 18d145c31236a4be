// @ts-check
'use strict'

/**
 * Sets a property whose name a server chose. `__proto__` becomes an ordinary property of the
 * object instead of its prototype (contract Q-35).
 * @param {object} object
 * @param {string} key
 * @param {any} value
 */
function defineOwn (object, key, value) {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    /** @type {any} */ (object)[key] = value
  }
}

/**
 * The object's own property of that name, and none that it inherits.
 * @param {object} object
 * @param {string} key
 */
function own (object, key) {
  return Object.prototype.hasOwnProperty.call(object, key) ? /** @type {any} */ (object)[key] : undefined
}

module.exports = { defineOwn, own }
