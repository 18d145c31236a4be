//! Search criteria: from the user's arrays to search keys (RFC 3501 section 6.4.4).

use super::argument::{Argument, ArgumentError};
use super::command::{CommandBuilder, is_atom};
use super::date::date_text;
use super::flag;
use super::set::SequenceSet;
use super::utf7;

/// What the server knows beyond RFC 3501.
#[derive(Clone, Copy, Debug, Default)]
pub struct Support {
    /// X-GM-EXT-1.
    pub gmail: bool,
    /// CONDSTORE.
    pub condstore: bool,
}

/// Checked search criteria.
#[derive(Debug)]
pub struct Criteria {
    keys: Vec<Key>,
}

impl Criteria {
    /// Reads criteria, all of which must hold (contract section 4.1).
    ///
    /// An element is a string, or an array of a name and its arguments; `!` before the name negates
    /// it. What is no name is tried as a sequence set. A side of `OR` may be a list of criteria,
    /// all of which must hold; so may an element that is an array of arrays.
    ///
    /// ```abnf
    /// search-key      = "ALL" / ... / "OR" SP search-key SP search-key / sequence-set /
    ///                   "(" search-key *(SP search-key) ")"
    /// ```
    pub fn parse(elements: &[Argument], support: Support) -> Result<Criteria, ArgumentError> {
        let mut reader = Reader {
            support,
            keys: Vec::new(),
            pending: elements.iter().rev().map(Work::Element).collect(),
        };
        while let Some(work) = reader.pending.pop() {
            match work {
                Work::Element(element) => reader.element(element)?,
                Work::Side(side) => reader.side(side)?,
                Work::Close => reader.keys.push(Key::Close),
            }
        }
        Ok(Criteria { keys: reader.keys })
    }

    /// Whether every string is ASCII; if not, the search needs `CHARSET UTF-8`.
    pub fn is_ascii(&self) -> bool {
        let ascii = |key: &Key| !matches!(key, Key::Text(text) if !text.is_ascii());
        self.keys.iter().all(ascii)
    }

    /// Writes the search keys.
    pub fn write(&self, command: &mut CommandBuilder) -> Result<(), ArgumentError> {
        for key in &self.keys {
            match key {
                Key::Word(word) => command.word(word),
                Key::Number(number) => command.number(*number),
                Key::Numbers(set) => command.numbers(set),
                Key::Uids(set) => command.set(set),
                Key::Atom(text) => command.atom(text)?,
                Key::Text(text) => command.string(text)?,
                Key::Open => command.open(),
                Key::Close => command.close(),
            };
        }
        Ok(())
    }
}

#[derive(Debug)]
enum Key {
    Word(&'static str),
    Number(u64),
    Numbers(SequenceSet),
    Uids(SequenceSet),
    Atom(String),
    Text(String),
    Open,
    Close,
}

/// What is left to read, last first: criteria nest as deep as the user likes, the stack does not.
enum Work<'a> {
    Element(&'a Argument),
    Side(&'a Argument),
    Close,
}

struct Reader<'a> {
    support: Support,
    keys: Vec<Key>,
    pending: Vec<Work<'a>>,
}

impl<'a> Reader<'a> {
    fn element(&mut self, element: &'a Argument) -> Result<(), ArgumentError> {
        let Argument::List(items) = element else {
            return match element {
                Argument::Text(name) => self.criterion(name, &[], element),
                other => Err(wrong_type(other)),
            };
        };
        match items.split_first() {
            None => Err(unexpected("")),
            Some((Argument::Text(name), arguments)) => self.criterion(name, arguments, element),
            Some((Argument::List(_), _)) => {
                self.group(items);
                Ok(())
            }
            Some((Argument::Integer(number), _)) => {
                let set = SequenceSet::parse(element);
                self.keys.push(Key::Numbers(
                    set.map_err(|_| unexpected(&number.to_string()))?,
                ));
                Ok(())
            }
            Some((other, _)) => Err(wrong_type(other)),
        }
    }

    /// One side of an OR, in parentheses.
    fn side(&mut self, side: &'a Argument) -> Result<(), ArgumentError> {
        match side {
            Argument::List(items) if is_list_of_criteria(items) => self.group(items),
            one => {
                self.keys.push(Key::Open);
                self.pending.extend([Work::Close, Work::Element(one)]);
            }
        }
        Ok(())
    }

    fn group(&mut self, elements: &'a [Argument]) {
        self.keys.push(Key::Open);
        self.pending.push(Work::Close);
        self.pending
            .extend(elements.iter().rev().map(Work::Element));
    }

    /// One criterion; `element` is the whole of it, which may be a sequence set.
    fn criterion(
        &mut self,
        name: &str,
        arguments: &'a [Argument],
        element: &'a Argument,
    ) -> Result<(), ArgumentError> {
        let upper = name.to_uppercase();
        let (negated, name) = match upper.strip_prefix('!') {
            Some(name) => (true, name),
            None => (false, upper.as_str()),
        };
        if name == "OR" && !negated {
            let [one, other] = arguments else {
                return Err(ArgumentError::new("OR must have exactly two arguments"));
            };
            self.keys.push(Key::Word("OR"));
            self.pending.extend([Work::Side(other), Work::Side(one)]);
            return Ok(());
        }
        if negated {
            self.keys.push(Key::Word("NOT"));
        }
        match kind(name) {
            Some((word, kind)) => self.known(word, kind, arguments),
            None => {
                let set = sequence_set(name, element).ok_or_else(|| unexpected(name))?;
                self.keys.push(Key::Numbers(set));
                Ok(())
            }
        }
    }

    fn known(
        &mut self,
        word: &'static str,
        kind: Kind,
        arguments: &[Argument],
    ) -> Result<(), ArgumentError> {
        let supported = match kind {
            Kind::Gmail | Kind::GmailText | Kind::GmailLabel => self.support.gmail,
            Kind::ModSequence => self.support.condstore,
            _ => true,
        };
        if !supported {
            let message = format!("IMAP extension not available for: {word}");
            return Err(ArgumentError::new(message));
        }
        self.keys.push(Key::Word(word));
        match (kind, arguments) {
            (Kind::Flag, _) => Ok(()),
            (Kind::Uid, [_, ..]) => self.uids(arguments),
            (Kind::Header, [field, value]) => {
                self.text(word, field)?;
                self.text(word, value)
            }
            (Kind::Uid | Kind::Header, _) => Err(wrong_count(word)),
            (kind, [argument]) => self.argument(word, kind, argument),
            _ => Err(wrong_count(word)),
        }
    }

    fn argument(
        &mut self,
        word: &'static str,
        kind: Kind,
        argument: &Argument,
    ) -> Result<(), ArgumentError> {
        let key = match kind {
            Kind::Date => Key::Atom(date_text(argument).ok_or_else(not_a_date)?),
            Kind::Keyword => {
                let text = argument.text().into_owned();
                flag::keyword(&text)?;
                Key::Atom(text)
            }
            Kind::Number | Kind::ModSequence => {
                let number = argument.whole_number();
                Key::Number(number.ok_or_else(|| ArgumentError::new(NOT_A_NUMBER))?)
            }
            Kind::Gmail => {
                let text = argument.text().into_owned();
                if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(ArgumentError::new("Invalid value"));
                }
                Key::Atom(text)
            }
            Kind::GmailLabel => label(&argument.text()),
            _ => return self.text(word, argument),
        };
        self.keys.push(key);
        Ok(())
    }

    fn text(&mut self, word: &str, argument: &Argument) -> Result<(), ArgumentError> {
        let text = argument.text().into_owned();
        if text.contains('\0') {
            return Err(ArgumentError::new(format!(
                "Search option argument must not contain a NUL character: {word}"
            )));
        }
        self.keys.push(Key::Text(text));
        Ok(())
    }

    fn uids(&mut self, arguments: &[Argument]) -> Result<(), ArgumentError> {
        if let [Argument::List(items)] = arguments
            && items.is_empty()
        {
            return Err(ArgumentError::new("Empty uid list"));
        }
        let set = SequenceSet::parse(&Argument::List(arguments.to_vec()))?;
        self.keys.push(Key::Uids(set));
        Ok(())
    }
}

const NOT_A_NUMBER: &str = "Search option argument must be a number";

/// The kinds of criteria by what they take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Flag,
    Text,
    Header,
    Date,
    Keyword,
    Number,
    Uid,
    ModSequence,
    Gmail,
    GmailText,
    GmailLabel,
}

const NAMES: [(Kind, &[&str]); 11] = [
    (
        Kind::Flag,
        &[
            "ALL",
            "ANSWERED",
            "DELETED",
            "DRAFT",
            "FLAGGED",
            "NEW",
            "SEEN",
            "RECENT",
            "OLD",
            "UNANSWERED",
            "UNDELETED",
            "UNDRAFT",
            "UNFLAGGED",
            "UNSEEN",
        ],
    ),
    (
        Kind::Text,
        &["BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO"],
    ),
    (Kind::Header, &["HEADER"]),
    (
        Kind::Date,
        &["BEFORE", "ON", "SINCE", "SENTBEFORE", "SENTON", "SENTSINCE"],
    ),
    (Kind::Keyword, &["KEYWORD", "UNKEYWORD"]),
    (Kind::Number, &["LARGER", "SMALLER"]),
    (Kind::Uid, &["UID"]),
    (Kind::ModSequence, &["MODSEQ"]),
    (Kind::Gmail, &["X-GM-THRID", "X-GM-MSGID"]),
    (Kind::GmailText, &["X-GM-RAW"]),
    (Kind::GmailLabel, &["X-GM-LABELS"]),
];

fn kind(name: &str) -> Option<(&'static str, Kind)> {
    NAMES.iter().find_map(|(kind, names)| {
        let word = names.iter().find(|word| **word == name)?;
        Some((*word, *kind))
    })
}

/// Whether an array is several criteria and not one with its arguments: it begins with an array, or
/// with a criterion that takes no arguments and yet more follows.
fn is_list_of_criteria(items: &[Argument]) -> bool {
    match items {
        [Argument::List(_), ..] => true,
        [Argument::Text(name), _, ..] => {
            let upper = name.to_uppercase();
            let name = upper.strip_prefix('!').unwrap_or(&upper);
            matches!(kind(name), Some((_, Kind::Flag)))
        }
        _ => false,
    }
}

/// The sequence set that begins with `first`; the rest of it are the other members of `element`.
fn sequence_set(first: &str, element: &Argument) -> Option<SequenceSet> {
    let mut members = vec![Argument::Text(first.to_owned())];
    if let Argument::List(items) = element {
        members.extend(items.iter().skip(1).cloned());
    }
    SequenceSet::parse(&Argument::List(members)).ok()
}

/// A label of one word as node-imap sends it; any other as in `addLabels`.
fn label(text: &str) -> Key {
    if is_atom(text) && !text.contains('&') {
        Key::Atom(text.to_owned())
    } else {
        Key::Text(utf7::encode(text))
    }
}

fn not_a_date() -> ArgumentError {
    ArgumentError::new("Search option argument must be a Date object or a parseable date string")
}

fn wrong_count(word: &str) -> ArgumentError {
    ArgumentError::new(format!(
        "Incorrect number of arguments for search option: {word}"
    ))
}

fn wrong_type(element: &Argument) -> ArgumentError {
    let type_name = element.type_name();
    ArgumentError::new(format!(
        "Unexpected search option data type. Expected string or array. Got: {type_name}"
    ))
}

fn unexpected(name: &str) -> ArgumentError {
    ArgumentError::new(format!("Unexpected search option: {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::argument::MAX_DEPTH;

    const ALL: Support = Support {
        gmail: true,
        condstore: true,
    };

    fn keys(json: &str) -> Result<String, String> {
        let criteria: Vec<Argument> = serde_json::from_str(json).unwrap();
        let criteria = Criteria::parse(&criteria, ALL).map_err(|error| error.message)?;
        let mut command = CommandBuilder::new("SEARCH");
        criteria.write(&mut command).unwrap();
        let pieces = command.finish().into_pieces();
        let bytes: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.bytes).collect();
        let text = String::from_utf8(bytes).unwrap();
        Ok(text
            .trim_end()
            .strip_prefix("SEARCH")
            .unwrap()
            .trim_start()
            .to_owned())
    }

    #[test]
    fn a_side_of_or_may_be_a_list() {
        for (json, expected) in [
            (
                r#"[["OR",["SEEN","FLAGGED"],"DRAFT"]]"#,
                "OR (SEEN FLAGGED) (DRAFT)",
            ),
            (
                r#"[["OR",["!SEEN",["FROM","x"]],["SEEN"]]]"#,
                "OR (NOT SEEN FROM \"x\") (SEEN)",
            ),
            (
                r#"[["OR",[["FROM","x"],["TO","y"]],"1:3"]]"#,
                "OR (FROM \"x\" TO \"y\") (1:3)",
            ),
            (
                r#"[["OR",["1:3",5],["OR","SEEN","NEW"]]]"#,
                "OR (1:3,5) (OR (SEEN) (NEW))",
            ),
            (r#"[[["FROM","x"],"SEEN"],"NEW"]"#, "(FROM \"x\" SEEN) NEW"),
        ] {
            assert_eq!(keys(json).unwrap(), expected);
        }
        let junk = r#"[["OR",["SEEN","JUNK"],"DRAFT"]]"#;
        assert_eq!(keys(junk).unwrap_err(), "Unexpected search option: JUNK");
        let or = "OR must have exactly two arguments";
        assert_eq!(keys(r#"["or"]"#).unwrap_err(), or);
        assert_eq!(
            keys(r#"[["!OR","SEEN","NEW"]]"#).unwrap_err(),
            "Unexpected search option: OR"
        );
    }

    #[test]
    fn negation_is_one_mark_on_a_name() {
        for (name, blamed) in [
            ("!!SEEN", "!SEEN"),
            ("! seen", " SEEN"),
            ("NOT", "NOT"),
            ("!", ""),
        ] {
            let expected = format!("Unexpected search option: {blamed}");
            assert_eq!(keys(&format!("[\"{name}\"]")).unwrap_err(), expected);
        }
    }

    #[test]
    fn sets_are_whole() {
        for (json, expected) in [
            (r#"["1,2,3"]"#, "1,2,3"),
            (r#"[["!1",[2,3]]]"#, "NOT 1,2,3"),
            (r#"[[5,"7:9"]]"#, "5,7:9"),
            (r#"[["UID",[1,[2]],"3:*"]]"#, "UID 1,2,3:*"),
        ] {
            assert_eq!(keys(json).unwrap(), expected);
        }
        assert_eq!(
            keys(r#"["5x"]"#).unwrap_err(),
            "Unexpected search option: 5X"
        );
        assert_eq!(
            keys(r#"[["5","junk"]]"#).unwrap_err(),
            "Unexpected search option: 5"
        );
        assert_eq!(keys(r#"[["UID",[]]]"#).unwrap_err(), "Empty uid list");
    }

    #[test]
    fn numbers_keywords_and_labels_are_checked() {
        assert_eq!(
            keys(r#"[["LARGER"," 5 "],["MODSEQ",9]]"#).unwrap(),
            "LARGER 5 MODSEQ 9"
        );
        for json in [
            r#"[["LARGER",-5]]"#,
            r#"[["SMALLER","1.5"]]"#,
            r#"[["MODSEQ","1 2"]]"#,
        ] {
            assert_eq!(keys(json).unwrap_err(), NOT_A_NUMBER);
        }
        let error = keys(r#"[["UNKEYWORD","a b"]]"#).unwrap_err();
        assert_eq!(error, "The keyword \"a b\" contains invalid characters");
        for (label, expected) in [
            ("foo", "foo"),
            (r"\\Inbox", r"\Inbox"),
            ("foo bar", "\"foo bar\""),
            ("b\u{e4}r & q", "\"b&AOQ-r &- q\""),
            (r"a\r\nb", "\"a&AA0ACg-b\""),
            ("", "\"\""),
        ] {
            let json = format!("[[\"X-GM-LABELS\",\"{label}\"]]");
            assert_eq!(keys(&json).unwrap(), format!("X-GM-LABELS {expected}"));
        }
    }

    #[test]
    fn strings_stay_strings() {
        assert_eq!(keys(r#"[["FROM",null]]"#).unwrap(), "FROM \"null\"");
        assert_eq!(keys(r#"[["FROM",["a","b"]]]"#).unwrap(), "FROM \"a,b\"");
        assert_eq!(
            keys(r#"[["FROM","a\r\nA LOGOUT"]]"#).unwrap(),
            "FROM {11}\r\na\r\nA LOGOUT"
        );
        assert!(keys(r#"[["FROM","a\u0000"]]"#).unwrap_err().contains("NUL"));
        assert!(
            keys(r#"[["HEADER","a\u0000","b"]]"#)
                .unwrap_err()
                .contains("NUL")
        );
    }

    #[test]
    fn dates_come_as_dates() {
        let date = |fields: &str| keys(&format!(r#"[["!since",{{"$":"date",{fields}}}]]"#));
        let may = date(r#""valid":true,"year":2010,"month":5,"day":7"#);
        assert_eq!(may.unwrap(), "NOT SINCE 7-May-2010");
        let expected = "Search option argument must be a Date object or a parseable date string";
        assert_eq!(date(r#""valid":false"#).unwrap_err(), expected);
        assert_eq!(keys(r#"[["ON","2010-05-20"]]"#).unwrap_err(), expected);
    }

    #[test]
    fn arguments_of_flags_are_ignored() {
        assert_eq!(
            keys(r#"[["unseen","x"],["ALL",null]]"#).unwrap(),
            "UNSEEN ALL"
        );
        assert_eq!(keys("[]").unwrap(), "");
    }

    #[test]
    fn a_long_chain_of_or_needs_no_stack() {
        let seen = || Argument::Text("SEEN".into());
        let chain = (0..MAX_DEPTH).fold(seen(), |chain, _| {
            Argument::List(vec![Argument::Text("OR".into()), seen(), chain])
        });
        let criteria = Criteria::parse(&[chain], ALL).unwrap();
        let ors = criteria
            .keys
            .iter()
            .filter(|key| matches!(key, Key::Word("OR")));
        assert_eq!(ors.count(), MAX_DEPTH);
    }
}
