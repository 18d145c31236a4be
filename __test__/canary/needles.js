// @ts-check
'use strict'

// What a leaked secret looks like.

/** Shorter secrets are words that stand everywhere. */
const MIN_LENGTH = 12

/** How much is shown around a leak. */
const CONTEXT = 60

/**
 * @param {string} secret
 * @returns {string[]} itself, and what of its base64 does not depend on what stands around it
 */
function needlesOf (secret) {
  if (secret.length < MIN_LENGTH) return []
  const bytes = Buffer.from(secret)
  // Before it are 0, 1 or 2 bytes of a group of three; the characters that it shares are left out.
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '')
    const from = Math.ceil(before * 8 / 6)
    return text.slice(from, Math.floor((before + bytes.length) * 8 / 6))
  })
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), bytes.toString('hex'), ...base64])]
}

/**
 * @param {string} text
 * @param {string[]} needles
 * @returns {string[]} what stands around each leak, one for each needle at the most
 */
function leaksIn (text, needles) {
  return needles.flatMap((needle) => {
    const at = text.indexOf(needle)
    return at < 0 ? [] : [text.slice(Math.max(0, at - CONTEXT), at + needle.length + CONTEXT)]
  })
}

module.exports = { leaksIn, needlesOf }
