// @ts-check
'use strict'

// How a connection begins (contract section 1.3): the order of the commands, and each way to be
// refused. tokens.js and starttls.js have the rest.

const { Socket } = require('node:net')
const {
  EVERYWHERE, LOGIN, NO_END_OVER_TLS, calls, endWhenReady, greeted,
  loggedIn, logout, settled, tellWhenReady, watch
} = require('./common')

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
