//! Commands that wait, and those that the server is working on (contract section 7).

use std::collections::VecDeque;

use crate::event::RequestId;
use crate::wire::command::Piece;
use crate::wire::framer::Frame;
use crate::wire::limits::{Exceeded, Limits};
use crate::wire::request::{Compiled, Purpose};
use crate::wire::value::Value;

use super::Control;
use super::fetching::Fetching;
use super::flight::{self, Family, Landed, Manner};
use super::progress::Progress;
use super::view::Wish;

/// A command of the program that has not been sent.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) request: RequestId,
    pub(super) compiled: Compiled,
    /// How far it got on the connection before.
    pub(super) progress: Option<Box<Progress>>,
}

/// A command that the server is working on.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) request: RequestId,
    pub(super) tag: String,
    pub(super) kind: Kind,
    /// What goes out after the next `+`.
    pub(super) pieces: VecDeque<Piece>,
    /// The code of an untagged OK that belongs to the answer: COPYUID of MOVE (RFC 6851
    /// section 4.3).
    pub(super) code: Option<Value>,
    /// The limit that the answer exceeds: the command fails with it.
    pub(super) excess: Option<Exceeded>,
    /// How many bytes and values the answer has so far, if the program collects it.
    bytes: usize,
    items: usize,
    /// The command as it was, if it is kept to be repeated.
    pub(super) kept: Option<Compiled>,
    /// Which untagged data is its answer.
    pub(super) family: Option<Family>,
    /// Whether a part of that has come.
    pub(super) has_data: bool,
    /// What may fly with it.
    pub(super) manner: Manner,
    /// Whether others did.
    pub(super) in_company: bool,
    /// How many bytes of it there are.
    pub(super) size: usize,
    /// Where its last byte is in all that is written to the connection.
    pub(super) end: u64,
    /// Its answer, which came before those of commands that were sent earlier.
    pub(super) landed: Option<Landed>,
    /// Whether it was refused because others flew with it, and is to be sent once more.
    pub(super) is_refused: bool,
    /// What is to be asked for after it, to go on with a FETCH of the connection before.
    pub(super) progress: Option<Box<Progress>>,
    /// The code of a NO that is a success (see [`Compiled`]).
    pub(super) forgives: Option<&'static str>,
    /// Whether a message was removed since it was sent: its numbers may mean others now.
    pub(super) has_shifted: bool,
}

/// What the running command means for the connection.
#[derive(Debug)]
pub(super) enum Kind {
    /// It opens a mailbox.
    Select { mailbox: String, read_only: bool },
    /// It closes the mailbox; if it is a SELECT of a name that does not exist, by failing.
    Deselect { by_failing: bool },
    /// It fetches messages.
    Fetch(Box<Fetching>),
    /// It ends the connection.
    Logout,
    /// Our own IDLE.
    Idle,
    /// Our own NOOP.
    Noop,
    /// It asks for data that the program collects: without all of it the answer is wrong.
    Query,
    /// It marks a message that is being fetched as seen.
    Marking {
        /// The message.
        uid: u32,
    },
    /// Our own question about the messages of the mailbox.
    Wish(Wish),
    /// Our own question for messages that the server forgot to tell of.
    Looking,
    /// Nothing in particular.
    Other,
}

impl From<Waiting> for Control {
    fn from(waiting: Waiting) -> Control {
        let Waiting {
            request,
            compiled,
            progress,
        } = waiting;
        match progress {
            None => Control::Submit { request, compiled },
            Some(progress) => Control::Continue {
                request,
                compiled,
                progress,
            },
        }
    }
}

impl Running {
    /// A command of the program, about to be sent under `tag`.
    pub(super) fn new(waiting: Waiting, tag: String, kept: Option<Compiled>) -> Running {
        let Waiting {
            request, compiled, ..
        } = waiting;
        let family = Family::of(&compiled.purpose);
        let (manner, size) = (Manner::of(&compiled), flight::size(&compiled));
        let kind = match compiled.purpose {
            Purpose::Select { mailbox, read_only } => Kind::Select { mailbox, read_only },
            Purpose::Close => Kind::Deselect { by_failing: false },
            Purpose::Deselect => Kind::Deselect { by_failing: true },
            Purpose::Fetch(plan) => Kind::Fetch(Box::new(Fetching::new(request, plan))),
            Purpose::Logout => Kind::Logout,
            Purpose::List
            | Purpose::Lsub
            | Purpose::Status { .. }
            | Purpose::Search
            | Purpose::Extension => Kind::Query,
            _ => Kind::Other,
        };
        let pieces = compiled.command.into_pieces().into();
        Running {
            request,
            tag,
            kind,
            pieces,
            kept,
            family,
            manner,
            size,
            forgives: compiled.forgives,
            ..Running::own("", Kind::Other)
        }
    }

    /// Whether it only keeps the connection alive.
    pub(super) fn is_upkeep(&self) -> bool {
        matches!(self.kind, Kind::Idle | Kind::Noop)
    }

    /// One of our own commands, whose tag is its name.
    pub(super) fn own(name: &str, kind: Kind) -> Running {
        Running {
            request: 0,
            tag: name.to_owned(),
            kind,
            pieces: VecDeque::new(),
            code: None,
            excess: None,
            bytes: 0,
            items: 0,
            kept: None,
            family: None,
            has_data: false,
            manner: Manner::Alone,
            in_company: false,
            size: 0,
            end: 0,
            landed: None,
            is_refused: false,
            progress: None,
            forgives: None,
            has_shifted: false,
        }
    }

    /// Counts a response that the program collects until the command is answered. False once there
    /// is too much of it.
    pub(super) fn collect(&mut self, frame: &Frame<'_>, limits: &Limits) -> bool {
        self.bytes = self.bytes.saturating_add(frame.bytes.len());
        self.items = self.items.saturating_add(frame.values);
        if self.bytes > limits.response_bytes {
            self.exceed(Exceeded::Response(limits.response_bytes));
        } else if self.items > limits.items {
            self.exceed(Exceeded::Items(limits.items));
        }
        self.excess.is_none()
    }

    /// The answer exceeds a limit; the first one that it does is told.
    pub(super) fn exceed(&mut self, exceeded: Exceeded) {
        self.excess.get_or_insert(exceeded);
    }
}
