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

use std::convert::Infallible;
use std::time::Duration;

use futures_channel::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::connection::{self, Control, Exit, Handle, Legacy, Opening};
use crate::event::{Activity, Event, EventSink, Lifecycle, Stage, milliseconds};
use crate::options::{Options, Reconnect};

use super::backoff::{Backoff, Next};
use super::classify::{self, Cause, Class};
use super::door::{Door, Entry};
use super::gate::Turn;
use super::rotate::{Ready, Rotation, Successor};
use super::wishes::hold;
use super::{replay, token, wake};

/// Runs the connections of a session until it is over, and says how the last one ended.
pub(super) async fn run(
    options: &mut Options,
    settings: Reconnect,
    controls: &mut UnboundedReceiver<Control>,
    sink: Box<dyn EventSink>,
) -> (Exit, Box<dyn EventSink>) {
    let door = Door::of(options, &settings);
    let mut backoff = Backoff::new(settings, options.asks_token, fastrand::Rng::new());
    let mut rotation = Rotation::new(options.rotate, door.clone(), fastrand::Rng::new());
    let mut legacy = Box::new(Legacy::new(sink));
    let mut cause_of_login = "connect";
    let mut ready = None;
    door.login(Instant::now());
    loop {
        let attempts = backoff.attempts();
        let mut successor = None;
        let clock = options.clock.from_now();
        let slept_before = clock.slept();
        let attempt = Attempt {
            options,
            controls,
            door: &door,
            rotation: &mut rotation,
            successor: &mut successor,
        };
        let (exit, rest) = match ready.take() {
            Some(ready) => Box::pin(attempt.take_over(ready, legacy)).await,
            None => Box::pin(attempt.dial(cause_of_login, attempts, legacy)).await,
        };
        legacy = rest;
        let now = Instant::now();
        let slept = clock.slept() - slept_before;
        let lived = legacy.ready_at.map(|at| now - at + slept);
        if let Exit::Drained = exit {
            let successor = successor.unwrap_or_default();
            legacy.opening = successor.opening(now);
            ready = successor.spare;
            if ready.is_none() {
                door.login(now);
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
        if let (true, Some(keepalive)) = (classify::blames_idleness(&exit), &mut options.keepalive)
        {
            keepalive.hurry();
        }
        let cause = backoff.reconsider(cause, lived, now);
        let locked = door.ended(&cause, lived, options, now);
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
            None => {
                let wait = wait.max(locked);
                wait + door.login(now + wait)
            }
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
        let mut clock = options.clock.from_now();
        // In a box, as what comes before: it is not to take room in the life of a connection.
        let waited = hold(controls, &mut legacy.waiting, clock.sleep_until(now + wait));
        if Box::pin(waited).await.is_err() {
            return (Exit::Local, legacy.sink);
        }
    }
}

/// One connection, and the one that is made beside it.
struct Attempt<'a> {
    options: &'a mut Options,
    controls: &'a mut UnboundedReceiver<Control>,
    door: &'a Door,
    rotation: &'a mut Rotation,
    successor: &'a mut Option<Successor>,
}

impl Attempt<'_> {
    /// A connection from dialling on.
    async fn dial(
        mut self,
        cause: &'static str,
        attempts: u32,
        mut legacy: Box<Legacy>,
    ) -> (Exit, Box<Legacy>) {
        legacy.ready_at = None;
        let (entry, token_until) = match Box::pin(self.enter(cause, attempts, &mut legacy)).await {
            Ok(entered) => entered,
            Err(exit) => return (exit, legacy),
        };
        let (mut line, mut handle) = connection::line();
        let options: &Options = self.options;
        let beside = Beside {
            rotation: self.rotation,
            successor: self.successor,
            options,
            token_until,
        };
        tokio::select! {
            biased;
            ended = connection::run(options, self.controls, legacy, &mut line) => ended,
            never = beside.go(&mut handle, Some(entry)) => match never {},
        }
    }

    /// Waits until a connection may be made, with a fresh token. Gives until when that is good.
    async fn enter(
        &mut self,
        cause: &'static str,
        attempts: u32,
        legacy: &mut Legacy,
    ) -> Result<(Entry, Option<Instant>), Exit> {
        let mut random = fastrand::Rng::new();
        let mut turn = Turn::Free;
        let mut is_retry = attempts > 0;
        loop {
            if is_retry {
                let retry = self.door.retry(&mut random);
                turn = hold(self.controls, &mut legacy.waiting, retry).await?;
            }
            let refreshed = token::refresh(self.options, self.controls, legacy, cause, attempts);
            let token_until = refreshed.await?;
            let entry = self.door.enter(self.options, turn);
            match hold(self.controls, &mut legacy.waiting, entry).await?? {
                Some(entry) => return Ok((entry, token_until)),
                None => is_retry = true,
            }
        }
    }

    /// A connection that is logged in.
    async fn take_over(self, ready: Ready, legacy: Box<Legacy>) -> (Exit, Box<Legacy>) {
        let (mut line, mut handle) = connection::line();
        *self.options = *ready.options;
        let options: &Options = self.options;
        let beside = Beside {
            rotation: self.rotation,
            successor: self.successor,
            options,
            token_until: ready.token_until,
        };
        tokio::select! {
            biased;
            ended = connection::take_over(ready.spare, self.controls, legacy, &mut line) => ended,
            never = beside.go(&mut handle, None) => match never {},
        }
    }
}

/// What goes along with a connection.
struct Beside<'a> {
    rotation: &'a mut Rotation,
    successor: &'a mut Option<Successor>,
    options: &'a Options,
    token_until: Option<Instant>,
}

impl Beside<'_> {
    async fn go(self, handle: &mut Handle, entry: Option<Entry>) -> Infallible {
        let wakes = wake::watch(self.options.clock.from_now(), handle.orders(), true);
        let accompanies = async {
            let born = handle.ready().await;
            entry.into_iter().for_each(Entry::used);
            let Beside {
                options,
                token_until,
                ..
            } = self;
            self.rotation
                .accompany(born, handle, options, token_until, self.successor)
                .await
        };
        tokio::select! {
            // A connection that is not trusted any more needs no successor beside it.
            biased;
            never = wakes => never,
            never = accompanies => never,
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

#[cfg(test)]
mod tests;
