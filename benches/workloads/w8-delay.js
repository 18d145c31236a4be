// @ts-check
'use strict'

// How long the event loop is held up while a mailbox comes in: W1 and W3, looked at for that.

module.exports = {
  name: 'W8',
  uses: ['W1', 'W3'],
  cases: [],
  targets: ['W1', 'W3'].flatMap(name => [
    { case: name, measure: 'delayMaxMs', against: 'imap', most: 0.2 },
    { case: name, measure: 'delayMaxMs', most: 12 }
  ])
}
