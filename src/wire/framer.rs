//! Cuts the server's bytes into responses.
//!
//! ```text
//! response = *(line literal) line
//! line     = *<any but LF> LF            ; CR before LF and blanks around the line do not count
//! literal  = "{" n "}" CRLF n OCTET
//! ```
//!
//! A response is handed over when its last line is complete, with a tape over its bytes. One that
//! has arrived as a whole is read where it stands; one that comes in pieces is put together first.
//! The one exception is a message body that has not arrived as a whole: its octets are handed over as
//! they come ([`Step::BodyBegin`], [`Step::Body`], [`Step::BodyEnd`]) and take no memory. Whether
//! a response is within its [`Limits`] does not depend on how it arrived.

mod reading;

use super::limits::{Exceeded, Limits};
use super::status::Head;
use super::token::{Nodes, Token};
use reading::{Announced, Found, Need, Reading};

/// Memory that grew beyond this is given back when it is empty.
const KEEP_BYTES: usize = 256 * 1024;

/// What the framer found next.
#[derive(Debug)]
pub enum Step<'a> {
    /// Nothing more in what has arrived.
    Incomplete,
    /// A whole response.
    Response(Frame<'a>),
    /// The beginning of a FETCH response whose last token is the section of a body; the body's
    /// octets follow.
    BodyBegin(Frame<'a>, u64),
    /// The next octets of that body.
    Body(&'a [u8]),
    /// That body is complete. The rest of its response follows.
    BodyEnd,
}

/// The bytes of a response and what they are.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// What kind of response it is.
    pub head: Head,
    /// The bytes, without the last line end.
    pub bytes: &'a [u8],
    /// The tokens of an untagged data response, up to an excess; empty for every other kind.
    pub tape: &'a [Token],
    /// How many values are on the tape, each number by itself.
    pub values: usize,
    /// Why the tape ends before the response does: it nests too deep, or has too many values.
    pub excess: Option<Exceeded>,
}

impl<'a> Frame<'a> {
    /// The values after the `*`.
    pub fn nodes(&self) -> Nodes<'a> {
        Nodes::new(self.bytes, self.tape)
    }
}

/// The framer of one connection.
#[derive(Debug, Default)]
pub struct Framer {
    /// What has come of a response before the rest of it, and what is kept for later.
    kept: Vec<u8>,
    /// Where the current response begins in it.
    start: usize,
    reading: Reading,
    phase: Phase,
    /// Whether the server has said anything.
    has_begun: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Response,
    /// A response was handed over; the next one begins so many kept bytes later.
    Consumed { next: usize },
    /// A body is passing: `left` octets are to come. The first `passed` kept bytes after the line that
    /// announces it were handed over.
    Body { left: u64, passed: usize },
}

impl Framer {
    /// A framer for a connection with these limits.
    pub fn new(limits: Limits) -> Framer {
        Framer {
            reading: Reading::new(limits),
            ..Framer::default()
        }
    }

    /// The kept bytes that came after the last response that was handed over.
    pub fn unread(&self) -> &[u8] {
        match self.phase {
            Phase::Consumed { next } => self.current().get(next..).unwrap_or_default(),
            _ => self.current(),
        }
    }

    /// Keeps bytes that are to be looked at later, before everything else that comes.
    pub fn keep(&mut self, input: &[u8]) {
        self.kept.extend_from_slice(input);
    }

    /// Whether more is about to come from now on. Then a small body that has begun is waited for.
    pub fn expect_more(&mut self, is_more: bool) {
        self.reading.expect_more(is_more);
    }

    /// Whether there is a next step as soon as nothing more is about to come.
    pub fn is_waiting(&self) -> bool {
        self.reading.is_waiting()
    }

    /// Gives back all room that the bytes which are still needed do not take.
    pub fn shrink(&mut self) {
        self.kept.shrink_to_fit();
        self.reading.shrink_to(0);
    }

    /// Whether the server's very first bytes cannot become a greeting. `input` is what comes now.
    pub fn is_garbage(&self, input: &[u8]) -> bool {
        let text = input.trim_ascii_start();
        !self.has_begun && !text.is_empty() && !text.starts_with(b"*")
    }

    /// The next step, from what is kept and then from `input`, which is used up bit by bit. Call it
    /// until it gives [`Step::Incomplete`].
    pub fn next<'a, 'b: 'a>(&'a mut self, input: &mut &'b [u8]) -> Result<Step<'a>, Exceeded> {
        if let Phase::Body { left, passed } = self.phase {
            return Ok(self.body(left, passed, input));
        }
        if let Phase::Consumed { next } = self.phase {
            self.consume(next);
        }
        self.has_begun |= !input.trim_ascii_start().is_empty();
        loop {
            if self.current().is_empty() {
                match self.reading.find(input, 0)? {
                    Found::Blank { next } => *input = input.get(next..).unwrap_or_default(),
                    Found::Part(_) => {
                        self.keep_part(input);
                        *input = &[];
                        return Ok(Step::Incomplete);
                    }
                    Found::Response { end, next } => return Ok(self.here(end, next, input)),
                    Found::Body(body) => {
                        let (line, rest) = input.split_at(body.from.min(input.len()));
                        self.keep_part(line);
                        *input = rest;
                        return Ok(self.body_begin(body));
                    }
                }
                continue;
            }
            let kept = self.kept.get(self.start..).unwrap_or_default();
            match self.reading.find(kept, input.len())? {
                Found::Blank { next } => self.start += next,
                Found::Part(_) if input.is_empty() => return Ok(Step::Incomplete),
                Found::Part(need) => self.take(need, input),
                Found::Response { end, next } => {
                    self.phase = Phase::Consumed { next };
                    return Ok(Step::Response(self.reading.frame(self.current(), end)));
                }
                Found::Body(body) => return Ok(self.body_begin(body)),
            }
        }
    }

    /// A response that has arrived as a whole.
    fn here<'a, 'b: 'a>(&'a mut self, end: usize, next: usize, input: &mut &'b [u8]) -> Step<'a> {
        let bytes = *input;
        *input = bytes.get(next..).unwrap_or_default();
        self.phase = Phase::Consumed { next: 0 };
        Step::Response(self.reading.frame(bytes, end))
    }

    /// The kept bytes of the current response, and what came after it.
    fn current(&self) -> &[u8] {
        self.kept.get(self.start..).unwrap_or_default()
    }

    /// Keeps the first part of a response.
    fn keep_part(&mut self, part: &[u8]) {
        self.kept.clear();
        self.kept.shrink_to(KEEP_BYTES);
        self.start = 0;
        self.kept.extend_from_slice(part);
    }

    /// Takes as much of the input as the current response certainly needs.
    fn take(&mut self, need: Need, input: &mut &[u8]) {
        let wanted = match need {
            Need::Line => memchr::memchr(b'\n', input).map_or(input.len(), |end| end + 1),
            Need::Octets(octets) => octets.min(input.len()),
        };
        let (part, rest) = input.split_at(wanted);
        self.kept.extend_from_slice(part);
        *input = rest;
    }

    fn body_begin(&mut self, body: Announced) -> Step<'_> {
        self.phase = Phase::Body {
            left: body.size,
            passed: 0,
        };
        Step::BodyBegin(self.reading.frame(self.current(), body.end), body.size)
    }

    /// How many kept bytes come after the line that announces the body which is passing.
    fn octets_kept(&self) -> usize {
        self.current().len().saturating_sub(self.reading.line())
    }

    fn body<'a, 'b: 'a>(&'a mut self, left: u64, passed: usize, input: &mut &'b [u8]) -> Step<'a> {
        let from = self.start + self.reading.line();
        self.kept.drain(from..from + passed.min(self.octets_kept()));
        if left == 0 {
            self.phase = Phase::Response;
            return Step::BodyEnd;
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        let kept = self.octets_kept().min(most);
        let (octets, rest) = input.split_at(match kept {
            0 => most.min(input.len()),
            _ => 0,
        });
        *input = rest;
        self.phase = Phase::Body {
            left: left - (kept + octets.len()) as u64,
            passed: kept,
        };
        match (kept, octets) {
            (0, []) => Step::Incomplete,
            (0, octets) => Step::Body(octets),
            (kept, _) => Step::Body(self.kept.get(from..from + kept).unwrap_or_default()),
        }
    }

    /// Drops the response that ends at `next` and begins the one after it.
    fn consume(&mut self, next: usize) {
        self.start += next;
        if self.start >= self.kept.len() {
            self.keep_part(&[]);
        }
        self.reading.begin();
        self.phase = Phase::Response;
    }
}

#[cfg(test)]
mod tests;
