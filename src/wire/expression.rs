//! Values that did not come over a socket: a text or a list of the program's own, on a tape like
//! that of a response, so that both are read by the same types.

use std::fmt;

use serde::ser::{Serialize, Serializer};

use super::argument::{Argument, ArgumentError};
use super::envelope::Addresses;
use super::limits::{DEPTH, ITEMS};
use super::structure::Structure;
use super::token::{Kind, NIL, Node, Nodes, Token, Tokenizer};
use super::value::Plain;

/// What stands in a text for a literal whose octets are given apart from it (node-imap).
const PLACEHOLDER: &[u8] = b"\0";

/// Values beside each other.
///
/// ```text
/// expression = *(SP / value)
/// value      = "(" expression ")" / "[" expression "]" / quoted / atom / %x00
/// ```
///
/// The last is the place of a literal. Everything else is as in [`super::token`], line ends and
/// `{3}` are characters like any other.
#[derive(Debug)]
pub struct Expression {
    bytes: Vec<u8>,
    /// First a list around everything, so that the whole is a value as well.
    tape: Vec<Token>,
}

/// An expression deeper than [`DEPTH`] or longer than [`ITEMS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excessive;

impl fmt::Display for Excessive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "An expression may nest lists {DEPTH} deep and hold {ITEMS} values"
        )
    }
}

impl Expression {
    /// Reads a text. `literals` are the octets for its placeholders, in order; given back is how
    /// many of them it has used. Without `brackets`, `[` and `]` are ordinary characters.
    pub fn parse(
        text: &str,
        brackets: bool,
        literals: &[&[u8]],
    ) -> Result<(Expression, usize), Excessive> {
        let mut expression = Expression::around(text.as_bytes().to_vec());
        let mut tokenizer = Tokenizer::expression(brackets);
        let Expression { bytes, tape } = &mut expression;
        tokenizer.line(bytes, 0, bytes.len(), tape);
        tokenizer.finish(tape);
        if tokenizer.excess().is_some() {
            return Err(Excessive);
        }
        let used = expression.fill(literals);
        Ok((expression, used))
    }

    /// Puts values on a tape that were once read from one: strings, numbers, nulls and lists of
    /// them, beside each other.
    pub fn of(items: &[Argument]) -> Result<Expression, ArgumentError> {
        let mut expression = Expression::around(Vec::new());
        expression.list(items, 1)?;
        Ok(expression)
    }

    /// The values.
    pub fn nodes(&self) -> Nodes<'_> {
        self.root()
            .map_or(Nodes::new(&[], &[]), |root| root.children())
    }

    /// The structure that the values are (contract section 5.6). What is in parentheses as a
    /// whole, as it stands in a FETCH response, is the same without them.
    pub fn structure(&self) -> Option<Structure<'_>> {
        let mut nodes = self.nodes();
        let whole = match (nodes.next(), nodes.next()) {
            (Some(only), None) if only.is_list() => Some(only),
            _ => self.root(),
        };
        whole.map(Structure::of)
    }

    /// The addresses that the values are (contract section 5.5).
    pub fn addresses(&self) -> Addresses<'_> {
        Addresses(self.nodes())
    }

    /// Nothing but the list around everything, which stays open to the end of the tape.
    fn around(bytes: Vec<u8>) -> Expression {
        let tape = vec![Token::new(Kind::List, 0, 0)];
        Expression { bytes, tape }
    }

    fn root(&self) -> Option<Node<'_>> {
        Nodes::new(&self.bytes, &self.tape).next()
    }

    fn fill(&mut self, literals: &[&[u8]]) -> usize {
        let mut left = literals.iter();
        for token in &mut self.tape {
            let text = self.bytes.get(token.start as usize..token.end as usize);
            if token.kind == Kind::Atom
                && text == Some(PLACEHOLDER)
                && let Some(octets) = left.next()
            {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(octets);
                *token = Token::new(Kind::Literal, start, self.bytes.len());
            }
        }
        literals.len() - left.len()
    }

    fn list(&mut self, items: &[Argument], depth: usize) -> Result<(), ArgumentError> {
        for item in items {
            if depth > DEPTH || self.tape.len() >= ITEMS {
                return Err(ArgumentError::new(Excessive.to_string()));
            }
            match item {
                Argument::List(items) => {
                    let index = self.tape.len();
                    self.tape.push(Token::new(Kind::List, 0, 0));
                    self.list(items, depth + 1)?;
                    let length = self.tape.len() - index;
                    if let Some(token) = self.tape.get_mut(index) {
                        token.end = length as u32;
                    }
                }
                // A literal has no other meaning than its octets.
                Argument::Text(text) => self.push(Kind::Literal, text),
                Argument::Null | Argument::Undefined => {
                    self.tape.push(Token::nil(self.bytes.len()));
                    self.bytes.extend_from_slice(NIL);
                }
                Argument::Integer(_) | Argument::Number(_) => self.push(Kind::Atom, &item.text()),
                other => {
                    return Err(ArgumentError::wrong_type(format!(
                        "A value of an IMAP expression is a string, a number, null or a list of \
                         them; got: {}",
                        other.type_name()
                    )));
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, kind: Kind, text: &str) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        self.tape.push(Token::new(kind, start, self.bytes.len()));
    }
}

impl Serialize for Expression {
    /// The values as a list (contract section 8.4).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.nodes().map(Plain))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::wire::argument::Fault;

    /// The JSON that JavaScript would write: whole numbers without a fraction.
    fn json(value: &impl Serialize) -> Json {
        fn whole(value: Json) -> Json {
            match value {
                Json::Number(number) => json!(number.as_f64().unwrap() as u64),
                Json::Array(items) => items.into_iter().map(whole).collect(),
                Json::Object(map) => map.into_iter().map(|(k, v)| (k, whole(v))).collect(),
                other => other,
            }
        }
        whole(serde_json::to_value(value).unwrap())
    }

    fn parsed(text: &str) -> Json {
        let (expression, _) = Expression::parse(text, true, &[]).unwrap();
        json(&expression)
    }

    fn of(items: &Json) -> Result<Expression, ArgumentError> {
        let items: Vec<Argument> = serde_json::from_value(items.clone()).unwrap();
        Expression::of(&items)
    }

    fn structure(items: &Json) -> Json {
        json(&of(items).unwrap().structure())
    }

    #[test]
    fn a_text_is_a_list_of_values() {
        assert_eq!(parsed(""), json!([]));
        assert_eq!(parsed("\"\""), json!([""]));
        assert_eq!(
            parsed("A NIL nil 7 007 (\\x [y]) \"q\r\n\" {3}"),
            json!(["A", null, "nil", 7, "007", ["\\x", ["y"]], "q\r\n", "{3}"])
        );
    }

    #[test]
    fn literals_take_the_places_left_for_them() {
        let (expression, used) =
            Expression::parse("A \0 (\0) \"\0\" \0", true, &[b"NIL", b"(7"]).unwrap();
        let read = json(&expression);
        assert_eq!(read, json!(["A", "NIL", ["(7"], "\0", "\0"]));
        assert_eq!(used, 2);
    }

    #[test]
    fn what_no_expression_gives_is_refused() {
        let error = of(&json!([[true]])).unwrap_err();
        assert_eq!(error.fault, Fault::Type);
        assert!(error.message.ends_with("; got: boolean"), "{error}");
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Expression::parse(&nested(DEPTH), true, &[]).is_ok());
        assert!(Expression::parse(&nested(DEPTH + 1), true, &[]).is_err());
        let deep = |depth| (0..depth).fold(json!([]), |inner, _| json!([inner]));
        assert!(of(&deep(DEPTH)).is_ok());
        assert!(of(&deep(DEPTH + 1)).is_err());
    }

    #[test]
    fn structures_of_text_and_of_values_are_the_same() {
        let single = json!([{
            "partID": "1", "type": "text", "subtype": "plain", "params": {"charset": "UTF-8"},
            "id": null, "description": null, "encoding": "7BIT", "size": 9, "lines": 1,
        }]);
        let text = r#""TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "7BIT" 9 1"#;
        let values = parsed(text);
        assert_eq!(structure(&values), single);
        assert_eq!(structure(&json!([values])), single);
        for text in [text.to_owned(), format!("({text})")] {
            let (expression, _) = Expression::parse(&text, true, &[]).unwrap();
            assert_eq!(json(&expression.structure()), single);
        }
        assert_eq!(structure(&json!([])), json!([]));
    }

    #[test]
    fn a_multipart_without_children_has_lost_its_parameters_or_kept_them() {
        for (text, expected) in [
            (
                "\"ALTERNATIVE\" (\"BOUNDARY\" \"x\") NIL NIL",
                json!([{"type": "alternative", "params": {"boundary": "x"}, "disposition": null,
                    "language": null}]),
            ),
            (
                "NIL NIL (\"CHARSET\" \"GB2312\") NIL NIL NIL 176",
                json!([{"type": null, "params": null, "disposition": null,
                    "language": ["CHARSET", "GB2312"], "location": null, "extensions": null}]),
            ),
            ("\"MIXED\"", json!([{"type": "mixed", "params": null}])),
        ] {
            assert_eq!(structure(&parsed(text)), expected, "{text}");
        }
    }

    #[test]
    fn groups_of_addresses() {
        // The second group ends where the third one starts; an end without a start, and what has
        // no mailbox, are passed over.
        let values = parsed(
            r#"(NIL NIL "g" NIL)("A" NIL "a" "x")(NIL NIL NIL NIL)(NIL NIL "b" "x")
               (NIL NIL NIL NIL)("B" NIL NIL "x")(NIL NIL "h" NIL)(NIL NIL "b" "x")
               (NIL NIL "i" NIL)"#
                .replace(['\n', '\r'], " ")
                .as_str(),
        );
        let expression = of(&values).unwrap();
        let address =
            |name: Option<&str>, mailbox| json!({"name": name, "mailbox": mailbox, "host": "x"});
        assert_eq!(
            json(&expression.addresses()),
            json!([
                {"group": "g", "addresses": [address(Some("A"), "a")]},
                address(None, "b"),
                {"group": "h", "addresses": [address(None, "b")]},
                {"group": "i", "addresses": []},
            ])
        );
    }

    fn values() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<u32>().prop_map(Json::from),
            "[ -~é\r\n\0]{0,12}".prop_map(Json::from),
        ];
        let value = leaf.prop_recursive(6, 40, 6, |inner| {
            prop::collection::vec(inner, 0..6).prop_map(Json::from)
        });
        prop::collection::vec(value, 0..6).prop_map(Json::from)
    }

    proptest! {
        #[test]
        fn values_come_back_as_they_were(values in values()) {
            let expression = of(&values).unwrap();
            prop_assert_eq!(json(&expression), values);
        }

        #[test]
        fn any_text_is_an_expression(text in "[ -~\0\r\n\\[\\]()\"\\\\]{0,60}") {
            if let Ok((expression, used)) = Expression::parse(&text, true, &[b"x"]) {
                prop_assert!(used <= 1);
                json(&expression);
                json(&expression.structure());
                json(&expression.addresses());
            }
        }
    }
}
