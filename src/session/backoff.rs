//! When a session tries again (resilience 2.13): full jitter under a limit that doubles, begun
//! anew only by a connection that lived.

use std::time::Duration;

use tokio::time::Instant;

use crate::options::Reconnect;

use super::classify::{Cause, Class, Reach};

/// The first retry after a good connection comes within this time.
const PROMPT: Duration = Duration::from_secs(1);
/// A server that has too much of us is left alone at least so long, and twice as long each time.
const LIMIT_BASE: Duration = Duration::from_secs(60);
/// The longest wait for it, and for a server that names a wait itself.
const LIMIT_CAP: Duration = Duration::from_secs(15 * 60);
/// Credentials that were accepted before are tried again after these times, and then no more:
/// servers lock accounts.
const REJECTED: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(300)];
/// A server that names a wait is left alone a little longer, so that not all come back at once.
const SPREAD: f64 = 0.1;
/// Where there is no network, looking for it costs nobody anything.
const OFFLINE_CAP: Duration = Duration::from_secs(15);
/// How often a server is looked at that was known before, and does not prove to be that server any
/// more: certificates get renewed. No password goes out meanwhile.
const UNTRUSTED: Duration = Duration::from_secs(60 * 60);
/// A name that was known before may be lost for so long.
const NAMELESS: Duration = Duration::from_secs(24 * 60 * 60);
/// Doubling stops here.
const MAX_DOUBLINGS: u32 = 20;

/// What to do after a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Try again after this time.
    Wait(Duration),
    /// Trying again is of no use.
    GiveUp,
}

/// The memory of a session's failures.
#[derive(Debug)]
pub(super) struct Backoff {
    settings: Reconnect,
    /// Attempts since the last connection that was a good one.
    attempts: u32,
    rejections: usize,
    /// Whether each login has a fresh token: a refusal may only mean that the last one was old.
    refreshes: bool,
    /// Whether a login has ever succeeded.
    has_been_ready: bool,
    /// Since when the server has no name.
    nameless_since: Option<Instant>,
    random: fastrand::Rng,
}

impl Backoff {
    pub(super) fn new(settings: Reconnect, refreshes: bool, random: fastrand::Rng) -> Backoff {
        Backoff {
            settings,
            attempts: 0,
            rejections: 0,
            refreshes,
            has_been_ready: false,
            nameless_since: None,
            random,
        }
    }

    /// Attempts since the last connection that was a good one, the next one included.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Looks at a cause in the light of what was before, `lived` among it (see [`Backoff::after`]):
    /// the name of a server that was there once may come back, and who talked sense once may be
    /// having a bad moment, or somebody is between.
    pub(super) fn reconsider(
        &mut self,
        mut cause: Cause,
        lived: Option<Duration>,
        now: Instant,
    ) -> Cause {
        self.has_been_ready |= lived.is_some();
        if cause.reach != Reach::Nameless {
            self.nameless_since = None;
        }
        let may_pass = match cause.reach {
            Reach::Nameless => now < *self.nameless_since.get_or_insert(now) + NAMELESS,
            Reach::Garbled => true,
            _ => false,
        };
        if self.has_been_ready && may_pass {
            cause.class = Class::Transient;
        }
        cause
    }

    /// A connection ended that was ready for so long; `None` if it never was.
    pub(super) fn after(&mut self, cause: &Cause, lived: Option<Duration>) -> Next {
        let was_good = lived.is_some_and(|lived| lived >= self.settings.stable);
        if lived.is_some() {
            self.has_been_ready = true;
            self.rejections = 0;
        }
        if was_good {
            self.attempts = 0;
        }
        let failures = self.attempts;
        self.attempts += 1;
        if self
            .settings
            .max_attempts
            .is_some_and(|max| failures >= max)
        {
            return Next::GiveUp;
        }
        match cause.class {
            Class::Permanent if self.has_been_ready && cause.reach == Reach::Untrusted => {
                Next::Wait(self.between(UNTRUSTED, UNTRUSTED.mul_f64(1.0 + SPREAD)))
            }
            Class::Permanent => Next::GiveUp,
            Class::Rejected => self.rejected(),
            Class::Throttled => Next::Wait(self.spread(cause.wait.unwrap_or(LIMIT_BASE))),
            Class::Limit => {
                let limit = doubled(LIMIT_BASE, failures + 1).min(LIMIT_CAP);
                Next::Wait(self.between(LIMIT_BASE, limit))
            }
            // The server's own rule: nothing is wrong, and waiting only loses time.
            Class::Expired if failures == 0 => Next::Wait(self.between(Duration::ZERO, PROMPT)),
            Class::Transient if was_good => Next::Wait(self.between(Duration::ZERO, PROMPT)),
            Class::Transient if cause.reach == Reach::Offline => {
                let limit = doubled(self.settings.base, failures).min(self.settings.cap);
                Next::Wait(self.between(Duration::ZERO, limit.min(OFFLINE_CAP)))
            }
            Class::Expired | Class::Transient => {
                let limit = doubled(self.settings.base, failures).min(self.settings.cap);
                Next::Wait(self.between(Duration::ZERO, limit))
            }
        }
    }

    /// What never worked will not by being repeated; what worked may be a server's bad moment.
    fn rejected(&mut self) -> Next {
        let rejections = self.rejections;
        self.rejections += 1;
        if self.refreshes && rejections == 0 {
            return Next::Wait(Duration::ZERO);
        }
        let chances = rejections.saturating_sub(usize::from(self.refreshes));
        match REJECTED.get(chances).filter(|_| self.has_been_ready) {
            Some(wait) => Next::Wait(self.spread(*wait)),
            None => Next::GiveUp,
        }
    }

    fn spread(&mut self, wait: Duration) -> Duration {
        let wait = wait.min(LIMIT_CAP);
        self.between(wait, wait.mul_f64(1.0 + SPREAD))
    }

    fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + most.saturating_sub(least).mul_f64(self.random.f64())
    }
}

fn doubled(base: Duration, times: u32) -> Duration {
    base.saturating_mul(1 << times.min(MAX_DOUBLINGS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(class: Class) -> Cause {
        Cause {
            class,
            code: None,
            text: String::new(),
            wait: None,
            reach: Reach::Reached,
        }
    }

    fn backoff(settings: Reconnect) -> Backoff {
        Backoff::new(settings, false, fastrand::Rng::with_seed(7))
    }

    fn waits(next: Next) -> Duration {
        match next {
            Next::Wait(wait) => wait,
            Next::GiveUp => panic!("it gave up"),
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn delays_double_up_to_the_cap_and_only_a_long_life_begins_them_anew() {
        let mut backoff = backoff(Reconnect::default());
        let mut longest = Duration::ZERO;
        for failures in 0..40 {
            let limit = doubled(SECOND, failures).min(60 * SECOND);
            // A login alone is no success.
            let wait = waits(backoff.after(&cause(Class::Transient), Some(SECOND)));
            assert!(wait <= limit, "{wait:?} after {failures}");
            longest = longest.max(wait);
        }
        assert!(longest > 30 * SECOND);
        let lived = Some(Duration::from_secs(300));
        assert!(waits(backoff.after(&cause(Class::Transient), lived)) <= PROMPT);
        assert_eq!(backoff.attempts(), 1);
    }

    #[test]
    fn credentials_that_never_worked_are_not_repeated() {
        let mut backoff = backoff(Reconnect::default());
        assert_eq!(backoff.after(&cause(Class::Rejected), None), Next::GiveUp);
    }

    #[test]
    fn credentials_that_worked_get_two_more_chances() {
        let mut backoff = backoff(Reconnect::default());
        waits(backoff.after(&cause(Class::Transient), Some(SECOND)));
        let first = waits(backoff.after(&cause(Class::Rejected), None));
        assert!((60 * SECOND..=66 * SECOND).contains(&first), "{first:?}");
        let second = waits(backoff.after(&cause(Class::Rejected), None));
        assert!(
            (300 * SECOND..=330 * SECOND).contains(&second),
            "{second:?}"
        );
        assert_eq!(backoff.after(&cause(Class::Rejected), None), Next::GiveUp);
    }

    #[test]
    fn a_server_that_has_too_much_of_us_is_left_alone_for_a_minute_at_least() {
        let mut backoff = backoff(Reconnect::default());
        for _ in 0..10 {
            let wait = waits(backoff.after(&cause(Class::Limit), None));
            assert!((LIMIT_BASE..=LIMIT_CAP).contains(&wait), "{wait:?}");
        }
        let named = Cause {
            wait: Some(178 * SECOND),
            ..cause(Class::Throttled)
        };
        let wait = waits(backoff.after(&named, None));
        assert!((178 * SECOND..=196 * SECOND).contains(&wait), "{wait:?}");
    }

    #[test]
    fn attempts_can_be_limited() {
        let mut backoff = backoff(Reconnect {
            max_attempts: Some(2),
            ..Reconnect::default()
        });
        waits(backoff.after(&cause(Class::Transient), None));
        waits(backoff.after(&cause(Class::Transient), None));
        assert_eq!(backoff.after(&cause(Class::Transient), None), Next::GiveUp);
    }
    #[test]
    fn a_name_that_was_known_may_be_lost_for_a_day() {
        let now = Instant::now();
        let lost = Cause {
            reach: Reach::Nameless,
            ..cause(Class::Permanent)
        };
        let mut backoff = backoff(Reconnect::default());
        let class = |cause: Cause| cause.class;
        assert_eq!(
            class(backoff.reconsider(lost.clone(), None, now)),
            Class::Permanent
        );
        backoff.reconsider(cause(Class::Transient), Some(SECOND), now);
        for (after, expected) in [
            (Duration::ZERO, Class::Transient),
            (NAMELESS - SECOND, Class::Transient),
            (NAMELESS, Class::Permanent),
        ] {
            assert_eq!(
                class(backoff.reconsider(lost.clone(), None, now + after)),
                expected
            );
        }
    }

    #[test]
    fn who_talked_sense_once_may_have_a_bad_moment() {
        let now = Instant::now();
        let garbled = Cause {
            reach: Reach::Garbled,
            ..cause(Class::Permanent)
        };
        let mut backoff = backoff(Reconnect::default());
        let first = backoff.reconsider(garbled.clone(), None, now);
        assert_eq!(backoff.after(&first, None), Next::GiveUp);
        // In the middle of a session, and at the door afterwards.
        for lived in [Some(SECOND), None] {
            let later = backoff.reconsider(garbled.clone(), lived, now);
            waits(backoff.after(&later, lived));
        }
    }

    #[test]
    fn a_certificate_that_was_good_is_looked_at_every_hour() {
        let untrusted = Cause {
            reach: Reach::Untrusted,
            ..cause(Class::Permanent)
        };
        let mut backoff = backoff(Reconnect::default());
        assert_eq!(backoff.after(&untrusted, None), Next::GiveUp);
        waits(backoff.after(&cause(Class::Transient), Some(SECOND)));
        for _ in 0..100 {
            let wait = waits(backoff.after(&untrusted, None));
            assert!((UNTRUSTED..=UNTRUSTED.mul_f64(1.1)).contains(&wait));
        }
    }

    #[test]
    fn a_network_that_is_away_is_looked_for_often() {
        let mut backoff = backoff(Reconnect::default());
        let offline = Cause {
            reach: Reach::Offline,
            ..cause(Class::Transient)
        };
        for _ in 0..40 {
            assert!(waits(backoff.after(&offline, None)) <= OFFLINE_CAP);
        }
    }
}
