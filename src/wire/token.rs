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

pub use node::{Node, Nodes, Place};
pub use numbers::Numbers;

use super::limits::{self, Exceeded, Limits};

/// So many digits fit into 64 bits, whatever they are.
const MAX_DIGITS: usize = 19;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A list. Its children follow; `end` is the index of the token after the last of them.
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
    /// Offset of the first byte; for a list, of the parenthesis.
    pub start: u32,
    /// Offset after the last byte; for a list, the index of the next token beside it.
    pub end: u32,
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
        let mut at = from;
        while let Some(&byte) = line.get(at) {
            at = match byte {
                b' ' | b'\t' => at + 1,
                b'(' => self.list(at, tape),
                b')' => self.close(at, tape),
                b'[' if self.has_brackets() => self.list(at, tape),
                b']' if self.has_brackets() => self.close(at, tape),
                b'"' => quoted(line, at, tape),
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
            self.cut(tape);
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
        while let Some(&byte) = line.get(end) {
            match byte {
                b' ' | b'\t' | b'(' | b')' if end > at => break,
                b'[' if is_body(line.get(at..end).unwrap_or_default()) => {
                    end = section(line, end);
                    break;
                }
                b'[' | b']' if self.has_brackets() => break,
                _ => end += 1,
            }
        }
        push(tape, Kind::Atom, at, end);
        end
    }
}

fn push(tape: &mut Vec<Token>, kind: Kind, start: usize, end: usize) {
    tape.push(Token {
        kind,
        start: start as u32,
        end: end as u32,
    });
}

fn close_list(tape: &mut [Token], index: u32) {
    let next = tape.len() as u32;
    if let Some(token) = tape.get_mut(index as usize) {
        token.end = next;
    }
}

fn quoted(line: &[u8], at: usize, tape: &mut Vec<Token>) -> usize {
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
    starts(b"BODY[") || starts(b"BINARY[")
}

/// Whether a token on the tape of a FETCH response names a message body.
pub fn names_body(node: &Node<'_>) -> bool {
    node.kind() == Kind::Atom && is_section(node.raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(line: &str) -> String {
        let mut tape = Vec::new();
        let mut tokenizer = Tokenizer::default();
        let size = tokenizer.line(line.as_bytes(), 0, line.len(), &mut tape);
        tokenizer.finish(&mut tape);
        let mut text = shown(Nodes::new(line.as_bytes(), &tape));
        if let Some(size) = size {
            text += &format!(" literal:{size}");
        }
        text
    }

    fn shown(nodes: Nodes<'_>) -> String {
        let one = |node: Node<'_>| match node.kind() {
            Kind::List => format!("({})", shown(node.children())),
            Kind::Atom => node.string().into_owned(),
            _ => format!("{:?}", node.string()),
        };
        nodes.map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn values_of_every_kind() {
        assert_eq!(
            show(r#"UID 7 FLAGS (\Seen $x) NIL"#),
            r#"UID 7 FLAGS (\Seen $x) NIL"#
        );
        assert_eq!(show(r#"("a b" "c\"d\\")"#), r#"("a b" "c\"d\\")"#);
        assert_eq!(
            show("BODY[HEADER.FIELDS (FROM \"X]\")]<0> {12}"),
            "BODY[HEADER.FIELDS (FROM \"X]\")]<0> literal:12"
        );
        assert_eq!(show("body[]{3}"), "body[] literal:3");
        assert_eq!(show("~{3+}"), " literal:3");
    }

    #[test]
    fn what_is_malformed_ends_with_the_line() {
        assert_eq!(show("(a (b"), "(a (b))");
        assert_eq!(show("a) b)"), "a b");
        assert_eq!(show("\"open"), "\"open\"");
        assert_eq!(show("BODY[TEXT"), "BODY[TEXT");
        assert_eq!(show("a(b)c"), "a (b) c");
        assert_eq!(show("{12}x {}"), "{12}x {}");
    }

    #[test]
    fn a_quote_inside_of_a_word_does_not_end_the_string() {
        for (line, expected) in [
            (
                r#"("the "best" offer" NIL)"#,
                r#"("the \"best\" offer" NIL)"#,
            ),
            (r#""a""b" c"#, r#""a\"\"b" c"#),
            (
                r#""\\"IMAP\" is terrible :\\""#,
                r#""\\\"IMAP\" is terrible :\\""#,
            ),
            (r#"("a"("b"))"#, r#"("a" ("b"))"#),
            (r#""a"b c"#, r#""a" b c"#),
            (r#""" "" """#, r#""" "" """#),
            (r#""a"{3}"#, r#""a" literal:3"#),
        ] {
            assert_eq!(show(line), expected, "{line}");
        }
    }

    #[test]
    fn an_expression_has_brackets_and_no_literals() {
        let read = |text: &str, brackets| {
            let mut tape = Vec::new();
            let mut tokenizer = Tokenizer::expression(brackets);
            assert_eq!(
                tokenizer.line(text.as_bytes(), 0, text.len(), &mut tape),
                None
            );
            tokenizer.finish(&mut tape);
            shown(Nodes::new(text.as_bytes(), &tape))
        };
        let text = "[A b]c d[e]f BODY[G H]<0> ]x {3}";
        assert_eq!(read(text, true), "(A b) c d (e) f BODY[G H]<0> x {3}");
        assert_eq!(read(text, false), "[A b]c d[e]f BODY[G H]<0> ]x {3}");
    }

    #[test]
    fn depth_is_bounded() {
        let line = "(".repeat(10_000);
        let mut tape = Vec::new();
        let mut tokenizer = Tokenizer::default();
        tokenizer.line(line.as_bytes(), 0, line.len(), &mut tape);
        assert_eq!(tokenizer.excess(), Some(Exceeded::Depth(limits::DEPTH)));
        assert_eq!(tape.len(), limits::DEPTH);
    }

    #[test]
    fn the_tape_stops_where_a_response_is_too_deep_and_its_literals_are_still_counted() {
        let line = format!("{}{} x BODY[] {{7}}", "(".repeat(101), ")".repeat(100));
        let mut tape = Vec::new();
        let mut tokenizer = Tokenizer::default();
        let size = tokenizer.line(line.as_bytes(), 0, line.len(), &mut tape);
        assert_eq!(size, Some(7));
        tokenizer.literal(Kind::Literal, 0, 1, &mut tape);
        assert_eq!(tokenizer.sound(&tape).len(), limits::DEPTH);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for line in [
            r#"a "b c" (d "e\"f" () NIL) 5"#,
            r#"(a (b "c"#,
            r#"a {5"#,
            r#"~{3 {3}x "\"#,
            r#"{3} ~{4}"#,
        ] {
            // What ends a line may announce a literal.
            let line = format!("{line} x");
            let mut tape = Vec::new();
            let mut tokenizer = Tokenizer::default();
            tokenizer.line(line.as_bytes(), 0, line.len(), &mut tape);
            tokenizer.finish(&mut tape);
            let nodes = Nodes::new(line.as_bytes(), &tape);
            let mut text = Vec::new();
            for node in nodes {
                node.write(&mut text);
                text.push(b' ');
            }
            let again = super::tape(&text);
            let plain = |text: String| text.replace('"', "");
            let expected = plain(shown(nodes));
            assert_eq!(plain(shown(Nodes::new(&text, &again))), expected, "{line}");
        }
    }

    #[test]
    fn a_text_has_a_tape_with_its_literals() {
        for end in ["\r\n", "\n"] {
            let text = format!("A {{3}}{end}x\nz B (\"c\" {{1}}{end}d)");
            let tape = tape(text.as_bytes());
            let shown = shown(Nodes::new(text.as_bytes(), &tape));
            assert_eq!(shown, r#"A "x\nz" B ("c" "d")"#);
        }
        assert_eq!(tape(b"").len(), 0);
        assert_eq!(tape(b"A {9}\nshort").len(), 2);
        assert_eq!(tape(b"A {9}").len(), 2);
    }
}
