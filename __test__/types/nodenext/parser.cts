// The parser of npm imap in a CommonJS module.
import parser = require('everimap/parser')
import legacy = require('everimap/lib/Parser')
import Connection = require('everimap/lib/Connection')

class Listener extends parser.Parser {}

const responses: legacy.Parser = new Listener(process.stdin)
responses.on('continue', ({ text }) => console.log(text?.length))
console.log(legacy.parseHeader('A: b\r\n')['a'], new Connection({ host: 'localhost' }).state)
// @ts-expect-error
console.log(parser.parseBodyStructure(5))
