// @ts-check
'use strict'

/** Bytes in; lines and literals out, one request at a time. */
class Reader {
  constructor () {
    /** @type {Buffer[]} */
    this.chunks = []
    this.length = 0
    this.ended = false
    /** @type {(() => void) | undefined} */
    this.wake = undefined
  }

  /** @param {Buffer} chunk */
  push (chunk) {
    this.chunks.push(chunk)
    this.length += chunk.length
    this.wake?.()
  }

  /** No more bytes will come. */
  end () {
    this.ended = true
    this.wake?.()
  }

  /** Forgets what came and was not read (after STARTTLS). */
  discard () {
    this.chunks = []
    this.length = 0
  }

  /**
   * The next line without its end, CRLF or LF; null when the stream ends first.
   *
   * @param {number} limit in bytes; a longer line ends the stream
   * @returns {Promise<Buffer | null>}
   */
  async line (limit) {
    let searched = 0
    for (;;) {
      const at = this.indexOfLineFeed(searched)
      if (at !== -1) {
        const line = this.take(at + 1)
        return line.subarray(0, line[at - 1] === 13 ? at - 1 : at)
      }
      searched = this.length
      if (this.ended || searched > limit) return null
      await this.more()
    }
  }

  /**
   * Exactly so many bytes; null when the stream ends first.
   *
   * @param {number} size
   * @returns {Promise<Buffer | null>}
   */
  async literal (size) {
    while (this.length < size) {
      if (this.ended) return null
      await this.more()
    }
    return this.take(size)
  }

  more () {
    return /** @type {Promise<void>} */ (new Promise((resolve) => {
      this.wake = () => {
        this.wake = undefined
        resolve()
      }
    }))
  }

  /** @param {number} from no line feed stands before this place */
  indexOfLineFeed (from) {
    let start = 0
    for (const chunk of this.chunks) {
      if (start + chunk.length > from) {
        const at = chunk.indexOf(10, Math.max(from - start, 0))
        if (at !== -1) return start + at
      }
      start += chunk.length
    }
    return -1
  }

  /** @param {number} size */
  take (size) {
    /** @type {Buffer[]} */
    const taken = []
    let left = size
    let used = 0
    while (left > 0) {
      const chunk = this.chunks[used]
      if (chunk.length > left) {
        taken.push(chunk.subarray(0, left))
        this.chunks[used] = chunk.subarray(left)
        left = 0
      } else {
        taken.push(chunk)
        left -= chunk.length
        used++
      }
    }
    this.chunks.splice(0, used)
    this.length -= size
    return taken.length === 1 ? taken[0] : Buffer.concat(taken, size)
  }
}

module.exports = { Reader }
