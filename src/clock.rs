//! What the machine sleeps through (resilience 2.15).
//!
//! The timers of the process count only the time that the machine is awake (CLOCK_MONOTONIC of
//! Linux): after a night's sleep nothing is due, and every connection may be dead. CLOCK_BOOTTIME
//! goes on meanwhile, so that the two drift apart by what was slept. The wall clock, which people
//! and programs set, is asked by nobody.
//!
//! Where there are no two such clocks, as on Windows, timers go on during sleep: then everything is
//! due at once when the machine wakes up, and nothing more is needed.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::sleep;

/// How often it is looked whether the machine slept.
const TICK: Duration = Duration::from_secs(2);
/// Clocks that drift apart by less have other reasons.
const LEAST_SLEEP: Duration = Duration::from_secs(2);
/// The two clocks must be read within this time.
const ONE_MOMENT: Duration = Duration::from_millis(100);

/// All that was slept since [`watch`] began.
static SLEPT: LazyLock<watch::Sender<Duration>> =
    LazyLock::new(|| watch::Sender::new(Duration::ZERO));

/// Tells of the machine's sleep, each sleep once.
#[derive(Clone, Debug)]
pub struct Clock {
    slept: watch::Receiver<Duration>,
    heard: Duration,
}

impl Clock {
    /// That of this machine; [`watch`] must run.
    pub fn system() -> Clock {
        Clock::of(SLEPT.subscribe())
    }

    fn of(slept: watch::Receiver<Duration>) -> Clock {
        let heard = *slept.borrow();
        Clock { slept, heard }
    }

    /// The same, for one who has nothing to do with what was slept before.
    pub fn from_now(&self) -> Clock {
        Clock::of(self.slept.clone())
    }

    /// All that was slept so far; only differences mean something.
    pub fn slept(&self) -> Duration {
        *self.slept.borrow()
    }

    /// Waits until the machine has slept, and says how long.
    pub async fn wakes(&mut self) -> Duration {
        let heard = self.heard;
        let slept = match self.slept.wait_for(|slept| *slept > heard).await {
            Ok(slept) => Some(*slept),
            Err(_) => None,
        };
        match slept {
            Some(slept) => {
                self.heard = slept;
                slept - heard
            }
            // Nobody watches any more.
            None => std::future::pending().await,
        }
    }

    /// Waits until this moment has come, in the time that goes on while the machine sleeps.
    pub async fn sleep_until(&mut self, mut until: tokio::time::Instant) {
        loop {
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(until) => return,
                slept = self.wakes() => match until.checked_sub(slept) {
                    Some(earlier) => until = earlier,
                    None => return,
                }
            }
        }
    }
}

/// Looks at the clocks for as long as the process lives.
pub async fn watch() {
    let Some(mut before) = drift() else {
        return;
    };
    loop {
        sleep(TICK).await;
        let Some(now) = drift() else {
            return;
        };
        let slept = now.saturating_sub(before);
        if slept > LEAST_SLEEP {
            SLEPT.send_modify(|all| *all += slept);
        }
        before = now;
    }
}

/// By how much the clock that goes on is ahead of the one that does not; `None` where there are no
/// two such clocks.
fn drift() -> Option<Duration> {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let began = *BEGAN;
    loop {
        let awake = began.elapsed();
        let boot = boot_time()?;
        // A process that was stopped in between would take that for sleep.
        if began.elapsed() - awake < ONE_MOMENT {
            return Some(boot.saturating_sub(awake));
        }
    }
}

/// The time that goes on while the machine sleeps.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn boot_time() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    #[cfg(not(target_vendor = "apple"))]
    const CLOCK: ClockId = ClockId::Boottime;
    // There it goes on, and the clock of the timers is CLOCK_UPTIME_RAW.
    #[cfg(target_vendor = "apple")]
    const CLOCK: ClockId = ClockId::Monotonic;
    let time = clock_gettime(CLOCK);
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let nanoseconds = u32::try_from(time.tv_nsec).ok()?;
    Some(Duration::new(seconds, nanoseconds))
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn boot_time() -> Option<Duration> {
    None
}

/// A machine that sleeps when somebody wants it to: for tests and simulations.
#[derive(Debug)]
pub struct Sleeper(watch::Sender<Duration>);

impl Sleeper {
    /// One that is awake, and the clock that tells of its sleep.
    pub fn new() -> (Sleeper, Clock) {
        let (sender, slept) = watch::channel(Duration::ZERO);
        (Sleeper(sender), Clock::of(slept))
    }

    /// It slept so long and is awake again.
    pub fn sleeps(&self, time: Duration) {
        self.0.send_modify(|all| *all += time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[cfg(target_os = "linux")]
    #[test]
    fn the_clocks_of_the_system_drift_apart_by_nothing_while_it_is_awake() {
        let before = drift().unwrap();
        std::thread::sleep(Duration::from_millis(300));
        let drifted = drift().unwrap().abs_diff(before);
        assert!(drifted < LEAST_SLEEP / 10, "{drifted:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn each_sleep_is_told_once_and_to_everybody() {
        let (sleeper, mut clock) = Sleeper::new();
        sleeper.sleeps(5 * SECOND);
        let mut later = clock.from_now();
        sleeper.sleeps(7 * SECOND);
        assert_eq!(clock.wakes().await, 12 * SECOND);
        assert_eq!(later.wakes().await, 7 * SECOND);
        assert_eq!(clock.slept(), 12 * SECOND);
        let never = tokio::time::timeout(SECOND, clock.wakes()).await;
        assert!(never.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_to_come_comes_earlier_by_what_was_slept() {
        let (sleeper, clock) = Sleeper::new();
        for (slept, left) in [(30, 70), (0, 100), (500, 0)] {
            let mut clock = clock.from_now();
            sleeper.sleeps(slept * SECOND);
            let began = tokio::time::Instant::now();
            clock.sleep_until(began + 100 * SECOND).await;
            assert_eq!(began.elapsed(), left * SECOND);
        }
    }
}
