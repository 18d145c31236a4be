//! FETCH: what to ask for, and what to expect in the answer (RFC 3501 section 6.4.5).

use serde::Deserialize;

use super::{Compiled, Purpose};
use crate::wire::argument::{Argument, ArgumentError};
use crate::wire::command::{CommandBuilder, is_contained, outside_quotes};
use crate::wire::section::Section;
use crate::wire::set::SequenceSet;

/// `fetch(set, options)`.
#[derive(Clone, Debug, Deserialize)]
pub struct FetchRequest {
    /// Whether the set holds UIDs.
    #[serde(default)]
    pub uid: bool,
    /// The messages.
    #[serde(default)]
    pub set: Argument,
    /// What to fetch beside UID, flags and date.
    #[serde(default)]
    pub options: FetchOptions,
    /// The server has X-GM-EXT-1.
    #[serde(default)]
    pub gmail: bool,
    /// The server has CONDSTORE.
    #[serde(default)]
    pub condstore: bool,
    /// The open mailbox has no mod-sequences (RFC 7162 section 3.1.2.2).
    #[serde(default)]
    pub nomodseq: bool,
}

/// The options of `fetch` (contract section 3.7).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FetchOptions {
    /// Body sections: one or an array of them. `''` and `true` are the whole message; `null`,
    /// `undefined` and `false` are none.
    pub bodies: Argument,
    /// Whether fetching bodies sets `\Seen`.
    pub mark_seen: bool,
    /// ENVELOPE.
    pub envelope: bool,
    /// BODYSTRUCTURE.
    #[serde(rename = "struct")]
    pub structure: bool,
    /// RFC822.SIZE.
    pub size: bool,
    /// An array of further attributes; anything else is ignored.
    pub extensions: Argument,
    /// Only messages that changed since.
    pub modifiers: FetchModifiers,
}

/// The modifiers of FETCH (RFC 4466 section 2.4).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FetchModifiers {
    /// Only messages with a greater mod-sequence (RFC 7162 section 3.1.4.1). Ignored without
    /// CONDSTORE, as in node-imap.
    pub changedsince: Argument,
}

/// What the answer to a FETCH should hold for each message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchPlan {
    /// Whether the set holds UIDs.
    pub uid: bool,
    /// The messages.
    pub set: SequenceSet,
    /// Names of attributes in upper case, each once, in the order of the request.
    pub attributes: Vec<String>,
    /// Body sections, each once, in the order of the request.
    pub sections: Vec<Section>,
    /// How each of the attributes is asked for, e.g. `PREVIEW (LAZY)`.
    pub attribute_texts: Vec<String>,
    /// How each of the sections is asked for, e.g. `BODY.PEEK[TEXT]`.
    pub section_texts: Vec<String>,
}

impl FetchPlan {
    /// Whether the answer marks messages as seen: a body is asked for without `PEEK` (RFC 3501
    /// section 6.4.5, RFC 3516 section 4.1).
    pub fn marks_seen(&self) -> bool {
        let mut texts = self.section_texts.iter();
        let marks = |name: &String| {
            matches!(name.as_str(), "RFC822" | "RFC822.TEXT") || name.starts_with("BINARY[")
        };
        texts.any(|text| !text.to_ascii_uppercase().starts_with(PEEK))
            || self.attributes.iter().any(marks)
    }

    /// How to ask for a section once more, without marking the message.
    pub fn peeked(&self, index: usize) -> Option<String> {
        let text = self.section_texts.get(index)?;
        let (_, section) = text.split_once('[')?;
        Some(format!("{PEEK}[{section}"))
    }

    /// How to ask for `length` octets of a section from its octet `from` on, both counted in what
    /// was asked for at first, which may itself be a part: `BODY[TEXT]<100.50>`.
    pub fn peeked_from(&self, index: usize, from: u64, length: u64) -> Option<String> {
        let whole = self.peeked(index)?;
        let (section, _) = whole.rsplit_once(']')?;
        let from = self.origin(index).checked_add(from)?;
        Some(format!("{section}]<{from}.{length}>"))
    }

    /// Where in a section that begins which was asked for at first.
    pub fn origin(&self, index: usize) -> u64 {
        let text = self.section_texts.get(index).map_or("", String::as_str);
        let part = text.rsplit_once("]<").map_or("", |(_, part)| part);
        let origin = part.split_once('.').map_or("", |(origin, _)| origin);
        origin.parse().unwrap_or(0)
    }

    /// Whether a section was asked for as a whole.
    pub fn is_whole(&self, index: usize) -> bool {
        let text = self.section_texts.get(index);
        text.is_some_and(|text| text.ends_with(']'))
    }
}

/// A body that is asked for in this way is not marked as seen.
const PEEK: &str = "BODY.PEEK";

impl FetchRequest {
    pub(super) fn compile(&self) -> Result<Compiled, ArgumentError> {
        let empty = matches!(&self.set, Argument::List(items) if items.is_empty());
        if self.set.is_absent() || empty {
            return Err(ArgumentError::new("Nothing to fetch"));
        }
        let set = SequenceSet::parse(&self.set)?;
        let modseq = self.condstore && !self.nomodseq;
        let items = self.items(modseq)?;
        let mut command = CommandBuilder::by(self.uid, "FETCH");
        command.set(&set).open();
        for text in &items.texts {
            command.contained(text)?;
        }
        command.close();
        let changed_since = &self.options.modifiers.changedsince;
        if modseq && !changed_since.is_absent() {
            command.open().word("CHANGEDSINCE");
            command
                .number(mod_sequence("changedsince", changed_since)?)
                .close();
        }
        let purpose = Purpose::Fetch(FetchPlan {
            uid: self.uid,
            set,
            attributes: items.attributes,
            sections: items.sections,
            attribute_texts: items.attribute_texts,
            section_texts: items.section_texts,
        });
        Ok(Compiled::new(command, purpose))
    }

    fn items(&self, modseq: bool) -> Result<Items, ArgumentError> {
        let options = &self.options;
        let mut items = Items::default();
        for (wanted, names) in [
            (self.gmail, &["X-GM-THRID", "X-GM-MSGID", "X-GM-LABELS"][..]),
            (modseq, &["MODSEQ"]),
            (true, &["UID", "FLAGS", "INTERNALDATE"]),
            (options.envelope, &["ENVELOPE"]),
            (options.structure, &["BODYSTRUCTURE"]),
            (options.size, &["RFC822.SIZE"]),
        ] {
            for name in names.iter().filter(|_| wanted) {
                items.attribute(name, name);
            }
        }
        if let Argument::List(extensions) = &options.extensions {
            for extension in extensions {
                items.extension(&extension.text().to_uppercase())?;
            }
        }
        let bodies = match &options.bodies {
            Argument::List(bodies) => bodies.iter().collect(),
            body => vec![body],
        };
        for body in bodies {
            items.body(body, options.mark_seen)?;
        }
        Ok(items)
    }
}

/// A mod-sequence the user gave for `name`.
pub(super) fn mod_sequence(name: &str, argument: &Argument) -> Result<u64, ArgumentError> {
    argument.whole_number().ok_or_else(|| {
        ArgumentError::new(format!(
            "`{name}` must be a mod-sequence: a whole number or a string of digits, \
             e.g. box.highestmodseq; got: {}",
            argument.text()
        ))
    })
}

/// What is asked for, and what that looks like in the answer.
#[derive(Default)]
struct Items {
    /// All of it, in order.
    texts: Vec<String>,
    attributes: Vec<String>,
    sections: Vec<Section>,
    attribute_texts: Vec<String>,
    section_texts: Vec<String>,
}

impl Items {
    fn attribute(&mut self, text: &str, name: &str) {
        if !self.attributes.iter().any(|known| known == name) {
            self.texts.push(text.to_owned());
            self.attribute_texts.push(text.to_owned());
            self.attributes.push(name.to_owned());
        }
    }

    fn section(&mut self, text: String, section: &str) {
        let section = Section::parse(section.as_bytes());
        if !self.sections.contains(&section) {
            self.texts.push(text.clone());
            self.section_texts.push(text);
            self.sections.push(section);
        }
    }

    fn body(&mut self, body: &Argument, mark_seen: bool) -> Result<(), ArgumentError> {
        let text = match body {
            Argument::Undefined | Argument::Null | Argument::Boolean(false) => return Ok(()),
            Argument::Boolean(true) => "".into(),
            body => body.text(),
        };
        if outside_quotes(&text).is_none_or(|outside| outside.contains(']')) {
            return Err(ArgumentError::new(format!(
                "{text:?} is not a body section; write e.g. '', 'HEADER', 'TEXT', '1.2.MIME' \
                 or 'HEADER.FIELDS (FROM TO)'"
            )));
        }
        let peek = if mark_seen { "" } else { ".PEEK" };
        self.section(format!("BODY{peek}[{text}]"), &text);
        Ok(())
    }

    /// `X-REAL-UID` is answered under its name, `PREVIEW (LAZY)` under its first word, and
    /// `BODY.PEEK[TEXT]<0.100>` as the section TEXT.
    fn extension(&mut self, text: &str) -> Result<(), ArgumentError> {
        if !is_contained(text) || text.trim().is_empty() {
            return Err(ArgumentError::new(format!(
                "{text:?} is not an attribute that can be fetched; \
                 write printable ASCII characters, e.g. 'X-REAL-UID'"
            )));
        }
        let body = text
            .strip_prefix("BODY")
            .map(|rest| rest.strip_prefix(".PEEK").unwrap_or(rest));
        let section = body.and_then(|rest| rest.strip_prefix('['));
        if let Some((section, _)) = section.and_then(|section| section.rsplit_once(']')) {
            self.section(text.to_owned(), section);
        } else {
            let name = text.split_ascii_whitespace().next().unwrap_or(text);
            self.attribute(text, name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::compiled;
    use super::*;

    fn fetch(options: &str) -> Result<(String, FetchPlan), String> {
        let json = format!(r#"{{"kind":"fetch","uid":true,"set":"1:*","options":{options}}}"#);
        match compiled(&json)? {
            (line, Purpose::Fetch(plan)) => Ok((line, plan)),
            (_, other) => panic!("{other:?}"),
        }
    }

    fn bodies(json: &str) -> Result<String, String> {
        let (line, _) = fetch(&format!(r#"{{"bodies":{json}}}"#))?;
        let prefix = "UID FETCH 1:* (UID FLAGS INTERNALDATE";
        let rest = line.strip_prefix(prefix).unwrap();
        Ok(rest.strip_suffix(')').unwrap().trim_start().to_owned())
    }

    #[test]
    fn the_plan_tells_what_will_be_answered() {
        let (line, plan) = fetch(
            r#"{"size":true,"bodies":["HEADER.FIELDS (FROM TO)","text"],
                "extensions":["x-real-uid","preview (lazy)","body.peek[1]<0.5>","uid"]}"#,
        )
        .unwrap();
        assert_eq!(
            line,
            "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE X-REAL-UID PREVIEW (LAZY) \
             BODY.PEEK[1]<0.5> BODY.PEEK[HEADER.FIELDS (FROM TO)] BODY.PEEK[text])"
        );
        let names = [
            "UID",
            "FLAGS",
            "INTERNALDATE",
            "RFC822.SIZE",
            "X-REAL-UID",
            "PREVIEW",
        ];
        assert_eq!(plan.attributes, names);
        let sections = ["1", "header.fields (\"to\" \"from\")", "TEXT"];
        assert_eq!(
            plan.sections,
            sections.map(|text| Section::parse(text.as_bytes()))
        );
        assert!(plan.uid && plan.set.contains(7));
    }

    #[test]
    fn a_section_can_be_asked_for_once_more() {
        let (_, plan) = fetch(r#"{"bodies":"","extensions":["body.peek[1]<7.500>"]}"#).unwrap();
        assert!(!plan.marks_seen());
        assert_eq!(plan.peeked(0).unwrap(), "BODY.PEEK[1]<7.500>");
        assert_eq!(
            plan.peeked_from(0, 100, 400).unwrap(),
            "BODY.PEEK[1]<107.400>"
        );
        assert_eq!(
            plan.peeked_from(1, 100, 400).unwrap(),
            "BODY.PEEK[]<100.400>"
        );
        assert!(!plan.is_whole(0) && plan.is_whole(1));
        let (_, plan) = fetch(r#"{"bodies":"TEXT","markSeen":true}"#).unwrap();
        assert!(plan.marks_seen());
        assert_eq!(plan.peeked(0).unwrap(), "BODY.PEEK[TEXT]");
    }

    #[test]
    fn a_section_is_asked_for_once() {
        assert_eq!(
            bodies(r#"["TEXT","text","1",1]"#).unwrap(),
            "BODY.PEEK[TEXT] BODY.PEEK[1]"
        );
    }

    #[test]
    fn values_that_are_no_sections_have_a_meaning() {
        for json in [
            "null",
            "false",
            "[]",
            "[null,false]",
            r#"{"$":"undefined"}"#,
        ] {
            assert_eq!(bodies(json).unwrap(), "", "{json}");
        }
        assert_eq!(bodies("true").unwrap(), "BODY.PEEK[]");
        assert_eq!(bodies(r#"["",true]"#).unwrap(), "BODY.PEEK[]");
    }

    #[test]
    fn sections_stay_within_their_brackets() {
        for json in [
            r#""TEXT] BODY[""#,
            r#""\"""#,
            r#""a\r\nb""#,
            r#""ü""#,
            r#"["a\u0000"]"#,
        ] {
            assert!(
                bodies(json).unwrap_err().contains("is not a body section"),
                "{json}"
            );
        }
        assert_eq!(
            bodies(r#""HEADER.FIELDS (\"X]\")""#).unwrap(),
            r#"BODY.PEEK[HEADER.FIELDS ("X]")]"#
        );
        assert!(fetch(r#"{"extensions":["a\r\nb"]}"#).is_err());
        assert!(fetch(r#"{"extensions":[""]}"#).is_err());
        assert_eq!(
            fetch(r#"{"extensions":"x"}"#).unwrap().1.attributes.len(),
            3
        );
    }

    #[test]
    fn changes_are_asked_for_where_there_are_mod_sequences() {
        let fetch = |since: &str, rest: &str| {
            compiled(&format!(
                r#"{{"kind":"fetch","set":1,"options":{{"modifiers":{{"changedsince":{since}}}}},
                    "condstore":true{rest}}}"#
            ))
            .map(|(line, _)| line)
        };
        let changed = "FETCH 1 (MODSEQ UID FLAGS INTERNALDATE) (CHANGEDSINCE 5)";
        assert_eq!(fetch("\"5\"", "").unwrap(), changed);
        let all = "FETCH 1 (MODSEQ UID FLAGS INTERNALDATE)";
        assert_eq!(fetch("null", "").unwrap(), all);
        assert_eq!(
            fetch("5", r#","nomodseq":true"#).unwrap(),
            "FETCH 1 (UID FLAGS INTERNALDATE)"
        );
        for bad in ["\"5)\"", "-1", "true", "\"\""] {
            assert!(
                fetch(bad, "")
                    .unwrap_err()
                    .starts_with("`changedsince` must be"),
                "{bad}"
            );
        }
    }
}
