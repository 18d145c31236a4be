// @ts-check
'use strict'

// everimap as npm imap's own tests know it: they look at what is sent, one command at a time.

const Imap = require('everimap')

class Connection extends Imap {
  /** @param {Imap.Config} config */
  constructor (config) {
    super({ ...config, pipeline: false })
  }
}

module.exports = Connection
