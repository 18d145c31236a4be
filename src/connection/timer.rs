//! The timers of a connection: one table, looked at by whoever knows the time.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

pub use crate::options::{
    CLOSE_GRACE, COMMAND_SILENCE, DONE_DEADLINE, IDLE_CONTINUATION_DEADLINE, LOGOUT_DEADLINE,
    NOOP_DEADLINE,
};

use crate::error::{Error, Source, code};
use crate::options::Timeouts;

/// The mailbox must be open again, and what changed be known.
pub const RESUME_DEADLINE: Duration = Duration::from_secs(300);
/// A body holds up other commands and its reader takes nothing: then it is buffered instead.
pub const STALLED_READER: Duration = Duration::from_secs(1);

/// What the server owes us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// `+`, after IDLE.
    Continuation,
    /// The answer to IDLE, after DONE.
    Done,
    /// The answer to NOOP.
    Noop,
    /// The answer to a command. Any byte in either direction is a sign of life.
    Command,
    /// The answer to LOGOUT, from the call of `end()` on.
    Logout,
}

/// How long something is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) awaited: Awaited,
    pub(super) limit: Duration,
}

impl Patience {
    pub(super) fn of(awaited: Awaited, timeouts: &Timeouts) -> Patience {
        let limit = match awaited {
            Awaited::Continuation => timeouts.continuation,
            Awaited::Done => timeouts.done,
            Awaited::Noop => timeouts.noop,
            Awaited::Command => timeouts.command,
            Awaited::Logout => timeouts.logout,
        };
        Patience { awaited, limit }
    }

    /// Whether any byte renews it.
    pub(super) fn is_renewed(&self) -> bool {
        self.awaited == Awaited::Command
    }

    /// It is over.
    pub(super) fn error(&self) -> Error {
        let what = match self.awaited {
            Awaited::Continuation => "IDLE",
            Awaited::Done => "DONE",
            Awaited::Noop => "NOOP",
            Awaited::Command => "the command",
            Awaited::Logout => "LOGOUT",
        };
        let seconds = self.limit.as_secs_f64();
        let message = format!(
            "The server did not answer {what} within {seconds} seconds; the connection is taken \
             for dead"
        );
        Error::new(Source::Timeout, code::DEADLINE, message)
    }
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// The server owes us an answer.
    Reply,
    /// It is time to renew IDLE, to send NOOP, or to stop waiting for JavaScript.
    Keepalive,
    /// Nothing was read or written for `socketTimeout`.
    Socket,
    /// The connection is being closed.
    Grace,
    /// A body is not being read while other commands wait.
    Reader,
    /// Nothing gets through.
    Flow,
}

const COUNT: usize = 6;

/// When each timer expires.
#[derive(Debug, Default)]
pub(super) struct Timers {
    at: [Option<Instant>; COUNT],
}

impl Timers {
    /// Sets a timer, or moves it.
    pub(super) fn set(&mut self, timer: Timer, at: Instant) {
        *self.slot(timer) = Some(at);
    }

    /// Sets a timer unless it is running.
    pub(super) fn start(&mut self, timer: Timer, at: Instant) {
        self.slot(timer).get_or_insert(at);
    }

    /// Stops a timer.
    pub(super) fn stop(&mut self, timer: Timer) {
        *self.slot(timer) = None;
    }

    /// The first moment at which something expires.
    pub(super) fn next(&self) -> Option<Instant> {
        self.at.iter().flatten().min().copied()
    }

    /// Whether this timer has expired and was not taken.
    pub(super) fn has_expired(&self, timer: Timer, now: Instant) -> bool {
        let at = self.at.get(timer as usize).copied().flatten();
        at.is_some_and(|at| at <= now)
    }

    /// Takes a timer that has expired.
    pub(super) fn expired(&mut self, now: Instant) -> Option<Timer> {
        const ALL: [Timer; COUNT] = [
            Timer::Reply,
            Timer::Keepalive,
            Timer::Socket,
            Timer::Grace,
            Timer::Reader,
            Timer::Flow,
        ];
        let timer = ALL
            .into_iter()
            .find(|timer| self.slot(*timer).is_some_and(|at| at <= now))?;
        self.stop(timer);
        Some(timer)
    }

    fn slot(&mut self, timer: Timer) -> &mut Option<Instant> {
        &mut self.at[timer as usize]
    }
}

/// Waits for a moment; for ever if there is none.
pub(super) async fn expire(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
