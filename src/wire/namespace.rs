//! Namespaces (RFC 2342).

use serde::Serialize;

use super::token::{Node, Nodes};
use super::utf7;

/// The namespaces of a server; `None` where it has none of the kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Namespaces {
    /// Those of the user.
    pub personal: Option<Vec<Namespace>>,
    /// Those of other users.
    pub other: Option<Vec<Namespace>>,
    /// Those that are shared.
    pub shared: Option<Vec<Namespace>>,
}

/// One namespace (RFC 2342 section 5).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Namespace {
    /// What the names in it begin with.
    pub prefix: String,
    /// Its delimiter.
    pub delimiter: Option<String>,
    /// Its extensions: names and values.
    pub extensions: Option<Vec<(String, Vec<String>)>>,
}

impl Namespaces {
    /// Reads the values after the keyword. What is missing or malformed is no namespace.
    ///
    /// ```text
    /// namespaces = "NAMESPACE" SP namespace SP namespace SP namespace
    /// namespace  = "NIL" / "(" 1*("(" prefix SP delimiter *(SP name SP "(" 1*value ")") ")") ")"
    /// ```
    pub fn of(mut values: Nodes<'_>) -> Namespaces {
        let mut next = || values.next().and_then(namespaces);
        Namespaces {
            personal: next(),
            other: next(),
            shared: next(),
        }
    }
}

fn namespaces(node: Node<'_>) -> Option<Vec<Namespace>> {
    node.is_list()
        .then(|| node.children().filter_map(namespace).collect())
}

fn namespace(node: Node<'_>) -> Option<Namespace> {
    let mut fields = node.children();
    let prefix = utf7::decode(&fields.next()?.text());
    let delimiter = fields.next().filter(|node| !node.is_nil());
    let mut extensions = Vec::new();
    while let (Some(name), Some(values)) = (fields.next(), fields.next()) {
        let values = values
            .children()
            .map(|value| value.string().into_owned())
            .collect();
        extensions.push((name.string().into_owned(), values));
    }
    Some(Namespace {
        prefix,
        delimiter: delimiter.map(|node| node.string().into_owned()),
        extensions: (!extensions.is_empty()).then_some(extensions),
    })
}
