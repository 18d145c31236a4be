//! How much a server may say at once (resilience X10). Bodies of messages that are handed over
//! while they arrive are not limited.
//!
//! | what | option | over the limit |
//! | --- | --- | --- |
//! | bytes of a response, or of a whole answer | `limits.responseBytes` | the connection ends; the
//! command fails |
//! | bytes of a line | `limits.lineBytes` | the connection ends |
//! | bytes of a literal | `limits.literalBytes` | the connection ends |
//! | values in a response, or in a whole answer | `limits.items` | the command fails |
//! | lists inside lists | `limits.depth` | the command fails |
//!
//! The connection ends where nobody could tell any more where the next response begins. A response
//! that is only too deep or has too many values is passed over; if it was the answer to a command,
//! the command fails.

use std::fmt;

use crate::error::{Error, Source, code};

/// The most bytes of a response while it is incomplete, and of all that is collected for the answer
/// to a command.
pub const RESPONSE_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes of one line: a search that finds six million messages fits.
pub const LINE_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes of a literal that is a value, not a body.
pub const LITERAL_BYTES: usize = 64 * 1024 * 1024;
/// The most values of a response: a search that finds four million messages fits.
pub const ITEMS: usize = 4 * 1024 * 1024;
/// How deep lists may nest: no server's data needs more.
pub const DEPTH: usize = 100;

/// The most that `limits.responseBytes` and its like may be: what fits into one string on its way
/// to JavaScript.
pub const MAX_BYTES: usize = (1 << 28) - 1;
/// The least that they may be: a greeting, and a command's answer, must fit.
pub const MIN_BYTES: usize = 1024;
/// The most that `limits.depth` may be: what is nested is read by recursion, on a thread's stack.
pub const MAX_DEPTH: usize = 200;

/// The limits of a connection; the option `limits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a response while it is incomplete, and of all that is collected for the answer to a
    /// command. Default [`RESPONSE_BYTES`].
    pub response_bytes: usize,
    /// Bytes of a line without its end. Default [`LINE_BYTES`].
    pub line_bytes: usize,
    /// Bytes of a literal that is no body. Default [`LITERAL_BYTES`].
    pub literal_bytes: usize,
    /// Values in a response, and in all that is collected for the answer to a command. Default
    /// [`ITEMS`].
    pub items: usize,
    /// Lists inside lists. Default [`DEPTH`].
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            response_bytes: RESPONSE_BYTES,
            line_bytes: LINE_BYTES,
            literal_bytes: LITERAL_BYTES,
            items: ITEMS,
            depth: DEPTH,
        }
    }
}

/// The server said more than a limit allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// A response, or a whole answer, has more bytes than this.
    Response(usize),
    /// A line has more bytes than this.
    Line(usize),
    /// A literal is announced with more bytes than are allowed.
    Literal {
        /// What the server announced.
        bytes: u64,
        /// What is allowed.
        allowed: usize,
    },
    /// A response, or a whole answer, has more values than this.
    Items(usize),
    /// A response has lists that are nested deeper than this.
    Depth(usize),
}

impl Exceeded {
    /// The option that sets the limit.
    pub fn option(&self) -> &'static str {
        match self {
            Exceeded::Response(_) => "limits.responseBytes",
            Exceeded::Line(_) => "limits.lineBytes",
            Exceeded::Literal { .. } => "limits.literalBytes",
            Exceeded::Items(_) => "limits.items",
            Exceeded::Depth(_) => "limits.depth",
        }
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The server sent ")?;
        match self {
            Exceeded::Response(allowed) => write!(f, "an answer of more than {allowed} bytes"),
            Exceeded::Line(allowed) => write!(f, "a line of more than {allowed} bytes"),
            Exceeded::Literal { bytes, allowed } => {
                write!(f, "a literal of {bytes} bytes; the limit is {allowed}")
            }
            Exceeded::Items(allowed) => write!(f, "an answer of more than {allowed} values"),
            Exceeded::Depth(allowed) => write!(f, "lists nested deeper than {allowed}"),
        }
    }
}

impl From<Exceeded> for Error {
    fn from(exceeded: Exceeded) -> Error {
        Error::new(Source::Protocol, code::LIMIT, exceeded.to_string()).with_advice(format!(
            "The option `{}` sets this limit.",
            exceeded.option()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_limit_and_option() {
        let exceeded = Exceeded::Literal {
            bytes: 5_000_000_000,
            allowed: 1024,
        };
        let error = Error::from(exceeded);
        assert_eq!(error.code, "ELIMIT");
        assert_eq!(
            error.message,
            "The server sent a literal of 5000000000 bytes; the limit is 1024"
        );
        assert_eq!(
            error.advice.as_deref(),
            Some("The option `limits.literalBytes` sets this limit.")
        );
    }
}
