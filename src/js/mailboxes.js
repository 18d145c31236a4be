// @ts-check
'use strict'

// Methods about mailboxes (contract sections 3.2 and 3.3). Each is a property of the class.

const { encodeValues } = require('./arguments')
const { requireBox } = require('./box')
const { coded } = require('./errors')

/** @typedef {(error?: Error, ...results: any[]) => void} Callback */

module.exports = {
  /**
   * Lists the mailboxes.
   * @this {any}
   * @param {any} [namespace] only those that begin so
   * @param {Callback} [callback] gets the tree, or undefined if there are none
   */
  getBoxes (namespace, callback) {
    if (typeof namespace === 'function') [namespace, callback] = ['', namespace]
    this._submit({ kind: 'list', namespace: encodeValues(namespace || '') }, callback)
  },

  /**
   * Lists the mailboxes that are subscribed.
   * @this {any}
   * @param {any} [namespace]
   * @param {Callback} [callback]
   */
  getSubscribedBoxes (namespace, callback) {
    if (typeof namespace === 'function') [namespace, callback] = ['', namespace]
    this._submit({ kind: 'lsub', namespace: encodeValues(namespace || '') }, callback)
  },

  /**
   * Lists the mailboxes with their special uses: node-imap's XLIST, or what took its place
   * (RFC 6154) on a server that has only that.
   * @this {any}
   * @param {Callback} [callback] gets the tree; `special_use_attrib` of a node is its special use
   */
  getSpecialUseBoxes (callback) {
    const hasXlist = this.serverSupports('XLIST') || !this.serverSupports('SPECIAL-USE')
    const returns = this.serverSupports('LIST-EXTENDED')
    this._submit(hasXlist ? { kind: 'xlist' } : { kind: 'list', specialUse: returns }, callback)
  },

  /**
   * Opens a mailbox. The form with `modifiers` is accepted; they are not sent.
   * @this {any}
   * @param {string} name
   * @param {any} [readOnly]
   * @param {Callback} [callback] gets the live `_box`
   */
  openBox (name, readOnly, callback) {
    if (this.state !== 'authenticated') throw coded('ESTATE', new Error('Not authenticated'))
    if (typeof readOnly === 'function') [readOnly, callback] = [false, readOnly]
    // The documented form openBox(name, readOnly, modifiers, callback) (contract Q-16).
    if (typeof callback !== 'function' && typeof arguments[3] === 'function') callback = arguments[3]
    const request = {
      kind: 'select',
      mailbox: encodeValues(name),
      readOnly: !!readOnly,
      condstore: this.serverSupports('CONDSTORE')
    }
    this._submit(request, callback, () => [this._box])
  },

  /**
   * Closes the open mailbox.
   * @this {any}
   * @param {any} [autoExpunge] whether messages that are marked \Deleted go; default true
   * @param {Callback} [callback]
   */
  closeBox (autoExpunge, callback) {
    if (typeof autoExpunge === 'function') [autoExpunge, callback] = [true, autoExpunge]
    requireBox(this)
    let request = /** @type {{ kind: string, mailbox?: string }} */ ({ kind: 'close' })
    if (autoExpunge !== undefined && !autoExpunge) {
      // Without UNSELECT, a SELECT that fails is the only way that expunges nothing.
      request = this.serverSupports('UNSELECT')
        ? { kind: 'unselect' }
        : { kind: 'deselect', mailbox: `NODEJSIMAPCLOSINGBOX${Date.now()}` }
    }
    this._submit(request, callback, () => request.kind === 'deselect' ? undefined : [])
  },

  /**
   * Creates a mailbox.
   * @this {any}
   * @param {string} name
   * @param {Callback} [callback]
   */
  addBox (name, callback) {
    this._submit({ kind: 'create', mailbox: encodeValues(name) }, callback)
  },

  /**
   * Deletes a mailbox.
   * @this {any}
   * @param {string} name
   * @param {Callback} [callback]
   */
  delBox (name, callback) {
    this._submit({ kind: 'delete', mailbox: encodeValues(name) }, callback)
  },

  /**
   * Renames a mailbox.
   * @this {any}
   * @param {string} oldName
   * @param {string} newName
   * @param {Callback} [callback] gets `_box` if that is the mailbox
   */
  renameBox (oldName, newName, callback) {
    const request = { kind: 'rename', from: encodeValues(oldName), to: encodeValues(newName) }
    this._submit(request, callback, () => {
      const isOpen = this._box && this._box.name === oldName && String(oldName).toUpperCase() !== 'INBOX'
      if (!isOpen) return undefined
      this._box.name = newName
      return [this._box]
    })
  },

  /**
   * Subscribes to a mailbox.
   * @this {any}
   * @param {string} name
   * @param {Callback} [callback]
   */
  subscribeBox (name, callback) {
    this._submit({ kind: 'subscribe', mailbox: encodeValues(name) }, callback)
  },

  /**
   * Unsubscribes from a mailbox.
   * @this {any}
   * @param {string} name
   * @param {Callback} [callback]
   */
  unsubscribeBox (name, callback) {
    this._submit({ kind: 'unsubscribe', mailbox: encodeValues(name) }, callback)
  },

  /**
   * Counts the messages of a mailbox that is not open.
   * @this {any}
   * @param {string} name
   * @param {Callback} [callback] gets the counts
   */
  status (name, callback) {
    if (this._box && this._box.name === name) {
      throw coded('ESTATE', new Error('Cannot call status on currently selected mailbox'))
    }
    const condstore = this.serverSupports('CONDSTORE')
    this._submit({ kind: 'status', mailbox: encodeValues(name), condstore }, callback)
  }
}
