//! The only folder that knows Node-API.
//!
//! * `native.rs` is the object behind the JavaScript class.
//! * [`outbox`] carries events to it, [`frame`] is the format they have on the way.
//! * `header.rs` gives `parseHeader` to JavaScript.

// The macros of napi write unsafe code here, and nowhere else.
#![allow(unsafe_code)]

pub mod frame;
pub mod header;
pub mod native;
pub mod outbox;
