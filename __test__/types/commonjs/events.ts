// Each event of each emitter, in each way of listening.
import Imap = require('everimap')
import { Readable } from 'stream'

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(answer: Same<A, B>): void => console.log(answer)

declare const imap: Imap
declare const fetch: Imap.ImapFetch
declare const message: Imap.ImapMessage

imap.on('ready', () => {}).on('end', () => {})
imap.on('alert', text => same<typeof text, string | undefined>(true))
imap.on('mail', count => same<typeof count, number>(true))
imap.once('expunge', seqno => same<typeof seqno, number>(true))
imap.off('uidvalidity', value => same<typeof value, number>(true))
imap.addListener('update', (seqno, info) => same<typeof info, Imap.MessageUpdate>(true))
imap.removeListener('error', error => same<typeof error, Imap.ImapError>(true))
imap.prependListener('close', hadError => same<typeof hadError, boolean>(true))
imap.prependOnceListener('mail', count => same<typeof count, number>(true))

fetch.on('message', (message, seqno) => {
  same<typeof message, Imap.ImapMessage>(true)
  same<typeof seqno, number>(true)
})
fetch.once('message', message => same<typeof message, Imap.ImapMessage>(true))
fetch.on('error', error => same<typeof error, Imap.ImapError>(true))
fetch.once('end', () => {})
message.on('body', (stream, info) => {
  same<typeof stream, Readable>(true)
  same<typeof info, Imap.ImapMessageBodyInfo>(true)
})
message.once('body', (stream, info) => same<typeof info.seqno, number>(true))
message.once('attributes', it => same<typeof it, Imap.ImapMessageAttributes>(true))

// The program's own events, and names that are known only at run time.
imap.on('custom', (a, b) => console.log(a, b)).once(Symbol('own'), () => {})
for (const event of ['mail', 'custom'] as const) imap.on(event, (...args) => console.log(args))
for (const event of ['mail', 'expunge']) imap.on(event, imap.emit.bind(imap, event))
for (const event of ['mail', 'expunge'] as const) imap.on(event, n => same<typeof n, number>(true))

imap.search(['ALL'], (error, uids, modseq) => {
  same<typeof error, Imap.ImapError | undefined>(true)
  same<typeof uids, number[]>(true)
  same<typeof modseq, string | undefined>(true)
})
imap.openBox('INBOX', (error, box) => {
  same<typeof error, Imap.ImapError | undefined>(true)
  same<typeof box, Imap.Box>(true)
})
imap.renameBox('a', 'b', (error, box) => same<typeof box, Imap.Box | undefined>(true))
imap.append('x', (error, uid) => same<typeof uid, number | undefined>(true))
