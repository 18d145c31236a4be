//! Mailboxes as the server lists them and counts their messages.

use std::borrow::Cow;

use super::fetch::Pairs;
use super::token::{Node, Nodes};
use super::utf7;
use super::value::Value;

/// A mailbox in the answer to LIST, LSUB or XLIST.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<'a> {
    /// Attributes, verbatim.
    pub attribs: Vec<Cow<'a, str>>,
    /// The delimiter of this name, or `None` if it has no levels.
    pub delimiter: Option<Cow<'a, str>>,
    /// The name, decoded from modified UTF-7.
    pub name: String,
}

impl<'a> Listed<'a> {
    /// Reads the values after the keyword; `None` if they are something else.
    ///
    /// ```text
    /// mailbox-list = "(" [attribute *(SP attribute)] ")" SP (DQUOTE char DQUOTE / "NIL")
    ///                SP mailbox                                  ; RFC 3501 section 7.2.2
    /// ```
    pub fn of(mut values: Nodes<'a>) -> Option<Listed<'a>> {
        let attribs = values.next().filter(Node::is_list)?;
        let delimiter = values.next()?;
        let name = values.next()?;
        Some(Listed {
            attribs: attribs.children().map(|node| node.string()).collect(),
            delimiter: (!delimiter.is_nil()).then(|| delimiter.string()),
            name: utf7::decode(&name.text()),
        })
    }
}

/// A mailbox in the answer to STATUS.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The name, decoded from modified UTF-7.
    pub name: String,
    /// Names and values of the items; the names in upper case.
    pub items: Vec<(String, Value)>,
}

impl Counted {
    /// Reads the values after the keyword; `None` if they are something else.
    ///
    /// ```text
    /// mailbox-data = "STATUS" SP mailbox SP "(" [item SP number *(SP item SP number)] ")"
    /// ```
    pub fn of(mut values: Nodes<'_>) -> Option<Counted> {
        let name = Counted::name_of(values)?;
        let list = values.nth(1).filter(Node::is_list)?;
        let item = |(name, value): (Node<'_>, Node<'_>)| -> (String, Value) {
            (name.string().to_uppercase(), Value::of(&value))
        };
        Some(Counted {
            name,
            items: Pairs::new(list.children()).map(item).collect(),
        })
    }

    /// The mailbox alone.
    pub fn name_of(mut values: Nodes<'_>) -> Option<String> {
        Some(utf7::decode(&values.next()?.text()))
    }
}
