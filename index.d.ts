// Every name of @types/imap 0.8.43 is kept, so that programs written for npm `imap` compile.

/// <reference types="node" />
import { EventEmitter } from 'events'
import { Readable } from 'stream'
import { ConnectionOptions, PeerCertificate } from 'tls'

/**
 * Makes a connection; the same as `new Connection(config)`, for programs that leave out `new`
 * or call `Imap.call(this, config)` in an ES5 subclass.
 */
declare function Connection (config?: Connection.Config): Connection

/** The commands; those on messages by UID. {@link Connection.seq} has them by sequence number. */
interface Connection extends
  Connection.MailboxFunctions, Connection.MessageFunctions, Connection.ServerFunctions {}

/**
 * An IMAP session, as `require('everimap')` and `import Imap from 'everimap'` give it.
 *
 * Commands are queued and may be given at any time after {@link Connection.connect}; their
 * callbacks run in the order of the calls. The first argument of a callback is `undefined` on
 * success and an {@link Connection.ImapError} otherwise; when the connection is lost, every
 * pending callback is called with an error. Wrong arguments are thrown at once and nothing is sent.
 */
declare class Connection extends Emitter<Connection.ConnectionEvents> {
  /**
   * @param config Copied; unknown options are dropped, with a process warning if they look like a
   *   known one. Nothing else happens before `connect()`.
   * @throws A TypeError or RangeError with `code` and `option`, if a timeout, `timeouts`, `tcp`,
   *   `limits`, `keepalive`, `reconnect`, `rotate`, `pipeline`, `compress`, `auth` or `log` cannot be
   *   used. What is wrong with other options is thrown by `connect()`.
   */
  constructor (config?: Connection.Config)
  /**
   * Parses the header of a message (RFC 5322 section 2.2) and decodes encoded words (RFC 2047).
   * @param rawHeader Lines that end in CRLF, up to the first empty one.
   * @param disableAutoDecode Leave encoded words as they are. Default `false`.
   * @returns The values of each field in their order, by the field's name in lower case.
   */
  static parseHeader (rawHeader: string, disableAutoDecode?: boolean): { [index: string]: string[] }
  /**
   * Makes a configuration of environment variables, which are strings: numbers and booleans are
   * what they should be. Behind the prefix `client`: `USER`, `PASSWORD`, `HOST`, `PORT`, `TLS`,
   * `CONNTIMEOUT`, `AUTHTIMEOUT`, `SOCKETTIMEOUT`. Behind the prefix `keepalive`: `INTERVAL`,
   * `IDLEINTERVAL`, `FORCENOOP`. Times are in milliseconds, switches `true` or `false`. A variable
   * that is empty is not set.
   * @param env Default `process.env`.
   * @throws One TypeError for all variables that cannot be used; each is one of its `errors`.
   */
  static configFromEnv (
    env?: { readonly [name: string]: string | undefined }, prefixes?: Connection.EnvironmentPrefixes
  ): Connection.Config
  /**
   * `'authenticated'` from just before `ready` until the connection is lost (node-imap). With
   * `reconnect` it stays so while the session comes back.
   */
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
   * With `reconnect`: moves to a fresh connection while the old one still serves. Nothing is lost and
   * nothing closes; the program is told by `rotating`, `rotated` and `rotationFailed`.
   * @returns Whether the session runs on another connection now. While it is not connected, that is
   *   the next one.
   * @throws A rejection with `code`: `ERR_INVALID_STATE` without `reconnect`, `ENOTCONN` before `connect()`.
   */
  rotate (): Promise<boolean>
  /** Figures since the last `connect()`. */
  stats (): Connection.Stats
  /**
   * @internal Sends a command that has no method.
   * @param command One line without tag and line break; not IDLE, STARTTLS, COMPRESS, AUTHENTICATE.
   * @param callback Called with what the server sent in answer.
   */
  _enqueue<E = undefined> (command: string, callback?: Connection.Callback<E, any[]>): void
  /** @internal The same; `promote` changes nothing: each command has its turn (node-imap). */
  _enqueue<E = undefined> (
    command: string, promote: boolean, callback?: Connection.Callback<E, any[]>
  ): void
}

declare namespace Connection {
  /**
   * The options of a connection.
   *
   * The timeouts, `timeouts`, `tcp`, `limits`, `keepalive`, `reconnect`, `rotate`, `pipeline` and
   * `compress` are looked at when the connection is made. A string that is exactly a decimal integer,
   * `true` or `false` is taken for that, with a process warning that says what to write; what is no
   * number, no switch or no key of theirs is thrown as a TypeError or RangeError. {@link Connection.configFromEnv} reads environment variables.
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
     * `cert`, `key` (without a passphrase), `minVersion` and `maxVersion` (`'TLSv1.2'`, the default
     * lowest one, or `'TLSv1.3'`). What would change how secure the connection is and cannot be
     * honoured, `connect()` throws; the rest changes nothing.
     */
    tlsOptions?: Omit<
      ConnectionOptions,
      'pfx' | 'checkServerIdentity' | 'secureContext' | 'ciphers' | 'secureProtocol' | 'crl' |
      'secureOptions' | 'ALPNProtocols' | 'sigalgs' | 'ecdhCurve' | 'pskCallback' | 'privateKeyEngine' |
      'privateKeyIdentifier' | 'clientCertEngine'
    > | undefined
    /**
     * When to use STARTTLS (RFC 3501 section 6.2.1): `'always'`, and fail where it is not offered;
     * `'required'`, where there is no login without it; `'never'`, the default and any other text.
     */
    autotls?: 'always' | 'required' | 'never' | (string & {}) | undefined
    /** Milliseconds until TCP and implicit TLS must be up. 0 is the default: 10000. */
    connTimeout?: number | undefined
    /** Milliseconds from there until `ready`. 0 is the default: 5000. */
    authTimeout?: number | undefined
    /** Milliseconds without a byte in either direction until `error`. Default 0: no limit. */
    socketTimeout?: number | undefined
    /** How long the server is waited for, before the connection is taken for dead. */
    timeouts?: Timeouts | undefined
    /** When the system takes the connection for dead. */
    tcp?: TcpOptions | undefined
    /** Keep the connection alive and watch it while nothing is asked. Default `true`. */
    keepalive?: boolean | KeepAlive | undefined
    /**
     * Come back by itself after a lost connection, open the mailbox again and tell what changed
     * meanwhile. Then `error`, `end` and `close` come once, when the session is over for good.
     * Default `false`.
     */
    reconnect?: boolean | ReconnectOptions | undefined
    /**
     * With `reconnect`: move to a fresh connection before the server ends the old one, because of
     * its age or that of the access token. Default `true`.
     */
    rotate?: boolean | RotateOptions | undefined
    /**
     * Send commands before earlier ones are answered, where their answers cannot be mistaken for each
     * other's and none changes what another looks at; callbacks come in the order of the calls all the
     * same. IDLE begins when nothing was asked for a moment. Default `true`; `false` is node-imap's way:
     * one command at a time, and IDLE at once. A server that does not understand several commands gets
     * them one by one.
     */
    pipeline?: boolean | undefined
    /**
     * Compress what goes over TLS, where the server has COMPRESS=DEFLATE (RFC 4978). Default `false`:
     * it saves bytes and costs processor time.
     */
    compress?: boolean | undefined
    /** Where a fresh access token for each login comes from; goes before `xoauth2` and `password`. */
    auth?: TokenSource | undefined
    /**
     * Called with a record of what happens to the session and of each command that was answered; no
     * secret is in it. Default: not at all. The same records are published by Node's
     * `diagnostics_channel`, as `{ connection, record }`: `everimap:lifecycle`,
     * `everimap:command:start`, `everimap:command:end`.
     */
    log?: ((record: LogRecord) => void) | undefined
    /** How much the server may say at once, in bytes and values. */
    limits?: Limits | undefined
    // `Function` is what @types/imap says; without it a value of that type would not fit.
    /** Called with each line of the protocol, secrets masked. Default: not at all. */
    debug?: ((line: string) => void) | Function | undefined
  }

  /** A source of access tokens; the option `auth`. */
  export interface TokenSource {
    /**
     * Called before each connection, one call at a time; has 30 seconds. Gives the token as the
     * provider issued it: it is wrapped for XOAUTH2, or for OAUTHBEARER (RFC 7628) where the server
     * offers only that. A throw or a rejection is an error with the code `ETOKEN`, and the session tries
     * again; what is no token, or is over, is `ETOKENINVALID` and treated like a token that was refused.
     */
    getToken (why: TokenRequest): string | AccessToken | Promise<string | AccessToken>
  }

  /** An access token, as the provider issued it. */
  export interface AccessToken {
    /** The token. */
    token: string
    /**
     * When it expires: a `Date`, its text in ISO 8601, or milliseconds (not seconds) since 1970. Where it is
     * known, the session moves to a connection with a fresh token in time (`rotate.marginMs`), unless that is
     * not good for a minute longer (`rotationFailed`).
     */
    expiresAt?: Date | number | string | null | undefined
  }

  /** What a token is wanted for. */
  export interface TokenRequest {
    /** The option `user`. */
    user: string | undefined
    /** The option `host`. */
    host: string
    /**
     * `'connect'` the first time, `'reconnect'` after a lost connection, `'expired'` when the server
     * ended the session for its age, `'rejected'` when the last token was refused, `'rotate'` for the
     * connection that takes the place of one that is still up.
     */
    cause: 'connect' | 'reconnect' | 'expired' | 'rejected' | 'rotate'
    /** Attempts since the last connection that was a good one. */
    attempt: number
  }

  /** How a connection is kept alive; the option `keepalive` (node-imap). */
  export interface KeepAlive {
    /** Milliseconds between NOOPs, and between looks at `idleInterval`. 0 is the default: 10000. */
    interval?: number | undefined
    /** Milliseconds until IDLE is renewed (RFC 2177). 0 is the default: 300000, five minutes. */
    idleInterval?: number | undefined
    /** Send NOOP also where the server has IDLE. Default `false`. */
    forceNoop?: boolean | undefined
    /**
     * Milliseconds after which the server is asked for news although it idles: some take IDLE and
     * never speak. NOOP, and with `reconnect` a look at what is above the last UID. 0 is the default:
     * 900000, a quarter of an hour, with `reconnect`; not at all without it.
     */
    resyncInterval?: number | undefined
  }

  /**
   * How long the server is waited for, in milliseconds; the option `timeouts`. After that the
   * connection is reset: `error` with the code `EDEADLINE`, then `end` and `close`; with `reconnect`
   * comes `disconnected` instead. What has come in time counts, however late it is looked at. 0 is
   * the default of each.
   */
  export interface Timeouts {
    /**
     * From the connection until the server's greeting; the error is that of `authTimeout`. Default:
     * no time of its own, as `authTimeout` bounds the whole login.
     */
    greeting?: number | undefined
    /** From a command, until a byte goes in either direction, and from that on. Default 300000. */
    command?: number | undefined
    /** From IDLE until the server's `+`. Default 10000. */
    continuation?: number | undefined
    /** From DONE until the answer to IDLE. Default 15000. */
    done?: number | undefined
    /** From NOOP until its answer. Default 20000. */
    noop?: number | undefined
    /** From `end()`, or LOGOUT, until its answer; then we close, which is no error. Default 5000. */
    logout?: number | undefined
    /** From BYE, or the answer to LOGOUT, until the server closes; then we do. Default 2000. */
    afterBye?: number | undefined
  }

  /**
   * When the system takes a connection for dead, over TLS, too; the option `tcp`. Systems count in
   * whole seconds: parts of one are rounded up.
   */
  export interface TcpOptions {
    /** Milliseconds of silence before the first keepalive probe. Default 45000. */
    keepIdle?: number | undefined
    /** Milliseconds between two probes. Default 15000. */
    keepInterval?: number | undefined
    /** Probes without an answer after which the connection is dead. Default 3. From 1 to 127. */
    keepCount?: number | undefined
    /**
     * Milliseconds that sent data may stay unacknowledged, on Linux (TCP_USER_TIMEOUT). Default: as
     * long as the probes take, 90000.
     */
    userTimeout?: number | undefined
  }

  /** What the names of environment variables begin with. */
  export interface EnvironmentPrefixes {
    /** Those of the connection. Default `'IMAP_CLIENT_'`. */
    client?: string | undefined
    /** Those of `keepalive`. Default `'IMAP_KEEPALIVE_'`. */
    keepalive?: string | undefined
  }

  /** How a session comes back after a lost connection; the option `reconnect`. */
  export interface ReconnectOptions {
    /**
     * Milliseconds: the first wait is a random part of them, the next one of twice as many, and so
     * on up to `capMs`. Default 1000.
     */
    baseMs?: number | undefined
    /** Milliseconds of the longest wait, unless the server wants more of it. Default 60000. */
    capMs?: number | undefined
    /** Attempts in a row without success after which the session ends. Default 0: no limit. */
    maxAttempts?: number | undefined
    /** Milliseconds after which a connection was a good one: waits begin anew. Default 300000. */
    stableMs?: number | undefined
    /**
     * Logins per minute of this account, over all of its sessions in this process; three may come
     * at once. Default 1.
     */
    loginsPerMinute?: number | undefined
    /** Send commands again that can be repeated safely and were not answered. Default `true`. */
    retryCommands?: boolean | undefined
    /**
     * What to do about a command that was sent and not answered, and would do harm if it were sent
     * again. `'error'`: tell the callback at once, with `EOUTCOMEUNKNOWN`. `'probe'`: find out first
     * (see {@link ImapError.probe}), and call back as if the answer had come where that is proven.
     * For that APPEND, COPY, MOVE, EXPUNGE and CLOSE are preceded by a STATUS, FETCH or SEARCH that
     * tells what was there before. Default `'error'`.
     */
    onUnknown?: 'error' | 'probe' | undefined
  }

  /** When a session moves to a fresh connection; the option `rotate`. */
  export interface RotateOptions {
    /**
     * Milliseconds that a connection serves at the most; up to a tenth less, so that the sessions of
     * a process do not move all at once. 0 is the default: what is known of the host
     * (3480000, 58 minutes, for imap.aol.com), else 82800000, 23 hours. A server that is seen to end
     * connections at a certain age is left before that.
     */
    maxSessionAge?: number | undefined
    /**
     * Milliseconds before the access token expires at which its connection is left, at the most a
     * quarter of the token's life. 0 is the default: 600000, ten minutes.
     */
    marginMs?: number | undefined
    /**
     * Make the new connection while the old one serves. Default `true`. A server that refuses the
     * second connection for its number is left and entered again.
     */
    overlap?: boolean | undefined
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
    /** Logged in; comes again after every `connect()`. With `reconnect`, later `reconnected`. */
    ready: []
    /** The server has something to say to the user (ALERT, RFC 3501 section 7.1). */
    alert: [text: string | undefined]
    /** So many messages are new in the open mailbox; while opening it, all are (node-imap). */
    mail: [count: number, arrival?: Arrival]
    /** This message is gone, and the numbers above it moved down (RFC 3501 section 7.4.1). */
    expunge: [seqno: number, removal?: Removal]
    /** The open mailbox has this new UIDVALIDITY: UIDs from before are void. */
    uidvalidity: [uidvalidity: number]
    /**
     * The server told of a message without being asked, usually its flags. With `reconnect` also
     * what changed while the session was away: `uid` and `flags`.
     */
    update: [seqno: number, info: MessageUpdate]
    /**
     * The connection or the login failed; without a listener Node throws it. `close` follows. With
     * `reconnect` only when the session ends by it.
     */
    error: [error: ImapError]
    /** The connection ended in order, at most once and before `close`. */
    end: []
    /** The connection is closed, once on every path; `true` after an error of the socket. */
    close: [hadError: boolean]
    /** With `reconnect`: the connection is lost. */
    disconnected: [info: Disconnected]
    /** With `reconnect`: the next attempt is planned. */
    reconnecting: [info: Reconnecting]
    /** With `reconnect`: the session is back, its mailbox open, and what changed has been told. */
    reconnected: [info: Reconnected]
    /**
     * With `reconnect`: all changes of the open mailbox up to here have been told. Comes when its
     * messages are known for the first time, and each time that the session is back.
     */
    synced: [info: Synced]
    /** With `reconnect`: a connection is being made to take the place of the one that is up. */
    rotating: [info: Rotating]
    /** With `reconnect`: it has; what happened in between has been told. */
    rotated: [info: Rotated]
    /** With `reconnect`: it could not be made; the one that is up stays, and it is tried again. */
    rotationFailed: [info: RotationFailed]
    /**
     * With `reconnect`: the connection is up, and for a minute (or half of `timeouts.command`, if
     * that is less) nothing has got through. `flowing` or `disconnected` follows. A mailbox where
     * nothing happens is no stall.
     */
    stalled: [info: Stalled]
    /** With `reconnect`: after `stalled` something got through again. */
    flowing: [info: Flowing]
    /** With `reconnect`: the server has too much of us and is left alone for a while. */
    throttled: [info: Throttled]
    /** With `reconnect`: somebody must do something first, e.g. a new password. `error` follows. */
    suspended: [info: Suspended]
    /** With `reconnect`: UIDs of the open mailbox from before are void (RFC 3501 2.3.1.1). */
    mailboxReset: [info: MailboxReset]
    /** With `reconnect`: the open mailbox cannot be opened again; it is tried from time to time. */
    mailboxGone: [info: MailboxGone]
  }

  /** What `mail` tells with `reconnect`. */
  export interface Arrival {
    /** The UIDs of the new messages, ascending. */
    uids: number[]
    /** What the UIDs hold for; null if the server told none. */
    uidvalidity: number | null
    /** `'resume'` if they came while the session was away. */
    cause: 'live' | 'resume'
  }

  /** What `expunge` tells with `reconnect`. */
  export interface Removal {
    /** The message's UID, if it was known. */
    uid: number | undefined
    /** `'resume'` if it went while the session was away. */
    cause: 'live' | 'resume'
  }

  /**
   * Why a connection was lost, by what that asks for: another attempt soon (`transient`), a longer
   * wait (`limit`), the wait that the server named (`throttled`), a new connection at once because
   * the server's time for one is over (`expired`), other credentials (`rejected`), or somebody who
   * changes something (`permanent`). A certificate that is refused where it was good before is
   * `permanent` and is looked at again every hour.
   */
  export type DisconnectCause =
    'transient' | 'limit' | 'throttled' | 'expired' | 'rejected' | 'permanent'

  /** What `disconnected` tells. */
  export interface Disconnected {
    /** Why. */
    cause: DisconnectCause
    /** The error's code, or that of the server's BYE; null if there is none. */
    code: string | null
    /** What the server or the system said. */
    text: string
    /** Whether the session tries to come back. */
    willRetry: boolean
    /** Milliseconds that the connection was ready; 0 if it never was. */
    sessionMs: number
  }

  /** What `reconnecting` tells. */
  export interface Reconnecting {
    /** Attempts since the last connection that was a good one, with this one. */
    attempt: number
    /** Milliseconds until then; more, while the host of many sessions is spared. */
    delayMs: number
    /** Why the connection was lost. */
    cause: DisconnectCause
  }

  /** What `reconnected` tells. */
  export interface Reconnected {
    /** Milliseconds that the session was away. */
    gapMs: number
    /** Attempts that it took. */
    attempts: number
    /** Messages that came meanwhile; `mail` told them. */
    new: number
    /** Messages that went meanwhile; `expunge` told them. */
    expunged: number
    /** Messages that came and went meanwhile, at the most; nothing else is known of them. */
    gap: number
    /** The open mailbox; null if there is none. */
    mailbox: string | null
    /**
     * How the changes were found: the server told all of them (QRESYNC, RFC 7162), all but those
     * that went (CONDSTORE), or it was asked for every UID. Null if no mailbox is open.
     */
    resumedBy: 'qresync' | 'condstore' | 'uids' | null
  }

  /** What `synced` tells: a point up to which nothing is missing. */
  export interface Synced {
    /** The open mailbox. */
    mailbox: string
    /** What the UIDs hold for; null if the server told none. */
    uidvalidity: number | null
    /** The largest UID that `mail` told, or that was there at the beginning; 0 if there is none. */
    lastUid: number
    /** New messages get this UID or a larger one; null if the server did not tell. */
    uidnext: number | null
    /** How many messages there are. */
    messages: number
    /** The modification sequence of all this, in decimal (RFC 7162); null without CONDSTORE. */
    highestmodseq: string | null
  }

  /**
   * Why a session moves to another connection: the connection's age (`age`), that of the access token
   * (`token`), an age at which the server was seen to end connections (`learned`), or `rotate()` (`asked`).
   */
  export type RotationReason = 'age' | 'token' | 'learned' | 'asked'

  /** What `rotating` tells. */
  export interface Rotating {
    /** Why. */
    reason: RotationReason
  }

  /** What `rotated` tells. */
  export interface Rotated {
    /** Why. */
    reason: RotationReason
    /** Milliseconds that there were two connections; 0 if the first had to end before the second. */
    overlapMs: number
    /** Milliseconds between the last command on the first and the first on the second. */
    pauseMs: number
  }

  /** What `rotationFailed` tells. */
  export interface RotationFailed {
    /** Why the session was to move. */
    reason: RotationReason
    /** Why it could not. */
    cause: DisconnectCause
    /** The error's code, or that of the server's BYE; null if there is none. */
    code: string | null
    /** What the server or the system said. */
    text: string
    /** Milliseconds until the next attempt, unless the program asks before. */
    retryMs: number
  }

  /** How far the connection of a session is; `closed` when there will be none. */
  export type LinkState = 'waiting' | 'connecting' | 'login' | 'resuming' | 'ready' | 'closed'

  /** What `stats()` gives. */
  export interface Stats {
    /** The session's state, which stays `'authenticated'` while it comes back. */
    state: Connection['state']
    /** The connection's own state. */
    link: LinkState
    /** Connections that were made, the present one included. */
    generation: number
    /** Since when the connection is ready; null if it is not. */
    readyAt: Date | null
    /** Milliseconds since then; 0 if it is not. */
    ageMs: number
    /** Bytes from the server over all connections, inside of TLS. */
    bytesIn: number
    /** Bytes to the server. */
    bytesOut: number
    /** Lost connections that another one took the place of. */
    reconnects: number
    /** Connections that another one took the place of before they were lost. */
    rotations: number
    /**
     * Commands of the program, of which `end()` is none: all, those answered with OK, those that failed,
     * those without an answer yet.
     */
    commands: { sent: number, done: number, failed: number, pending: number }
    /** Why the last connection was lost; null if none was. */
    lastError: { code: string | null, text: string, at: Date } | null
  }

  /** What `log` is called with; more facts are those of the event of that name. */
  export interface LogRecord {
    /** Milliseconds since 1970. */
    time: number
    /** How much it matters. */
    level: 'debug' | 'info' | 'warn' | 'error'
    /** An event of the connection, `connected`, or `command:start` (not for `log`) and `command:end`. */
    event: string
    /** Twelve hexadecimal digits for user, host and port. */
    account: string
    /** The option `host`. */
    host: string
    /** The option `port`. */
    port: number
    /** The session's state. */
    state: string
    /** The connection's own state. */
    link: LinkState
    /** Connections that were made, the present one included. */
    generation: number
    /** Bytes from the server over all connections. */
    bytesIn: number
    /** Bytes to the server. */
    bytesOut: number
    /** The kind of the command: `'search'`, `'fetch'`, `'select'`. */
    command?: string
    /** Milliseconds from the call until its answer. */
    ms?: number
    /** Why a connection was lost. */
    cause?: DisconnectCause
    /** The error's code. */
    code?: string | null
    /** What was said. */
    text?: string
    /** Attempts since the last connection that was a good one. */
    attempt?: number
    [fact: string]: unknown
  }

  /**
   * What holds everything up: a command about which the server is silent (`command`), a body on its
   * way whose reader takes nothing (`body`), or the program, which was too busy to take its events
   * (`program`; it hears of that afterwards).
   */
  export type StallPhase = 'command' | 'body' | 'program'

  /** What `stalled` tells. */
  export interface Stalled {
    /** Milliseconds that nothing has got through. */
    sinceMs: number
    /** Why. */
    phase: StallPhase
  }

  /** What `flowing` tells. */
  export interface Flowing {
    /** Milliseconds that nothing got through. */
    stalledMs: number
    /** Why. */
    phase: StallPhase
  }

  /** What `throttled` tells. */
  export interface Throttled {
    /** Milliseconds that the server is left alone. */
    waitMs: number
    /** What it said. */
    text: string
  }

  /** What `suspended` tells. */
  export interface Suspended {
    /** Why. */
    cause: 'rejected' | 'permanent'
    /** What the server or the system said. */
    text: string
  }

  /** What `mailboxReset` tells. */
  export interface MailboxReset {
    /**
     * Why: the mailbox has another UIDVALIDITY; or its UIDs do not outlive a connection, because the
     * server says so (UIDNOTSTICKY, RFC 4315) or has no UIDVALIDITY at all. That is told once.
     */
    cause: 'uidvalidity' | 'uidnotsticky'
    /** The mailbox's name. */
    mailbox: string
    /** The UIDVALIDITY before; null if the server told none. */
    old: number | null
    /** The UIDVALIDITY now; null if the server tells none. */
    new: number | null
  }

  /** What `mailboxGone` tells. */
  export interface MailboxGone {
    /** The mailbox's name. */
    mailbox: string
    /** What the server said. */
    text: string
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
     * `ELOGINDISABLED`, `ELOGINLIMIT`, `ENOSTARTTLS`, `ESTARTTLSINJECTION`, `EGREETING`, `ENOTIMAP`,
     * `ECOMPRESSION`, `ELIMIT`, `ENO`, `EBAD`, `ETOKEN`, `ETOKENINVALID`, `ECONNLOST`,
     * `EOUTCOMEUNKNOWN`, `ESEQSTALE`, `EBODYCHANGED`, `ENOTCONN`, `EMAILBOXGONE`, `EINTERNAL`. What a
     * method throws has `ERR_INVALID_ARG_TYPE`, `EARGUMENT` (it cannot be sent), `ESTATE` (no mailbox
     * is open, not logged in) or `EUNSUPPORTED` (the server cannot do it).
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
    /** The certificate that has another name, as `getPeerCertificate()` gives it. */
    cert?: PeerCertificate | undefined
    /** OpenSSL's name of the part that failed. */
    library?: string | undefined
    /** With `reconnect`, of a command whose connection was lost: its name, e.g. `'APPEND'`. */
    verb?: string | undefined
    /**
     * How far it got: nothing of it was sent (`'queued'`), not all of it (`'partial'`; the server
     * cannot have carried it out), or all of it (`'sent'`).
     */
    wire?: 'queued' | 'partial' | 'sent' | undefined
    /** Of `EOUTCOMEUNKNOWN`: the mailbox in which the command was to have its effect. */
    mailbox?: string | undefined
    /**
     * Of `EOUTCOMEUNKNOWN`: finds out whether the server carried the command out, as soon as the
     * session is back. It looks through a connection of its own, changes nothing, sends nothing
     * again, and never rejects: what cannot be proven is `'unknown'`. More can be with
     * `onUnknown: 'probe'`; without it an equal message from before counts as the one appended.
     */
    probe?: (() => Promise<Outcome>) | undefined
    /** With `onUnknown: 'probe'`: what was found out. Of `'not-applied'` the code is `ECONNLOST`. */
    outcome?: Exclude<Outcome, 'applied'> | undefined
    /** With the outcome `'partial'` of a move: the UIDs of the messages that were moved. */
    moved?: number[] | undefined
    /** With the outcome `'partial'`: the UIDs of the messages that are as they were. */
    left?: number[] | undefined
  }

  /** Whether a server carried a command out: wholly, not at all, or for some of its messages. */
  export type Outcome = 'applied' | 'not-applied' | 'partial' | 'unknown'

  /**
   * A function for the outcome of a command: `undefined` and results, or an error. `E` makes room
   * for what programs write themselves, as in `(error: Error | null) => void`.
   */
  export type Callback<E, Results extends unknown[] = []> =
    (error: ImapError | E, ...results: Results) => void

  /** Messages by UID or sequence number: `5`, `'2504:2507'`, `'*'`, `[1, 2, '10:*']`. */
  export type MessageSource = number | string | ReadonlyArray<number | string>

  /** A modification sequence (RFC 7162): above 2^53 a string, because no number holds it. */
  export type ModSequence = number | string

  /** One flag, keyword or label, or several. */
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

  /**
   * What to fetch beside UID, flags and date. The parameters are the types of `envelope`, `struct`
   * and `size`, from which `fetch` knows what is there; nobody needs to write them.
   */
  export interface FetchOptions<
    E extends boolean = boolean, S extends boolean = boolean, Z extends boolean = boolean
  > {
    /** Set `\Seen` on the messages whose bodies are fetched. Default `false`. */
    markSeen?: boolean | undefined
    /** Fetch the structure (BODYSTRUCTURE). Default `false`. */
    struct?: S | undefined
    /** Fetch the envelope (ENVELOPE). Default `false`. */
    envelope?: E | undefined
    /** Fetch the size (RFC822.SIZE). Default `false`. */
    size?: Z | undefined
    /** `{ changedsince: modseq }` limits to what changed since then (RFC 7162 section 3.1.4.1). */
    modifiers?: object | undefined
    /** More items by their names on the wire, e.g. `['X-REAL-UID']`. Default none. */
    extensions?: readonly string[] | undefined
    // More is understood (`true`, read-only arrays), but with a wider type neither overrides of `fetch`
    // nor values that go on to a program typed with @types/imap would compile.
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
  export interface ImapFetch<A extends ImapMessageAttributes = ImapMessageAttributes>
    extends Emitter<FetchEvents<A>> {}

  /** The events of a fetch and their arguments. */
  export interface FetchEvents<A extends ImapMessageAttributes = ImapMessageAttributes> {
    /** A message begins; its own events follow. */
    message: [message: ImapMessage<A>, seqno: number]
    /** The server refused, or the connection is lost; `end` follows. */
    error: [error: ImapError]
    /** Every message has ended. */
    end: []
  }

  /** A message of a `fetch`. */
  export interface ImapMessage<A extends ImapMessageAttributes = ImapMessageAttributes>
    extends Emitter<MessageEvents<A>> {}

  /** The events of a message and their arguments. */
  export interface MessageEvents<A extends ImapMessageAttributes = ImapMessageAttributes> {
    /** A section begins. Who listens to the stream at once sees its end before the message's. */
    body: [stream: Readable, info: ImapMessageBodyInfo]
    /** Everything that is not a body, after all `body` events. */
    attributes: [attributes: A]
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
    /**
     * With `struct`: `[part]`, or `[multipart, child, ...]` whose children are such arrays. Its
     * type is that of @types/imap; {@link Structure} says what is in it.
     */
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

  /** The attributes that come with options of these types: what was asked for is there. */
  export type FetchedAttributes<E extends boolean, S extends boolean, Z extends boolean> =
    ImapMessageAttributes &
    ([E] extends [true] ? { envelope: Envelope } : unknown) &
    ([S] extends [true] ? { struct: any[] } : unknown) &
    ([Z] extends [true] ? { size: number } : unknown)

  /**
   * The structure of a message or part (BODYSTRUCTURE, RFC 3501 section 7.4.2): `[part]`, or
   * `[multipart, child, ...]` whose children are such arrays. A `struct` of `attributes` can be
   * assigned to it; `Array.isArray` and `'partID' in` tell its members apart.
   */
  export type Structure = Array<BodyPart | Multipart | Structure>

  /** A part that is no multipart. What the server left out at the end is not there. */
  export interface BodyPart {
    /** Its number, for `bodies`: `'1'`, `'2.1'`. */
    partID: string
    /** The type in lower case, e.g. `'text'`. */
    type: string
    /** The subtype in lower case, e.g. `'plain'`. */
    subtype: string
    /** The parameters of the type by their names in lower case, e.g. `charset`; not decoded. */
    params: { [name: string]: string } | null
    /** The Content-ID field. */
    id: string | null
    /** The Content-Description field. */
    description: string | null
    /** The Content-Transfer-Encoding field, e.g. `'BASE64'`. */
    encoding: string | null
    /** The encoded size in octets. */
    size: number
    /** Of message/rfc822: the envelope of the message inside. */
    envelope?: Envelope | undefined
    /** Of message/rfc822: the structure of the message inside. */
    body?: Structure | undefined
    /** Of text and message/rfc822: the encoded size in lines. */
    lines?: number | undefined
    /** The Content-MD5 field. */
    md5?: string | null | undefined
    /** The Content-Disposition field. */
    disposition?: Disposition | null | undefined
    /** The Content-Language field. */
    language?: string[] | null | undefined
    /** The Content-Location field. */
    location?: string | null | undefined
    /** What the server adds. */
    extensions?: any
  }

  /** What a multipart says of itself. What the server left out at the end is not there. */
  export interface Multipart {
    /** The subtype in lower case, e.g. `'alternative'` (node-imap). */
    type: string
    /** The parameters of the type by their names in lower case, e.g. `boundary`. */
    params?: { [name: string]: string } | null | undefined
    /** The Content-Disposition field. */
    disposition?: Disposition | null | undefined
    /** The Content-Language field. */
    language?: string[] | null | undefined
    /** The Content-Location field. */
    location?: string | null | undefined
    /** What the server adds. */
    extensions?: any
  }

  /** The Content-Disposition field (RFC 2183). */
  export interface Disposition {
    /** As the server wrote it, e.g. `'ATTACHMENT'`. */
    type: string
    /** The parameters by their names in lower case, e.g. `filename`; not decoded. */
    params: { [name: string]: string } | null
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
    /**
     * Lists the mailboxes as a tree with `special_use_attrib`: by XLIST (node-imap), or by LIST
     * where the server has only SPECIAL-USE (RFC 6154).
     */
    getSpecialUseBoxes<E = undefined> (callback: Callback<E, [mailboxes: MailBoxes]>): void
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

  /** The commands about the server and the account. */
  export interface ServerFunctions {
    /**
     * Tells the server what the program is, and asks what the server is (ID, RFC 2971). The
     * callback gets null if the server does not say.
     * @param identification At most 30 fields; names of at most 30 octets, values of at most 1024.
     *   `null` or `{}` says nothing.
     * @throws `Server does not support ID` and the like.
     */
    id<E = undefined> (
      identification: { readonly [field: string]: string } | null,
      callback?: Callback<E, [identity?: Identity | null]>
    ): void
    /** Tells the use and the limits of a quota root (GETQUOTA, RFC 9208 section 4.1). */
    getQuota<E = undefined> (quotaRoot: string, callback?: Callback<E, [quota: Quota]>): void
    /**
     * Tells the resources of each quota root that counts for a mailbox, by the root's name
     * (GETQUOTAROOT, RFC 9208 section 4.1.2).
     */
    getQuotaRoot<E = undefined> (
      mailboxName: string, callback?: Callback<E, [roots: { [quotaRoot: string]: QuotaResources }]>
    ): void
    /** Takes all limits from a quota root (SETQUOTA, RFC 9208 section 4.1.3). */
    setQuota<E = undefined> (
      quotaRoot: string, callback: Callback<E, [quota: Quota | QuotaLimits]>
    ): void
    /**
     * Sets the limits of a quota root; a resource that is left out has none any more. The callback
     * gets what the server tells, or else the limits (node-imap).
     */
    setQuota<E = undefined> (
      quotaRoot: string, limits: QuotaLimits | undefined,
      callback?: Callback<E, [quota: Quota | QuotaLimits]>
    ): void
  }

  /** What a server says of itself, by names in lower case: `name`, `version`, `vendor`, ... */
  export interface Identity {
    [field: string]: string | number | null
  }

  /** A quota root: what is counted together. */
  export interface Quota {
    /** Its name; often `''`. */
    root: string
    /** What is counted. */
    resources: QuotaResources
  }

  /**
   * Use and limit by the resource's name in lower case: `storage` in units of 1024 octets,
   * `message` in messages (RFC 9208 section 5).
   */
  export interface QuotaResources {
    [resource: string]: {
      /** How much is used. */
      usage: number
      /** How much may be. */
      limit: number
    }
  }

  /** Limits by resource: `{ storage: 512 }`, in units of 1024 octets (RFC 9208 section 5). */
  export interface QuotaLimits {
    readonly [resource: string]: number
  }

  /** How to find conversations: of the server's `THREAD=` capabilities (RFC 5256), in any case. */
  export type ThreadAlgorithm = 'ORDEREDSUBJECT' | 'REFERENCES' | 'REFS' | (string & {})

  /** A conversation: messages, each the answer to the one before; arrays are its branches. */
  export type Thread = Array<number | Thread>

  /** What `esearch` can tell, in any case; or another item that the server knows. */
  export type EsearchOption = 'MIN' | 'MAX' | 'ALL' | 'COUNT' | (string & {})

  /** What `esearch` found; what was not asked for, or is not there, is missing. */
  export interface Esearch {
    /** The lowest number. */
    min?: number | undefined
    /** The highest number. */
    max?: number | undefined
    /** All of them, as numbers and ranges: `['2', '10:11']`. */
    all?: string[] | undefined
    /** How many there are. */
    count?: number | undefined
    /** The highest modification sequence among them, if MODSEQ was asked for (RFC 7162). */
    modseq?: number | string | undefined
    /** What the server adds, by names in lower case. */
    [item: string]: any
  }

  /**
   * The commands on messages of the open mailbox. On the connection they take and give UIDs, on
   * `seq` sequence numbers. For a UID or number that is none they throw an error that names it;
   * all but `fetch`, `thread` and `serverSupports` throw `No mailbox is currently selected`.
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
     * Finds messages by conversation (THREAD, RFC 5256).
     * @throws `Server does not support that threading algorithm`
     */
    thread<E = undefined> (
      algorithm: ThreadAlgorithm, criteria: readonly SearchCriterion[],
      callback: Callback<E, [threads: Thread[]]>
    ): void
    /** Finds out about messages that meet all criteria (SEARCH RETURN, RFC 4731): all of them. */
    esearch<E = undefined> (
      criteria: readonly SearchCriterion[], callback: Callback<E, [found: Esearch]>
    ): void
    /** @param options What to find out. Default: all of them. */
    esearch<E = undefined> (
      criteria: readonly SearchCriterion[],
      options: EsearchOption | readonly EsearchOption[] | undefined,
      callback: Callback<E, [found: Esearch]>
    ): void
    /**
     * Fetches messages (FETCH, RFC 3501 section 6.4.5). The attributes that the options ask for are
     * known to be there: with `envelope: true`, `attributes.envelope` is.
     * @throws `Nothing to fetch` for an empty array.
     */
    fetch<E extends boolean = false, S extends boolean = false, Z extends boolean = false> (
      source: MessageSource, options?: FetchOptions<E, S, Z>
    ): ImapFetch<FetchedAttributes<E, S, Z>>
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
    /**
     * As `addFlags`, except on messages that changed since `modseq` (UNCHANGEDSINCE, RFC 7162
     * section 3.1.3). The callback gets the messages that were left alone, if there are any, as a
     * set of UIDs or sequence numbers: `'7,9:11'`.
     * @throws If the server has no CONDSTORE.
     */
    addFlagsSince<E = undefined> (
      source: MessageSource, flags: Flags, modseq: ModSequence,
      callback?: Callback<E, [modified?: string]>
    ): void
    /** As `delFlags`, except on what changed since `modseq`; see `addFlagsSince`. */
    delFlagsSince<E = undefined> (
      source: MessageSource, flags: Flags, modseq: ModSequence,
      callback?: Callback<E, [modified?: string]>
    ): void
    /** As `setFlags`, except on what changed since `modseq`; see `addFlagsSince`. */
    setFlagsSince<E = undefined> (
      source: MessageSource, flags: Flags, modseq: ModSequence,
      callback?: Callback<E, [modified?: string]>
    ): void
    /** As `addKeywords`, except on what changed since `modseq`; see `addFlagsSince`. */
    addKeywordsSince<E = undefined> (
      source: MessageSource, keywords: Flags, modseq: ModSequence,
      callback?: Callback<E, [modified?: string]>
    ): void
    /** As `delKeywords`, except on what changed since `modseq`; see `addFlagsSince`. */
    delKeywordsSince<E = undefined> (
      source: MessageSource, keywords: Flags, modseq: ModSequence,
      callback?: Callback<E, [modified?: string]>
    ): void
    /** As `setKeywords`, except on what changed since `modseq`; see `addFlagsSince`. */
    setKeywordsSince<E = undefined> (
      source: MessageSource, keywords: Flags, modseq: ModSequence,
      callback?: Callback<E, [modified?: string]>
    ): void
    /**
     * Adds Gmail's labels (X-GM-LABELS).
     * @throws `Server must support X-GM-EXT-1 capability`
     */
    addLabels<E = undefined> (source: MessageSource, labels: Flags, callback?: Callback<E>): void
    /** Removes Gmail's labels. Throws as `addLabels` does. */
    delLabels<E = undefined> (source: MessageSource, labels: Flags, callback?: Callback<E>): void
    /** Replaces all of Gmail's labels. Throws as `addLabels` does. */
    setLabels<E = undefined> (source: MessageSource, labels: Flags, callback?: Callback<E>): void
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
