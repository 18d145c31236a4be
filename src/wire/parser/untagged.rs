//! The values of untagged data in the shapes that the `Parser` of node-imap gives them.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::Serializer;

use crate::wire::esearch::Esearch;
use crate::wire::found::{Found, Matches};
use crate::wire::identity::Identity;
use crate::wire::mailbox::{Counted, Listed};
use crate::wire::quota::Quota;
use crate::wire::response::Keyword;
use crate::wire::thread::Threads;
use crate::wire::token::{Node, Nodes};
use crate::wire::value::Value;

/// The values after a keyword; the `text` of an `untagged` event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Data<'a> {
    /// Flags or capabilities, verbatim.
    Words(Words<'a>),
    /// UIDs or sequence numbers.
    Numbers(Matches<'a>),
    /// The same, with the highest MODSEQ among them (RFC 7162 section 3.1.5).
    Search {
        /// UIDs or sequence numbers.
        results: Matches<'a>,
        /// A string because it has 63 bits.
        modseq: Cow<'a, str>,
    },
    /// Conversations.
    Thread(Threads<'a>),
    /// The answer to SEARCH with RETURN.
    Esearch(Esearch<'a>),
    /// A mailbox.
    List {
        /// Attributes, verbatim.
        flags: Vec<Cow<'a, str>>,
        /// The delimiter of this name.
        delimiter: Option<Cow<'a, str>>,
        /// The name, decoded from modified UTF-7.
        name: String,
    },
    /// The counters of a mailbox.
    Status {
        /// The name, decoded from modified UTF-7.
        name: String,
        /// The counters.
        attrs: Items,
    },
    /// What the server says of itself.
    Id(Identity<'a>),
    /// A quota root.
    Quota(Quota<'a>),
    /// The quota roots of a mailbox.
    Quotaroot {
        /// Names of the roots.
        roots: Words<'a>,
        /// The name, as the server gives it.
        mailbox: Cow<'a, str>,
    },
}

impl<'a> Data<'a> {
    /// Reads the values after a keyword; `None` if they are not what it has.
    pub(super) fn of(keyword: Keyword, mut values: Nodes<'a>) -> Option<Data<'a>> {
        Some(match keyword {
            Keyword::Flags => Data::Words(Words::inside(values)),
            Keyword::Capability => Data::Words(Words(values)),
            Keyword::Search | Keyword::Sort => match Found::of(values) {
                Found {
                    numbers: results,
                    modseq: Some(modseq),
                } if keyword == Keyword::Search => Data::Search { results, modseq },
                found => Data::Numbers(found.numbers),
            },
            Keyword::Thread => Data::Thread(Threads(values)),
            Keyword::Esearch => Data::Esearch(Esearch(values)),
            Keyword::List | Keyword::Lsub | Keyword::Xlist => {
                let listed = Listed::of(values)?;
                Data::List {
                    flags: listed.attribs,
                    delimiter: listed.delimiter,
                    name: listed.name,
                }
            }
            Keyword::Status => {
                let Counted { name, items } = Counted::of(values)?;
                Data::Status {
                    name,
                    attrs: Items(items),
                }
            }
            Keyword::Id => Data::Id(Identity::of(values)?),
            Keyword::Quota => Data::Quota(Quota::of(values)?),
            Keyword::Quotaroot => {
                let mailbox = values.next().filter(|mailbox| !mailbox.is_list())?;
                Data::Quotaroot {
                    roots: Words(values),
                    mailbox: mailbox.string(),
                }
            }
            _ => return None,
        })
    }
}

/// Strings beside each other; lists between them are passed over.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a>(Nodes<'a>);

impl<'a> Words<'a> {
    /// The words of a list, or those that have lost their parentheses.
    fn inside(values: Nodes<'a>) -> Words<'a> {
        let mut ahead = values;
        match ahead.next() {
            Some(list) if list.is_list() => Words(list.children()),
            _ => Words(values),
        }
    }
}

impl Serialize for Words<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let words = self.0.filter(|node| !node.is_list());
        serializer.collect_seq(words.map(|node: Node<'_>| node.string()))
    }
}

/// Names and values; the names cross in lower case.
#[derive(Debug)]
pub struct Items(Vec<(String, Value)>);

impl Serialize for Items {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = self.0.iter();
        serializer.collect_map(items.map(|(name, value)| (name.to_lowercase(), value)))
    }
}
