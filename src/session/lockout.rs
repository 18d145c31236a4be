//! Secrets that a server refused (resilience 2.13): it locks accounts, and hears the same one no
//! more than [`TRIES`] times within [`SHORTLY`], over all sessions of the account in this process.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::error::{Error, Source, code};
use crate::options::{Options, Secret};

use super::budget::Account;

/// So often a secret may be refused within [`SHORTLY`].
const TRIES: usize = 3;
const SHORTLY: Duration = Duration::from_secs(15 * 60);
/// So often it may be refused within [`DAY`].
const TRIES_A_DAY: usize = 5;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// While others try the same secret, it is looked this often how they fare.
const LOOK: Duration = Duration::from_millis(500);

static TRIALS: LazyLock<Mutex<HashMap<Key, Trial>>> = LazyLock::new(Mutex::default);
static FINGERPRINTS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// An account and what it logs in with, of which only a fingerprint is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    account: Account,
    fingerprint: u64,
}

/// How a secret has fared.
#[derive(Debug, Default)]
struct Trial {
    /// It was accepted while others tried it, and not refused since.
    is_good: bool,
    /// Logins under way.
    pending: usize,
    /// When it was refused, within a day.
    refused: Vec<Instant>,
}

/// A login that is under way.
#[derive(Debug)]
pub(super) struct Login {
    key: Key,
}

impl Login {
    /// Begins a login, as soon as those that try the same secret leave room for it.
    ///
    /// # Errors
    ///
    /// One with [`code::LOGIN_LIMIT`], if it was refused too often.
    pub(super) async fn begin(account: &Account, options: &Options) -> Result<Login, Error> {
        let key = Key::of(account, options);
        loop {
            match trial(&mut trials(), &key).admits(Instant::now()) {
                Ok(true) => return Ok(Login { key }),
                Ok(false) => {}
                Err(wait) => return Err(refused_too_often(wait)),
            }
            sleep(LOOK).await;
        }
    }

    /// The server let us in.
    pub(super) fn accepted(self) {
        let mut trials = trials();
        let trial = trial(&mut trials, &self.key);
        trial.is_good = true;
        trial.refused.clear();
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        let mut trials = trials();
        let trial = trial(&mut trials, &self.key);
        trial.pending = trial.pending.saturating_sub(1);
        if trial.pending == 0 && trial.refused.is_empty() {
            trials.remove(&self.key);
        }
    }
}

/// The server refused the secret. Says how long it must not be tried again.
pub(super) fn refused(account: &Account, options: &Options) -> Duration {
    let now = Instant::now();
    let mut trials = trials();
    trials.retain(|_, trial| trial.pending > 0 || trial.is_of_today(now));
    let trial = trial(&mut trials, &Key::of(account, options));
    trial.is_good = false;
    trial.refused.push(now);
    trial.locked(now).unwrap_or_default()
}

impl Key {
    fn of(account: &Account, options: &Options) -> Key {
        let exposed = |secret: &Option<Secret>| {
            let exposed = secret.as_ref().map(Secret::expose);
            FINGERPRINTS.hash_one(exposed)
        };
        let secrets = [
            exposed(&options.password),
            exposed(&options.xoauth),
            exposed(&options.xoauth2),
            exposed(&options.token),
        ];
        Key {
            account: account.clone(),
            fingerprint: FINGERPRINTS.hash_one(secrets),
        }
    }
}

impl Trial {
    /// Counts a login that may begin. False if others have to end before; an error is how long it
    /// must not be tried.
    fn admits(&mut self, now: Instant) -> Result<bool, Duration> {
        if let Some(wait) = self.locked(now) {
            return Err(wait);
        }
        let shortly = self.since(now, SHORTLY) + self.pending;
        let today = self.refused.len() + self.pending;
        let has_room = self.is_good || (shortly < TRIES && today < TRIES_A_DAY);
        self.pending += usize::from(has_room);
        Ok(has_room)
    }

    /// How long it must not be tried.
    fn locked(&mut self, now: Instant) -> Option<Duration> {
        self.refused.retain(|at| now < *at + DAY);
        [(TRIES, SHORTLY), (TRIES_A_DAY, DAY)]
            .into_iter()
            .filter_map(|(tries, within)| {
                let first = self.refused.len().checked_sub(tries)?;
                let until = *self.refused.get(first)? + within;
                until.checked_duration_since(now)
            })
            .filter(|wait| !wait.is_zero())
            .max()
    }

    fn since(&self, now: Instant, within: Duration) -> usize {
        let recent = self.refused.iter().filter(|at| now < **at + within);
        recent.count()
    }

    fn is_of_today(&self, now: Instant) -> bool {
        self.since(now, DAY) > 0
    }
}

fn trials() -> MutexGuard<'static, HashMap<Key, Trial>> {
    TRIALS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn trial<'a>(trials: &'a mut HashMap<Key, Trial>, key: &Key) -> &'a mut Trial {
    trials.entry(key.clone()).or_default()
}

fn refused_too_often(wait: Duration) -> Error {
    let minutes = wait.as_secs().div_ceil(60);
    let message = format!(
        "The server refused these credentials too often; they are not tried again for {minutes} \
         minutes"
    );
    Error::new(Source::Authentication, code::LOGIN_LIMIT, message).with_advice(
        "Servers lock accounts. Check `user` and `password`; other credentials are tried at once.",
    )
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn account(user: &str, password: &str) -> (Account, Options) {
        let json = format!(r#"{{"host":"lock.test","user":"{user}","password":"{password}"}}"#);
        let options = Options::from_json(&json).unwrap();
        (Account::of(&options), options)
    }

    #[tokio::test(start_paused = true)]
    async fn three_in_a_quarter_of_an_hour_and_five_a_day() {
        let (account, options) = account("often", "wrong");
        for locked in [0, 0, 15] {
            drop(Login::begin(&account, &options).await.unwrap());
            assert_eq!(refused(&account, &options), locked * MINUTE);
        }
        let error = Login::begin(&account, &options).await.unwrap_err();
        assert_eq!(error.code, code::LOGIN_LIMIT);
        assert!(error.message.ends_with("for 15 minutes"), "{error}");
        // Other credentials are another matter.
        let other = Options {
            password: Some(Secret::new("right".to_owned())),
            ..options.clone()
        };
        Login::begin(&account, &other).await.unwrap().accepted();

        advance(15 * MINUTE).await;
        drop(Login::begin(&account, &options).await.unwrap());
        assert_eq!(refused(&account, &options), Duration::ZERO);
        drop(Login::begin(&account, &options).await.unwrap());
        assert_eq!(refused(&account, &options), DAY - 15 * MINUTE);
        advance(DAY - 16 * MINUTE).await;
        assert!(Login::begin(&account, &options).await.is_err());
        advance(MINUTE).await;
        Login::begin(&account, &options).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn many_at_once_are_no_more_than_three_until_one_is_let_in() {
        let (account, options) = account("many", "secret");
        let mut logins = Vec::new();
        for _ in 0..TRIES {
            logins.push(Login::begin(&account, &options).await.unwrap());
        }
        let mut fourth = at_once(Login::begin(&account, &options));
        assert!(fourth.is_none());
        logins.remove(0).accepted();
        fourth = at_once(Login::begin(&account, &options));
        assert!(fourth.unwrap().is_ok());
        // What was let in once is refused again: then it counts again.
        logins.clear();
        refused(&account, &options);
        for _ in 1..TRIES {
            logins.push(Login::begin(&account, &options).await.unwrap());
        }
        assert!(at_once(Login::begin(&account, &options)).is_none());
    }

    /// What a future gives at once.
    fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
        futures_util::FutureExt::now_or_never(future)
    }
}
