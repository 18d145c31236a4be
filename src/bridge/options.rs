//! Configurations before they are used.

use napi_derive::napi;
use serde_json::{Value, json};

use crate::options::{self, OptionError, Prefixes};

use super::native::thrown;

/// Looks at the options that are typed in the JSON of a configuration; throws at the first that
/// cannot be used. Gives a sentence for each string that stands for a number or a switch.
#[napi(catch_unwind)]
pub fn check_options(options: String) -> napi::Result<Vec<String>> {
    options::check(&options).map_err(refused_option)
}

/// What is to be said of an option that nobody reads; nothing if it is not like one of ours.
#[napi(catch_unwind)]
pub fn misspelt_option(name: String) -> Option<String> {
    options::misspelt(&name)
}

/// Makes the JSON of a configuration of the JSON of environment variables. Throws one error for
/// all variables that cannot be used, which are its `errors`.
#[napi(catch_unwind)]
pub fn config_from_environment(
    variables: String,
    client: String,
    keepalive: String,
) -> napi::Result<String> {
    let prefixes = Prefixes {
        client: &client,
        keepalive: &keepalive,
    };
    options::from_environment(&variables, prefixes)
        .map(|config| config.to_string())
        .map_err(|errors| refused_variables(&errors))
}

pub(super) fn refused_option(error: OptionError) -> napi::Error {
    thrown(facts(&error))
}

fn refused_variables(errors: &[OptionError]) -> napi::Error {
    let mut message = "Environment variables that cannot be used:".to_owned();
    for error in errors {
        message.push_str("\n  ");
        message.push_str(&error.message);
    }
    thrown(json!({
        "name": "TypeError",
        "message": message,
        "code": "ERR_INVALID_ARG_VALUE",
        "errors": errors.iter().map(facts).collect::<Vec<_>>(),
    }))
}

fn facts(error: &OptionError) -> Value {
    let (name, code) = match error.range {
        true => ("RangeError", "ERR_OUT_OF_RANGE"),
        false => ("TypeError", "ERR_INVALID_ARG_VALUE"),
    };
    json!({ "name": name, "message": error.message, "code": code, "option": error.option })
}
