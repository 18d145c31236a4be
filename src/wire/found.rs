//! The answers to SEARCH and SORT.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::token::{Node, Nodes};

/// The messages that match.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// UIDs or sequence numbers.
    pub numbers: Matches<'a>,
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
        let modseq = values.filter(Node::is_list).find_map(|list| {
            let mut words = list.children();
            let is_modseq = words.next()?.raw().eq_ignore_ascii_case(b"MODSEQ");
            words.next().filter(|_| is_modseq).map(|node| node.string())
        });
        Found {
            numbers: Matches(values),
            modseq,
        }
    }
}

/// The numbers among values, read while they are serialised.
#[derive(Clone, Copy, Debug)]
pub struct Matches<'a>(Nodes<'a>);

impl Serialize for Matches<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for number in self.0.flat_map(|node| node.numbers()) {
            list.serialize_element(&number)?;
        }
        list.end()
    }
}
