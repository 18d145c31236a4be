//! The parser helpers of node-imap for JavaScript: values and events in frames.

use napi::bindgen_prelude::{Buffer, Object};
use napi::{Env, Error};
use napi_derive::napi;
use serde::Serialize;

use super::frame::Frame;
use super::native::{object, refused_argument, thrown};
use crate::wire::argument::Argument;
use crate::wire::expression::{Excessive, Expression};
use crate::wire::parser::{Event, Parser};

/// A parser of one stream of responses.
#[napi]
#[derive(Default)]
pub struct NativeParser {
    parser: Parser,
}

#[napi]
impl NativeParser {
    /// A parser that has seen nothing.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> NativeParser {
        NativeParser::default()
    }

    /// Takes bytes and gives the frame of the events that they complete. With `lines` the lines
    /// are among them.
    #[napi(catch_unwind)]
    pub fn feed<'env>(
        &mut self,
        env: &'env Env,
        bytes: &[u8],
        lines: bool,
    ) -> napi::Result<Object<'env>> {
        let mut frame = Frame::default();
        let mut result = Ok(());
        self.parser.feed(bytes, lines, &mut |event: &Event<'_>| {
            if result.is_ok() {
                result = frame.push(event);
            }
        });
        result.map_err(reason)?;
        object(env, frame)
    }
}

/// The values of a text, and how many of the literals it has used. With `brackets`, `[` and `]`
/// are parentheses.
#[napi(catch_unwind)]
pub fn expression<'env>(
    env: &'env Env,
    text: String,
    brackets: bool,
    literals: Vec<Buffer>,
) -> napi::Result<Object<'env>> {
    let (expression, used) = parsed(&text, brackets, &literals)?;
    frame(env, &(&expression, used))
}

/// The body structure in a text, and how many of the literals it has used.
#[napi(catch_unwind)]
pub fn structure_of_text<'env>(
    env: &'env Env,
    text: String,
    literals: Vec<Buffer>,
) -> napi::Result<Object<'env>> {
    let (expression, used) = parsed(&text, true, &literals)?;
    frame(env, &(expression.structure(), used))
}

/// The body structure in a list of values: the JSON of `src/js/arguments.js`.
#[napi(catch_unwind)]
pub fn structure_of_values<'env>(env: &'env Env, values: String) -> napi::Result<Object<'env>> {
    frame(env, &of_values(&values)?.structure())
}

/// The addresses in a list of values: the JSON of `src/js/arguments.js`.
#[napi(catch_unwind)]
pub fn addresses_of_values<'env>(env: &'env Env, values: String) -> napi::Result<Object<'env>> {
    frame(env, &of_values(&values)?.addresses())
}

fn parsed(text: &str, brackets: bool, literals: &[Buffer]) -> napi::Result<(Expression, usize)> {
    let literals: Vec<&[u8]> = literals.iter().map(AsRef::as_ref).collect();
    Expression::parse(text, brackets, &literals).map_err(excessive)
}

fn of_values(values: &str) -> napi::Result<Expression> {
    let items: Vec<Argument> = serde_json::from_str(values).map_err(reason)?;
    Expression::of(&items).map_err(refused_argument)
}

fn frame<'env>(env: &'env Env, value: &impl Serialize) -> napi::Result<Object<'env>> {
    let mut frame = Frame::default();
    frame.push(value).map_err(reason)?;
    object(env, frame)
}

fn excessive(error: Excessive) -> Error {
    let (message, code) = (error.to_string(), "ERR_OUT_OF_RANGE");
    thrown(serde_json::json!({ "name": "RangeError", "message": message, "code": code }))
}

fn reason(error: impl std::fmt::Display) -> Error {
    Error::from_reason(error.to_string())
}
