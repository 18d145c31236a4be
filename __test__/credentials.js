// @ts-check
'use strict'

// What the tests log in with. `npm run test:canary` sets others, and looks for them in all output.

module.exports = {
  /** The password of `user`, on every server of the tests. */
  PASSWORD: process.env.EVERIMAP_CANARY_PASSWORD || 'secret',
  /** An initial response for XOAUTH2, where the server takes any. */
  TOKEN: process.env.EVERIMAP_CANARY_TOKEN || 'abcd'
}
