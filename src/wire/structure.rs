//! BODYSTRUCTURE in the shape of node-imap (contract section 5.6).
//!
//! A part is a list: `[part]` for a single one, `[info, child, child, ...]` for a multipart.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::envelope::Envelope;
use super::token::{Node, Nodes};
use super::value::Plain;

/// ```text
/// body      = "(" (single / multipart) ")"
/// multipart = 1*body SP subtype [SP params [SP extra]]
/// single    = type SP subtype SP params SP id SP description SP encoding SP size
///             [SP envelope SP body]                        ; message/rfc822 only
///             [SP lines]                                   ; text/* and message/rfc822
///             [SP md5 [SP extra]]
/// extra     = disposition [SP language [SP location *(SP extension)]]
/// ```
///
/// The source is RFC 3501 section 7.4.2. Fields that the server left out at the end stay out.
#[derive(Clone, Debug)]
pub struct Structure<'a> {
    node: Node<'a>,
    /// The part's number; empty for the whole message.
    part: String,
}

impl<'a> Structure<'a> {
    /// The structure of a whole message.
    pub fn of(node: Node<'a>) -> Structure<'a> {
        Structure {
            node,
            part: String::new(),
        }
    }

    fn child(&self, node: Node<'a>, number: usize) -> Structure<'a> {
        let part = match self.part.as_str() {
            "" => number.to_string(),
            parent => format!("{parent}.{number}"),
        };
        Structure { node, part }
    }
}

impl Serialize for Structure<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut fields = self.node.children();
        let children = self.node.children().take_while(Node::is_list).count();
        match self.node.children().next() {
            None => {}
            Some(_) if children > 0 => {
                fields.nth(children - 1);
                let is_childless = false;
                list.serialize_element(&Multipart {
                    fields,
                    is_childless,
                })?;
                for (index, node) in self.node.children().take(children).enumerate() {
                    list.serialize_element(&self.child(node, index + 1))?;
                }
            }
            // A multipart without children has its parameters where a subtype belongs, if any.
            Some(_)
                if self
                    .node
                    .children()
                    .nth(1)
                    .is_none_or(|second| !is_string(&second)) =>
            {
                let is_childless = true;
                list.serialize_element(&Multipart {
                    fields,
                    is_childless,
                })?;
            }
            Some(_) => list.serialize_element(&Single {
                fields,
                part: &self.part,
            })?,
        }
        list.end()
    }
}

/// What a multipart says of itself after its children.
struct Multipart<'a> {
    fields: Nodes<'a>,
    /// Servers that lose the children lose the parameters with them: what is not in parentheses
    /// is then the disposition.
    is_childless: bool,
}

impl Serialize for Multipart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = self.fields;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &fields.next().and_then(lower_case))?;
        if self.is_childless {
            let mut ahead = fields;
            let params = ahead.next().and_then(Params::of);
            map.serialize_entry("params", &params)?;
            if params.is_some() {
                fields = ahead;
            }
        } else if let Some(params) = fields.next() {
            map.serialize_entry("params", &Params::of(params))?;
        }
        extra(&mut map, &mut fields)?;
        map.end()
    }
}

struct Single<'a> {
    fields: Nodes<'a>,
    part: &'a str,
}

impl Serialize for Single<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = self.fields;
        let mut map = serializer.serialize_map(None)?;
        let number = if self.part.is_empty() { "1" } else { self.part };
        map.serialize_entry("partID", number)?;
        let kind = fields.next().and_then(lower_case);
        let subtype = fields.next().and_then(lower_case);
        map.serialize_entry("type", &kind)?;
        map.serialize_entry("subtype", &subtype)?;
        map.serialize_entry("params", &fields.next().and_then(Params::of))?;
        for name in ["id", "description", "encoding", "size"] {
            map.serialize_entry(name, &fields.next().map(Plain))?;
        }
        let is_message = kind.as_deref() == Some("message") && subtype.as_deref() == Some("rfc822");
        if is_message {
            let envelope = fields.next().filter(Node::is_list);
            map.serialize_entry("envelope", &envelope.map(Envelope))?;
            // The body of an embedded message keeps the number of the part (contract Q-32).
            let body = fields.next().filter(Node::is_list);
            let body = body.map(|node| Structure {
                node,
                part: self.part.to_owned(),
            });
            map.serialize_entry("body", &body)?;
        }
        if (is_message || kind.as_deref() == Some("text"))
            && let Some(lines) = fields.next()
        {
            map.serialize_entry("lines", &Plain(lines))?;
        }
        if let Some(md5) = fields.next() {
            map.serialize_entry("md5", &Plain(md5))?;
        }
        extra(&mut map, &mut fields)?;
        map.end()
    }
}

fn extra<M: SerializeMap>(map: &mut M, fields: &mut Nodes<'_>) -> Result<(), M::Error> {
    if let Some(disposition) = fields.next() {
        map.serialize_entry("disposition", &Disposition::of(disposition))?;
    }
    if let Some(language) = fields.next() {
        map.serialize_entry("language", &Language::of(language))?;
    }
    if let Some(location) = fields.next() {
        map.serialize_entry("location", &Plain(location))?;
    }
    if let Some(extension) = fields.next() {
        map.serialize_entry("extensions", &Plain(extension))?;
    }
    Ok(())
}

struct Disposition<'a> {
    kind: Node<'a>,
    params: Option<Params<'a>>,
}

impl<'a> Disposition<'a> {
    fn of(node: Node<'a>) -> Option<Disposition<'a>> {
        let mut fields = node.children();
        let kind = match node.is_list() {
            true => fields.next()?,
            false => node,
        };
        let params = fields
            .next()
            .filter(|_| node.is_list())
            .and_then(Params::of);
        (!kind.is_nil()).then_some(Disposition { kind, params })
    }
}

impl Serialize for Disposition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &Plain(self.kind))?;
        map.serialize_entry("params", &self.params)?;
        map.end()
    }
}

/// A language, or a list of them: always a list in JavaScript.
struct Language<'a>(Node<'a>);

impl<'a> Language<'a> {
    fn of(node: Node<'a>) -> Option<Language<'a>> {
        (!node.is_nil()).then_some(Language(node))
    }
}

impl Serialize for Language<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.is_list() {
            true => Plain(self.0).serialize(serializer),
            false => serializer.collect_seq([Plain(self.0)]),
        }
    }
}

/// Parameters: an object with lower-case keys.
struct Params<'a>(Nodes<'a>);

impl<'a> Params<'a> {
    fn of(node: Node<'a>) -> Option<Params<'a>> {
        node.is_list().then(|| Params(node.children()))
    }
}

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = self.0;
        let mut map = serializer.serialize_map(None)?;
        while let Some(name) = fields.next() {
            let name = name.string().to_lowercase();
            map.serialize_entry(&name, &fields.next().map(Plain))?;
        }
        map.end()
    }
}

fn is_string(node: &Node<'_>) -> bool {
    !node.is_list() && !node.is_nil()
}

fn lower_case(node: Node<'_>) -> Option<String> {
    is_string(&node).then(|| node.string().to_lowercase())
}
