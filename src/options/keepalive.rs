//! The option `keepalive`: how an idle connection is kept alive (contract section 6).

use std::time::Duration;

use super::value::{OptionError, Values};

/// `keepalive.interval` when it is not given (node-imap).
pub const DEFAULT_KEEPALIVE_INTERVAL: Duration = Duration::from_millis(10_000);
/// `keepalive.idleInterval` when it is not given (node-imap).
pub const DEFAULT_IDLE_INTERVAL: Duration = Duration::from_millis(300_000);

/// `keepalive.resyncInterval` when it is not given, with `reconnect`.
pub const DEFAULT_RESYNC_INTERVAL: Duration = Duration::from_secs(15 * 60);

/// The keys of `keepalive`.
const KEYS: [&str; 4] = ["interval", "idleInterval", "forceNoop", "resyncInterval"];
const EXPECTED: &str = "true, false or an object such as { interval: 10000 }";
/// What a switch in an object of options is.
pub(super) const EXPECTED_SWITCH: &str = "true or false";

/// How an idle connection is kept alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// Time between NOOPs, and the grain of the IDLE renewal. Default
    /// [`DEFAULT_KEEPALIVE_INTERVAL`].
    pub interval: Duration,
    /// Time after which IDLE is renewed. Default [`DEFAULT_IDLE_INTERVAL`].
    pub idle_interval: Duration,
    /// NOOP also where the server has IDLE.
    pub force_noop: bool,
    /// Time after which the server is asked for news although it idles, because some forget to
    /// tell them; `None` is never. Default [`DEFAULT_RESYNC_INTERVAL`] for a session that comes
    /// back, and never for any other: npm `imap` does not ask.
    pub resync_interval: Option<Duration>,
}

/// No server makes IDLE be renewed more often than this.
const LEAST_IDLE_INTERVAL: Duration = Duration::from_secs(60);

impl KeepAlive {
    /// IDLE is renewed twice as often, within reason: a server found us idle for too long.
    pub fn hurry(&mut self) {
        let half = (self.idle_interval / 2).max(LEAST_IDLE_INTERVAL);
        self.idle_interval = self.idle_interval.min(half);
    }
}

impl Default for KeepAlive {
    fn default() -> KeepAlive {
        KeepAlive {
            interval: DEFAULT_KEEPALIVE_INTERVAL,
            idle_interval: DEFAULT_IDLE_INTERVAL,
            force_noop: false,
            resync_interval: None,
        }
    }
}

/// `keepalive` is on unless it is switched off; an object sets its details (contract section 6.4).
pub(super) fn keepalive(values: &Values) -> Result<Option<KeepAlive>, OptionError> {
    let default = KeepAlive::default();
    if !values.is_object("keepalive") {
        let on = values.switch("keepalive", EXPECTED)?.unwrap_or(true);
        return Ok(on.then_some(default));
    }
    let details = values.object("keepalive", EXPECTED)?;
    details.known(&KEYS)?;
    Ok(Some(KeepAlive {
        interval: details.time("interval")?.unwrap_or(default.interval),
        idle_interval: details
            .time("idleInterval")?
            .unwrap_or(default.idle_interval),
        force_noop: details
            .switch("forceNoop", EXPECTED_SWITCH)?
            .unwrap_or(default.force_noop),
        resync_interval: details.time("resyncInterval")?,
    }))
}
