//! What a session tells its program: one ordered stream of events.
//!
//! Events borrow from the response they were read from and are written into a frame at once
//! (`bridge/frame.rs`), so that nothing is copied twice on the way to JavaScript. The order of the
//! variants is part of the frame: `src/js/events.js` lists them in the same order.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use tokio::sync::Notify;

use crate::error::Error;
use crate::wire::esearch::Esearch;
use crate::wire::fetch::Attributes;
use crate::wire::identity::Identity;
use crate::wire::quota::Quota;
use crate::wire::thread::Threads;
use crate::wire::value::{TextCode, Value};

/// The number by which JavaScript knows a request; 0 is nobody's.
pub type RequestId = u32;

/// The number by which JavaScript knows the body of a message.
pub type BodyId = u32;

/// One thing that happened.
#[derive(Debug, Serialize)]
pub enum Event<'a> {
    /// A line went out or came in; only with the option `debug`. Secrets are masked.
    Trace {
        /// True for a line that we sent.
        sent: bool,
        /// The line without its end; data of a literal, and the empty line of OAuth, with it.
        line: Cow<'a, str>,
    },
    /// TCP, and TLS if it is implicit, are up.
    Connected {
        /// The server's IP address.
        address: Option<String>,
    },
    /// The server's capabilities, in upper case.
    Capabilities(Vec<String>),
    /// The hierarchy delimiter, or `None` if the server has a flat list.
    Delimiter(Option<Cow<'a, str>>),
    /// The namespaces (RFC 2342), each as the server lists them.
    Namespaces {
        /// Those of the user.
        personal: Option<Vec<Namespace>>,
        /// Those of other users.
        other: Option<Vec<Namespace>>,
        /// Those that are shared.
        shared: Option<Vec<Namespace>>,
    },
    /// The login is done. Counts as a completion.
    Ready,
    /// The server wants the user to read this.
    Alert(Option<Cow<'a, str>>),
    /// The UIDVALIDITY of the open mailbox changed.
    Uidvalidity(u32),

    /// A SELECT or EXAMINE begins to be answered: the mailbox's facts begin anew.
    Selecting,
    /// The SELECT or EXAMINE was accepted.
    Selected {
        /// The name as the program gave it.
        name: Cow<'a, str>,
        /// Whether the mailbox cannot be changed.
        read_only: bool,
    },
    /// No mailbox is open any more.
    Deselected,
    /// Facts of the open mailbox.
    Mailbox(MailboxFacts),
    /// How many messages there are, and how many of them are new since the last count.
    Exists {
        /// All messages.
        total: u32,
        /// The growth; 0 if there is none.
        fresh: u32,
    },
    /// How many messages are recent.
    Recent(u32),
    /// A message is gone; the numbers above it fell by one.
    Expunge(u32),
    /// Data of a message that nobody asked for.
    Update {
        /// The sequence number.
        seqno: u32,
        /// The data under the server's own names.
        info: Attributes<'a>,
    },

    /// A mailbox in the answer to LIST, LSUB or XLIST.
    List {
        /// The request.
        request: RequestId,
        /// Attributes, verbatim.
        attribs: Vec<Cow<'a, str>>,
        /// The delimiter of this name.
        delimiter: Option<Cow<'a, str>>,
        /// The name, decoded from modified UTF-7.
        name: Cow<'a, str>,
    },
    /// The answer to SEARCH.
    Search {
        /// The request.
        request: RequestId,
        /// UIDs or sequence numbers.
        numbers: Vec<u32>,
        /// The highest MODSEQ among them (RFC 7162 section 3.1.5).
        modseq: Option<Cow<'a, str>>,
    },
    /// The answer to STATUS.
    Status {
        /// The request.
        request: RequestId,
        /// The name, decoded from modified UTF-7.
        name: Cow<'a, str>,
        /// Names and values of the items, upper case.
        items: Vec<(String, Value)>,
    },
    /// The answer to THREAD.
    Thread {
        /// The request.
        request: RequestId,
        /// UIDs or sequence numbers, by conversation.
        threads: Threads<'a>,
    },
    /// The answer to SEARCH with RETURN.
    Esearch {
        /// The request.
        request: RequestId,
        /// What was asked for, and what the server adds.
        found: Esearch<'a>,
    },
    /// The answer to ID.
    Id {
        /// The request.
        request: RequestId,
        /// What the server says of itself.
        identity: Identity<'a>,
    },
    /// A quota root in the answer to GETQUOTA, GETQUOTAROOT or SETQUOTA.
    Quota {
        /// The request.
        request: RequestId,
        /// The root, its use and limits.
        quota: Quota<'a>,
    },

    /// A message of a FETCH, complete and without bodies.
    Fetched {
        /// The request.
        request: RequestId,
        /// The sequence number.
        seqno: u32,
        /// What was asked for.
        attributes: Attributes<'a>,
    },
    /// The first sign of a message of a FETCH.
    Message {
        /// The request.
        request: RequestId,
        /// The sequence number.
        seqno: u32,
    },
    /// A message is complete.
    Attributes {
        /// The request.
        request: RequestId,
        /// The sequence number.
        seqno: u32,
        /// What was asked for.
        attributes: Attributes<'a>,
    },
    /// A body begins.
    BodyBegin {
        /// The request.
        request: RequestId,
        /// The sequence number of the message.
        seqno: u32,
        /// The body.
        body: BodyId,
        /// The section, as the server names it.
        which: Cow<'a, str>,
        /// How many bytes will come.
        size: u64,
    },
    /// The next bytes of a body.
    BodyChunk {
        /// The body.
        body: BodyId,
        /// The bytes.
        bytes: Bytes<'a>,
    },
    /// A body is complete.
    BodyEnd {
        /// The body.
        body: BodyId,
    },
    /// A body that arrived in one piece.
    Body {
        /// The request.
        request: RequestId,
        /// The sequence number of the message.
        seqno: u32,
        /// The section, as the server names it.
        which: Cow<'a, str>,
        /// The bytes.
        bytes: Bytes<'a>,
    },

    /// A command was answered with OK. Counts as a completion.
    Done {
        /// The request.
        request: RequestId,
        /// The response code of the answer, or of the untagged OK before it.
        code: Option<TextCode>,
    },
    /// A command was answered with NO or BAD, or cannot be answered any more. Counts as a
    /// completion.
    Failed {
        /// The request.
        request: RequestId,
        /// Why.
        error: Error,
    },

    /// The connection failed.
    Error(Error),
    /// The connection is over. No event of it follows.
    Closed {
        /// Whether that is the consequence of a fault of the socket.
        had_error: bool,
        /// Whether the end of the stream was seen or made in good order: emits `end`.
        ended: bool,
        /// What the commands that are still waiting are told.
        lost: Error,
    },
}

/// Facts of a mailbox that a SELECT announces (contract section 3.4). Absent ones are unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MailboxFacts {
    /// The flags in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<String>>,
    /// The flags that can be changed permanently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub perm_flags: Option<Vec<String>>,
    /// The keywords that can be changed permanently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keywords: Option<Vec<String>>,
    /// Whether new keywords can be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_keywords: Option<bool>,
    /// UIDVALIDITY.
    #[serde(rename = "uidvalidity", skip_serializing_if = "Option::is_none")]
    pub uid_validity: Option<u32>,
    /// UIDNEXT.
    #[serde(rename = "uidnext", skip_serializing_if = "Option::is_none")]
    pub uid_next: Option<u32>,
    /// HIGHESTMODSEQ, a string because it has 63 bits.
    #[serde(rename = "highestmodseq", skip_serializing_if = "Option::is_none")]
    pub highest_modseq: Option<String>,
    /// False if the server forgets UIDs (UIDNOTSTICKY).
    #[serde(rename = "persistentUIDs", skip_serializing_if = "Option::is_none")]
    pub persistent_uids: Option<bool>,
    /// True if the mailbox has no MODSEQ.
    #[serde(rename = "nomodseq", skip_serializing_if = "Option::is_none")]
    pub no_modseq: Option<bool>,
}

/// One namespace (RFC 2342 section 5).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Namespace {
    /// What the names in it begin with.
    pub prefix: String,
    /// Its delimiter.
    pub delimiter: Option<String>,
    /// Its extensions: names and values.
    pub extensions: Option<Vec<(String, Vec<String>)>>,
}

/// Bytes that cross as a `Buffer`.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// Where a connection puts its events.
pub trait EventSink: Send {
    /// Takes an event. Never blocks and never fails: a sink that nobody reads any more drops it.
    fn emit(&mut self, event: &Event<'_>);

    /// Says that there is a pause: what was taken is to be delivered now.
    fn flush(&mut self);

    /// Whether so much is waiting that the connection should stop reading.
    fn is_full(&self) -> bool;

    /// Notified when it is worth looking at [`EventSink::is_full`] again.
    fn space(&self) -> Arc<Notify>;
}
