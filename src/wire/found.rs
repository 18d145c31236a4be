//! The answers to SEARCH and SORT.

use std::borrow::Cow;

use super::token::{Node, Nodes};

/// The messages that match.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<'a> {
    /// UIDs or sequence numbers.
    pub numbers: Vec<u32>,
    /// The highest MODSEQ among them, a string because it has 63 bits.
    pub modseq: Option<Cow<'a, str>>,
}

impl<'a> Found<'a> {
    /// Reads the values after the keyword. What is no number of a message is passed over
    /// (contract Q-63).
    ///
    /// ```text
    /// search-data = "SEARCH" *(SP number) [SP "(MODSEQ" SP number ")"]   ; RFC 7162 section 7
    /// ```
    pub fn of(values: Nodes<'a>) -> Found<'a> {
        let number = |node: Node<'_>| node.number().and_then(|number| u32::try_from(number).ok());
        let modseq = values.filter(Node::is_list).find_map(|list| {
            let mut words = list.children();
            let is_modseq = words.next()?.raw().eq_ignore_ascii_case(b"MODSEQ");
            words.next().filter(|_| is_modseq).map(|node| node.string())
        });
        Found {
            numbers: values.filter_map(number).collect(),
            modseq,
        }
    }
}
