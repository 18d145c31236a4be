// Every name of @types/imap 0.8.43 is kept, so that programs written for npm `imap` compile.

/// <reference types="node" />
import { EventEmitter } from 'events'
import { Readable } from 'stream'
import { ConnectionOptions } from 'tls'

/**
 * Makes a connection; the same as `new Connection(config)`, for programs that leave out `new`
 * or call `Imap.call(this, config)` in an ES5 subclass.
 */
declare function Connection (config?: Connection.Config): Connection

/** The commands; those on messages by UID. {@link Connection.seq} has them by sequence number. */
interface Connection extends Connection.MailboxFunctions, Connection.MessageFunctions {}

/**
 * An IMAP session, as `require('everimap')` and `import Imap from 'everimap'` give it.
 *
 * Commands are queued and may be given at any time after {@link Connection.connect}; their
 * callbacks run in the order of the calls. The first argument of a callback is `undefined` on
 * success and an {@link Connection.ImapError} otherwise; when the connection is lost, every
 * pending callback is called with an error. Wrong arguments are thrown at once and nothing is sent.
 */
declare class Connection extends Emitter<Connection.ConnectionEvents> {
  /** @param config Copied; unknown options are dropped. Nothing else happens before `connect()`. */
  constructor (config?: Connection.Config)
  /**
   * Parses the header of a message (RFC 5322 section 2.2) and decodes encoded words (RFC 2047).
   * @param rawHeader Lines that end in CRLF, up to the first empty one.
   * @param disableAutoDecode Leave encoded words as they are. Default `false`.
   * @returns The values of each field in their order, by the field's name in lower case.
   */
  static parseHeader (rawHeader: string, disableAutoDecode?: boolean): { [index: string]: string[] }
  /** `'authenticated'` from just before `ready` until the connection is lost (node-imap). */
  state: 'disconnected' | 'connected' | 'authenticated' | (string & {})
  /** What separates the levels of a name: `'/'` or `'.'`. Falsy before `ready` and if none. */
  delimiter: string
  /** The server's namespaces (RFC 2342). Undefined before `ready` and without NAMESPACE. */
  namespaces: {
    /** The user's own mailboxes; null when there is no such namespace. */
    personal: Connection.Namespace[]
    /** Mailboxes of other users; null when there is no such namespace. */
    other: Connection.Namespace[]
    /** Mailboxes shared by everyone; null when there is no such namespace. */
    shared: Connection.Namespace[]
  }
  /** The commands on messages by sequence number instead of UID (RFC 3501 section 2.3.1.2). */
  readonly seq: Connection.MessageFunctions
  /** @internal The open mailbox, kept up to date. node-imap's name, which programs read. */
  _box: Connection.Box | undefined
  /** @internal The options in force. Programs change them before `connect()`: a fresh `xoauth2`. */
  _config: Connection.Config
  /** @internal The server's capabilities in upper case. To ask for one, use `serverSupports`. */
  _caps: string[] | undefined
  /**
   * @internal The socket: `destroy()` ends the connection at once. Undefined before `connect()`.
   * Programs that take the listeners of its `error` away deal with its errors themselves.
   */
  _sock: Connection.Socket | undefined
  /** @internal The commands that wait. Worked out at each look, so that changing it does nothing. */
  readonly _queue: Connection.PendingCommand[]
  /** @internal The command that is running, our own IDLE and NOOP too. */
  readonly _curReq: Connection.PendingCommand | undefined
  /**
   * @internal The keepalive. `started` is the time of the server's `+` to IDLE in milliseconds since
   * 1970, 0 before it comes, and undefined without IDLE; `enabled` is false while commands run.
   */
  readonly _idle: { started: number | undefined, enabled: boolean }
  /** Called with each line of the protocol, secrets masked. Counts from when it is set. */
  debug: ((line: string) => void) | Function | undefined
  /** Connects and logs in, which ends in `ready` or `error`. May be called again after `close`. */
  connect (): void
  /** Logs out after the commands that are already queued (RFC 3501 section 6.1.3), then `close`. */
  end (): void
  /** Closes the connection without logging out and drops what is queued; then `close`. */
  destroy (): void
  /**
   * @internal Sends a command that has no method.
   * @param command One line without tag and line break; not IDLE, STARTTLS, COMPRESS, AUTHENTICATE.
   * @param callback Called with what the server sent in answer.
   */
  _enqueue (command: string, callback?: (error: Error, ...results: any[]) => void): void
  /** @internal The same. `promote` is node-imap's, and changes nothing: each command has its turn. */
  _enqueue (command: string, promote: boolean, callback?: (error: Error, ...results: any[]) => void): void
}

declare namespace Connection {
  /**
   * The options of a connection. A falsy value means the default. At run time a string that is a
   * decimal integer counts as that number, because options come from environment variables.
   */
  export interface Config {
    /** The login name (LOGIN, RFC 3501 section 6.2.3). Not needed with OAuth or PREAUTH. */
    user?: string | undefined
    /** The password. Not needed with OAuth or PREAUTH. */
    password?: string | undefined
    /** The initial response of `AUTHENTICATE XOAUTH`, in base64. */
    xoauth?: string | undefined
    /** The initial response of `AUTHENTICATE XOAUTH2`, in base64. */
    xoauth2?: string | undefined
    /** Name or address of the server. Default `'localhost'`. */
    host?: string | undefined
    /** TCP port. Default 143, with `tls` too (node-imap): for implicit TLS write 993. */
    port?: number | undefined
    /** The address to connect from. Default: the system's choice. */
    localAddress?: string | undefined
    /** TLS from the first byte (RFC 8314 section 3.2). Default `false`. */
    tls?: boolean | undefined
    /**
     * Of Node's `tls.connect` options: `servername`, `rejectUnauthorized` (default `true`), `ca`,
     * `cert`, `key`, `minVersion` (`'TLSv1.2'`, the default, or `'TLSv1.3'`).
     */
    tlsOptions?: ConnectionOptions | undefined
    /**
     * When to use STARTTLS (RFC 3501 section 6.2.1): `'always'`, and fail where it is not offered;
     * `'required'`, where there is no login without it; `'never'`, the default and any other text.
     */
    autotls?: 'always' | 'required' | 'never' | (string & {}) | undefined
    /** Milliseconds until TCP and implicit TLS must be up. Default 10000. */
    connTimeout?: number | undefined
    /** Milliseconds from there until `ready`. Default 5000. */
    authTimeout?: number | undefined
    /** Milliseconds without a byte in either direction until `error`. Default 0: no limit. */
    socketTimeout?: number | undefined
    /** Keep the connection alive and watch it while nothing is asked. Default `true`. */
    keepalive?: boolean | KeepAlive | undefined
    /** How much the server may say at once, in bytes and values. */
    limits?: Limits | undefined
    // `Function` is what @types/imap says; without it a value of that type would not fit.
    /** Called with each line of the protocol, secrets masked. Default: not at all. */
    debug?: ((line: string) => void) | Function | undefined
  }

  /** How a connection is kept alive; the option `keepalive` (node-imap). */
  export interface KeepAlive {
    /** Milliseconds between NOOPs, and between looks at `idleInterval`. Default 10000. */
    interval?: number | undefined
    /** Milliseconds until IDLE is renewed (RFC 2177). Default 300000: five minutes. */
    idleInterval?: number | undefined
    /** Send NOOP also where the server has IDLE. Default `false`. */
    forceNoop?: boolean | undefined
  }

  /**
   * Bounds of what a server can make the program hold in memory. Bodies of messages are streams and
   * have none. Over a bound comes an error with the code `ELIMIT` that names the option: to the
   * callback of a command whose answer has too many values, too much text or too deep lists, and as
   * `error` and `close` of the connection where a line, a literal or a response is too long to read on.
   */
  export interface Limits {
    /**
     * Bytes of one response, and of all responses that answer a command (mailboxes, search results).
     * Default 67108864: 64 MiB. From 1024 to 268435455, as the next two.
     */
    responseBytes?: number | undefined
    /** Bytes of one line. Default 67108864: a search that finds six million messages fits. */
    lineBytes?: number | undefined
    /** Bytes of one literal (RFC 3501 section 4.3) that is no body. Default 67108864. */
    literalBytes?: number | undefined
    /** Values (words, numbers, strings, lists) in an answer. Default 4194304. From 1 to 268435455. */
    items?: number | undefined
    /** Lists inside lists. Default 100. From 1 to 200. */
    depth?: number | undefined
  }

  /** @internal What is known of the socket of a connection (Node's `net.Socket`). */
  export interface Socket extends NodeJS.EventEmitter {
    /** Whether TCP is still to be connected. */
    connecting: boolean
    /** Whether commands can still be sent. */
    writable: boolean
    /** Whether the server may still say something. */
    readable: boolean
    /** Whether it is over. */
    destroyed: boolean
    /** The server's IP address, once TCP is up. */
    remoteAddress: string | undefined
    /** `'IPv4'` or `'IPv6'`. */
    remoteFamily: string | undefined
    /** The server's port. */
    remotePort: number | undefined
    /** True under TLS, otherwise undefined. */
    encrypted?: true | undefined
    /** The TCP socket under TLS, otherwise null. */
    _parent: Socket | null
    /** Ends the connection at once; with an error, that is emitted before `close`. */
    destroy (error?: Error): this
    /** Ends the connection at once. */
    end (): this
    /** Does nothing: TCP keepalive is always on. */
    setKeepAlive (enable?: boolean, initialDelay?: number): this
    /** Does nothing: nothing is ever delayed. */
    setNoDelay (noDelay?: boolean): this
  }

  /** @internal A command that waits or runs. */
  export interface PendingCommand {
    /** Its first word: `'IDLE'`, `'SELECT'`, or `'UID'` for the commands on UIDs. */
    readonly type: string
    /** The line that is sent, without its tag. */
    readonly fullcmd: string
    /** Who is called back. */
    cb: ((error: Error, ...results: any[]) => void) | undefined
    /** What the server has sent in answer so far. */
    cbargs: any[]
  }

  /** The events of a connection and their arguments. */
  export interface ConnectionEvents {
    /** Logged in; comes again after every `connect()`. */
    ready: []
    /** The server has something to say to the user (ALERT, RFC 3501 section 7.1). */
    alert: [text: string | undefined]
    /** So many messages are new in the open mailbox; while opening it, all are (node-imap). */
    mail: [count: number]
    /** This message is gone, and the numbers above it moved down (RFC 3501 section 7.4.1). */
    expunge: [seqno: number]
    /** The open mailbox has this new UIDVALIDITY: UIDs from before are void. */
    uidvalidity: [uidvalidity: number]
    /** The server told of a message without being asked, usually its flags. */
    update: [seqno: number, info: MessageUpdate]
    /** The connection or the login failed; without a listener Node throws it. `close` follows. */
    error: [error: ImapError]
    /** The connection ended in order, at most once and before `close`. */
    end: []
    /** The connection is closed, once on every path; `true` after an error of the socket. */
    close: [hadError: boolean]
  }

  /** What an `update` event tells, named as on the wire in lower case (RFC 3501 section 7.4.2). */
  export interface MessageUpdate {
    /** The message's flags. */
    flags?: string[]
    /** The message's UID, if the server sent it. */
    uid?: number
    /** The message's modification sequence (RFC 7162), in decimal. */
    modseq?: string
    /** Whatever else the server sent. */
    [item: string]: any
  }

  /** Which part of the work failed (node-imap). */
  export type ErrorSource =
    'socket' | 'timeout' | 'timeout-auth' | 'socket-timeout' | 'protocol' | 'authentication'

  /** A response code (RFC 3501 section 7.1): one word is that value, more are key and value. */
  export type TextCode = string | number | { key: string, val: any }

  /** A failed connection or command. What Node tells of a system call or TLS stays there. */
  export interface ImapError extends NodeJS.ErrnoException {
    /** Which part of the work failed. */
    source?: ErrorSource | undefined
    /**
     * A stable name: Node's own (`ECONNREFUSED`, `ERR_TLS_CERT_ALTNAME_INVALID`, ...) or one of
     * `ETIMEDOUT`, `EAUTHTIMEOUT`, `ESOCKETTIMEOUT`, `EDEADLINE`, `EAUTH`, `ENOMECHANISM`,
     * `ELOGINDISABLED`, `ENOSTARTTLS`, `ESTARTTLSINJECTION`, `EGREETING`, `ENOTIMAP`, `ELIMIT`,
     * `ENO`, `EBAD`, `ECONNLOST`, `EARGUMENT`, `EINTERNAL`.
     */
    code: string
    /** How the server answered, if it did. */
    type?: 'no' | 'bad' | undefined
    /** The response code beside the server's text. */
    textCode?: TextCode | undefined
    /**
     * What to do about it, if we know: a sentence for people, not for programs to compare. The
     * `message` is node-imap's or Node's, to the letter.
     */
    advice?: string | undefined
    /** The peer's address. */
    address?: string | undefined
    /** The peer's port. */
    port?: number | undefined
    /** The name that did not resolve. */
    hostname?: string | undefined
    /** Why TLS failed, in words. */
    reason?: string | undefined
    /** The name that the certificate should have had. */
    host?: string | undefined
    /** OpenSSL's name of the part that failed. */
    library?: string | undefined
  }

  /**
   * A function for the outcome of a command: `undefined` and results, or an error. `E` makes room
   * for what programs write themselves, as in `(error: Error | null) => void`.
   */
  export type Callback<E, Results extends unknown[] = []> =
    (error: ImapError | E, ...results: Results) => void

  /** Messages by UID or sequence number: `5`, `'2504:2507'`, `'*'`, `[1, 2, '10:*']`. */
  export type MessageSource = number | string | ReadonlyArray<number | string>

  /** One flag or keyword, or several. */
  export type Flags = string | readonly string[]

  /** A mailbox, as `openBox` and `status` give it. */
  export interface Box {
    /** The mailbox's name. */
    name: string
    /** Whether it is open for reading only. Not from `status`. */
    readOnly?: boolean | undefined
    /** Whether new keywords can be made (`\*` in PERMANENTFLAGS, RFC 3501 section 7.1). */
    newKeywords: boolean
    /** When it changes, UIDs from before are void (RFC 3501 section 2.3.1.1). */
    uidvalidity: number
    /** The UID that the next new message will have. */
    uidnext: number
    /** The flags in use in this mailbox. */
    flags: string[]
    /** The system flags that can be changed for good. */
    permFlags: string[]
    /** The keywords that can be changed for good. Not from `status`. */
    keywords?: string[] | undefined
    /** `false` where UIDs do not outlive the session (UIDNOTSTICKY, RFC 4315 section 3). */
    persistentUIDs: boolean
    /** Whether it has no modification sequences (NOMODSEQ, RFC 7162). Not from `status`. */
    nomodseq?: boolean | undefined
    /** How many messages there are. */
    messages: {
      /** All. */
      total: number
      /** Those that are new in this session (`\Recent`). */
      new: number
      /** Those without `\Seen`. Only from `status`. */
      unseen: number
    }
    /** The highest modification sequence, in decimal (RFC 7162); absent without CONDSTORE. */
    highestmodseq: string
  }

  /** A namespace (RFC 2342). */
  export interface Namespace {
    /** What the names in it begin with. */
    prefix: string
    /** What separates their levels; null if there are none. */
    delimiter: string | null
    /** The server's additions, by name. */
    extensions?: { [name: string]: any } | undefined
  }

  /** A mailbox in the tree of `getBoxes`. Trees are circular, so `JSON.stringify` refuses them. */
  export interface Folder {
    /** As the server sent them; with `\Noselect` it cannot be opened (RFC 3501 section 7.2.2). */
    attribs: string[]
    /** What separates the levels of its name; null if there are none. */
    delimiter: string
    /** The mailboxes below it; null if there are none. */
    children: MailBoxes
    /** The mailbox above it; null at the top. */
    parent: Folder
    /** What it is for: `\Sent`, `\Trash`, ... (RFC 6154 section 2), if the server says so. */
    special_use_attrib?: string | undefined
  }

  /** Mailboxes by the last part of their names. */
  export interface MailBoxes {
    [name: string]: Folder
  }

  /** A criterion without arguments (RFC 3501 section 6.4.4); `!` before it negates. */
  export type SearchFlag =
    'ALL' | 'ANSWERED' | 'DELETED' | 'DRAFT' | 'FLAGGED' | 'NEW' | 'SEEN' | 'RECENT' | 'OLD' |
    'UNANSWERED' | 'UNDELETED' | 'UNDRAFT' | 'UNFLAGGED' | 'UNSEEN'

  /**
   * What to search for: a name, or an array of a name and its arguments.
   *
   * - {@link SearchFlag}: no arguments.
   * - `BCC BODY CC FROM SUBJECT TEXT TO KEYWORD UNKEYWORD`: a string. `HEADER`: name and string.
   * - `BEFORE ON SINCE SENTBEFORE SENTON SENTSINCE`: a Date, or what `new Date` understands.
   * - `LARGER SMALLER`: octets. `UID`: one or more of {@link MessageSource}.
   * - `OR`: two criteria. `MODSEQ`: a sequence (CONDSTORE).
   * - `X-GM-RAW X-GM-THRID X-GM-MSGID X-GM-LABELS`: a string (Gmail).
   * - Sequence numbers: `'1:5'`, or an array that begins with a string.
   */
  export type SearchCriterion = SearchFlag | (string & {}) | readonly any[]

  /** What to sort by (RFC 5256 section 3); `-` before it reverses. */
  export type SortCriteria =
    'ARRIVAL' | '-ARRIVAL' | 'CC' | '-CC' | 'DATE' | '-DATE' | 'FROM' | '-FROM' |
    'SIZE' | '-SIZE' | 'SUBJECT' | '-SUBJECT' | 'TO' | '-TO'

  /** What to fetch beside UID, flags and date. */
  export interface FetchOptions {
    /** Set `\Seen` on the messages whose bodies are fetched. Default `false`. */
    markSeen?: boolean | undefined
    /** Fetch the structure (BODYSTRUCTURE). Default `false`. */
    struct?: boolean | undefined
    /** Fetch the envelope (ENVELOPE). Default `false`. */
    envelope?: boolean | undefined
    /** Fetch the size (RFC822.SIZE). Default `false`. */
    size?: boolean | undefined
    /** `{ changedsince: modseq }` limits to what changed since then (RFC 7162 section 3.1.4.1). */
    modifiers?: object | undefined
    /** More items by their names on the wire, e.g. `['X-REAL-UID']`. Default none. */
    extensions?: string[] | undefined
    /**
     * The sections to fetch (RFC 3501 section 6.4.5): `''` is the whole message; `'HEADER'`,
     * `'TEXT'`, `'1.2'`, `'HEADER.FIELDS (FROM SUBJECT)'`. Default none.
     */
    bodies?: string | string[] | undefined
  }

  /** Where and how to append a message. */
  export interface AppendOptions {
    /** The mailbox. Default: the open one. */
    mailbox?: string | undefined
    /** One flag or several; `Seen` is `\Seen`. Default none. */
    flags?: Flags | undefined
    /** The message's internal date. Default: now, by the server's clock. */
    date?: Date | undefined
  }

  /** What `fetch` returns. */
  export interface ImapFetch extends Emitter<FetchEvents> {}

  /** The events of a fetch and their arguments. */
  export interface FetchEvents {
    /** A message begins; its own events follow. */
    message: [message: ImapMessage, seqno: number]
    /** The server refused, or the connection is lost; `end` follows. */
    error: [error: ImapError]
    /** Every message has ended. */
    end: []
  }

  /** A message of a `fetch`. */
  export interface ImapMessage extends Emitter<MessageEvents> {}

  /** The events of a message and their arguments. */
  export interface MessageEvents {
    /** A section begins. Who listens to the stream at once sees its end before the message's. */
    body: [stream: Readable, info: ImapMessageBodyInfo]
    /** Everything that is not a body, after all `body` events. */
    attributes: [attributes: ImapMessageAttributes]
    /** The message is complete. */
    end: []
  }

  /** About a body. */
  export interface ImapMessageBodyInfo {
    /** The message's sequence number. */
    seqno: number
    /** The section, as the server wrote it, e.g. `HEADER.FIELDS (FROM SUBJECT)`. */
    which: string
    /** The body's size in octets. */
    size: number
  }

  /** About a message. */
  export interface ImapMessageAttributes {
    /** The message's UID. */
    uid: number
    /** The message's flags and keywords. */
    flags: string[]
    /** When the server received it (INTERNALDATE). */
    date: Date
    /** With `struct`: `[part]`, or `[multipart, child, ...]` whose children are such arrays. */
    struct?: any[] | undefined
    /** With `envelope`: the envelope. */
    envelope?: Envelope | undefined
    /** With `size`: the message's size in octets. */
    size?: number | undefined
    /** The modification sequence in decimal, where the server has CONDSTORE (RFC 7162). */
    modseq?: string | undefined
    /** Gmail: the conversation, in decimal. */
    'x-gm-thrid'?: string | undefined
    /** Gmail: the message, in decimal. */
    'x-gm-msgid'?: string | undefined
    /** Gmail: the labels. */
    'x-gm-labels'?: string[] | undefined
  }

  /** The header fields that the server has parsed (RFC 3501 section 7.4.2). */
  export interface Envelope {
    /** The Date field; 1970 where it is missing (node-imap). */
    date: Date
    /** The decoded Subject field. */
    subject: string | null
    /** The From field. */
    from: Array<Address | AddressGroup> | null
    /** The Sender field; the same as `from` where it is missing. */
    sender: Array<Address | AddressGroup> | null
    /** The Reply-To field; the same as `from` where it is missing. */
    replyTo: Array<Address | AddressGroup> | null
    /** The To field. */
    to: Array<Address | AddressGroup> | null
    /** The Cc field. */
    cc: Array<Address | AddressGroup> | null
    /** The Bcc field. */
    bcc: Array<Address | AddressGroup> | null
    /** The In-Reply-To field. */
    inReplyTo: string | null
    /** The Message-ID field. */
    messageId: string | null
  }

  /** A mail address. */
  export interface Address {
    /** The decoded name. */
    name: string | null
    /** What stands before the `@`. */
    mailbox: string | null
    /** What stands behind the `@`. */
    host: string | null
  }

  /** A named group of addresses (RFC 5322 section 3.4). */
  export interface AddressGroup {
    /** The group's name. */
    group: string
    /** Its members. */
    addresses: Address[]
  }

  /** The commands on mailboxes. A mailbox's name includes its path. */
  export interface MailboxFunctions {
    /**
     * Opens a mailbox (SELECT, RFC 3501 section 6.3.1) and closes the one that was open.
     * `mail` events may come before the callback (node-imap).
     * @throws `Not authenticated` before `ready`.
     */
    openBox<E = undefined> (mailboxName: string, callback: Callback<E, [mailbox: Box]>): void
    /** @param openReadOnly Use EXAMINE (RFC 3501 section 6.3.2). Default `false`. */
    openBox<E = undefined> (
      mailboxName: string, openReadOnly: boolean, callback: Callback<E, [mailbox: Box]>
    ): void
    /** @param modifiers Accepted because node-imap documents it. */
    openBox<E = undefined> (
      mailboxName: string, openReadOnly: boolean, modifiers: object,
      callback: Callback<E, [mailbox: Box]>
    ): void
    /**
     * Closes the open mailbox and removes its messages with `\Deleted` (RFC 3501 section 6.4.2).
     * @throws `No mailbox is currently selected`
     */
    closeBox<E = undefined> (callback?: Callback<E>): void
    /** @param autoExpunge `false` keeps the messages (UNSELECT, RFC 3691). Default `true`. */
    closeBox<E = undefined> (autoExpunge: boolean, callback?: Callback<E>): void
    /** Creates a mailbox (CREATE, RFC 3501 section 6.3.3). */
    addBox<E = undefined> (mailboxName: string, callback?: Callback<E>): void
    /** Removes a mailbox with its messages (DELETE, RFC 3501 section 6.3.4). */
    delBox<E = undefined> (mailboxName: string, callback?: Callback<E>): void
    /**
     * Renames a mailbox (RENAME, RFC 3501 section 6.3.5); of INBOX it moves the messages instead.
     * The callback gets the mailbox only if it is the open one.
     */
    renameBox<E = undefined, B extends Box | undefined = Box | undefined> (
      oldMailboxName: string, newMailboxName: string, callback?: Callback<E, [mailbox: B]>
    ): void
    /** Adds a mailbox to the subscribed ones (SUBSCRIBE, RFC 3501 section 6.3.6). */
    subscribeBox<E = undefined> (mailboxName: string, callback?: Callback<E>): void
    /** Takes a mailbox from the subscribed ones (UNSUBSCRIBE, RFC 3501 section 6.3.7). */
    unsubscribeBox<E = undefined> (mailboxName: string, callback?: Callback<E>): void
    /**
     * Counts the messages of a mailbox that is not open (STATUS, RFC 3501 section 6.3.10): gives
     * `name`, `uidnext`, `uidvalidity`, `messages` and, with CONDSTORE, `highestmodseq`.
     * @throws `Cannot call status on currently selected mailbox`
     */
    status<E = undefined> (mailboxName: string, callback: Callback<E, [mailbox: Box]>): void
    /** Lists the mailboxes as a tree (LIST, RFC 3501 section 6.3.8). */
    getBoxes<E = undefined> (callback: Callback<E, [mailboxes: MailBoxes]>): void
    /** @param nsPrefix The prefix of a namespace. Default: the user's own. */
    getBoxes<E = undefined> (nsPrefix: string, callback: Callback<E, [mailboxes: MailBoxes]>): void
    /** Lists the subscribed mailboxes as a tree (LSUB, RFC 3501 section 6.3.9). */
    getSubscribedBoxes<E = undefined> (callback: Callback<E, [mailboxes: MailBoxes]>): void
    /** @param nsPrefix The prefix of a namespace. Default: the user's own. */
    getSubscribedBoxes<E = undefined> (
      nsPrefix: string, callback: Callback<E, [mailboxes: MailBoxes]>
    ): void
    /** Removes the messages with `\Deleted` from the open mailbox (RFC 3501 section 6.4.3). */
    expunge<E = undefined> (callback?: Callback<E>): void
    /**
     * Removes those of the given messages that have `\Deleted` (UID EXPUNGE, RFC 4315 section 2.1).
     * @throws `Empty uid list`, or `Server does not support this feature (UIDPLUS)`
     */
    expunge<E = undefined> (uids: MessageSource, callback?: Callback<E>): void
    /**
     * Adds a message to the open mailbox (APPEND, RFC 3501 section 6.3.11). The callback gets the
     * new UID if the server tells it (UIDPLUS, RFC 4315 section 3).
     * @param msgData The message as RFC 5322 has it; bytes are sent as they are, a string as UTF-8.
     * @throws `No mailbox specified or currently selected`
     */
    append<E = undefined> (
      msgData: string | Uint8Array, callback?: Callback<E, [uid?: number]>
    ): void
    /** @param options Where to, with which flags and date. */
    append<E = undefined> (
      msgData: string | Uint8Array, options: AppendOptions, callback?: Callback<E, [uid?: number]>
    ): void
  }

  /**
   * The commands on messages of the open mailbox. On the connection they take and give UIDs, on
   * `seq` sequence numbers. For a UID or number that is none they throw an error that names it;
   * all but `fetch` and `serverSupports` throw `No mailbox is currently selected`.
   */
  export interface MessageFunctions {
    /**
     * Finds the messages that meet all criteria (SEARCH, RFC 3501 section 6.4.4). The callback
     * gets the highest modification sequence too, if MODSEQ was asked for (RFC 7162).
     * @throws `Unexpected search option: ...` and the like.
     */
    search<E = undefined> (
      criteria: readonly SearchCriterion[], callback: Callback<E, [uids: number[], modseq?: string]>
    ): void
    /**
     * As `search`, sorted by the server (SORT, RFC 5256).
     * @throws `Sort is not supported on the server`
     */
    sort<E = undefined> (
      sortCriteria: readonly SortCriteria[], searchCriteria: readonly SearchCriterion[],
      callback: Callback<E, [uids: number[]]>
    ): void
    /**
     * Fetches messages (FETCH, RFC 3501 section 6.4.5).
     * @throws `Nothing to fetch` for an empty array.
     */
    fetch (source: MessageSource, options?: FetchOptions): ImapFetch
    /**
     * Copies messages (COPY, RFC 3501 section 6.4.7). The callback gets the new UIDs if the server
     * tells them (COPYUID, RFC 4315): a number for one, a set such as `'3956:3958'` for more.
     */
    copy<E = undefined> (
      source: MessageSource, mailboxName: string, callback?: Callback<E, [uids?: number | string]>
    ): void
    /**
     * Moves messages (MOVE, RFC 6851, or copy, flag and expunge). The callback is that of `copy`.
     * @throws `Cannot move message: server does not allow deletion of messages`
     */
    move<E = undefined> (
      source: MessageSource, mailboxName: string, callback?: Callback<E, [uids?: number | string]>
    ): void
    /** Adds flags (STORE, RFC 3501 section 6.4.6). A missing `\` is put before each. */
    addFlags<E = undefined> (source: MessageSource, flags: Flags, callback?: Callback<E>): void
    /** Removes flags. A missing `\` is put before each. */
    delFlags<E = undefined> (source: MessageSource, flags: Flags, callback?: Callback<E>): void
    /** Replaces all flags. A missing `\` is put before each. */
    setFlags<E = undefined> (source: MessageSource, flags: Flags, callback?: Callback<E>): void
    /**
     * Adds keywords: flags without `\`.
     * @throws `The keyword "..." contains invalid characters`
     */
    addKeywords<E = undefined> (
      source: MessageSource, keywords: Flags, callback?: Callback<E>
    ): void
    /** Removes keywords. Throws as `addKeywords` does. */
    delKeywords<E = undefined> (
      source: MessageSource, keywords: Flags, callback?: Callback<E>
    ): void
    /** Replaces all keywords and flags. Throws as `addKeywords` does. */
    setKeywords<E = undefined> (
      source: MessageSource, keywords: Flags, callback?: Callback<E>
    ): void
    /** Whether the server has this capability, in any case; `false` before it told. */
    serverSupports (capability: string): boolean
  }
}

/** An EventEmitter that knows the arguments of its events. There is no such class at run time. */
declare class Emitter<Events extends Record<keyof Events, unknown[]>> extends EventEmitter {
  /** Listens to an event. */
  on<N extends keyof Events> (event: N, listener: Listener<Events[N]>): this
  on<N extends Name> (event: Other<N, Events>, listener: Listener<any[]>): this
  /** As `on`, under its other name. */
  addListener<N extends keyof Events> (event: N, listener: Listener<Events[N]>): this
  addListener<N extends Name> (event: Other<N, Events>, listener: Listener<any[]>): this
  /** As `on`, for the next time only. */
  once<N extends keyof Events> (event: N, listener: Listener<Events[N]>): this
  once<N extends Name> (event: Other<N, Events>, listener: Listener<any[]>): this
  /** As `on`, before the listeners that are there already. */
  prependListener<N extends keyof Events> (event: N, listener: Listener<Events[N]>): this
  prependListener<N extends Name> (event: Other<N, Events>, listener: Listener<any[]>): this
  /** As `once`, before the listeners that are there already. */
  prependOnceListener<N extends keyof Events> (event: N, listener: Listener<Events[N]>): this
  prependOnceListener<N extends Name> (event: Other<N, Events>, listener: Listener<any[]>): this
  /** Stops listening. */
  off<N extends keyof Events> (event: N, listener: Listener<Events[N]>): this
  off<N extends Name> (event: Other<N, Events>, listener: Listener<any[]>): this
  /** As `off`, under its other name. */
  removeListener<N extends keyof Events> (event: N, listener: Listener<Events[N]>): this
  removeListener<N extends Name> (event: Other<N, Events>, listener: Listener<any[]>): this
}

type Name = string | symbol

/** An event of the program's own. The known ones have listeners of their own type. */
type Other<N, Events> = [N] extends [keyof Events] ? never : N

// As a method its parameters are compared in both directions: a listener for @types/imap could
// take any arguments, and may go on asking for more than the event is known to give.
type Listener<Arguments extends unknown[]> = { listener (...args: Arguments): void }['listener']

export = Connection
