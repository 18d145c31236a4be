//! Raw commands: node-imap's `_enqueue` (contract section 7).

use super::{Compiled, Purpose};
use crate::wire::argument::{Argument, ArgumentError};
use crate::wire::command::Command;

/// A line as it is; its purpose is read from its verb.
pub(super) fn compile(text: &Argument) -> Result<Compiled, ArgumentError> {
    let Argument::Text(text) = text else {
        return Err(ArgumentError::wrong_type(format!(
            "A raw command must be a string, e.g. 'NOOP'; got: {}",
            text.type_name()
        )));
    };
    let command = Command::raw(text)?;
    let purpose = match command.verb() {
        "LIST" | "XLIST" => Purpose::List,
        "LSUB" => Purpose::Lsub,
        "STATUS" => Purpose::Status {
            mailbox: first_argument(text),
        },
        verb @ ("SELECT" | "EXAMINE") => Purpose::Select {
            mailbox: first_argument(text),
            read_only: verb == "EXAMINE",
        },
        "CLOSE" | "UNSELECT" => Purpose::Close,
        "SEARCH" => Purpose::Search,
        "STORE" => Purpose::Store,
        "COPY" => Purpose::Copy,
        "MOVE" => Purpose::Move,
        "EXPUNGE" => Purpose::Expunge,
        "LOGOUT" => Purpose::Logout,
        verb @ ("IDLE" | "STARTTLS" | "COMPRESS" | "AUTHENTICATE") => {
            return Err(ArgumentError::new(format!(
                "{verb} cannot be sent as a raw command: \
                 it changes how the connection works, and everimap sends it itself"
            )));
        }
        _ => Purpose::Other,
    };
    Ok(Compiled::of(command, purpose))
}

/// The second word of a line, or what is in its quotes.
fn first_argument(line: &str) -> String {
    let rest = line
        .trim_start()
        .split_once(' ')
        .map_or("", |(_, rest)| rest.trim_start());
    let Some(quoted) = rest.strip_prefix('"') else {
        return rest.split(' ').next().unwrap_or_default().to_owned();
    };
    let mut characters = quoted.chars();
    let mut argument = String::new();
    while let Some(character) = characters.next().filter(|character| *character != '"') {
        let escaped = (character == '\\').then(|| characters.next()).flatten();
        argument.push(escaped.unwrap_or(character));
    }
    argument
}

#[cfg(test)]
mod tests {
    use super::super::tests::compiled;
    use super::*;
    use crate::wire::argument::Fault;

    #[test]
    fn raw_commands_are_read_for_their_purpose() {
        for (text, purpose) in [
            ("ID (\"a\" \"b\")", Purpose::Other),
            ("uid search ALL", Purpose::Search),
            ("UID STORE 1 +FLAGS (x)", Purpose::Store),
            (
                "STATUS a\\b (MESSAGES)",
                Purpose::Status {
                    mailbox: "a\\b".into(),
                },
            ),
            (
                "examine \"a \\\"b\" (CONDSTORE)",
                Purpose::Select {
                    mailbox: "a \"b".into(),
                    read_only: true,
                },
            ),
        ] {
            let compiled = compile(&Argument::Text(text.into())).unwrap();
            assert_eq!(compiled.purpose, purpose);
            assert_eq!(
                compiled.command.pieces()[0].bytes,
                format!("{text}\r\n").as_bytes()
            );
        }
        for json in [
            r#""A\r\nB""#,
            r#""idle""#,
            r#""STARTTLS""#,
            r#""""#,
            r#""A {3}""#,
            "5",
        ] {
            assert!(
                compiled(&format!(r#"{{"kind":"raw","text":{json}}}"#)).is_err(),
                "{json}"
            );
        }
        let number = compile(&Argument::Integer(5));
        assert_eq!(number.unwrap_err().fault, Fault::Type);
    }
}
