use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn from_bytes(text: &[u8]) -> String {
    decode_bytes(text).unwrap_or_else(|| lossy(text).into_owned())
}

/// Verified with `parseHeader` of npm `imap` 0.8.19.
const VECTORS: &[(&str, &str)] = &[
    ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
    ("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
    ("=?utf-8?Q?a?= \t =?utf-8?Q?b?=", "ab"),
    ("=?utf-8?Q?a?= b", "a b"),
    ("=?utf-8?Q?a?= , =?utf-8?Q?b?=", "a , b"),
    ("pre=?utf-8?Q?a?=post", "preapost"),
    ("\"=?utf-8?Q?a?=\" <a@b>", "\"a\" <a@b>"),
    ("=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "é"),
    ("=?utf-8?B?ww==?= =?utf-8?B?qQ==?=", "é"),
    ("=?utf-8?Q?=C?= =?utf-8?Q?3=A9?=", "é"),
    (
        "=?utf-8?B?4g==?= =?utf-8?B?gg==?= =?utf-8?B?rA==?=",
        "\u{fffd}\u{fffd}\u{fffd}",
    ),
    (
        "=?utf-8?B?4oLigg==?= =?utf-8?B?rOKC?= =?utf-8?B?rGE=?=",
        "\u{fffd}€€a",
    ),
    (
        "=?utf-8?B?YeKC?= =?utf-8?B?rGLigg==?= =?utf-8?B?rGM=?=",
        "a€b€c",
    ),
    ("=?utf-8?Q?=C3?= =?utf-8?B?qQ==?=", "\u{fffd}\u{fffd}"),
    ("=?utf-8?B?ww==?= =?utf-8?Q?=A9?=", "\u{fffd}\u{fffd}"),
    ("=?utf-8?B?ww==?= =?iso-8859-1?B?qQ==?=", "\u{fffd}©"),
    ("=?utf-8?B?ww==?= x =?utf-8?B?qQ==?=", "\u{fffd} x \u{fffd}"),
    ("=?gb2312?B?suLK?= =?GB2312?B?1A==?=", "测试"),
    ("=?windows-1252?Q?=80=93?=", "€“"),
    ("=?iso-8859-1*es?Q?=A1Hola,_se=F1or!?=", "¡Hola, señor!"),
    ("=?iso-8859-1*?Q?=A1Hola?=", "¡Hola"),
    ("=?utf-8*en?x?Q?a?=", "a"),
    ("=?x-foo?Q?caf=E9?=", "café"),
    ("=?utf-7?Q?+AOk-?=", "+AOk-"),
    ("=??Q?caf=E9?=", "café"),
    ("=? UTF8 ?q?=c3=a9?=", "é"),
    ("=?utf-8?Q?a=0D=0Ab?=", "a\r\nb"),
    ("=?utf-8?Q?a b? c_d=ZZ=4?=", "a b? c d=ZZ=4"),
    ("=?utf-8?Q??=", ""),
    ("=?utf-8?Q?=41?=", "A"),
    ("=?utf-8?B?w 6!k?=", "é"),
    ("=?utf-8?B?w6k=w6k=?=", "é"),
    ("=?utf-8?b?-_8?=", "\u{fffd}\u{fffd}"),
    (
        "=?iso-2022-jp?B?GyRCJCIbKEI=?= =?iso-2022-jp?B?GyRCJCQbKEI=?=",
        "あい",
    ),
    ("=?hz-gb-2312?Q?~{VPND~}?=", "中文"),
    ("=?iso-8859-1?Q?é=E9?=", "éé"),
    ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
    ("=?utf-8?Q?abc", "=?utf-8?Q?abc"),
    ("=?utf-8?Q?abc?", "=?utf-8?Q?abc?"),
    ("=?utf-8?Q?a\nb?=", "=?utf-8?Q?a\nb?="),
    ("=?utf-8?Q?=", "=?utf-8?Q?="),
    ("=?=?utf-8?Q?a?=", "=?a"),
    ("=?utf-8?Q?=?utf-8?Q?a?=", "=?utf-8?Q?a"),
    ("plain ≠ text", "plain ≠ text"),
    ("", ""),
];

#[test]
fn known_answers() {
    for (text, decoded) in VECTORS {
        assert_eq!(decode(text), *decoded, "{text}");
        assert_eq!(from_bytes(text.as_bytes()), *decoded, "{text}");
    }
}

#[test]
fn raw_octets_belong_to_the_charset() {
    assert_eq!(from_bytes(b"=?iso-8859-1?Q?caf\xe9?="), "café");
    assert_eq!(from_bytes("=?utf-8?Q?café?=".as_bytes()), "café");
    assert_eq!(
        from_bytes(b"\xe9 =?utf-8?Q?a?= \xe9"),
        "\u{fffd} a \u{fffd}"
    );
    assert_eq!(from_bytes(b"caf\xe9"), "caf\u{fffd}");
}

#[test]
fn blanks_vanish_whatever_the_neighbours_are() {
    // npm `imap` keeps these blanks, against RFC 2047 section 6.2.
    assert_eq!(decode("=?x-foo?B?YQ==?= =?x-foo?B?Yg==?="), "ab");
    assert_eq!(
        decode("=?utf-8?Q?a?= =?utf-8?B?4oI=?= =?utf-8?B?rA==?="),
        "a€"
    );
}

#[test]
fn an_unfinished_character_costs_only_itself() {
    // npm `imap` gives U+FFFD for every octet of such a GBK word.
    assert_eq!(decode("=?gb2312?Q?a=B2=E2=CA?="), "a测\u{fffd}");
}

#[test]
fn nothing_to_decode_is_borrowed() {
    assert!(matches!(decode("plain"), Cow::Borrowed("plain")));
    assert!(matches!(decode("=?x"), Cow::Borrowed("=?x")));
    assert_eq!(decode_bytes(b"plain"), None);
}

#[test]
fn folds_between_words() {
    assert!(begins_with_word(b" =?a?q?b?= c"));
    assert!(begins_with_word(b"\t=?a*de?B??="));
    for line in [
        &b"=?a?q?b?="[..],
        b"  =?a?q?b?=",
        b" =?a?x?b?=",
        b" =?a?q?b",
        b" ",
    ] {
        assert!(!begins_with_word(line));
    }
    for line in [
        &b"S: =?a?q?b?="[..],
        b"=?a?q??=",
        b"=?a*de?q?b?=",
        b"=?a?q?b?= c?=",
        b"\n=?a?q?b?=",
    ] {
        assert!(ends_with_word(line), "{line:?}");
    }
    for line in [
        &b""[..],
        b"?=",
        b"=?a?q?=",
        b"=?a?x?b?=",
        b"=?a?q?b?= ",
        b"=?a?q?b\nc?=",
        b"=?a*?=",
        b"=?a*\n?q?b?=",
    ] {
        assert!(!ends_with_word(line), "{line:?}");
    }
}

#[test]
fn time_grows_with_length_only() {
    // Each pattern makes a scanner that backs up, or a decoder that joins, quadratic.
    for pattern in [
        "=?",
        "=?*",
        "=?a?q?",
        "=?a*",
        "=?a?q?b?=",
        "=?a?b?YQ==?= ",
        "=?utf-8?b?gqziow==?= ",
        "?q?=",
        "=?a*?b\n",
    ] {
        let text = pattern.repeat(250_000 / pattern.len());
        let begin = Instant::now();
        decode(&text);
        ends_with_word(format!("{text}?=").as_bytes());
        let taken = begin.elapsed();
        assert!(taken < Duration::from_secs(5), "{pattern}: {taken:?}");
    }
}

proptest! {
    #[test]
    fn a_word_by_itself_is_read_as_one_among_others(
        text in "=[?](utf-8|latin1|[*=\r]|x){0,2}[?]{1,2}[QBqb=][?](=[?]|=E9|=C3=A9|w6k|[?_=\n]|x){0,5}[?]{0,2}=?",
    ) {
        if let Some(word) = only_word(text.as_bytes()) {
            // What follows is no part of it.
            let expected = decode(&format!("{text} ")).into_owned();
            prop_assert_eq!(decode_word(&word) + " ", expected);
        }
    }

    #[test]
    fn any_octets(text in prop::collection::vec(any::<u8>(), 0..64)) {
        decode_bytes(&text);
        begins_with_word(&text);
        ends_with_word(&text);
    }

    #[test]
    fn nearly_words(text in "(=\\?|utf-8|gbk|iso-2022-jp|x|\\*|\\?[qb]\\?|=[0-9A-F]{2}|[A-Za-z0-9]{2}|\\?=|[ \n]){0,24}") {
        let decoded = decode(&text);
        prop_assert_eq!(from_bytes(text.as_bytes()), &*decoded);
        ends_with_word(text.as_bytes());
    }

    #[test]
    fn split_anywhere(text in "\\PC{1,12}", at in 1..40_usize) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let (first, second) = text.as_bytes().split_at(at.min(text.len()));
        let words = [first, second].map(|part| format!("=?utf-8?B?{}?=", STANDARD.encode(part)));
        let joined = words.join(" ");
        prop_assert_eq!(decode(&joined), text);
    }
}
