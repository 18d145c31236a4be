//! A response while it is read: what its bytes are, wherever they stand.

use super::super::limits::{Exceeded, Limits};
use super::super::status::Head;
use super::super::token::{Kind, Nodes, Token, Tokenizer, is_section};
use super::Frame;

/// A body that ends within so many bytes of its response is handed over with it, once it is there.
pub(super) const HELD_BODY_BYTES: usize = 256 * 1024;
/// A body that ends within so many bytes of its response is waited for while more is about to come.
const AWAITED_BODY_BYTES: usize = 64 * 1024;
/// A tape that grew beyond so many tokens is given back when it is empty.
const KEEP_TOKENS: usize = 16 * 1024;

/// What one look at the bytes found.
pub(super) enum Found {
    /// The response has not come as a whole. This is lacking, at least.
    Part(Need),
    /// A line without anything; what follows begins at `next`.
    Blank { next: usize },
    /// A response, whose text ends at `end`. What follows begins at `next`.
    Response { end: usize, next: usize },
    /// A response up to a body that is to be handed over as it comes.
    Body(Announced),
}

/// A body. The text of the line that announces it ends at `end`, its octets begin at `from`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Announced {
    pub(super) end: usize,
    pub(super) from: usize,
    pub(super) size: u64,
}

/// What a response lacks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    /// The end of its line.
    Line,
    /// So many octets of a literal.
    Octets(usize),
}

/// See the module. Offsets are counted from where the response begins.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Where the current line begins.
    line: usize,
    /// Where to look for the next LF.
    scan: usize,
    /// The literal whose octets are to come.
    literal: Option<(usize, usize)>,
    /// The body that is waited for.
    awaited: Option<Announced>,
    /// Whether more is about to come.
    is_patient: bool,
    /// How many bytes are those of bodies, which do not count.
    body_bytes: usize,
    head: Option<Head>,
    tape: Vec<Token>,
    tokenizer: Tokenizer,
    limits: Limits,
}

impl Reading {
    pub(super) fn new(limits: Limits) -> Reading {
        Reading {
            tokenizer: Tokenizer::new(limits),
            limits,
            ..Reading::default()
        }
    }

    /// Forgets the response, for the next one.
    pub(super) fn begin(&mut self) {
        self.body_bytes = 0;
        self.head = None;
        self.tape.clear();
        self.shrink_to(KEEP_TOKENS);
        self.tokenizer.reset();
        self.continue_at(0);
    }

    /// Whether more is about to come from now on.
    pub(super) fn expect_more(&mut self, is_patient: bool) {
        self.is_patient = is_patient;
    }

    /// Whether a body would be handed over now if nothing more came.
    pub(super) fn is_waiting(&self) -> bool {
        self.awaited.is_some()
    }

    /// Gives back the room of the tape beyond so many tokens.
    pub(super) fn shrink_to(&mut self, tokens: usize) {
        self.tape.shrink_to(tokens);
    }

    /// Where the current line begins.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The response up to `end`, closed.
    pub(super) fn frame<'a>(&'a self, bytes: &'a [u8], end: usize) -> Frame<'a> {
        let tape = self.tokenizer.sound(&self.tape);
        Frame {
            head: self.head.unwrap_or(Head::Data),
            bytes: bytes.get(..end).unwrap_or_default(),
            tape,
            values: self.tokenizer.values(tape),
            excess: self.tokenizer.excess(),
        }
    }

    /// Looks on. `bytes` begin where the response does; `more` are there besides.
    pub(super) fn find(&mut self, bytes: &[u8], more: usize) -> Result<Found, Exceeded> {
        if let Some(body) = self.awaited.take()
            && let Some(found) = self.body(body, bytes.len(), more)
        {
            return Ok(found);
        }
        loop {
            if let Some((from, to)) = self.literal {
                if bytes.len() < to {
                    return Ok(Found::Part(Need::Octets(to - bytes.len())));
                }
                self.tokenizer
                    .literal(Kind::Literal, from, to, &mut self.tape);
                self.continue_at(to);
            }
            let Some(line_feed) = self.line_feed(bytes) else {
                self.check_line(bytes.len())?;
                return Ok(Found::Part(Need::Line));
            };
            self.check_line(line_feed)?;
            let end = trimmed_end(bytes, self.line, line_feed);
            let next = line_feed + 1;
            let Some(from) = self.values_from(bytes, end) else {
                if self.head.is_none() {
                    self.continue_at(0);
                    return Ok(Found::Blank { next });
                }
                return Ok(Found::Response { end, next });
            };
            match self.tokenizer.line(bytes, from, end, &mut self.tape) {
                None => {
                    self.tokenizer.finish(&mut self.tape);
                    return Ok(Found::Response { end, next });
                }
                Some(size) => {
                    let from = next;
                    if !self.is_body(bytes) {
                        self.check_literal(from, size)?;
                        self.literal = Some((from, from + size as usize));
                        continue;
                    }
                    let body = Announced { end, from, size };
                    if let Some(found) = self.body(body, bytes.len(), more) {
                        return Ok(found);
                    }
                }
            }
        }
    }

    /// The offset of the LF that ends the current line.
    fn line_feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let found = memchr::memchr(b'\n', bytes.get(self.scan..).unwrap_or_default());
        match found {
            Some(found) => Some(self.scan + found),
            None => {
                self.scan = bytes.len();
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
    fn values_from(&mut self, bytes: &[u8], end: usize) -> Option<usize> {
        if self.line > 0 {
            return Some(self.line);
        }
        let bytes = bytes.get(..end).unwrap_or_default();
        let indent = bytes
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let head = Head::of(bytes.get(indent..).unwrap_or_default())?;
        self.head = Some(head);
        // The values begin after the `*`.
        (head == Head::Data).then_some(indent + 1)
    }

    /// What is to be done with a body, unless it can be read like any literal. So many bytes of the
    /// response are there, and so many besides.
    fn body(&mut self, body: Announced, bytes: usize, more: usize) -> Option<Found> {
        let Announced { from, size, .. } = body;
        let end = (from as u64).saturating_add(size);
        let is_there = (bytes + more) as u64 >= end;
        if is_there && end <= HELD_BODY_BYTES as u64 {
            self.body_bytes += size as usize;
            self.literal = Some((from, end as usize));
            return None;
        }
        if self.is_patient && !is_there && end <= AWAITED_BODY_BYTES as u64 {
            self.awaited = Some(body);
            let lacking = (end as usize).saturating_sub(bytes);
            return Some(Found::Part(Need::Octets(lacking)));
        }
        self.tokenizer
            .literal(Kind::Streamed, from, from, &mut self.tape);
        self.continue_at(from);
        Some(Found::Body(body))
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
    fn is_body(&self, bytes: &[u8]) -> bool {
        let nodes = Nodes::new(bytes, &self.tape);
        let is_fetch = nodes
            .skip(1)
            .take(1)
            .any(|word| word.raw().eq_ignore_ascii_case(b"FETCH"));
        let name = self.tokenizer.last(&self.tape).map(|token| {
            let name = bytes.get(token.start as usize..token.end as usize);
            (token.kind, name.unwrap_or_default())
        });
        is_fetch
            && self.tokenizer.depth() == 1
            && name.is_some_and(|(kind, name)| kind == Kind::Atom && is_section(name))
    }

    fn continue_at(&mut self, line: usize) {
        self.literal = None;
        self.awaited = None;
        self.line = line;
        self.scan = line;
    }
}

/// Where the text of the line ends: before its LF, CR and trailing blanks.
fn trimmed_end(bytes: &[u8], from: usize, line_feed: usize) -> usize {
    let line = bytes.get(from..line_feed).unwrap_or_default();
    from + line.trim_ascii_end().len()
}
