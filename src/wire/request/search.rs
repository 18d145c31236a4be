//! SEARCH, SORT, THREAD and ESEARCH (RFC 3501 section 6.4.4, RFC 5256, RFC 4731; contract
//! sections 3.6 and 4).

use serde::Deserialize;

use super::{Compiled, Purpose};
use crate::wire::argument::{Argument, ArgumentError, NestedList};
use crate::wire::command::CommandBuilder;
use crate::wire::search::{Criteria, Support};

/// `search(criteria)`, and what its kin have in common.
#[derive(Clone, Debug, Deserialize)]
pub struct SearchRequest {
    /// Whether UIDs are wanted.
    #[serde(default)]
    pub uid: bool,
    /// What must hold, in the flat form of `encodeCriteria`.
    pub criteria: NestedList,
    /// The server has X-GM-EXT-1.
    #[serde(default)]
    pub gmail: bool,
    /// The server has CONDSTORE.
    #[serde(default)]
    pub condstore: bool,
}

/// `sort(keys, criteria)`.
#[derive(Clone, Debug, Deserialize)]
pub struct SortRequest {
    /// What to sort by: names of RFC 5256 section 3, each with `-` before it or not.
    pub keys: Vec<Argument>,
    /// What to sort.
    #[serde(flatten)]
    pub search: SearchRequest,
}

/// `thread(algorithm, criteria)`.
#[derive(Clone, Debug, Deserialize)]
pub struct ThreadRequest {
    /// One that the server has, in upper case: `REFERENCES`, `ORDEREDSUBJECT`, ...
    pub algorithm: String,
    /// What to thread.
    #[serde(flatten)]
    pub search: SearchRequest,
}

/// `esearch(criteria, options)`.
#[derive(Clone, Debug, Deserialize)]
pub struct EsearchRequest {
    /// What to return: words, e.g. `MIN MAX`; falsy is the server's choice.
    #[serde(default)]
    pub options: Argument,
    /// What to search.
    #[serde(flatten)]
    pub search: SearchRequest,
}

impl SearchRequest {
    pub(super) fn compile(&self) -> Result<Compiled, ArgumentError> {
        let mut command = CommandBuilder::by(self.uid, "SEARCH");
        let criteria = self.criteria()?;
        with_charset(&mut command, &criteria)?;
        Ok(Compiled::new(command, Purpose::Search))
    }

    fn criteria(&self) -> Result<Criteria, ArgumentError> {
        let SearchRequest {
            gmail, condstore, ..
        } = *self;
        Criteria::parse(&self.criteria.0, Support { gmail, condstore })
    }
}

impl SortRequest {
    pub(super) fn compile(&self) -> Result<Compiled, ArgumentError> {
        let mut command = CommandBuilder::by(self.search.uid, "SORT");
        command.open();
        for key in &self.keys {
            sort_key(&mut command, key)?;
        }
        command.close();
        after_charset(&mut command, &self.search.criteria()?)?;
        Ok(Compiled::new(command, Purpose::Search))
    }
}

impl ThreadRequest {
    pub(super) fn compile(&self) -> Result<Compiled, ArgumentError> {
        let mut command = CommandBuilder::by(self.search.uid, "THREAD");
        command.atom(&self.algorithm)?;
        after_charset(&mut command, &self.search.criteria()?)?;
        Ok(Compiled::new(command, Purpose::Search))
    }
}

impl EsearchRequest {
    pub(super) fn compile(&self) -> Result<Compiled, ArgumentError> {
        let criteria = self.search.criteria()?;
        let mut command = CommandBuilder::by(self.search.uid, "SEARCH");
        command.word("RETURN").open();
        if !self.options.is_falsy() {
            command.contained(&self.options.text())?;
        }
        command.close();
        with_charset(&mut command, &criteria)?;
        Ok(Compiled::new(command, Purpose::Search))
    }
}

/// SEARCH names its charset only when it needs one (contract section 4.2).
fn with_charset(command: &mut CommandBuilder, criteria: &Criteria) -> Result<(), ArgumentError> {
    if !criteria.is_ascii() {
        command.word("CHARSET UTF-8");
    }
    criteria.write(command)
}

/// SORT and THREAD always name it (RFC 5256 section 3).
fn after_charset(command: &mut CommandBuilder, criteria: &Criteria) -> Result<(), ArgumentError> {
    command.word(match criteria.is_ascii() {
        true => "US-ASCII",
        false => "UTF-8",
    });
    criteria.write(command)
}

/// The keys of SORT (RFC 5256 section 3).
const SORT_KEYS: [&str; 7] = ["ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO"];

/// A key, sent in the case in which it was given; a leading `-` reverses it.
fn sort_key(command: &mut CommandBuilder, key: &Argument) -> Result<(), ArgumentError> {
    let Argument::Text(text) = key else {
        // node-imap names the type of the whole list, and someone may match its text (Q-72).
        return Err(ArgumentError::new(
            "Unexpected sort criteria data type. Expected string. Got: object",
        ));
    };
    let (reverse, name) = match text.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, text.as_str()),
    };
    if !SORT_KEYS
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
    {
        return Err(ArgumentError::new(format!(
            "Unexpected sort criteria: {name}"
        )));
    }
    if reverse {
        command.word("REVERSE");
    }
    command.atom(name)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, line};

    #[test]
    fn threads_are_asked_for_by_an_algorithm() {
        let thread = |rest: &str| line(&format!(r#"{{"kind":"thread","algorithm":{rest}}}"#));
        assert_eq!(
            thread(r#""REFERENCES","uid":true,"criteria":["ALL"]"#),
            "UID THREAD REFERENCES US-ASCII ALL"
        );
        assert_eq!(
            thread(r#""REFS","criteria":[{"$":"list","length":2},"TO","é"]"#),
            "THREAD REFS UTF-8 TO {2}\r\né"
        );
        let json = r#"{"kind":"thread","algorithm":"A B","criteria":[]}"#;
        assert!(compiled(json).is_err());
    }

    #[test]
    fn esearch_says_what_to_return() {
        let esearch = |rest: &str| compiled(&format!(r#"{{"kind":"esearch",{rest}}}"#));
        for (rest, expected) in [
            (
                r#""uid":true,"criteria":["ALL"],"options":"MIN MAX""#,
                "UID SEARCH RETURN (MIN MAX) ALL",
            ),
            (r#""criteria":["ALL"]"#, "SEARCH RETURN () ALL"),
            (
                r#""criteria":["ALL"],"options":null"#,
                "SEARCH RETURN () ALL",
            ),
            (
                r#""criteria":["ALL"],"options":"PARTIAL -1:-5""#,
                "SEARCH RETURN (PARTIAL -1:-5) ALL",
            ),
            (
                r#""criteria":[{"$":"list","length":2},"TO","é"],"options":"ALL""#,
                "SEARCH RETURN (ALL) CHARSET UTF-8 TO {2}\r\né",
            ),
        ] {
            assert_eq!(esearch(rest).unwrap().0, expected);
        }
        for (rest, expected) in [
            // Criteria are looked at first.
            (
                r#""criteria":["FOO"],"options":"\r\n""#,
                "Unexpected search option: FOO",
            ),
            (
                r#""criteria":["ALL"],"options":"MIN\r\nA1 LOGOUT""#,
                "cannot be sent to an IMAP server",
            ),
        ] {
            let error = esearch(rest).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
