//! How long the server is waited for (resilience 2.11), and the other timers of a connection.

use std::time::Duration;

use tokio::time::Instant;

use super::Protocol;
use crate::connection::Exit;
use crate::connection::flow::Obstacle;
use crate::connection::queue::{Kind, Running};
use crate::connection::timer::{Awaited, LONE_READER, Patience, STALLED_READER, Timer};
use crate::error::{Error, Source, code};
use crate::event::Event;

/// After the machine slept the server has so long to show that it is still there.
const PROOF_DEADLINE: Duration = Duration::from_secs(5);

impl Protocol {
    /// The first moment at which [`Protocol::timeout`] has something to do.
    pub(in crate::connection) fn deadline(&mut self) -> Option<Instant> {
        let settled = self.settled >= self.completions;
        let due = self.keepalive.due(settled);
        let due = due.filter(|_| self.heeds_keepalive());
        match due {
            Some(at) => self.timers.set(Timer::Keepalive, at),
            None => self.timers.stop(Timer::Keepalive),
        }
        self.timers.next()
    }

    /// Whether [`Protocol::advance`] looks at the keepalive now. While a command of the program
    /// runs, the connection needs none.
    fn heeds_keepalive(&self) -> bool {
        let is_idle = |running: &Running| matches!(running.kind, Kind::Idle);
        let is_free = self.flight.iter().all(is_idle);
        is_free && self.is_open()
    }

    /// Whether the server is late with something: what it has sent must be read before
    /// [`Protocol::timeout`] holds that against it.
    pub(in crate::connection) fn is_overdue(&self, now: Instant) -> bool {
        let late = |timer| self.timers.has_expired(timer, now);
        // `end()` is bounded, whatever there is to read.
        !self.is_leaving() && (late(Timer::Reply) || late(Timer::Socket))
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
                // `advance` looks at these.
                Timer::Keepalive | Timer::Flow => {}
            }
        }
    }

    pub(super) fn passed(&mut self, now: Instant) {
        self.watch_socket(now);
        if self.patience.is_some_and(|patience| patience.is_renewed()) {
            self.renew_patience(now);
            self.tell_flow(None, now);
        }
    }

    /// Tells the program when nothing gets through for long, and when it does again.
    pub(super) fn watch_flow(&mut self, now: Instant) {
        let is_stuck = self.body.as_ref().is_some_and(|body| !body.has_room());
        let is_silent = self.patience.is_some_and(|it| it.is_renewed());
        let obstacle = match () {
            () if self.sink.is_full() => Some(Obstacle::Program),
            () if is_stuck => Some(Obstacle::Body),
            () if is_silent => Some(Obstacle::Command),
            () => None,
        };
        self.tell_flow(obstacle, now);
        match self.flow.due() {
            Some(at) => self.timers.set(Timer::Flow, at),
            None => self.timers.stop(Timer::Flow),
        }
    }

    fn tell_flow(&mut self, obstacle: Option<Obstacle>, now: Instant) {
        if let Some(told) = self.flow.look(obstacle, now) {
            self.sink.emit(&Event::Lifecycle(told));
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

    pub(super) fn expect(&mut self, awaited: Awaited, now: Instant) {
        self.patience = Some(Patience::of(awaited, &self.timeouts));
        self.renew_patience(now);
    }

    /// The server must answer within this time.
    pub(super) fn hasten(&mut self, limit: Duration, now: Instant) {
        if let Some(patience) = &mut self.patience {
            patience.limit = patience.limit.min(limit);
            self.renew_patience(now);
        }
    }

    pub(super) fn renew_patience(&mut self, now: Instant) {
        if let Some(patience) = self.patience {
            self.timers.set(Timer::Reply, now + patience.limit);
        }
    }

    /// Has the server say something at once: the end of IDLE, or the answer to NOOP. What it owes
    /// already must come soon; what looks at a mailbox may take as long as a NOOP.
    pub(super) fn prove(&mut self, now: Instant) {
        if !self.is_open() {
            return;
        }
        let limit = match self.kind() {
            None => {
                self.keepalive.probe();
                self.send_own("NOOP", Kind::Noop, Awaited::Noop, now);
                PROOF_DEADLINE
            }
            Some(Kind::Idle) => {
                self.stop_idle(now, true);
                PROOF_DEADLINE
            }
            Some(_) if self.flight.front().is_some_and(Running::is_upkeep) => PROOF_DEADLINE,
            Some(_) => self.timeouts.noop,
        };
        self.hasten(limit, now);
    }

    /// A body that nobody takes must not hold up commands for ever, nor the end of its own FETCH
    /// (contract Q-21).
    pub(super) fn watch_reader(&mut self, now: Instant) {
        let is_stuck = self.body.as_ref().is_some_and(|body| !body.has_room());
        let is_lone = self.waiting.is_empty() && self.flight.iter().nth(1).is_none();
        let patience = if is_lone { LONE_READER } else { STALLED_READER };
        match is_stuck {
            true => self.timers.start(Timer::Reader, now + patience),
            false => self.timers.stop(Timer::Reader),
        }
    }

    fn lose_patience(&mut self) {
        let Some(patience) = self.patience.take() else {
            return;
        };
        if self.is_leaving() {
            return self.end(Exit::Local);
        }
        self.end(Exit::Failed(patience.error()));
    }
}

/// Nothing was read or written for `socketTimeout`.
fn socket_timed_out() -> Error {
    let message = "Socket timed out while talking to server";
    Error::new(Source::SocketTimeout, code::SOCKET_TIMEOUT, message).with_advice(
        "Make `socketTimeout` longer than `keepalive.idleInterval`, or check the network.",
    )
}
