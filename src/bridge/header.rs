//! `parseHeader` for JavaScript.

use napi_derive::napi;

use crate::wire::header;

/// The fields of a header, flat: name, number of values, values, and so on. `decode` turns
/// encoded words into text.
#[napi(catch_unwind)]
pub fn parse_header(raw: String, decode: bool) -> Vec<String> {
    let mut flat = Vec::new();
    for (name, values) in header::parse_header(&raw, decode) {
        flat.push(name);
        flat.push(values.len().to_string());
        flat.extend(values);
    }
    flat
}
