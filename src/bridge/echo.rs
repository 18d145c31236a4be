//! Values of a test's choice, on the way that events take.

use napi::bindgen_prelude::Object;
use napi::{Env, Error};
use napi_derive::napi;
use serde::Serialize;
use serde::ser::{SerializeSeq, SerializeStruct, Serializer};
use serde_json::Value;

use super::frame::{Frame, RECORDS};
use super::native::object;
use crate::wire::value::{Bytes, Date, DateText, Text};

/// Puts each of the values into a frame and gives the frame. JSON has no word for some of them:
/// `{"$date": ms}`, `{"$dateText": text}`, `{"$bytes": [..]}`, `{"$text": [..]}` of a string's
/// bytes, `{"$record": [name, field, ..]}`. For the tests of `frame.rs` and `src/js/frame.js`.
#[napi(catch_unwind)]
pub fn echo<'env>(env: &'env Env, values: String) -> napi::Result<Object<'env>> {
    let values: Vec<Value> = serde_json::from_str(&values).map_err(refused)?;
    let mut frame = Frame::default();
    for value in &values {
        frame.push(&Echo(value)).map_err(refused)?;
    }
    object(env, frame)
}

fn refused(error: impl std::fmt::Display) -> Error {
    Error::from_reason(error.to_string())
}

struct Echo<'a>(&'a Value);

impl Serialize for Echo<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(None)?;
                for item in items {
                    list.serialize_element(&Echo(item))?;
                }
                list.end()
            }
            Value::Object(map) => match special(map) {
                Some(("$date", value)) => {
                    Date(value.as_f64().unwrap_or_default()).serialize(serializer)
                }
                Some(("$dateText", value)) => {
                    DateText(value.as_str().unwrap_or_default()).serialize(serializer)
                }
                Some(("$bytes", value)) => Bytes(&bytes(value)).serialize(serializer),
                Some(("$text", value)) => Text(bytes(value).into()).serialize(serializer),
                Some((_, value)) => record(value, serializer),
                None => serializer.collect_map(map.iter().map(|(key, value)| (key, Echo(value)))),
            },
            plain => plain.serialize(serializer),
        }
    }
}

fn special(map: &serde_json::Map<String, Value>) -> Option<(&str, &Value)> {
    let (key, value) = map.iter().next()?;
    let names = ["$date", "$dateText", "$bytes", "$text", "$record"];
    (map.len() == 1 && names.contains(&key.as_str())).then_some((key.as_str(), value))
}

fn bytes(value: &Value) -> Vec<u8> {
    let numbers = value.as_array().into_iter().flatten();
    numbers
        .filter_map(Value::as_u64)
        .map(|number| number as u8)
        .collect()
}

fn record<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    let mut items = value.as_array().into_iter().flatten();
    let name = items.next().and_then(Value::as_str).unwrap_or_default();
    let name = RECORDS
        .into_iter()
        .find(|record| *record == name)
        .unwrap_or_default();
    let mut record = serializer.serialize_struct(name, 0)?;
    for field in items {
        record.serialize_field("field", &Echo(field))?;
    }
    record.end()
}
