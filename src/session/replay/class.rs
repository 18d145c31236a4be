//! What a command is, as far as it matters whether it is carried out once, twice or not at all
//! (resilience 2.9). The table is data; the first row that fits counts.

use crate::wire::command::Command;

/// What may be done with a command that was sent whole and not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It changes nothing: it is repeated, and repeated once more (classes S and A).
    Reads,
    /// Done twice it is the same as done once: it is repeated (class B).
    Repeats,
    /// It is repeated, and a NO with this code (RFC 5530) says that the first time was enough.
    Makes(&'static str),
    /// It is never repeated: only a proof tells what became of it (classes C to G).
    Once,
}

/// Which commands of a name a row is about.
#[derive(Clone, Copy, Debug)]
enum Form {
    Any,
    /// It names what it is about by UID.
    ByUid,
    /// It adds or takes away, without a condition: `UID STORE 1 +FLAGS (x)`.
    Relative,
}

struct Row(&'static str, Form, Class);

const ROWS: &[Row] = &[
    Row("CAPABILITY", Form::Any, Class::Reads),
    Row("CHECK", Form::Any, Class::Reads),
    Row("ENABLE", Form::Any, Class::Reads),
    Row("EXAMINE", Form::Any, Class::Reads),
    Row("FETCH", Form::Any, Class::Reads),
    Row("GETACL", Form::Any, Class::Reads),
    Row("GETMETADATA", Form::Any, Class::Reads),
    Row("GETQUOTA", Form::Any, Class::Reads),
    Row("GETQUOTAROOT", Form::Any, Class::Reads),
    Row("ID", Form::Any, Class::Reads),
    Row("LIST", Form::Any, Class::Reads),
    Row("LISTRIGHTS", Form::Any, Class::Reads),
    Row("LSUB", Form::Any, Class::Reads),
    Row("MYRIGHTS", Form::Any, Class::Reads),
    Row("NAMESPACE", Form::Any, Class::Reads),
    Row("NOOP", Form::Any, Class::Reads),
    Row("SEARCH", Form::Any, Class::Reads),
    Row("SELECT", Form::Any, Class::Reads),
    Row("SORT", Form::Any, Class::Reads),
    Row("STATUS", Form::Any, Class::Reads),
    Row("THREAD", Form::Any, Class::Reads),
    Row("UNSELECT", Form::Any, Class::Reads),
    Row("XLIST", Form::Any, Class::Reads),
    Row("DELETEACL", Form::Any, Class::Repeats),
    // It names what is to go (RFC 4315 section 2.1).
    Row("EXPUNGE", Form::ByUid, Class::Repeats),
    Row("SETACL", Form::Any, Class::Repeats),
    Row("SETQUOTA", Form::Any, Class::Repeats),
    Row("STORE", Form::Relative, Class::Repeats),
    Row("SUBSCRIBE", Form::Any, Class::Repeats),
    Row("UNSUBSCRIBE", Form::Any, Class::Repeats),
    Row("CREATE", Form::Any, Class::Makes("ALREADYEXISTS")),
    Row("DELETE", Form::Any, Class::Makes("NONEXISTENT")),
    // A second RENAME may find another mailbox under the old name.
    Row("RENAME", Form::Any, Class::Once),
    // The first try has raised the mod-sequence (C), or may be undone by somebody else (D).
    Row("STORE", Form::Any, Class::Once),
    Row("APPEND", Form::Any, Class::Once),
    Row("COPY", Form::Any, Class::Once),
    Row("MOVE", Form::Any, Class::Once),
    // What is marked as deleted then need not be what was marked before.
    Row("EXPUNGE", Form::Any, Class::Once),
    Row("CLOSE", Form::Any, Class::Once),
];

impl Class {
    pub(super) fn of(command: &Command) -> Class {
        let fits = |Row(verb, form, _): &&Row| {
            *verb == command.verb()
                && match form {
                    Form::Any => true,
                    Form::ByUid => command.is_by_uid(),
                    Form::Relative => matches!(command.item().first(), Some(b'+' | b'-')),
                }
        };
        let row = ROWS.iter().find(fits);
        row.map_or(Class::Once, |Row(_, _, class)| *class)
    }

    /// How often it may be sent once more after it was sent whole.
    pub(super) fn repetitions(self) -> u32 {
        match self {
            Class::Reads => 2,
            Class::Repeats | Class::Makes(_) => 1,
            Class::Once => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_class() {
        for (class, texts) in [
            (
                Class::Reads,
                &[
                    "UID FETCH 1 (UID)",
                    "SEARCH ALL",
                    "LIST \"\" \"*\"",
                    "EXAMINE x",
                ][..],
            ),
            (
                Class::Repeats,
                &[
                    "uid store 1:3 +FLAGS.SILENT (\\Seen)",
                    "STORE 1 -FLAGS (x)",
                    "UID EXPUNGE 4",
                    "SUBSCRIBE x",
                ],
            ),
            (Class::Makes("ALREADYEXISTS"), &["CREATE x"]),
            (Class::Makes("NONEXISTENT"), &["DELETE x"]),
            (
                Class::Once,
                &[
                    "UID STORE 1 FLAGS (\\Seen)",
                    "UID STORE 1 (UNCHANGEDSINCE 4) +FLAGS (x)",
                    "UID COPY 1 x",
                    "MOVE 1 x",
                    "EXPUNGE",
                    "CLOSE",
                    "RENAME x y",
                    "X-ANYTHING",
                ],
            ),
        ] {
            for text in texts {
                let command = Command::raw(text).unwrap();
                assert_eq!(Class::of(&command), class, "{text}");
            }
        }
    }
}
