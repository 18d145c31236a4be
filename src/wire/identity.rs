//! ID responses in the shape of node-imap: an object with lower-case keys (contract section 3.1).

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::token::{Node, Nodes};
use super::value::Plain;

/// What a server says of itself; nothing at all is a wish of its own.
///
/// ```abnf
/// id-response     = "ID" SP id-params-list                 ; RFC 2971 section 4
/// id-params-list  = "(" [string SP nstring *(SP string SP nstring)] ")" / nil
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Identity<'a> {
    /// `NIL`: the server prefers not to say.
    Withheld,
    /// Names and values. A name without a value is passed over.
    Fields(Nodes<'a>),
}

impl<'a> Identity<'a> {
    /// Reads the values after `ID`; `None` if they are something else.
    pub fn of(mut values: Nodes<'a>) -> Option<Identity<'a>> {
        match values.next()? {
            node if node.is_nil() => Some(Identity::Withheld),
            node if node.is_list() => Some(Identity::Fields(node.children())),
            _ => None,
        }
    }
}

impl Serialize for Identity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Identity::Fields(mut fields) = *self else {
            return serializer.serialize_unit();
        };
        let is_name = |node: &Node<'_>| !node.is_list() && !node.is_nil();
        let mut map = serializer.serialize_map(None)?;
        while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
            if is_name(&name) {
                map.serialize_entry(&name.string().to_lowercase(), &Plain(value))?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::token::tape;
    use super::*;

    fn identity(text: &[u8]) -> Option<serde_json::Value> {
        let tape = tape(text);
        let identity = Identity::of(Nodes::new(text, &tape))?;
        Some(serde_json::to_value(identity).unwrap())
    }

    #[test]
    fn fields_have_lower_case_names() {
        for (text, expected) in [
            (
                r#"("NAME" "x\"y" "Version" "1.2" "build" NIL)"#,
                r#"{"build":null,"name":"x\"y","version":"1.2"}"#,
            ),
            (
                "(name Cyrus revision 5)",
                r#"{"name":"Cyrus","revision":5.0}"#,
            ),
            ("()", "{}"),
            ("NIL", "null"),
        ] {
            assert_eq!(identity(text.as_bytes()).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn what_is_malformed_is_passed_over() {
        for (text, expected) in [
            (r#"("a" "1" "b")"#, r#"{"a":"1"}"#),
            (r#"(NIL "x" ("y") "z" "a" "1""#, r#"{"a":"1"}"#),
        ] {
            assert_eq!(identity(text.as_bytes()).unwrap().to_string(), expected);
        }
        assert_eq!(identity(b""), None);
        assert_eq!(identity(b"name"), None);
    }

    proptest! {
        #[test]
        fn any_field_comes_back(name in "[a-z-]{1,9}", value in "[ -~]{0,20}") {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            let read = identity(format!("(\"{name}\" \"{escaped}\")").as_bytes()).unwrap();
            prop_assert_eq!(&read[&name], &serde_json::json!(value));
        }

        #[test]
        fn any_octets(text: Vec<u8>) {
            identity(&text);
        }
    }
}
