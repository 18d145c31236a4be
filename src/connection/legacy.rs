//! What a connection leaves behind, for the next one of the same session to go on with.

use tokio::time::Instant;

use crate::event::{BodyId, EventSink, Lifecycle, RequestId, Traffic, milliseconds};
use crate::wire::request::Compiled;

use super::view::Resumption;
use super::{Control, Exit, Progress, Remembered};

/// See the module.
pub struct Legacy {
    /// Where the events go.
    pub sink: Box<dyn EventSink>,
    /// What the program wanted and no connection has dealt with, in order.
    pub waiting: Vec<Control>,
    /// The commands that the connection was busy with when it ended, in order.
    pub interrupted: Vec<Interrupted>,
    /// How many completions were emitted so far.
    pub completions: u64,
    /// How many of them the program has seen.
    pub settled: u64,
    /// The mailbox that was open.
    pub mailbox: Option<Box<Remembered>>,
    /// The number of the last body.
    pub bodies: BodyId,
    /// What the next login means to the program.
    pub opening: Opening,
    /// When the connection became ready; `None` if it never did.
    pub ready_at: Option<Instant>,
    /// What has passed so far.
    pub traffic: Traffic,
}

/// How a connection ended, and what it leaves.
pub type Ended = (Exit, Box<Legacy>);

/// A command without an answer.
#[derive(Debug)]
pub struct Interrupted {
    /// The number under which it is to be answered.
    pub request: RequestId,
    /// The command, if it was kept to be repeated.
    pub compiled: Option<Box<Compiled>>,
    /// How far it got.
    pub wire: Wire,
    /// Whether the program has seen a part of the answer.
    pub has_begun: bool,
    /// How far a FETCH got that can be gone on with.
    pub progress: Option<Box<Progress>>,
    /// Whether a message was removed since it was sent: its numbers may mean others now.
    pub has_shifted: bool,
}

/// What is known about the bytes of a command (resilience 2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Some of them were not handed to the system: the server cannot have carried it out.
    Partial,
    /// All were: the server may have carried it out.
    Sent,
}

impl Wire {
    /// Its name for the program.
    pub fn name(self) -> &'static str {
        match self {
            Wire::Partial => "partial",
            Wire::Sent => "sent",
        }
    }
}

/// What a login means to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The session begins: `ready`.
    First,
    /// The session goes on: `reconnected`.
    Again {
        /// When the connection before was lost.
        since: Instant,
        /// How many attempts this took.
        attempts: u32,
    },
    /// Another connection takes the place of one that is not lost: `rotated`.
    Rotated {
        /// Why.
        reason: &'static str,
        /// When the first of the two stopped to serve.
        since: Instant,
        /// Since when there are two; `None` if there never were.
        beside: Option<Instant>,
    },
}

impl Legacy {
    /// The legacy of nobody: the session begins.
    pub fn new(sink: Box<dyn EventSink>) -> Legacy {
        Legacy {
            sink,
            waiting: Vec::new(),
            interrupted: Vec::new(),
            completions: 0,
            settled: 0,
            mailbox: None,
            bodies: 0,
            opening: Opening::First,
            ready_at: None,
            traffic: Traffic::default(),
        }
    }
}

impl Opening {
    /// What the program is told instead of `ready`.
    pub(super) fn event(self, now: Instant, resumption: Resumption) -> Option<Lifecycle> {
        let until_now = |since: Instant| milliseconds(now - since);
        match self {
            Opening::First => None,
            Opening::Again { since, attempts } => Some(Lifecycle::Reconnected {
                gap_ms: until_now(since),
                attempts,
                new: resumption.arrived,
                expunged: resumption.expunged,
                gap: resumption.gap,
                mailbox: resumption.mailbox,
                resumed_by: resumption.means,
            }),
            Opening::Rotated {
                reason,
                since,
                beside,
            } => Some(Lifecycle::Rotated {
                reason,
                overlap_ms: beside.map_or(0, until_now),
                pause_ms: until_now(since),
            }),
        }
    }
}
