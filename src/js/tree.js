// @ts-check
'use strict'

const { defineOwn, own } = require('./own')

/** Special uses (RFC 6154); when a mailbox has several, the last one here counts, as in node-imap. */
const SPECIAL_USES = ['\\All', '\\Archive', '\\Drafts', '\\Flagged', '\\Important', '\\Junk', '\\Sent', '\\Trash']

/**
 * @typedef {{ attribs: string[], delimiter: string | null, children: Record<string, Node> | null,
 *   parent: Node | null, special_use_attrib?: string }} Node
 */

/**
 * Puts a listed mailbox into the tree (contract section 3.2). A parent that the server has not
 * listed, or not yet, is there without attributes and gets them when it is (contract Q-53).
 * @param {Record<string, Node>} tree
 * @param {{ attribs: string[], delimiter: string | null, name: string }} mailbox
 */
function plant (tree, { attribs, delimiter, name }) {
  const path = delimiter ? name.split(delimiter) : [name]
  let siblings = tree
  /** @type {Node | null} */
  let parent = null
  for (const part of path.slice(0, -1)) {
    parent = branch(siblings, part, delimiter, parent)
    siblings = parent.children || (parent.children = {})
  }
  const node = branch(siblings, path[path.length - 1], delimiter, parent)
  node.attribs = attribs
  node.delimiter = delimiter
  for (const use of SPECIAL_USES) {
    if (attribs.includes(use)) node.special_use_attrib = use
  }
}

/**
 * @param {Record<string, Node>} siblings
 * @param {string} name
 * @param {string | null} delimiter
 * @param {Node | null} parent
 * @returns {Node}
 */
function branch (siblings, name, delimiter, parent) {
  let node = own(siblings, name)
  if (!node) {
    node = { attribs: [], delimiter, children: null, parent }
    defineOwn(siblings, name, node)
  }
  return node
}

module.exports = { plant }
