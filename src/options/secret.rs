//! A secret that cannot be printed.

use std::borrow::Cow;
use std::fmt;

use zeroize::Zeroizing;

/// What stands for a secret in texts for people.
pub const REDACTED: &str = "<redacted>";
/// A secret this short is found in ordinary words too, and hiding it there would give it away.
const SHORTEST_HIDDEN_SECRET: usize = 6;

/// A password or token. It has no `Display`, its `Debug` says nothing, and its memory is wiped
/// when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    /// The text itself, for the bytes that go to the server and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with [`REDACTED`] where it holds the secret, as it is or as a quoted string
    /// (RFC 3501 section 4.3). Secrets of fewer than [`SHORTEST_HIDDEN_SECRET`] bytes stay: too
    /// much else looks like them.
    pub fn hide<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        let secret = self.expose();
        if secret.len() < SHORTEST_HIDDEN_SECRET {
            return text;
        }
        let quoted = Zeroizing::new(secret.replace('\\', "\\\\").replace('"', "\\\""));
        [quoted.as_str(), secret]
            .into_iter()
            .fold(text, |text, shape| match text.contains(shape) {
                true => text.replace(shape, REDACTED).into(),
                false => text,
            })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_as_it_is_and_as_a_quoted_string() {
        let secret = Secret::new("pa\"ss\\word".to_owned());
        let text = "A1 LOGIN \"u\" \"pa\\\"ss\\\\word\" and pa\"ss\\word";
        let hidden = "A1 LOGIN \"u\" \"<redacted>\" and <redacted>";
        assert_eq!(secret.hide(text.into()), hidden);
    }
}
