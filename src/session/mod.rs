//! One logical session. For now it lives for one connection: it runs it, and tells the program
//! how it ended.

mod classify;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::connection::{self, Control};
use crate::error::{Error, Source, code};
use crate::event::{Event, EventSink};
use crate::options::Options;

/// Runs a session to its end. The last event is [`Event::Closed`].
pub async fn run(
    options: Options,
    mut controls: UnboundedReceiver<Control>,
    sink: Box<dyn EventSink>,
) {
    let (exit, mut sink) = connection::run(&options, &mut controls, sink).await;
    let ending = classify::ending(exit);
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
