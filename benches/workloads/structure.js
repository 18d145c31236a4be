// @ts-check
'use strict'

// Messages of three levels: mixed (related (alternative (text, html), image), attachment).

/** How many different ones there are. */
const KINDS = 101

/**
 * @typedef {object} Kind
 * @property {number[]} sizes of text, html, image and attachment
 * @property {string[]} boundaries
 * @property {string} image
 * @property {string} attachment
 */

/** @returns {Kind[]} */
function kinds () {
  return Array.from({ length: KINDS }, (_, kind) => ({
    sizes: [800 + kind * 37, 3200 + kind * 101, 9000 + kind * 211, 70_000 + kind * 3001],
    boundaries: ['a', 'b', 'c'].map(level => `----=_Part_${kind}_${level}_${kind * 7919}`),
    image: `logo-${kind}.png`,
    attachment: `invoice-${2000 + kind}.pdf`
  }))
}

/** As a server writes it (RFC 3501 section 7.4.2). @param {Kind} kind */
function written ({ sizes: [text, html, picture, file], boundaries: [inner, middle, outer], image, attachment }) {
  const encoding = '"QUOTED-PRINTABLE"'
  return `(((("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL ${encoding} ${text} ${text >> 6} NIL NIL NIL NIL)` +
    `("TEXT" "HTML" ("CHARSET" "UTF-8") NIL NIL ${encoding} ${html} ${html >> 6} NIL NIL NIL NIL) ` +
    `"ALTERNATIVE" ("BOUNDARY" "${inner}") NIL NIL NIL)` +
    `("IMAGE" "PNG" ("NAME" "${image}") "<${image}@example.com>" NIL "BASE64" ${picture} NIL ` +
    `("INLINE" ("FILENAME" "${image}")) NIL NIL) ` +
    `"RELATED" ("BOUNDARY" "${middle}") NIL NIL NIL)` +
    `("APPLICATION" "PDF" ("NAME" "${attachment}") NIL "An invoice" "BASE64" ${file} NIL ` +
    `("ATTACHMENT" ("FILENAME" "${attachment}" "SIZE" "${file}")) NIL NIL) ` +
    `"MIXED" ("BOUNDARY" "${outer}") NIL NIL NIL)`
}

/** As node-imap gives it, in new objects. @param {Kind} kind */
function struct ({ sizes: [text, html, picture, file], boundaries: [inner, middle, outer], image, attachment }) {
  return [multipart('mixed', outer),
    [multipart('related', middle),
      [multipart('alternative', inner), [readable('1.1.1', 'plain', text)], [readable('1.1.2', 'html', html)]],
      [attached('1.2', 'image', 'png', picture, { name: image }, `<${image}@example.com>`, null,
        { type: 'INLINE', params: { filename: image } })]],
    [attached('2', 'application', 'pdf', file, { name: attachment }, null, 'An invoice',
      { type: 'ATTACHMENT', params: { filename: attachment, size: String(file) } })]
  ]
}

/** @param {string} type @param {string} boundary */
function multipart (type, boundary) {
  return { type, params: { boundary }, disposition: null, language: null, location: null }
}

/** @param {string} partID @param {string} subtype @param {number} size */
function readable (partID, subtype, size) {
  return {
    partID,
    type: 'text',
    subtype,
    params: { charset: 'UTF-8' },
    id: null,
    description: null,
    encoding: 'QUOTED-PRINTABLE',
    size,
    lines: size >> 6,
    md5: null,
    disposition: null,
    language: null,
    location: null
  }
}

/**
 * @param {string} partID
 * @param {string} type
 * @param {string} subtype
 * @param {number} size
 * @param {object} params
 * @param {string | null} id
 * @param {string | null} description
 * @param {object} disposition
 */
function attached (partID, type, subtype, size, params, id, description, disposition) {
  return {
    partID,
    type,
    subtype,
    params,
    id,
    description,
    encoding: 'BASE64',
    size,
    md5: null,
    disposition,
    language: null,
    location: null
  }
}

module.exports = { kinds, struct, written }
