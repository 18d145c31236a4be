//! Opening the mailbox of the connection before again, and finding out what changed meanwhile
//! (resilience 2.4).

use crate::error::{Error, Source, code};
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
    let select = select(&mailbox, protocol.has("CONDSTORE"))?;
    protocol.view.restore(mailbox);
    if let Err(error) = command(link, protocol, &select).await? {
        return Err(gone(protocol, name, error.message));
    }
    if let Some(question) = protocol.view.question() {
        ask(link, protocol, &question).await?;
        if let Some(question) = protocol.view.second_question() {
            ask(link, protocol, question).await?;
        }
    }
    protocol.view.restored(protocol.sink.as_mut());
    Ok(())
}

async fn ask(link: &mut Link, protocol: &mut Protocol, question: &str) -> Result<(), Exit> {
    let answer = command(link, protocol, question).await?;
    answer.map_err(Exit::Failed)
}

/// The line of the SELECT or EXAMINE, without its tag.
fn select(mailbox: &Remembered, condstore: bool) -> Result<String, Exit> {
    let request = Request::Select {
        mailbox: Argument::Text(mailbox.name.clone()),
        read_only: mailbox.read_only,
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

/// The mailbox was deleted or renamed, or the server cannot give it now.
fn gone(protocol: &mut Protocol, mailbox: String, text: String) -> Exit {
    let message = format!("The mailbox '{mailbox}' cannot be opened again: {text}");
    let told = Lifecycle::MailboxGone { mailbox, text };
    protocol.sink.emit(&Event::Lifecycle(told));
    Exit::Failed(Error::new(Source::Protocol, code::MAILBOX_GONE, message))
}
