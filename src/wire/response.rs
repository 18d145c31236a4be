//! Responses as values: continuations, status responses, untagged data (RFC 3501 section 7).
//!
//! ```text
//! response      = continuation / status / data
//! continuation  = "+" [SP text]
//! status        = ("*" / tag) SP ("OK" / "NO" / "BAD" / "PREAUTH" / "BYE") [SP code] [SP text]
//! code          = "[" name *(SP value) "]"
//! data          = "*" SP (number SP keyword / keyword) *(SP value)
//! ```
//!
//! Keywords are read in any case, and a code counts without text after it (contract Q-41).

use super::framer::Frame;
use super::status::{Head, Status, word};
use super::token::{Kind, Nodes, tape};
use super::value::Value;

/// A response as a value.
#[derive(Clone, Debug)]
pub enum Response<'a> {
    /// The server waits for more of a command.
    Continuation(&'a [u8]),
    /// An untagged status response.
    Status(StatusLine<'a>),
    /// The answer to the command with this tag, or a line that only looks like one.
    Tagged(&'a [u8], StatusLine<'a>),
    /// Untagged data: the number before the keyword, the keyword, the values after it.
    Data(Option<u32>, Keyword, Nodes<'a>),
}

/// The status, code and text of a status response.
#[derive(Clone, Copy, Debug)]
pub struct StatusLine<'a> {
    /// The status, or `None` for a word that is none.
    pub status: Option<Status>,
    /// What stands between the brackets.
    pub code: Option<Code<'a>>,
    /// The human-readable text.
    pub text: &'a [u8],
}

/// The keywords of untagged data that everimap reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// Capabilities.
    Capability,
    /// Namespaces (RFC 2342).
    Namespace,
    /// The flags of the mailbox.
    Flags,
    /// A mailbox.
    List,
    /// A subscribed mailbox.
    Lsub,
    /// A mailbox with its special use, as Gmail once gave it.
    Xlist,
    /// The counters of a mailbox.
    Status,
    /// Matching messages.
    Search,
    /// Matching messages in order (RFC 5256).
    Sort,
    /// Matching messages by conversation (RFC 5256).
    Thread,
    /// What is wanted of the matching messages (RFC 4731).
    Esearch,
    /// What the server says of itself (RFC 2971).
    Id,
    /// The use and the limits of a quota root (RFC 9208).
    Quota,
    /// The quota roots of a mailbox (RFC 9208).
    Quotaroot,
    /// The number of messages.
    Exists,
    /// The number of recent messages.
    Recent,
    /// A message is gone.
    Expunge,
    /// Messages are gone, by UID (RFC 7162).
    Vanished,
    /// Data of a message.
    Fetch,
    /// What was switched on (RFC 5161).
    Enabled,
    /// Anything else; it is not read.
    Other,
}

impl Keyword {
    const WORDS: [(&'static str, Keyword); 20] = [
        ("fetch", Keyword::Fetch),
        ("exists", Keyword::Exists),
        ("expunge", Keyword::Expunge),
        ("recent", Keyword::Recent),
        ("search", Keyword::Search),
        ("sort", Keyword::Sort),
        ("thread", Keyword::Thread),
        ("esearch", Keyword::Esearch),
        ("id", Keyword::Id),
        ("quota", Keyword::Quota),
        ("quotaroot", Keyword::Quotaroot),
        ("list", Keyword::List),
        ("lsub", Keyword::Lsub),
        ("xlist", Keyword::Xlist),
        ("status", Keyword::Status),
        ("flags", Keyword::Flags),
        ("capability", Keyword::Capability),
        ("namespace", Keyword::Namespace),
        ("vanished", Keyword::Vanished),
        ("enabled", Keyword::Enabled),
    ];

    fn of(word: &[u8]) -> Keyword {
        Keyword::WORDS
            .iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()))
            .map_or(Keyword::Other, |(_, keyword)| *keyword)
    }

    /// The word in lower case; nothing for [`Keyword::Other`].
    pub fn name(self) -> &'static str {
        let word = Keyword::WORDS.iter().find(|(_, keyword)| *keyword == self);
        word.map_or("", |(name, _)| name)
    }
}

impl Keyword {
    /// Whether the data is of the mailbox or the connection, whatever command runs.
    pub fn is_of_mailbox(self) -> bool {
        matches!(
            self,
            Keyword::Exists
                | Keyword::Recent
                | Keyword::Expunge
                | Keyword::Vanished
                | Keyword::Fetch
                | Keyword::Flags
                | Keyword::Capability
                | Keyword::Namespace
        )
    }
}

impl<'a> Response<'a> {
    /// Reads a whole response. Nothing is malformed enough to fail: what makes no sense has an
    /// unknown status, or the keyword [`Keyword::Other`].
    pub fn of(frame: &Frame<'a>) -> Response<'a> {
        let line = frame.bytes.trim_ascii();
        match frame.head {
            Head::Continuation => {
                Response::Continuation(line.get(1..).unwrap_or_default().trim_ascii_start())
            }
            Head::Status => Response::Status(StatusLine::of(line.get(1..).unwrap_or_default())),
            Head::Tagged => {
                let (tag, rest) = word(line);
                Response::Tagged(tag, StatusLine::of(rest))
            }
            Head::Data => data(frame),
        }
    }
}

fn data<'a>(frame: &Frame<'a>) -> Response<'a> {
    let mut nodes = frame.nodes();
    let Some(first) = nodes.next() else {
        return Response::Data(None, Keyword::Other, nodes);
    };
    // EXISTS and its like need a number; LIST and its like must not have one.
    let number = match first.kind() {
        Kind::Atom => first.number(),
        _ => None,
    };
    let (number, keyword) = match number {
        Some(number) => match (u32::try_from(number), nodes.next()) {
            (Ok(number), Some(node)) => (Some(number), Keyword::of(node.raw())),
            _ => (None, Keyword::Other),
        },
        None => (None, Keyword::of(first.raw())),
    };
    Response::Data(number, keyword, nodes)
}

impl<'a> StatusLine<'a> {
    fn of(rest: &'a [u8]) -> StatusLine<'a> {
        let (word, rest) = word(rest);
        let (code, text) = match Code::of(rest) {
            Some((code, text)) => (Some(code), text),
            None => (None, rest),
        };
        StatusLine {
            status: Status::of(word),
            code,
            text: text.trim_ascii(),
        }
    }

    /// The text, with what is no UTF-8 replaced.
    pub fn string(&self) -> String {
        String::from_utf8_lossy(self.text).into_owned()
    }
}

/// A response code, e.g. `UIDVALIDITY 1` (RFC 3501 section 7.1).
#[derive(Clone, Copy, Debug)]
pub struct Code<'a> {
    inside: &'a [u8],
}

impl<'a> Code<'a> {
    /// The code at the beginning of the text, and the text after it.
    pub(super) fn of(rest: &'a [u8]) -> Option<(Code<'a>, &'a [u8])> {
        let inside = rest.strip_prefix(b"[")?;
        let mut in_quotes = false;
        let end = inside.iter().position(|byte| {
            in_quotes ^= *byte == b'"';
            *byte == b']' && !in_quotes
        })?;
        let (inside, text) = inside.split_at_checked(end)?;
        // Empty brackets are text.
        if inside.trim_ascii().is_empty() {
            return None;
        }
        Some((Code { inside }, text.strip_prefix(b"]")?))
    }

    /// The first word.
    pub fn name(&self) -> &'a [u8] {
        word(self.inside).0
    }

    /// Whether the first word is `name`, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }

    /// Its name in upper case.
    pub fn upper_name(&self) -> String {
        String::from_utf8_lossy(self.name()).to_ascii_uppercase()
    }

    /// The number after the name.
    pub fn number(&self) -> Option<u64> {
        super::token::number(word(word(self.inside).1).0)
    }

    /// The values after the name, as the given function reads them.
    pub fn values<T>(&self, read: impl FnOnce(Nodes<'_>) -> T) -> T {
        let tape = tape(self.inside);
        let mut nodes = Nodes::new(self.inside, &tape);
        nodes.next();
        read(nodes)
    }

    /// The code as `err.textCode` (contract section 8.4).
    pub fn value(&self) -> Value {
        let tape = tape(self.inside);
        let mut values: Vec<Value> = Nodes::new(self.inside, &tape)
            .map(|node| Value::of(&node))
            .collect();
        if values.len() < 2 {
            return values.pop().unwrap_or(Value::Text(String::new()));
        }
        let key = values.remove(0);
        let val = match values.len() {
            1 => values.remove(0),
            _ => Value::List(values),
        };
        Value::Map(vec![("key", key), ("val", val)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::framer::{Framer, Step};

    fn with<T>(line: &str, read: impl FnOnce(Response<'_>) -> T) -> T {
        let mut framer = Framer::default();
        let bytes = format!("{line}\r\n");
        match framer.next(&mut bytes.as_bytes()).unwrap() {
            Step::Response(frame) => read(Response::of(&frame)),
            step => panic!("{step:?}"),
        }
    }

    fn code(line: &str) -> Value {
        with(line, |response| match response {
            Response::Status(status) | Response::Tagged(_, status) => status.code.unwrap().value(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn codes_count_without_text_and_with_brackets_in_quotes() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(code("A5 NO [TRYCREATE]"), text("TRYCREATE"));
        assert_eq!(
            code("* OK [X \"a]b\"] done"),
            Value::Map(vec![("key", text("X")), ("val", text("a]b"))])
        );
        assert_eq!(
            code("A5 OK [COPYUID 1 2 3] done"),
            Value::Map(vec![
                ("key", text("COPYUID")),
                (
                    "val",
                    Value::List(vec![
                        Value::Number(1.0),
                        Value::Number(2.0),
                        Value::Number(3.0)
                    ])
                ),
            ])
        );
        assert_eq!(
            code("* OK [BADCHARSET (UTF-8 \"US-ASCII\")]"),
            Value::Map(vec![
                ("key", text("BADCHARSET")),
                ("val", Value::List(vec![text("UTF-8"), text("US-ASCII")])),
            ])
        );
    }

    #[test]
    fn status_responses_in_any_case_and_spacing() {
        with("A5  ok  [READ-ONLY] fine ", |response| match response {
            Response::Tagged(tag, line) => {
                assert_eq!(
                    (tag, line.status, line.text),
                    (&b"A5"[..], Some(Status::Ok), &b"fine"[..])
                );
                assert!(line.code.unwrap().is("read-only"));
            }
            other => panic!("{other:?}"),
        });
        with("* bye [ALERT] it's (over {5}", |response| match response {
            Response::Status(line) => {
                assert_eq!(
                    (line.status, line.text),
                    (Some(Status::Bye), &b"it's (over {5}"[..])
                );
            }
            other => panic!("{other:?}"),
        });
        with("A5 MAYBE", |response| match response {
            Response::Tagged(_, line) => assert_eq!(line.status, None),
            other => panic!("{other:?}"),
        });
    }

    #[test]
    fn data_with_and_without_a_number() {
        with("* 7 fetch (uid 9)", |response| match response {
            Response::Data(Some(7), Keyword::Fetch, mut values) => {
                assert_eq!(values.next().unwrap().children().count(), 2);
            }
            other => panic!("{other:?}"),
        });
        with("* SEARCH 1 2", |response| match response {
            Response::Data(None, Keyword::Search, values) => {
                assert!(values.flat_map(|value| value.numbers()).eq([1, 2]));
            }
            other => panic!("{other:?}"),
        });
        with("* 99999999999 EXISTS", |response| {
            assert!(matches!(response, Response::Data(None, Keyword::Other, _)));
        });
    }
}
