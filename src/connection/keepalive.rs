//! What an idle connection does: IDLE and its renewal, or NOOP (contract section 6).
//!
//! ```text
//!             settled, has IDLE              "+"              due / a command waits
//!  Resting ───────────────────► Asked ─────────────► Idling ───────────────────────► Leaving
//!     │  ▲                        │ answered NO, BAD                                    │ answered
//!     │  └──── a command was answered ────┐     │                                       │
//!     │ settled, no IDLE                  │     ▼                                       │
//!     └─────────────────► Polling ──► Pausing (until) ◄─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┘
//!                            ▲            │ due                            (due at once)
//!                            └────────────┘
//! ```
//!
//! While the server idles, it may forget to tell its news: every `resyncInterval` comes, in the
//! place of an IDLE, a NOOP and after it a look at what is above the last UID.
//!
//! "Settled" means that JavaScript has seen the last completion and asked for nothing in its
//! callbacks: node-imap starts to idle only then.

use std::time::Duration;

use tokio::time::Instant;

use crate::event::Upkeep;
use crate::options::KeepAlive;

/// JavaScript may be busy; the connection is kept alive all the same after this time.
const SETTLE_LIMIT: Duration = Duration::from_secs(10);
/// A program that works through its mail asks for the next thing within this time: IDLE in between
/// would cost two round trips each time.
const LINGER: Duration = Duration::from_millis(100);
/// IDLE is renewed at the latest after this time (RFC 2177: "at least every 29 minutes").
const MAX_IDLE: Duration = Duration::from_secs(28 * 60);
/// Time between NOOPs where the server refused IDLE (contract Q-15).
const REFUSED_INTERVAL: Duration = Duration::from_secs(30);
/// The least time between an IDLE that the server ended and the next one.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// A server that refused IDLE is asked again after this time.
const REFUSED_RETRY: Duration = Duration::from_secs(600);

/// The keepalive of one connection.
#[derive(Debug)]
pub(super) struct Keepalive {
    settings: Option<KeepAlive>,
    linger: Duration,
    phase: Phase,
    /// Until when the server's refusal of IDLE is respected.
    refused_until: Option<Instant>,
    /// Whether the server was to idle when it was last asked for something.
    idles: bool,
    /// When the server was last asked for news.
    looked_at: Instant,
    look: Look,
}

/// How far the question for news is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// It is not asked yet.
    Later,
    /// NOOP was sent.
    Begun,
    /// NOOP was answered.
    Due,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A command was answered at this time, or none was sent yet.
    Resting { since: Instant },
    /// IDLE was sent at this time.
    Asked { at: Instant },
    /// The server idles with us; IDLE is to be renewed then.
    Idling { until: Instant },
    /// DONE was sent.
    Leaving,
    /// NOOP was sent.
    Polling,
    /// Nothing to do until then.
    Pausing { until: Instant },
}

/// What to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// `IDLE IDLE`
    Idle,
    /// `NOOP NOOP`
    Noop,
    /// A look at what is above the last UID.
    Look,
}

impl Keepalive {
    /// `lingers` is whether more commands are waited for a little before IDLE.
    pub(super) fn new(settings: Option<KeepAlive>, lingers: bool, now: Instant) -> Keepalive {
        Keepalive {
            settings,
            linger: if lingers { LINGER } else { Duration::ZERO },
            phase: Phase::Resting { since: now },
            refused_until: None,
            idles: false,
            looked_at: now,
            look: Look::Later,
        }
    }

    /// Whether IDLE was ended, and only its answer is still to come.
    pub(super) fn is_leaving(&self) -> bool {
        self.phase == Phase::Leaving
    }

    /// Whether nothing is done until news come or time has passed.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self.phase, Phase::Idling { .. } | Phase::Pausing { .. })
    }

    /// A command of the program was answered.
    pub(super) fn rest(&mut self, now: Instant) {
        self.phase = Phase::Resting { since: now };
    }

    /// NOOP is sent out of turn.
    pub(super) fn probe(&mut self) {
        self.phase = Phase::Polling;
    }

    /// What it is doing. A program that has settled may take an IDLE that is about to be sent for
    /// one that was.
    pub(super) fn upkeep(&self, has_idle: bool) -> Upkeep {
        let idles = |settings: KeepAlive| has_idle && !settings.force_noop;
        match self.phase {
            Phase::Resting { .. } if !self.settings.is_some_and(idles) => Upkeep::Nothing,
            Phase::Resting { .. } if self.refused_until.is_some() => Upkeep::Nothing,
            Phase::Resting { .. } => Upkeep::Asking,
            Phase::Asked { .. } => Upkeep::Asking,
            Phase::Idling { .. } => Upkeep::Idling,
            Phase::Leaving => Upkeep::Leaving,
            Phase::Polling => Upkeep::Polling,
            Phase::Pausing { .. } => Upkeep::Pausing,
        }
    }

    /// What to send now that no command is waiting or running.
    pub(super) fn action(&mut self, now: Instant, settled: bool, has_idle: bool) -> Option<Action> {
        let settings = self.settings?;
        let due = match self.phase {
            Phase::Resting { since } => {
                now >= since + SETTLE_LIMIT || (settled && now >= since + self.linger)
            }
            Phase::Pausing { until } => now >= until,
            _ => false,
        };
        if !due {
            return None;
        }
        if self.look == Look::Due {
            self.phase = Phase::Polling;
            return Some(Action::Look);
        }
        let refused = self.refused_until.is_some_and(|until| now < until);
        self.idles = has_idle && !settings.force_noop && !refused;
        if self.looks(now) {
            self.look = Look::Begun;
        } else if self.idles {
            self.phase = Phase::Asked { at: now };
            return Some(Action::Idle);
        }
        self.phase = Phase::Polling;
        Some(Action::Noop)
    }

    /// When the server is to be asked for news.
    fn look_due(&self) -> Option<Instant> {
        Some(self.looked_at + self.settings?.resync_interval?)
    }

    fn looks(&self, now: Instant) -> bool {
        self.look_due().is_some_and(|due| now >= due)
    }

    /// The server said `+` to IDLE.
    ///
    /// False if nobody waited for it.
    pub(super) fn accepted(&mut self, now: Instant) -> bool {
        let (Phase::Asked { at }, Some(settings)) = (self.phase, self.settings) else {
            return false;
        };
        let idle = settings.idle_interval.min(MAX_IDLE);
        // The renewal falls on the first tick of `interval`, counted from IDLE, that is not
        // before `idleInterval` has passed since the `+`.
        let ticks = (now + idle - at).as_secs_f64() / settings.interval.as_secs_f64();
        let wait = settings.interval.mul_f64(ticks.ceil().max(1.0));
        self.phase = Phase::Idling {
            until: (at + wait).min(now + MAX_IDLE),
        };
        true
    }

    /// Whether DONE is to be sent: IDLE is due for renewal, or a command waits.
    pub(super) fn leaves(&mut self, now: Instant, command_waits: bool) -> bool {
        match self.phase {
            Phase::Idling { until } if command_waits || now >= until || self.looks(now) => {
                self.phase = Phase::Leaving;
                true
            }
            _ => false,
        }
    }

    /// IDLE, NOOP or the look was answered.
    pub(super) fn answered(&mut self, now: Instant, action: Action, ok: bool) {
        let refused = REFUSED_INTERVAL;
        let begins_look = action == Action::Noop && self.look == Look::Begun;
        self.look = match begins_look {
            true => Look::Due,
            false => Look::Later,
        };
        let wait = match (action, self.settings) {
            (Action::Noop, _) if begins_look => Duration::ZERO,
            (Action::Look, _) if self.idles => Duration::ZERO,
            (Action::Idle, _) if ok && self.phase == Phase::Leaving => Duration::ZERO,
            // The server ended IDLE by itself; asking again at once could go on for ever.
            (Action::Idle, Some(settings)) if ok && matches!(self.phase, Phase::Idling { .. }) => {
                settings.interval.max(SHORTEST_PAUSE)
            }
            (Action::Idle, _) => {
                self.refused_until = Some(now + REFUSED_RETRY);
                refused
            }
            (_, Some(settings)) if self.refused_until.is_none() => settings.interval,
            _ => refused,
        };
        if action == Action::Look {
            self.looked_at = now;
        }
        if self.refused_until.is_some_and(|until| now >= until) {
            self.refused_until = None;
        }
        self.phase = Phase::Pausing { until: now + wait };
    }

    /// When [`Keepalive::action`] or [`Keepalive::leaves`] is worth a look.
    pub(super) fn due(&self, settled: bool) -> Option<Instant> {
        self.settings?;
        match self.phase {
            Phase::Resting { since } if settled => Some(since + self.linger),
            Phase::Resting { since } => Some(since + SETTLE_LIMIT),
            Phase::Idling { until } => Some(self.look_due().map_or(until, |due| due.min(until))),
            Phase::Pausing { until } => Some(until),
            Phase::Asked { .. } | Phase::Leaving | Phase::Polling => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn keepalive(interval: u64, idle_interval: u64, force_noop: bool) -> (Keepalive, Instant) {
        let settings = KeepAlive {
            interval: Duration::from_millis(interval),
            idle_interval: Duration::from_millis(idle_interval),
            force_noop,
            resync_interval: None,
        };
        let now = Instant::now();
        (Keepalive::new(Some(settings), false, now), now)
    }

    #[test]
    fn idle_is_renewed_at_the_first_tick_after_the_idle_interval() {
        for (interval, idle_interval, wait) in [(100, 350, 400), (1000, 350, 1000), (100, 400, 400)]
        {
            let (mut keepalive, now) = keepalive(interval, idle_interval, false);
            assert_eq!(keepalive.action(now, true, true), Some(Action::Idle));
            keepalive.accepted(now);
            assert_eq!(keepalive.due(true), Some(now + Duration::from_millis(wait)));
            assert!(!keepalive.leaves(now + Duration::from_millis(wait - 1), false));
            assert!(keepalive.leaves(now + Duration::from_millis(wait), false));
            assert!(
                !keepalive.leaves(now + Duration::from_millis(wait), true),
                "DONE only once"
            );
        }
    }

    #[test]
    fn nothing_is_sent_before_the_program_has_settled_unless_it_takes_too_long() {
        let (mut keepalive, now) = keepalive(10_000, 300_000, false);
        assert_eq!(keepalive.action(now + SECOND, false, true), None);
        assert_eq!(
            keepalive.action(now + SETTLE_LIMIT, false, true),
            Some(Action::Idle)
        );
    }

    #[test]
    fn noop_comes_at_once_and_then_every_interval() {
        let (mut keepalive, now) = keepalive(10_000, 300_000, true);
        assert_eq!(keepalive.action(now, true, true), Some(Action::Noop));
        keepalive.answered(now, Action::Noop, true);
        assert_eq!(keepalive.action(now + 9 * SECOND, true, true), None);
        assert_eq!(
            keepalive.action(now + 10 * SECOND, true, true),
            Some(Action::Noop)
        );
    }

    #[test]
    fn a_refused_idle_becomes_a_slow_poll_and_is_tried_again_later() {
        let (mut keepalive, now) = keepalive(10, 300_000, false);
        assert_eq!(keepalive.action(now, true, true), Some(Action::Idle));
        keepalive.answered(now, Action::Idle, false);
        assert_eq!(keepalive.action(now + 29 * SECOND, true, true), None);
        assert_eq!(
            keepalive.action(now + 30 * SECOND, true, true),
            Some(Action::Noop)
        );
        keepalive.answered(now + 30 * SECOND, Action::Noop, true);
        assert_eq!(keepalive.due(true), Some(now + 60 * SECOND));
        assert_eq!(
            keepalive.action(now + REFUSED_RETRY, true, true),
            Some(Action::Idle)
        );
    }

    #[test]
    fn what_it_does_can_be_seen() {
        let (mut keepalive, now) = keepalive(10_000, 300_000, false);
        assert_eq!(keepalive.upkeep(false), Upkeep::Nothing);
        assert_eq!(keepalive.upkeep(true), Upkeep::Asking);
        keepalive.action(now, true, true);
        assert_eq!(keepalive.upkeep(true), Upkeep::Asking);
        keepalive.accepted(now);
        assert_eq!(keepalive.upkeep(true), Upkeep::Idling);
        keepalive.leaves(now, true);
        assert_eq!(keepalive.upkeep(true), Upkeep::Leaving);
        keepalive.answered(now, Action::Idle, true);
        assert_eq!(keepalive.upkeep(true), Upkeep::Pausing);
        keepalive.action(now, true, false);
        assert_eq!(keepalive.upkeep(false), Upkeep::Polling);
    }

    #[test]
    fn without_keepalive_there_is_silence() {
        let now = Instant::now();
        let mut keepalive = Keepalive::new(None, false, now);
        assert_eq!(keepalive.action(now + 1000 * SECOND, true, true), None);
        assert_eq!(keepalive.due(true), None);
        assert_eq!(keepalive.upkeep(true), Upkeep::Nothing);
    }
}
