//! Where atoms and quoted strings end. Each byte is looked at once: what later readers want to know
//! of a string is seen on the way.

use super::{Kind, Token};

/// The byte ends an atom: a blank or a parenthesis.
pub(super) const END: u8 = 1;
/// A bracket.
pub(super) const BRACKET: u8 = 2;
/// A question mark, of which encoded words have some.
const MARK: u8 = 4;
/// No ASCII.
const WIDE: u8 = 8;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0x80;
    while byte < 256 {
        classes[byte] = WIDE;
        byte += 1;
    }
    classes[b' ' as usize] = END;
    classes[b'\t' as usize] = END;
    classes[b'(' as usize] = END;
    classes[b')' as usize] = END;
    classes[b'[' as usize] = BRACKET;
    classes[b']' as usize] = BRACKET;
    classes[b'?' as usize] = MARK;
    classes
};

/// The lowest bit of each of eight bytes.
const LOW: u64 = u64::MAX / 0xFF;
/// The highest.
const HIGH: u64 = LOW << 7;

/// What is known of a byte.
pub(super) fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

/// A token of bytes of these classes.
pub(super) fn seen(kind: Kind, start: usize, end: usize, classes: u8) -> Token {
    Token {
        is_ascii: classes & WIDE == 0,
        may_have_words: classes & MARK != 0,
        ..Token::new(kind, start, end)
    }
}

/// The quoted string whose text begins at `start`, if it ends at the next quote, has no backslash
/// and stands by itself: nearly all do.
pub(super) fn quoted(line: &[u8], start: usize) -> Option<Token> {
    let token = special(line, start);
    let end = token.end as usize;
    let is_alone = |byte: &u8| class(*byte) & END != 0;
    let is_plain = line.get(end) == Some(&b'"') && line.get(end + 1).is_none_or(is_alone);
    is_plain.then_some(token)
}

/// What comes before the next quote or backslash, or before the end.
fn special(line: &[u8], start: usize) -> Token {
    let (mut marks, mut wide) = (0, 0);
    let mut at = start;
    while let Some(eight) = line.get(at..).and_then(<[u8]>::first_chunk) {
        let eight = u64::from_le_bytes(*eight);
        let found = equal(eight, b'"') | equal(eight, b'\\');
        let mark = equal(eight, b'?');
        if found != 0 {
            // The bits below the first that was found.
            let before = (found & found.wrapping_neg()) - 1;
            return Token {
                is_ascii: (wide | eight & before) & HIGH == 0,
                may_have_words: marks | mark & before != 0,
                ..Token::new(Kind::Quoted, start, at + before.count_ones() as usize / 8)
            };
        }
        marks |= mark;
        wide |= eight;
        at += 8;
    }
    let rest = line.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
    let rest = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    Token {
        is_ascii: wide & HIGH == 0 && rest.is_ascii(),
        may_have_words: marks != 0 || rest.contains(&b'?'),
        ..Token::new(Kind::Quoted, start, at + rest.len())
    }
}

/// The highest bit of each byte that is `byte`; those above the lowest of them may be wrong.
fn equal(eight: u64, byte: u8) -> u64 {
    let zero = eight ^ (LOW * u64::from(byte));
    zero.wrapping_sub(LOW) & !zero & HIGH
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_string_ends_where_the_slow_way_finds_its_end(
            line in "([a-z?\"\\\\ ()é]|[a-z ]{7,9}){0,12}",
            from in 0usize..9,
        ) {
            let line = line.as_bytes();
            let token = special(line, from.min(line.len()));
            let rest = line.get(from..).unwrap_or_default();
            let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
            let text = &rest[..length.unwrap_or(rest.len())];
            prop_assert_eq!(token.end as usize, from.min(line.len()) + text.len());
            prop_assert_eq!(token.is_ascii, text.is_ascii());
            prop_assert_eq!(token.may_have_words, text.contains(&b'?'));
        }

        #[test]
        fn a_string_is_read_as_an_odd_one_would_be(
            line in "\"([a-z?\"\\\\ ()é]|[a-z ]{7,9}){0,12}",
        ) {
            let line = line.as_bytes();
            let (mut tape, mut expected) = (Vec::new(), Vec::new());
            let end = super::super::quoted(line, 0, &mut tape);
            prop_assert_eq!(end, super::super::oddly_quoted(line, 0, &mut expected));
            let places = |tape: &[Token]| -> Vec<(Kind, u32, u32)> {
                tape.iter().map(|token| (token.kind, token.start, token.end)).collect()
            };
            prop_assert_eq!(places(&tape), places(&expected));
        }
    }
}
