//! The charsets of encoded words.
//!
//! `encoding_rs` knows the WHATWG Encoding Standard of today; npm `imap` ships the table of 2014.
//! This module is the difference: what the standard has since given up still decodes, and what
//! that table could not decode is shown as the raw bytes.

use std::borrow::Cow;

use encoding_rs::{
    Encoding, GBK, ISO_2022_JP, ISO_8859_8_I, REPLACEMENT, UTF_8, X_USER_DEFINED, mem,
};

const ESCAPE: u8 = 0x1B;
/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// 0x80 to 0xFF of IBM code page 864 (Arabic).
const IBM864_UPPER: [u16; 128] = [
    0x00B0, 0x00B7, 0x2219, 0x221A, 0x2592, 0x2500, 0x2502, 0x253C, 0x2524, 0x252C, 0x251C, 0x2534,
    0x2510, 0x250C, 0x2514, 0x2518, 0x03B2, 0x221E, 0x03C6, 0x00B1, 0x00BD, 0x00BC, 0x2248, 0x00AB,
    0x00BB, 0xFEF7, 0xFEF8, 0x009B, 0x009C, 0xFEFB, 0xFEFC, 0x009F, 0x00A0, 0x00AD, 0xFE82, 0x00A3,
    0x00A4, 0xFE84, 0xFFFD, 0xFFFD, 0xFE8E, 0xFE8F, 0xFE95, 0xFE99, 0x060C, 0xFE9D, 0xFEA1, 0xFEA5,
    0x0660, 0x0661, 0x0662, 0x0663, 0x0664, 0x0665, 0x0666, 0x0667, 0x0668, 0x0669, 0xFED1, 0x061B,
    0xFEB1, 0xFEB5, 0xFEB9, 0x061F, 0x00A2, 0xFE80, 0xFE81, 0xFE83, 0xFE85, 0xFECA, 0xFE8B, 0xFE8D,
    0xFE91, 0xFE93, 0xFE97, 0xFE9B, 0xFE9F, 0xFEA3, 0xFEA7, 0xFEA9, 0xFEAB, 0xFEAD, 0xFEAF, 0xFEB3,
    0xFEB7, 0xFEBB, 0xFEBF, 0xFEC1, 0xFEC5, 0xFECB, 0xFECF, 0x00A6, 0x00AC, 0x00F7, 0x00D7, 0xFEC9,
    0x0640, 0xFED3, 0xFED7, 0xFEDB, 0xFEDF, 0xFEE3, 0xFEE7, 0xFEEB, 0xFEED, 0xFEEF, 0xFEF3, 0xFEBD,
    0xFECC, 0xFECE, 0xFECD, 0xFEE1, 0xFE7D, 0x0651, 0xFEE5, 0xFEE9, 0xFEEC, 0xFEF0, 0xFEF2, 0xFED0,
    0xFED5, 0xFEF5, 0xFEF6, 0xFEDD, 0xFED9, 0xFEF1, 0x25A0, 0xFFFD,
];

/// UTF-8 with U+FFFD for what is none, as [`String::from_utf8_lossy`] gives it; that looks at each
/// byte, while nearly all text is ASCII, which this takes by the word.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// How the bytes of an encoded word become text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Charset {
    /// As the Encoding Standard says.
    Standard(&'static Encoding),
    /// RFC 1843. The standard dropped it.
    HzGb2312,
    /// The standard never kept it.
    Ibm864,
    /// Unknown, or known but broken in npm `imap`: each byte is the character of its number.
    Raw,
}

impl Charset {
    /// Finds the charset of a label, in any case and with blanks around it.
    pub(crate) fn from_label(label: &[u8]) -> Self {
        let label = label.trim_ascii();
        if label.eq_ignore_ascii_case(b"utf-8") {
            return Self::Standard(UTF_8);
        }
        if label.eq_ignore_ascii_case(b"hz-gb-2312") {
            return Self::HzGb2312;
        }
        let is_864 = |name: &&[u8]| label.eq_ignore_ascii_case(name);
        if [&b"864"[..], b"cp864", b"csibm864", b"ibm864"]
            .iter()
            .any(is_864)
        {
            return Self::Ibm864;
        }
        match Encoding::for_label(label) {
            Some(encoding)
                if encoding != REPLACEMENT
                    && encoding != X_USER_DEFINED
                    && encoding != ISO_8859_8_I =>
            {
                Self::Standard(encoding)
            }
            _ => Self::Raw,
        }
    }

    /// Decodes a whole text: malformed bytes become U+FFFD, a byte order mark at the start goes.
    pub(crate) fn decode<'a>(self, bytes: &'a [u8]) -> Cow<'a, str> {
        match self {
            Self::Standard(encoding) if encoding == ISO_2022_JP => {
                let bytes = without_idle_escapes(bytes);
                Cow::Owned(encoding.decode_without_bom_handling(&bytes).0.into_owned())
            }
            Self::Standard(encoding) => encoding.decode_with_bom_removal(bytes).0,
            Self::HzGb2312 => Cow::Owned(decode_hz(bytes)),
            Self::Ibm864 => bytes.iter().map(|&byte| ibm864(byte)).collect(),
            Self::Raw => mem::decode_latin1(bytes),
        }
    }

    /// The same, in the memory of the bytes where they are text already.
    pub(crate) fn decode_all(self, bytes: Vec<u8>) -> String {
        if !self.is_utf8() || bytes.starts_with(BYTE_ORDER_MARK) {
            return self.decode(&bytes).into_owned();
        }
        String::from_utf8(bytes).unwrap_or_else(|error| self.decode(error.as_bytes()).into_owned())
    }

    /// Is this UTF-8?
    pub(crate) fn is_utf8(self) -> bool {
        self == Self::Standard(UTF_8)
    }

    /// Do earlier bytes decide what later bytes mean, beyond one character?
    pub(crate) fn is_stateful(self) -> bool {
        self == Self::HzGb2312 || self == Self::Standard(ISO_2022_JP)
    }
}

fn ibm864(byte: u8) -> char {
    match byte {
        0..=0x7F => char::from(byte),
        _ => IBM864_UPPER
            .get(usize::from(byte & 0x7F))
            .and_then(|&unit| char::from_u32(u32::from(unit)))
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// Drops each ISO-2022-JP escape sequence that another one follows at once. Joined words have
/// them (`ESC ( B ESC $ B`), and the Encoding Standard calls the pair an error.
fn without_idle_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let idle = first == ESCAPE
            && rest.get(3) == Some(&ESCAPE)
            && matches!(rest.get(1), Some(b'(' | b'$'));
        if idle {
            rest = rest.get(3..).unwrap_or_default();
        } else {
            kept.push(first);
            rest = after;
        }
    }
    kept
}

/// ```abnf
/// text   = *(%x00-7D / "~~" / "~" LF / "~{" *double "~}")   ; RFC 1843
/// double = %x21-77 %x21-7E                                  ; GB 2312
/// ```
///
/// A line feed ends the two-byte mode, too.
fn decode_hz(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut double = false;
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let second = after.first().copied();
        let mut taken = 2;
        match (first, second) {
            (b'~', Some(b'{')) => double = true,
            (b'~', Some(b'}')) => double = false,
            (b'~', Some(b'~')) => text.push('~'),
            (b'~', Some(b'\n')) => {}
            (0x20..=0x7F, Some(second)) if double && first != b'~' => {
                double = second != b'\n';
                let pair = [first | 0x80, second | 0x80];
                match second {
                    0x21..=0x7E => text.push_str(&GBK.decode_without_bom_handling(&pair).0),
                    _ => text.push(char::REPLACEMENT_CHARACTER),
                }
            }
            (b'~', _) | (0x80.., _) => {
                text.push(char::REPLACEMENT_CHARACTER);
                taken = 1;
            }
            _ => {
                text.push(if double {
                    char::REPLACEMENT_CHARACTER
                } else {
                    char::from(first)
                });
                double = double && first != b'\n';
                taken = 1;
            }
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(label: &str, bytes: &[u8]) -> String {
        Charset::from_label(label.as_bytes())
            .decode(bytes)
            .into_owned()
    }

    #[test]
    fn labels_of_npm_imap() {
        for label in ["UTF8", " utf-8 ", "unicode-1-1-utf-8"] {
            assert_eq!(decode(label, "Ã©".as_bytes()), "Ã©", "{label}");
        }
        for (label, text) in [
            ("us-ascii", "€é"),
            ("iso-8859-1", "€é"),
            ("iso-8859-16", "\u{80}é"),
            ("koi8-r", "─И"),
            ("tis-620", "€้"),
            ("ibm864", "°ﻯ"),
            ("CP864", "°ﻯ"),
        ] {
            assert_eq!(decode(label, b"\x80\xe9"), text, "{label}");
        }
        assert_eq!(decode("gb2312", b"\xb2\xe2"), "测");
        assert_eq!(decode("ks_c_5601-1987", b"\xb0\xa1"), "가");
        assert_eq!(decode("big5", b"\xa4\xa4"), "中");
        assert_eq!(decode("utf-16", b"\xe9\x00"), "é");
    }

    #[test]
    fn unknown_and_broken_are_raw() {
        for label in [
            "",
            "utf-7",
            "x-foo",
            "unknown-8bit",
            "cp936",
            "cp850",
            "utf-32",
            "iso-2022-kr",
            "iso-2022-cn",
            "x-user-defined",
            "iso-8859-8-i",
            "logical",
            "replacement",
            "\u{e9}",
        ] {
            assert_eq!(decode(label, b"+AOk-\xe9\x80"), "+AOk-é\u{80}", "{label}");
        }
    }

    #[test]
    fn hz() {
        for (bytes, text) in [
            (&b"a~{<:Ky2;S{#,~}b"[..], "a己所不欲，b"),
            (b"~~~{VPND", "~中文"),
            (b"~{VP\nND", "中\u{fffd}ND"),
            (b"a~\nb", "ab"),
            (b"~", "\u{fffd}"),
            (b"~x\xff", "\u{fffd}x\u{fffd}"),
            (b"~{V", "\u{fffd}"),
            (b"~{V\nN", "\u{fffd}N"),
        ] {
            assert_eq!(decode("HZ-GB-2312", bytes), text, "{bytes:?}");
        }
    }

    #[test]
    fn japanese_escapes_side_by_side() {
        let word = b"\x1b$B$\"\x1b(B";
        assert_eq!(decode("iso-2022-jp", word), "あ");
        assert_eq!(decode("iso-2022-jp", &[word, &word[..]].concat()), "ああ");
    }

    #[test]
    fn byte_order_marks() {
        assert_eq!(decode("utf-8", b"\xef\xbb\xbfa"), "a");
        assert_eq!(decode("utf-16le", b"\xff\xfea\0"), "a");
        assert_eq!(decode("iso-8859-1", b"\xef\xbb\xbfa"), "ï»¿a");
    }

    proptest! {
        #[test]
        fn any_octets(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            for label in ["hz-gb-2312", "iso-2022-jp", "ibm864", "gbk", "x"] {
                decode(label, &bytes);
            }
        }
    }
}
