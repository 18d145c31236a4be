//! The tape: a response as a flat list of tokens over its own bytes. No tree, no recursion, no
//! copy.
//!
//! ```text
//! value   = "(" *(SP value) ")" / quoted / literal / atom
//! quoted  = DQUOTE *(%x5C any / any) DQUOTE       ; DQUOTE inside of a word does not end it
//! literal = ["~"] "{" 1*DIGIT ["+"] "}" CRLF *OCTET
//! numbers = number *(SP number)                   ; right after "SEARCH" or "SORT": one token
//! atom    = 1*<any but SP, "(" and ")"> / ("BODY" / "BINARY") "[" section "]" ["<" number ">"]
//! ```
//!
//! The tokenizer is tolerant: unbalanced parentheses, missing spaces and unterminated strings end
//! where the line ends. It works line by line, because a literal may still be on its way.

mod node;
mod numbers;
mod scan;

pub use node::{Node, Nodes, Place};
pub use numbers::Numbers;

use super::limits::{self, Exceeded, Limits};

/// So many digits fit into 64 bits, whatever they are.
const MAX_DIGITS: usize = 19;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A list. Its children follow.
    List,
    /// A run of plain characters, `NIL` and numbers included.
    Atom,
    /// The inside of a quoted string.
    Quoted,
    /// The inside of a quoted string with backslashes in it.
    Escaped,
    /// The octets of a literal.
    Literal,
    /// A literal whose octets were handed over while they arrived; it has no bytes here.
    Streamed,
    /// Numbers beside each other in the answer to SEARCH or SORT: [`Node::numbers`].
    Numbers,
}

/// One token: where it stands in the response's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Whether it is the atom `NIL`.
    is_nil: bool,
    /// Whether it is known that all of its bytes are ASCII.
    is_ascii: bool,
    /// Whether there may be a question mark in it.
    may_have_words: bool,
    /// Offset of the first byte; for a list, of the parenthesis.
    pub start: u32,
    /// Offset after the last byte; for a list, how many tokens it is with all that are in it, or 0
    /// while it is open.
    pub end: u32,
}

impl Token {
    /// A token of which nothing else is known.
    pub(super) const fn new(kind: Kind, start: usize, end: usize) -> Token {
        Token {
            kind,
            is_nil: false,
            is_ascii: false,
            may_have_words: true,
            start: start as u32,
            end: end as u32,
        }
    }

    /// The atom [`NIL`] at an offset.
    pub(super) const fn nil(start: usize) -> Token {
        Token {
            is_nil: true,
            is_ascii: true,
            may_have_words: false,
            ..Token::new(Kind::Atom, start, start + NIL.len())
        }
    }
}

/// Which text is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Grammar {
    /// A server's response: literals may follow, and brackets are characters like any other.
    #[default]
    Response,
    /// A part of a response that was kept. It has a token for each number.
    Kept,
    /// A text of the program's own: no literals follow. With `brackets`, `[` and `]` are
    /// parentheses, except those of `BODY[...]`.
    Expression { brackets: bool },
}

/// Turns the lines of one response into a tape.
#[derive(Debug, Default)]
pub struct Tokenizer {
    grammar: Grammar,
    open: Vec<u32>,
    /// How many lists are open beyond the limit; they are not on the tape.
    beyond: usize,
    /// How many numbers have no token of their own.
    folded: usize,
    /// The last token that did not fit on the tape.
    cut: Option<Token>,
    limits: Limits,
    excess: Option<Exceeded>,
    /// How many tokens came before the excess.
    sound: usize,
}

impl Tokenizer {
    /// A tokenizer that observes `limits.items` and `limits.depth`.
    pub fn new(limits: Limits) -> Tokenizer {
        Tokenizer {
            limits,
            ..Tokenizer::default()
        }
    }

    /// A tokenizer for a text that is no response and ends where it ends: `{3}` is an atom in it.
    /// With `brackets`, `[` and `]` are parentheses, too.
    pub fn expression(brackets: bool) -> Tokenizer {
        Tokenizer {
            grammar: Grammar::Expression { brackets },
            ..Tokenizer::default()
        }
    }

    /// Forgets the response before.
    pub fn reset(&mut self) {
        self.open.clear();
        self.beyond = 0;
        self.folded = 0;
        self.cut = None;
        self.excess = None;
    }

    /// How many values are on the tape, each number by itself.
    pub fn values(&self, tape: &[Token]) -> usize {
        tape.len() + self.folded
    }

    /// The limit that the response exceeds, if it does.
    pub fn excess(&self) -> Option<Exceeded> {
        self.excess
    }

    /// The tokens that mean what they say: all of them, or those before the excess.
    pub fn sound<'a>(&self, tape: &'a [Token]) -> &'a [Token] {
        match self.excess {
            None => tape,
            Some(_) => tape.get(..self.sound).unwrap_or(tape),
        }
    }

    /// How many lists are open where the last line ended.
    pub fn depth(&self) -> usize {
        self.open.len() + self.beyond
    }

    /// The last token of the response so far, whose others are on `tape`.
    pub fn last(&self, tape: &[Token]) -> Option<Token> {
        self.cut.or(tape.last().copied())
    }

    /// Reads `bytes[from..to]`, a line without its CRLF, onto the tape. Gives the size of the
    /// literal that the line announces, if it does.
    pub fn line(
        &mut self,
        bytes: &[u8],
        from: usize,
        to: usize,
        tape: &mut Vec<Token>,
    ) -> Option<u64> {
        let line = bytes.get(..to).unwrap_or(bytes);
        // Each byte makes one token at the most.
        let has_room = self.values(tape) + line.len() <= self.limits.items;
        let mut at = from;
        while let Some(&byte) = line.get(at) {
            at = match byte {
                b' ' | b'\t' => {
                    at += 1;
                    continue;
                }
                b'(' => self.list(at, tape),
                b')' => self.close(at, tape),
                b'"' => quoted(line, at, tape),
                b'N' if nil(line, at, tape) => at + NIL.len(),
                b'[' if self.has_brackets() => self.list(at, tape),
                b']' if self.has_brackets() => self.close(at, tape),
                b'0'..=b'9' => match self.numbers(line, at, tape) {
                    Some(end) => end,
                    None => self.atom(line, at, tape),
                },
                b'{' | b'~' => match self.literal_at(line.get(at..).unwrap_or_default()) {
                    Some(size) => return Some(size),
                    None => self.atom(line, at, tape),
                },
                _ => self.atom(line, at, tape),
            };
            if !has_room {
                self.cut(tape);
            }
            if line.get(at) == Some(&b' ') {
                at += 1;
            }
        }
        None
    }

    /// Puts a literal on the tape; its octets are `bytes[start..end]`.
    pub fn literal(&mut self, kind: Kind, start: usize, end: usize, tape: &mut Vec<Token>) {
        push(tape, kind, start, end);
        self.cut(tape);
    }

    /// Closes what the response left open.
    pub fn finish(&mut self, tape: &mut [Token]) {
        while let Some(index) = self.open.pop() {
            close_list(tape, index);
        }
    }

    fn list(&mut self, at: usize, tape: &mut Vec<Token>) -> usize {
        if self.open.len() >= self.limits.depth {
            self.beyond += 1;
            self.exceed(Exceeded::Depth(self.limits.depth), tape);
        } else {
            self.open.push(tape.len() as u32);
            push(tape, Kind::List, at, 0);
        }
        at + 1
    }

    fn close(&mut self, at: usize, tape: &mut [Token]) -> usize {
        if self.beyond > 0 {
            self.beyond -= 1;
        } else if let Some(index) = self.open.pop() {
            close_list(tape, index);
        }
        at + 1
    }

    /// Takes a token that is too many off the tape. What follows is still read, because the
    /// response ends where it ends.
    fn cut(&mut self, tape: &mut Vec<Token>) {
        let limit = self.limits.items;
        if self.values(tape) > limit {
            self.cut = tape.pop();
            self.exceed(Exceeded::Items(limit), tape);
        }
    }

    fn exceed(&mut self, exceeded: Exceeded, tape: &[Token]) {
        if self.excess.is_none() {
            self.excess = Some(exceeded);
            self.sound = tape.len();
        }
    }

    fn has_brackets(&self) -> bool {
        self.grammar == Grammar::Expression { brackets: true }
    }

    fn literal_at(&self, rest: &[u8]) -> Option<u64> {
        literal(rest).filter(|_| !matches!(self.grammar, Grammar::Expression { .. }))
    }

    /// The numbers that a SEARCH or SORT begins with, as far as they may be on the tape.
    fn numbers(&mut self, line: &[u8], at: usize, tape: &mut Vec<Token>) -> Option<usize> {
        let [keyword] = tape.as_slice() else {
            return None;
        };
        let is_sound = self.grammar == Grammar::Response && self.excess.is_none();
        if !is_sound || !numbers::follow(keyword, line) {
            return None;
        }
        let numbers = numbers::at_start(line.get(at..).unwrap_or_default());
        let words = numbers.words();
        if words == 0 || words >= self.limits.items {
            return None;
        }
        self.folded = words - 1;
        let end = at + numbers.len();
        push(tape, Kind::Numbers, at, end);
        Some(end)
    }

    fn atom(&self, line: &[u8], at: usize, tape: &mut Vec<Token>) -> usize {
        let mut end = at;
        let mut classes = 0;
        while let Some(&byte) = line.get(end) {
            let class = scan::class(byte);
            if class & scan::END != 0 {
                break;
            }
            if class & scan::BRACKET != 0 {
                if byte == b'[' && is_body(line.get(at..end).unwrap_or_default()) {
                    // Field names in it may be anything.
                    end = section(line, end);
                    push(tape, Kind::Atom, at, end);
                    return end;
                }
                if self.has_brackets() {
                    break;
                }
            }
            classes |= class;
            end += 1;
        }
        tape.push(match line.get(at..end) == Some(NIL) {
            true => Token::nil(at),
            false => scan::seen(Kind::Atom, at, end, classes),
        });
        end
    }
}

/// The atom that stands for a value that there is none of. Only upper case does, as in node-imap
/// (contract section 8.4).
pub(super) const NIL: &[u8] = b"NIL";

/// Puts a `NIL` on the tape where there plainly is one; it is the most frequent of all values.
fn nil(line: &[u8], at: usize, tape: &mut Vec<Token>) -> bool {
    let is_nil = matches!(
        line.get(at..).and_then(<[u8]>::first_chunk),
        Some([b'N', b'I', b'L', b' ' | b')'])
    );
    if is_nil {
        tape.push(Token::nil(at));
    }
    is_nil
}

fn push(tape: &mut Vec<Token>, kind: Kind, start: usize, end: usize) {
    tape.push(Token::new(kind, start, end));
}

fn close_list(tape: &mut [Token], index: u32) {
    let length = tape.len() as u32 - index;
    if let Some(token) = tape.get_mut(index as usize) {
        token.end = length;
    }
}

fn quoted(line: &[u8], at: usize, tape: &mut Vec<Token>) -> usize {
    match scan::quoted(line, at + 1) {
        Some(token) => {
            tape.push(token);
            token.end as usize + 1
        }
        None => oddly_quoted(line, at, tape),
    }
}

/// The same for any string.
fn oddly_quoted(line: &[u8], at: usize, tape: &mut Vec<Token>) -> usize {
    let start = at + 1;
    let mut kind = Kind::Quoted;
    let mut from = start;
    loop {
        let rest = line.get(from..).unwrap_or_default();
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(found) if rest.get(found) == Some(&b'\\') => {
                kind = Kind::Escaped;
                from += found + 2;
            }
            Some(found) => {
                let quote = from + found;
                let Some(reopened) = reopened(line, quote + 1) else {
                    push(tape, kind, start, quote);
                    return quote + 1;
                };
                if memchr::memchr(b'\\', line.get(quote..reopened).unwrap_or_default()).is_some() {
                    kind = Kind::Escaped;
                }
                from = reopened + 1;
            }
            None => {
                push(tape, kind, start, line.len());
                return line.len();
            }
        }
    }
}

/// Where the quoted string goes on whose quote before `from` is inside of a word: at the next
/// quote. Servers forget to escape them: `"the "best" offer"` is one string, as in node-imap.
fn reopened(line: &[u8], from: usize) -> Option<usize> {
    let rest = line.get(from..).unwrap_or_default();
    let is_end = |byte: &u8| matches!(byte, b'"' | b' ' | b'\t' | b'(' | b')');
    let end = rest.iter().position(is_end)?;
    (rest.get(end) == Some(&b'"')).then_some(from + end)
}

/// The size in `{n}`, `{n+}` or `~{n}` when that is all there is until the end of the line.
fn literal(rest: &[u8]) -> Option<u64> {
    let rest = rest.strip_prefix(b"~").unwrap_or(rest);
    let digits = rest.strip_prefix(b"{")?.strip_suffix(b"}")?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    number(digits)
}

fn is_body(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"BODY")
        || name.eq_ignore_ascii_case(b"BODY.PEEK")
        || name.eq_ignore_ascii_case(b"BINARY")
        || name.eq_ignore_ascii_case(b"BINARY.SIZE")
}

/// From the bracket of `BODY[...]` to after its end, `<n>` included. Quoted field names may hold
/// brackets.
fn section(line: &[u8], bracket: usize) -> usize {
    let mut at = bracket + 1;
    let mut in_quotes = false;
    while let Some(&byte) = line.get(at) {
        at += 1;
        match byte {
            b'"' => in_quotes = !in_quotes,
            b'\\' if in_quotes => at += 1,
            b']' if !in_quotes => return partial(line, at),
            _ => {}
        }
    }
    line.len()
}

fn partial(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    if rest.first() != Some(&b'<') {
        return at;
    }
    // Not beyond the word: a line of nothing but `BODY[]<` must not be read again for each.
    let is_end = |byte: &u8| matches!(byte, b'>' | b' ' | b'\t' | b'(' | b')');
    match rest.iter().position(is_end) {
        Some(end) if rest.get(end) == Some(&b'>') => at + end + 1,
        _ => at,
    }
}

/// The number that these digits are, unless they are none or too many.
pub fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > MAX_DIGITS {
        return None;
    }
    digits.iter().try_fold(0u64, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + u64::from(byte - b'0'))
    })
}

/// The tape of a text that is no response: a response code, or values that were kept of one.
/// A literal in it is whole, and its announcement ends in CRLF or LF. It may be as deep as the
/// option `limits.depth` can allow.
pub fn tape(text: &[u8]) -> Vec<Token> {
    let mut tape = Vec::new();
    let mut tokenizer = Tokenizer {
        grammar: Grammar::Kept,
        limits: Limits {
            depth: limits::MAX_DEPTH,
            items: limits::MAX_BYTES,
            ..Limits::default()
        },
        ..Tokenizer::default()
    };
    let mut from = 0;
    while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        let line_feed = memchr::memchr(b'\n', rest).map_or(text.len(), |at| from + at);
        let line = text.get(from..line_feed).unwrap_or_default();
        let end = from + line.trim_ascii_end().len();
        let next = line_feed.saturating_add(1);
        from = match tokenizer.line(text, from, end, &mut tape) {
            None => next,
            Some(size) => {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                let to = next.saturating_add(size).min(text.len());
                tokenizer.literal(Kind::Literal, next, to, &mut tape);
                to
            }
        };
    }
    tokenizer.finish(&mut tape);
    tape
}

/// Whether an atom is the section of a message body: `BODY[...]` or `BINARY[...]`.
pub(super) fn is_section(name: &[u8]) -> bool {
    let starts = |prefix: &[u8]| {
        name.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    matches!(name, [b'B' | b'b', ..]) && (starts(b"BODY[") || starts(b"BINARY["))
}

/// Whether a token on the tape of a FETCH response names a message body.
pub fn names_body(node: &Node<'_>) -> bool {
    node.kind() == Kind::Atom && is_section(node.raw())
}

#[cfg(test)]
mod tests;
