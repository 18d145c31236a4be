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
        Frame {
            head: self.head.unwrap_or(Head::Data),
            bytes: self.pending().get(..end).unwrap_or_default(),
            tape: self.tokenizer.sound(&self.tape),
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes out when the bytes arrive cut at these places, with bodies put together.
    fn pieces(bytes: &[u8], cuts: &[usize]) -> Vec<String> {
        let mut framer = Framer::default();
        let mut shown = Vec::new();
        let mut from = 0;
        for to in cuts.iter().copied().chain([bytes.len()]) {
            let mut input = &bytes[from..to];
            from = to;
            loop {
                match framer.next(&mut input).unwrap() {
                    Step::Incomplete => break,
                    Step::Response(frame) => shown.push(response(&frame)),
                    Step::BodyBegin(frame, size) => {
                        shown.push(format!("body {size} of {}| ", response(&frame)));
                    }
                    Step::Body(octets) => {
                        let text = String::from_utf8_lossy(octets);
                        shown.last_mut().unwrap().push_str(&text);
                    }
                    Step::BodyEnd => shown.push("end".to_owned()),
                }
            }
        }
        shown
    }

    fn response(frame: &Frame<'_>) -> String {
        let values = frame.nodes().map(|node| {
            let inside = node.children().map(|child| child.string().into_owned());
            match node.is_list() {
                true => format!("({})", inside.collect::<Vec<_>>().join(",")),
                false => node.string().into_owned(),
            }
        });
        let values: Vec<_> = values.collect();
        match frame.head {
            Head::Data => values.join(" "),
            _ => String::from_utf8_lossy(frame.bytes).into_owned(),
        }
    }

    const TRACE: &[u8] = b"* OK hello {3}\r\n\r\n  * 1 EXISTS  \n+ go\r\n\
        * 2 FETCH (UID 5 BODY[] {4}\r\na\r\nb FLAGS ())\r\n* LIST () \"/\" {3}\r\n\"x\"\r\nA1 OK\r\n";

    #[test]
    fn a_whole_trace() {
        assert_eq!(
            pieces(TRACE, &[]),
            [
                "* OK hello {3}",
                "1 EXISTS",
                "+ go",
                "2 FETCH (UID,5,BODY[],a\r\nb,FLAGS,)",
                "LIST () / \"x\"",
                "A1 OK",
            ]
        );
    }

    #[test]
    fn bodies_that_pass_leave_nothing_behind() {
        let mut framer = Framer::default();
        let response = [
            b"* 1 FETCH (BODY[] {20000}\r\n",
            &[b'x'; 20_000][..],
            b")\r\n",
        ]
        .concat();
        // Every piece holds a whole body and ends in the middle of another one.
        let (first, rest) = response.split_at(10_000);
        let piece = [rest, &response, first].concat();
        let pieces = std::iter::once(first).chain(std::iter::repeat_n(&piece[..], 1000));
        let mut bodies = 0;
        for mut input in pieces {
            loop {
                match framer.next(&mut input).unwrap() {
                    Step::Incomplete => break,
                    Step::BodyEnd => bodies += 1,
                    _ => {}
                }
            }
        }
        assert_eq!(bodies, 1000);
        assert!(framer.buffer.capacity() <= KEEP_BYTES);
    }

    #[test]
    fn a_body_that_has_not_arrived_is_streamed() {
        let cut = TRACE.windows(2).position(|pair| pair == b"a\r").unwrap() + 1;
        let shown = pieces(TRACE, &[cut]);
        assert_eq!(
            shown[3..6],
            [
                "body 4 of 2 FETCH (UID,5,BODY[],)| a\r\nb".to_owned(),
                "end".to_owned(),
                "2 FETCH (UID,5,BODY[],,FLAGS,)".to_owned(),
            ]
        );
    }

    const SMALL: Limits = Limits {
        response_bytes: 3000,
        line_bytes: 2000,
        literal_bytes: 1000,
        items: 50,
        depth: 5,
    };

    /// What refuses these bytes, in whatever pieces they arrive; and how many responses come
    /// before.
    fn refused(bytes: &[u8]) -> (usize, Option<Exceeded>) {
        let results = [bytes.len(), 1000, 7, 1].map(|size| {
            let mut framer = Framer::new(SMALL);
            let mut responses = 0;
            for mut input in bytes.chunks(size) {
                loop {
                    match framer.next(&mut input) {
                        Err(exceeded) => return (responses, Some(exceeded)),
                        Ok(Step::Incomplete) => break,
                        Ok(Step::Response(_)) => responses += 1,
                        Ok(_) => {}
                    }
                }
            }
            (responses, None)
        });
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
        results[0]
    }

    #[test]
    fn a_limit_does_not_depend_on_how_the_bytes_arrive() {
        let line = |size| format!("* 1 EXISTS\r\n{:x<size$}\n* 2 EXISTS\r\n", "* OK ");
        assert_eq!(refused(line(2000).as_bytes()), (3, None));
        let exceeded = Exceeded::Line(2000);
        assert_eq!(refused(line(2001).as_bytes()), (1, Some(exceeded)));

        let literal = |size| format!("* LIST () NIL {{{size}}}\r\n{:x<size$}\r\n", "");
        assert_eq!(refused(literal(1000).as_bytes()), (1, None));
        let exceeded = Exceeded::Literal {
            bytes: 1001,
            allowed: 1000,
        };
        assert_eq!(refused(literal(1001).as_bytes()), (0, Some(exceeded)));

        let many = format!("* LIST {}\r\n", "{900}\r\n".to_owned() + &"x".repeat(900));
        let many = format!("{}{0}{0}{0}", many.trim_end());
        let exceeded = Exceeded::Response(3000);
        assert_eq!(refused(many.as_bytes()), (0, Some(exceeded)));
    }

    #[test]
    fn an_announcement_over_the_limit_is_refused_at_once() {
        let (_, exceeded) = refused(b"* LIST () NIL {5000000000}\r\n");
        assert!(matches!(exceeded, Some(Exceeded::Literal { .. })));
    }

    #[test]
    fn bodies_do_not_count() {
        let body = format!("BODY[] {{5000}}\r\n{:x<5000}", "");
        let fetch = format!("* 1 FETCH ({body} {body} UID 1)\r\n* 2 EXISTS\r\n");
        assert_eq!(refused(fetch.as_bytes()).1, None);
        let mut framer = Framer::new(SMALL);
        let step = framer
            .next(&mut &b"* 1 FETCH (BODY[] {5000000000}\r\n"[..])
            .unwrap();
        assert!(matches!(step, Step::BodyBegin(_, 5_000_000_000)));
    }

    #[test]
    fn many_small_bodies_in_one_response_take_no_memory() {
        let body = format!(" BODY[] {{9000}}\r\n{:x<9000}", "");
        let mut framer = Framer::default();
        let begin = &b"* 1 FETCH (UID 1"[..];
        let pieces = std::iter::once(begin).chain(std::iter::repeat_n(body.as_bytes(), 1000));
        for mut input in pieces {
            while !matches!(framer.next(&mut input).unwrap(), Step::Incomplete) {}
        }
        assert!(framer.buffer.capacity() <= 2 * HELD_BODY_BYTES);
    }

    #[test]
    fn a_response_with_too_many_values_ends_where_it_ends() {
        // The literal of the last line is no response of its own.
        let text = format!(
            "* LIST {} {{12}}\r\n* 7 EXISTS\r\n\r\n* 1 EXISTS\r\n",
            "x ".repeat(60)
        );
        assert_eq!(refused(text.as_bytes()), (2, None));
        let mut framer = Framer::new(SMALL);
        let mut input = text.as_bytes();
        match framer.next(&mut input).unwrap() {
            Step::Response(frame) => assert_eq!(frame.excess, Some(Exceeded::Items(50))),
            step => panic!("{step:?}"),
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_responses(mut cuts in prop::collection::vec(0..TRACE.len(), 0..20)) {
            cuts.sort_unstable();
            let plain = |shown: Vec<String>| {
                let responses = shown.into_iter().filter(|text| !text.starts_with("body") && text != "end");
                responses.map(|text| text.replace("a\r\nb", "")).collect::<Vec<_>>()
            };
            prop_assert_eq!(plain(pieces(TRACE, &cuts)), plain(pieces(TRACE, &[])));
        }

        #[test]
        fn any_bytes_at_all_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut framer = Framer::default();
            let mut input = &bytes[..];
            for _ in 0..=2 * bytes.len() + 2 {
                match framer.next(&mut input) {
                    Ok(Step::Incomplete) | Err(_) => return Ok(()),
                    Ok(_) => {}
                }
            }
            prop_assert!(false, "the framer made no progress");
        }
    }
}
