//! Body sections, in a form in which they can be compared (RFC 3501 section 6.4.5).

use std::borrow::Cow;

use super::token::{Node, number};

/// A body section as the server or the user names it, without its spelling.
///
/// Servers answer `HEADER.FIELDS (From to)` with `HEADER.FIELDS ("FROM" "TO")`, or in another
/// order. Sections are equal if they name the same part with the same set of header fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Section {
    /// E.g. `1.2.HEADER.FIELDS`, in upper case.
    part: Vec<u8>,
    /// Names of header fields in upper case, sorted, each once.
    fields: Vec<Vec<u8>>,
}

impl Section {
    /// Reads what stands between the brackets of `BODY[...]`. Takes anything: what is no section
    /// is equal to itself.
    ///
    /// ```abnf
    /// section-spec    = section-msgtext / (section-part ["." section-text])
    /// section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
    /// header-list     = "(" header-fld-name *(SP header-fld-name) ")"
    /// ```
    pub fn parse(text: &[u8]) -> Section {
        let start = text.iter().position(|byte| !is_separator(*byte));
        let rest = start
            .and_then(|start| text.get(start..))
            .unwrap_or_default();
        let end = rest
            .iter()
            .position(|byte| is_separator(*byte) || *byte == b'"');
        let (part, list) = rest.split_at(end.unwrap_or(rest.len()));
        let mut fields = names(list);
        fields.sort_unstable();
        fields.dedup();
        Section {
            part: part.to_ascii_uppercase(),
            fields,
        }
    }
}

/// What stands between the brackets of `BODY[...]`.
pub fn inside(name: &[u8]) -> &[u8] {
    let from = memchr::memchr(b'[', name).map_or(name.len(), |at| at + 1);
    let to = memchr::memrchr(b']', name).unwrap_or(name.len());
    name.get(from..to).unwrap_or_default()
}

/// Where in the section the octets of `BODY[...]<n>` begin; `None` if that is not said, because it
/// is the whole.
pub fn origin(name: &[u8]) -> Option<u64> {
    let at = memchr::memrchr(b']', name)? + 1;
    let part = name.get(at..)?.strip_prefix(b"<")?.strip_suffix(b">")?;
    number(part)
}

/// The section that the token `BODY[...]` names, as the server spells it.
pub fn named<'a>(name: &Node<'a>) -> Cow<'a, str> {
    String::from_utf8_lossy(inside(name.raw()))
}

/// The atoms and quoted strings of a list, in upper case.
fn names(list: &[u8]) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    let mut bytes = list.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let mut name = Vec::new();
        if byte == b'"' {
            while let Some(inside) = bytes.next().filter(|inside| *inside != b'"') {
                let escaped = (inside == b'\\').then(|| bytes.next()).flatten();
                name.push(escaped.unwrap_or(inside).to_ascii_uppercase());
            }
        } else if is_separator(byte) {
            continue;
        } else {
            name.push(byte.to_ascii_uppercase());
            while let Some(next) = bytes.next_if(|next| !is_separator(*next) && *next != b'"') {
                name.push(next.to_ascii_uppercase());
            }
        }
        names.push(name);
    }
    names
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'(' | b')')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(one: &str, other: &str) -> bool {
        Section::parse(one.as_bytes()) == Section::parse(other.as_bytes())
    }

    #[test]
    fn spelling_does_not_matter() {
        for (one, other) in [
            ("", " "),
            ("TEXT", "text"),
            ("1.mime", "1.MIME"),
            ("HEADER.FIELDS (FROM TO)", "header.fields (\"to\" \"From\")"),
            ("HEADER.FIELDS (FROM TO)", "HEADER.FIELDS(From  to from)"),
            ("HEADER.FIELDS (X-A)", "HEADER.FIELDS (\"X\\-A\")"),
            ("1.HEADER.FIELDS.NOT (A)", "1.HEADER.FIELDS.NOT ( a )"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_part_says_where_it_begins() {
        assert_eq!(origin(b"BODY[TEXT]<1024>"), Some(1024));
        assert_eq!(origin(b"BODY[HEADER.FIELDS (\"]<5>\")]"), None);
        assert_eq!(origin(b"BODY[]<x>"), None);
        assert_eq!(origin(b"BODY"), None);
    }

    #[test]
    fn different_sections_differ() {
        for (one, other) in [
            ("", "TEXT"),
            ("1", "2"),
            ("1", "1.MIME"),
            ("HEADER", "HEADER.FIELDS (A)"),
            ("HEADER.FIELDS (A)", "HEADER.FIELDS (A B)"),
            ("HEADER.FIELDS (A)", "HEADER.FIELDS.NOT (A)"),
            ("HEADER.FIELDS (A B)", "HEADER.FIELDS (\"A B\")"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_section(bytes: Vec<u8>) {
            let lower = bytes.to_ascii_lowercase();
            prop_assert_eq!(Section::parse(&bytes), Section::parse(&lower));
        }
    }
}
