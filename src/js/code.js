// @ts-check
'use strict'

/**
 * What a response code says after its name, if that is its name.
 * @param {any} code the code of an answer (contract section 8.4)
 * @param {string} name
 */
function codeValue (code, name) {
  return code && String(code.key).toUpperCase() === name ? code.val : undefined
}

module.exports = { codeValue }
