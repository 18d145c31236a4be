// @ts-check
'use strict'

// The order in which commands are sent and called back (contract section 7), and answers that are
// odd.

const { EVERYWHERE, LOGIN, NO_END_OVER_TLS, calls, loggedIn, logout, opened, told, withInbox } = require('./common')

/** A CREATE and its answer. @param {number} tag @param {string} name @param {string} [answer] */
function create (tag, name, answer = `A${tag} OK done`) {
  return `
  C: A${tag} CREATE "${name}"
  S: ${answer}
  `
}

/** An answer to one CREATE, after which the program leaves. @param {string} answer */
function answered (answer) {
  return {
    script: LOGIN + create(3, 'New', answer) + logout(4),
    drive (/** @type {any} */ imap, /** @type {any} */ say) {
      imap.once('ready', () => {
        calls(imap, say)('addBox', 'New')
        imap.end()
      })
    }
  }
}

/** What a raw command brings. @param {string} command @param {string} answer what the server says of it */
function raw (command, answer) {
  return {
    script: `${LOGIN}
      C: A3 ${command}
      ${answer}
      ${logout(4)}`,
    drive (/** @type {any} */ imap, /** @type {any} */ say) {
      imap.once('ready', () => {
        calls(imap, say)('_enqueue', command)
        imap.end()
      })
    }
  }
}

const MANY = 60

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'queue',
  scenarios: {
    'commands are sent one after the other': {
      script: LOGIN + create(3, 'One') + create(4, 'Two') + create(5, 'Three') + logout(6),
      transport: EVERYWHERE,
      drive (imap, say) {
        imap.once('ready', () => {
          const call = calls(imap, say)
          Promise.all(['One', 'Two', 'Three'].map((name) => call('addBox', name))).then(() => imap.end())
          say('asked')
        })
      },
      deviates: NO_END_OVER_TLS
    },
    'a command from a callback goes behind the others': {
      script: LOGIN + create(3, 'One') + create(4, 'Two') + create(5, 'Late') + logout(6),
      drive (imap, say) {
        imap.once('ready', () => {
          const call = calls(imap, say)
          imap.addBox('One', () => {
            say('One')
            call('addBox', 'Late').then(() => imap.end())
          })
          call('addBox', 'Two')
        })
      }
    },
    'commands from the listener of an event': {
      script: `${opened()}
        C: A4 CREATE "One"
        S: * 4 EXISTS
        S: A4 OK done
        ${create(5, 'Two')}${create(6, 'Three')}${logout(7)}`,
      drive (imap, say) {
        withInbox(imap, () => {
          const call = calls(imap, say)
          call('addBox', 'One')
          call('addBox', 'Two')
          imap.once('mail', () => call('addBox', 'Three').then(() => imap.end()))
        })
      }
    },
    'many commands': {
      script: LOGIN + Array.from({ length: MANY }, (_, at) => create(3 + at, `box ${at}`)).join('') + logout(3 + MANY),
      drive (imap, say) {
        imap.once('ready', () => {
          const call = calls(imap, say)
          for (let at = 0; at < MANY; at++) call('addBox', `box ${at}`)
          imap.end()
        })
      }
    },
    'a command without a callback': {
      script: LOGIN + create(3, 'One') + create(4, 'Two', 'A4 NO it exists') + create(5, 'Three') + logout(6),
      drive (imap, say) {
        imap.once('ready', () => {
          imap.addBox('One')
          imap.addBox('Two')
          calls(imap, say)('addBox', 'Three').then(() => imap.end())
        })
      }
    },
    'a refusal, and the next command': {
      script: LOGIN + create(3, 'One', 'A3 NO [ALREADYEXISTS] it exists') + create(4, 'Two') + logout(5),
      drive (imap, say) {
        imap.once('ready', () => {
          const call = calls(imap, say)
          call('addBox', 'One')
          call('addBox', 'Two')
          imap.end()
        })
      }
    },
    'a callback that throws': {
      script: LOGIN + create(3, 'One') + create(4, 'Two') + logout(5),
      survives: true,
      drive (imap, say) {
        imap.once('ready', () => {
          imap.addBox('One', () => { throw new Error('a mistake of the program') })
          calls(imap, say)('addBox', 'Two').then(() => imap.end())
        })
      },
      deviates: ['Q-73']
    },
    'a listener that throws': {
      script: `${opened()}
        C: A4 CREATE "One"
        S: * 4 EXISTS
        S: A4 OK done
        ${logout(5)}`,
      survives: true,
      drive (imap, say) {
        withInbox(imap, () => {
          imap.once('mail', () => { throw new Error('a mistake of the program') })
          calls(imap, say)('addBox', 'One').then(() => imap.end())
        })
      },
      deviates: ['Q-73']
    },
    'a callback that throws, and nobody catches it': {
      script: LOGIN + create(3, 'One') + logout(4),
      drive (imap) {
        imap.once('ready', () => {
          imap.addBox('One', () => { throw new Error('a mistake of the program') })
          imap.end()
        })
      },
      deviates: ['Q-73']
    },
    'fetches and commands in turn': {
      script: `${opened()}
        C: A4 UID FETCH 1 (UID FLAGS INTERNALDATE)
        S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000")
        S: A4 OK done
        ${create(5, 'One')}
        C: A6 UID FETCH 2 (UID FLAGS INTERNALDATE)
        S: * 2 FETCH (UID 2 FLAGS () INTERNALDATE "05-Sep-2004 00:38:03 +0000")
        S: A6 OK done
        ${logout(7)}`,
      drive (imap, say) {
        withInbox(imap, () => {
          told(imap.fetch(1), say)
          calls(imap, say)('addBox', 'One')
          told(imap.fetch(2), say).then(() => imap.end())
        })
      }
    },
    'answers that come together': {
      script: `${LOGIN}
        C: A3 CREATE "One"
        S+: A3 OK done\\r\\n* OK [ALERT] and more\\r\\n
        ${create(4, 'Two')}${logout(5)}`,
      drive (imap, say) {
        imap.once('ready', () => {
          const call = calls(imap, say)
          call('addBox', 'One')
          call('addBox', 'Two').then(() => imap.end())
        })
      }
    },

    // --- answers

    'OK without text': answered('A3 OK'),
    'NO without text': answered('A3 NO'),
    'BAD': answered('A3 BAD what?'),
    'NO with a code': answered('A3 NO [TRYCREATE] no such mailbox'),
    'NO with a code of several words': answered('A3 NO [BADCHARSET (UTF-8 "US-ASCII")] what?'),
    'NO with a code that has a number': answered('A3 NO [X-CODE 7] what?'),
    'NO with a code and no text': { ...answered('A3 NO [TRYCREATE]'), deviates: ['Q-41'] },
    'NO in lower case': answered('A3 no not now'),
    'OK with an alert': answered('A3 OK [ALERT] done, but the disk is full'),
    'an answer with another tag, and the right one': {
      ...answered('A77 NO who is this?\nS: A3 OK done'),
      deviates: ['Q-71']
    },
    'an answer with a tag in lower case': { ...answered('a3 OK done'), deviates: ['Q-71'] },
    'an answer with two spaces': { ...answered('A3  OK done'), deviates: ['Q-71'] },
    'an answer that is neither OK nor NO nor BAD': { ...answered('A3 MAYBE later'), deviates: ['Q-71'] },
    'an answer that is split': { ...answered('A3 NO [TRYCREATE] no such mailbox'), trace: { split: 1 } },

    // --- raw commands

    'a raw command': raw('CHECK', 'S: A3 OK done'),
    'a raw command that is refused': raw('X-NONE 1 2', 'S: A3 BAD what?'),
    'a raw command with results': raw('LIST "" "%"', 'S: * LIST () "/" INBOX\nS: * LIST () "/" Sent\nS: A3 OK done'),
    'a raw command with results of several kinds': raw('X-ALL', 'S: * SEARCH 1 2\nS: * STATUS INBOX (MESSAGES 3)\nS: A3 OK done'),
    'a raw STATUS with an item that is not asked for by status()': raw('STATUS INBOX (SIZE)', 'S: * STATUS INBOX (SIZE 4096)\nS: A3 OK done'),
    'a raw NOOP': {
      script: `${LOGIN}
        C: A3 NOOP
        S: NOOP OK done
        S: A3 OK done
        ${logout(4)}`,
      drive (imap, say) {
        imap.once('ready', () => {
          calls(imap, say)('_enqueue', 'NOOP')
          imap.end()
        })
      },
      deviates: ['D-10']
    },
    'a raw command that needs no callback': {
      script: `${LOGIN}
        C: A3 CHECK
        S: A3 OK done
        ${logout(4)}`,
      drive (imap) {
        imap.once('ready', () => {
          imap._enqueue('CHECK')
          imap.end()
        })
      }
    },

    // --- what is kept

    'capabilities that come later': {
      script: `${loggedIn('IDLE')}
        C: A3 CREATE "One"
        S: * CAPABILITY IMAP4rev1 MOVE
        S: A3 OK done
        ${logout(4)}`,
      drive (imap, say) {
        imap.once('ready', () => calls(imap, say)('addBox', 'One').then(() => {
          say(imap.serverSupports('IDLE'), imap.serverSupports('MOVE'))
          imap.end()
        }))
      }
    }
  }
}
