//! One physical connection: one task that owns the transport, the command queue, IDLE, deadlines
//! and the view of the mailbox. It never reconnects: what it leaves unfinished is its [`Legacy`].
//!
//! # Layout
//!
//! * `task.rs` drives it: sockets and clocks are here and nowhere else.
//! * `login.rs` takes it from the greeting to `ready`.
//! * `protocol.rs` is the state after that, without I/O; `interpret.rs` reads responses for it,
//!   `capabilities.rs` is what the server can do.
//! * `resume.rs` opens the mailbox of the connection before again.
//! * `continuing.rs` goes on with a FETCH that the connection before left in the middle,
//!   `progress.rs` is how far it got, `passing.rs` a body on its way to its reader.
//! * `spare.rs` is a connection that is logged in and waits to take the place of another;
//!   `line.rs` is how the session gives orders to the one that serves.
//! * `queue.rs` holds the commands, `flight.rs` those that are being worked on, `fetching.rs` a
//!   FETCH in progress (`numbers.rs`: which messages it has had), `view.rs` the mailbox, `roll.rs`
//!   the UIDs of its messages, `keepalive.rs` IDLE and NOOP, [`timer`] the deadlines, `flow.rs`
//!   what holds everything up, `trace.rs` the debug lines.
//! * `rehearsal.rs` is all of this for tests: without sockets, clocks and logins; `model/` checks
//!   by random runs that a mailbox is found again.

mod capabilities;
mod continuing;
mod fetching;
mod flight;
mod flow;
mod interpret;
mod keepalive;
mod legacy;
mod line;
mod link;
mod login;
#[cfg(test)]
mod model;
mod numbers;
mod passing;
mod progress;
mod protocol;
mod queue;
mod rehearsal;
mod resume;
mod roll;
mod spare;
mod task;
pub mod timer;
mod trace;
mod view;

pub use legacy::{Ended, Interrupted, Legacy, Opening, Wire};
pub use line::{Handle, Leave, Line, Order, Orders, Report, line};
pub use passing::BODY_WINDOW_BYTES;
pub use progress::Progress;
pub use rehearsal::Rehearsal;
pub use spare::{Spare, prepare};
pub use task::{Opened, open, run, take_over};
pub use view::Remembered;

use std::time::Duration;

use crate::error::Error;
use crate::event::{BodyId, RequestId};
use crate::options::Secret;
use crate::wire::request::Compiled;

/// What JavaScript wants of a connection.
#[derive(Debug)]
pub enum Control {
    /// Send a command when its turn comes.
    Submit {
        /// The number under which it is answered.
        request: RequestId,
        /// The command.
        compiled: Box<Compiled>,
    },
    /// Go on with a FETCH that was begun on the connection before.
    Continue {
        /// The number under which it is answered.
        request: RequestId,
        /// The command as it was at first.
        compiled: Box<Compiled>,
        /// How far it got.
        progress: Box<Progress>,
    },
    /// JavaScript has dealt with this many completions
    /// ([`Event::is_completion`](crate::event::Event::is_completion)), and whatever its callbacks
    /// wanted was submitted before.
    Settled {
        /// All of them since the session began, over all its connections.
        completions: u64,
    },
    /// The reader of a body took bytes.
    Credit {
        /// The body.
        body: BodyId,
        /// How many.
        bytes: u64,
    },
    /// Nobody wants this body.
    Discard {
        /// The body.
        body: BodyId,
    },
    /// The program's answer to [`Event::TokenWanted`](crate::event::Event::TokenWanted).
    Token {
        /// The token, or why there is none.
        token: Result<Token, NoToken>,
    },
    /// Move to another connection. One that is still on its way is another one.
    Rotate,
    /// Close at once, without LOGOUT.
    Destroy,
}

/// An access token, as the program gave it.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token itself.
    pub secret: Secret,
    /// How long it is good for; `None` if that is not known.
    pub lasts: Option<Duration>,
}

/// Why there is no access token, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoToken {
    /// The program's function failed: another call may go well.
    Missing(String),
    /// It gave what cannot be used.
    Unusable(String),
}

/// How a connection ended.
#[derive(Clone, Debug)]
pub enum Exit {
    /// The program ended it.
    Local,
    /// The server closed it in good order.
    Closed {
        /// What it said before.
        bye: Option<Farewell>,
    },
    /// Something went wrong.
    Failed(Error),
    /// It was told to, and nothing is running: another connection goes on.
    Drained,
}

/// The BYE of a server (RFC 3501 section 7.1.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// The response code, in upper case.
    pub code: Option<String>,
    /// The text.
    pub text: String,
}
