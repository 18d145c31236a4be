//! Another connection before the server ends the first one (resilience 2.8).
//!
//! ```text
//!  first   ready ───────────────────── serves ──────────────► drains ─► LOGOUT
//!  second           due ─► token ─► dials ─► logs in ─► waits ────────┘ └─► opens the mailbox ─► serves
//! ```
//!
//! The first serves until the second is logged in, so that one that cannot be made costs nothing.
//! What happened between the two is found as after a loss: by comparing.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::clock::Clock;
use crate::connection::{self, Exit, Handle, Leave, Opening, Order, Report, Spare, Token};
use crate::error::code;
use crate::event::{Event, Lifecycle, milliseconds};
use crate::options::{Options, Rotate};

use super::classify::{self, Cause, Class};
use super::door::{Door, Entry};
use super::gate::Turn;
use super::token;

/// How much earlier than it must a session moves at the most, as a part of the age: so that a
/// thousand do not move at once.
const SPREAD: f64 = 0.1;
/// The same for tokens, as a part of the margin.
const MARGIN_SPREAD: f64 = 0.2;
/// How much of an age that the server enforces is used.
const CAUTION: f64 = 0.95;
/// The margin is no more than this part of a token's life.
const LEAST_USE: u32 = 4;
/// A connection is left for its token only when the next one is good for so much longer: providers keep tokens
/// until they expire, and a clock may count in other units.
const LEAST_GAIN: Duration = Duration::from_secs(60);
/// What runs on the first connection has so long to end: a body may be on its way.
const DRAIN_LIMIT: Duration = Duration::from_secs(600);
/// After a connection that could not be made the next is tried this much later, and twice as much
/// each time.
const RETRY: Duration = Duration::from_secs(60);
/// But never later than this.
const RETRY_CAP: Duration = Duration::from_secs(15 * 60);
/// Doubling stops here.
const MAX_DOUBLINGS: u32 = 10;

/// Why a session moves.
mod reason {
    pub(super) const AGE: &str = "age";
    pub(super) const LEARNED: &str = "learned";
    pub(super) const TOKEN: &str = "token";
    pub(super) const ASKED: &str = "asked";
}

/// See the module.
#[derive(Debug)]
pub(super) struct Rotation {
    settings: Option<Rotate>,
    door: Door,
    ages: Ages,
    /// Until when the token was good for which a connection was left last.
    left: Option<Instant>,
    random: fastrand::Rng,
}

/// What is to go on when the connection that serves has drained.
#[derive(Default)]
pub(super) struct Successor {
    pub(super) reason: &'static str,
    /// The connection; `None` if the first one has to end before.
    pub(super) spare: Option<Ready>,
}

/// A connection that is logged in.
pub(super) struct Ready {
    pub(super) spare: Box<Spare>,
    /// With the token that it was made with.
    pub(super) options: Box<Options>,
    /// Until when that is good.
    pub(super) token_until: Option<Instant>,
    /// Since when there are two connections.
    pub(super) since: Instant,
}

impl Rotation {
    pub(super) fn new(settings: Option<Rotate>, door: Door, random: fastrand::Rng) -> Rotation {
        Rotation {
            settings,
            door,
            ages: Ages::default(),
            left: None,
            random,
        }
    }

    /// The server closed a connection of its own accord that had lived so long.
    pub(super) fn learn(&mut self, lived: Duration) {
        self.ages.add(lived);
    }

    /// Goes along with a connection that is ready since then: makes its successor in time, and then
    /// has it drained. Never comes back; it is dropped when the connection ends.
    pub(super) async fn accompany(
        &mut self,
        born: Instant,
        handle: &mut Handle,
        options: &Options,
        token_until: Option<Instant>,
        successor: &mut Option<Successor>,
    ) -> Infallible {
        let mut plan = self.plan(born, token_until);
        let mut failures = 0;
        loop {
            let reason = next(plan, handle, options.clock.from_now()).await;
            tell(handle, Event::Lifecycle(Lifecycle::Rotating { reason }));
            let token_until = token_until.filter(|_| reason == reason::TOKEN);
            let turn = self.turn(handle, options, reason, token_until, successor);
            let failed = Box::pin(turn).await;
            let retry = RETRY * 2_u32.pow(failures.min(MAX_DOUBLINGS));
            let retry = self.early(retry.min(RETRY_CAP), SPREAD);
            failures += 1;
            let failed = rotation_failed(reason, &failed, retry);
            tell(handle, Event::Lifecycle(failed));
            plan = plan.map(|_| (Instant::now() + retry, reason));
        }
    }

    /// When the connection is to be left, and why.
    fn plan(
        &mut self,
        born: Instant,
        token_until: Option<Instant>,
    ) -> Option<(Instant, &'static str)> {
        let settings = self.settings?;
        let age = self.early(settings.max_session_age, SPREAD);
        let learned = self.ages.learned();
        let learned = learned.map(|age| self.early(age.mul_f64(CAUTION), SPREAD));
        let gaining = token_until.filter(|until| gains(*until, self.left));
        let token = gaining.map(|until| {
            let life = until.saturating_duration_since(born);
            let margin = settings.margin.min(life / LEAST_USE);
            life.saturating_sub(margin + margin.mul_f64(self.random.f64() * MARGIN_SPREAD))
        });
        let ages = [
            Some((age, reason::AGE)),
            learned.map(|age| (age, reason::LEARNED)),
            token.map(|age| (age, reason::TOKEN)),
        ];
        let first = ages.into_iter().flatten().min();
        first.map(|(age, reason)| (born + age, reason))
    }

    /// Makes a successor and has the connection drained for it. Comes back only if that fails. If it is for the
    /// token, `token_until` says until when that is good.
    async fn turn(
        &mut self,
        handle: &mut Handle,
        options: &Options,
        reason: &'static str,
        token_until: Option<Instant>,
        successor: &mut Option<Successor>,
    ) -> Cause {
        let made = match self.settings.is_none_or(|settings| settings.overlaps) {
            true => self.make(handle, options, token_until).await.map(Some),
            false => Ok(None),
        };
        let spare = match made {
            Ok(spare) => spare,
            Err(cause) if cause.class == Class::Limit => None,
            Err(cause) => return cause,
        };
        self.left = token_until.or(self.left);
        let made = successor.insert(Successor { reason, spare });
        handle.order(Order::Drain(match made.spare {
            Some(_) => Leave::Beside,
            None => Leave::Before,
        }));
        let ended = async {
            match &mut made.spare {
                Some(ready) => ready.spare.ended().await,
                None => std::future::pending().await,
            }
        };
        let failed = match timeout(DRAIN_LIMIT, ended).await {
            Ok(exit) => classify::cause(&exit).unwrap_or_else(|| Cause::transient("It ended")),
            Err(_) => Cause::transient("The command that is running takes too long"),
        };
        handle.order(Order::Stay);
        if let Some(ready) = successor.take().and_then(|made| made.spare) {
            ready.spare.dismiss();
        }
        failed
    }

    /// Logs in beside the connection that serves, with a token that is good for longer than `former`.
    async fn make(
        &mut self,
        handle: &mut Handle,
        options: &Options,
        former: Option<Instant>,
    ) -> Result<Ready, Cause> {
        sleep(self.door.login(Instant::now())).await;
        let mut options = Box::new(options.clone());
        let mut token_until = None;
        if options.asks_token {
            let token = ask_token(handle).await.map_err(|exit| cause(&exit))?;
            token_until = token.lasts.map(|lasts| Instant::now() + lasts);
            if token_until.is_some_and(|until| !gains(until, former)) {
                return Err(no_gain());
            }
            options.token = Some(token.secret);
        }
        let entry = self.door.enter(&options, Turn::Free).await;
        let entry = entry.map_err(|exit| cause(&exit))?;
        let since = Instant::now();
        let spare = match connection::prepare(&options).await {
            Ok(spare) => spare,
            Err(exit) => {
                let cause = cause(&exit);
                self.door.ended(&cause, None, &options, Instant::now());
                return Err(cause);
            }
        };
        entry.into_iter().for_each(Entry::used);
        Ok(Ready {
            spare: Box::new(spare),
            options,
            token_until,
            since,
        })
    }

    /// Up to this part of the time earlier.
    fn early(&mut self, time: Duration, part: f64) -> Duration {
        time.mul_f64(1.0 - part * self.random.f64())
    }
}

impl Successor {
    /// What its login means to the program, when the first connection has drained.
    pub(super) fn opening(&self, now: Instant) -> Opening {
        Opening::Rotated {
            reason: self.reason,
            since: now,
            beside: self.spare.as_ref().map(|ready| ready.since),
        }
    }

    /// It is not needed.
    pub(super) fn dismiss(self) {
        if let Some(ready) = self.spare {
            ready.spare.dismiss();
        }
    }
}

/// Waits until the plan is due or the program asks.
async fn next(
    plan: Option<(Instant, &'static str)>,
    handle: &mut Handle,
    mut clock: Clock,
) -> &'static str {
    let due = async {
        match plan {
            Some((at, reason)) => {
                clock.sleep_until(at).await;
                reason
            }
            None => std::future::pending().await,
        }
    };
    tokio::pin!(due);
    loop {
        tokio::select! {
            biased;
            reason = &mut due => return reason,
            report = handle.report() => if let Report::Rotate = report {
                return reason::ASKED;
            },
        }
    }
}

async fn ask_token(handle: &mut Handle) -> Result<Token, Exit> {
    tell(
        handle,
        Event::TokenWanted {
            cause: "rotate",
            attempt: 0,
        },
    );
    let answer = async {
        loop {
            if let Report::Token(token) = handle.report().await {
                return token;
            }
        }
    };
    token::given(timeout(token::TOKEN_DEADLINE, answer).await.ok())
}

/// Whether a token is good for so much longer than the former one that it is worth a login.
fn gains(until: Instant, former: Option<Instant>) -> bool {
    former.is_none_or(|former| until >= former + LEAST_GAIN)
}

fn no_gain() -> Cause {
    Cause {
        code: Some(code::TOKEN.to_owned()),
        ..Cause::transient(
            "auth.getToken() gave a token that is good for hardly longer than the last one",
        )
    }
}

/// What made the attempt fail.
fn cause(exit: &Exit) -> Cause {
    classify::cause(exit).unwrap_or_else(|| Cause::transient("It was given up"))
}

fn rotation_failed(reason: &'static str, cause: &Cause, retry: Duration) -> Lifecycle {
    Lifecycle::RotationFailed {
        reason,
        cause: cause.class.name(),
        code: cause.code.clone(),
        text: cause.text.clone(),
        retry_ms: milliseconds(retry),
    }
}

fn tell(handle: &Handle, what: Event<'static>) {
    handle.order(Order::Tell(Box::new(what)));
}

/// The ages at which the server closes connections of its own accord.
#[derive(Debug, Default)]
struct Ages {
    last: [Option<Duration>; Ages::MANY],
    /// What was learned. It stays, because sessions that heed it see no such end any more.
    rule: Option<Duration>,
}

impl Ages {
    /// So many that agree are a rule.
    const MANY: usize = 3;
    /// How far they may be apart, as a part of the longest.
    const AGREE: f64 = 0.03;
    /// Connections that ended sooner say nothing of their age.
    const LEAST: Duration = Duration::from_secs(300);

    fn add(&mut self, age: Duration) {
        if age < Ages::LEAST {
            return;
        }
        self.last.rotate_right(1);
        self.last[0] = Some(age);
        let is_broken = |rule: &Duration| age > rule.mul_f64(1.0 + Ages::AGREE);
        self.rule = self.agreed().or(self.rule.filter(|rule| !is_broken(rule)));
    }

    fn learned(&self) -> Option<Duration> {
        self.rule
    }

    fn agreed(&self) -> Option<Duration> {
        let shortest = self.last.iter().min().copied().flatten()?;
        let longest = self.last.iter().max().copied().flatten()?;
        (longest - shortest <= longest.mul_f64(Ages::AGREE)).then_some(shortest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_ages_that_agree_are_a_rule() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let mut ages = Ages::default();
        for (age, learned) in [
            (minutes(60), None),
            (minutes(61), None),
            (minutes(1), None),
            (minutes(60), Some(minutes(60))),
            // A network that breaks says nothing about the server's rule, a longer life does.
            (minutes(20), Some(minutes(60))),
            (minutes(45), Some(minutes(60))),
            (minutes(240), None),
            (minutes(61), None),
            (minutes(60), None),
            (minutes(60), Some(minutes(60))),
        ] {
            ages.add(age);
            assert_eq!(ages.learned(), learned, "{age:?}");
        }
    }
}
