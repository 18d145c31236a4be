// @ts-check
'use strict'

// Logging in with tokens (contract section 1.3).

const { EVERYWHERE, LOGIN, NO_END_OVER_TLS, endWhenReady, greeted, logout, settled, watch } = require('./common')

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'login',
  scenarios: {
    'XOAUTH2': {
      script: `${greeted('AUTH=XOAUTH2')}
        C: A1 AUTHENTICATE XOAUTH2 dG9rZW4=
        S: A1 OK done
        ${settled(2)}`,
      transport: EVERYWHERE,
      options: { xoauth2: 'dG9rZW4=' },
      drive: endWhenReady,
      deviates: NO_END_OVER_TLS
    },
    'XOAUTH2 goes before the password': {
      script: `${greeted('AUTH=XOAUTH2 AUTH=PLAIN SASL-IR')}
        C: A1 AUTHENTICATE XOAUTH2 dG9rZW4=
        S: * CAPABILITY IMAP4rev1
        S: A1 OK done
        C: A2 LIST "" ""
        S: A2 OK done
        ${logout(3)}`,
      options: { xoauth2: 'dG9rZW4=' },
      drive: endWhenReady
    },
    'XOAUTH goes before XOAUTH2': {
      script: `${greeted('AUTH=XOAUTH AUTH=XOAUTH2')}
        C: A1 AUTHENTICATE XOAUTH b2xk
        S: A1 OK done
        ${settled(2)}`,
      options: { xoauth: 'b2xk', xoauth2: 'dG9rZW4=' },
      drive: endWhenReady
    },
    'a token without a server for it: LOGIN': {
      script: `${greeted('AUTH=PLAIN')}
        C: A1 LOGIN "user" "secret"
        S: A1 OK done
        ${settled(2)}`,
      options: { xoauth2: 'dG9rZW4=' },
      drive: endWhenReady
    },
    'XOAUTH2 is refused after a challenge, without a word': {
      script: `${greeted('AUTH=XOAUTH2')}
        C: A1 AUTHENTICATE XOAUTH2 dG9rZW4=
        S: + eyJzdGF0dXMiOiI0MDAifQ==
        C:
        S: A1 NO`,
      transport: EVERYWHERE,
      options: { xoauth2: 'dG9rZW4=' },
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    'XOAUTH2 is refused after a challenge, in words': {
      script: `${greeted('AUTH=XOAUTH2')}
        C: A1 AUTHENTICATE XOAUTH2 dG9rZW4=
        S: + eyJzdGF0dXMiOiI0MDAifQ==
        C:
        S: A1 NO [AUTHENTICATIONFAILED] SASL authentication failed`,
      options: { xoauth2: 'dG9rZW4=' },
      drive: watch
    },
    'XOAUTH2 is refused at once': {
      script: `${greeted('AUTH=XOAUTH2')}
        C: A1 AUTHENTICATE XOAUTH2 dG9rZW4=
        S: A1 BAD Invalid SASL argument`,
      options: { xoauth2: 'dG9rZW4=' },
      drive: watch
    },
    'XOAUTH2 with LOGINDISABLED': {
      script: `${greeted('AUTH=XOAUTH2 LOGINDISABLED')}
        C: A1 AUTHENTICATE XOAUTH2 dG9rZW4=
        S: A1 OK done
        ${settled(2)}`,
      options: { xoauth2: 'dG9rZW4=' },
      drive: endWhenReady,
      deviates: ['Q-82']
    }
  }
}
