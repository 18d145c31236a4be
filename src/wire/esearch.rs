//! ESEARCH responses in the shape of node-imap: an object with lower-case keys (contract
//! section 3.6).

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::token::{Kind, Node, Nodes};
use super::value::Plain;

/// What a server found. The correlator may be missing, as every item may; what is no item is
/// passed over.
///
/// ```abnf
/// esearch-response    = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
/// search-correlator   = SP "(" "TAG" SP tag-string ")"     ; RFC 4466 section 2.6
/// search-return-data  = "MIN" SP nz-number / "MAX" SP nz-number / "ALL" SP sequence-set /
///                       "COUNT" SP number / search-ret-data-ext     ; RFC 4731 section 3.1
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Esearch<'a>(pub Nodes<'a>);

impl Serialize for Esearch<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut values = self.0;
        while let Some(name) = values.next() {
            let is = |word: &str| name.raw().eq_ignore_ascii_case(word.as_bytes());
            if name.kind() != Kind::Atom || is("UID") {
                continue;
            }
            let Some(value) = values.next() else {
                break;
            };
            let key = name.string().to_lowercase();
            match is("ALL") {
                true => map.serialize_entry(&key, &Set(value))?,
                false => map.serialize_entry(&key, &Plain(value))?,
            }
        }
        map.end()
    }
}

/// A sequence set: a list of the numbers and ranges in it, each a string.
struct Set<'a>(Node<'a>);

impl Serialize for Set<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.string();
        serializer.collect_seq(text.split(',').filter(|member| !member.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::token::tape;
    use super::*;

    fn items(text: &[u8]) -> serde_json::Value {
        let tape = tape(text);
        serde_json::to_value(Esearch(Nodes::new(text, &tape))).unwrap()
    }

    #[test]
    fn items_with_and_without_their_correlator() {
        for (text, expected) in [
            (
                r#"(TAG "A5") UID MIN 2 MAX 47 COUNT 25"#,
                r#"{"count":25.0,"max":47.0,"min":2.0}"#,
            ),
            ("ALL 2,10:11", r#"{"all":["2","10:11"]}"#),
            ("(TAG A5) all 5", r#"{"all":["5"]}"#),
            (
                r#"(TAG "A5") UID ALL 4:* MODSEQ 917162500"#,
                r#"{"all":["4:*"],"modseq":917162500.0}"#,
            ),
            (
                "UID PARTIAL (-1:-100 1,5:7)",
                r#"{"partial":["-1:-100","1,5:7"]}"#,
            ),
            (r#"(TAG "A5") UID"#, "{}"),
            ("", "{}"),
        ] {
            assert_eq!(items(text.as_bytes()).to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_item_is_passed_over() {
        for (text, expected) in [
            ("MIN", "{}"),
            ("(TAG \"A5\" UID MIN 2", "{}"),
            ("ALL NIL", r#"{"all":["NIL"]}"#),
            ("ALL (1 2)", r#"{"all":[]}"#),
            ("ALL \"\" \"x\" MAX 2", r#"{"all":[],"max":2.0}"#),
        ] {
            assert_eq!(items(text.as_bytes()).to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn any_set_comes_back(set in prop::collection::vec("[1-9][0-9]{0,9}(:[1-9*])?", 1..9)) {
            let text = format!("(TAG \"A1\") UID ALL {} COUNT 0", set.join(","));
            let read = items(text.as_bytes());
            prop_assert_eq!(&read["all"], &serde_json::json!(set));
            prop_assert_eq!(&read["count"].as_f64(), &Some(0.0));
        }

        #[test]
        fn any_octets(text: Vec<u8>) {
            items(&text);
        }
    }
}
