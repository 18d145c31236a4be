// Every documented use, with what the compiler infers by itself.
import Imap = require('everimap')
import { once } from 'events'
import { createWriteStream } from 'fs'
import { promisify } from 'util'

const imap = new Imap({
  user: 'anna@example.org',
  password: 'secret',
  host: 'imap.example.org',
  port: 993,
  tls: true,
  tlsOptions: { servername: 'imap.example.org', rejectUnauthorized: true },
  autotls: 'never',
  connTimeout: 10000,
  authTimeout: 5000,
  socketTimeout: 600000,
  localAddress: '127.0.0.1',
  keepalive: { interval: 10000, idleInterval: 300000, forceNoop: false, resyncInterval: 900000 },
  timeouts: {
    greeting: 16000, command: 60000, continuation: 10000, done: 15000, noop: 20000, logout: 5000, afterBye: 2000
  },
  tcp: { keepIdle: 45000, keepInterval: 15000, keepCount: 3, userTimeout: 90000 },
  limits: { responseBytes: 8 * 1024 * 1024, items: 100000, depth: 25 },
  debug: line => console.log(line.toUpperCase())
})

const withoutNew: Imap = Imap({ xoauth2: 'dXNlcj0=', keepalive: true })
const withoutOptions: Imap = new Imap()
const fromEnvironment = { host: 'localhost', autotls: 'required', keepalive: false }
const typed: Imap.Config = Imap.configFromEnv(
  process.env, { client: 'IMAP_CLIENT_', keepalive: 'IMAP_KEEPALIVE_' })
console.log(new Imap(typed), new Imap({ ...Imap.configFromEnv(), reconnect: true }))
console.log(withoutNew instanceof Imap, withoutOptions.state, new Imap(fromEnvironment))

imap.once('ready', () => {
  if (imap.serverSupports('IDLE') && imap.state === 'authenticated') console.log(imap.delimiter)
  for (const namespace of imap.namespaces.personal) console.log(namespace.prefix.length)

  imap.openBox('INBOX', true, (error, box) => {
    if (error) {
      console.log(error.message, error.code.length, error.source === 'protocol', error.type)
      throw error
    }
    console.log(box.name, box.messages.total.toFixed(), box.keywords?.length, box.nomodseq)
    read(imap.seq.fetch(box.messages.total + ':*', { bodies: ['HEADER.FIELDS (FROM)', 'TEXT'] }))
  })
})

function read (fetch: Imap.ImapFetch): void {
  fetch.on('message', (message, seqno) => {
    message.on('body', async (stream, info) => {
      if (info.which === 'TEXT') stream.pipe(createWriteStream(`${info.seqno}-${info.size}.txt`))
      stream.once('end', () => console.log(seqno.toFixed()))
      for await (const chunk of stream) console.log(chunk)
    })
    message.once('attributes', attributes => {
      const { envelope, modseq } = attributes
      console.log(attributes.uid.toFixed(), attributes.date.getTime(), modseq?.length)
      console.log(attributes['x-gm-labels']?.join(), attributes['x-gm-thrid']?.length)
      for (const sender of envelope?.from ?? []) {
        console.log('group' in sender ? sender.addresses.length : sender.mailbox)
      }
    })
    message.once('end', () => {})
  })
  fetch.once('error', error => console.log(error.code.length, error.textCode))
  fetch.once('end', () => imap.end())
}

imap.openBox('INBOX', (error, box) => console.log(error?.code, box.uidvalidity.toFixed()))
imap.openBox('INBOX', false, { condstore: true }, (error, box) => console.log(error, box.flags))
imap.closeBox(error => console.log(error?.message))
imap.closeBox(false, error => console.log(error?.message))
imap.closeBox()
imap.status('Archive', (error, box) => console.log(error, box.messages.unseen.toFixed()))

imap.getBoxes((error, boxes) => {
  if (error) return
  for (const name of Object.keys(boxes)) {
    const folder = boxes[name]
    if (folder) console.log(folder.attribs.join(), folder.children, folder.special_use_attrib)
  }
})
imap.getBoxes('Public/', (error, boxes) => console.log(error, boxes))
imap.getSubscribedBoxes((error, boxes) => console.log(error, boxes))
imap.getSubscribedBoxes('Public/', (error, boxes) => console.log(error, boxes))

imap.addBox('New', error => console.log(error?.textCode))
imap.delBox('New')
imap.renameBox('Old', 'New', (error, box) => console.log(error, box?.name))
imap.subscribeBox('New')
imap.unsubscribeBox('New', error => console.log(error))

imap.search(['UNSEEN', ['SINCE', 'May 20, 2010']], (error, uids, modseq) => {
  if (error || uids.length === 0) return
  imap.fetch(uids, { bodies: '', struct: true, envelope: true, size: true, markSeen: true })
  console.log(modseq?.length)
})
imap.search([['OR', 'UNSEEN', ['SINCE', new Date()]], ['!FROM', 'me'], 'FLAGGED'], () => {})
imap.sort(['-ARRIVAL', 'FROM'], ['ALL'], (error, uids) => console.log(error, uids.length))
imap.fetch('1:*')
imap.fetch(5, { extensions: ['X-REAL-UID'], modifiers: { changedsince: '123' } })
imap.copy([1, '5:9'], 'Archive', (error, uids) => console.log(error, uids))
imap.move(['*'], 'Archive')
imap.seq.move('1:3', 'Archive', error => console.log(error))
imap.addFlags(1, 'Seen', error => console.log(error))
imap.delFlags([1, 2], ['\\Seen', '\\Flagged'])
imap.setFlags('1:*', [])
imap.addKeywords(1, '$Important')
imap.delKeywords(1, ['a', 'b'] as const)
imap.setKeywords(1, ['a'], error => console.log(error))
imap.expunge()
imap.expunge(error => console.log(error))
imap.expunge([1, 2], error => console.log(error))
imap.append('Subject: x\r\n\r\n', error => console.log(error))
imap.append(Buffer.from('x'), { mailbox: 'Drafts', flags: ['Seen'], date: new Date() },
  (error, uid) => console.log(error, uid?.toFixed()))
imap.append(new Uint8Array(1))

const header: { [field: string]: string[] } = Imap.parseHeader('Subject: x\r\n', true)
console.log(header['subject'], imap._box?.messages.total, imap._caps?.join(), imap._config.user)
imap._config.xoauth2 = 'dXNlcj0='
imap._enqueue('ID ("name" "x")', (error, info) => console.log(error, info))
imap._enqueue('NOOP', true, () => {})
console.log(imap._queue.length, imap._curReq?.type === 'IDLE', imap._idle.started, imap._sock?.writable)
imap._sock?.removeAllListeners('error').on('error', () => {})
console.log(imap._sock?.destroy()._parent?.remoteAddress)
imap.debug = (line: string) => console.log(line)
imap.connect()
imap.destroy()

async function promises (): Promise<void> {
  await once(imap, 'ready')
  const uids: number[] = await promisify(imap.search).call(imap, ['ALL'])
  await promisify(imap.copy).call(imap, uids, 'Archive')
  await new Promise<void>((resolve, reject) => {
    imap.addBox('New', error => error ? reject(error) : resolve())
  })
}
void promises()
