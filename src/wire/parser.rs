//! A stream of responses as the `Parser` of node-imap tells it: bytes in, events out, for
//! programs that read an IMAP stream of their own.
//!
//! However the bytes are cut, the events are the same, up to the cuts of a body into chunks.

mod untagged;

use std::borrow::Cow;

use serde::Serialize;

use super::fetch::{Attributes, Pairs};
use super::framer::{Frame, Framer, Step};
use super::namespace::{Namespace, Namespaces};
use super::response::{Code, Keyword, Response, StatusLine};
use super::section;
use super::status::Status;
use super::token::{Kind, Node, Nodes, Place, names_body, number};
use super::value::{Bytes, TextCode};

pub use untagged::Data;

/// What the parser tells. The order of the variants is part of the frame: the handlers in
/// `src/js/response-parser.js` stand in the same order.
#[derive(Debug, Serialize)]
pub enum Event<'a> {
    /// A line, without the octets of literals; only when asked for.
    Line(Cow<'a, str>),
    /// The answer to the command with the tag `A` and this number.
    Tagged {
        /// `ok`, `no` or `bad`.
        kind: &'static str,
        /// The number of the tag.
        number: u64,
        /// The response code.
        code: Option<TextCode>,
        /// The text; may be empty.
        text: Cow<'a, str>,
    },
    /// An untagged status response.
    Status {
        /// `ok`, `no`, `bad`, `bye` or `preauth`.
        kind: &'static str,
        /// The response code.
        code: Option<TextCode>,
        /// The text, if there is one.
        text: Option<Cow<'a, str>>,
    },
    /// A number of messages, or the number of one that is gone.
    Count {
        /// `exists`, `recent` or `expunge`.
        kind: &'static str,
        /// The number.
        number: u32,
    },
    /// The attributes of a message. Its bodies were told before.
    Fetch {
        /// The sequence number.
        number: u32,
        /// Everything but bodies, under the server's own names in lower case.
        attributes: Attributes<'a>,
    },
    /// The namespaces.
    Namespaces {
        /// Those of the user.
        personal: Option<Vec<Namespace>>,
        /// Those of other users.
        other: Option<Vec<Namespace>>,
        /// Those that are shared.
        shared: Option<Vec<Namespace>>,
    },
    /// Any other untagged data.
    Data {
        /// The keyword in lower case.
        kind: &'static str,
        /// The values.
        data: Data<'a>,
    },
    /// A continuation request.
    Continue {
        /// The response code.
        code: Option<TextCode>,
        /// The text, if there is one.
        text: Option<Cow<'a, str>>,
    },
    /// A line that is none of these.
    Other(Cow<'a, str>),
    /// A body of a message begins.
    BodyBegin {
        /// The sequence number of the message.
        seqno: u32,
        /// The section, as the server names it.
        which: Cow<'a, str>,
        /// How many bytes will come.
        size: u64,
    },
    /// The next bytes of that body.
    BodyChunk(Bytes<'a>),
    /// That body is complete.
    BodyEnd,
    /// The server exceeded a limit. Nothing follows.
    Failed(String),
}

/// A parser of one stream.
#[derive(Debug, Default)]
pub struct Parser {
    framer: Framer,
    told: Told,
    /// Whether octets that pass belong to a body that was told.
    is_passing: bool,
    has_failed: bool,
}

/// Where the events go.
type Listener<'l> = &'l mut dyn FnMut(&Event<'_>);

impl Parser {
    /// Takes bytes and tells what they complete; `with_lines` also the lines themselves.
    pub fn feed(&mut self, mut input: &[u8], with_lines: bool, listener: Listener<'_>) {
        self.told.with_lines = with_lines;
        while !self.has_failed {
            match self.framer.next(&mut input) {
                Ok(Step::Incomplete) => return,
                Ok(Step::Response(frame)) => {
                    self.told.response(&frame, listener);
                    self.told.bodies = None;
                    self.told.lines = Position::default();
                }
                Ok(Step::BodyBegin(frame, size)) => {
                    self.is_passing = self.told.body_begin(&frame, size, listener);
                }
                Ok(Step::Body(octets)) if self.is_passing => {
                    listener(&Event::BodyChunk(Bytes(octets)));
                }
                Ok(Step::BodyEnd) if self.is_passing => listener(&Event::BodyEnd),
                Ok(Step::Body(_) | Step::BodyEnd) => {}
                Err(exceeded) => {
                    self.has_failed = true;
                    listener(&Event::Failed(exceeded.to_string()));
                }
            }
        }
    }
}

/// How much of the response that is arriving was told.
#[derive(Debug, Default)]
struct Told {
    with_lines: bool,
    /// Where the pairs go on that were looked at for bodies.
    bodies: Option<Place>,
    lines: Position,
}

/// A place in a response.
#[derive(Clone, Copy, Debug, Default)]
struct Position {
    /// Tokens before it.
    items: usize,
    /// Bytes before it.
    bytes: usize,
}

impl Told {
    fn response(&mut self, frame: &Frame<'_>, listener: Listener<'_>) {
        if let Some((seqno, pairs)) = message(frame) {
            let pairs = pairs.from(self.bodies);
            self.complete_bodies(frame, seqno, pairs, listener);
        }
        self.lines_before(frame, usize::MAX, listener);
        match Response::of(frame) {
            Response::Continuation(text) => listener(&continuation(text)),
            Response::Status(line) => listener(&status(&line)),
            Response::Tagged(tag, line) => listener(&tagged(frame, tag, &line)),
            // A tape that stops in the middle means nothing.
            Response::Data(..) if frame.excess.is_some() => {}
            Response::Data(number, keyword, values) => {
                if let Some(event) = data(number, keyword, values) {
                    listener(&event);
                }
            }
        }
    }

    /// A body whose octets follow. Gives whether anybody can use it.
    fn body_begin(&mut self, frame: &Frame<'_>, size: u64, listener: Listener<'_>) -> bool {
        let named = message(frame).and_then(|(seqno, pairs)| {
            let pairs = pairs.from(self.bodies);
            self.complete_bodies(frame, seqno, pairs, listener);
            let (name, value) = pairs.last()?;
            (value.kind() == Kind::Streamed).then_some((seqno, name))
        });
        // After an excess, what of a line is octets is on no tape: it is told at the end.
        if frame.excess.is_none() {
            self.lines_before(frame, usize::MAX, listener);
        }
        let Some((seqno, name)) = named else {
            return false;
        };
        listener(&Event::BodyBegin {
            seqno,
            which: section::named(&name),
            size,
        });
        true
    }

    /// The bodies that are there as a whole, in their order.
    fn complete_bodies(
        &mut self,
        frame: &Frame<'_>,
        seqno: u32,
        pairs: Pairs<'_>,
        listener: Listener<'_>,
    ) {
        self.bodies = Some(pairs.end());
        for (name, value) in pairs {
            // Where the tape ends before the response, a value is on no tape.
            if value.is_missing() && frame.excess.is_some() {
                continue;
            }
            if !names_body(&name) || value.kind() == Kind::Streamed {
                continue;
            }
            self.lines_before(frame, value.span().1, listener);
            // NIL is a body without bytes (contract Q-28).
            let octets = match value.is_nil() {
                true => Cow::Borrowed(&[][..]),
                false => value.text(),
            };
            listener(&Event::BodyBegin {
                seqno,
                which: section::named(&name),
                size: octets.len() as u64,
            });
            if !octets.is_empty() {
                listener(&Event::BodyChunk(Bytes(&octets)));
            }
            listener(&Event::BodyEnd);
        }
    }

    /// The lines that end before this place: each up to a literal, the last one up to the end.
    fn lines_before(&mut self, frame: &Frame<'_>, end: usize, listener: Listener<'_>) {
        if !self.with_lines {
            return;
        }
        let tokens = frame.tape.iter().enumerate().skip(self.lines.items);
        for (index, token) in tokens.filter(|(_, token)| (token.end as usize) <= end) {
            if matches!(token.kind, Kind::Literal | Kind::Streamed) {
                line(
                    frame.bytes,
                    self.lines.bytes,
                    token.start as usize,
                    listener,
                );
                self.lines.items = index + 1;
                self.lines.bytes = token.end as usize;
            }
        }
        if end == usize::MAX {
            let end = match frame.excess {
                None => end,
                Some(_) => line_end(frame.bytes, self.lines.bytes),
            };
            line(frame.bytes, self.lines.bytes, end, listener);
        }
    }
}

/// Where the line ends that goes on at `from`.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(bytes.len(), |at| from + at)
}

fn line(bytes: &[u8], from: usize, to: usize, listener: Listener<'_>) {
    let text = bytes.get(from..to.min(bytes.len())).unwrap_or_default();
    let text = text.trim_ascii();
    if !text.is_empty() {
        listener(&Event::Line(String::from_utf8_lossy(text)));
    }
}

/// The sequence number and the attributes of a FETCH response.
fn message<'a>(frame: &Frame<'a>) -> Option<(u32, Pairs<'a>)> {
    match Response::of(frame) {
        Response::Data(Some(seqno), Keyword::Fetch, mut values) => {
            let list = values.next().filter(Node::is_list)?;
            Some((seqno, Pairs::new(list.children())))
        }
        _ => None,
    }
}

/// ```text
/// continue-req = "+" [SP "[" code "]"] [SP text]
/// ```
fn continuation(text: &[u8]) -> Event<'_> {
    let (code, text) = match Code::of(text) {
        Some((code, text)) => (Some(code.value()), text.trim_ascii_start()),
        None => (None, text),
    };
    Event::Continue {
        code,
        text: some_text(text),
    }
}

fn status<'a>(line: &StatusLine<'a>) -> Event<'a> {
    Event::Status {
        kind: line.status.map_or("", Status::name),
        code: line.code.map(|code| code.value()),
        text: some_text(line.text),
    }
}

/// ```text
/// response-tagged = "A" 1*DIGIT SP ("OK" / "NO" / "BAD") [SP "[" code "]"] [SP text]
/// ```
fn tagged<'a>(frame: &Frame<'a>, tag: &[u8], line: &StatusLine<'a>) -> Event<'a> {
    let kind = line.status.filter(|status| {
        // These two are never the answer to a command.
        !matches!(status, Status::Bye | Status::Preauth)
    });
    match (tag.strip_prefix(b"A").and_then(number), kind) {
        (Some(number), Some(kind)) => Event::Tagged {
            kind: kind.name(),
            number,
            code: line.code.map(|code| code.value()),
            text: String::from_utf8_lossy(line.text),
        },
        _ => Event::Other(String::from_utf8_lossy(frame.bytes.trim_ascii())),
    }
}

fn some_text(text: &[u8]) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then(|| String::from_utf8_lossy(text))
}

/// Untagged data. What is malformed, or has a keyword that node-imap does not know, is nothing.
fn data(seqno: Option<u32>, keyword: Keyword, mut values: Nodes<'_>) -> Option<Event<'_>> {
    let kind = keyword.name();
    Some(match (keyword, seqno) {
        (Keyword::Exists | Keyword::Recent | Keyword::Expunge, Some(number)) => {
            Event::Count { kind, number }
        }
        (Keyword::Fetch, Some(number)) => {
            let list = values.next().filter(Node::is_list)?;
            Event::Fetch {
                number,
                attributes: Attributes::unasked(Pairs::new(list.children())),
            }
        }
        (Keyword::Namespace, None) => {
            let Namespaces {
                personal,
                other,
                shared,
            } = Namespaces::of(values);
            Event::Namespaces {
                personal,
                other,
                shared,
            }
        }
        (keyword, None) => Event::Data {
            kind,
            data: Data::of(keyword, values)?,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
