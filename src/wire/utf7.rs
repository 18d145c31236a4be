//! Modified UTF-7, the encoding of mailbox names (RFC 3501 section 5.1.3).

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};

const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// The name as it goes on the wire: printable ASCII only.
pub fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let mut rest = name;
    while !rest.is_empty() {
        let direct = rest
            .find(|character| !is_direct(character))
            .unwrap_or(rest.len());
        let (plain, after) = rest.split_at(direct);
        encoded.push_str(&plain.replace('&', "&-"));
        let shifted = after.find(is_direct).unwrap_or(after.len());
        let (run, after) = after.split_at(shifted);
        if !run.is_empty() {
            let units: Vec<u8> = run.encode_utf16().flat_map(u16::to_be_bytes).collect();
            encoded.push('&');
            encoded.push_str(&BASE64.encode(units));
            encoded.push('-');
        }
        rest = after;
    }
    encoded
}

fn is_direct(character: char) -> bool {
    (' '..='~').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_as_node_imap_does() {
        for (name, encoded) in [
            ("INBOX", "INBOX"),
            ("Entwürfe & x", "Entw&APw-rfe &- x"),
            ("😀", "&2D3eAA-"),
            ("\t", "&AAk-"),
            ("&Jjo-", "&-Jjo-"),
        ] {
            assert_eq!(encode(name), encoded);
        }
    }
}
/// Stub
pub fn decode(text: &[u8]) -> String { String::from_utf8_lossy(text).into_owned() }
