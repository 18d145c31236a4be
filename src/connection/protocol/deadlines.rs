//! The deadlines of a connection: for the server's answers, for silence, for who does not read.

use tokio::time::Instant;

use crate::connection::Exit;
use crate::connection::queue::Kind;
use crate::connection::timer::{self, Patience, Timer};
use crate::error::{Error, Source, code};

use super::{Phase, Protocol};

impl Protocol {
    /// The first moment at which [`Protocol::timeout`] has something to do.
    pub(in crate::connection) fn deadline(&mut self) -> Option<Instant> {
        let due = self.keepalive.due().filter(|_| self.heeds_keepalive());
        match due {
            Some(at) => self.timers.set(Timer::Keepalive, at),
            None => self.timers.stop(Timer::Keepalive),
        }
        self.timers.next()
    }

    /// Deals with the timers that have expired.
    pub(in crate::connection) fn timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.expired(now) {
            match timer {
                // It is us who do not read. LOGOUT has no such excuse: `end()` is bounded.
                Timer::Reply if !self.wants_read() && !self.is_leaving() => {
                    self.renew_patience(now);
                }
                Timer::Reply => self.lose_patience(),
                // It is us who do not read: JavaScript is busy, or the reader of a body.
                Timer::Socket if !self.wants_read() => self.watch_socket(now),
                Timer::Socket => self.end(Exit::Failed(socket_timed_out())),
                Timer::Grace => self.end_of_stream(),
                Timer::Reader => {
                    if let Some(body) = &mut self.body {
                        body.window = None;
                    }
                }
                // `advance` looks at the keepalive.
                Timer::Keepalive => {}
            }
        }
    }

    pub(super) fn expect(&mut self, patience: Patience, now: Instant) {
        self.patience = Some(patience);
        self.renew_patience(now);
    }

    pub(super) fn renew_patience(&mut self, now: Instant) {
        if let Some(patience) = self.patience {
            self.timers.set(Timer::Reply, now + patience.limit);
        }
    }

    /// `socketTimeout` begins again. An orderly end has a limit of its own, and no new errors.
    pub(super) fn watch_socket(&mut self, now: Instant) {
        let is_ending = self.is_closing() || self.is_leaving();
        match self.socket_timeout.filter(|_| !is_ending) {
            Some(limit) => self.timers.set(Timer::Socket, now + limit),
            None => self.timers.stop(Timer::Socket),
        }
    }

    /// A body that nobody takes must not hold up commands for ever (contract Q-21).
    pub(super) fn watch_reader(&mut self, now: Instant) {
        let is_stuck = self.body.as_ref().is_some_and(|body| !body.has_room());
        match is_stuck && !self.waiting.is_empty() {
            true => self
                .timers
                .start(Timer::Reader, now + timer::STALLED_READER),
            false => self.timers.stop(Timer::Reader),
        }
    }

    /// Whether [`Protocol::advance`] looks at the keepalive now. While a command of the program
    /// runs, the connection needs none.
    fn heeds_keepalive(&self) -> bool {
        let is_free = self
            .running
            .as_ref()
            .is_none_or(|running| matches!(running.kind, Kind::Idle));
        is_free && matches!(self.phase, Phase::Open)
    }

    fn lose_patience(&mut self) {
        let Some(patience) = self.patience.take() else {
            return;
        };
        if self.is_leaving() {
            return self.end(Exit::Local);
        }
        let message = format!(
            "The server did not answer {} within {} seconds; the connection is taken for dead",
            patience.what,
            patience.limit.as_secs()
        );
        self.end(Exit::Failed(Error::new(
            Source::Timeout,
            code::DEADLINE,
            message,
        )));
    }
}

/// Nothing was read or written for `socketTimeout`.
fn socket_timed_out() -> Error {
    let message = "Socket timed out while talking to server";
    Error::new(Source::SocketTimeout, code::SOCKET_TIMEOUT, message).with_advice(
        "Make `socketTimeout` longer than `keepalive.idleInterval`, or check the network.",
    )
}
