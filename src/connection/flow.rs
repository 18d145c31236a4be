//! Whether what the server has reaches the program, and what holds it up if not.

use std::time::Duration;

use tokio::time::Instant;

use crate::event::{Lifecycle, milliseconds};
use crate::options::Options;

/// The program is told after this time, or after half of `timeouts.command` if that is less.
const PATIENCE: Duration = Duration::from_secs(60);

/// See the module. Tells nothing unless the session comes back by itself: npm `imap` has no such
/// event.
#[derive(Debug)]
pub(super) struct Flow {
    patience: Option<Duration>,
    obstacle: Option<(Obstacle, Instant)>,
    is_told: bool,
}

/// What holds everything up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The server works on a command, and nothing goes over the connection.
    Command,
    /// A body is on its way whose reader takes nothing.
    Body,
    /// The program does not take its events.
    Program,
}

impl Flow {
    pub(super) fn new(options: &Options) -> Flow {
        let patience = PATIENCE.min(options.timeouts.command / 2);
        Flow {
            patience: options.reconnect.map(|_| patience),
            obstacle: None,
            is_told: false,
        }
    }

    /// This holds everything up now. What the program is to be told, if anything.
    pub(super) fn look(&mut self, obstacle: Option<Obstacle>, now: Instant) -> Option<Lifecycle> {
        let patience = self.patience?;
        match self.obstacle {
            Some((before, since)) if Some(before) == obstacle => {
                let is_due = !self.is_told && now >= since + patience;
                self.is_told |= is_due;
                is_due.then(|| Lifecycle::Stalled {
                    since_ms: milliseconds(now - since),
                    phase: before.name(),
                })
            }
            before => {
                self.obstacle = obstacle.map(|obstacle| (obstacle, now));
                let was_told = std::mem::replace(&mut self.is_told, false);
                let (before, since) = before.filter(|_| was_told)?;
                Some(Lifecycle::Flowing {
                    stalled_ms: milliseconds(now - since),
                    phase: before.name(),
                })
            }
        }
    }

    /// When [`Flow::look`] is worth a call.
    pub(super) fn due(&self) -> Option<Instant> {
        let (_, since) = self.obstacle.filter(|_| !self.is_told)?;
        Some(since + self.patience?)
    }
}

impl Obstacle {
    fn name(self) -> &'static str {
        match self {
            Obstacle::Command => "command",
            Obstacle::Body => "body",
            Obstacle::Program => "program",
        }
    }
}
