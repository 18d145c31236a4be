// @ts-check
'use strict'

/**
 * Namespaces of one kind, with their extensions as an object of lists (contract Q-62).
 * @param {Array<{ prefix: string, delimiter: string | null, extensions: [string, string[]][] | null }> | null} list
 */
function named (list) {
  return list && list.map(({ prefix, delimiter, extensions }) => ({
    prefix,
    delimiter,
    extensions: extensions === null ? undefined : Object.fromEntries(extensions)
  }))
}

module.exports = { named }
