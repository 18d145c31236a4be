//! ID: what a client says of itself (RFC 2971; contract section 3.1).

use super::{Compiled, Purpose};
use crate::wire::argument::{Argument, ArgumentError};
use crate::wire::command::CommandBuilder;

/// How many fields an ID may have, and how many bytes are in the name and the value of one
/// (RFC 2971 section 3.3).
const MAX_FIELDS: usize = 30;
const MAX_NAME_BYTES: usize = 30;
const MAX_VALUE_BYTES: usize = 1024;

/// Names and values; no field at all tells nothing.
///
/// ```abnf
/// id              = "ID" SP id-params-list
/// id-params-list  = "(" string SP nstring *(SP string SP nstring) ")" / nil
/// ```
pub(super) fn identify(fields: &[(String, Argument)]) -> Result<Compiled, ArgumentError> {
    let mut command = CommandBuilder::new("ID");
    if fields.is_empty() {
        command.word("NIL");
        return Ok(Compiled::new(command, Purpose::Extension));
    }
    if fields.len() > MAX_FIELDS {
        return Err(exceeds("number of keys", MAX_FIELDS));
    }
    command.open();
    for (name, value) in fields {
        if name.len() > MAX_NAME_BYTES {
            return Err(exceeds("key length", MAX_NAME_BYTES));
        }
        let Argument::Text(value) = value else {
            return Err(ArgumentError::wrong_type(format!(
                "The value of {name:?} in id() must be a string, e.g. 'everimap'; got: {}",
                value.type_name()
            )));
        };
        if value.len() > MAX_VALUE_BYTES {
            return Err(exceeds("value length", MAX_VALUE_BYTES));
        }
        command.unencoded(name)?.unencoded(value)?;
    }
    command.close();
    Ok(Compiled::new(command, Purpose::Extension))
}

/// node-imap's own words.
fn exceeds(what: &str, limit: usize) -> ArgumentError {
    ArgumentError::new(format!("Max allowed {what} is {limit}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, line};
    use serde_json::json;

    fn id(fields: serde_json::Value) -> Result<String, String> {
        compiled(&json!({"kind": "id", "fields": fields}).to_string()).map(|(line, _)| line)
    }

    #[test]
    fn fields_are_quoted_and_keep_their_order() {
        assert_eq!(line(r#"{"kind":"id"}"#), "ID NIL");
        for (fields, expected) in [
            (json!([]), "ID NIL"),
            (
                json!([["name", "everimap"], ["a\"b", "c\\d"], ["z", ""]]),
                r#"ID ("name" "everimap" "a\"b" "c\\d" "z" "")"#,
            ),
            // As node-imap sends it; a literal is only for what cannot stand in quotes.
            (json!([["vendor", "Müller"]]), r#"ID ("vendor" "Müller")"#),
            (
                json!([["x", "a\r\nA1 LOGOUT"]]),
                "ID (\"x\" {12}\r\na\r\nA1 LOGOUT)",
            ),
        ] {
            assert_eq!(id(fields).unwrap(), expected);
        }
    }

    #[test]
    fn limits_are_checked_in_order() {
        let many = |count: usize| json!(vec![("k", "v"); count]);
        assert!(id(many(30)).is_ok());
        assert_eq!(
            id(many(31)).unwrap_err(),
            "Max allowed number of keys is 30"
        );
        let (name, value) = ("ü".repeat(15), "ü".repeat(512));
        assert!(id(json!([[name, value]])).is_ok());
        let (name, value) = (format!("{name}n"), format!("{value}v"));
        for (fields, expected) in [
            (json!([[name, value]]), "Max allowed key length is 30"),
            (
                json!([["a", value], [name, 1]]),
                "Max allowed value length is 1024",
            ),
            (
                json!([["a", 5], ["b", value]]),
                "The value of \"a\" in id() must be a string, e.g. 'everimap'; got: number",
            ),
        ] {
            assert_eq!(id(fields).unwrap_err(), expected);
        }
        assert!(id(json!([["a", "\0"]])).is_err());
    }
}
