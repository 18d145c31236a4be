//! Bytes to values and back: no I/O, no clock, no panic.
//!
//! Incoming: [`framer`] cuts responses, [`token`] lays their values on a tape, [`response`] and
//! [`fetch`] say what they mean; [`limits`] bound all of it. Outgoing: [`request`] is what a method
//! was called with, [`command`] the bytes it becomes. For programs that read a stream of their own,
//! [`parser`] tells its responses, and [`expression`] reads values out of a text.

pub mod argument;
pub(crate) mod charset;
pub mod command;
pub mod date;
pub mod encoded_word;
pub mod envelope;
pub mod esearch;
pub mod expression;
pub mod fetch;
pub mod flag;
pub mod found;
pub mod framer;
pub mod header;
pub mod identity;
pub mod limits;
pub mod mailbox;
pub mod moment;
pub mod namespace;
pub mod parser;
pub mod quota;
pub mod request;
pub mod response;
pub mod search;
pub mod section;
pub mod set;
pub mod status;
pub mod structure;
pub mod thread;
pub mod token;
pub mod uids;
pub mod utf7;
pub mod value;
