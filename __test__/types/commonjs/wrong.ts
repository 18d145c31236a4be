// Programs that must not compile.
import Imap = require('everimap')

declare const imap: Imap

// @ts-expect-error a number, not a string
new Imap({ port: '993' })
// @ts-expect-error no such option
new Imap({ hots: 'localhost' })
// @ts-expect-error a connected socket cannot be handed over yet
new Imap({ socket: process.stdin })
// @ts-expect-error
new Imap({ tls: 'true' })
// @ts-expect-error
new Imap({ debug: true })
// @ts-expect-error
new Imap({ authTimeout: '10s' })
// @ts-expect-error
new Imap({ socketTimeout: false })
// @ts-expect-error
new Imap({ keepalive: 'yes' })
// @ts-expect-error
new Imap({ keepalive: 10000 })
// @ts-expect-error no such key
new Imap({ keepalive: { idleinterval: 300000 } })
// @ts-expect-error
new Imap({ keepalive: { interval: '10s' } })
// @ts-expect-error
new Imap({ keepalive: { resyncInterval: '15m' } })
// @ts-expect-error no such key
new Imap({ timeouts: { noOp: 5000 } })
// @ts-expect-error
new Imap({ timeouts: 5000 })
// @ts-expect-error
new Imap({ tcp: { keepCount: '3' } })
// @ts-expect-error no such key
new Imap({ reconnect: { maxAtempts: 3 } })
// @ts-expect-error
new Imap({ reconnect: { capMs: '60s' } })
// @ts-expect-error
new Imap({ reconnect: 5 })
// @ts-expect-error variables are strings
Imap.configFromEnv({ IMAP_CLIENT_PORT: 993 })
// @ts-expect-error no such prefix
Imap.configFromEnv(process.env, { server: 'IMAP_' })
// @ts-expect-error
new Imap({ tlsOptions: { rejectUnauthorised: false } })
// @ts-expect-error TLS has none here
new Imap({ tlsOptions: { pfx: 'x' } })
// @ts-expect-error no such limit
new Imap({ limits: { bytes: 1024 } })
// @ts-expect-error without new, too
Imap({ port: '993' })
// @ts-expect-error
new Imap('localhost')

// @ts-expect-error the count is a number
imap.on('mail', (count: string) => {})
// @ts-expect-error
imap.once('close', (hadError: string) => {})
// @ts-expect-error ready has no arguments
imap.on('ready', (error: Error) => {})
// @ts-expect-error
imap.off('expunge', (seqno: Date) => {})
// @ts-expect-error
imap.addListener('error', (error: number) => {})
// @ts-expect-error
imap.prependListener('update', (seqno: string) => {})
// @ts-expect-error
imap.on('mail', 'handler')
// @ts-expect-error
imap.fetch(1).on('message', (message: string) => {})
// @ts-expect-error
imap.fetch(1).once('end', (value: string) => {})
// @ts-expect-error
imap.fetch(1).on('message', message => message.once('attributes', (uid: number) => {}))
// @ts-expect-error
imap.fetch(1).on('message', message => message.on('body', stream => stream.nothing))

// @ts-expect-error it has one argument, an object
imap.on('disconnected', (cause: string) => {})
// @ts-expect-error no such cause
imap.on('suspended', ({ cause }) => cause === 'transient')
// @ts-expect-error a function
new Imap({ log: true })
// @ts-expect-error milliseconds
new Imap({ rotate: { maxSessionAge: '23h' } })
// @ts-expect-error without `reconnect` it is not there
imap.on('mail', (count, arrival) => arrival.uids)
// @ts-expect-error
imap.once('reconnected', ({ lost }) => lost)

// @ts-expect-error it may be undefined
imap.search(['ALL'], error => error.message)
// @ts-expect-error the error is no string
imap.search(['ALL'], (error: string) => {})
// @ts-expect-error nor always undefined
imap.search(['ALL'], (error: undefined) => {})
// @ts-expect-error uids are numbers
imap.search(['ALL'], (error: Error, uids: string[]) => {})
// @ts-expect-error
imap.search(['ALL'])
// @ts-expect-error an array of criteria
imap.search('ALL', () => {})
// @ts-expect-error
imap.search([5], () => {})
// @ts-expect-error
imap.sort(['SENDER'], ['ALL'], () => {})
// @ts-expect-error nothing to fetch
imap.fetch()
// @ts-expect-error
imap.fetch(null)
// @ts-expect-error
imap.fetch(new Date())
// @ts-expect-error
imap.fetch(1, { body: 'TEXT' })
// @ts-expect-error one of two keys is misspelt
imap.fetch(1, { envelope: true, strcut: true })
// @ts-expect-error
imap.fetch(1, { envelope: 'true' })
// @ts-expect-error it was not asked for
imap.fetch(1, { size: true }).on('message', m => m.on('attributes', a => a.envelope.subject))
// @ts-expect-error
imap.fetch(1, { bodies: true })
// @ts-expect-error
imap.addFlags(1, 5)
// @ts-expect-error
imap.copy(1)
// @ts-expect-error
imap.append(5)
// @ts-expect-error
imap.append('x', { date: '2020-01-01' })
// @ts-expect-error
imap.openBox('INBOX', 'readonly', () => {})
// @ts-expect-error
imap.openBox(() => {})
// @ts-expect-error a callback for the answer is all that thread() and esearch() are for
imap.thread('REFERENCES', ['ALL'])
// @ts-expect-error
imap.seq.thread(['ALL'], () => {})
// @ts-expect-error
imap.esearch(['ALL'], 5, () => {})
// @ts-expect-error
imap.esearch(['ALL'], (error, found) => found.all?.toFixed())
// @ts-expect-error
imap.id('name')
// @ts-expect-error values are strings
imap.id({ version: 1 })
// @ts-expect-error
imap.setQuota('', { storage: '512' })
// @ts-expect-error
imap.getQuota('', (error, quota) => quota.storage)
// @ts-expect-error the modification sequence is missing
imap.addFlagsSince(1, 'Seen', () => {})
// @ts-expect-error
imap.seq.setKeywordsSince(1, 'x', new Date())
// @ts-expect-error
imap.addLabels(1, { label: 'x' })
// @ts-expect-error modified is a set as the server writes it
imap.addFlagsSince(1, 'Seen', 5, (error, modified: number[]) => {})
// @ts-expect-error no method of this name yet
imap.idle()
// @ts-expect-error a getter without a setter
imap.seq = imap
// @ts-expect-error
Imap.parseHeader(Buffer.from('x'))
// @ts-expect-error there is no such class at run time
console.log(Imap.Emitter)
