//! The arguments of a user's call, as JavaScript hands them over, and the error for a wrong one.
//!
//! JSON holds less than JavaScript. `src/js/arguments.js` writes what JSON cannot hold as an
//! object with a `$` key (`{"$":"undefined"}`, `{"$":"number","text":"NaN"}`, ...); this is the
//! other half.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// How deep lists may be nested in a [`NestedList`]; `MAX_CRITERIA_DEPTH` in `arguments.js`.
pub const MAX_DEPTH: usize = 1000;

/// A value of the user's program.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Argument {
    /// `undefined`, or not given.
    #[default]
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number that JavaScript holds exactly.
    Integer(i64),
    /// Any other number, as `String(x)` prints it.
    Number(String),
    /// A bigint, as `String(x)` prints it.
    BigInt(String),
    /// A string.
    Text(String),
    /// A `Date`.
    Date(Date),
    /// An object, function or symbol.
    Object(Object),
    /// An array.
    List(Vec<Argument>),
}

/// A `Date` of the user's program, told in the program's time zone.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
pub struct Date {
    /// What `String(date)` gives.
    #[serde(default)]
    pub text: String,
    /// False for an Invalid Date; the other fields are then zero.
    pub valid: bool,
    /// Full year.
    #[serde(default)]
    pub year: i32,
    /// 1 to 12.
    #[serde(default)]
    pub month: u8,
    /// 1 to 31.
    #[serde(default)]
    pub day: u8,
    /// 0 to 23.
    #[serde(default)]
    pub hour: u8,
    /// 0 to 59.
    #[serde(default)]
    pub minute: u8,
    /// 0 to 59.
    #[serde(default)]
    pub second: u8,
    /// Minutes east of UTC.
    #[serde(default)]
    pub zone: i16,
}

/// What is left of an object, function or symbol of the user's program.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
pub struct Object {
    /// What `'' + x` gives.
    pub text: String,
    /// What `typeof x` gives.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A list that may be nested deeper than a JSON parser allows: nested lists are written flat, as
/// `{"$":"list","length":n}` followed by their `n` members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NestedList(pub Vec<Argument>);

/// An argument that cannot be sent. Thrown at the user's call; nothing goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError {
    /// The whole text for the user; node-imap's own where it has one (contract section 9).
    pub message: String,
    /// What is wrong, which decides its class and code in JavaScript.
    pub fault: Fault,
}

/// What is wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An argument of the right type cannot be sent: a plain `Error`.
    Value,
    /// An argument has a wrong type: a `TypeError`.
    Type,
    /// The server cannot do this: a plain `Error`.
    Unsupported,
}

impl ArgumentError {
    /// A plain `Error`.
    pub fn new(message: impl Into<String>) -> ArgumentError {
        ArgumentError {
            message: message.into(),
            fault: Fault::Value,
        }
    }

    /// A `TypeError`.
    pub fn wrong_type(message: impl Into<String>) -> ArgumentError {
        ArgumentError {
            message: message.into(),
            fault: Fault::Type,
        }
    }

    /// A plain `Error`: the server does not have this extension.
    pub fn unsupported(extension: &str) -> ArgumentError {
        ArgumentError {
            message: format!("Server does not support this feature ({extension})"),
            fault: Fault::Unsupported,
        }
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ArgumentError {}

impl Argument {
    /// What `'' + x` gives in JavaScript.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Argument::Undefined => "undefined".into(),
            Argument::Null => "null".into(),
            Argument::Boolean(true) => "true".into(),
            Argument::Boolean(false) => "false".into(),
            Argument::Integer(number) => number.to_string().into(),
            Argument::Number(text) | Argument::BigInt(text) | Argument::Text(text) => text.into(),
            Argument::Date(date) => date.text.as_str().into(),
            Argument::Object(object) => object.text.as_str().into(),
            Argument::List(_) => self.joined().into(),
        }
    }

    /// What `typeof x` gives in JavaScript.
    pub fn type_name(&self) -> &str {
        match self {
            Argument::Undefined => "undefined",
            Argument::Boolean(_) => "boolean",
            Argument::Integer(_) | Argument::Number(_) => "number",
            Argument::BigInt(_) => "bigint",
            Argument::Text(_) => "string",
            Argument::Object(object) => &object.kind,
            Argument::Null | Argument::Date(_) | Argument::List(_) => "object",
        }
    }

    /// Whether the value is falsy in JavaScript.
    pub fn is_falsy(&self) -> bool {
        match self {
            Argument::Undefined | Argument::Null | Argument::Boolean(false) => true,
            Argument::Integer(number) => *number == 0,
            Argument::Number(text) => matches!(text.as_str(), "NaN" | "0" | "-0"),
            Argument::BigInt(text) => text == "0",
            Argument::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// Whether the value is `undefined` or `null`.
    pub fn is_absent(&self) -> bool {
        matches!(self, Argument::Undefined | Argument::Null)
    }

    /// The values of a list and of the lists in it, in order; an empty list and a value that is no
    /// list stand for themselves. Does not recurse: the user decides how deep lists go.
    pub fn leaves(&self) -> Vec<&Argument> {
        let mut leaves = Vec::new();
        let mut pending = vec![self];
        while let Some(value) = pending.pop() {
            match value {
                Argument::List(items) if !items.is_empty() => pending.extend(items.iter().rev()),
                leaf => leaves.push(leaf),
            }
        }
        leaves
    }

    /// A whole number that is not negative, from a number, a bigint or a string of digits. It is
    /// what IMAP calls a number, and a mod-sequence (RFC 7162 section 7).
    pub fn whole_number(&self) -> Option<u64> {
        let text = match self {
            Argument::Integer(number) => return u64::try_from(*number).ok(),
            Argument::Number(text) | Argument::BigInt(text) => text.as_str(),
            Argument::Text(text) => text.trim(),
            Argument::Object(object) => object.text.trim(),
            _ => return None,
        };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    }

    /// `Array.prototype.join`, where `null` and `undefined` are empty.
    fn joined(&self) -> String {
        let text = |leaf: &Argument| match leaf {
            Argument::Undefined | Argument::Null | Argument::List(_) => String::new(),
            leaf => leaf.text().into_owned(),
        };
        let texts: Vec<String> = self.leaves().into_iter().map(text).collect();
        texts.join(",")
    }
}

impl<'de> Deserialize<'de> for Argument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Argument, D::Error> {
        match deserializer.deserialize_any(ItemVisitor)? {
            Item::Argument(argument) => Ok(argument),
            Item::List(_) => Err(de::Error::custom("a list marker outside a nested list")),
        }
    }
}

impl<'de> Deserialize<'de> for NestedList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NestedList, D::Error> {
        let items = Vec::<Item>::deserialize(deserializer)?;
        assemble(items).map(NestedList).map_err(de::Error::custom)
    }
}

/// Builds the tree that a flat list of items describes.
fn assemble(items: Vec<Item>) -> Result<Vec<Argument>, &'static str> {
    let mut open: Vec<(Vec<Argument>, usize)> = vec![(Vec::new(), usize::MAX)];
    for item in items {
        let mut value = match item {
            Item::List(length) if length > 0 => {
                open.push((Vec::new(), length));
                if open.len() > MAX_DEPTH {
                    return Err("lists are nested too deeply");
                }
                continue;
            }
            Item::List(_) => Argument::List(Vec::new()),
            Item::Argument(argument) => argument,
        };
        while let Some((list, missing)) = open.last_mut() {
            list.push(value);
            *missing -= 1;
            if *missing > 0 {
                break;
            }
            value = Argument::List(std::mem::take(list));
            open.pop();
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some((list, _)), true) => Ok(list),
        _ => Err("a nested list ends early"),
    }
}

/// An element of the flat form of a [`NestedList`].
enum Item {
    Argument(Argument),
    List(usize),
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Item, D::Error> {
        deserializer.deserialize_any(ItemVisitor)
    }
}

/// What JSON cannot hold, told apart by `$`.
#[derive(serde::Deserialize)]
#[serde(tag = "$", rename_all = "lowercase")]
enum Marked {
    Undefined,
    Number { text: String },
    BigInt { text: String },
    Date(Date),
    Object(Object),
    List { length: usize },
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an argument as arguments.js writes it")
    }

    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item::Argument(Argument::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Item, E> {
        Ok(Item::Argument(Argument::Boolean(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Item, E> {
        Ok(Item::Argument(Argument::Integer(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Item, E> {
        Ok(Item::Argument(match i64::try_from(value) {
            Ok(integer) => Argument::Integer(integer),
            Err(_) => Argument::Number(value.to_string()),
        }))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Item, E> {
        Ok(Item::Argument(Argument::Number(value.to_string())))
    }

    fn visit_str<E>(self, value: &str) -> Result<Item, E> {
        Ok(Item::Argument(Argument::Text(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Item, E> {
        Ok(Item::Argument(Argument::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Item, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Item::Argument(Argument::List(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Item, A::Error> {
        let argument = match Marked::deserialize(MapAccessDeserializer::new(map))? {
            Marked::Undefined => Argument::Undefined,
            Marked::Number { text } => Argument::Number(text),
            Marked::BigInt { text } => Argument::BigInt(text),
            Marked::Date(date) => Argument::Date(date),
            Marked::Object(object) => Argument::Object(object),
            Marked::List { length } => return Ok(Item::List(length)),
        };
        Ok(Item::Argument(argument))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(json: &str) -> Argument {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_marker_is_read() {
        assert_eq!(argument(r#"{"$":"undefined"}"#), Argument::Undefined);
        assert_eq!(argument("null"), Argument::Null);
        assert_eq!(argument("-3"), Argument::Integer(-3));
        let nan = argument(r#"{"$":"number","text":"NaN"}"#);
        assert_eq!(nan, Argument::Number("NaN".into()));
        assert!(nan.is_falsy());
        let big = argument(r#"{"$":"bigint","text":"5"}"#);
        assert_eq!((big.type_name(), big.whole_number()), ("bigint", Some(5)));
        let object = argument(r#"{"$":"object","text":"[object Object]","type":"object"}"#);
        assert_eq!(object.text(), "[object Object]");
        assert_eq!(object.type_name(), "object");
        let date = r#"{"$":"date","text":"Sun","valid":true,"year":2004,"month":9,"day":5,
            "hour":0,"minute":38,"second":3,"zone":330}"#;
        assert!(matches!(
            argument(date),
            Argument::Date(Date {
                year: 2004,
                zone: 330,
                ..
            })
        ));
        let invalid = r#"{"$":"date","valid":false,"text":"Invalid Date"}"#;
        assert!(matches!(
            argument(invalid),
            Argument::Date(Date { valid: false, .. })
        ));
        assert!(serde_json::from_str::<Argument>(r#"{"$":"list","length":1}"#).is_err());
        assert!(serde_json::from_str::<Argument>(r#"{"a":1}"#).is_err());
    }

    #[test]
    fn a_list_joins_as_in_javascript() {
        assert_eq!(argument(r#"[1,[2,[]],null,"x"]"#).text(), "1,2,,,x");
        assert_eq!(argument("[]").text(), "");
    }

    #[test]
    fn a_flat_list_becomes_a_tree() {
        let json = r#"["A",{"$":"list","length":2},"B",{"$":"list","length":0},"C"]"#;
        let list: NestedList = serde_json::from_str(json).unwrap();
        assert_eq!(Argument::List(list.0), argument(r#"["A",["B",[]],"C"]"#));
        let short = r#"[{"$":"list","length":2},"B"]"#;
        assert!(serde_json::from_str::<NestedList>(short).is_err());
    }

    #[test]
    fn depth_is_bounded_and_never_recursed_into() {
        let nested = |depth: usize| {
            let open = vec![r#"{"$":"list","length":1}"#; depth].join(",");
            serde_json::from_str::<NestedList>(&format!("[{open},1]"))
        };
        let deep = Argument::List(nested(MAX_DEPTH - 1).unwrap().0);
        assert_eq!(deep.text(), "1");
        assert!(nested(MAX_DEPTH).is_err());
    }

    #[test]
    fn whole_numbers_are_digits_only() {
        for (json, number) in [
            ("5", Some(5)),
            ("\" 10 \"", Some(10)),
            ("\"18446744073709551615\"", Some(u64::MAX)),
            ("\"18446744073709551616\"", None),
            ("-5", None),
            ("\"+5\"", None),
            ("\"10k\"", None),
            ("\"\"", None),
            ("null", None),
        ] {
            assert_eq!(argument(json).whole_number(), number, "{json}");
        }
    }
}
