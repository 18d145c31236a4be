// @ts-check
'use strict'

// How a connection begins (contract section 1.3): the order of the commands, each way to log in and
// each way to be refused.

const { Socket } = require('node:net')
const { LOGIN, calls, loggedIn, logout } = require('./common')

/** @typedef {import('../scenarios').Transport[]} Transports */

const EVERYWHERE = /** @type {Transports} */ (['plain', 'tls', 'starttls'])

/** A close without `end` is npm imap's over TLS. */
const NO_END_OVER_TLS = { tls: ['Q-02'], starttls: ['Q-02'] }

/** Greeting and capabilities; the next tag is A1. @param {string} [capabilities] */
function greeted (capabilities = '') {
  return `
  S: * OK ready
  C: A0 CAPABILITY
  S: ${`* CAPABILITY IMAP4rev1 ${capabilities}`.trim()}
  S: A0 OK done
  `
}

/** What follows the login without NAMESPACE. @param {number} tag of its first command @param {string} [capabilities] */
function settled (tag, capabilities = '') {
  return `
  C: A${tag} CAPABILITY
  S: ${`* CAPABILITY IMAP4rev1 ${capabilities}`.trim()}
  S: A${tag} OK done
  C: A${tag + 1} LIST "" ""
  S: * LIST (\\Noselect) "/" ""
  S: A${tag + 1} OK done
  ${logout(tag + 2)}
  `
}

/** Leaves as soon as it is ready. @param {any} imap */
function endWhenReady (imap) {
  imap.once('ready', () => imap.end())
}

/** Says what it knows when it is ready, and leaves. @param {any} imap @param {(...values: any[]) => void} say */
function tellWhenReady (imap, say) {
  imap.once('ready', () => {
    say(imap.state, imap.delimiter, imap.namespaces, imap._caps)
    imap.end()
  })
}

/** Does nothing: the server ends it. */
function watch () {}

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'login',
  scenarios: {
    'the shortest one': {
      script: LOGIN + logout(3),
      transport: EVERYWHERE,
      drive: endWhenReady,
      deviates: NO_END_OVER_TLS
    },
    'capabilities are asked for again when LOGIN does not tell them': {
      lockStep: true,
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: A1 OK [CAPABILITY IMAP4rev1 IDLE] done
        ${settled(2, 'IDLE')}`,
      transport: EVERYWHERE,
      drive: tellWhenReady,
      deviates: NO_END_OVER_TLS
    },
    'NAMESPACE is asked for when the server has it': {
      script: `${greeted('NAMESPACE')}
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1 NAMESPACE
        S: A1 OK done
        C: A2 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL (("shared." "." "X-PARAM" ("one" "two")))
        S: A2 OK done
        C: A3 LIST "" ""
        S: * LIST (\\Noselect) "." ""
        S: A3 OK done
        ${logout(4)}`,
      transport: EVERYWHERE,
      drive: tellWhenReady,
      deviates: NO_END_OVER_TLS
    },
    'a server without any namespace': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1 NAMESPACE
        S: A1 OK done
        C: A2 NAMESPACE
        S: * NAMESPACE NIL NIL NIL
        S: A2 OK done
        C: A3 LIST "" ""
        S: * LIST () NIL INBOX
        S: A3 OK done
        ${logout(4)}`,
      drive: tellWhenReady
    },
    'no LIST line: the delimiter stays unknown': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1
        S: A1 OK done
        C: A2 LIST "" ""
        S: A2 OK done
        ${logout(3)}`,
      drive: tellWhenReady
    },
    'LIST is refused: ready all the same': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1
        S: A1 OK done
        C: A2 LIST "" ""
        S: A2 NO not now
        ${logout(3)}`,
      drive: tellWhenReady
    },
    'the first CAPABILITY is refused: the login goes on': {
      script: `
        S: * OK ready
        C: A0 CAPABILITY
        S: A0 BAD what?
        C: A1 LOGIN "user" "secret"
        S: A1 OK done
        ${settled(2)}`,
      drive: tellWhenReady
    },
    'capabilities in the greeting are not used': {
      lockStep: true,
      script: `
        S: * OK [CAPABILITY IMAP4rev1 IDLE NAMESPACE] ready
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: A0 OK done
        C: A1 LOGIN "user" "secret"
        S: A1 OK [CAPABILITY IMAP4rev1 IDLE NAMESPACE] done
        ${settled(2)}`,
      drive: tellWhenReady
    },
    'capabilities in lower case': {
      script: `
        S: * ok ready
        C: A0 CAPABILITY
        S: * capability imap4rev1 Auth=Plain idle
        S: A0 ok done
        C: A1 LOGIN "user" "secret"
        S: * capability imap4rev1 idle
        S: A1 ok done
        C: A2 LIST "" ""
        S: * list (\\Noselect) "/" ""
        S: A2 ok done
        ${logout(3)}`,
      drive: tellWhenReady
    },
    'a greeting and answers without text': {
      script: `
        S: * OK
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: A0 OK
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1
        S: A1 OK
        C: A2 LIST "" ""
        S: A2 OK
        ${logout(3)}`,
      drive: endWhenReady
    },
    'lines that end in LF alone': {
      script: `
        S+: * OK ready\\n
        C: A0 CAPABILITY
        S+: * CAPABILITY IMAP4rev1\\nA0 OK done\\n
        C: A1 LOGIN "user" "secret"
        S+: * CAPABILITY IMAP4rev1\\nA1 OK done\\n
        C: A2 LIST "" ""
        S+: * LIST () "/" ""\\nA2 OK done\\n
        ${logout(3)}`,
      drive: tellWhenReady
    },
    'the server\'s bytes come one by one': {
      script: LOGIN + logout(3),
      trace: { split: 1 },
      drive: tellWhenReady
    },
    'an alert and other news during the login': {
      script: `
        S: * OK ready
        S: * XNEWS is nothing known
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: * OK [ALERT] the disk is full
        S: A0 OK done
        C: A1 LOGIN "user" "secret"
        S: * OK [ALERT] and the mailbox, too
        S: * CAPABILITY IMAP4rev1
        S: A1 OK done
        C: A2 LIST "" ""
        S: A2 OK done
        ${logout(3)}`,
      transport: EVERYWHERE,
      drive: endWhenReady,
      deviates: NO_END_OVER_TLS
    },

    // --- credentials

    'quotes and backslashes in name and password': {
      script: `${greeted()}
        C: A1 LOGIN "us\\\\er" "se\\"cret"
        S: A1 OK done
        ${settled(2)}`,
      options: { user: 'us\\er', password: 'se"cret' },
      drive: endWhenReady
    },
    'letters beyond ASCII in name and password': {
      script: `${greeted()}
        C: A1 LOGIN "jürgen" "пароль"
        S: A1 OK done
        ${settled(2)}`,
      options: { user: 'jürgen', password: 'пароль' },
      drive: endWhenReady
    },
    'a line end in the password': {
      script: `${greeted()}
        C: *
        S: + go
        C: *
        S: A1 OK done
        ${settled(2)}`,
      options: { password: 'one\r\ntwo' },
      drive: endWhenReady,
      deviates: ['Q-38']
    },
    'a number as the password': {
      script: `${greeted()}
        C: A1 LOGIN "user" "1234"
        S: A1 OK done
        ${settled(2)}`,
      options: { password: 1234 },
      drive: endWhenReady,
      deviates: ['Q-68']
    },
    'name and password set on _config before connect()': {
      script: `${greeted()}
        C: A1 LOGIN "other" "word"
        S: A1 OK done
        ${settled(2)}`,
      drive (imap) {
        imap._config.user = 'other'
        imap._config.password = 'word'
        endWhenReady(imap)
      }
    },

    // --- refusals

    'LOGIN is refused': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: A1 NO [AUTHENTICATIONFAILED] Invalid credentials`,
      transport: EVERYWHERE,
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    'LOGIN is answered BAD': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: A1 BAD no such command`,
      transport: EVERYWHERE,
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    'LOGIN is refused without a word': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: A1 NO`,
      drive: watch
    },
    'LOGIN is refused with a code of several words': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: A1 NO [WEBALERT https://example.org/ 7] Web login required`,
      drive: watch
    },
    'BYE comes before LOGIN is refused': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: * BYE too many tries
        S: A1 NO Invalid credentials
        X: end`,
      transport: EVERYWHERE,
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    'LOGINDISABLED': {
      script: greeted('LOGINDISABLED'),
      transport: EVERYWHERE,
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    'no password': {
      script: greeted(),
      transport: EVERYWHERE,
      options: { password: '' },
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    'no user': {
      script: greeted(),
      options: { user: undefined },
      drive: watch
    },
    'a token that the server cannot take, and no password': {
      script: greeted('AUTH=PLAIN'),
      options: { xoauth2: 'dG9rZW4=', password: undefined },
      drive: watch
    },
    'the second CAPABILITY is refused': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: A1 OK done
        C: A2 CAPABILITY
        S: A2 NO [UNAVAILABLE] not now`,
      transport: EVERYWHERE,
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    'NAMESPACE is refused': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1 NAMESPACE
        S: A1 OK done
        C: A2 NAMESPACE
        S: A2 NO not now`,
      transport: EVERYWHERE,
      drive: watch,
      deviates: NO_END_OVER_TLS
    },
    'NAMESPACE is answered BAD': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1 NAMESPACE
        S: A1 OK done
        C: A2 NAMESPACE
        S: A2 BAD what?`,
      drive: watch
    },

    // --- tokens

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
    },

    // --- greetings

    'PREAUTH': {
      script: `
        S: * PREAUTH welcome back
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: A0 OK done
        C: A1 LIST "" ""
        S: * LIST () "/" ""
        S: A1 OK done
        ${logout(2)}`,
      options: { authTimeout: 100 },
      transport: ['plain', 'tls'],
      drive: tellWhenReady,
      deviates: ['Q-10']
    },
    'a greeting of BYE': {
      script: 'S: * BYE come back later',
      transport: ['plain', 'tls'],
      drive: watch,
      deviates: ['Q-50']
    },
    'a greeting of NO': {
      script: 'S: * NO not today',
      transport: ['plain', 'tls'],
      drive: watch,
      deviates: { tls: ['Q-02'] }
    },
    'a greeting of BAD': {
      script: 'S: * BAD what do you want?',
      transport: ['plain', 'tls'],
      drive: watch,
      deviates: { tls: ['Q-02'] }
    },
    'a greeting of OK with an alert': {
      script: `
        S: * OK [ALERT] the disk is full
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: A0 OK done
        C: A1 LOGIN "user" "secret"
        S: A1 OK done
        ${settled(2)}`,
      drive: endWhenReady
    },
    'a second greeting': {
      script: `
        S: * OK ready
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: A0 OK done
        C: A1 LOGIN "user" "secret"
        S: * OK still here
        S: A1 OK done
        ${settled(2)}`,
      drive: endWhenReady
    },

    // --- STARTTLS

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
    },

    // --- commands that do not wait

    'a command before ready': {
      script: `${LOGIN}
        C: A3 LIST "" "*"
        S: * LIST () "/" INBOX
        S: A3 OK done
        ${logout(4)}`,
      connect: false,
      drive (imap, say) {
        imap.connect()
        calls(imap, say)('getBoxes').then(() => imap.end())
      },
      deviates: ['Q-27']
    },
    'a command before connect()': {
      script: LOGIN + logout(3),
      drive (imap, say) {
        calls(imap, say)('getBoxes')
        endWhenReady(imap)
      },
      deviates: ['D-02']
    },
    'openBox() before ready': {
      script: LOGIN + logout(3),
      connect: false,
      drive (imap, say) {
        imap.connect()
        calls(imap, say)('openBox', 'INBOX')
        endWhenReady(imap)
      }
    },
    'what the server can do, asked before and after': {
      script: `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: * CAPABILITY IMAP4rev1 IDLE
        S: A1 OK done
        C: A2 LIST "" ""
        S: A2 OK done
        ${logout(3)}`,
      drive (imap, say) {
        say(!!imap.serverSupports('IDLE'))
        imap.once('ready', () => {
          say(imap.serverSupports('IDLE'), imap.serverSupports('MOVE'))
          imap.end()
        })
      }
    },
    'what the server can do, asked in lower case': {
      script: LOGIN + logout(3),
      drive (imap, say) {
        imap.once('ready', () => {
          say(imap.serverSupports('imap4rev1'))
          imap.end()
        })
      },
      deviates: ['Q-67']
    },

    'what the server can do, asked of seq': {
      script: loggedIn('IDLE') + logout(3),
      drive (imap, say) {
        imap.once('ready', () => {
          calls(imap, say)('seq.serverSupports', 'IDLE')
          imap.end()
        })
      },
      deviates: ['D-19']
    },

    // --- what everimap cannot do

    'a socket of the program': {
      script: LOGIN + logout(3),
      options: () => ({ socket: new Socket() }),
      drive: endWhenReady,
      deviates: ['D-07']
    },
    'a certificate in PKCS #12': {
      script: LOGIN + logout(3),
      options: { tls: true, tlsOptions: { pfx: Buffer.from('none') } },
      drive: endWhenReady,
      deviates: ['D-07']
    },

    // --- again

    'connect() again when it has closed': {
      script: [LOGIN + logout(3), LOGIN + logout(3)],
      transport: EVERYWHERE,
      drive (imap) {
        imap.on('ready', () => imap.end())
        imap.once('close', () => imap.connect())
      },
      deviates: NO_END_OVER_TLS
    },
    'connect() twice': {
      script: LOGIN + logout(3),
      drive (imap) {
        endWhenReady(imap)
        imap.connect()
      },
      deviates: ['Q-70']
    },
    'connect() again with another password after a refusal': {
      script: [
        `${greeted()}
        C: A1 LOGIN "user" "secret"
        S: A1 NO Invalid credentials`,
        `${greeted()}
        C: A1 LOGIN "user" "better"
        S: A1 OK done
        ${settled(2)}`
      ],
      transport: EVERYWHERE,
      drive (imap) {
        endWhenReady(imap)
        imap.once('close', () => {
          imap._config.password = 'better'
          imap.connect()
        })
      },
      deviates: NO_END_OVER_TLS
    }
  }
}
