// @ts-check
'use strict'

const { StringDecoder } = require('node:string_decoder')
const { UsageError } = require('./options')

/**
 * Asks for a password on the terminal, without showing it.
 * @param {string} question
 * @returns {Promise<string>}
 */
function askPassword (question) {
  const { stdin, stdout } = process
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new UsageError('There is no password, and no terminal to ask for it: set IMAP_PASSWORD, or IMAP_TOKEN for OAuth 2.0')
  }
  stdout.write(question)
  stdin.setRawMode(true)
  stdin.resume()
  const decoder = new StringDecoder('utf8')
  return new Promise((resolve, reject) => {
    const line = new Line()
    const onData = (/** @type {Buffer} */ bytes) => {
      for (const character of decoder.write(bytes)) {
        if (line.take(character)) continue
        stdin.removeListener('data', onData)
        stdin.setRawMode(false)
        stdin.pause()
        stdout.write('\n')
        if (line.isGivenUp) process.exit(130)
        if (line.text) resolve(line.text)
        else reject(new UsageError('No password was given: type it, or set IMAP_PASSWORD'))
        return
      }
    }
    stdin.on('data', onData)
  })
}

/** A line as it is typed. */
class Line {
  text = ''
  isGivenUp = false

  /**
   * @param {string} character
   * @returns {boolean} whether more is to come
   */
  take (character) {
    if (character === '\r' || character === '\n' || character === '\x04') return false
    if (character === '\x03') {
      this.isGivenUp = true
      return false
    }
    if (character === '\x7f' || character === '\b') this.text = [...this.text].slice(0, -1).join('')
    else if (character === '\x15') this.text = ''
    else this.text += character
    return true
  }
}

module.exports = { askPassword }
