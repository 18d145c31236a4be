//! The timers of a connection: one table, looked at by whoever knows the time.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// IDLE was sent; the server must say `+` (resilience 2.11).
pub const IDLE_CONTINUATION_DEADLINE: Duration = Duration::from_secs(10);
/// DONE was sent; the server must end IDLE.
pub const DONE_DEADLINE: Duration = Duration::from_secs(15);
/// NOOP was sent; the server must answer.
pub const NOOP_DEADLINE: Duration = Duration::from_secs(20);
/// A command was sent; the server must say something, whatever it is.
pub const COMMAND_SILENCE: Duration = Duration::from_secs(300);
/// The mailbox must be open again, and what changed be known.
pub const RESUME_DEADLINE: Duration = Duration::from_secs(300);
/// LOGOUT was sent; the connection ends then, answered or not.
pub const LOGOUT_DEADLINE: Duration = Duration::from_secs(5);
/// Our half is closed; the connection ends then, whether the server closes its own or not.
pub const CLOSE_GRACE: Duration = Duration::from_secs(2);
/// A body holds up other commands and its reader takes nothing: then it is buffered instead.
pub const STALLED_READER: Duration = Duration::from_secs(1);

/// How long an answer is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) limit: Duration,
    /// Whether any byte of the server renews it.
    pub(super) renewed: bool,
    /// What is to be answered.
    pub(super) what: &'static str,
}

impl Patience {
    pub(super) const IDLE: Patience = Patience::strict("IDLE", IDLE_CONTINUATION_DEADLINE);
    pub(super) const DONE: Patience = Patience::strict("DONE", DONE_DEADLINE);
    pub(super) const NOOP: Patience = Patience::strict("NOOP", NOOP_DEADLINE);
    /// From the call of `end()` on.
    pub(super) const LOGOUT: Patience = Patience::strict("LOGOUT", LOGOUT_DEADLINE);
    pub(super) const COMMAND: Patience = Patience {
        limit: COMMAND_SILENCE,
        renewed: true,
        what: "the command",
    };

    const fn strict(what: &'static str, limit: Duration) -> Patience {
        Patience {
            limit,
            renewed: false,
            what,
        }
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
}

const COUNT: usize = 5;

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

    /// Takes a timer that has expired.
    pub(super) fn expired(&mut self, now: Instant) -> Option<Timer> {
        const ALL: [Timer; COUNT] = [
            Timer::Reply,
            Timer::Keepalive,
            Timer::Socket,
            Timer::Grace,
            Timer::Reader,
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
