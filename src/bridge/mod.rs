//! The only folder that knows Node-API.
//!
//! * [`native`] is the object behind the JavaScript class.
//! * [`driven`] lets the thread of JavaScript move a session on.
//! * [`outbox`] carries events to it, [`doorbell`] tells it of them, [`frame`] is the format they have on the way, `repeats` finds
//!   what is in one twice.
//! * [`echo`] lets tests send values through frames.
//! * [`header`] gives a part of `parseHeader` to JavaScript, [`parser`] the other helpers of
//!   node-imap.
//! * [`options`] looks at a configuration before it is used.

// The macros of napi write unsafe code here and nowhere else; by hand there is one line of it, where
// `native` lends bytes.
#![allow(unsafe_code)]

pub mod doorbell;
pub mod driven;
pub mod echo;
pub mod frame;
pub mod header;
pub mod native;
pub mod octets;
pub mod options;
pub mod outbox;
pub mod parser;
mod repeats;
