// The types of index.mjs: its default export is the class of the CommonJS entry. The names are
// those of the namespace in index.d.ts, which `export =` does not let through an `export *`.

export { default } from '../../index.js'
export type {
  AccessToken, Address, AddressGroup, AppendOptions, Arrival, BodyPart, Box, Callback, Config,
  ConnectionEvents, DisconnectCause, Disconnected, Disposition, Envelope, EnvironmentPrefixes,
  ErrorSource, Esearch, EsearchOption, FetchedAttributes, FetchEvents, FetchOptions, Flags,
  Flowing, Folder, Identity, ImapError, ImapFetch, ImapMessage, ImapMessageAttributes,
  ImapMessageBodyInfo, KeepAlive, Limits, LinkState, LogRecord, MailBoxes, MailboxFunctions,
  MailboxGone, MailboxReset, MessageEvents, MessageFunctions, MessageSource, MessageUpdate,
  ModSequence, Multipart, Namespace, Outcome, PendingCommand, Quota, QuotaLimits, QuotaResources,
  Reconnected, Reconnecting, ReconnectOptions, Removal, Rotated, RotateOptions, Rotating,
  RotationFailed, RotationReason, SearchCriterion, SearchFlag, ServerFunctions, Socket,
  SortCriteria, Stalled, StallPhase, Stats, Structure, Suspended, Synced, TcpOptions, TextCode,
  Thread, ThreadAlgorithm, Throttled, Timeouts, TokenRequest, TokenSource
} from '../../index.js'
