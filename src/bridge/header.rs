//! The part of `parseHeader` that JavaScript leaves to Rust.

use napi_derive::napi;

use crate::wire::header;

/// The value of a field, given as `name: value` with its continuations, with encoded words decoded.
#[napi(catch_unwind)]
pub fn decode_field(field: String) -> String {
    header::decode_field(&field)
}
