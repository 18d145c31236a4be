// Programs as they are written for @types/imap, where a callback's error is an `Error`.
import Imap = require('everimap')

const config: Imap.Config = { user: 'anna', password: 'secret', host: 'localhost', port: 143 }
const imap: Imap = new Imap(config)

function openInbox (callback: (error: Error, box: Imap.Box) => void): void {
  imap.openBox('INBOX', true, callback)
}

imap.once('ready', function () {
  openInbox(function (err: Error, box: Imap.Box) {
    if (err) throw err
    const f: Imap.ImapFetch = imap.seq.fetch(box.messages.total + ':*', { bodies: ['TEXT'] })
    f.on('message', function (msg: Imap.ImapMessage, seqno: number) {
      msg.on('body', function (stream: NodeJS.ReadableStream, info: Imap.ImapMessageBodyInfo) {
        let buffer = ''
        stream.on('data', (chunk: Buffer) => { buffer += chunk.toString('utf8') })
        stream.once('end', () => { if (info.which !== 'TEXT') Imap.parseHeader(buffer) })
      })
      msg.once('attributes', (attrs: Imap.ImapMessageAttributes) => {
        const parts: any[] | undefined = attrs.struct
        console.log(seqno, parts)
      })
      msg.once('end', () => {})
    })
    f.once('error', (err: Error) => console.log('Fetch error: ' + err))
    f.once('end', () => imap.end())
  })
})
imap.once('error', (err: Error) => console.log(err))
imap.once('error', (err: any) => console.log(err.source))
imap.once('error', (err: Error & { source?: string | undefined }) => console.log(err.source))
imap.once('end', () => console.log('Connection ended'))
imap.on('alert', (message: string) => console.log(message))
imap.on('update', (seqno: number, info: any) => console.log(seqno, info.flags))

// What people write for the error: all of these compile with @types/imap.
imap.search(['ALL'], (err: Error, results: number[]) => console.log(err.message, results))
imap.search(['ALL'], (err: Error | null, results: number[]) => console.log(err, results))
imap.search(['ALL'], (err: Error | undefined, results: number[]) => console.log(err, results))
imap.search(['ALL'], (err?: Error | null, results?: number[]) => console.log(err, results))
imap.search(['ALL'], (err: NodeJS.ErrnoException, results) => console.log(err.code, results[0]))
imap.search(['ALL'], (err: Error | string, results) => console.log(err, results))
imap.search(['ALL'], (err: unknown, results) => console.log(err, results))
imap.search(['ALL'], (err: any, results: any) => console.log(err.message, results.length))
imap.search(['ALL'], (...args: any[]) => console.log(args))
imap.search(['ALL'], async (err: Error) => { if (err) throw err })
new Promise<Error>(resolve => imap.closeBox(resolve)).then(console.log, console.log)

imap.openBox('INBOX', (err: Error, box: Imap.Box) => console.log(err, box))
imap.openBox('INBOX', true, {}, (err: Error | null, box: Imap.Box) => console.log(err, box))
imap.closeBox(true, (err: Error) => console.log(err))
imap.getBoxes((err: Error, boxes: Imap.MailBoxes) => console.log(err, boxes))
imap.getBoxes('', (err: Error, boxes: Imap.MailBoxes) => console.log(err, boxes))
imap.getSubscribedBoxes((err: Error, boxes: Imap.MailBoxes) => console.log(err, boxes))
imap.status('x', (err: Error, box: Imap.Box) => console.log(err, box))
imap.addBox('x', (err: Error) => console.log(err))
imap.delBox('x', (err: Error) => console.log(err))
imap.renameBox('x', 'y', (err: Error, box: Imap.Box) => console.log(err, box.name))
imap.subscribeBox('x', (err: Error) => console.log(err))
imap.unsubscribeBox('x', (err: Error) => console.log(err))
imap.expunge((err: Error) => console.log(err))
imap.expunge([1], (err: Error) => console.log(err))
imap.append('x', (err: Error) => console.log(err))
imap.append('x', { mailbox: 'x' }, (err: Error) => console.log(err))
for (const commands of [imap, imap.seq]) {
  commands.search(['ALL'], (err: Error, results: number[]) => console.log(err, results))
  commands.sort(['DATE'], ['ALL'], (err: Error, results: number[]) => console.log(err, results))
  commands.copy(1, 'x', (err: Error) => console.log(err))
  commands.move([1], 'x', (err: Error) => console.log(err))
  commands.addFlags(1, ['\\Deleted'], (err: Error) => console.log(err))
  commands.delFlags(1, 'Seen', (err: Error) => console.log(err))
  commands.setFlags(1, 'Seen', (err: Error) => console.log(err))
  commands.addKeywords(1, 'x', (err: Error) => console.log(err))
  commands.delKeywords(1, 'x', (err: Error) => console.log(err))
  commands.setKeywords(1, 'x', (err: Error) => console.log(err))
  console.log(commands.serverSupports('IDLE'), commands.fetch('1:*', {}))
}

const criteria: any[] = ['UNSEEN', ['SINCE', new Date()]]
const untyped: any = 5
const debug: Function = console.log
imap.search(criteria, (err: Error, results: number[]) => imap.addFlags(results, untyped, () => {}))
imap.fetch(untyped, { modifiers: {} as Object, bodies: untyped })
console.log(new Imap({ user: 'a', password: 'b', keepalive: untyped, debug }))
