// The shapes of @types/imap 0.8.43, and that each goes where ours is asked for and back.
import Imap = require('everimap')
import { EventEmitter } from 'events'
import { ConnectionOptions } from 'tls'

interface Shapes {
  config: {
    user: string, password: string, xoauth?: string | undefined, xoauth2?: string | undefined,
    host?: string | undefined, port?: number | undefined, tls?: boolean | undefined,
    tlsOptions?: ConnectionOptions | undefined, autotls?: string | undefined,
    connTimeout?: number | undefined, authTimeout?: number | undefined, keepalive?: any,
    debug?: Function | undefined
  }
  keepAlive: {
    interval?: number | undefined, idleInterval?: number | undefined,
    forceNoop?: boolean | undefined
  }
  box: {
    name: string, readOnly?: boolean | undefined, newKeywords: boolean, uidvalidity: number,
    uidnext: number, flags: string[], permFlags: string[], persistentUIDs: boolean,
    messages: { total: number, new: number, unseen: number }, highestmodseq: string
  }
  bodyInfo: { which: string, size: number }
  attributes: {
    uid: number, flags: string[], date: Date, struct?: any[] | undefined, size?: number | undefined
  }
  fetchOptions: {
    markSeen?: boolean | undefined, struct?: boolean | undefined, envelope?: boolean | undefined,
    size?: boolean | undefined, modifiers?: Object | undefined,
    bodies?: string | string[] | undefined
  }
  appendOptions: { mailbox?: string | undefined, flags?: any, date?: Date | undefined }
  folder: Folder
  mailBoxes: { [name: string]: Folder }
  sortCriteria: 'ARRIVAL' | '-ARRIVAL' | 'CC' | '-CC' | 'DATE' | '-DATE' | 'FROM' | '-FROM' |
    'SIZE' | '-SIZE' | 'SUBJECT' | '-SUBJECT' | 'TO' | '-TO'
  message: Message
  fetch: Fetch
  functions: Functions
}

interface Folder {
  attribs: string[]
  delimiter: string
  children: { [name: string]: Folder }
  parent: Folder
}

type Any = (...args: any[]) => void
type Done = (error: Error) => void
type Opened = (error: Error, mailbox: Shapes['box']) => void
type Listed = (error: Error, mailboxes: Shapes['mailBoxes']) => void
type Body = (stream: NodeJS.ReadableStream, info: Shapes['bodyInfo']) => void
type Found = (error: Error, uids: number[]) => void

interface Message extends NodeJS.EventEmitter {
  on (event: 'body', listener: Body): this
  on (event: 'attributes', listener: (attributes: Shapes['attributes']) => void): this
  on (event: 'end', listener: () => void): this
  on (event: string | symbol, listener: Any): this
}

interface Fetch extends NodeJS.EventEmitter {
  on (event: 'message', listener: (message: Message, seqno: number) => void): this
  on (event: 'error', listener: Done): this
  on (event: string | symbol, listener: Any): this
  once (event: 'message', listener: (message: Message, seqno: number) => void): this
  once (event: 'error', listener: Done): this
  once (event: string | symbol, listener: Any): this
}

interface Functions {
  search (criteria: any[], callback: Found): void
  sort (sortCriteria: Shapes['sortCriteria'][], searchCriteria: any[], callback: Found): void
  fetch (source: any, options: Shapes['fetchOptions']): Fetch
  copy (source: any, mailboxName: string, callback: Done): void
  move (source: any, mailboxName: string, callback: Done): void
  addFlags (source: any, flags: any, callback: Done): void
  delFlags (source: any, flags: any, callback: Done): void
  setFlags (source: any, flags: any, callback: Done): void
  addKeywords (source: any, keywords: any, callback: Done): void
  delKeywords (source: any, keywords: any, callback: Done): void
  setKeywords (source: any, keywords: any, callback: Done): void
  serverSupports (capability: string): boolean
}

interface Class extends EventEmitter, Functions {
  state: string
  delimiter: string
  namespaces: { personal: any[], other: any[], shared: any[] }
  seq: Functions
  connect (): void
  end (): void
  destroy (): void
  openBox (mailboxName: string, callback: Opened): void
  openBox (mailboxName: string, readOnly: boolean, callback: Opened): void
  openBox (mailboxName: string, readOnly: boolean, modifiers: Object, callback: Opened): void
  closeBox (callback: Done): void
  closeBox (autoExpunge: boolean, callback: Done): void
  addBox (mailboxName: string, callback: Done): void
  delBox (mailboxName: string, callback: Done): void
  renameBox (from: string, to: string, callback: Opened): void
  subscribeBox (mailboxName: string, callback: Done): void
  unsubscribeBox (mailboxName: string, callback: Done): void
  status (mailboxName: string, callback: Opened): void
  getBoxes (callback: Listed): void
  getBoxes (prefix: string, callback: Listed): void
  getSubscribedBoxes (callback: Listed): void
  getSubscribedBoxes (prefix: string, callback: Listed): void
  expunge (callback: Done): void
  expunge (uids: any, callback: Done): void
  append (data: any, callback: Done): void
  append (data: any, options: Shapes['appendOptions'], callback: Done): void
}

declare const theirs: Shapes
declare const imap: Imap

export const config: Imap.Config = theirs.config
export const keepAlive: Imap.KeepAlive = theirs.keepAlive
export const box: Imap.Box = theirs.box
export const attributes: Imap.ImapMessageAttributes = theirs.attributes
export const fetchOptions: Imap.FetchOptions = theirs.fetchOptions
export const appendOptions: Imap.AppendOptions = theirs.appendOptions
export const folder: Imap.Folder = theirs.folder
export const mailBoxes: Imap.MailBoxes = theirs.mailBoxes
export const sortCriteria: Imap.SortCriteria = theirs.sortCriteria
export const message: Imap.ImapMessage = theirs.message
export const fetch: Imap.ImapFetch = theirs.fetch

export const back: Partial<Shapes> = {
  keepAlive, box, attributes, fetchOptions, appendOptions, folder, mailBoxes, sortCriteria,
  message, fetch, bodyInfo: {} as Imap.ImapMessageBodyInfo, functions: imap.seq
}
// Of a `Config` only user and password may be missing now.
export const configBack: Shapes['config'] = {} as Imap.Config & { user: string, password: string }
export const whole: Class = imap
export const functions: Imap.MessageFunctions = imap

// Consumers that take the class and its statics by type.
export type Instance = InstanceType<typeof Imap>
export const make = (Class: new (config: Imap.Config) => Imap): Imap => new Class(config)
export const made: Instance = make(Imap)
