import parser from './parser.js'

export const { Parser, parseBodyStructure, parseEnvelopeAddresses, parseExpr, parseHeader } = parser

export default parser
