//! How hard a host is knocked at (resilience 2.13), over all sessions of this process that come
//! back by themselves.
//!
//! * No more than [`HANDSHAKES`] at once, and no more than [`CONNECTIONS`] begin within a second.
//! * A host that fails is left alone by a crowd, which is more sessions than may knock at once:
//!   below half of its credit one probe goes out every [`PROBE_INTERVAL`], and the others wait for
//!   one that succeeds; then they come back spread over [`RELEASE`].

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until};

use crate::options::Options;

/// So many connections may be between the first packet and the end of the login.
const HANDSHAKES: usize = 8;
/// So many may begin within a [`SECOND`].
const CONNECTIONS: usize = 20;
const SECOND: Duration = Duration::from_secs(1);
/// The credit of a host that never failed. A failure costs 1.
const CREDIT: f64 = 10.0;
/// Below this it is shut.
const ENOUGH: f64 = CREDIT / 2.0;
/// What a success is worth.
const SUCCESS: f64 = 0.1;
/// The time between two probes of a host that is shut.
const PROBE_INTERVAL: Duration = Duration::from_secs(15);
/// Those that waited come back within this time.
const RELEASE: Duration = Duration::from_secs(30);
/// Hosts of which no session knows any more are forgotten when there are more than this many.
const REMEMBERED: usize = 1_000;

/// By name and port.
type Hosts = HashMap<(String, u16), Arc<Host>>;

static HOSTS: LazyLock<Mutex<Hosts>> = LazyLock::new(Mutex::default);

/// The gate to one host, for one session.
#[derive(Debug)]
pub(super) struct Gate {
    host: Arc<Host>,
}

#[derive(Debug)]
struct Host {
    /// How many sessions there are.
    sessions: AtomicUsize,
    handshakes: Arc<Semaphore>,
    state: Mutex<State>,
    /// It is not shut any more.
    opened: Notify,
}

#[derive(Debug)]
struct State {
    /// When the last connections began, or are to begin.
    begun: VecDeque<Instant>,
    credit: f64,
    next_probe: Option<Instant>,
}

/// How an attempt came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// A first attempt, or that of a host which is to be probed: it goes in any case.
    Free,
    /// One among others: it goes unless the host has been shut meanwhile.
    Open,
}

/// The right to make a connection, until its login is done.
#[derive(Debug)]
pub(super) struct Pass {
    host: Arc<Host>,
    _handshake: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(super) fn to(options: &Options) -> Gate {
        let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() > REMEMBERED {
            hosts.retain(|_, host| Arc::strong_count(host) > 1);
        }
        let name = (options.host.to_ascii_lowercase(), options.port);
        let host = hosts.entry(name).or_insert_with(|| Arc::new(Host::new()));
        host.sessions.fetch_add(1, Ordering::Relaxed);
        Gate { host: host.clone() }
    }

    /// Waits until the host may be tried again.
    pub(super) async fn retry(&self, random: &mut fastrand::Rng) -> Turn {
        loop {
            let opened = self.host.opened.notified();
            // Few are no burden: their own delays are enough.
            if !self.host.has_crowd() {
                return Turn::Free;
            }
            let until = match self.host.state().knock(Instant::now()) {
                Ok(turn) => return turn,
                Err(until) => until,
            };
            tokio::select! {
                biased;
                () = opened => {
                    sleep(RELEASE.mul_f64(random.f64())).await;
                }
                () = sleep_until(until) => {}
            }
        }
    }

    /// Waits for a place in the row. `None` if the host has been shut meanwhile.
    pub(super) async fn enter(&self, turn: Turn) -> Option<Pass> {
        // The semaphore is never closed.
        let handshake = self.host.handshakes.clone().acquire_owned().await.ok();
        let now = Instant::now();
        let at = {
            let mut state = self.host.state();
            if turn == Turn::Open && state.credit < ENOUGH {
                return None;
            }
            state.reserve(now)
        };
        if at > now {
            sleep_until(at).await;
        }
        Some(Pass {
            host: self.host.clone(),
            _handshake: handshake,
        })
    }

    /// An attempt failed, and so may those of others.
    pub(super) fn failed(&self) {
        let mut state = self.host.state();
        state.credit = (state.credit - 1.0).max(0.0);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.host.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pass {
    /// The login is done.
    pub(super) fn used(self) {
        self.host.worked();
    }
}

impl Host {
    fn new() -> Host {
        Host {
            sessions: AtomicUsize::new(0),
            handshakes: Arc::new(Semaphore::new(HANDSHAKES)),
            state: Mutex::new(State {
                begun: VecDeque::new(),
                credit: CREDIT,
                next_probe: None,
            }),
            opened: Notify::new(),
        }
    }

    fn worked(&self) {
        let mut state = self.state();
        if state.credit < ENOUGH {
            state.credit = CREDIT;
            state.next_probe = None;
            self.opened.notify_waiters();
        } else {
            state.credit = (state.credit + SUCCESS).min(CREDIT);
        }
    }

    fn has_crowd(&self) -> bool {
        self.sessions.load(Ordering::Relaxed) > HANDSHAKES
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Lets an attempt through, or says when it is worth asking again.
    fn knock(&mut self, now: Instant) -> Result<Turn, Instant> {
        if self.credit >= ENOUGH {
            return Ok(Turn::Open);
        }
        match self.next_probe.filter(|next| now < *next) {
            Some(next) => Err(next),
            None => {
                self.next_probe = Some(now + PROBE_INTERVAL);
                Ok(Turn::Free)
            }
        }
    }

    /// When the next connection may begin.
    fn reserve(&mut self, now: Instant) -> Instant {
        let oldest = match self.begun.len() < CONNECTIONS {
            true => None,
            false => self.begun.pop_front(),
        };
        let at = oldest.map_or(now, |oldest| now.max(oldest + SECOND));
        self.begun.push_back(at);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(host: &str) -> Arc<Gate> {
        let json = format!(r#"{{"host":"{host}"}}"#);
        Arc::new(Gate::to(&Options::from_json(&json).unwrap()))
    }

    #[tokio::test(start_paused = true)]
    async fn few_sessions_are_spared_by_their_own_delays_alone() {
        let few: Vec<_> = (0..HANDSHAKES).map(|_| gate("few.test")).collect();
        let mut random = fastrand::Rng::with_seed(7);
        let began = Instant::now();
        for _ in 0..100 {
            few[0].failed();
            assert_eq!(few[0].retry(&mut random).await, Turn::Free);
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        // One more is a crowd.
        let _more = gate("few.test");
        few[0].retry(&mut random).await;
        few[0].retry(&mut random).await;
        assert_eq!(began.elapsed(), PROBE_INTERVAL);
    }

    #[tokio::test(start_paused = true)]
    async fn twenty_begin_in_any_second_and_one_alone_waits_for_nothing() {
        let gate = gate("twenty.test");
        let began = Instant::now();
        let mut at = Vec::new();
        for _ in 0..100 {
            let pass = gate.enter(Turn::Open).await.unwrap();
            at.push(began.elapsed());
            pass.used();
        }
        assert_eq!(at[19], Duration::ZERO);
        for (first, next) in at.iter().zip(at.iter().skip(CONNECTIONS)) {
            assert!(*next >= *first + SECOND, "{first:?} {next:?}");
        }
        assert!(at[99] <= 4 * SECOND, "{:?}", at[99]);
    }

    #[tokio::test(start_paused = true)]
    async fn eight_are_between_dialling_and_login() {
        let gate = gate("eight.test");
        let mut passes = Vec::new();
        for _ in 0..HANDSHAKES {
            passes.push(gate.enter(Turn::Free).await.unwrap());
        }
        let ninth = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter(Turn::Free).await.is_some() }
        });
        sleep(SECOND).await;
        assert!(!ninth.is_finished());
        // One that is given up makes room, too.
        passes.pop();
        assert!(ninth.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_fails_is_probed_and_one_success_releases_the_others() {
        let _crowd: Vec<_> = (0..HANDSHAKES).map(|_| gate("probed.test")).collect();
        let gate = gate("probed.test");
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..5 {
            assert_eq!(gate.retry(&mut random).await, Turn::Open);
            gate.failed();
        }
        assert_eq!(gate.retry(&mut random).await, Turn::Open);
        gate.failed();
        assert!(gate.enter(Turn::Open).await.is_none(), "it is shut");
        let began = Instant::now();
        for probe in 0..4 {
            assert_eq!(gate.retry(&mut random).await, Turn::Free);
            assert_eq!(began.elapsed(), probe * PROBE_INTERVAL);
            gate.failed();
        }
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.retry(&mut fastrand::Rng::with_seed(7)).await }
        });
        sleep(SECOND).await;
        gate.enter(Turn::Free).await.unwrap().used();
        let opened = Instant::now();
        assert_eq!(waiting.await.unwrap(), Turn::Open);
        assert!(opened.elapsed() > Duration::ZERO && opened.elapsed() <= RELEASE);
    }
}
