//! What becomes of a command when its connection is lost (resilience 2.9).

use crate::connection::{Interrupted, Legacy};
use crate::error::{Error, Source, code};
use crate::event::Event;

use super::classify::Cause;

/// Answers the command that was interrupted. Those that were never sent wait for the next
/// connection.
pub(super) fn settle(legacy: &mut Legacy, cause: &Cause) {
    let Some(Interrupted { request, .. }) = legacy.interrupted.take() else {
        return;
    };
    let message = format!(
        "The connection was lost before this command was answered: {}",
        cause.text
    );
    legacy.completions += 1;
    legacy.sink.emit(&Event::Failed {
        request,
        error: Error::new(Source::Socket, code::CONNECTION_LOST, message),
    });
}
