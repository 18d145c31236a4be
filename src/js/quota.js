// @ts-check
'use strict'

// Quotas (RFC 9208; contract section 3.6). Each method is a property of the class.

const { encodeEntries, encodeValues } = require('./arguments')
const { wrongType } = require('./errors')
const { defineOwn } = require('./own')

/** @typedef {(error?: Error, ...results: any[]) => void} Callback */
/** @typedef {{ root: string, resources: Record<string, { usage: number, limit: number }> }} Quota */

module.exports = {
  /**
   * Sets the limits of a quota root; resources that are left out have none any more.
   * @this {any}
   * @param {string} quotaRoot
   * @param {any} [limits] numbers by resource, e.g. `{ storage: 512 }`; default: none at all
   * @param {Callback} [callback] gets the quota as the server tells it, or else the limits
   */
  setQuota (quotaRoot, limits, callback) {
    if (typeof limits === 'function') [limits, callback] = [{}, limits]
    if (limits !== undefined && typeof limits !== 'object') {
      throw wrongType('setQuota() takes the limits as an object, e.g. { storage: 512 }', limits)
    }
    const request = { kind: 'setQuota', root: encodeValues(quotaRoot), limits: encodeEntries(limits) }
    this._submit(request, callback, (/** @type {{ quotas?: Quota[] }} */ { quotas }) => {
      return [quotas ? quotas[0] : limits]
    })
  },

  /**
   * Tells the use and the limits of a quota root.
   * @this {any}
   * @param {string} quotaRoot
   * @param {Callback} [callback] gets `{ root, resources }`; without resources if the server tells none
   */
  getQuota (quotaRoot, callback) {
    const request = { kind: 'getQuota', root: encodeValues(quotaRoot) }
    this._submit(request, callback, (/** @type {{ quotas?: Quota[] }} */ { quotas }) => {
      return [quotas ? quotas[0] : { root: String(quotaRoot), resources: {} }]
    })
  },

  /**
   * Tells the quotas that count for a mailbox.
   * @this {any}
   * @param {string} boxName
   * @param {Callback} [callback] gets the resources by quota root
   */
  getQuotaRoot (boxName, callback) {
    this._submit({ kind: 'getQuotaRoot', mailbox: encodeValues(boxName) }, callback, byRoot)
  }
}

/** @param {{ quotas?: Quota[] }} answer */
function byRoot ({ quotas = [] }) {
  const roots = {}
  for (const { root, resources } of quotas) defineOwn(roots, root, resources)
  return [roots]
}
