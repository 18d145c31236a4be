// @ts-check
'use strict'

// When TLS is put under a connection, and when not (contract section 1.3).

const { endWhenReady, greeted, settled, tellWhenReady, watch } = require('./common')

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'login',
  scenarios: {
    'STARTTLS is offered, and not asked for': {
      script: `${greeted('STARTTLS')}
        C: A1 LOGIN "user" "secret"
        S: A1 OK done
        ${settled(2)}`,
      drive: endWhenReady
    },
    'STARTTLS is offered and never wanted': {
      script: `${greeted('STARTTLS')}
        C: A1 LOGIN "user" "secret"
        S: A1 OK done
        ${settled(2)}`,
      options: { autotls: 'never' },
      drive: endWhenReady
    },
    'STARTTLS only where it is required, and it is not': {
      script: `${greeted('STARTTLS')}
        C: A1 LOGIN "user" "secret"
        S: A1 OK done
        ${settled(2)}`,
      options: { autotls: 'required' },
      drive: endWhenReady
    },
    'STARTTLS where it is required': {
      script: `${greeted('STARTTLS LOGINDISABLED')}
        C: A1 STARTTLS
        S: A1 OK go ahead
        X: starttls
        C: A2 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: A2 OK done
        C: A3 LOGIN "user" "secret"
        S: A3 OK done
        ${settled(4)}`,
      options: { autotls: 'required' },
      drive: endWhenReady,
      deviates: ['Q-02']
    },
    'STARTTLS is always wanted, but the server does not have it': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: A1 OK done
        ${settled(2)}`,
      options: { autotls: 'always' },
      drive: endWhenReady,
      deviates: ['Q-09']
    },
    'STARTTLS is refused': {
      script: `${greeted('STARTTLS')}
        C: A1 STARTTLS
        S: A1 NO [UNAVAILABLE] not now`,
      options: { autotls: 'always' },
      drive: watch
    },
    'STARTTLS is answered BAD': {
      script: `${greeted('STARTTLS')}
        C: A1 STARTTLS
        S: A1 BAD what?`,
      options: { autotls: 'always' },
      drive: watch
    },
    'text that follows the answer to STARTTLS in the clear': {
      script: `${greeted('STARTTLS')}
        C: A1 STARTTLS
        S+: A1 OK go ahead\\r\\n* PREAUTH you need no password\\r\\n
        X: starttls
        C: A2 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: A2 OK done
        C: A3 LOGIN "user" "secret"
        S: A3 OK done
        ${settled(4)}`,
      options: { autotls: 'always' },
      drive: tellWhenReady,
      deviates: ['Q-78']
    }
  }
}
