//! What a session tells its program: one ordered stream of events.
//!
//! Events borrow from the response they were read from and are written into a frame at once
//! (`bridge/frame.rs`), so that nothing is copied twice on the way to JavaScript. The order of the
//! variants is part of the frame: `src/js/events.js` lists them in the same order.

mod activity;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;

use crate::chunk::Chunk;
use crate::error::Error;
use crate::wire::esearch::Esearch;
use crate::wire::fetch::Attributes;
use crate::wire::found::Matches;
use crate::wire::identity::Identity;
use crate::wire::namespace::Namespace;
use crate::wire::quota::Quota;
use crate::wire::thread::Threads;
use crate::wire::value::{Bytes, TextCode, Value};

pub use activity::{Activity, Stage, Traffic, Upkeep};

/// The number by which JavaScript knows a request; 0 is nobody's.
pub type RequestId = u32;

/// The number by which JavaScript knows the body of a message.
pub type BodyId = u32;

/// One thing that happened.
#[derive(Debug, Serialize)]
pub enum Event<'a> {
    /// A line went out or came in; only while the program wants lines. Secrets are masked.
    Trace {
        /// True for a line that we sent.
        sent: bool,
        /// The line without its end; data of a literal, and the empty line of OAuth, with it.
        line: Cow<'a, str>,
    },
    /// TCP is up, and TLS too if it is implicit.
    Connected {
        /// The server's IP address.
        address: Option<String>,
    },
    /// TLS is up: from the first byte on, or after STARTTLS.
    Encrypted,
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
    /// Messages are new; only with `reconnect`, where they are announced under their UIDs.
    Arrived {
        /// Their UIDs, ascending.
        uids: Vec<u32>,
        /// The UIDVALIDITY that these are of.
        uid_validity: Option<u32>,
        /// `live`, or `resume` if they came while the session was away.
        cause: &'static str,
    },
    /// How many messages are recent.
    Recent(u32),
    /// A message is gone; the numbers above it fell by one.
    Expunge {
        /// Its sequence number.
        seqno: u32,
        /// Its UID, if it is known.
        uid: Option<u32>,
        /// `live` or `resume`; only with `reconnect`.
        cause: Option<&'static str>,
    },
    /// Data of a message that nobody asked for.
    Update {
        /// The sequence number.
        seqno: u32,
        /// The data under the server's own names.
        info: Attributes<'a>,
    },

    /// The flags of a message changed while the session was away.
    Flags {
        /// Its sequence number.
        seqno: u32,
        /// Its UID.
        uid: u32,
        /// What they are now.
        flags: Vec<String>,
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
        numbers: Matches<'a>,
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
    /// The rest of a body will not come.
    BodyLost {
        /// The body.
        body: BodyId,
        /// Why.
        error: Error,
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

    /// A command will not be answered, because its connection was lost. Counts as a completion.
    Lost {
        /// The request.
        request: RequestId,
        /// Why.
        error: Error,
        /// What is known of the command.
        command: LostCommand,
    },
    /// A command is sent once more: what came in answer to it is void.
    Again {
        /// The request.
        request: RequestId,
    },

    /// The program is to give a token for a login.
    TokenWanted {
        /// `connect`, `reconnect`, `expired`, `rejected` or `rotate`.
        cause: &'static str,
        /// How many attempts this makes since the last connection that was a good one.
        attempt: u32,
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
    /// The session lost a connection, comes back, or has come back; only with `reconnect`.
    Lifecycle(Lifecycle),
}

impl Event<'_> {
    /// Whether JavaScript only takes note of it: the program hears nothing.
    pub fn is_silent(&self) -> bool {
        matches!(
            self,
            Event::Capabilities(_) | Event::Delimiter(_) | Event::Namespaces { .. }
        )
    }

    /// Whether JavaScript counts it as a completion.
    pub fn is_completion(&self) -> bool {
        matches!(
            self,
            Event::Ready
                | Event::Done { .. }
                | Event::Failed { .. }
                | Event::Lost { .. }
                | Event::Lifecycle(Lifecycle::Reconnected { .. } | Lifecycle::Rotated { .. })
        )
    }
}

/// The life of a session over its connections (resilience 2.18). Each is an event of the same name
/// with the fields as one object.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Lifecycle {
    /// A connection was lost.
    Disconnected {
        /// The class of the cause.
        cause: &'static str,
        /// The code of the error, or of the server's BYE.
        code: Option<String>,
        /// What the server or the system said.
        text: String,
        /// Whether the session tries to come back.
        will_retry: bool,
        /// How long the connection was up, in milliseconds; 0 if it never was.
        session_ms: u64,
    },
    /// The next attempt is planned.
    Reconnecting {
        /// How many attempts this makes since the last connection that was a good one.
        attempt: u32,
        /// How long until then, in milliseconds.
        delay_ms: u64,
        /// The class of the cause.
        cause: &'static str,
    },
    /// The session is back. Counts as a completion.
    Reconnected {
        /// How long it was away, in milliseconds.
        gap_ms: u64,
        /// How many attempts it took.
        attempts: u32,
        /// How many messages came meanwhile, and were told by `mail`.
        new: u32,
        /// How many went, and were told by `expunge`.
        expunged: u32,
        /// How many came and went at the most, of which nothing else is known.
        gap: u32,
        /// The mailbox that is open.
        mailbox: Option<String>,
        /// How that was found out: `qresync`, `condstore` or `uids`; `None` without a mailbox.
        resumed_by: Option<&'static str>,
    },
    /// All changes of the open mailbox up to here have been told.
    Synced {
        /// Its name.
        mailbox: String,
        /// Its UIDVALIDITY.
        uidvalidity: Option<u32>,
        /// The largest UID that was there at the beginning, or was announced; 0 if there is none.
        last_uid: u32,
        /// The next UID is at least this; `None` if the server does not say.
        uidnext: Option<u32>,
        /// How many messages there are.
        messages: u32,
        /// Up to which modification sequence everything is known, in decimal.
        highestmodseq: Option<String>,
    },
    /// Another connection is being made, to take the place of this one.
    Rotating {
        /// `age`, `token`, `learned` or `asked`.
        reason: &'static str,
    },
    /// Another connection has taken the place of the one before, which was not lost. Counts as a
    /// completion.
    Rotated {
        /// As before.
        reason: &'static str,
        /// How long there were two, in milliseconds.
        overlap_ms: u64,
        /// How long nothing was served, in milliseconds.
        pause_ms: u64,
    },
    /// Another connection could not be made; the session stays with the one it has.
    RotationFailed {
        /// As before.
        reason: &'static str,
        /// The class of the cause.
        cause: &'static str,
        /// The code of the error, or of the server's BYE.
        code: Option<String>,
        /// What the server or the system said.
        text: String,
        /// How long until the next attempt, in milliseconds.
        retry_ms: u64,
    },
    /// Nothing gets through, although the connection is up.
    Stalled {
        /// For how long, in milliseconds.
        since_ms: u64,
        /// What holds it up: `command`, `body` or `program`.
        phase: &'static str,
    },
    /// After that something got through again.
    Flowing {
        /// How long nothing did, in milliseconds.
        stalled_ms: u64,
        /// What held it up.
        phase: &'static str,
    },
    /// The server asked for less.
    Throttled {
        /// How long it is left alone, in milliseconds.
        wait_ms: u64,
        /// What it said.
        text: String,
    },
    /// The UIDs of the open mailbox mean other messages, or none.
    MailboxReset {
        /// `uidvalidity` or `uidnotsticky`.
        cause: &'static str,
        /// Its name.
        mailbox: String,
        /// The UIDVALIDITY of before.
        old: Option<u32>,
        /// That of now.
        new: Option<u32>,
    },
    /// The mailbox cannot be opened any more; it is tried again from time to time.
    MailboxGone {
        /// Its name.
        mailbox: String,
        /// What the server said.
        text: String,
    },
    /// Trying again is of no use before somebody does something. The session ends with `error`.
    Suspended {
        /// The class of the cause.
        cause: &'static str,
        /// What the server said.
        text: String,
    },
}

/// A command that a lost connection left without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LostCommand {
    /// Its name in upper case, without a `UID` before it; empty if it is not known.
    pub verb: String,
    /// How far it got: `queued`, `partial` or `sent`.
    pub wire: &'static str,
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

/// A time as events tell it.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Where a connection puts its events.
pub trait EventSink: Send {
    /// Takes an event. Never blocks and never fails: a sink that nobody reads any more drops it.
    fn emit(&mut self, event: &Event<'_>);

    /// The bytes of the events that come now may stand in this chunk, up to the next call. Then the
    /// caller does not look at it any more, so that it can be kept instead of the bytes.
    fn within(&mut self, _chunk: Option<&Arc<Chunk>>) {}

    /// Says that there is a pause: what was taken is to be delivered now.
    fn flush(&mut self);

    /// The same during a login: if nobody hears of any of it, it may wait for what somebody does.
    fn flush_news(&mut self) {
        self.flush();
    }

    /// Whether so much is waiting that the connection should stop reading.
    fn is_full(&self) -> bool;

    /// Notified when it is worth looking at [`EventSink::is_full`] again.
    fn space(&self) -> Arc<Notify>;

    /// Takes what the connection is doing now, in the place of what it did.
    fn show(&mut self, _activity: Activity) {}

    /// Whether the program wants [`Event::Trace`] now.
    fn wants_lines(&self) -> bool {
        false
    }
}
