// The types of index.mjs: its default export is the class of the CommonJS entry. The names are
// those of the namespace in index.d.ts, which `export =` does not let through an `export *`.

export { default } from '../../index.js'
export type {
  Address, AddressGroup, AppendOptions, Box, Callback, Config, ConnectionEvents, Envelope,
  ErrorSource, FetchEvents, FetchOptions, Flags, Folder, ImapError, ImapFetch, ImapMessage,
  ImapMessageAttributes, ImapMessageBodyInfo, KeepAlive, MailBoxes, MailboxFunctions,
  MessageEvents, MessageFunctions, MessageSource, MessageUpdate, Namespace, SearchCriterion,
  SearchFlag, SortCriteria, TextCode
} from '../../index.js'
