//! Opening the mailbox of the connection before again, and finding out what changed meanwhile
//! (resilience 2.4).

use crate::error::{Error, Refusal, Source, code};
use crate::event::{Event, Lifecycle};
use crate::wire::argument::{Argument, ArgumentError};
use crate::wire::request::{self, Request};

use super::Exit;
use super::link::Link;
use super::login::command;
use super::protocol::Protocol;
use super::view::Remembered;

/// Opens it as it was, for reading only or not. The deadline is the caller's.
pub(super) async fn resume(
    link: &mut Link,
    protocol: &mut Protocol,
    mailbox: Remembered,
) -> Result<(), Exit> {
    let name = mailbox.name.clone();
    let Opening { exact, plain } = opening(protocol, mailbox)?;
    let mut answer = command(link, protocol, exact.as_ref().unwrap_or(&plain)).await?;
    if exact.is_some() && answer.as_ref().is_err_and(is_bad) {
        protocol.view.without_parameter();
        answer = command(link, protocol, &plain).await?;
    }
    if let Err(error) = answer {
        return Err(gone(protocol, name, error.message));
    }
    while let Some(question) = protocol.view.question() {
        let answer = command(link, protocol, &question).await?;
        answer.map_err(Exit::Failed)?;
    }
    protocol.view.restored(protocol.sink.as_mut());
    Ok(())
}

/// The lines that open a mailbox, without their tags.
pub(super) struct Opening {
    /// With what is known of it, if the server takes that.
    pub(super) exact: Option<String>,
    /// Without.
    pub(super) plain: String,
}

/// Begins to open it.
pub(super) fn opening(protocol: &mut Protocol, mailbox: Remembered) -> Result<Opening, Exit> {
    let (name, read_only) = (mailbox.name.clone(), mailbox.read_only);
    let plain = select(&name, read_only, protocol.has("CONDSTORE"))?;
    let exact = match protocol.view.restore(mailbox) {
        Some(parameter) => Some(format!("{} {parameter}", select(&name, read_only, false)?)),
        None => None,
    };
    Ok(Opening { exact, plain })
}

fn select(name: &str, read_only: bool, condstore: bool) -> Result<String, Exit> {
    let request = Request::Select {
        mailbox: Argument::Text(name.to_owned()),
        read_only,
        condstore,
    };
    let refused = |error: ArgumentError| {
        Exit::Failed(Error::new(Source::Protocol, code::ARGUMENT, error.message))
    };
    let compiled = request::compile(request, None).map_err(refused)?;
    let pieces = compiled.command.into_pieces();
    let bytes = pieces.into_iter().flat_map(|piece| piece.bytes).collect();
    let line = String::from_utf8(bytes).unwrap_or_default();
    Ok(line.trim_end().to_owned())
}

/// Whether the server did not understand.
fn is_bad(error: &Error) -> bool {
    error.refusal == Some(Refusal::Bad)
}

/// The mailbox was deleted or renamed, or the server cannot give it now.
fn gone(protocol: &mut Protocol, mailbox: String, text: String) -> Exit {
    let message = format!("The mailbox '{mailbox}' cannot be opened again: {text}");
    let told = Lifecycle::MailboxGone { mailbox, text };
    protocol.sink.emit(&Event::Lifecycle(told));
    Exit::Failed(Error::new(Source::Protocol, code::MAILBOX_GONE, message))
}
