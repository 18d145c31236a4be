//! STORE: flags, keywords and labels (RFC 3501 section 6.4.6; contract section 3.6).

use serde::Deserialize;

use super::fetch::mod_sequence;
use super::{Compiled, Purpose, some_messages};
use crate::wire::argument::{Argument, ArgumentError};
use crate::wire::command::CommandBuilder;
use crate::wire::flag;

/// `addFlags`, `delKeywordsSince`, `setLabels`, ...
#[derive(Clone, Debug, Deserialize)]
pub struct StoreRequest {
    /// Whether the set holds UIDs.
    #[serde(default)]
    pub uid: bool,
    /// The messages.
    #[serde(default)]
    pub set: Argument,
    /// What kind of marks.
    pub what: What,
    /// What to do with them.
    pub action: Action,
    /// The marks: a string or an array of strings.
    #[serde(default)]
    pub values: Argument,
    /// Only messages that did not change since (`...Since`); `undefined` is all.
    #[serde(default)]
    pub modseq: Argument,
    /// The server has CONDSTORE.
    #[serde(default)]
    pub condstore: bool,
    /// The open mailbox has no mod-sequences; `modseq` is then ignored, as in node-imap.
    #[serde(default)]
    pub nomodseq: bool,
}

/// The kinds of marks on a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// System flags; a `\` is added where it is missing.
    Flags,
    /// Keywords, which have no `\`.
    Keywords,
    /// Gmail's labels.
    Labels,
}

/// What STORE does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Adds marks to those that are there.
    Add,
    /// Removes marks.
    Del,
    /// Replaces all marks.
    Set,
}

impl StoreRequest {
    pub(super) fn compile(&self) -> Result<Compiled, ArgumentError> {
        if self.set == Argument::Undefined {
            return Err(ArgumentError::new("No messages specified"));
        }
        let set = some_messages(self.uid, &self.set)?;
        self.check_values()?;
        let mut command = CommandBuilder::by(self.uid, "STORE");
        command.set(&set);
        if self.modseq != Argument::Undefined && !self.nomodseq {
            let modseq = mod_sequence("modseq", &self.modseq)?;
            if !self.condstore {
                return Err(ArgumentError::unsupported("CONDSTORE"));
            }
            command.open().word("UNCHANGEDSINCE").number(modseq).close();
        }
        command.word(self.item()).open();
        match self.what {
            What::Flags => atoms(&mut command, flag::flags(&self.values)?)?,
            What::Keywords => atoms(&mut command, flag::keywords(&self.values)?)?,
            What::Labels => {
                for label in flag::texts(&self.values) {
                    command.mailbox(&label)?;
                }
            }
        }
        command.close();
        Ok(Compiled::new(command, Purpose::Store))
    }

    fn check_values(&self) -> Result<(), ArgumentError> {
        let name = match (self.what, &self.values) {
            (_, Argument::Text(_)) => return Ok(()),
            (_, Argument::List(items)) if !items.is_empty() => return Ok(()),
            (What::Labels, _) => "labels",
            // node-imap names the wrong argument here; programs may test for it.
            (What::Flags, Argument::Undefined) => "Keywords",
            (What::Flags, _) => "Flags",
            (What::Keywords, _) => "Keywords",
        };
        Err(ArgumentError::new(format!(
            "{name} argument must be a string or a non-empty Array"
        )))
    }

    fn item(&self) -> &'static str {
        match (self.what == What::Labels, self.action) {
            (false, Action::Add) => "+FLAGS.SILENT",
            (false, Action::Del) => "-FLAGS.SILENT",
            (false, Action::Set) => "FLAGS.SILENT",
            (true, Action::Add) => "+X-GM-LABELS.SILENT",
            (true, Action::Del) => "-X-GM-LABELS.SILENT",
            (true, Action::Set) => "X-GM-LABELS.SILENT",
        }
    }
}

fn atoms(command: &mut CommandBuilder, names: Vec<String>) -> Result<(), ArgumentError> {
    names
        .iter()
        .try_for_each(|name| command.atom(name).map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::compiled;

    fn store(fields: &str) -> Result<String, String> {
        let json = format!(r#"{{"kind":"store","uid":true,{fields}}}"#);
        compiled(&json).map(|(line, _)| line)
    }

    #[test]
    fn marks_are_sent_as_node_imap_does() {
        for (fields, expected) in [
            (
                r#""set":[1,2],"what":"flags","action":"add","values":["Seen","\\Flagged"]"#,
                r"UID STORE 1,2 +FLAGS.SILENT (\Seen \Flagged)",
            ),
            (
                r#""set":1,"what":"keywords","action":"del","values":["kw1","$Label1"]"#,
                "UID STORE 1 -FLAGS.SILENT (kw1 $Label1)",
            ),
            (
                r#""set":1,"what":"keywords","action":"set","values":"""#,
                "UID STORE 1 FLAGS.SILENT ()",
            ),
            (
                r#""set":1,"what":"labels","action":"add","values":["foo","bär \"q\"","\\Inbox"]"#,
                r#"UID STORE 1 +X-GM-LABELS.SILENT ("foo" "b&AOQ-r \"q\"" "\\Inbox")"#,
            ),
        ] {
            assert_eq!(store(fields).unwrap(), expected);
        }
    }

    #[test]
    fn since_has_parentheses_and_needs_condstore() {
        let since = |rest: &str| {
            store(&format!(
                r#""set":1,"what":"flags","action":"add","values":"Seen",{rest}"#
            ))
        };
        assert_eq!(
            since(r#""modseq":"123","condstore":true"#).unwrap(),
            r"UID STORE 1 (UNCHANGEDSINCE 123) +FLAGS.SILENT (\Seen)"
        );
        let plain = r"UID STORE 1 +FLAGS.SILENT (\Seen)";
        assert_eq!(
            since(r#""modseq":5,"condstore":true,"nomodseq":true"#).unwrap(),
            plain
        );
        assert_eq!(since(r#""modseq":{"$":"undefined"}"#).unwrap(), plain);
        let error = since(r#""modseq":5"#).unwrap_err();
        assert_eq!(error, "Server does not support this feature (CONDSTORE)");
        assert!(since(r#""modseq":"5) x","condstore":true"#).is_err());
        assert!(since(r#""modseq":null,"condstore":true"#).is_err());
    }

    #[test]
    fn checks_come_in_the_order_of_node_imap() {
        let keywords = "Keywords argument must be a string or a non-empty Array";
        for (fields, expected) in [
            (r#""what":"flags","action":"add""#, "No messages specified"),
            (r#""set":[],"what":"flags","action":"add""#, "Empty uidlist"),
            (
                r#""set":0,"what":"flags","action":"add""#,
                "UID/seqno must be greater than zero",
            ),
            (r#""set":1,"what":"flags","action":"add""#, keywords),
            (
                r#""set":1,"what":"flags","action":"add","values":[]"#,
                "Flags argument must be a string or a non-empty Array",
            ),
            (
                r#""set":1,"what":"keywords","action":"add","values":null"#,
                keywords,
            ),
            (
                r#""set":1,"what":"labels","action":"add","values":5"#,
                "labels argument must be a string or a non-empty Array",
            ),
            (
                r#""set":1,"what":"keywords","action":"add","values":"a b""#,
                "The keyword \"a b\" contains invalid characters",
            ),
        ] {
            assert_eq!(store(fields).unwrap_err(), expected);
        }
        let json = r#"{"kind":"store","set":[],"what":"flags","action":"set"}"#;
        assert_eq!(compiled(json).unwrap_err(), "Empty sequence numberlist");
    }
}
