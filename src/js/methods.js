// @ts-check
'use strict'

// The methods of the class that have a room of their own, which is loaded by the first call into it, or
// while the first connection is made: a program that starts has other things to do. What they do, and
// with what, is told there.

/** What loads each of them. @type {(() => unknown)[]} */
const loads = [() => require('./fetch'), () => require('./move'), () => require('./header')]

const mailboxes = room(() => require('./mailboxes'))
const messages = room(() => require('./sequence').byUid)
const others = room(() => require('./messages').others)
const quota = room(() => require('./quota'))
const session = room(() => require('./session'))

/** @typedef {Record<string, (this: any, ...values: any) => any>} Methods */

/** Those of node-imap. @type {Methods} */
const known = {
  getBoxes (namespace, callback) { return mailboxes(this, 'getBoxes', arguments) },
  getSubscribedBoxes (namespace, callback) { return mailboxes(this, 'getSubscribedBoxes', arguments) },
  getSpecialUseBoxes (callback) { return mailboxes(this, 'getSpecialUseBoxes', arguments) },
  openBox (name, readOnly, callback) { return mailboxes(this, 'openBox', arguments) },
  closeBox (autoExpunge, callback) { return mailboxes(this, 'closeBox', arguments) },
  addBox (name, callback) { return mailboxes(this, 'addBox', arguments) },
  delBox (name, callback) { return mailboxes(this, 'delBox', arguments) },
  renameBox (oldName, newName, callback) { return mailboxes(this, 'renameBox', arguments) },
  subscribeBox (name, callback) { return mailboxes(this, 'subscribeBox', arguments) },
  unsubscribeBox (name, callback) { return mailboxes(this, 'unsubscribeBox', arguments) },
  status (name, callback) { return mailboxes(this, 'status', arguments) },
  search (criteria, callback) { return messages(this, 'search', arguments) },
  sort (sorts, criteria, callback) { return messages(this, 'sort', arguments) },
  thread (algorithm, criteria, callback) { return messages(this, 'thread', arguments) },
  esearch (criteria, options, callback) { return messages(this, 'esearch', arguments) },
  fetch (source, options) { return messages(this, 'fetch', arguments) },
  copy (source, mailbox, callback) { return messages(this, 'copy', arguments) },
  move (source, mailbox, callback) { return messages(this, 'move', arguments) },
  addFlags (source, flags, callback) { return messages(this, 'addFlags', arguments) },
  addFlagsSince (source, flags, modseq, callback) { return messages(this, 'addFlagsSince', arguments) },
  delFlags (source, flags, callback) { return messages(this, 'delFlags', arguments) },
  delFlagsSince (source, flags, modseq, callback) { return messages(this, 'delFlagsSince', arguments) },
  setFlags (source, flags, callback) { return messages(this, 'setFlags', arguments) },
  setFlagsSince (source, flags, modseq, callback) { return messages(this, 'setFlagsSince', arguments) },
  addKeywords (source, keywords, callback) { return messages(this, 'addKeywords', arguments) },
  addKeywordsSince (source, keywords, modseq, callback) { return messages(this, 'addKeywordsSince', arguments) },
  delKeywords (source, keywords, callback) { return messages(this, 'delKeywords', arguments) },
  delKeywordsSince (source, keywords, modseq, callback) { return messages(this, 'delKeywordsSince', arguments) },
  setKeywords (source, keywords, callback) { return messages(this, 'setKeywords', arguments) },
  setKeywordsSince (source, keywords, modseq, callback) { return messages(this, 'setKeywordsSince', arguments) },
  addLabels (source, labels, callback) { return messages(this, 'addLabels', arguments) },
  delLabels (source, labels, callback) { return messages(this, 'delLabels', arguments) },
  setLabels (source, labels, callback) { return messages(this, 'setLabels', arguments) },
  expunge (uids, callback) { return others(this, 'expunge', arguments) },
  append (data, options, callback) { return others(this, 'append', arguments) },
  setQuota (quotaRoot, limits, callback) { return quota(this, 'setQuota', arguments) },
  getQuota (quotaRoot, callback) { return quota(this, 'getQuota', arguments) },
  getQuotaRoot (boxName, callback) { return quota(this, 'getQuotaRoot', arguments) }
}

/** Those that node-imap does not have. @type {Methods} */
const ours = {
  rotate () { return session(this, 'rotate', arguments) },
  stats () { return session(this, 'stats', arguments) }
}

/** Loads them all. Later there may be no descriptor left to read a file. */
function loadAll () {
  try {
    for (const load of loads) load()
  } catch {
    // Whoever needs it tries again, and is told.
  }
}

/**
 * Calls methods of a room.
 * @param {() => Record<string, any>} load
 */
function room (load) {
  loads.push(load)
  /** @type {Record<string, Function> | undefined} */
  let methods
  return (/** @type {any} */ connection, /** @type {string} */ name, /** @type {IArguments} */ values) => {
    methods = methods || load()
    return methods[name].apply(connection, values)
  }
}

module.exports = { known, loadAll, ours }
