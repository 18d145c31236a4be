//! One logical session: over one connection, or over as many as it takes with the option
//! `reconnect`. Decides; owns no socket.
//!
//! * `supervisor.rs` runs the connections, `ending.rs` says what the end of the last one means.
//! * `classify.rs` reads why a connection ended, `backoff.rs` when to try again.
//! * `rotate.rs` makes the next connection before the server ends the one that serves.
//! * `door.rs` is what an attempt has to pass: `budget.rs` and `lockout.rs` spare the accounts,
//!   `gate.rs` the hosts.
//! * `wake.rs` has connections looked at when the machine wakes up.
//! * `wishes.rs` keeps what the program wants meanwhile, `token.rs` asks it for tokens, `replay.rs`
//!   decides what becomes of the commands.

mod backoff;
mod budget;
mod classify;
mod door;
mod ending;
mod gate;
mod lockout;
mod replay;
mod rotate;
mod supervisor;
mod token;
mod wake;
mod wishes;

use futures_channel::mpsc::UnboundedReceiver;

use crate::connection::{self, Control, Exit, Legacy};
use crate::error::{Error, Source, code};
use crate::event::{Event, EventSink};
use crate::options::Options;

/// Runs a session to its end. The last event is [`Event::Closed`].
pub fn run(
    options: Options,
    controls: UnboundedReceiver<Control>,
    sink: Box<dyn EventSink>,
) -> impl Future<Output = ()> + Send {
    // A future keeps its arguments twice, and most sessions do nothing most of the time: what is
    // large, and what is not needed then, is in boxes.
    to_the_end(Box::new(options), controls, sink)
}

async fn to_the_end(
    mut options: Box<Options>,
    mut controls: UnboundedReceiver<Control>,
    sink: Box<dyn EventSink>,
) {
    let (exit, mut sink) = match options.reconnect {
        Some(settings) => {
            Box::pin(supervisor::run(&mut options, settings, &mut controls, sink)).await
        }
        None => Box::pin(once(options, &mut controls, sink)).await,
    };
    let ending = ending::of(exit);
    if let Some(error) = ending.error {
        sink.emit(&Event::Error(error));
    }
    sink.emit(&Event::Closed {
        had_error: ending.had_error,
        ended: ending.ended,
        lost: ending.lost,
    });
    sink.flush();
}

/// A session of one connection.
async fn once(
    mut options: Box<Options>,
    controls: &mut UnboundedReceiver<Control>,
    sink: Box<dyn EventSink>,
) -> (Exit, Box<dyn EventSink>) {
    let mut begun = Box::new(Legacy::new(sink));
    let asks = token::refresh(&mut options, controls, &mut begun, "connect", 0);
    match Box::pin(asks).await {
        Ok(_) => {}
        Err(exit) => return (exit, begun.sink),
    }
    let (mut line, handle) = connection::line();
    let wakes = wake::watch(options.clock.from_now(), handle.orders(), false);
    // Nobody listens to reports.
    drop(handle);
    let life = async {
        let opened = Box::pin(connection::open(&options, controls, begun)).await;
        // There will be no other login: nothing of it is kept, and no secret.
        drop(options);
        match opened {
            Ok(opened) => opened.serve(controls, &mut line).await,
            Err(ended) => *ended,
        }
    };
    let (exit, legacy) = tokio::select! {
        biased;
        ended = life => ended,
        never = wakes => match never {},
    };
    (exit, legacy.sink)
}

/// Tells the program of a session that a fault of everimap itself ended.
pub fn abandon(what: &str, sink: &mut dyn EventSink) {
    let message = format!("everimap failed and closed the connection: {what}");
    let error = Error::new(Source::Socket, code::INTERNAL, message);
    sink.emit(&Event::Error(error.clone()));
    sink.emit(&Event::Closed {
        had_error: true,
        ended: false,
        lost: error,
    });
    sink.flush();
}
