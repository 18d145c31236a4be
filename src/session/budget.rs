//! How often an account logs in (resilience 2.13), over all of its sessions in this process. This
//! alone bounds what any mistake in the other rules can do to an account.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::options::Options;

/// So many logins may come at once.
const BURST: f64 = 3.0;
/// Accounts that have not logged in for long are forgotten when there are more than this many.
const REMEMBERED: usize = 10_000;

static ACCOUNTS: LazyLock<Mutex<HashMap<Account, Bucket>>> = LazyLock::new(Mutex::default);

/// Whose logins are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Account {
    /// The server.
    pub(super) host: String,
    /// The server's port.
    pub(super) port: u16,
    /// The login name, if there is one.
    pub(super) user: Option<String>,
}

/// Logins that are left, as of a moment.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Account {
    pub(super) fn of(options: &Options) -> Account {
        Account {
            host: options.host.clone(),
            port: options.port,
            user: options.user.clone(),
        }
    }

    /// Counts a login, and says how long to wait before it.
    pub(super) fn login(&self, per_minute: f64, now: Instant) -> Duration {
        let mut accounts = ACCOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() > REMEMBERED {
            accounts.retain(|_, bucket| bucket.refilled(per_minute, now) < BURST);
        }
        let full = Bucket {
            left: BURST,
            at: now,
        };
        accounts
            .entry(self.clone())
            .or_insert(full)
            .take(per_minute, now)
    }

    /// A login that was counted did not take place: the server was not reached.
    pub(super) fn spared(&self, per_minute: f64, now: Instant) {
        let mut accounts = ACCOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = accounts.get_mut(self) {
            let left = bucket.refilled(per_minute, now) + 1.0;
            *bucket = Bucket {
                left: left.min(BURST),
                at: now,
            };
        }
    }
}

impl Bucket {
    fn refilled(&self, per_minute: f64, now: Instant) -> f64 {
        let minutes = now.saturating_duration_since(self.at).as_secs_f64() / 60.0;
        (self.left + minutes * per_minute).min(BURST)
    }

    /// Takes one login. What is not there yet is owed: later logins wait longer.
    fn take(&mut self, per_minute: f64, now: Instant) -> Duration {
        let left = self.refilled(per_minute, now) - 1.0;
        *self = Bucket { left, at: now };
        Duration::from_secs_f64((-left).max(0.0) * 60.0 / per_minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn three_logins_at_once_and_then_one_a_minute() {
        let account = Account {
            host: "three.example".to_owned(),
            port: 143,
            user: None,
        };
        let now = Instant::now();
        for waits in [0, 0, 0, 60, 120] {
            assert_eq!(account.login(1.0, now), Duration::from_secs(waits));
        }
        // Two of them were owed; after ten minutes all three are there again.
        let later = now + Duration::from_secs(600);
        for waits in [0, 0, 0, 60] {
            assert_eq!(account.login(1.0, later), Duration::from_secs(waits));
        }
    }
    #[tokio::test(start_paused = true)]
    async fn what_did_not_reach_the_server_is_not_counted() {
        let account = Account {
            host: "spared.example".to_owned(),
            port: 143,
            user: None,
        };
        let now = Instant::now();
        for _ in 0..10 {
            assert_eq!(account.login(1.0, now), Duration::ZERO);
            account.spared(1.0, now);
        }
    }
}
