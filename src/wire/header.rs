//! Message headers as npm `imap`'s `parseHeader` reads them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::encoded_word;

/// Parses a message header: each field name, lower-cased and trimmed, with its values, in order
/// of first appearance.
///
/// With `decode`, encoded words are decoded, and the blank of a fold between two of them goes.
///
/// ```abnf
/// header    = *(field / continuation) [CRLF]     ; ends at the first line that is neither
/// field     = name ":" [SP / HTAB] value CRLF
/// name      = 1*(any but ":")                    ; not beginning with SP or HTAB
/// value     = *(any but CR and LF)
/// continuation = (SP / HTAB) *any CRLF           ; added to the value with its blank
/// ```
///
/// A continuation before any field is skipped. An empty value is kept as `""`. Names mean
/// nothing here: `__proto__` is a field like any other.
pub fn parse_header(raw: &str, decode: bool) -> Vec<(String, Vec<String>)> {
    let mut fields = Fields::default();
    let mut previous = "";
    for line in raw.split("\r\n").take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            fields.extend(unfolded(previous, line, decode));
        } else if let Some((name, value)) = field(line) {
            fields.add(name, value);
        } else {
            break;
        }
        previous = line;
    }
    if decode {
        fields.decode();
    }
    fields.in_order
}

/// Splits a field line into its name and value, or `None` when it is not one.
fn field(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.split_once(':')?;
    let value = value.strip_prefix([' ', '\t']).unwrap_or(value);
    if name.is_empty() || value.contains(['\r', '\n']) {
        return None;
    }
    Some((name.to_lowercase().trim_matches(is_space).to_owned(), value))
}

/// What `String.prototype.trim` takes away.
fn is_space(character: char) -> bool {
    character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
}

/// The part of a continuation that is added to its value (RFC 2047 section 6.2).
fn unfolded<'a>(previous: &str, line: &'a str, decode: bool) -> &'a str {
    let between_words = decode
        && encoded_word::begins_with_word(line.as_bytes())
        && encoded_word::ends_with_word(previous.as_bytes());
    match line.strip_prefix([' ', '\t']) {
        Some(rest) if between_words => rest,
        _ => line,
    }
}

/// The fields so far.
#[derive(Default)]
struct Fields {
    in_order: Vec<(String, Vec<String>)>,
    positions: HashMap<String, usize>,
    /// Position of the field that a continuation belongs to.
    current: usize,
}

impl Fields {
    fn add(&mut self, name: String, value: &str) {
        self.current = match self.positions.get(&name) {
            Some(&position) => position,
            None => {
                let position = self.in_order.len();
                self.positions.insert(name.clone(), position);
                self.in_order.push((name, Vec::new()));
                position
            }
        };
        if let Some((_, values)) = self.in_order.get_mut(self.current) {
            values.push(value.to_owned());
        }
    }

    fn extend(&mut self, continuation: &str) {
        if let Some((_, values)) = self.in_order.get_mut(self.current)
            && let Some(value) = values.last_mut()
        {
            value.push_str(continuation);
        }
    }

    fn decode(&mut self) {
        for value in self.in_order.iter_mut().flat_map(|(_, values)| values) {
            if let Cow::Owned(decoded) = encoded_word::decode(value) {
                *value = decoded;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    fn assert_parsed(raw: &str, decode: bool, expected: &[(&str, &[&str])]) {
        let parsed = parse_header(raw, decode);
        let parsed: Vec<_> = parsed
            .iter()
            .map(|(name, values)| {
                let values: Vec<_> = values.iter().map(String::as_str).collect();
                (name.as_str(), values)
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, values)| (*name, values.to_vec()))
            .collect();
        assert_eq!(parsed, expected, "{raw:?}");
    }

    #[test]
    fn structure() {
        for (raw, expected) in [
            (
                "Received: a\r\nRECEIVED: b\r\n",
                &[("received", &["a", "b"][..])][..],
            ),
            ("X: 1\r\nX:\r\nX: 2\r\n", &[("x", &["1", "", "2"])]),
            ("X:\r\n", &[("x", &[""])]),
            ("X: \r\n", &[("x", &[""])]),
            ("X:  1  \r\n", &[("x", &[" 1  "])]),
            ("X:\t1\r\n", &[("x", &["1"])]),
            ("A: 1\r\n 2\r\n\t3\r\n", &[("a", &["1 2\t3"])]),
            ("A:\r\n 2\r\n", &[("a", &[" 2"])]),
            ("A: 1\r\nnocolon\r\nB: 2\r\n", &[("a", &["1"])]),
            ("A: 1\r\n: 2\r\nB: 2\r\n", &[("a", &["1"])]),
            (
                "From a@b Mon Jan 1 00:00:00 2020\r\n",
                &[("from a@b mon jan 1 00", &["00:00 2020"])],
            ),
            ("A: 1\r\n\r\nB: 2\r\n", &[("a", &["1"])]),
            (" x\r\nA: 1", &[("a", &["1"])]),
            ("A: 1\nB: 2\n", &[]),
            ("A: 1\r\nB: 2\r2\r\nC: 3\r\n", &[("a", &["1"])]),
            ("A: 1\r\n 2\n3\r\n", &[("a", &["1 2\n3"])]),
            ("A\nB: 1\r\n", &[("a\nb", &["1"])]),
            ("", &[]),
            ("\r\n", &[]),
            ("A : 1\r\nA\u{a0}: 2\r\n", &[("a", &["1", "2"])]),
            ("ÄÖ: 1\r\n", &[("äö", &["1"])]),
            (
                "B: 1\r\nA: 1\r\nB: 2\r\n 3\r\n",
                &[("b", &["1", "2 3"]), ("a", &["1"])],
            ),
        ] {
            assert_parsed(raw, true, expected);
            assert_parsed(raw, false, expected);
        }
    }

    #[test]
    fn names_that_objects_already_have() {
        for name in ["constructor", "__proto__", "hasownproperty", "tostring"] {
            assert_parsed(
                &format!("{name}: x\r\n y\r\n{name}: z"),
                true,
                &[(name, &["x y", "z"])],
            );
        }
    }

    #[test]
    fn line_separators_are_characters() {
        // npm `imap` takes this for a broken line and drops the rest of the header.
        assert_parsed(
            "A: 1\u{2028}2\r\nB: 3",
            true,
            &[("a", &["1\u{2028}2"]), ("b", &["3"])],
        );
    }

    #[test]
    fn encoded_words() {
        for (value, expected) in [
            ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
            ("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
            ("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"),
            ("=?utf-8?Q?a?=\r\n   \r\n =?utf-8?Q?b?=", "ab"),
            ("=?utf-8?Q?a?=\r\n b", "a b"),
            ("a\r\n =?utf-8?Q?b?=", "a b"),
            ("pre=?utf-8?Q?a?=post", "preapost"),
            ("=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "é"),
            ("=?utf-8?B?ww==?= =?utf-8?B?qQ==?=", "é"),
            (
                "=?utf-8?B?4g==?= =?utf-8?B?gg==?= =?utf-8?B?rA==?=",
                "\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("=?utf-8?Q?=C3?= =?utf-8?B?qQ==?=", "\u{fffd}\u{fffd}"),
            ("=?windows-1252?Q?=80=93?=", "€“"),
            ("=?x-foo?Q?caf=E9?=", "café"),
            ("=?utf-7?Q?+AOk-?=", "+AOk-"),
            ("=?utf-8?Q?a=0D=0Ab?=", "a\r\nb"),
            ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
            ("=?utf-8?Q?abc", "=?utf-8?Q?abc"),
            ("=?x?Q?a?= c?=\r\n =?x?Q?b?=", "a c?=b"),
        ] {
            assert_parsed(&format!("S: {value}\r\n"), true, &[("s", &[expected])]);
            let plain = value.replace("\r\n", "");
            assert_parsed(&format!("S: {value}\r\n"), false, &[("s", &[&plain])]);
        }
    }

    #[test]
    fn upstream_thai_and_chinese() {
        for (lines, expected) in [
            (
                &[
                    "=?GB2312?Q?=B2=E2=CA=D4=CC=E2_12?=",
                    " 3=?GB2312?Q?45?=",
                    " =?GB2312?Q?67?=",
                ][..],
                "测试题 12 34567",
            ),
            (
                &[
                    "=?UTF-8?Q?=E0=B9=84=E0=B8=97=E0=B8=A2_=E0=B9=84?=",
                    "   ",
                    " =?UTF-8?Q?=E0=B8=97=E0=B8=A2?=  =?UTF-8?Q?=E0=B8=A2?=",
                ],
                "ไทย ไทยย",
            ),
            (
                &[
                    "=?utf-8?B?4Lij4Li54Lib4Lig4Liy4Lie4LiX4Li14LmIIGVtYmVkIOC5g+C4meC5gOC4?=",
                    " =?utf-8?B?meC4t+C5ieC4reC5gOC4oeC4peC4peC5jOC5hOC4oeC5iOC5geC4quC4lOC4?=",
                    " =?utf-8?B?hw==?=",
                ],
                "รูปภาพที่ embed ในเนื้อเมลล์ไม่แสดง",
            ),
        ] {
            assert_parsed(
                &format!("S: {}\r\n", lines.join("\r\n")),
                true,
                &[("s", &[expected])],
            );
        }
    }

    #[test]
    fn time_grows_with_length_only() {
        for pattern in ["a:\r\n", " =?a?q?b?=\r\n", " x\r\n", ":", "a", "=?*"] {
            let raw = format!("x: 1\r\n{}", pattern.repeat(250_000 / pattern.len()));
            let begin = Instant::now();
            parse_header(&raw, true);
            let taken = begin.elapsed();
            assert!(taken < Duration::from_secs(5), "{pattern:?}: {taken:?}");
        }
        let names: String = (0..50_000)
            .map(|number| format!("x{number}: 1\r\n"))
            .collect();
        assert_eq!(parse_header(&names, true).len(), 50_000);
    }

    proptest! {
        #[test]
        fn any_text(raw in any::<String>(), decode in any::<bool>()) {
            parse_header(&raw, decode);
        }

        #[test]
        fn nearly_headers(raw in "([AB]|:|: | |\t|\r\n|\n|=\\?x\\?q\\?|\\?=|c){0,32}") {
            for (_, values) in parse_header(&raw, true) {
                prop_assert!(!values.is_empty());
            }
        }
    }
}
