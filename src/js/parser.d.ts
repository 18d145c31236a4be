// The types of `everimap/parser`, which is `lib/Parser` of npm imap.

/// <reference types="node" />
import { EventEmitter } from 'events'
import { Readable } from 'stream'
import Imap = require('../../index.js')

/** A value as IMAP has it: an atom or a string, a number that JavaScript holds, `NIL`, a list. */
export type Value = string | number | null | Value[]

/** What stands for each `\0` in a text, in order. Those that are used are taken out (node-imap). */
export type Literals = Array<string | Uint8Array>

/**
 * The values in a text: `FLAGS (\Seen) UID 5` is `['FLAGS', ['\\Seen'], 'UID', 5]`. Upper-case
 * `NIL` is null; digits are a number if it prints back the same.
 * @param text A text of the server's, without its tag or `*`. Anything else throws a `TypeError`.
 * @param result A list to which the values are added. Default: a new one.
 * @param start Where in the text to begin. Default: 0.
 * @param useBrackets Whether `[` and `]` are parentheses, too. Default: true.
 * @throws RangeError for lists that are nested more than 100 deep.
 */
export function parseExpr (
  text: string, literals?: Literals | null, result?: Value[] | null, start?: number, useBrackets?: boolean
): Value[]

/**
 * The structure of a message (RFC 3501 section 7.4.2), as `attributes.struct` of a fetch is.
 * @param structure The text of a BODYSTRUCTURE, with or without its outer parentheses, or the list
 *   that {@link parseExpr} makes of it. Anything else throws a `TypeError`.
 * @returns `[part]` or `[multipart, child, child, ...]`.
 */
export function parseBodyStructure (structure: string | readonly Value[], literals?: Literals | null): any[]

/**
 * The addresses of one field of an ENVELOPE (RFC 3501 section 7.4.2).
 * @param list What {@link parseExpr} makes of the field: a list of `[name, route, mailbox, host]`.
 *   Items that are no lists throw a `TypeError`.
 * @returns Null for what is no list, such as `NIL`.
 */
export function parseEnvelopeAddresses (list: unknown): Array<Imap.Address | Imap.AddressGroup> | null

/** The same function as `Imap.parseHeader`. */
export const parseHeader: typeof Imap.parseHeader

/** The answer to a command. */
export interface Tagged {
  /** The server's verdict. */
  type: 'ok' | 'no' | 'bad'
  /** The number after the `A` of the tag. */
  tagnum: number
  /** What stands in brackets. */
  textCode: Imap.TextCode | undefined
  /** The text for people; may be empty. */
  text: string
}

/** A request to go on with a command (RFC 3501 section 7.5). */
export interface Continue {
  /** What stands in brackets. */
  textCode: Imap.TextCode | undefined
  /** The text after the `+`. */
  text: string | undefined
}

/** An untagged response whose `text` is data. */
interface Data<Type extends string, Text> {
  /** The keyword in lower case. */
  type: Type
  /** Of `fetch`, `exists`, `recent` and `expunge` only. */
  num: undefined
  /** Of status responses only. */
  textCode: undefined
  /** The values. */
  text: Text
}

/** An untagged status response (RFC 3501 section 7.1). */
export interface UntaggedStatus {
  /** The status in lower case. */
  type: 'ok' | 'no' | 'bad' | 'bye' | 'preauth'
  num: undefined
  /** What stands in brackets. */
  textCode: Imap.TextCode | undefined
  /** The text for people. */
  text: string | undefined
}

/** A number of messages, or the number of one that is gone. */
export interface UntaggedCount {
  /** The keyword in lower case. */
  type: 'exists' | 'recent' | 'expunge'
  /** The number. */
  num: number
  textCode: undefined
  text: undefined
}

/** Data of a message. */
export interface UntaggedFetch {
  type: 'fetch'
  /** The sequence number. */
  num: number
  textCode: undefined
  /** Everything but bodies, under the server's own names in lower case: `rfc822.size`. */
  text: { [name: string]: any }
}

/** An untagged response. Those with other keywords are not told. */
export type Untagged =
  | UntaggedStatus
  | UntaggedCount
  | UntaggedFetch
  | Data<'flags' | 'capability', string[]>
  | Data<'search', number[] | { results: number[], modseq: string }>
  | Data<'sort', number[]>
  | Data<'thread', any[]>
  | Data<'esearch', { [name: string]: any }>
  | Data<'list' | 'lsub' | 'xlist', { flags: string[], delimiter: string | null, name: string }>
  | Data<'status', { name: string, attrs: { [item: string]: any } }>
  | Data<'id', { [name: string]: any } | null>
  | Data<'namespace', {
    personal: Imap.Namespace[] | null, other: Imap.Namespace[] | null, shared: Imap.Namespace[] | null
  }>
  | Data<'quota', { root: string, resources: { [name: string]: { usage: any, limit: any } } }>
  | Data<'quotaroot', { roots: string[], mailbox: string }>

/** The arguments of a {@link Parser}'s events. */
export interface ParserEvents {
  /** The answer to a command whose tag is `A` and a number. */
  tagged: [info: Tagged]
  /** Everything that begins with `*`. */
  untagged: [info: Untagged]
  /** Everything that begins with `+`. */
  continue: [info: Continue]
  /** Any other line. */
  other: [line: string]
  /** The body of a message begins; the `untagged` of its message follows. */
  body: [stream: Readable, info: Imap.ImapMessageBodyInfo]
  /** The server exceeds a limit (`code` is `'ELIMIT'`). Nothing follows. */
  error: [error: Imap.ImapError]
}

/** Makes a parser; the same as `new Parser(stream, debug)`. */
export function Parser (stream: NodeJS.ReadableStream, debug?: ((line: string) => void) | null): Parser

/**
 * Reads the responses of an IMAP server from a stream. For programs that own their connection;
 * everyone else wants `Imap`.
 *
 * The stream is read as it comes, but while a body that somebody reads is full, it waits. Malformed
 * data is passed over.
 */
export class Parser extends EventEmitter {
  /**
   * @param stream A Readable, such as a `net.Socket`. Anything else throws a `TypeError`.
   * @param debug Called with every line that comes in.
   */
  constructor (stream: NodeJS.ReadableStream, debug?: ((line: string) => void) | null)
  /** Called with every line that comes in, without the octets of literals. */
  debug: ((line: string) => void) | null | undefined
  /** Goes on with another stream, such as the one that TLS makes of a socket. */
  setStream (stream: NodeJS.ReadableStream): void
  /** Listens to an event. */
  on<N extends keyof ParserEvents> (event: N, listener: (...args: ParserEvents[N]) => void): this
  on (event: string | symbol, listener: (...args: any[]) => void): this
  /** As `on`, under its other name. */
  addListener<N extends keyof ParserEvents> (event: N, listener: (...args: ParserEvents[N]) => void): this
  addListener (event: string | symbol, listener: (...args: any[]) => void): this
  /** As `on`, for the next time only. */
  once<N extends keyof ParserEvents> (event: N, listener: (...args: ParserEvents[N]) => void): this
  once (event: string | symbol, listener: (...args: any[]) => void): this
}
