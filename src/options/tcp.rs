//! The option `tcp`: when the system takes a connection for dead (resilience 2.11).

use std::time::Duration;

use super::value::{OptionError, Values};

/// `tcp.keepIdle` when it is not given.
pub const KEEPALIVE_IDLE: Duration = Duration::from_secs(45);
/// `tcp.keepInterval` when it is not given.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// `tcp.keepCount` when it is not given.
pub const KEEPALIVE_PROBES: u32 = 3;

/// The most probes that Linux takes.
const MOST_PROBES: usize = 127;
/// The longest time before and between probes that Linux takes.
const LONGEST_TIME: Duration = Duration::from_secs(32_767);

/// When the system takes a connection for dead. The system counts in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpOptions {
    /// Silence before the first keepalive probe. Default [`KEEPALIVE_IDLE`].
    pub keep_idle: Duration,
    /// Time between keepalive probes. Default [`KEEPALIVE_INTERVAL`].
    pub keep_interval: Duration,
    /// Unanswered probes after which the connection is dead. Default [`KEEPALIVE_PROBES`].
    pub keep_count: u32,
    /// The longest time that sent data may stay unacknowledged (TCP_USER_TIMEOUT of Linux, which
    /// bounds the probes, too). Default: as long as the probes take.
    pub user_timeout: Duration,
}

impl Default for TcpOptions {
    fn default() -> TcpOptions {
        TcpOptions::of(KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_PROBES)
    }
}

impl TcpOptions {
    fn of(keep_idle: Duration, keep_interval: Duration, keep_count: u32) -> TcpOptions {
        TcpOptions {
            keep_idle,
            keep_interval,
            keep_count,
            user_timeout: keep_idle + keep_interval * keep_count,
        }
    }
}

/// The keys of `tcp`.
const KEYS: [&str; 4] = ["keepIdle", "keepInterval", "keepCount", "userTimeout"];

/// Each is its own; there is no switch for all of them.
pub(super) fn tcp(values: &Values) -> Result<TcpOptions, OptionError> {
    let details = values.object("tcp", "an object such as { keepIdle: 45000 }")?;
    details.known(&KEYS)?;
    let seconds = |name, default| Ok(details.time(name)?.map_or(default, whole_seconds));
    let count = details.whole("keepCount", "probes", 1..=MOST_PROBES)?;
    let probes = TcpOptions::of(
        seconds("keepIdle", KEEPALIVE_IDLE)?,
        seconds("keepInterval", KEEPALIVE_INTERVAL)?,
        count.map_or(KEEPALIVE_PROBES, |count| count as u32),
    );
    Ok(TcpOptions {
        user_timeout: details.time("userTimeout")?.unwrap_or(probes.user_timeout),
        ..probes
    })
}

/// What the system takes: whole seconds, at least one.
fn whole_seconds(time: Duration) -> Duration {
    let seconds = Duration::from_secs_f64(time.as_secs_f64().ceil());
    seconds.min(LONGEST_TIME)
}
