//! The option `rotate`: whether a session moves to a fresh connection before the server ends the
//! old one, and when.

use std::time::Duration;

use super::keepalive::EXPECTED_SWITCH;
use super::value::{OptionError, Values};

/// `rotate.maxSessionAge` when it is not given: below the 24 hours of Gmail.
pub(super) const DEFAULT_MAX_SESSION_AGE: Duration = Duration::from_secs(23 * 60 * 60);
/// The same for hosts that are known to end sessions sooner, and for those below them.
const KNOWN_AGES: [(&str, Duration); 1] = [
    // BYE after an hour: github.com/lefcha/imapfilter/issues/316.
    ("imap.aol.com", Duration::from_secs(58 * 60)),
];
/// `rotate.marginMs` when it is not given.
pub(super) const DEFAULT_MARGIN: Duration = Duration::from_secs(10 * 60);

/// When a session moves to another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotate {
    /// No connection serves longer; up to a tenth of it is taken off at random, so that not all
    /// sessions of a process move at once. Default is what is known of the host, else
    /// [`DEFAULT_MAX_SESSION_AGE`].
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
pub(super) fn rotate(values: &Values, host: &str) -> Result<Option<Rotate>, OptionError> {
    let default = Rotate {
        max_session_age: known_age(host).unwrap_or(DEFAULT_MAX_SESSION_AGE),
        ..Rotate::default()
    };
    if !values.is_object("rotate") {
        let on = values.switch("rotate", EXPECTED)?.unwrap_or(true);
        return Ok(on.then_some(default));
    }
    let details = values.object("rotate", EXPECTED)?;
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

/// How long sessions at this host may live, if that is known.
fn known_age(host: &str) -> Option<Duration> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_of = |name: &str| {
        let below = host.strip_suffix(name);
        below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
    };
    let known = KNOWN_AGES.into_iter().find(|(name, _)| is_of(name));
    known.map(|(_, age)| age)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    fn age(json: &str) -> Duration {
        let rotate = Options::from_json(json).expect("options").rotate;
        rotate.expect("it is on").max_session_age
    }

    #[test]
    fn a_host_that_is_known_has_its_own_age() {
        let hour = Duration::from_secs(60 * 60);
        for host in ["imap.aol.com", "IMAP.AOL.COM.", "export.imap.aol.com"] {
            assert!(age(&format!(r#"{{"host":"{host}"}}"#)) < hour, "{host}");
        }
        for host in ["imap.gmail.com", "notimap.aol.com", "aol.com", ""] {
            let age = age(&format!(r#"{{"host":"{host}"}}"#));
            assert_eq!(age, DEFAULT_MAX_SESSION_AGE, "{host}");
        }
    }

    #[test]
    fn what_the_program_says_counts_more() {
        let json = r#"{"host":"imap.aol.com","rotate":{"maxSessionAge":7200000}}"#;
        assert_eq!(age(json), Duration::from_secs(7200));
        let json = r#"{"host":"imap.aol.com","rotate":{"maxSessionAge":0,"marginMs":1}}"#;
        assert_eq!(age(json), Duration::from_secs(58 * 60));
    }
}
