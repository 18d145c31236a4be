//! Flags, keywords and Gmail's labels, as the user gives them (contract sections 3.5 and 3.6).

use super::argument::{Argument, ArgumentError};
use super::command::is_atom;

/// System flags: a string or an array of strings. A `\` is put before names that have none.
///
/// A string with spaces is several flags, because `'\\Seen \\Draft'` works in node-imap.
pub fn flags(values: &Argument) -> Result<Vec<String>, ArgumentError> {
    names(values, |name| name.starts_with('\\'))
}

/// The flags of a new message: as [`flags`], but `$name` stays a keyword.
pub fn append_flags(values: &Argument) -> Result<Vec<String>, ArgumentError> {
    names(values, |name| name.starts_with(['\\', '$']))
}

/// Keywords: a string or an array of strings. `''` is no keyword, so that setting it clears them.
pub fn keywords(values: &Argument) -> Result<Vec<String>, ArgumentError> {
    let texts = texts(values).into_iter().filter(|text| !text.is_empty());
    texts.map(|text| keyword(&text).map(|()| text)).collect()
}

/// Checks one keyword.
pub fn keyword(text: &str) -> Result<(), ArgumentError> {
    if is_atom(text) && !text.starts_with('\\') {
        Ok(())
    } else {
        Err(ArgumentError::new(format!(
            "The keyword \"{text}\" contains invalid characters"
        )))
    }
}

/// The texts of one value or of an array of values.
pub fn texts(values: &Argument) -> Vec<String> {
    match values {
        Argument::List(items) => items.iter().map(|item| item.text().into_owned()).collect(),
        value => vec![value.text().into_owned()],
    }
}

fn names(values: &Argument, whole: fn(&str) -> bool) -> Result<Vec<String>, ArgumentError> {
    let mut names = Vec::new();
    for text in texts(values) {
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let name = if whole(word) {
                word.to_owned()
            } else {
                format!("\\{word}")
            };
            if !is_atom(&name) {
                return Err(ArgumentError::new(format!(
                    "The flag \"{text}\" contains invalid characters"
                )));
            }
            names.push(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(json: &str) -> Argument {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn flags_get_their_backslash() {
        let seen = flags(&argument(r#"["Seen","\\Draft","$x"]"#)).unwrap();
        assert_eq!(seen, ["\\Seen", "\\Draft", "\\$x"]);
        assert_eq!(
            flags(&argument(r#""\\Seen Flagged""#)).unwrap(),
            ["\\Seen", "\\Flagged"]
        );
        assert_eq!(
            append_flags(&argument(r#"["Seen","$Fwd"]"#)).unwrap(),
            ["\\Seen", "$Fwd"]
        );
        assert!(flags(&argument(r#""""#)).unwrap().is_empty());
    }

    #[test]
    fn flags_stay_words() {
        for json in [
            r#""a\r\nb""#,
            r#""a)""#,
            r#""\\""#,
            r#""ü""#,
            r#"["\\\\Seen"]"#,
        ] {
            let error = flags(&argument(json)).unwrap_err();
            assert!(error.message.starts_with("The flag \""), "{json}");
        }
    }

    #[test]
    fn keywords_are_checked() {
        let good = keywords(&argument(r#"["kw1","$Label1",5]"#)).unwrap();
        assert_eq!(good, ["kw1", "$Label1", "5"]);
        assert!(keywords(&argument(r#""""#)).unwrap().is_empty());
        for character in [
            "(", ")", "{", "\\", "\"", "]", "%", "*", " ", "\r", "\0", "\x7f", "ü",
        ] {
            let text = format!("a{character}b");
            let error = keywords(&Argument::Text(text.clone())).unwrap_err();
            let expected = format!("The keyword \"{text}\" contains invalid characters");
            assert_eq!(error.message, expected);
        }
    }
}
