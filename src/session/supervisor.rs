//! One logical session over many connections.
//!
//! ```text
//!              connect                     ready
//!   (begin) ───────────► connecting ───────────────► live
//!                         ▲      │ lost                │ lost
//!                         │      ▼                     ▼
//!                         └── waiting ◄────────────────┘
//!                  delay over    │  end(), destroy()          ┌─ nothing helps
//!                                └──────────────► over ◄──────┘
//! ```
//!
//! While it waits and connects, the program's commands wait with it; `error`, `end` and `close`
//! come only when it is over.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use crate::connection::{self, Control, Exit, Legacy, Opening};
use crate::event::{Activity, Event, EventSink, Lifecycle, Stage};
use crate::options::{Options, Reconnect};
use crate::wire::request::Purpose;

use super::backoff::{Backoff, Next};
use super::budget::Account;
use super::classify::{self, Cause, Class};
use super::rotate::{Ready, Rotation, Successor};
use super::{replay, token};

/// Runs the connections of a session until it is over, and says how the last one ended.
pub(super) async fn run(
    options: &mut Options,
    settings: Reconnect,
    controls: &mut UnboundedReceiver<Control>,
    sink: Box<dyn EventSink>,
) -> (Exit, Box<dyn EventSink>) {
    let account = Account::of(options);
    let mut backoff = Backoff::new(settings, options.asks_token, fastrand::Rng::new());
    let mut rotation = Rotation::new(
        options.rotate,
        account.clone(),
        settings.logins_per_minute,
        fastrand::Rng::new(),
    );
    let mut legacy = Legacy::new(sink);
    let mut cause_of_login = "connect";
    let mut ready = None;
    account.login(settings.logins_per_minute, Instant::now());
    loop {
        let attempts = backoff.attempts();
        let mut successor = None;
        let attempt = Attempt {
            options,
            controls,
            rotation: &mut rotation,
            successor: &mut successor,
        };
        let (exit, rest) = match ready.take() {
            Some(ready) => attempt.take_over(ready, legacy).await,
            None => attempt.dial(cause_of_login, attempts, legacy).await,
        };
        legacy = rest;
        let now = Instant::now();
        let lived = legacy.ready_at.map(|at| now - at);
        if let Exit::Drained = exit {
            let successor = successor.unwrap_or_default();
            legacy.opening = successor.opening(now);
            ready = successor.spare;
            if ready.is_none() {
                account.login(settings.logins_per_minute, now);
                cause_of_login = "rotate";
            }
            continue;
        }
        let Some(cause) = classify::cause(&exit) else {
            if let Some(successor) = successor {
                successor.dismiss();
            }
            return (exit, legacy.sink);
        };
        if let (Exit::Closed { .. }, Some(lived)) = (&exit, lived) {
            rotation.learn(lived);
        }
        let wait = match backoff.after(&cause, lived) {
            Next::GiveUp => {
                tell_end(&cause, lived, legacy.sink.as_mut());
                return (exit, legacy.sink);
            }
            Next::Wait(wait) => wait,
        };
        // The one that was to take its place anyway does so now.
        ready = successor.and_then(|successor| successor.spare);
        let wait = match &ready {
            Some(_) => Duration::ZERO,
            None => wait.max(account.login(settings.logins_per_minute, now)),
        };
        tell_loss(
            &cause,
            lived,
            backoff.attempts(),
            wait,
            legacy.sink.as_mut(),
        );
        legacy.sink.show(Activity {
            stage: Stage::Waiting,
            traffic: legacy.traffic,
            ..Activity::default()
        });
        replay::settle(&mut legacy, &cause, settings.retry_commands);
        cause_of_login = match cause.class {
            Class::Expired => "expired",
            Class::Rejected => "rejected",
            _ => "reconnect",
        };
        legacy.opening = reopening(legacy.opening, lived, now, backoff.attempts());
        legacy.sink.flush();
        if hold(controls, &mut legacy.waiting, now + wait)
            .await
            .is_err()
        {
            return (Exit::Local, legacy.sink);
        }
    }
}

/// One connection, and the one that is made beside it.
struct Attempt<'a> {
    options: &'a mut Options,
    controls: &'a mut UnboundedReceiver<Control>,
    rotation: &'a mut Rotation,
    successor: &'a mut Option<Successor>,
}

impl Attempt<'_> {
    /// A connection from dialling on.
    async fn dial(self, cause: &'static str, attempts: u32, mut legacy: Legacy) -> (Exit, Legacy) {
        let refreshed = token::refresh(self.options, self.controls, &mut legacy, cause, attempts);
        let token_until = match refreshed.await {
            Ok(until) => until,
            Err(exit) => {
                legacy.ready_at = None;
                return (exit, legacy);
            }
        };
        let (mut line, mut handle) = connection::line();
        let options: &Options = self.options;
        tokio::select! {
            biased;
            ended = connection::run(options, self.controls, legacy, &mut line) => ended,
            never = self.rotation.accompany(&mut handle, options, token_until, self.successor) => {
                match never {}
            }
        }
    }

    /// A connection that is logged in.
    async fn take_over(self, ready: Ready, legacy: Legacy) -> (Exit, Legacy) {
        let (mut line, mut handle) = connection::line();
        *self.options = ready.options;
        let options: &Options = self.options;
        let token_until = ready.token_until;
        tokio::select! {
            biased;
            ended = connection::take_over(ready.spare, self.controls, legacy, &mut line) => ended,
            never = self.rotation.accompany(&mut handle, options, token_until, self.successor) => {
                match never {}
            }
        }
    }
}

/// The program has asked for the end.
struct Stopped;

/// Keeps what the program wants until then.
async fn hold(
    controls: &mut UnboundedReceiver<Control>,
    waiting: &mut Vec<Control>,
    until: Instant,
) -> Result<(), Stopped> {
    loop {
        let control = tokio::select! {
            biased;
            control = controls.recv() => control,
            () = sleep_until(until) => return Ok(()),
        };
        match control {
            None | Some(Control::Destroy) => return Err(Stopped),
            Some(Control::Submit { compiled, .. }) if compiled.purpose == Purpose::Logout => {
                return Err(Stopped);
            }
            Some(control) => waiting.push(control),
        }
    }
}

/// What the next login means. A session that was never ready still begins.
fn reopening(before: Opening, lived: Option<Duration>, now: Instant, attempts: u32) -> Opening {
    match (before, lived) {
        (Opening::First, None) => Opening::First,
        (Opening::Again { since, .. } | Opening::Rotated { since, .. }, None) => {
            Opening::Again { since, attempts }
        }
        (_, Some(_)) => Opening::Again {
            since: now,
            attempts,
        },
    }
}

fn tell_loss(
    cause: &Cause,
    lived: Option<Duration>,
    attempt: u32,
    wait: Duration,
    sink: &mut dyn EventSink,
) {
    tell(sink, disconnected(cause, lived, true));
    if matches!(cause.class, Class::Limit | Class::Throttled) {
        tell(
            sink,
            Lifecycle::Throttled {
                wait_ms: milliseconds(wait),
                text: cause.text.clone(),
            },
        );
    }
    tell(
        sink,
        Lifecycle::Reconnecting {
            attempt,
            delay_ms: milliseconds(wait),
            cause: cause.class.name(),
        },
    );
}

fn tell_end(cause: &Cause, lived: Option<Duration>, sink: &mut dyn EventSink) {
    tell(sink, disconnected(cause, lived, false));
    if matches!(cause.class, Class::Rejected | Class::Permanent) {
        tell(
            sink,
            Lifecycle::Suspended {
                cause: cause.class.name(),
                text: cause.text.clone(),
            },
        );
    }
}

fn disconnected(cause: &Cause, lived: Option<Duration>, will_retry: bool) -> Lifecycle {
    Lifecycle::Disconnected {
        cause: cause.class.name(),
        code: cause.code.clone(),
        text: cause.text.clone(),
        will_retry,
        session_ms: lived.map_or(0, milliseconds),
    }
}

fn tell(sink: &mut dyn EventSink, what: Lifecycle) {
    sink.emit(&Event::Lifecycle(what));
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
