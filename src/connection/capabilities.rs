//! What the server can do (RFC 3501 section 7.2.1).

/// See the module. One piece of memory for all the names: there are many connections to servers that
/// can do a lot, and they are asked for a capability now and then.
#[derive(Debug, Default)]
pub(super) struct Capabilities {
    /// Each with [`END`] behind it.
    names: Box<str>,
}

/// No name has it.
const END: char = '\n';

impl Capabilities {
    /// These, in upper case.
    pub(super) fn new(names: &[String]) -> Capabilities {
        let names: String = names.iter().flat_map(|name| [name, "\n"]).collect();
        Capabilities {
            names: names.into(),
        }
    }

    /// Whether the server has told of none.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        *self = Capabilities::default();
    }

    /// Whether this is one of them; in upper case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.iter().any(|offered| offered == name)
    }

    /// All of them, in the server's order.
    pub(super) fn names(&self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.split_terminator(END)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_that_were_told() {
        for told in [
            &["IMAP4REV1", "IDLE", "AUTH=PLAIN"][..],
            &["", "IDLE", ""],
            &[],
        ] {
            let told: Vec<String> = told.iter().map(|&name| name.to_owned()).collect();
            let mut capabilities = Capabilities::new(&told);
            assert_eq!(capabilities.names(), told);
            assert_eq!(capabilities.is_empty(), told.is_empty());
            assert!(told.iter().all(|name| capabilities.has(name)));
            assert!(!capabilities.has("IDL") && !capabilities.has("IDLE\n"));
            capabilities.clear();
            assert!(capabilities.is_empty() && !capabilities.has("IDLE"));
        }
    }
}
