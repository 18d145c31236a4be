// What @types/imap leaves out: every method of node-imap, on UIDs and on sequence numbers.
import Imap = require('everimap')

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(answer: Same<A, B>): void => console.log(answer)

declare const imap: Imap

imap.id({ name: 'reader', version: '1.0' }, (error, identity) => {
  same<typeof error, Imap.ImapError | undefined>(true)
  same<typeof identity, Imap.Identity | null | undefined>(true)
  console.log(identity?.['vendor'])
})
imap.id(null)
imap.id({}, (error: Error, identity: any) => console.log(error, identity))

imap.getSpecialUseBoxes((error, boxes) => console.log(error, boxes['Sent']?.special_use_attrib))
imap.getQuota('', (error, quota) => {
  same<typeof quota, Imap.Quota>(true)
  for (const { usage, limit } of Object.values(quota.resources)) console.log(usage / limit)
})
imap.getQuotaRoot('INBOX', (error, roots) => console.log(error, roots['']?.['storage']?.usage))
imap.setQuota('', { storage: 512 }, (error, quota) => {
  same<typeof quota, Imap.Quota | Imap.QuotaLimits>(true)
})
imap.setQuota('', error => console.log(error?.code))
imap._enqueue('NAMESPACE', (error, ...untagged) => console.log(error?.type, untagged))
imap.debug = line => console.log(line)
imap.debug = undefined

for (const commands of [imap, imap.seq]) {
  commands.thread('REFERENCES', ['ALL'], (error, threads) => {
    same<typeof threads, Imap.Thread[]>(true)
    for (const thread of threads) flat(thread)
  })
  commands.thread('refs', ['UNSEEN', ['SINCE', new Date()]], (error: Error, threads) => {
    console.log(error, threads.length)
  })
  commands.esearch(['ALL'], (error, found) => same<typeof found, Imap.Esearch>(true))
  commands.esearch(['ALL'], 'COUNT', (error, found) => console.log(found.count?.toFixed()))
  commands.esearch(['ALL'], ['MIN', 'MAX', 'ALL'], (error, { min, max, all }) => {
    same<typeof min, number | undefined>(true)
    same<typeof all, string[] | undefined>(true)
    console.log(error, max)
  })
  commands.esearch(['ALL'], undefined, (error: Error | null, found) => console.log(error, found))

  commands.addLabels(1, ['Work', '\\Inbox'], error => console.log(error?.textCode))
  commands.delLabels([1, '3:5'], 'Work')
  commands.setLabels('1:*', [], (error: Error) => console.log(error))

  commands.addFlagsSince('1:*', '\\Seen', '720162338', (error, modified) => {
    same<typeof error, Imap.ImapError | undefined>(true)
    same<typeof modified, string | undefined>(true)
  })
  commands.delFlagsSince(1, ['Seen'], 5)
  commands.setFlagsSince([1, 2], 'Seen', 5, (error: Error) => console.log(error))
  commands.addKeywordsSince(1, '$Work', '5', (error: Error, modified?: string) => console.log(modified))
  commands.delKeywordsSince(1, ['$Work'], 5)
  commands.setKeywordsSince(1, '$Work', 5, (error, modified) => console.log(modified?.length))
}

function flat (thread: Imap.Thread): number[] {
  return thread.flatMap(member => typeof member === 'number' ? member : flat(member))
}

// Functions of `seq` work detached.
const { thread, addLabels, setFlagsSince }: Imap.MessageFunctions = imap.seq
console.log(thread, addLabels, setFlagsSince)

// What was asked for with `fetch` is there; what may have been asked for is possibly there.
imap.fetch(1, { envelope: true, struct: true, size: true }).on('message', message => {
  message.once('attributes', ({ uid, envelope, struct, size, modseq }) => {
    same<typeof uid, number>(true)
    same<typeof envelope, Imap.Envelope>(true)
    same<typeof size, number>(true)
    same<typeof modseq, string | undefined>(true)
    console.log(attachments(struct))
  })
})
imap.seq.fetch(1, { size: true }).on('message', message => {
  message.on('attributes', ({ size, envelope }) => {
    same<typeof size, number>(true)
    same<typeof envelope, Imap.Envelope | undefined>(true)
  })
})
const options: Imap.FetchOptions = { envelope: true }
const fetch: Imap.ImapFetch = imap.fetch(1, options)
fetch.on('message', message => {
  message.on('attributes', ({ envelope }) => same<typeof envelope, Imap.Envelope | undefined>(true))
})
imap.fetch(1, { envelope: Math.random() > 0.5 }).on('message', message => {
  message.on('attributes', ({ envelope }) => same<typeof envelope, Imap.Envelope | undefined>(true))
})

function attachments (struct: Imap.Structure): Imap.BodyPart[] {
  return struct.flatMap(member => {
    if (Array.isArray(member)) return attachments(member)
    if (!('partID' in member)) return []
    return member.disposition?.type.toUpperCase() === 'ATTACHMENT' ? [member] : []
  })
}
