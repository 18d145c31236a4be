//! The option `timeouts`: how long the server is waited for, before the connection is taken for
//! dead (resilience 2.11).

use std::time::Duration;

use super::value::{OptionError, Values};

/// `timeouts.continuation` when it is not given.
pub const IDLE_CONTINUATION_DEADLINE: Duration = Duration::from_secs(10);
/// `timeouts.done` when it is not given.
pub const DONE_DEADLINE: Duration = Duration::from_secs(15);
/// `timeouts.noop` when it is not given.
pub const NOOP_DEADLINE: Duration = Duration::from_secs(20);
/// `timeouts.command` when it is not given.
pub const COMMAND_SILENCE: Duration = Duration::from_secs(300);
/// `timeouts.logout` when it is not given.
pub const LOGOUT_DEADLINE: Duration = Duration::from_secs(5);
/// `timeouts.afterBye` when it is not given.
pub const CLOSE_GRACE: Duration = Duration::from_secs(2);

/// How long the server is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the start of the login until the greeting; `None` is no time of its own: then it is
    /// within `authTimeout`.
    pub greeting: Option<Duration>,
    /// From a command on, without a byte in either direction. Default [`COMMAND_SILENCE`].
    pub command: Duration,
    /// From IDLE until `+`. Default [`IDLE_CONTINUATION_DEADLINE`].
    pub continuation: Duration,
    /// From DONE until the end of IDLE. Default [`DONE_DEADLINE`].
    pub done: Duration,
    /// From NOOP until its answer. Default [`NOOP_DEADLINE`].
    pub noop: Duration,
    /// From LOGOUT until its answer; the connection ends then. Default [`LOGOUT_DEADLINE`].
    pub logout: Duration,
    /// From BYE, or the answer to LOGOUT, until the server closes; then we do. Default
    /// [`CLOSE_GRACE`].
    pub after_bye: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            greeting: None,
            command: COMMAND_SILENCE,
            continuation: IDLE_CONTINUATION_DEADLINE,
            done: DONE_DEADLINE,
            noop: NOOP_DEADLINE,
            logout: LOGOUT_DEADLINE,
            after_bye: CLOSE_GRACE,
        }
    }
}

/// The keys of `timeouts`.
const KEYS: [&str; 7] = [
    "greeting",
    "command",
    "continuation",
    "done",
    "noop",
    "logout",
    "afterBye",
];

/// Each time is its own; there is no switch for all of them.
pub(super) fn timeouts(values: &Values) -> Result<Timeouts, OptionError> {
    let default = Timeouts::default();
    let details = values.object("timeouts", "an object such as { command: 60000 }")?;
    details.known(&KEYS)?;
    let time = |name, default| Ok(details.time(name)?.unwrap_or(default));
    Ok(Timeouts {
        greeting: details.time("greeting")?,
        command: time("command", default.command)?,
        continuation: time("continuation", default.continuation)?,
        done: time("done", default.done)?,
        noop: time("noop", default.noop)?,
        logout: time("logout", default.logout)?,
        after_bye: time("afterBye", default.after_bye)?,
    })
}
