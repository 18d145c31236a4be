// @ts-check
'use strict'

const { readFileSync } = require('node:fs')
const { join } = require('node:path')

/** @type {string} */
const VERSION = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')).version

module.exports = { VERSION }
