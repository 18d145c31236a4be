//! A connection that must prove that it lives, because the machine slept.

use std::time::Duration;

use tokio::time::Instant;

use super::protocol::Protocol;
use super::queue::{Kind, Running};
use super::timer::Awaited;

/// The server has so long to show that it is still there.
const PROOF_DEADLINE: Duration = Duration::from_secs(5);

impl Protocol {
    /// Has the server say something at once: the end of IDLE, or the answer to NOOP. What it owes
    /// already must come soon; a command of the program may take as long as a NOOP.
    pub(super) fn prove(&mut self, now: Instant) {
        if !self.is_open() {
            return;
        }
        let limit = match self.running.as_ref().map(|running| &running.kind) {
            None => {
                self.keepalive.probe();
                self.send_own("NOOP", Kind::Noop, Awaited::Noop, now);
                PROOF_DEADLINE
            }
            Some(Kind::Idle) => {
                self.stop_idle(now, true);
                PROOF_DEADLINE
            }
            Some(_) if self.running.as_ref().is_some_and(Running::is_own) => PROOF_DEADLINE,
            Some(_) => self.timeouts.noop,
        };
        self.hasten(limit, now);
    }
}
