//! Bytes to values and back: no I/O, no clock, no panic.
//!
//! Incoming: [`framer`] cuts responses, [`token`] lays their values on a tape, [`response`] and
//! [`fetch`] say what they mean.

pub mod framer;
pub mod response;
pub mod token;
