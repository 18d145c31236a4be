//! What the end of a connection means for the program (contract section 2.3, with,
//!

use crate::connection::Exit;
use crate::error::{Error, Source, code};

/// The last events of a session.
pub(super) struct Ending {
    /// What `error` is emitted with, if it is.
    pub(super) error: Option<Error>,
    /// The argument of `close`.
    pub(super) had_error: bool,
    /// Whether `end` is emitted.
    pub(super) ended: bool,
    /// What is said to the commands that were never answered.
    pub(super) lost: Error,
}

pub(super) fn of(exit: Exit) -> Ending {
    match exit {
        Exit::Local | Exit::Drained => orderly("The connection was closed by the program"),
        Exit::Closed { bye: Some(bye) } => {
            orderly(&format!("The server closed the connection: {}", bye.text))
        }
        Exit::Closed { bye: None } => orderly("The server closed the connection"),
        Exit::Failed(error) => failure(error),
    }
}

fn orderly(why: &str) -> Ending {
    Ending {
        error: None,
        had_error: false,
        ended: true,
        lost: lost(why),
    }
}

fn failure(error: Error) -> Ending {
    let lost = lost(&format!("The connection failed: {error}"));
    Ending {
        // A system call failed, or the server is dead; not a refused certificate, and not what the
        // server said.
        had_error: failed_call(&error) || error.code == code::DEADLINE,
        ended: has_ended(&error),
        error: Some(error),
        lost,
    }
}

fn failed_call(error: &Error) -> bool {
    let system = error.system.as_ref();
    system.is_some_and(|system| system.syscall.is_some())
}

/// Whether the connection was closed by either side, rather than broken or given up.
fn has_ended(error: &Error) -> bool {
    match error.source {
        // What the server said was followed by a close in good order.
        Some(Source::Protocol | Source::Authentication) => true,
        // A live connection that missed a deadline (contract section 6.4).
        Some(Source::Timeout) => error.code == code::DEADLINE,
        // FIN in the middle of a handshake (contract section 2.3, row 25).
        Some(Source::Socket) => error.system.is_some() && !failed_call(error),
        _ => false,
    }
}

fn lost(why: &str) -> Error {
    let message = format!("{why}, before this command was answered");
    Error::new(Source::Socket, code::CONNECTION_LOST, message)
}
