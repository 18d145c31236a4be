// The types of parser.mjs: the names of the CommonJS entry, and all of them as the default export.

import * as parser from './parser.js'

export * from './parser.js'
export default parser
