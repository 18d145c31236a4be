//! Mailbox names on the wire: modified UTF-7 (RFC 3501 section 5.1.3).
//!
//! Names are sent only in what [`encode`] gives: printable US-ASCII. What a server sends is read
//! tolerantly by [`decode`], because a name that cannot be shown cannot be repaired either.

/// The alphabet of modified base64: `,` stands where base64 has `/`.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Turns a mailbox name into modified UTF-7.
///
/// Printable US-ASCII stands for itself, `&` becomes `&-`, and each run of other characters
/// becomes one group. The result holds only the octets 0x20 to 0x7E.
///
/// ```abnf
/// name     = *(direct / "&-" / group)
/// direct   = %x20-25 / %x27-7E        ; printable, not "&"
/// group    = "&" 1*base64char "-"     ; UTF-16BE, no padding, never two in a row
/// ```
pub fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let direct = is_printable(first);
        let length = rest
            .find(|character| is_printable(character) != direct)
            .unwrap_or(rest.len());
        let (run, after) = rest.split_at(length);
        if direct {
            encoded.push_str(&run.replace('&', "&-"));
        } else {
            push_group(&mut encoded, run);
        }
        rest = after;
    }
    encoded
}

/// Reads a mailbox name that a server sent.
///
/// Groups are decoded as npm `utf7` does; one that is unterminated, has a foreign character, or
/// does not hold whole UTF-16 units stays as it is. A surrogate without its partner becomes
/// U+FFFD. Octets above 0x7F (servers with UTF-8 names) are read as UTF-8, lossily.
///
/// ```abnf
/// name     = *(octet / "&-" / group)
/// group    = "&" 1*(base64char / "/") *"=" "-"
/// ```
pub fn decode(name: &[u8]) -> String {
    let mut decoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(ampersand) = memchr::memchr(b'&', rest) {
        let (plain, group) = rest.split_at(ampersand);
        decoded.push_str(&String::from_utf8_lossy(plain));
        rest = match read_group(group) {
            Some((text, after)) => {
                decoded.push_str(&text);
                after
            }
            None => {
                decoded.push('&');
                group.split_first().map_or(&[], |(_, after)| after)
            }
        };
    }
    decoded.push_str(&String::from_utf8_lossy(rest));
    decoded
}

fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~')
}

/// Appends `&`, the run as base64 of UTF-16BE, `-`.
fn push_group(encoded: &mut String, run: &str) {
    encoded.push('&');
    let mut bits = 0_u32;
    let mut count = 0_u32;
    for unit in run.encode_utf16() {
        // At most 4 bits wait here, so 20 of the 32 are in use.
        bits = (bits << 16) | u32::from(unit);
        count += 16;
        while count >= 6 {
            count -= 6;
            push_sextet(encoded, bits >> count);
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        push_sextet(encoded, bits << (6 - count));
    }
    encoded.push('-');
}

fn push_sextet(encoded: &mut String, bits: u32) {
    if let Some(&octet) = ALPHABET.get((bits & 0x3F) as usize) {
        encoded.push(char::from(octet));
    }
}

/// Reads the group at the start of `input` (which is its `&`): the text, and what follows `-`.
fn read_group(input: &[u8]) -> Option<(String, &[u8])> {
    let (_, body) = input.split_first()?;
    let sextets = body.iter().map_while(|&octet| sextet(octet)).count();
    let (encoded, after) = body.split_at_checked(sextets)?;
    let padding = after.iter().take_while(|&&octet| octet == b'=').count();
    let rest = after.get(padding..)?.strip_prefix(b"-")?;
    if encoded.is_empty() {
        return (padding == 0).then(|| ("&".to_owned(), rest));
    }
    Some((read_units(encoded)?, rest))
}

/// Decodes sextets into text, or `None` when they are not whole UTF-16 units.
fn read_units(encoded: &[u8]) -> Option<String> {
    let mut units = Vec::with_capacity(encoded.len() * 6 / 16);
    let mut bits = 0_u32;
    let mut count = 0_u32;
    for &octet in encoded {
        bits = (bits << 6) | u32::from(sextet(octet)?);
        count += 6;
        if count >= 16 {
            count -= 16;
            // Bits of earlier units are shifted out by the truncation.
            units.push((bits >> count) as u16);
            bits &= (1 << count) - 1;
        }
    }
    // Six bits or more would be a sextet too many.
    (count < 6 && !units.is_empty()).then(|| String::from_utf16_lossy(&units))
}

fn sextet(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' => Some(62),
        b',' | b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Verified with npm `utf7` 1.0.2, both directions.
    const VECTORS: &[(&str, &str)] = &[
        ("", ""),
        ("INBOX", "INBOX"),
        ("Entwürfe", "Entw&APw-rfe"),
        ("Éléments envoyés", "&AMk-l&AOk-ments envoy&AOk-s"),
        ("Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("Tom & Jerry", "Tom &- Jerry"),
        ("&&", "&-&-"),
        ("&é", "&-&AOk-"),
        ("&Jjo-", "&-Jjo-"),
        ("☺!", "&Jjo-!"),
        ("😀", "&2D3eAA-"),
        ("\t", "&AAk-"),
        ("a\u{7f}b", "a&AH8-b"),
        ("\0\r\n", "&AAAADQAK-"),
        ("\u{fffe}\u{ffff}", "&,,7,,w-"),
    ];

    #[test]
    fn known_answers() {
        for (name, wire) in VECTORS {
            assert_eq!(encode(name), *wire);
            assert_eq!(decode(wire.as_bytes()), *name);
        }
    }

    #[test]
    fn broken_groups_stay() {
        for name in [
            "&", "a&", "&AOk", "&AOk!-", "&A-", "&AO-", "&AOkA-", "A&B", "AT&T-x", "&=-", "& -",
        ] {
            assert_eq!(decode(name.as_bytes()), name);
        }
        assert_eq!(decode(b"A&B&AOk-"), "A&Bé");
    }

    #[test]
    fn sloppy_groups_are_read() {
        assert_eq!(decode(b"&AGEAYg-"), "ab");
        assert_eq!(decode(b"&AOk=-"), "é");
        assert_eq!(decode(b"&U/BTFw-"), "台北");
        assert_eq!(decode(b"&AOl-"), "é");
        assert_eq!(decode(b"&AOk-&AOk-"), "éé");
    }

    #[test]
    fn lone_surrogates_are_replaced() {
        assert_eq!(decode(b"&2D0-"), "\u{fffd}");
        assert_eq!(decode(b"&3gDYPQ-"), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn octets_are_utf8() {
        assert_eq!(decode("Entwürfe&AOk-".as_bytes()), "Entwürfeé");
        assert_eq!(decode(b"a\xffb&\xe9-"), "a\u{fffd}b&\u{fffd}-");
    }

    proptest! {
        #[test]
        fn round_trip(name in any::<String>()) {
            let wire = encode(&name);
            prop_assert!(wire.bytes().all(|octet| matches!(octet, 0x20..=0x7E)));
            prop_assert_eq!(decode(wire.as_bytes()), name);
        }

        #[test]
        fn any_octets(name in prop::collection::vec(any::<u8>(), 0..64)) {
            decode(&name);
        }

        #[test]
        fn any_groups(name in "[&A-Ca/,=-]{0,24}") {
            let decoded = decode(name.as_bytes());
            prop_assert_eq!(decode(encode(&decoded).as_bytes()), decoded);
        }
    }
}
