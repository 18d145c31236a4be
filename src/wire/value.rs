//! Values of the server's in the terms of JavaScript (contract section 8.4), owned or read from
//! the tape while they are serialised.

use std::borrow::Cow;

use serde::ser::{Serialize, Serializer};

use super::charset::lossy;
use super::token::{Kind, Node, number};

/// A response code as node-imap gives it in `err.textCode` (contract section 8.4): a single token
/// is that value, several are `{key, val}`.
pub type TextCode = Value;

/// A value of the server's, as JavaScript will see it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `NIL`.
    Null,
    /// A number that JavaScript holds exactly.
    Number(f64),
    /// A string, or a number too large to be exact.
    Text(String),
    /// A parenthesised list.
    List(Vec<Value>),
    /// An object with the given keys.
    Map(Vec<(&'static str, Value)>),
}

impl Value {
    /// A token as node-imap's tokenizer gives it: `NIL` is null, digits are a number if that
    /// prints back the same, everything else is a string (contract section 8.4).
    pub fn of(node: &Node<'_>) -> Value {
        match node.kind() {
            Kind::List => Value::List(node.children().map(|child| Value::of(&child)).collect()),
            Kind::Atom if node.is_nil() => Value::Null,
            Kind::Atom => match exact_number(node.raw()) {
                Some(number) => Value::Number(number),
                None => Value::Text(node.string().into_owned()),
            },
            _ => Value::Text(node.string().into_owned()),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items),
            Value::Map(entries) => serializer.collect_map(entries.iter().map(|(k, v)| (k, v))),
        }
    }
}

/// The same as [`Value::of`], without a copy.
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a>(pub Node<'a>);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let node = &self.0;
        match node.kind() {
            Kind::List => serializer.collect_seq(node.children().map(Plain)),
            Kind::Atom if node.is_nil() => serializer.serialize_unit(),
            Kind::Atom => match exact_integer(node.raw()) {
                Some(number) if serializer.is_human_readable() => {
                    serializer.serialize_f64(number as f64)
                }
                Some(number) => serializer.serialize_u64(number),
                None => Meant(*node).serialize(serializer),
            },
            _ => Meant(*node).serialize(serializer),
        }
    }
}

/// A string as the server sent it; what is no UTF-8 becomes U+FFFD. Into the frame it goes as it
/// is, without being looked at twice: most strings are short and ASCII.
#[derive(Clone, Debug)]
pub struct Text<'a>(pub Cow<'a, [u8]>);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(&lossy(&self.0)),
            false => serializer.serialize_newtype_struct("Text", &Bytes(&self.0)),
        }
    }
}

/// What a value means as a string, whatever it is.
#[derive(Clone, Copy, Debug)]
pub struct Meant<'a>(pub Node<'a>);

impl Serialize for Meant<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.ascii() {
            Some(text) => Ascii(text).serialize(serializer),
            None => Text(self.0.text()).serialize(serializer),
        }
    }
}

/// A string of ASCII, which goes into the frame without being looked at.
#[derive(Clone, Copy, Debug)]
pub struct Ascii<'a>(pub &'a [u8]);

impl Serialize for Ascii<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(&lossy(self.0)),
            false => serializer.serialize_newtype_struct("Ascii", &Bytes(self.0)),
        }
    }
}

/// A moment, in milliseconds since the epoch: a `Date` in JavaScript.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Date(pub f64);

/// A date in a form that only JavaScript's own parser may know.
#[derive(Clone, Copy, Debug)]
pub struct DateText<'a>(pub &'a str);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("Date", &self.0)
    }
}

impl Serialize for DateText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("DateText", self.0)
    }
}

/// Bytes that cross as a `Buffer`.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// A date that `read` knows, or that JavaScript is to read. `NIL` is the epoch, as in node-imap:
/// programs call `getTime()` on it (contract Q-65).
pub(super) fn date<S: Serializer>(
    node: Node<'_>,
    read: fn(&[u8]) -> Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if node.is_nil() {
        return Date(0.0).serialize(serializer);
    }
    match read(&node.text()) {
        Some(milliseconds) => Date(milliseconds).serialize(serializer),
        None => DateText(&node.string()).serialize(serializer),
    }
}

/// The number that JavaScript prints back as these digits.
pub fn exact_number(digits: &[u8]) -> Option<f64> {
    exact_integer(digits).map(|number| number as f64)
}

fn exact_integer(digits: &[u8]) -> Option<u64> {
    const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
    let canonical = digits.len() == 1 || digits.first() != Some(&b'0');
    number(digits).filter(|number| canonical && *number <= MAX_SAFE_INTEGER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_do_not_print_back_stay_text() {
        assert_eq!(exact_number(b"0"), Some(0.0));
        assert_eq!(exact_number(b"007"), None);
        assert_eq!(exact_number(b"9007199254740992"), None);
    }
}
