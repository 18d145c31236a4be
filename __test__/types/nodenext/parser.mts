// The parser of npm imap in an ES module.
import { createConnection } from 'node:net'
import parser, { Parser, parseExpr, type Untagged, type Value } from 'everimap/parser'
import * as legacy from 'everimap/lib/Parser.js'
import Imap from 'everimap'

const responses: Parser = new Parser(createConnection(143), line => console.log(line.length))
responses.on('untagged', (info: Untagged) => {
  if (info.type === 'list') console.log(info.text.name.length, info.text.delimiter?.length)
  if (info.type === 'exists') console.log(info.num.toFixed())
  // @ts-expect-error
  console.log(info.text.name)
})
responses.once('body', (stream, { seqno, which, size }) => {
  stream.pipe(process.stdout)
  console.log(seqno.toFixed(), which.length, size.toFixed())
})
responses.on('tagged', ({ tagnum, text }) => console.log(tagnum.toFixed(), text.length))
responses.on('of my own', (what: number) => console.log(what))
responses.setStream(process.stdin)

const values: Value[] = parseExpr('FLAGS (\\Seen)')
const addresses = parser.parseEnvelopeAddresses(values[1])
console.log(addresses?.length, legacy.parseBodyStructure(values)[0], legacy.Parser(process.stdin, null))
const header: { [index: string]: string[] } = parser.parseHeader('A: b\r\n')
const same: typeof Imap.parseHeader = parser.parseHeader
console.log(header, same)
// @ts-expect-error
parseExpr(Buffer.alloc(0))
