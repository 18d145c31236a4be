// @ts-check
'use strict'

// The library under test. IMAP_IMPLEMENTATION=imap runs the same tests against npm imap
// instead, which shows whether a test asks for what node-imap does or for more.

module.exports = process.env.IMAP_IMPLEMENTATION
  ? require(process.env.IMAP_IMPLEMENTATION)
  : require('..')
