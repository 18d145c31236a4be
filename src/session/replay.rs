//! What becomes of commands when their connection is lost (resilience 2.9).
//!
//! What was never sent, or only in part, cannot have been carried out: it goes to the next
//! connection. Of what was sent whole, only that is repeated which does no harm when it is done
//! twice; of the rest nobody knows, and that is what its program is told. Sequence numbers die
//! with their connection.

use crate::connection::{Control, Interrupted, Legacy, Wire};
use crate::error::{Error, Source, code};
use crate::event::{Event, RequestId};
use crate::wire::command::Command;

use super::classify::Cause;

/// Commands that change nothing, or nothing more when they are repeated.
const HARMLESS: [&str; 21] = [
    "CAPABILITY",
    "CHECK",
    "EXAMINE",
    "FETCH",
    "GETQUOTA",
    "GETQUOTAROOT",
    "ID",
    "LIST",
    "LSUB",
    "NAMESPACE",
    "NOOP",
    "SEARCH",
    "SELECT",
    "SETQUOTA",
    "SORT",
    "STATUS",
    "SUBSCRIBE",
    "THREAD",
    "UNSELECT",
    "UNSUBSCRIBE",
    "XLIST",
];

/// What to do with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Send it on the next connection.
    Again,
    /// Its numbers mean other messages there.
    Stale,
    /// It may have been carried out or not.
    Unknown,
    /// Its answer had begun, and cannot be told twice.
    Begun,
    /// Its answer is more than the limits allow, and would be again.
    Excessive,
}

/// Decides about every command: those for the next connection stay, the others are answered.
pub(super) fn settle(legacy: &mut Legacy, cause: &Cause, retries: bool) {
    let mut waiting = std::mem::take(&mut legacy.waiting);
    waiting.retain(|control| match control {
        Control::Submit { request, compiled } => {
            let is_stale = compiled.command.is_by_number();
            if is_stale {
                fail(legacy, *request, Fate::Stale, cause);
            }
            !is_stale
        }
        // Bodies, and what was settled: of the connection that is over.
        _ => false,
    });
    let interrupted = std::mem::take(&mut legacy.interrupted);
    let mut again = Vec::new();
    for Interrupted {
        request,
        compiled,
        wire,
        has_begun,
    } in interrupted
    {
        let fate = match &compiled {
            _ if cause.code.as_deref() == Some(code::LIMIT) => Fate::Excessive,
            _ if has_begun => Fate::Begun,
            Some(compiled) if retries => fate(&compiled.command, wire),
            _ => Fate::Unknown,
        };
        match (fate, compiled) {
            (Fate::Again, Some(compiled)) => {
                legacy.sink.emit(&Event::Again { request });
                again.push(Control::Submit { request, compiled });
            }
            (fate, _) => fail(legacy, request, fate, cause),
        }
    }
    again.append(&mut waiting);
    legacy.waiting = again;
}

fn fate(command: &Command, wire: Wire) -> Fate {
    let verb = command.verb();
    match wire {
        _ if command.is_by_number() => Fate::Stale,
        Wire::Partial => Fate::Again,
        Wire::Sent if HARMLESS.contains(&verb) => Fate::Again,
        Wire::Sent if verb == "STORE" && is_relative(command) => Fate::Again,
        // UID EXPUNGE names what is to go (RFC 4315 section 2.1).
        Wire::Sent if verb == "EXPUNGE" && command.is_by_uid() => Fate::Again,
        Wire::Sent => Fate::Unknown,
    }
}

/// Whether a UID STORE adds or takes away, without a condition: `UID STORE 1 +FLAGS (x)`.
fn is_relative(command: &Command) -> bool {
    let item = command.words().nth(3).unwrap_or_default();
    item.starts_with(b"+") || item.starts_with(b"-")
}

fn fail(legacy: &mut Legacy, request: RequestId, fate: Fate, cause: &Cause) {
    let (code, message) = match fate {
        Fate::Stale => (
            code::STALE_NUMBERS,
            "The connection was lost, and sequence numbers with it: this command was not sent",
        ),
        Fate::Begun => (
            code::CONNECTION_LOST,
            "The connection was lost in the middle of the answer",
        ),
        Fate::Excessive => (code::LIMIT, "The answer was not read"),
        Fate::Again | Fate::Unknown => (
            code::OUTCOME_UNKNOWN,
            "The connection was lost after this command was sent: whether the server carried it \
             out is not known",
        ),
    };
    let message = format!("{message} ({})", cause.text);
    legacy.completions += 1;
    legacy.sink.emit(&Event::Lost {
        request,
        error: Error::new(Source::Socket, code, message),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> Fate {
        fate(&Command::raw(text).unwrap(), Wire::Sent)
    }

    #[test]
    fn only_what_does_no_harm_is_repeated() {
        for text in [
            "UID FETCH 1 (UID)",
            "UID SEARCH ALL",
            "LIST \"\" \"*\"",
            "STATUS x (MESSAGES)",
            "EXAMINE x",
            "uid store 1:3 +FLAGS.SILENT (\\Seen)",
            "UID STORE 1 -FLAGS (x)",
            "UID EXPUNGE 4",
            "SUBSCRIBE x",
        ] {
            assert_eq!(sent(text), Fate::Again, "{text}");
        }
        for text in [
            "UID STORE 1 FLAGS (\\Seen)",
            "UID STORE 1 (UNCHANGEDSINCE 4) +FLAGS (x)",
            "UID COPY 1 x",
            "UID MOVE 1 x",
            "EXPUNGE",
            "CLOSE",
            "CREATE x",
            "DELETE x",
            "RENAME x y",
            "X-ANYTHING",
        ] {
            assert_eq!(sent(text), Fate::Unknown, "{text}");
            let partial = fate(&Command::raw(text).unwrap(), Wire::Partial);
            assert_eq!(partial, Fate::Again, "{text}");
        }
    }

    #[test]
    fn numbers_are_never_repeated() {
        for text in [
            "FETCH 1 (FLAGS)",
            "STORE 1 +FLAGS (x)",
            "COPY 1 x",
            "MOVE 1 x",
        ] {
            for wire in [Wire::Sent, Wire::Partial] {
                let fate = fate(&Command::raw(text).unwrap(), wire);
                assert_eq!(fate, Fate::Stale, "{text}");
            }
        }
        assert_eq!(sent("SEARCH ALL"), Fate::Again);
    }
}
