//! What a session tells its program: one ordered stream of events.
//!
//! Events borrow from the response they were read from and are written into a frame at once
//! (`bridge/frame.rs`), so that nothing is copied twice on the way to JavaScript.

use serde::{Serialize, Serializer};

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
