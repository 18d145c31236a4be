//! What stands on a tape: values beside each other, and in each other.

use std::borrow::Cow;

use super::{Kind, Numbers, Token, number};
use crate::wire::charset::lossy;

/// One value on the tape, with the bytes it stands for.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    bytes: &'a [u8],
    token: &'a Token,
    /// What is in a list.
    inside: &'a [Token],
}

/// The values beside each other in a list, or in a whole response.
#[derive(Clone, Copy, Debug)]
pub struct Nodes<'a> {
    bytes: &'a [u8],
    /// Those that are left.
    tape: &'a [Token],
    /// How many tokens were before them.
    before: usize,
}

/// A place among the values of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(usize);

impl<'a> Nodes<'a> {
    /// All values of a response.
    pub fn new(bytes: &'a [u8], tape: &'a [Token]) -> Nodes<'a> {
        Nodes {
            bytes,
            tape,
            before: 0,
        }
    }

    /// Where they end. More may follow when more of the response has come.
    pub fn end(&self) -> Place {
        Place(self.before + self.tape.len())
    }

    /// Those of them that follow a place, or all.
    pub fn from(self, place: Option<Place>) -> Nodes<'a> {
        let passed = place.map_or(0, |place| place.0.saturating_sub(self.before));
        Nodes {
            tape: self.tape.get(passed..).unwrap_or_default(),
            before: self.before + passed,
            ..self
        }
    }
}

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a>;

    #[inline]
    fn next(&mut self) -> Option<Node<'a>> {
        let (token, rest) = self.tape.split_first()?;
        let length = match (token.kind, token.end) {
            // A list that is still open goes on to the end of the tape.
            (Kind::List, 0) => rest.len(),
            (Kind::List, length) => (length as usize - 1).min(rest.len()),
            _ => 0,
        };
        let (inside, rest) = rest.split_at(length);
        self.tape = rest;
        self.before += 1 + length;
        Some(Node {
            bytes: self.bytes,
            token,
            inside,
        })
    }
}

impl<'a> Node<'a> {
    /// A value of no bytes, where one is missing.
    pub const EMPTY: Node<'static> = Node {
        bytes: &[],
        token: &Token::new(Kind::Atom, 0, 0),
        inside: &[],
    };

    /// What the value is.
    pub fn kind(&self) -> Kind {
        self.token.kind
    }

    /// Whether this is no value, but stands where one is missing.
    pub fn is_missing(&self) -> bool {
        self.token.kind == Kind::Atom && self.raw().is_empty()
    }

    /// Whether this is a literal, here or handed over before.
    pub fn is_octets(&self) -> bool {
        matches!(self.token.kind, Kind::Literal | Kind::Streamed)
    }

    /// The values of a list; nothing for anything else.
    pub fn children(&self) -> Nodes<'a> {
        Nodes::new(self.bytes, self.inside)
    }

    /// Whether this is a list.
    pub fn is_list(&self) -> bool {
        self.token.kind == Kind::List
    }

    /// Whether this is `NIL`. Only upper case is, as in node-imap (contract section 8.4).
    pub fn is_nil(&self) -> bool {
        self.token.is_nil
    }

    /// The bytes that the value means, if they are known to be ASCII and stand in the response as
    /// they are.
    pub fn ascii(&self) -> Option<&'a [u8]> {
        self.token.is_ascii.then(|| self.raw())
    }

    /// Whether there may be encoded words in it.
    pub fn may_have_words(&self) -> bool {
        self.token.may_have_words
    }

    /// The bytes as they stand in the response, without quotes; nothing for a list.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        match self.token.kind {
            Kind::List | Kind::Streamed => &[],
            _ => self
                .bytes
                .get(self.token.start as usize..self.token.end as usize)
                .unwrap_or_default(),
        }
    }

    /// The bytes that the value means, with the escapes of a quoted string resolved.
    pub fn text(&self) -> Cow<'a, [u8]> {
        match self.token.kind {
            Kind::Escaped => Cow::Owned(unescape(self.raw())),
            _ => Cow::Borrowed(self.raw()),
        }
    }

    /// The same as a string; what is no UTF-8 becomes U+FFFD.
    pub fn string(&self) -> Cow<'a, str> {
        match self.text() {
            Cow::Borrowed(bytes) => lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(lossy(&bytes).into_owned()),
        }
    }

    /// The number that the value is.
    pub fn number(&self) -> Option<u64> {
        number(self.raw())
    }

    /// The numbers of messages that the value is: one, or all of [`Kind::Numbers`].
    pub fn numbers(&self) -> Numbers<'a> {
        match self.token.kind {
            Kind::Numbers => Numbers(self.raw()),
            _ => Numbers(self.number().map_or(&[], |_| self.raw())),
        }
    }

    /// Where the value stands in the response, with the quotes, parentheses or literal
    /// announcement around it.
    pub fn span(&self) -> (usize, usize) {
        let (start, end) = (self.token.start as usize, self.token.end as usize);
        match self.token.kind {
            Kind::Quoted | Kind::Escaped => (start - 1, (end + 1).min(self.bytes.len())),
            Kind::List => (start, self.list_end()),
            Kind::Literal => (announcement(self.bytes, start), end),
            Kind::Atom | Kind::Streamed | Kind::Numbers => (start, end),
        }
    }

    /// Writes the value so that [`tape`](super::tape) reads the same, whatever stands before and after it:
    /// lists and strings that the server left open are closed.
    pub fn write(&self, text: &mut Vec<u8>) {
        match self.token.kind {
            Kind::List => {
                text.push(b'(');
                for child in self.children() {
                    child.write(text);
                    text.push(b' ');
                }
                text.push(b')');
            }
            // At the end of a line it would announce a literal.
            Kind::Atom if !self.raw().starts_with(b"{") && !self.raw().starts_with(b"~") => {
                text.extend_from_slice(self.raw());
            }
            Kind::Numbers => text.extend_from_slice(self.raw()),
            _ => {
                let octets = self.text();
                text.extend_from_slice(format!("{{{}}}\r\n", octets.len()).as_bytes());
                text.extend_from_slice(&octets);
            }
        }
    }

    fn list_end(&self) -> usize {
        let last = self.children().last();
        let from = last.map_or(self.token.start as usize + 1, |node| node.span().1);
        let rest = self.bytes.get(from..).unwrap_or_default();
        memchr::memchr(b')', rest).map_or(self.bytes.len(), |at| from + at + 1)
    }
}

/// Where the `{n}` before a literal's octets begins.
fn announcement(bytes: &[u8], octets: usize) -> usize {
    let before = bytes.get(..octets).unwrap_or_default();
    let brace = memchr::memrchr(b'{', before).unwrap_or(octets);
    match before.get(brace.wrapping_sub(1)) {
        Some(b'~') => brace - 1,
        _ => brace,
    }
}

fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next() {
                Some(escaped @ (b'"' | b'\\')) => text.push(escaped),
                // Only these two are escapes (RFC 3501 section 9, quoted-specials).
                Some(other) => text.extend([b'\\', other]),
                None => text.push(b'\\'),
            },
            _ => text.push(byte),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::Tokenizer;
    use super::*;

    #[test]
    fn a_span_holds_the_value_as_it_was_sent() {
        let line = br#"A "b\"" (c (d) "e") F"#;
        let mut tape = Vec::new();
        let mut tokenizer = Tokenizer::default();
        tokenizer.line(line, 0, line.len(), &mut tape);
        tokenizer.finish(&mut tape);
        let spans = Nodes::new(line, &tape).map(|node| {
            let (start, end) = node.span();
            String::from_utf8_lossy(&line[start..end]).into_owned()
        });
        assert_eq!(
            spans.collect::<Vec<_>>(),
            ["A", r#""b\"""#, r#"(c (d) "e")"#, "F"]
        );
    }
}
