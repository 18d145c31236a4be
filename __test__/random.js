// @ts-check
'use strict'

/**
 * Random numbers that can be had again.
 * @param {number} seed
 * @returns {() => number} from 0 to below 1, the same for the same seed (mulberry32)
 */
function random (seed) {
  return () => {
    seed = seed + 0x6D2B79F5 | 0
    let bits = Math.imul(seed ^ seed >>> 15, 1 | seed)
    bits = bits + Math.imul(bits ^ bits >>> 7, 61 | bits) ^ bits
    return ((bits ^ bits >>> 14) >>> 0) / 4294967296
  }
}

module.exports = { random }
