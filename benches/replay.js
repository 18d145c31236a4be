// @ts-check
'use strict'

// Answers that are prepared before anybody asks.

/** The size of the buffers that are written at once. */
const CHUNK_BYTES = 1 << 20

/**
 * Joins small pieces to few buffers.
 * @param {Iterable<string | Buffer>} pieces
 */
function prepare (pieces) {
  const prepared = []
  let open = []
  let size = 0
  for (const piece of pieces) {
    const bytes = Buffer.from(piece)
    open.push(bytes)
    size += bytes.length
    if (size < CHUNK_BYTES) continue
    prepared.push(Buffer.concat(open, size))
    open = []
    size = 0
  }
  return [...prepared, Buffer.concat(open, size)]
}

module.exports = { prepare }
