//! ENVELOPE in the shape of node-imap (contract section 5.5).

use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};

use super::token::{Node, Nodes};
use super::value::Meant;
use super::{encoded_word, moment, value};

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
        envelope.serialize_field("subject", &fields.next().filter(is_string).map(Decoded))?;
        for name in ADDRESSES {
            envelope.serialize_field(name, &fields.next().and_then(Addresses::of))?;
        }
        envelope.serialize_field("inReplyTo", &text(fields.next()))?;
        envelope.serialize_field("messageId", &text(fields.next()))?;
        envelope.end()
    }
}

struct HeaderDate<'a>(Node<'a>);

impl Serialize for HeaderDate<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        value::date(self.0, moment::header_date, serializer)
    }
}

fn is_string(node: &Node<'_>) -> bool {
    !node.is_nil() && !node.is_list()
}

fn text(node: Option<Node<'_>>) -> Option<Meant<'_>> {
    node.filter(is_string).map(Meant)
}

/// A string with its encoded words decoded.
#[derive(Clone, Copy)]
struct Decoded<'a>(Node<'a>);

impl Serialize for Decoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let decoded = match self.0.may_have_words() {
            true => encoded_word::decode_bytes(&self.0.text()),
            false => None,
        };
        match decoded {
            Some(decoded) => serializer.serialize_str(&decoded),
            None => Meant(self.0).serialize(serializer),
        }
    }
}

/// A list of addresses and groups.
///
/// ```text
/// addresses = "(" 1*address ")" / "NIL"
/// address   = "(" name SP source-route SP mailbox SP host ")"
/// group     = "(NIL NIL" SP group-name SP "NIL)" *address "(NIL NIL NIL NIL)"
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Addresses<'a>(pub Nodes<'a>);

impl<'a> Addresses<'a> {
    fn of(node: Node<'a>) -> Option<Addresses<'a>> {
        node.is_list().then(|| Addresses(node.children()))
    }
}

impl Serialize for Addresses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut group: Option<Group<'_>> = None;
        for address in self.0.map(Address::of) {
            match (&address.mailbox, &address.host, &mut group) {
                (Some(_), Some(_), Some(group)) => group.addresses.push(address),
                (Some(_), Some(_), None) => list.serialize_element(&address)?,
                // The end of a group, or an end without a start, which is passed over; or the
                // start of one, which ends the one before.
                (mailbox, _, _) => {
                    let next = mailbox.is_some().then(|| Group::of(address));
                    if let Some(group) = std::mem::replace(&mut group, next) {
                        list.serialize_element(&group)?;
                    }
                }
            }
        }
        if let Some(group) = group {
            list.serialize_element(&group)?;
        }
        list.end()
    }
}

#[derive(Clone, Copy)]
struct Address<'a> {
    name: Option<Node<'a>>,
    mailbox: Option<Node<'a>>,
    host: Option<Node<'a>>,
}

impl<'a> Address<'a> {
    fn of(node: Node<'a>) -> Address<'a> {
        let mut fields = node.children();
        let name = fields.next().filter(is_string);
        let _source_route = fields.next();
        let mailbox = fields.next().filter(is_string);
        Address {
            name,
            mailbox,
            host: fields.next().filter(is_string),
        }
    }
}

impl Serialize for Address<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut address = serializer.serialize_struct("Address", 3)?;
        address.serialize_field("name", &self.name.map(Decoded))?;
        address.serialize_field("mailbox", &self.mailbox.map(Meant))?;
        address.serialize_field("host", &self.host.map(Meant))?;
        address.end()
    }
}

struct Group<'a> {
    group: Option<Node<'a>>,
    addresses: Vec<Address<'a>>,
}

impl<'a> Group<'a> {
    /// The group that this address, which has no host, starts.
    fn of(start: Address<'a>) -> Group<'a> {
        Group {
            group: start.mailbox,
            addresses: Vec::new(),
        }
    }
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut group = serializer.serialize_struct("Group", 2)?;
        group.serialize_field("group", &self.group.map(Meant))?;
        group.serialize_field("addresses", &self.addresses)?;
        group.end()
    }
}
