//! The values of a FETCH response, in the shapes of node-imap (contract sections 5.4 to 5.6).
//!
//! Nothing is built here: each type reads the tape while it is being serialised, straight into
//! the frame that JavaScript reads.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

use super::framer::names_body;
use super::response::exact_number;
use super::structure::Structure;
use super::token::{Kind, Node, Nodes};
use super::{encoded_word, moment};

/// A moment, in milliseconds since the epoch: a `Date` in JavaScript.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Date(pub f64);

/// A date in a form that only JavaScript's own parser may know.
#[derive(Clone, Copy, Debug)]
pub struct DateText<'a>(pub &'a str);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("Date", &self.0)
    }
}

impl Serialize for DateText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("DateText", self.0)
    }
}

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

/// The `name value` pairs of a list. A name that is no atom is passed over.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<'a> {
    nodes: Nodes<'a>,
}

impl<'a> Pairs<'a> {
    /// The pairs among these values.
    pub fn new(nodes: Nodes<'a>) -> Pairs<'a> {
        Pairs { nodes }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Node<'a>, Node<'a>);

    fn next(&mut self) -> Option<(Node<'a>, Node<'a>)> {
        loop {
            let name = self.nodes.next()?;
            if name.kind() == Kind::Atom {
                return Some((name, self.nodes.next()?));
            }
        }
    }
}

/// Where the attribute `name` stands among those that were asked for. `BODY` answers
/// `BODYSTRUCTURE`: some servers send it instead.
pub fn position(wanted: &[String], name: &[u8]) -> Option<usize> {
    let is = |wanted: &str, name: &[u8]| name.eq_ignore_ascii_case(wanted.as_bytes());
    // Beyond 64 attributes there is no bit to remember them by; nobody asks for so many.
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

/// A value as node-imap's tokenizer gives it (contract section 8.4).
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a>(pub Node<'a>);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let node = &self.0;
        match node.kind() {
            Kind::List => serializer.collect_seq(node.children().map(Plain)),
            Kind::Atom if node.is_nil() => serializer.serialize_unit(),
            Kind::Atom => match exact_number(node.raw()) {
                Some(number) => serializer.serialize_f64(number),
                None => serializer.serialize_str(&node.string()),
            },
            _ => serializer.serialize_str(&node.string()),
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
    date(node, moment::internal_date, serializer)
}

/// A date that `read` knows, or that JavaScript is to read. `NIL` is the epoch, as in node-imap:
/// programs call `getTime()` on it (contract Q-65).
fn date<S: Serializer>(
    node: Node<'_>,
    read: fn(&[u8]) -> Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if node.is_nil() {
        return Date(0.0).serialize(serializer);
    }
    match read(&node.text()) {
        Some(milliseconds) => Date(milliseconds).serialize(serializer),
        None => DateText(&node.string()).serialize(serializer),
    }
}

/// ```text
/// envelope = "(" date SP subject SP from SP sender SP reply-to SP to SP cc SP bcc SP
///            in-reply-to SP message-id ")"                  ; RFC 3501 section 9
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a>(pub Node<'a>);

impl Serialize for Envelope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.0.is_list() {
            return serializer.serialize_unit();
        }
        const ADDRESSES: [&str; 6] = ["from", "sender", "replyTo", "to", "cc", "bcc"];
        let mut fields = self.0.children();
        let mut envelope = serializer.serialize_struct("Envelope", 10)?;
        envelope.serialize_field("date", &fields.next().map(HeaderDate))?;
        envelope.serialize_field("subject", &fields.next().and_then(decoded))?;
        for name in ADDRESSES {
            envelope.serialize_field(name, &fields.next().and_then(Addresses::of))?;
        }
        envelope.serialize_field("inReplyTo", &fields.next().and_then(string))?;
        envelope.serialize_field("messageId", &fields.next().and_then(string))?;
        envelope.end()
    }
}

struct HeaderDate<'a>(Node<'a>);

impl Serialize for HeaderDate<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        date(self.0, moment::header_date, serializer)
    }
}

fn string(node: Node<'_>) -> Option<Cow<'_, str>> {
    (!node.is_nil() && !node.is_list()).then(|| node.string())
}

/// A string with its encoded words decoded.
fn decoded(node: Node<'_>) -> Option<Cow<'_, str>> {
    if node.is_nil() || node.is_list() {
        return None;
    }
    Some(match node.text() {
        Cow::Borrowed(text) => encoded_word::decode_bytes(text),
        Cow::Owned(text) => Cow::Owned(encoded_word::decode_bytes(&text).into_owned()),
    })
}

/// ```text
/// addresses = "(" 1*address ")" / "NIL"
/// address   = "(" name SP source-route SP mailbox SP host ")"
/// group     = "(NIL NIL" SP group-name SP "NIL)" *address "(NIL NIL NIL NIL)"
/// ```
struct Addresses<'a>(Nodes<'a>);

impl<'a> Addresses<'a> {
    fn of(node: Node<'a>) -> Option<Addresses<'a>> {
        node.is_list().then(|| Addresses(node.children()))
    }
}

impl Serialize for Addresses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut nodes = self.0;
        while let Some(node) = nodes.next() {
            match Address::of(node) {
                // An end without a start is passed over.
                Address {
                    mailbox: None,
                    host: None,
                    ..
                } => {}
                Address {
                    mailbox,
                    host: None,
                    ..
                } => {
                    let mut members = Vec::new();
                    for node in nodes.by_ref() {
                        match Address::of(node) {
                            Address { mailbox: None, .. } => break,
                            member => members.push(member),
                        }
                    }
                    list.serialize_element(&Group {
                        group: mailbox,
                        addresses: members,
                    })?;
                }
                address => list.serialize_element(&address)?,
            }
        }
        list.end()
    }
}

struct Address<'a> {
    name: Option<Cow<'a, str>>,
    mailbox: Option<Cow<'a, str>>,
    host: Option<Cow<'a, str>>,
}

impl<'a> Address<'a> {
    fn of(node: Node<'a>) -> Address<'a> {
        let mut fields = node.children();
        let name = fields.next().and_then(decoded);
        let _source_route = fields.next();
        let mailbox = fields.next().and_then(string);
        Address {
            name,
            mailbox,
            host: fields.next().and_then(string),
        }
    }
}

impl Serialize for Address<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut address = serializer.serialize_struct("Address", 3)?;
        address.serialize_field("name", &self.name)?;
        address.serialize_field("mailbox", &self.mailbox)?;
        address.serialize_field("host", &self.host)?;
        address.end()
    }
}

struct Group<'a> {
    group: Option<Cow<'a, str>>,
    addresses: Vec<Address<'a>>,
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut group = serializer.serialize_struct("Group", 2)?;
        group.serialize_field("group", &self.group)?;
        group.serialize_field("addresses", &self.addresses)?;
        group.end()
    }
}
