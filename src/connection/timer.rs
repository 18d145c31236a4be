//! The timers of a connection: one table, looked at by whoever knows the time.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

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
/// The same where it holds up nothing but its own FETCH, for whose end the reader may wait.
pub const LONE_READER: Duration = Duration::from_secs(5);

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
    /// A body is not being read.
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

    /// Sets a timer unless it is running and expires earlier.
    pub(super) fn start(&mut self, timer: Timer, at: Instant) {
        let slot = self.slot(timer);
        *slot = Some(slot.map_or(at, |before| before.min(at)));
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

/// Waits for one moment after the other, most of which are put off before they come. To move a
/// timer of the runtime costs several calls of the system; one that is early costs a look.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    /// Waits for this moment, or until one that was waited for before and is earlier; for ever if
    /// there is none.
    pub(super) async fn expire(&mut self, deadline: Option<Instant>) {
        let Some(deadline) = deadline else {
            return std::future::pending().await;
        };
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if deadline < sleep.deadline() || sleep.is_elapsed() {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn an_alarm_is_never_late_and_early_once_for_a_moment_that_was_put_off() {
        let mut alarm = Alarm::default();
        let began = Instant::now();
        for due in [5, 9, 7] {
            let early = timeout(SECOND, alarm.expire(Some(began + due * SECOND))).await;
            assert!(early.is_err());
        }
        // That of the fifth second, which nobody waits for any more, and then the right one.
        for rings in [5, 20] {
            alarm.expire(Some(began + 20 * SECOND)).await;
            assert_eq!(began.elapsed(), rings * SECOND);
        }
        let never = timeout(SECOND, alarm.expire(None)).await;
        assert!(never.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_alarm_is_moved_forward() {
        let mut alarm = Alarm::default();
        let began = Instant::now();
        let early = timeout(SECOND, alarm.expire(Some(began + 60 * SECOND))).await;
        assert!(early.is_err());
        alarm.expire(Some(began + 2 * SECOND)).await;
        assert_eq!(began.elapsed(), 2 * SECOND);
        alarm.expire(Some(began + SECOND)).await;
        assert_eq!(began.elapsed(), 2 * SECOND);
    }
}
