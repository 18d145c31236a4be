//! Cuts the server's bytes into responses.
//!
//! ```text
//! response = *(line literal) line
//! line     = *<any but LF> LF            ; CR before LF and blanks around the line do not count
//! literal  = "{" n "}" CRLF n OCTET
//! ```
//!
//! A response is handed over when its last line is complete, with a tape over its bytes. The one
//! exception is a message body that has not arrived as a whole: its octets are handed over as
//! they come ([`Step::BodyBegin`], [`Step::Body`], [`Step::BodyEnd`]) and take no memory. Whether
//! a response is within its [`Limits`] does not depend on how it arrived.

use super::limits::{Exceeded, Limits};
use super::status::Head;
use super::token::{Kind, Nodes, Token, Tokenizer, is_section};

/// A body that ends within so many bytes of its response waits for the rest of it.
const HELD_BODY_BYTES: usize = 256 * 1024;
/// Consumed bytes are given back when there are this many of them before an incomplete response.
const COMPACT_BYTES: usize = 64 * 1024;
/// A buffer that grew beyond this is given back when it is empty.
const KEEP_BYTES: usize = 256 * 1024;
/// The same for the tape, in tokens.
const KEEP_TOKENS: usize = 16 * 1024;

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

/// The framer of one connection. Offsets are counted from where the current response begins.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Where the current response begins in the buffer.
    start: usize,
    /// Where its current line begins.
    line: usize,
    /// Where to look for the next LF.
    scan: usize,
    /// How many bytes of the current response are those of bodies, which do not count.
    body_bytes: usize,
    head: Option<Head>,
    tape: Vec<Token>,
    tokenizer: Tokenizer,
    limits: Limits,
    phase: Phase,
    /// Whether the server has said anything.
    has_begun: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Looking for the end of a line.
    #[default]
    Line,
    /// Waiting for the rest of a literal whose octets stand here.
    Literal { from: usize, to: usize },
    /// A response was handed over; the next one begins here.
    Consumed { next: usize },
    /// A body is passing: `left` octets are to come, the last `held` bytes of the buffer are of it.
    Body { left: u64, held: usize },
}

/// What one look at the buffer found.
enum Found {
    Nothing,
    Response { end: usize, next: usize },
    Body { end: usize, size: u64 },
}

impl Framer {
    /// A framer for a connection with these limits.
    pub fn new(limits: Limits) -> Framer {
        Framer {
            tokenizer: Tokenizer::new(limits),
            limits,
            ..Framer::default()
        }
    }

    /// The bytes that came after the last response that was handed over.
    pub fn unread(&self) -> &[u8] {
        match self.phase {
            Phase::Consumed { next } => self.pending().get(next..).unwrap_or_default(),
            _ => self.pending(),
        }
    }

    /// How many octets of a body are to come before anything else does.
    pub fn body_octets(&self) -> u64 {
        match self.phase {
            Phase::Body { left, held: 0 } => left,
            _ => 0,
        }
    }

    /// So many of these octets have come, and went their own way.
    pub fn passed(&mut self, octets: usize) {
        if let Phase::Body { left, held: 0 } = &mut self.phase {
            *left = left.saturating_sub(octets as u64);
        }
    }

    /// The bytes of the current response, and what came after it.
    fn pending(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Whether the server's very first bytes cannot become a greeting. `input` is what comes now.
    pub fn is_garbage(&self, input: &[u8]) -> bool {
        let text = input.trim_ascii_start();
        !self.has_begun && !text.is_empty() && !text.starts_with(b"*")
    }

    /// The next step, from what is buffered and then from `input`, which is used up bit by bit.
    /// Call it until it gives [`Step::Incomplete`].
    pub fn next<'a, 'b: 'a>(&'a mut self, input: &mut &'b [u8]) -> Result<Step<'a>, Exceeded> {
        if let Phase::Body { left, held } = self.phase {
            return Ok(self.body(left, held, input));
        }
        if let Phase::Consumed { next } = self.phase {
            self.consume(next);
        }
        self.has_begun |= !input.trim_ascii_start().is_empty();
        self.buffer.extend_from_slice(input);
        *input = &[];
        match self.find()? {
            Found::Nothing => {
                self.compact();
                Ok(Step::Incomplete)
            }
            Found::Response { end, next } => {
                self.phase = Phase::Consumed { next };
                self.tokenizer.finish(&mut self.tape);
                Ok(Step::Response(self.frame(end)))
            }
            Found::Body { end, size } => Ok(Step::BodyBegin(self.frame(end), size)),
        }
    }

    fn find(&mut self) -> Result<Found, Exceeded> {
        loop {
            if let Phase::Literal { from, to } = self.phase {
                if self.pending().len() < to {
                    return Ok(Found::Nothing);
                }
                self.tokenizer
                    .literal(Kind::Literal, from, to, &mut self.tape);
                self.continue_at(to);
            }
            let Some(line_feed) = self.line_feed() else {
                self.check_line(self.pending().len())?;
                return Ok(Found::Nothing);
            };
            self.check_line(line_feed)?;
            let end = trimmed_end(self.pending(), self.line, line_feed);
            let next = line_feed + 1;
            let Some(from) = self.values_from(end) else {
                if self.head.is_none() {
                    self.consume(next);
                    continue;
                }
                return Ok(Found::Response { end, next });
            };
            let bytes = self.buffer.get(self.start..).unwrap_or_default();
            match self.tokenizer.line(bytes, from, end, &mut self.tape) {
                None => return Ok(Found::Response { end, next }),
                Some(size) => {
                    if let Some(body) = self.literal(end, next, size)? {
                        return Ok(body);
                    }
                }
            }
        }
    }

    /// The offset of the LF that ends the current line.
    fn line_feed(&mut self) -> Option<usize> {
        let pending = self.buffer.get(self.start..).unwrap_or_default();
        let found = memchr::memchr(b'\n', pending.get(self.scan..).unwrap_or_default());
        match found {
            Some(found) => Some(self.scan + found),
            None => {
                self.scan = pending.len();
                None
            }
        }
    }

    /// Whether the current line may reach to `end`, complete or not.
    fn check_line(&self, end: usize) -> Result<(), Exceeded> {
        let Limits {
            line_bytes,
            response_bytes,
            ..
        } = self.limits;
        if end - self.line > line_bytes {
            return Err(Exceeded::Line(line_bytes));
        }
        match self.counted(end) > response_bytes {
            true => Err(Exceeded::Response(response_bytes)),
            false => Ok(()),
        }
    }

    /// How many of the response's first `end` bytes count.
    fn counted(&self, end: usize) -> usize {
        end.saturating_sub(self.body_bytes)
    }

    /// Where the values of the current line begin, or `None` when it has none: it is blank, or
    /// its response is not data.
    fn values_from(&mut self, end: usize) -> Option<usize> {
        if self.line > 0 {
            return Some(self.line);
        }
        let bytes = self
            .buffer
            .get(self.start..self.start + end)
            .unwrap_or_default();
        let indent = bytes
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let head = Head::of(bytes.get(indent..).unwrap_or_default())?;
        self.head = Some(head);
        // The values begin after the `*`.
        (head == Head::Data).then_some(indent + 1)
    }

    /// A literal of `size` octets begins at `from`; `end` is where its line's text ends.
    fn literal(&mut self, end: usize, from: usize, size: u64) -> Result<Option<Found>, Exceeded> {
        let held = self.pending().len() - from;
        let is_body = self.is_body();
        let fits = from as u64 + size.min(held as u64) <= HELD_BODY_BYTES as u64;
        if is_body && ((held as u64) < size || !fits) {
            self.tokenizer
                .literal(Kind::Streamed, from, from, &mut self.tape);
            self.line = from;
            self.phase = Phase::Body { left: size, held };
            return Ok(Some(Found::Body { end, size }));
        }
        if is_body {
            self.body_bytes += size as usize;
        } else {
            self.check_literal(from, size)?;
        }
        self.phase = Phase::Literal {
            from,
            to: from + size as usize,
        };
        Ok(None)
    }

    /// Whether a literal of `size` octets that is no body may begin at `from`.
    fn check_literal(&self, from: usize, size: u64) -> Result<(), Exceeded> {
        let allowed = self.limits.literal_bytes;
        if size > allowed as u64 {
            return Err(Exceeded::Literal {
                bytes: size,
                allowed,
            });
        }
        let allowed = self.limits.response_bytes;
        match self.counted(from) as u64 + size > allowed as u64 {
            true => Err(Exceeded::Response(allowed)),
            false => Ok(()),
        }
    }

    /// Whether the last token is the section of a message body, right inside a FETCH response.
    fn is_body(&self) -> bool {
        let nodes = Nodes::new(self.pending(), &self.tape);
        let is_fetch = nodes
            .skip(1)
            .take(1)
            .any(|word| word.raw().eq_ignore_ascii_case(b"FETCH"));
        let name = self.tokenizer.last(&self.tape).map(|token| {
            let name = self.pending().get(token.start as usize..token.end as usize);
            (token.kind, name.unwrap_or_default())
        });
        is_fetch
            && self.tokenizer.depth() == 1
            && name.is_some_and(|(kind, name)| kind == Kind::Atom && is_section(name))
    }

    fn body<'a, 'b: 'a>(&'a mut self, left: u64, held: usize, input: &mut &'b [u8]) -> Step<'a> {
        if held > 0 {
            self.phase = Phase::Body {
                left: left.saturating_sub(held as u64),
                held: 0,
            };
            let from = self.buffer.len().saturating_sub(held);
            return Step::Body(self.buffer.get(from..).unwrap_or_default());
        }
        self.buffer.truncate(self.start + self.line);
        if left == 0 {
            self.continue_at(self.line);
            return Step::BodyEnd;
        }
        if input.is_empty() {
            self.compact();
            return Step::Incomplete;
        }
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        let (octets, rest) = input.split_at(take);
        *input = rest;
        self.phase = Phase::Body {
            left: left - take as u64,
            held: 0,
        };
        Step::Body(octets)
    }

    fn continue_at(&mut self, line: usize) {
        self.phase = Phase::Line;
        self.line = line;
        self.scan = line;
    }

    fn frame(&self, end: usize) -> Frame<'_> {
        let tape = self.tokenizer.sound(&self.tape);
        Frame {
            head: self.head.unwrap_or(Head::Data),
            bytes: self.pending().get(..end).unwrap_or_default(),
            tape,
            values: self.tokenizer.values(tape),
            excess: self.tokenizer.excess(),
        }
    }

    /// Drops the response that ends at `next` and begins the one after it.
    fn consume(&mut self, next: usize) {
        self.start += next;
        self.body_bytes = 0;
        self.head = None;
        self.tape.clear();
        self.tokenizer.reset();
        self.continue_at(0);
    }

    fn compact(&mut self) {
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.buffer.shrink_to(KEEP_BYTES);
            self.tape.shrink_to(KEEP_TOKENS);
            self.start = 0;
        } else if self.start >= COMPACT_BYTES {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
    }
}

/// Where the text of the line ends: before its LF, CR and trailing blanks.
fn trimmed_end(bytes: &[u8], from: usize, line_feed: usize) -> usize {
    let line = bytes.get(from..line_feed).unwrap_or_default();
    from + line.trim_ascii_end().len()
}

#[cfg(test)]
mod tests;
