//! What must hold, whatever happens (resilience 3.5). Each finding says which oracle found it.

use std::fmt;
use std::time::Duration;

use everimap::connection::timer::DONE_DEADLINE;
use everimap::options::{DEFAULT_IDLE_INTERVAL, DEFAULT_KEEPALIVE_INTERVAL};

/// So long may a session be silent while mail waits that it has not told of: IDLE is renewed at the
/// next tick after its interval, and a dead server is found when it does not answer that; and a
/// second for the answers in between.
pub(crate) const MAX_SILENCE: Duration = Duration::from_secs(
    DEFAULT_IDLE_INTERVAL.as_secs()
        + DEFAULT_KEEPALIVE_INTERVAL.as_secs()
        + DONE_DEADLINE.as_secs()
        + 1,
);
/// Resident memory may grow by so much from the first hour to the end.
pub(crate) const MAX_GROWTH_BYTES: u64 = 16 * 1024 * 1024;

/// One of the six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oracle {
    /// What was announced is what the server has: G1 to G6 of resilience 2.1.
    Truth,
    /// The longest silence while mail was waiting.
    Silence,
    /// Logins of an account, as its server counts them.
    Budget,
    /// With rotation: no session is ended by its server, and there is always one.
    Rotation,
    /// Tasks and memory at the end are those after the first hour.
    Leaks,
    /// Whoever was told of a loss is told of the return, and every command is answered.
    Word,
}

/// Something that must not be.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) oracle: Oracle,
    /// Which account.
    pub(crate) account: String,
    /// When, from the beginning of the world.
    pub(crate) at: Duration,
    pub(crate) what: String,
}

impl Oracle {
    /// All of them.
    pub(crate) const ALL: [Oracle; 6] = [
        Oracle::Truth,
        Oracle::Silence,
        Oracle::Budget,
        Oracle::Rotation,
        Oracle::Leaks,
        Oracle::Word,
    ];

    /// What it watches over.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Oracle::Truth => "truth: what was announced is what the server has",
            Oracle::Silence => "silence: no mail waits in silence",
            Oracle::Budget => "budget: one login a minute, three at once",
            Oracle::Rotation => "rotation: no expiry at the server, no gap",
            Oracle::Leaks => "leaks: tasks and memory stay what they were",
            Oracle::Word => "word: every loss is followed by a return, every command by an answer",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = 1 + self.oracle as usize;
        let seconds = self.at.as_secs();
        let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
        let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "oracle {number} ({}): {}, {days} d {hours:02}:{minutes:02}:{rest:02}: {}",
            self.oracle.name().split(':').next().unwrap_or_default(),
            self.account,
            self.what
        )
    }
}
