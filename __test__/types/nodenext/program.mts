// An ES module in Node: the default export is the class.
import Imap, { type Box, type Config, type ImapError } from 'everimap'

class Listener extends Imap {}

const config: Config = { host: 'localhost' }
const imap: Imap = new Listener(config)
const same: Imap.Config = config
imap.openBox('INBOX', (error: ImapError | undefined, box: Box) => {
  console.log(error?.code, box.name)
})
imap.on('mail', count => console.log(count.toFixed()))
console.log(new Imap(same), Imap(same), Imap.parseHeader('A: b\r\n')['a'])
// @ts-expect-error
console.log(new Imap({ keepalive: 'yes' }))

const everimap = await import('everimap')
console.log(new everimap.default(config))

// Every name of the namespace is there by itself, too.
export type {
  AccessToken, Address, AddressGroup, AppendOptions, Arrival, BodyPart, Callback, ConnectionEvents,
  DisconnectCause, Disconnected, Disposition, Envelope, EnvironmentPrefixes, ErrorSource, Esearch,
  EsearchOption, FetchedAttributes, FetchEvents, FetchOptions, Flags, Folder, Identity, ImapFetch,
  ImapMessage, ImapMessageAttributes, ImapMessageBodyInfo, KeepAlive, Limits, LinkState, LogRecord,
  MailBoxes, MailboxFunctions, MailboxGone, MailboxReset, MessageEvents, MessageFunctions,
  MessageSource, MessageUpdate, ModSequence, Multipart, Namespace, PendingCommand, Quota,
  QuotaLimits, QuotaResources, Reconnected, Reconnecting, ReconnectOptions, Removal, Rotated,
  RotateOptions, Rotating, RotationFailed, RotationReason, SearchCriterion, SearchFlag,
  ServerFunctions, Socket, SortCriteria, Stats, Structure, Suspended, Synced, TextCode, Thread,
  ThreadAlgorithm, Throttled, TokenRequest, TokenSource
} from 'everimap'
