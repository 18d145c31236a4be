//! What becomes of commands when their connection is lost (resilience 2.9): each is answered once.
//!
//! What was never sent, or only in part, cannot have been carried out: it goes to the next
//! connection. Of what was sent whole, only that is repeated which does no harm when it is done
//! twice (`class.rs`); of the rest nobody knows, and that is what its program is told. A FETCH goes
//! on where it stopped. Sequence numbers die with their connection: they become UIDs where those
//! are known.
//!
//! What nobody knows can often be found out: the program asks the error for it, and the looking is
//! done in `src/js/proof`.

mod class;

use crate::connection::{Control, Interrupted, Legacy, Remembered, Wire};
use crate::error::{Error, Source, code};
use crate::event::{Event, LostCommand, RequestId};
use crate::wire::command::Command;
use crate::wire::request::{Compiled, Purpose};

use super::classify::Cause;
use class::Class;

/// Why a command is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// Its numbers mean other messages on the next connection.
    Stale,
    /// It was not carried out, or changes nothing.
    Unanswered,
    /// It may have been carried out or not.
    Unknown,
    /// Its answer had begun, and cannot be told twice.
    Begun,
    /// Its answer is more than the limits allow, and would be again.
    Excessive,
}

/// Decides about every command: those for the next connection stay, the others are answered.
pub(super) fn settle(legacy: &mut Legacy, cause: &Cause, retries: bool) {
    let waiting = std::mem::take(&mut legacy.waiting);
    let mut kept = Vec::with_capacity(waiting.len() + 1);
    for interrupted in std::mem::take(&mut legacy.interrupted) {
        kept.extend(decide(interrupted, legacy, cause, retries));
    }
    let continues = |control: &Control| matches!(control, Control::Continue { .. });
    let mut goes_on = kept.iter().any(continues);
    // Numbers that follow the opening of a mailbox are of that one.
    let mut is_of_next = kept.iter().any(opens);
    for control in waiting {
        is_of_next |= opens(&control);
        goes_on |= continues(&control);
        match control {
            Control::Submit { request, compiled }
                if compiled.command.is_by_number() && !is_of_next =>
            {
                let verb = compiled.command.verb().to_owned();
                match translated(compiled, legacy.mailbox.as_deref()) {
                    Some(compiled) => kept.push(Control::Submit { request, compiled }),
                    None => fail(legacy, request, Loss::Stale, (verb, "queued"), cause),
                }
            }
            Control::Submit { .. } | Control::Continue { .. } => kept.push(control),
            // Of a body that goes on.
            Control::Credit { .. } | Control::Discard { .. } if goes_on => kept.push(control),
            // Other bodies, and what was settled: of the connection that is over.
            _ => {}
        }
    }
    legacy.waiting = kept;
}

/// What becomes of a command that was in flight.
fn decide(
    interrupted: Interrupted,
    legacy: &mut Legacy,
    cause: &Cause,
    retries: bool,
) -> Option<Control> {
    let Interrupted {
        request,
        compiled,
        wire,
        has_begun,
        progress,
        has_shifted,
    } = interrupted;
    let command = compiled.as_ref().map(|compiled| &compiled.command);
    let verb = command.map_or("", Command::verb).to_owned();
    let is_excessive = cause.code.as_deref() == Some(code::LIMIT);
    let fate = match (compiled, progress) {
        _ if is_excessive => Err(Loss::Excessive),
        (Some(_), Some(progress)) if retries && progress.is_over() => {
            legacy.completions += 1;
            let code = None;
            legacy.sink.emit(&Event::Done { request, code });
            return None;
        }
        (Some(compiled), Some(progress)) if retries && !progress.is_stuck() => {
            return Some(Control::Continue {
                request,
                compiled,
                progress,
            });
        }
        _ if has_begun => Err(Loss::Begun),
        (Some(compiled), _) => {
            let mailbox = legacy.mailbox.as_deref().filter(|_| !has_shifted);
            fate(compiled, wire, mailbox, retries)
        }
        (None, _) => Err(Loss::Unknown),
    };
    match fate {
        Ok(compiled) => {
            legacy.sink.emit(&Event::Again { request });
            Some(Control::Submit { request, compiled })
        }
        Err(loss) => {
            fail(legacy, request, loss, (verb, wire.name()), cause);
            None
        }
    }
}

/// The command as it is sent on the next connection, or what its program is told.
fn fate(
    mut compiled: Box<Compiled>,
    wire: Wire,
    mailbox: Option<&Remembered>,
    retries: bool,
) -> Result<Box<Compiled>, Loss> {
    let class = Class::of(&compiled.command);
    let may_repeat = match wire {
        Wire::Partial => retries,
        Wire::Sent => retries && compiled.tries < class.repetitions(),
    };
    match (wire, class) {
        _ if may_repeat => {}
        (Wire::Partial, _) | (_, Class::Reads) => return Err(Loss::Unanswered),
        _ => return Err(Loss::Unknown),
    }
    if wire == Wire::Sent {
        compiled.tries += 1;
        if let Class::Makes(code) = class {
            compiled.forgives = Some(code);
        }
    }
    if !compiled.command.is_by_number() {
        return Ok(compiled);
    }
    match (translated(compiled, mailbox), wire, class) {
        (Some(compiled), ..) => Ok(compiled),
        (None, Wire::Sent, Class::Repeats) => Err(Loss::Unknown),
        (None, ..) => Err(Loss::Stale),
    }
}

/// The same command by UID, if the mailbox that was open tells which messages its numbers mean.
fn translated(compiled: Box<Compiled>, mailbox: Option<&Remembered>) -> Option<Box<Compiled>> {
    mailbox?.translated(compiled)
}

fn opens(control: &Control) -> bool {
    let Control::Submit { compiled, .. } = control else {
        return false;
    };
    matches!(compiled.purpose, Purpose::Select { .. })
}

fn fail(
    legacy: &mut Legacy,
    request: RequestId,
    loss: Loss,
    (verb, wire): (String, &'static str),
    cause: &Cause,
) {
    let (code, message) = match loss {
        Loss::Stale => (
            code::STALE_NUMBERS,
            "The connection was lost, and sequence numbers with it: this command was not carried \
             out",
        ),
        Loss::Unanswered => (
            code::CONNECTION_LOST,
            "The connection was lost before this command was answered",
        ),
        Loss::Begun => (
            code::CONNECTION_LOST,
            "The connection was lost in the middle of the answer",
        ),
        Loss::Excessive => (code::LIMIT, "The answer was not read"),
        Loss::Unknown => (
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
        command: LostCommand { verb, wire },
    });
}

#[cfg(test)]
mod tests;
