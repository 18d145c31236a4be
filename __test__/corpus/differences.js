// @ts-check
'use strict'

// Where everimap shows something else than npm imap, and why: by the id that DEVIATIONS.md has. A
// difference that no rule explains is a fault.

/**
 * @typedef {object} Found
 * @property {import('./plays').Play} play
 * @property {string} path where in what was seen
 * @property {any} their
 * @property {any} our
 * @property {any} theirs all that was seen of npm imap
 * @property {any} ours the same of everimap
 */

/** @type {{ id: string, why: string, holds(found: Found): boolean }[]} */
const RULES = [
  {
    id: 'Q-05',
    why: 'npm imap throws in its socket handler, and shows nothing from there on',
    holds: ({ play, theirs, ours }) => 'uncaught' in theirs && !('uncaught' in ours) &&
      (ours.result !== 'none' || play.part === 'unasked')
  },
  {
    id: 'Q-10',
    why: 'after PREAUTH npm imap waits until authTimeout',
    holds: ({ play, theirs, ours }) => play.text.startsWith('* PREAUTH') && only(theirs.events, 'ready').length === 0 &&
      same(ours.events, [['ready']])
  },
  {
    id: 'Q-12',
    why: 'the event uidvalidity never comes in npm imap',
    holds: ({ path, their, our }) => path === 'events' && same(their, without(our, 'uidvalidity'))
  },
  {
    id: 'Q-13',
    why: 'a body without bytes never ends in npm imap',
    holds: ({ path, their, our, ours }) => /bodies\.\d+\.ended$/.test(path) && !their && our && at(ours, path.replace(/ended$/, 'size')) === 0
  },
  {
    id: 'Q-17',
    why: 'a message never gets its attributes and end in npm imap if the server leaves something out',
    holds: ({ path, their, our }) => /^messages\.\d+\.(attributes|ended)$/.test(path) && their === undefined && !!our
  },
  {
    id: 'Q-19',
    why: 'flags that nobody asked for come as a message without end in npm imap',
    holds: ({ path, theirs, ours }) => /^(events|messages)$/.test(path) &&
      theirs.messages.length === ours.messages.length + only(ours.events, 'update').length &&
      same(theirs.events, without(ours.events, 'update'))
  },
  {
    id: 'Q-22',
    why: 'with MODSEQ in the answer the results of search are strings in npm imap',
    holds: ({ path, their, our }) => /^result\.1\.\d+$/.test(path) && their === String(our)
  },
  {
    id: 'Q-23',
    why: 'npm imap does not see the new UIDs in an untagged OK',
    holds: ({ path, play, their, our }) => path === 'result' && /^\* OK \[COPYUID/m.test(play.text) &&
      their.length === 1 && our.length === 2
  },
  {
    id: 'Q-24',
    why: 'npm imap does not tell which messages were not changed',
    holds: ({ path, play, their, our }) => path === 'result' && /\[MODIFIED /.test(play.text) &&
      same(their, our.slice(0, -1))
  },
  {
    id: 'Q-28',
    why: 'a body that is NIL, or left out, is the text `null` or `undefined` in npm imap',
    holds: ({ path, theirs, ours }) => /bodies\.\d+\.(text|size)$/.test(path) &&
      ['null', 'undefined'].includes(at(theirs, path.replace(/size$/, 'text'))) && at(ours, path.replace(/size$/, 'text')) === ''
  },
  {
    id: 'Q-29',
    why: 'npm imap gives `<n>` as the body of a part that begins at n',
    holds: ({ path, theirs, ours }) => /bodies\.\d+\.(text|size)$/.test(path) &&
      /^<\d+>$/.test(at(theirs, path.replace(/size$/, 'text'))) &&
      at(ours, path.replace(/text$/, 'size')) === at(ours, path.replace(/size$/, 'text')).length
  },
  {
    id: 'Q-51',
    why: 'npm imap sees ALERT in untagged OK alone',
    holds: ({ path, their, our }) => path === 'events' && same(their, without(our, 'alert'))
  },
  {
    id: 'Q-53',
    why: 'a mailbox that is only known by its children lacks its other properties in npm imap',
    holds: ({ path, their, our }) => /^result\.1\..*\.?(attribs|delimiter|parent)$/.test(path) && their === undefined && our !== undefined
  },
  {
    id: 'Q-76',
    why: 'npm imap does not see changes of the open mailbox outside of SELECT',
    holds: ({ path, play, our }) => /^box\./.test(path) && play.method !== 'openBox' &&
      /^\* OK \[(PERMANENTFLAGS|UIDVALIDITY|UIDNEXT|HIGHESTMODSEQ) /m.test(play.text) && our !== undefined
  },
  {
    id: 'D-75',
    why: 'an unquoted NIL as the name of a mailbox is `null` in npm imap',
    holds: ({ path, their, our }) => /\.null$/.test(path) ? our === undefined : /\.NIL$/.test(path) ? their === undefined : their === 'null' && our === 'NIL'
  }
]

/**
 * @param {Found} found
 * @returns {{ id: string, why: string } | undefined}
 */
function reasonFor (found) {
  return RULES.find((rule) => rule.holds(found))
}

/** @param {any} a @param {any} b */
function same (a, b) {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** @param {any[]} events @param {string} name */
function only (events, name) {
  return events.filter(([event]) => event === name)
}

/** @param {any} events @param {string} name */
function without (events, name) {
  return Array.isArray(events) && events.filter(([event]) => event !== name)
}

/** @param {any} seen @param {string} path */
function at (seen, path) {
  return path.split('.').reduce((value, key) => value?.[key], seen)
}

module.exports = { reasonFor }
