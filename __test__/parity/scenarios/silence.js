// @ts-check
'use strict'

// How a connection ends when the other side says nothing, or no IMAP (contract section 2.3).

const { EVERYWHERE, IDLING, KEEPALIVE, LOGGING_IN, LOGIN, SILENCE, ask, calls, greeted, loggedIn, watch } = require('./common')

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'disconnects',
  scenarios: {
    '18: no greeting': {
      script: SILENCE,
      transport: ['plain', 'tls'],
      options: { authTimeout: 100 },
      drive: watch
    },
    '18: CAPABILITY is not answered': {
      script: `S: * OK ready\nC: A0 CAPABILITY\n${SILENCE}`,
      transport: ['plain', 'tls'],
      options: { authTimeout: 100 },
      drive: watch
    },
    '18: LOGIN is not answered': {
      script: LOGGING_IN + SILENCE,
      transport: EVERYWHERE,
      options: { authTimeout: 200 },
      drive: watch
    },
    '18: the handshake after STARTTLS is not answered': {
      script: `
        S: * OK ready
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1 STARTTLS
        S: A0 OK done
        C: A1 STARTTLS
        S: A1 OK go ahead
        ${SILENCE}`,
      options: { autotls: 'always', authTimeout: 200 },
      drive: watch
    },
    '18: no TLS on a port for TLS': {
      script: '',
      transport: 'tls',
      options: { tls: false, authTimeout: 200 },
      drive: watch
    },
    '19: the handshake is not answered': {
      script: SILENCE,
      options: { tls: true, connTimeout: 200 },
      drive: watch
    },
    '20: nothing is heard for socketTimeout': {
      script: LOGIN + SILENCE,
      transport: EVERYWHERE,
      options: { socketTimeout: 300 },
      drive: watch,
      deviates: { tls: ['Q-03'] }
    },
    '20: nothing is heard for socketTimeout while commands wait': {
      script: `${LOGIN}
        C: A3 STATUS "Archive" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)
        ${SILENCE}`,
      transport: EVERYWHERE,
      options: { socketTimeout: 300 },
      drive: ask,
      deviates: { plain: ['Q-06'], tls: ['Q-03', 'Q-06'], starttls: ['Q-06'] }
    },
    '20: nothing is heard for socketTimeout during the login': {
      script: LOGGING_IN + SILENCE,
      transport: EVERYWHERE,
      options: { socketTimeout: 300, authTimeout: 1500 },
      drive: watch,
      deviates: { tls: ['Q-03'] }
    },
    '27: NAMESPACE is not answered': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1 NAMESPACE
        S: A1 OK done
        C: A2 NAMESPACE
        ${SILENCE}`,
      transport: EVERYWHERE,
      options: { authTimeout: 300 },
      drive: watch,
      deviates: ['Q-11']
    },
    '27: LIST is not answered': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1
        S: A1 OK done
        C: A2 LIST "" ""
        ${SILENCE}`,
      options: { authTimeout: 300 },
      drive: watch,
      deviates: ['Q-11']
    },
    '28: IDLE is not answered': {
      script: `${loggedIn('IDLE')}
        C: IDLE IDLE
        ${SILENCE}`,
      transport: EVERYWHERE,
      options: KEEPALIVE,
      patience: 13_000,
      drive: watch,
      deviates: ['D-04']
    },
    '28: DONE is not answered': {
      script: `${IDLING}
        C: DONE
        ${SILENCE}`,
      transport: EVERYWHERE,
      options: KEEPALIVE,
      patience: 18_000,
      drive (imap, say) { imap.once('alert', () => calls(imap, say)('addBox', 'New')) },
      deviates: ['D-04']
    },
    '28: NOOP is not answered': {
      script: `${LOGIN}
        C: NOOP NOOP
        ${SILENCE}`,
      transport: EVERYWHERE,
      options: KEEPALIVE,
      patience: 23_000,
      drive: watch,
      deviates: ['D-04']
    },

    'a server that does not speak IMAP': {
      script: 'S: 220 mail.example.org ESMTP',
      transport: ['plain', 'tls'],
      options: { authTimeout: 200 },
      drive: watch,
      deviates: ['D-16']
    }
  }
}
