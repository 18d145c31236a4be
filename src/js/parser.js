// @ts-check
'use strict'

// The entry `everimap/parser`, and `everimap/lib/Parser` for programs that knew npm imap.

const { parseBodyStructure, parseEnvelopeAddresses, parseExpr } = require('./expression')
const { parseHeader } = require('./header')
const { Parser } = require('./response-parser')

module.exports = { Parser, parseBodyStructure, parseEnvelopeAddresses, parseExpr, parseHeader }
