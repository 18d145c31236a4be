//! BODYSTRUCTURE in the shape of node-imap (contract section 5.6).
//!
//! A part is a list: `[part]` for a single one, `[info, child, child, ...]` for a multipart.

use std::fmt::{self, Write};

use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

use super::envelope::Envelope;
use super::token::{Node, Nodes};
use super::value::{Ascii, Plain};

/// The name of a struct whose fields are not those of a shape that most servers send. The shapes
/// that cross as records are `RECORDS` of `src/bridge/frame.rs`; the short ones lack the location.
const UNUSUAL: &str = "Unusual";

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
#[derive(Clone, Copy, Debug)]
pub struct Structure<'a> {
    node: Node<'a>,
    /// The part's number; empty for the whole message.
    part: &'a str,
}

impl<'a> Structure<'a> {
    /// The structure of a whole message.
    pub fn of(node: Node<'a>) -> Structure<'a> {
        Structure { node, part: "" }
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
                let mut part = match self.part {
                    "" => String::new(),
                    parent => format!("{parent}."),
                };
                let parent = part.len();
                for (index, node) in self.node.children().take(children).enumerate() {
                    part.truncate(parent);
                    push_number(&mut part, index + 1).map_err(S::Error::custom)?;
                    list.serialize_element(&Structure { node, part: &part })?;
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
                part: self.part,
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
        let shape = match (self.is_childless, fields.count()) {
            (false, 5) => "Multipart",
            (false, 4) => "ShortMultipart",
            _ => UNUSUAL,
        };
        let mut part = serializer.serialize_struct(shape, 0)?;
        part.serialize_field("type", &fields.next().and_then(lower_case))?;
        if self.is_childless {
            let mut ahead = fields;
            let params = ahead.next().and_then(Params::of);
            part.serialize_field("params", &params)?;
            if params.is_some() {
                fields = ahead;
            }
        } else if let Some(params) = fields.next() {
            part.serialize_field("params", &Params::of(params))?;
        }
        extra(&mut part, &mut fields)?;
        part.end()
    }
}

struct Single<'a> {
    fields: Nodes<'a>,
    part: &'a str,
}

impl Serialize for Single<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = self.fields;
        let number = if self.part.is_empty() { "1" } else { self.part };
        let count = fields.count();
        let kind = fields.next().and_then(lower_case);
        let subtype = fields.next().and_then(lower_case);
        let is = |value: &Option<LowerCase<'_>>, word| {
            value.as_ref().is_some_and(|value| value.is(word))
        };
        let is_text = is(&kind, "text");
        let is_message = is(&kind, "message") && is(&subtype, "rfc822");
        let shape = match count {
            14 if is_message => "MessagePart",
            12 if is_text => "TextPart",
            11 if is_text => "ShortTextPart",
            11 if !is_message => "Part",
            10 if !is_message && !is_text => "ShortPart",
            _ => UNUSUAL,
        };
        let mut part = serializer.serialize_struct(shape, 0)?;
        part.serialize_field("partID", number)?;
        part.serialize_field("type", &kind)?;
        part.serialize_field("subtype", &subtype)?;
        part.serialize_field("params", &fields.next().and_then(Params::of))?;
        for name in ["id", "description", "encoding", "size"] {
            part.serialize_field(name, &fields.next().map(Plain))?;
        }
        if is_message {
            let envelope = fields.next().filter(Node::is_list);
            part.serialize_field("envelope", &envelope.map(Envelope))?;
            // The body of an embedded message keeps the number of the part (contract Q-32).
            let body = fields.next().filter(Node::is_list);
            let body = body.map(|node| Structure {
                node,
                part: self.part,
            });
            part.serialize_field("body", &body)?;
        }
        if (is_message || is_text)
            && let Some(lines) = fields.next()
        {
            part.serialize_field("lines", &Plain(lines))?;
        }
        if let Some(md5) = fields.next() {
            part.serialize_field("md5", &Plain(md5))?;
        }
        extra(&mut part, &mut fields)?;
        part.end()
    }
}

fn extra<S: SerializeStruct>(part: &mut S, fields: &mut Nodes<'_>) -> Result<(), S::Error> {
    if let Some(disposition) = fields.next() {
        part.serialize_field("disposition", &Disposition::of(disposition))?;
    }
    if let Some(language) = fields.next() {
        part.serialize_field("language", &Language::of(language))?;
    }
    if let Some(location) = fields.next() {
        part.serialize_field("location", &Plain(location))?;
    }
    if let Some(extension) = fields.next() {
        part.serialize_field("extensions", &Plain(extension))?;
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
        let mut disposition = serializer.serialize_struct("Disposition", 2)?;
        disposition.serialize_field("type", &Plain(self.kind))?;
        disposition.serialize_field("params", &self.params)?;
        disposition.end()
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
            map.serialize_entry(&LowerCase(name), &fields.next().map(Plain))?;
        }
        map.end()
    }
}

fn push_number(text: &mut String, number: usize) -> fmt::Result {
    match char::from_digit(number as u32, 10) {
        // Formatting takes its time.
        Some(digit) if number < 10 => text.push(digit),
        _ => write!(text, "{number}")?,
    }
    Ok(())
}

fn is_string(node: &Node<'_>) -> bool {
    !node.is_list() && !node.is_nil()
}

fn lower_case(node: Node<'_>) -> Option<LowerCase<'_>> {
    is_string(&node).then_some(LowerCase(node))
}

/// A string that crosses in lower case.
struct LowerCase<'a>(Node<'a>);

impl LowerCase<'_> {
    fn is(&self, word: &str) -> bool {
        let word = word.as_bytes();
        match self.0.ascii() {
            Some(text) => text.eq_ignore_ascii_case(word),
            None => self.0.text().eq_ignore_ascii_case(word),
        }
    }
}

impl Serialize for LowerCase<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Nearly all are short and ASCII: they need no memory of their own.
        let mut buffer = [0; 32];
        let text = self.0.ascii().unwrap_or_default();
        match buffer.get_mut(..text.len()) {
            Some(copy) if !text.is_empty() => {
                copy.copy_from_slice(text);
                // All of it is quicker than the right number of bytes.
                buffer.make_ascii_lowercase();
                Ascii(buffer.get(..text.len()).unwrap_or_default()).serialize(serializer)
            }
            _ => serializer.serialize_str(&self.0.string().to_lowercase()),
        }
    }
}
