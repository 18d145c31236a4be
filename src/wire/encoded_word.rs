//! Encoded words (RFC 2047, with the language of RFC 2231 section 5), read as npm `imap` does.
//!
//! Words are recognised anywhere, also inside quotes and glued to text, and may hold blanks and
//! question marks: mail in the wild has all of it. What is not a word stays as it is.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memchr3};

use super::charset::{Charset, lossy};

/// The longest tail of a word that can belong to a character of the next one.
const LONGEST_SPLIT_BYTES: usize = 3;

/// Decodes the encoded words of a header value; gives the text back when there are none.
///
/// ```abnf
/// value    = *(word / char)
/// word     = "=?" charset ["*" language] "?" ("Q" / "B") "?" text "?="   ; any case
/// charset  = *(any but "?" and "*")
/// language = *(any but CR and LF)     ; up to the first "?Q?" or "?B?"
/// text     = *(any but CR and LF)     ; up to the first "?="
/// ```
///
/// Blanks between two words disappear (section 6.2). Neighbours of the same charset are decoded
/// as one: Q words always, B words where a character is split over two of them. Malformed bytes
/// become U+FFFD; an unknown charset gives the raw bytes as Latin-1.
pub fn decode(text: &str) -> Cow<'_, str> {
    match decode_bytes(text.as_bytes()) {
        Some(decoded) => Cow::Owned(decoded),
        None => Cow::Borrowed(text),
    }
}

/// Like [`decode`], for a value as it came from the server; `None` when it has no words. What is
/// outside of words is UTF-8, lossily; raw octets inside a Q word belong to its charset.
pub fn decode_bytes(text: &[u8]) -> Option<String> {
    if let Some(word) = only_word(text) {
        return Some(decode_word(&word));
    }
    if !may_have_words(text) {
        return None;
    }
    let scanner = Scanner::new(text);
    let mut words = scanner.words().peekable();
    words.peek()?;

    let mut decoded = String::with_capacity(text.len());
    let mut run = Run::default();
    let mut end = 0;
    for word in words {
        let between = text.get(end..word.start).unwrap_or_default();
        let adjacent = end > 0 && between.iter().all(|octet| matches!(octet, b' ' | b'\t'));
        if !adjacent || !run.takes(&word) {
            run.finish(&mut decoded);
            run = Run::new(&word);
        }
        if !adjacent {
            decoded.push_str(&lossy(between));
        }
        end = word.end;
        run.parts.push(word.text);
    }
    run.finish(&mut decoded);
    decoded.push_str(&lossy(text.get(end..).unwrap_or_default()));
    Some(decoded)
}

/// Does a folded line begin with one blank and an encoded word?
pub(crate) fn begins_with_word(line: &[u8]) -> bool {
    matches!(line.get(..3), Some([b' ' | b'\t', b'=', b'?']))
        && Scanner::new(line).word_at(1).is_some()
}

/// Does a line end in an encoded word? Its text may hold `?=` here.
pub(crate) fn ends_with_word(line: &[u8]) -> bool {
    let Some(body) = line.strip_suffix(b"?=") else {
        return false;
    };
    let scanner = Scanner::new(body);
    let last_opening = scanner.openings.last().copied();
    let unbroken_from = scanner.breaks.last().map_or(0, |line_break| line_break + 1);
    scanner
        .starts
        .iter()
        .any(|&start| match scanner.charset_end(start) {
            Some((end, b'*')) => end >= unbroken_from && last_opening > Some(end),
            Some((end, _)) => end + 3 >= unbroken_from && scanner.is_opening(end),
            None => false,
        })
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Encoding {
    Q,
    B,
}

/// One encoded word and where it stands.
struct Word<'a> {
    start: usize,
    end: usize,
    charset: &'a [u8],
    encoding: Encoding,
    text: &'a [u8],
}

/// Finds words. All places where a part of a word can begin are collected in one pass, so that
/// no octet is looked at again however many words turn out to be unfinished.
struct Scanner<'a> {
    text: &'a [u8],
    /// `=?`
    starts: Vec<usize>,
    /// `?Q?` and `?B?`
    openings: Vec<usize>,
    /// `?=`
    endings: Vec<usize>,
    /// CR and LF
    breaks: Vec<usize>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a [u8]) -> Self {
        let mut scanner = Self {
            text,
            starts: Vec::new(),
            openings: Vec::new(),
            endings: Vec::new(),
            breaks: memchr2_iter(b'\r', b'\n', text).collect(),
        };
        for mark in memchr_iter(b'?', text) {
            if mark.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'=') {
                scanner.starts.push(mark - 1);
            }
            match text.get(mark + 1) {
                Some(b'=') => scanner.endings.push(mark),
                Some(b'q' | b'Q' | b'b' | b'B') if text.get(mark + 2) == Some(&b'?') => {
                    scanner.openings.push(mark);
                }
                _ => {}
            }
        }
        scanner
    }

    /// All words, none of which overlaps another.
    fn words(&self) -> impl Iterator<Item = Word<'a>> {
        let mut from = 0;
        self.starts.iter().filter_map(move |&start| {
            let word = (start >= from).then(|| self.word_at(start)).flatten()?;
            from = word.end;
            Some(word)
        })
    }

    /// The word that begins with the `=?` at `start`.
    fn word_at(&self, start: usize) -> Option<Word<'a>> {
        let (charset_end, delimiter) = self.charset_end(start)?;
        let opening = match delimiter {
            b'*' => self.in_line(&self.openings, charset_end + 1)?,
            _ => self.is_opening(charset_end).then_some(charset_end)?,
        };
        let ending = self.in_line(&self.endings, opening + 3)?;
        Some(Word {
            start,
            end: ending + 2,
            charset: self.text.get(start + 2..charset_end)?,
            encoding: match self.text.get(opening + 1)? {
                b'q' | b'Q' => Encoding::Q,
                _ => Encoding::B,
            },
            text: self.text.get(opening + 3..ending)?,
        })
    }

    /// Where the charset of the `=?` at `start` ends, and the octet that ends it.
    fn charset_end(&self, start: usize) -> Option<(usize, u8)> {
        let end = start + 2 + memchr2(b'?', b'*', self.text.get(start + 2..)?)?;
        Some((end, *self.text.get(end)?))
    }

    fn is_opening(&self, position: usize) -> bool {
        self.openings.binary_search(&position).is_ok()
    }

    /// The first of `marks` at or after `from`, unless a line break comes before it.
    fn in_line(&self, marks: &[usize], from: usize) -> Option<usize> {
        let mark = first_from(marks, from)?;
        match first_from(&self.breaks, from) {
            Some(line_break) if line_break < mark => None,
            _ => Some(mark),
        }
    }
}

/// The first of the ascending `marks` that is not before `from`.
fn first_from(marks: &[usize], from: usize) -> Option<usize> {
    marks
        .get(marks.partition_point(|&mark| mark < from))
        .copied()
}

/// The word that the text consists of, where that is plain: it has no mark too many.
fn only_word(text: &[u8]) -> Option<Word<'_>> {
    let inside = text.strip_prefix(b"=?")?.strip_suffix(b"?=")?;
    let (charset, rest) = inside.split_at_checked(memchr(b'?', inside)?)?;
    let (encoding, inside) = match rest {
        [_, b'q' | b'Q', b'?', inside @ ..] => (Encoding::Q, inside),
        [_, b'b' | b'B', b'?', inside @ ..] => (Encoding::B, inside),
        _ => return None,
    };
    let is_plain = memchr3(b'?', b'\r', b'\n', inside).is_none() && !charset.contains(&b'*');
    is_plain.then_some(Word {
        start: 0,
        end: text.len(),
        charset,
        encoding,
        text: inside,
    })
}

/// The text of a word without neighbours.
fn decode_word(word: &Word<'_>) -> String {
    let charset = Charset::from_label(word.charset);
    charset.decode_all(match word.encoding {
        Encoding::Q => decode_q(charset, &[word.text]),
        Encoding::B => decode_b(word.text),
    })
}

/// Whether there is a `=?`. Text without one is by far the most, and has few question marks.
fn may_have_words(text: &[u8]) -> bool {
    memchr_iter(b'?', text).any(|mark| text.get(..mark).is_some_and(|rest| rest.ends_with(b"=")))
}

/// Neighbours with the same charset and encoding.
struct Run<'a> {
    label: &'a [u8],
    encoding: Encoding,
    parts: Vec<&'a [u8]>,
}

impl Default for Run<'_> {
    fn default() -> Self {
        Self {
            label: b"",
            encoding: Encoding::Q,
            parts: Vec::new(),
        }
    }
}

impl<'a> Run<'a> {
    fn new(word: &Word<'a>) -> Self {
        Self {
            label: word.charset,
            encoding: word.encoding,
            parts: Vec::new(),
        }
    }

    fn takes(&self, word: &Word<'_>) -> bool {
        self.encoding == word.encoding && self.label.eq_ignore_ascii_case(word.charset)
    }

    /// Appends the text of the run.
    fn finish(self, decoded: &mut String) {
        let charset = Charset::from_label(self.label);
        match self.encoding {
            Encoding::Q => decoded.push_str(&charset.decode(&decode_q(charset, &self.parts))),
            Encoding::B => {
                let parts: Vec<_> = self.parts.iter().map(|part| decode_b(part)).collect();
                match parts.as_slice() {
                    [part] => decoded.push_str(&charset.decode(part)),
                    parts => decode_b_parts(charset, parts, decoded),
                }
            }
        }
    }
}

/// ```abnf
/// text = *("=" 2HEXDIG / "_" / any)     ; "_" is a space, a "=" without two digits stays
/// ```
///
/// An escape may itself be split over two words.
fn decode_q(charset: Charset, parts: &[&[u8]]) -> Vec<u8> {
    let text = match parts {
        [text] => Cow::Borrowed(*text),
        parts => Cow::Owned(parts.concat()),
    };
    let text = q_octets(charset, text);
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = &*text;
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match rest {
            [b'=', high, low, ..] => hexadecimal(*high).zip(hexadecimal(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            octets.push(high << 4 | low);
            rest = after.get(2..).unwrap_or_default();
        } else {
            octets.push(if first == b'_' { b' ' } else { first });
            rest = after;
        }
    }
    octets
}

/// Raw characters in a Q word are against the RFC. They were UTF-8 on the wire: in a UTF-8 word
/// they stay so, in others U+0080 to U+00FF are taken for the octet of that number.
fn q_octets(charset: Charset, text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if text.is_ascii() || charset.is_utf8() {
        return text;
    }
    let narrow = std::str::from_utf8(&text).ok().and_then(|text| {
        text.chars()
            .map(|character| u8::try_from(character).ok())
            .collect()
    });
    narrow.map_or(text, Cow::Owned)
}

fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Base64 as Node's `Buffer` reads it: both alphabets, foreign octets are skipped, the first `=`
/// ends it, and an unfinished last octet is dropped.
fn decode_b(text: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let mut bits = 0_u32;
    let mut count = 0_u32;
    for &octet in text.iter().take_while(|&&octet| octet != b'=') {
        let Some(sextet) = sextet(octet) else {
            continue;
        };
        bits = (bits << 6 | u32::from(sextet)) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            // The truncation drops the bits of earlier octets.
            octets.push((bits >> count) as u8);
        }
    }
    octets
}

fn sextet(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Decodes neighbouring B words. Each is tried alone and together with the next: when the next
/// one changes how this one ends, a character is split, and its octets move to the next word.
/// A character over three words is not found this way and becomes U+FFFD, as in npm `imap`.
fn decode_b_parts(charset: Charset, parts: &[Vec<u8>], decoded: &mut String) {
    if let [part] = parts {
        return decoded.push_str(&charset.decode(part));
    }
    if charset == Charset::Raw || charset.is_stateful() {
        return decoded.push_str(&charset.decode(&parts.concat()));
    }
    let mut carried = Vec::new();
    let mut remainder: Option<String> = None;
    for (index, part) in parts.iter().enumerate() {
        let octets = [&carried, part.as_slice()].concat();
        carried.clear();
        let alone = remainder
            .take()
            .unwrap_or_else(|| charset.decode(&octets).into_owned());
        let Some(next) = parts.get(index + 1) else {
            decoded.push_str(&alone);
            break;
        };
        let both = [octets.as_slice(), next].concat();
        let both = charset.decode(&both);
        if let Some(rest) = both.strip_prefix(alone.as_str()) {
            decoded.push_str(&alone);
            remainder = Some(rest.to_owned());
        } else {
            let held_back = split_character(charset, &octets, &both);
            let (whole, split) = octets.split_at(octets.len() - held_back);
            decoded.push_str(&charset.decode(whole));
            carried = split.to_vec();
        }
    }
}

/// How many octets at the end belong to a character of the next word: the fewest to hold back
/// so that the others read the same when the next word follows.
fn split_character(charset: Charset, octets: &[u8], with_next: &str) -> usize {
    (0..=LONGEST_SPLIT_BYTES.min(octets.len()))
        .find(|held_back| {
            let whole = octets.get(..octets.len() - held_back).unwrap_or_default();
            with_next.starts_with(&*charset.decode(whole))
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
