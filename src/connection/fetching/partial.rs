//! What an open message of a FETCH has so far.

use crate::event::{Event, EventSink};
use crate::wire::fetch::{self, Pairs};
use crate::wire::request::FetchPlan;
use crate::wire::token::Node;

/// A message that still lacks something.
#[derive(Debug, Default)]
pub(in crate::connection) struct Partial {
    pub(super) announced: bool,
    /// Whether all that is known came before the answer, unasked.
    pub(super) early: bool,
    pub(super) attributes: Bits,
    pub(super) sections: Bits,
    /// The attributes of earlier responses, in the form that [`Node::write`] gives them.
    pub(super) pairs: Vec<u8>,
}

impl Partial {
    /// Flags that came unasked before the answer give way to those of the answer.
    pub(super) fn forget_older_flags(&mut self, answer: Pairs<'_>, plan: &FetchPlan) {
        let mut names = answer.map(|(name, _)| name);
        if names.any(|name| name.raw().eq_ignore_ascii_case(b"FLAGS")) {
            self.pairs.clear();
            self.attributes = Bits::default();
            for (name, _) in answer {
                if let Some(index) = fetch::position(&plan.attributes, name.raw()) {
                    self.attributes.set(index);
                }
            }
        }
    }

    /// Keeps the attributes of a response until the message is complete.
    pub(super) fn keep(&mut self, pairs: Pairs<'_>, plan: &FetchPlan) {
        let is_wanted = |name: &Node<'_>| fetch::position(&plan.attributes, name.raw()).is_some();
        for (name, value) in pairs.filter(|(name, _)| is_wanted(name)) {
            self.pairs.extend_from_slice(name.raw());
            self.pairs.push(b' ');
            value.write(&mut self.pairs);
            self.pairs.push(b' ');
        }
    }
}

pub(in crate::connection) fn has_flags(mut pairs: Pairs<'_>) -> bool {
    pairs.any(|(name, _)| name.raw().eq_ignore_ascii_case(b"FLAGS"))
}

/// A sink for what must not be told yet.
pub(super) struct Silence;

impl EventSink for Silence {
    fn emit(&mut self, _: &Event<'_>) {}
    fn flush(&mut self) {}
    fn is_full(&self) -> bool {
        false
    }
    fn space(&self) -> std::sync::Arc<tokio::sync::Notify> {
        std::sync::Arc::default()
    }
}

/// A small set of indexes; the first 64 take no memory of their own.
#[derive(Clone, Debug, Default)]
pub(in crate::connection) struct Bits {
    first: u64,
    more: Vec<usize>,
}

impl Bits {
    /// Adds an index; false if it was there.
    pub(in crate::connection) fn set(&mut self, index: usize) -> bool {
        if index >= 64 {
            let is_new = !self.more.contains(&index);
            if is_new {
                self.more.push(index);
            }
            return is_new;
        }
        let is_new = self.first & (1 << index) == 0;
        self.first |= 1 << index;
        is_new
    }

    pub(super) fn count(&self) -> usize {
        self.first.count_ones() as usize + self.more.len()
    }

    pub(in crate::connection) fn contains(&self, index: usize) -> bool {
        match index {
            0..64 => self.first & (1 << index) != 0,
            _ => self.more.contains(&index),
        }
    }

    /// Takes an index away.
    pub(in crate::connection) fn clear(&mut self, index: usize) {
        match index {
            0..64 => self.first &= !(1 << index),
            _ => self.more.retain(|more| *more != index),
        }
    }
}
