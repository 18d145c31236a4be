//! The value of a header field, for npm `imap`'s `parseHeader`: `src/js/header.js` takes headers
//! apart, this reads the fields that have encoded words.

use std::borrow::Cow;

use memchr::memmem;

use super::encoded_word;

/// The value of a field, unfolded and with its encoded words decoded. The blank of a fold between
/// two words goes (RFC 2047 section 6.2).
///
/// ```abnf
/// field        = name ":" [SP / HTAB] value *(CRLF continuation)
/// name         = 1*(any but ":")
/// continuation = (SP / HTAB) *any                 ; added to the value with its blank
/// ```
pub fn decode_field(field: &str) -> String {
    let mut lines = lines(field);
    let mut previous = lines.next().unwrap_or_default();
    let (_, value) = previous.split_once(':').unwrap_or_default();
    let mut value = value.strip_prefix([' ', '\t']).unwrap_or(value).to_owned();
    for line in lines {
        value.push_str(unfolded(previous, line));
        previous = line;
    }
    match encoded_word::decode(&value) {
        Cow::Owned(decoded) => decoded,
        Cow::Borrowed(_) => value,
    }
}

/// The same as `field.split("\r\n")`, which looks at every byte.
fn lines(field: &str) -> impl Iterator<Item = &str> {
    let ends = memmem::find_iter(field.as_bytes(), b"\r\n").chain([field.len()]);
    ends.scan(0, |from, end| {
        field.get(std::mem::replace(from, end + 2)..end)
    })
}

/// The part of a continuation that is added to the value.
fn unfolded<'a>(previous: &str, line: &'a str) -> &'a str {
    let between_words = encoded_word::begins_with_word(line.as_bytes())
        && encoded_word::ends_with_word(previous.as_bytes());
    match line.strip_prefix([' ', '\t']) {
        Some(rest) if between_words => rest,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

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
            ("", ""),
            (" two blanks", " two blanks"),
        ] {
            for colon in [": ", ":\t"] {
                let field = format!("S{colon}{value}");
                assert_eq!(decode_field(&field), expected, "{field:?}");
            }
        }
        assert_eq!(decode_field("S:=?utf-8?Q?a?="), "a");
        assert_eq!(decode_field(""), "");
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
            assert_eq!(
                decode_field(&format!("S: {}", lines.join("\r\n"))),
                expected
            );
        }
    }

    #[test]
    fn time_grows_with_length_only() {
        for pattern in [" =?a?q?b?=\r\n", " x\r\n", ":", "a", "=?*"] {
            let field = format!("x: 1\r\n {}", pattern.repeat(250_000 / pattern.len()));
            let begin = Instant::now();
            decode_field(&field);
            let taken = begin.elapsed();
            assert!(taken < Duration::from_secs(5), "{pattern:?}: {taken:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text(field in any::<String>()) {
            decode_field(&field);
        }

        #[test]
        fn nearly_fields(field in "([AB]|:|: | |\t|\r\n|\n|=\\?x\\?q\\?|\\?=|c){0,32}") {
            decode_field(&field);
        }
    }
}
