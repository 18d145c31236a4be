//! The option `rotate`: whether a session moves to a fresh connection before the server ends the
//! old one, and when.

use std::time::Duration;

use super::keepalive::EXPECTED_SWITCH;
use super::value::{OptionError, Values};

/// `rotate.maxSessionAge` when it is not given: below the 24 hours of Gmail.
pub(super) const DEFAULT_MAX_SESSION_AGE: Duration = Duration::from_secs(23 * 60 * 60);
/// `rotate.marginMs` when it is not given.
pub(super) const DEFAULT_MARGIN: Duration = Duration::from_secs(10 * 60);

/// When a session moves to another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotate {
    /// No connection serves longer; up to a tenth of it is taken off at random, so that not all
    /// sessions of a process move at once. Default [`DEFAULT_MAX_SESSION_AGE`].
    pub max_session_age: Duration,
    /// How long before its access token expires a connection is left. Default [`DEFAULT_MARGIN`],
    /// but no more than a quarter of the token's life.
    pub margin: Duration,
    /// Whether the new connection is made while the old one still serves. Default true. Servers
    /// that allow only one connection are left and entered again in any case.
    pub overlaps: bool,
}

impl Default for Rotate {
    fn default() -> Rotate {
        Rotate {
            max_session_age: DEFAULT_MAX_SESSION_AGE,
            margin: DEFAULT_MARGIN,
            overlaps: true,
        }
    }
}

/// The keys of `rotate`.
const KEYS: [&str; 3] = ["maxSessionAge", "marginMs", "overlap"];
const EXPECTED: &str = "true, false or an object such as { maxSessionAge: 82800000 }";

/// `rotate` is on unless it is switched off; an object sets its details. It has a meaning only with
/// `reconnect`.
pub(super) fn rotate(values: &Values) -> Result<Option<Rotate>, OptionError> {
    let default = Rotate::default();
    if !values.is_object("rotate") {
        let on = values.switch("rotate", EXPECTED)?.unwrap_or(true);
        return Ok(on.then_some(default));
    }
    let details = values.object("rotate")?;
    details.known(&KEYS)?;
    Ok(Some(Rotate {
        max_session_age: details
            .time("maxSessionAge")?
            .unwrap_or(default.max_session_age),
        margin: details.time("marginMs")?.unwrap_or(default.margin),
        overlaps: details
            .switch("overlap", EXPECTED_SWITCH)?
            .unwrap_or(default.overlaps),
    }))
}
