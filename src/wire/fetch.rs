//! The values of a FETCH response, in the shapes of node-imap (contract sections 5.4 to 5.6).
//!
//! Nothing is built here: each type reads the tape while it is being serialised, straight into
//! the frame that JavaScript reads.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::charset::lossy;
use super::envelope::Envelope;
use super::moment;
use super::structure::Structure;
use super::token::{Kind, Node, Nodes, Place, names_body};
use super::value::{self, Plain};

/// The attributes of a message: `name value` pairs.
///
/// ```text
/// msg-att = "(" name SP value *(SP name SP value) ")"      ; RFC 3501 section 9
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    pairs: Pairs<'a>,
    /// Upper-case names of what was asked for, which get the keys of the `attributes` event; or
    /// `None` for unasked data, which gets the raw keys of the `update` event.
    wanted: Option<&'a [String]>,
}

impl<'a> Attributes<'a> {
    /// The attributes that were asked for.
    pub fn wanted(pairs: Pairs<'a>, wanted: &'a [String]) -> Attributes<'a> {
        Attributes {
            pairs,
            wanted: Some(wanted),
        }
    }

    /// Everything, under the server's own names in lower case.
    pub fn unasked(pairs: Pairs<'a>) -> Attributes<'a> {
        Attributes {
            pairs,
            wanted: None,
        }
    }
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut seen = 0u64;
        for (name, value) in self.pairs {
            let known = Known::of(name.raw());
            if known.is_none() && names_body(&name) {
                continue;
            }
            if let Some(wanted) = self.wanted {
                // A repeated attribute is ignored: the first one counts (contract section 5.1).
                match position(wanted, name.raw()) {
                    Some(index) if seen & (1 << index) == 0 => seen |= 1 << index,
                    _ => continue,
                }
            }
            let form = known.map_or(Form::Plain, |known| known.form);
            let key = match known {
                Some(known) if self.wanted.is_some() => known.key.into(),
                Some(known) => known.name.into(),
                None => Cow::Owned(lossy(name.raw()).to_ascii_lowercase()),
            };
            map.serialize_entry(key.as_ref(), &Attribute { form, value })?;
        }
        map.end()
    }
}

/// The `name value` pairs of a list. A name that is no atom is passed over. A body at the end whose
/// value is missing, as Yandex leaves it out, is empty.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<'a> {
    nodes: Nodes<'a>,
}

impl<'a> Pairs<'a> {
    /// The pairs among these values.
    pub fn new(nodes: Nodes<'a>) -> Pairs<'a> {
        Pairs { nodes }
    }

    /// Where they end. More may follow when more of the response has come.
    pub fn end(&self) -> Place {
        self.nodes.end()
    }

    /// Those of them that follow a place, or all.
    pub fn from(self, place: Option<Place>) -> Pairs<'a> {
        Pairs {
            nodes: self.nodes.from(place),
        }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Node<'a>, Node<'a>);

    fn next(&mut self) -> Option<(Node<'a>, Node<'a>)> {
        loop {
            let name = self.nodes.next()?;
            if name.kind() == Kind::Atom {
                let missing = || names_body(&name).then_some(Node::EMPTY);
                return Some((name, self.nodes.next().or_else(missing)?));
            }
        }
    }
}

/// Where the attribute `name` stands among those that were asked for. `BODY` answers
/// `BODYSTRUCTURE`: some servers send it instead.
pub fn position(wanted: &[String], name: &[u8]) -> Option<usize> {
    // Beyond 64 attributes there is no bit to remember them by: they stay out.
    let wanted = || wanted.iter().take(64).map(String::as_bytes);
    let find = |name: &[u8]| wanted().position(|wanted| wanted.eq_ignore_ascii_case(name));
    // Nearly all servers send them as they were asked for.
    let same = wanted().position(|wanted| wanted == name);
    same.or_else(|| find(name))
        .or_else(|| match name.eq_ignore_ascii_case(b"BODY") {
            true => find(b"BODYSTRUCTURE"),
            false => None,
        })
}

/// An attribute that everimap knows.
struct Known {
    /// Its name as nearly all servers send it.
    upper: &'static [u8],
    /// Its name in lower case: the key in an `update` event.
    name: &'static str,
    /// The key in an `attributes` event.
    key: &'static str,
    form: Form,
}

/// What the value of an attribute becomes.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    List,
    InternalDate,
    Envelope,
    Structure,
    ModSeq,
    Text,
    Labels,
}

impl Known {
    const ALL: [Known; 11] = [
        Known::new(b"UID", "uid", "uid", Form::Plain),
        Known::new(b"FLAGS", "flags", "flags", Form::List),
        Known::new(b"INTERNALDATE", "internaldate", "date", Form::InternalDate),
        Known::new(b"RFC822.SIZE", "rfc822.size", "size", Form::Plain),
        Known::new(b"ENVELOPE", "envelope", "envelope", Form::Envelope),
        Known::new(b"BODYSTRUCTURE", "bodystructure", "struct", Form::Structure),
        // Some servers send it instead.
        Known::new(b"BODY", "body", "struct", Form::Structure),
        Known::new(b"MODSEQ", "modseq", "modseq", Form::ModSeq),
        Known::new(b"X-GM-MSGID", "x-gm-msgid", "x-gm-msgid", Form::Text),
        Known::new(b"X-GM-THRID", "x-gm-thrid", "x-gm-thrid", Form::Text),
        Known::new(b"X-GM-LABELS", "x-gm-labels", "x-gm-labels", Form::Labels),
    ];

    const fn new(upper: &'static [u8], name: &'static str, key: &'static str, form: Form) -> Known {
        Known {
            upper,
            name,
            key,
            form,
        }
    }

    fn of(name: &[u8]) -> Option<&'static Known> {
        let is_same = |known: &&Known| known.upper == name;
        let is = |known: &&Known| known.upper.eq_ignore_ascii_case(name);
        Known::ALL
            .iter()
            .find(is_same)
            .or_else(|| Known::ALL.iter().find(is))
    }
}

struct Attribute<'a> {
    form: Form,
    value: Node<'a>,
}

impl Serialize for Attribute<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.value;
        match self.form {
            Form::Plain => Plain(value).serialize(serializer),
            Form::List => serializer.collect_seq(value.children().map(Plain)),
            Form::InternalDate => value::date(value, moment::internal_date, serializer),
            Form::Envelope => Envelope(value).serialize(serializer),
            Form::Structure => Structure::of(value).serialize(serializer),
            Form::ModSeq => {
                // RFC 7162 section 3.1.4.1: "MODSEQ" SP "(" permsg-modsequence ")".
                let number = value.children().next().unwrap_or(value);
                serializer.serialize_str(&number.string())
            }
            Form::Text => serializer.serialize_str(&value.string()),
            Form::Labels => serializer.collect_seq(value.children().map(Label)),
        }
    }
}

/// A Gmail label: always a string, with doubled backslashes collapsed (`\\Inbox` in an atom).
struct Label<'a>(Node<'a>);

impl Serialize for Label<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.string();
        match text.contains("\\\\") {
            true => serializer.serialize_str(&text.replace("\\\\", "\\")),
            false => serializer.serialize_str(&text),
        }
    }
}
