// @ts-check
'use strict'

// The entry `everimap/parser`, and `everimap/lib/Parser` for programs that knew npm imap.

const { parseHeader } = require('./connection')
const { parseBodyStructure, parseEnvelopeAddresses, parseExpr } = require('./expression')
const { Parser } = require('./response-parser')

module.exports = { Parser, parseBodyStructure, parseEnvelopeAddresses, parseExpr, parseHeader }
