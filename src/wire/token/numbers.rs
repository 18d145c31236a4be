//! Numbers beside each other, of which SEARCH and SORT find millions.
//!
//! ```text
//! numbers = number *(1*blank number)
//! blank   = SP / HTAB
//! ```

use super::{MAX_DIGITS, Token};

/// How many bytes are looked at together.
const CHUNK: usize = 64;

/// Whether the values after this keyword are numbers.
pub(super) fn follow(keyword: &Token, bytes: &[u8]) -> bool {
    let word = bytes.get(keyword.start as usize..keyword.end as usize);
    word.is_some_and(|word| {
        word.eq_ignore_ascii_case(b"SEARCH") || word.eq_ignore_ascii_case(b"SORT")
    })
}

/// The numbers that the text begins with. A last one that has no blank after it, nor the text's
/// end, may be the beginning of a word: it is none of them.
pub(super) fn at_start(text: &[u8]) -> Numbers<'_> {
    let end = match plain(text) {
        end if end == text.len() => end,
        end => {
            let plain = text.get(..end).unwrap_or_default();
            plain.iter().rposition(is_blank).unwrap_or_default()
        }
    };
    Numbers(text.get(..end).unwrap_or_default())
}

/// How many bytes at the beginning are digits and blanks.
fn plain(text: &[u8]) -> usize {
    let is_plain = |byte: &u8| byte.is_ascii_digit() | is_blank(byte);
    // Without a way out of the middle of a chunk, its bytes are compared all at once.
    let are_plain = |chunk: &&[u8]| chunk.iter().fold(true, |all, byte| all & is_plain(byte));
    let whole = text.chunks_exact(CHUNK).take_while(are_plain).count() * CHUNK;
    let rest = text.get(whole..).unwrap_or_default();
    whole + rest.iter().take_while(|byte| is_plain(byte)).count()
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A text of digits and blanks, and the numbers in it. One that is larger than that of any message
/// is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers<'a>(pub(super) &'a [u8]);

impl Numbers<'_> {
    /// How many bytes they take.
    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    /// How many they are, with those that are too large.
    pub(super) fn words(self) -> usize {
        let after = self.0.get(1..).unwrap_or_default();
        let chunks = self.0.chunks(CHUNK).zip(after.chunks(CHUNK));
        let last = usize::from(self.0.last().is_some_and(u8::is_ascii_digit));
        chunks.map(ends).sum::<usize>() + last
    }
}

/// How many digits have a blank after them. As they are few, they are counted in bytes, all at once.
fn ends((bytes, after): (&[u8], &[u8])) -> usize {
    let is_end = |(byte, after): (&u8, &u8)| u8::from(byte.is_ascii_digit() & is_blank(after));
    usize::from(bytes.iter().zip(after).map(is_end).sum::<u8>())
}

impl Iterator for Numbers<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            let from = self.0.iter().position(u8::is_ascii_digit)?;
            let rest = self.0.get(from..).unwrap_or_default();
            let (mut value, mut length) = (0u64, 0);
            for digit in rest.iter().take_while(|byte| byte.is_ascii_digit()) {
                // What wraps is too long.
                value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
                length += 1;
            }
            self.0 = rest.get(length..).unwrap_or_default();
            if length <= MAX_DIGITS
                && let Ok(number) = u32::try_from(value)
            {
                return Some(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Grammar, Kind, Nodes, Tokenizer};
    use super::*;
    use crate::wire::limits::{Exceeded, Limits};

    /// What is read of a line, whether or not its numbers share a token.
    #[derive(Debug, PartialEq)]
    struct Told {
        tokens: Vec<(Kind, usize, usize)>,
        numbers: Vec<u32>,
        values: usize,
        excess: Option<Exceeded>,
        depth: usize,
        literal: Option<u64>,
    }

    fn told(grammar: Grammar, line: &[u8], items: usize) -> Told {
        let limits = Limits {
            items,
            ..Limits::default()
        };
        let mut tokenizer = Tokenizer {
            grammar,
            limits,
            ..Tokenizer::default()
        };
        let mut tape = Vec::new();
        let literal = tokenizer.line(line, 0, line.len(), &mut tape);
        let depth = tokenizer.depth();
        tokenizer.finish(&mut tape);
        Told {
            tokens: tape.iter().flat_map(|token| apart(token, line)).collect(),
            numbers: Nodes::new(line, &tape)
                .skip(1)
                .flat_map(|node| node.numbers())
                .collect(),
            values: tokenizer.values(&tape),
            excess: tokenizer.excess(),
            depth,
            literal,
        }
    }

    /// The tokens that a token stands for. Where a list ends depends on how many are before it.
    fn apart(token: &Token, line: &[u8]) -> Vec<(Kind, usize, usize)> {
        let (start, end) = (token.start as usize, token.end as usize);
        match token.kind {
            Kind::List => vec![(Kind::List, start, 0)],
            Kind::Numbers => {
                let mut at = start;
                let words = line[start..end].split_inclusive(is_blank).map(|word| {
                    let from = at;
                    at += word.len();
                    (Kind::Atom, from, from + word.trim_ascii_end().len())
                });
                words.filter(|(_, from, to)| from < to).collect()
            }
            kind => vec![(kind, start, end)],
        }
    }

    #[test]
    fn a_search_of_numbers_is_two_tokens() {
        let line = b"SEARCH 5 0 7\t4294967295 4294967296 (MODSEQ 9)";
        let mut tape = Vec::new();
        let mut tokenizer = Tokenizer::default();
        tokenizer.line(line, 0, line.len(), &mut tape);
        let kinds: Vec<Kind> = tape.iter().map(|token| token.kind).collect();
        use Kind::{Atom, List, Numbers};
        assert_eq!(kinds, [Atom, Numbers, List, Atom, Atom]);
        assert_eq!(tokenizer.values(&tape), 9);
        let told = told(Grammar::Response, line, 9);
        assert_eq!(told.numbers, [5, 0, 7, u32::MAX]);
    }

    #[test]
    fn a_last_number_may_be_a_word() {
        for (text, numbers) in [
            ("1 23", "1 23"),
            ("1 23 ", "1 23 "),
            ("1 23x", "1"),
            ("1 23(", "1"),
            ("1 23 x", "1 23"),
            ("1x 2", ""),
            ("", ""),
        ] {
            assert_eq!(at_start(text.as_bytes()), Numbers(numbers.as_bytes()));
        }
    }

    proptest! {
        #[test]
        fn numbers_that_share_a_token_read_like_those_that_do_not(
            keyword in "SEARCH|search|SORT|Sort|X|7 SEARCH",
            numbers in "([ \t]{1,2}[0-9]{1,3}|  0{18}[0-9]{1,4}|[ ][0-9]{9,11}){0,60}",
            rest in "([ \t][0-9]{1,2}|[ ][0-9]x|x|[(]|[)]|[ ]\"[0-9]+\"|~|[{][0-9][}]|\u{b}){0,8}",
            items in 1usize..80,
        ) {
            let line = format!("{keyword}{numbers}{rest}");
            let [one, other] = [Grammar::Response, Grammar::Kept]
                .map(|grammar| told(grammar, line.as_bytes(), items));
            prop_assert_eq!(one, other);
        }
    }
}
