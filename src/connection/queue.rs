//! Commands that wait, and the one that is running (contract section 7): strictly one at a time.

use std::collections::VecDeque;

use crate::event::RequestId;
use crate::wire::command::Piece;
use crate::wire::request::{Compiled, Purpose};
use crate::wire::value::Value;

use super::Control;
use super::fetching::Fetching;

/// A command of the program that has not been sent.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) request: RequestId,
    pub(super) compiled: Compiled,
}

/// The command that the server is working on.
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
    /// The command as it was, if it is kept to be repeated.
    pub(super) kept: Option<Compiled>,
}

/// What the running command means for the connection.
#[derive(Debug)]
pub(super) enum Kind {
    /// It opens a mailbox.
    Select { mailbox: String, read_only: bool },
    /// It closes the mailbox; if it is a SELECT of a name that does not exist, by failing.
    Deselect { by_failing: bool },
    /// It fetches messages.
    Fetch(Fetching),
    /// It ends the connection.
    Logout,
    /// Our own IDLE.
    Idle,
    /// Our own NOOP.
    Noop,
    /// Our own question for the UIDs of new messages, up to this number.
    Naming {
        /// The last number.
        to: u32,
    },
    /// Nothing in particular.
    Other,
}

impl From<Waiting> for Control {
    fn from(waiting: Waiting) -> Control {
        let Waiting { request, compiled } = waiting;
        Control::Submit { request, compiled }
    }
}

impl Running {
    /// A command of the program, about to be sent under `tag`.
    pub(super) fn new(waiting: Waiting, tag: String, kept: Option<Compiled>) -> Running {
        let Waiting { request, compiled } = waiting;
        let kind = match compiled.purpose {
            Purpose::Select { mailbox, read_only } => Kind::Select { mailbox, read_only },
            Purpose::Close => Kind::Deselect { by_failing: false },
            Purpose::Deselect => Kind::Deselect { by_failing: true },
            Purpose::Fetch(plan) => Kind::Fetch(Fetching::new(request, plan)),
            Purpose::Logout => Kind::Logout,
            _ => Kind::Other,
        };
        let pieces = compiled.command.into_pieces().into();
        Running {
            request,
            tag,
            kind,
            pieces,
            code: None,
            kept,
        }
    }

    /// Whether it is one of our own.
    pub(super) fn is_own(&self) -> bool {
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
            kept: None,
        }
    }
}
