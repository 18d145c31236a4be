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

    /// Counts a login that is meant for this moment, and says how much later it has to be.
    pub(super) fn login(&self, per_minute: f64, at: Instant) -> Duration {
        let mut accounts = ACCOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() > REMEMBERED {
            accounts.retain(|_, bucket| bucket.refilled(per_minute, at) < BURST);
        }
        let full = Bucket { left: BURST, at };
        accounts
            .entry(self.clone())
            .or_insert(full)
            .take(per_minute, at)
    }

    /// A login that was counted is made now, perhaps later than it was meant: the budget does not
    /// fill up behind it meanwhile.
    pub(super) fn made(&self, per_minute: f64, now: Instant) {
        let mut accounts = ACCOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = accounts.get_mut(self) {
            *bucket = Bucket {
                left: bucket.refilled(per_minute, now).min(BURST - 1.0),
                at: bucket.at.max(now),
            };
        }
    }

    /// A login that was counted did not take place: the server was not reached.
    pub(super) fn spared(&self, per_minute: f64, now: Instant) {
        let mut accounts = ACCOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = accounts.get_mut(self) {
            let left = bucket.refilled(per_minute, now) + 1.0;
            *bucket = Bucket {
                left: left.min(BURST),
                at: bucket.at.max(now),
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
    fn take(&mut self, per_minute: f64, at: Instant) -> Duration {
        let left = self.refilled(per_minute, at) - 1.0;
        // Another session's login may be meant for later than this one.
        let at = self.at.max(at);
        *self = Bucket { left, at };
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
        // What was counted for later is not counted out again before.
        assert_eq!(account.login(1.0, now), Duration::from_secs(120));
        assert_eq!(account.login(1.0, later), Duration::from_secs(180));
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_that_is_held_up_saves_no_other() {
        let account = Account {
            host: "late.example".to_owned(),
            port: 143,
            user: None,
        };
        let now = Instant::now();
        assert_eq!(account.login(1.0, now), Duration::ZERO);
        let later = now + Duration::from_secs(600);
        account.made(1.0, later);
        for waits in [0, 0, 60] {
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
