//! The option `reconnect`: whether a session comes back by itself, and how.

use std::time::Duration;

use super::keepalive::EXPECTED_SWITCH;
use super::value::{OptionError, Values};

/// `reconnect.baseMs` when it is not given.
pub(super) const DEFAULT_BASE: Duration = Duration::from_secs(1);
/// `reconnect.capMs` when it is not given.
pub(super) const DEFAULT_CAP: Duration = Duration::from_secs(60);
/// `reconnect.stableMs` when it is not given.
pub(super) const DEFAULT_STABLE: Duration = Duration::from_secs(300);
/// `reconnect.loginsPerMinute` when it is not given.
pub(super) const DEFAULT_LOGINS_PER_MINUTE: f64 = 1.0;

/// How a session comes back after it lost its connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reconnect {
    /// The first delay is below this, the next below twice as much, and so on. Default
    /// [`DEFAULT_BASE`].
    pub base: Duration,
    /// No delay is longer, unless the server asks for more. Default [`DEFAULT_CAP`].
    pub cap: Duration,
    /// After so many attempts in a row without success the session ends. Default: never.
    pub max_attempts: Option<u32>,
    /// A connection that lived so long was a good one: the delays begin anew. Default
    /// [`DEFAULT_STABLE`].
    pub stable: Duration,
    /// How often an account logs in, over all of its sessions in this process; three logins may
    /// come at once. Default [`DEFAULT_LOGINS_PER_MINUTE`].
    pub logins_per_minute: f64,
    /// Whether commands that can be repeated safely are. Default true.
    pub retry_commands: bool,
    /// What to do about a command of which nobody knows whether it was carried out. Default
    /// [`OnUnknown::Error`].
    pub on_unknown: OnUnknown,
}

/// What to do about a command of which nobody knows whether it was carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUnknown {
    /// Tell the program at once.
    #[default]
    Error,
    /// Find out first, where that can be done. The looking is JavaScript's (`src/js/proof`).
    Probe,
}

impl Default for Reconnect {
    fn default() -> Reconnect {
        Reconnect {
            base: DEFAULT_BASE,
            cap: DEFAULT_CAP,
            max_attempts: None,
            stable: DEFAULT_STABLE,
            logins_per_minute: DEFAULT_LOGINS_PER_MINUTE,
            retry_commands: true,
            on_unknown: OnUnknown::Error,
        }
    }
}

/// The keys of `reconnect`.
const KEYS: [&str; 7] = [
    "baseMs",
    "capMs",
    "maxAttempts",
    "stableMs",
    "loginsPerMinute",
    "retryCommands",
    "onUnknown",
];
const EXPECTED_ON_UNKNOWN: &str = "'error' or 'probe'";
const EXPECTED: &str = "true, false or an object such as { maxAttempts: 10 }";

/// `reconnect` is off unless it is switched on; an object sets its details.
pub(super) fn reconnect(values: &Values) -> Result<Option<Reconnect>, OptionError> {
    let default = Reconnect::default();
    if !values.is_object("reconnect") {
        let on = values.switch("reconnect", EXPECTED)?.unwrap_or(false);
        return Ok(on.then_some(default));
    }
    let details = values.object("reconnect", EXPECTED)?;
    details.known(&KEYS)?;
    let (base, cap) = delays(&details)?;
    Ok(Some(Reconnect {
        base,
        cap,
        max_attempts: details.count("maxAttempts")?,
        stable: details.time("stableMs")?.unwrap_or(default.stable),
        logins_per_minute: details
            .rate("loginsPerMinute")?
            .unwrap_or(default.logins_per_minute),
        retry_commands: details
            .switch("retryCommands", EXPECTED_SWITCH)?
            .unwrap_or(default.retry_commands),
        on_unknown: on_unknown(&details)?,
    }))
}

/// The shortest and the longest delay. One that is given moves the default of the other.
fn delays(details: &Values) -> Result<(Duration, Duration), OptionError> {
    Ok(match (details.time("baseMs")?, details.time("capMs")?) {
        (Some(base), Some(cap)) if cap < base => {
            return Err(details.too_small("capMs", "`baseMs` or more"));
        }
        (Some(base), cap) => (base, cap.unwrap_or(DEFAULT_CAP.max(base))),
        (None, Some(cap)) => (DEFAULT_BASE.min(cap), cap),
        (None, None) => (DEFAULT_BASE, DEFAULT_CAP),
    })
}

fn on_unknown(details: &Values) -> Result<OnUnknown, OptionError> {
    let wrong = |_| details.wrong("onUnknown", EXPECTED_ON_UNKNOWN);
    match details.text("onUnknown").map_err(wrong)?.as_deref() {
        None | Some("error") => Ok(OnUnknown::Error),
        Some("probe") => Ok(OnUnknown::Probe),
        Some(_) => Err(details.wrong("onUnknown", EXPECTED_ON_UNKNOWN)),
    }
}
