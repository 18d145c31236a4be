//! The values of a FETCH response, in the shapes of node-imap (contract sections 5.4 to 5.6).
//!
//! Nothing is built here: each type reads the tape while it is being serialised, straight into
//! the frame that JavaScript reads.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};

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
        for (name, value) in self.pairs.filter(|(name, _)| !names_body(name)) {
            let Some(wanted) = self.wanted else {
                map.serialize_entry(raw_key(name.raw()).as_ref(), &Attribute { name, value })?;
                continue;
            };
            // A repeated attribute is ignored: the first one counts (contract section 5.1).
            if let Some(index) = position(wanted, name.raw())
                && seen & (1 << index) == 0
            {
                seen |= 1 << index;
                map.serialize_entry(key(name.raw()).as_ref(), &Attribute { name, value })?;
            }
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
    let is = |wanted: &str, name: &[u8]| name.eq_ignore_ascii_case(wanted.as_bytes());
    // Beyond 64 attributes there is no bit to remember them by: they stay out.
    let find = |name: &[u8]| wanted.iter().take(64).position(|wanted| is(wanted, name));
    find(name).or_else(|| match is("BODY", name) {
        true => find(b"BODYSTRUCTURE"),
        false => None,
    })
}

fn key(name: &[u8]) -> Cow<'_, str> {
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    match () {
        () if is("INTERNALDATE") => "date".into(),
        () if is("RFC822.SIZE") => "size".into(),
        () if is("BODYSTRUCTURE") || is("BODY") => "struct".into(),
        () => raw_key(name),
    }
}

fn raw_key(name: &[u8]) -> Cow<'_, str> {
    const KEYS: [&str; 6] = [
        "uid",
        "flags",
        "internaldate",
        "envelope",
        "modseq",
        "rfc822.size",
    ];
    match KEYS
        .iter()
        .find(|key| name.eq_ignore_ascii_case(key.as_bytes()))
    {
        Some(key) => Cow::Borrowed(key),
        None => Cow::Owned(String::from_utf8_lossy(name).to_ascii_lowercase()),
    }
}

struct Attribute<'a> {
    name: Node<'a>,
    value: Node<'a>,
}

impl Serialize for Attribute<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is = |known: &str| self.name.raw().eq_ignore_ascii_case(known.as_bytes());
        let value = self.value;
        match () {
            () if is("UID") => Plain(value).serialize(serializer),
            () if is("FLAGS") => serializer.collect_seq(value.children().map(Plain)),
            () if is("INTERNALDATE") => internal_date(value, serializer),
            () if is("ENVELOPE") => Envelope(value).serialize(serializer),
            () if is("BODYSTRUCTURE") || is("BODY") => Structure::of(value).serialize(serializer),
            () if is("MODSEQ") => {
                // RFC 7162 section 3.1.4.1: "MODSEQ" SP "(" permsg-modsequence ")".
                let number = value.children().next().unwrap_or(value);
                serializer.serialize_str(&number.string())
            }
            () if is("X-GM-MSGID") || is("X-GM-THRID") => serializer.serialize_str(&value.string()),
            () if is("X-GM-LABELS") => serializer.collect_seq(value.children().map(Label)),
            () => Plain(value).serialize(serializer),
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

fn internal_date<S: Serializer>(node: Node<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    value::date(node, moment::internal_date, serializer)
}
