//! Commands about mailboxes (RFC 3501 section 6.3; contract sections 3.2 and 3.3).

use super::{Compiled, Purpose};
use crate::wire::argument::{Argument, ArgumentError};
use crate::wire::command::CommandBuilder;

/// A command without arguments.
pub(super) fn bare(verb: &'static str, purpose: Purpose) -> Result<Compiled, ArgumentError> {
    Ok(Compiled::new(CommandBuilder::new(verb), purpose))
}

/// A command whose argument is a mailbox.
pub(super) fn named(
    verb: &'static str,
    mailbox: &Argument,
    purpose: Purpose,
) -> Result<Compiled, ArgumentError> {
    let mut command = CommandBuilder::new(verb);
    command.mailbox(&mailbox.text())?;
    Ok(Compiled::new(command, purpose))
}

pub(super) fn rename(from: &Argument, to: &Argument) -> Result<Compiled, ArgumentError> {
    let mut command = CommandBuilder::new("RENAME");
    command.mailbox(&from.text())?.mailbox(&to.text())?;
    Ok(Compiled::new(command, Purpose::Other))
}

/// Namespaces that are `null` or `undefined` mean all mailboxes.
pub(super) fn list(
    verb: &'static str,
    namespace: &Argument,
    special_use: bool,
    purpose: Purpose,
) -> Result<Compiled, ArgumentError> {
    let text = namespace.text();
    let prefix = if namespace.is_absent() { "" } else { &text };
    let mut command = CommandBuilder::new(verb);
    command.mailbox(prefix)?.word("\"*\"");
    if special_use {
        // RFC 6154 section 5.1.
        command.word("RETURN (SPECIAL-USE)");
    }
    Ok(Compiled::new(command, purpose))
}

pub(super) fn status(mailbox: &Argument, condstore: bool) -> Result<Compiled, ArgumentError> {
    let mailbox = mailbox.text().into_owned();
    let mut command = CommandBuilder::new("STATUS");
    command.mailbox(&mailbox)?.open();
    command.word("MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT");
    if condstore {
        command.word("HIGHESTMODSEQ");
    }
    command.close();
    Ok(Compiled::new(command, Purpose::Status { mailbox }))
}

pub(super) fn select(
    mailbox: &Argument,
    read_only: bool,
    condstore: bool,
) -> Result<Compiled, ArgumentError> {
    let mailbox = mailbox.text().into_owned();
    let mut command = CommandBuilder::new(if read_only { "EXAMINE" } else { "SELECT" });
    command.mailbox(&mailbox)?;
    if condstore {
        command.word("(CONDSTORE)");
    }
    Ok(Compiled::new(
        command,
        Purpose::Select { mailbox, read_only },
    ))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, line};
    use super::*;

    #[test]
    fn mailbox_commands_are_those_of_node_imap() {
        for (json, expected) in [
            (r#"{"kind":"list"}"#, r#"LIST "" "*""#),
            (r#"{"kind":"list","namespace":null}"#, r#"LIST "" "*""#),
            (
                r#"{"kind":"list","namespace":"INBOX."}"#,
                r#"LIST "INBOX." "*""#,
            ),
            (
                r#"{"kind":"lsub","namespace":"a\"b"}"#,
                r#"LSUB "a\"b" "*""#,
            ),
            (r#"{"kind":"xlist"}"#, r#"XLIST "" "*""#),
            (
                r#"{"kind":"list","specialUse":true}"#,
                r#"LIST "" "*" RETURN (SPECIAL-USE)"#,
            ),
            (
                r#"{"kind":"create","mailbox":"Entwürfe & \"x\\y\""}"#,
                r#"CREATE "Entw&APw-rfe &- \"x\\y\"""#,
            ),
            (r#"{"kind":"delete","mailbox":null}"#, r#"DELETE "null""#),
            (
                r#"{"kind":"rename","from":"a","to":5}"#,
                r#"RENAME "a" "5""#,
            ),
            (
                r#"{"kind":"subscribe","mailbox":"x\r\ny"}"#,
                r#"SUBSCRIBE "x&AA0ACg-y""#,
            ),
            (
                r#"{"kind":"unsubscribe","mailbox":"x"}"#,
                r#"UNSUBSCRIBE "x""#,
            ),
            (r#"{"kind":"logout"}"#, "LOGOUT"),
        ] {
            assert_eq!(line(json), expected);
        }
    }

    #[test]
    fn opening_and_closing_say_what_they_are_for() {
        let (text, purpose) =
            compiled(r#"{"kind":"select","mailbox":"Büro","readOnly":true,"condstore":true}"#)
                .unwrap();
        assert_eq!(text, r#"EXAMINE "B&APw-ro" (CONDSTORE)"#);
        let mailbox = "Büro".to_owned();
        assert_eq!(
            purpose,
            Purpose::Select {
                mailbox,
                read_only: true
            }
        );
        let json = r#"{"kind":"select","mailbox":"INBOX","modifiers":{"x":1}}"#;
        assert_eq!(line(json), r#"SELECT "INBOX""#);
        let (text, purpose) = compiled(r#"{"kind":"deselect","mailbox":"NO1"}"#).unwrap();
        assert_eq!(
            (text.as_str(), purpose),
            (r#"SELECT "NO1""#, Purpose::Deselect)
        );
        for (json, verb) in [
            (r#"{"kind":"close"}"#, "CLOSE"),
            (r#"{"kind":"unselect"}"#, "UNSELECT"),
        ] {
            assert_eq!(compiled(json).unwrap(), (verb.to_owned(), Purpose::Close));
        }
    }

    #[test]
    fn status_asks_for_the_modseq_when_there_is_one() {
        let items = "MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT";
        let (text, purpose) = compiled(r#"{"kind":"status","mailbox":"x"}"#).unwrap();
        assert_eq!(text, format!("STATUS \"x\" ({items})"));
        assert_eq!(
            purpose,
            Purpose::Status {
                mailbox: "x".into()
            }
        );
        let json = r#"{"kind":"status","mailbox":"x","condstore":true}"#;
        assert_eq!(line(json), format!("STATUS \"x\" ({items} HIGHESTMODSEQ)"));
    }
}
