// @ts-check
'use strict'

// The lines that `debug` gets (contract section 1.5).

const { LOGIN, calls, loggedIn, logout, opened, told, withInbox } = require('./common')

/** Debug lines of a session that is logged in. @param {string} script @param {(imap: any, say: any) => void} act @param {string[]} [deviates] */
function debugged (script, act, deviates = ['Q-39']) {
  return {
    script: opened() + script,
    debug: true,
    drive (/** @type {any} */ imap, /** @type {any} */ say) {
      withInbox(imap, () => {
        act(imap, say)
        imap.end()
      })
    },
    deviates
  }
}

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'debug',
  scenarios: {
    'a login and a logout': {
      script: LOGIN + logout(3),
      transport: ['plain', 'tls'],
      debug: true,
      drive (imap) { imap.once('ready', () => imap.end()) },
      deviates: { plain: ['Q-39'], tls: ['Q-02', 'Q-39'] }
    },
    'a login with a token': {
      script: `
        S: * OK ready
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1 AUTH=XOAUTH2
        S: A0 OK done
        C: A1 AUTHENTICATE XOAUTH2 dG9rZW4=
        S: + eyJzdGF0dXMiOiI0MDAifQ==
        C:
        S: A1 NO refused`,
      options: { xoauth2: 'dG9rZW4=' },
      debug: true,
      drive () {},
      deviates: ['Q-39', 'D-11']
    },
    'a connection without a login': {
      script: 'S: * NO not today',
      debug: true,
      drive () {},
      deviates: ['D-11']
    },
    'a greeting with quotes and a backslash': {
      script: 'S: * NO it\'s "not" today \\o/',
      debug: true,
      drive () {},
      deviates: ['D-11']
    },
    'a connection that is refused': {
      script: '',
      debug: true,
      connect: false,
      drive (imap, say, server) { server.listener.close(() => imap.connect()) }
    },
    'a connection that is reset': {
      script: 'S: * OK ready\nC: A0 CAPABILITY\nX: reset',
      debug: true,
      drive () {}
    },
    'a server that says nothing': {
      script: 'X: wait silence',
      options: { authTimeout: 100 },
      debug: true,
      drive () {},
      deviates: ['D-11']
    },
    'socketTimeout': {
      script: 'S: * OK ready\nC: A0 CAPABILITY\nX: wait silence',
      options: { socketTimeout: 200 },
      debug: true,
      drive () {}
    },
    'commands and answers': debugged(`
      C: A4 CREATE "it's \\"new\\""
      S: A4 NO it's "there"
      C: A5 UID SEARCH UNSEEN
      S: * SEARCH 1 2
      S: A5 OK done
      ${logout(6)}`, (imap, say) => {
      calls(imap, say)('addBox', 'it\'s "new"')
      calls(imap, say)('search', ['UNSEEN'])
    }),
    'a search with a literal': debugged(`
      C: A4 UID SEARCH CHARSET UTF-8 SUBJECT {2}
      S: + go
      C: *
      S: * SEARCH
      S: A4 OK done
      ${logout(5)}`, (imap, say) => calls(imap, say)('search', [['SUBJECT', 'é']]), ['Q-39', 'D-11']),
    'an append': debugged(`
      C: A4 APPEND "INBOX" {5}
      S: + go
      C: hello
      S: A4 OK done
      ${logout(5)}`, (imap, say) => calls(imap, say)('append', 'hello')),
    'a fetch with a body': debugged(`
      C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[TEXT])
      S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000" BODY[TEXT] {5}
      S: hello)
      S: A4 OK done
      ${logout(5)}`, (imap, say) => told(imap.fetch(1, { bodies: 'TEXT' }), say), ['Q-39', 'D-11']),
    'a value that is a literal': debugged(`
      C: A4 LIST "" "*"
      S: * LIST () "/" {5}
      S: INBOX
      S: A4 OK done
      ${logout(5)}`, (imap, say) => calls(imap, say)('getBoxes'), ['Q-39', 'D-11']),
    'IDLE': {
      script: `${loggedIn('IDLE')}
        C: IDLE IDLE
        S: + idling
        S: * OK [ALERT] bell
        C: DONE
        S: IDLE OK done
        ${logout(3)}`,
      options: { keepalive: true },
      debug: true,
      drive (imap) { imap.once('alert', () => imap.end()) },
      deviates: ['Q-39']
    }
  }
}
