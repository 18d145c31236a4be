//! What tests and the model check see of a view, and what its mistakes do to it.

use super::super::roll::Roll;
use super::{Remembered, View};

impl View {
    /// The mailbox as it would be left now.
    pub(in super::super) fn remembered(&self) -> Option<Remembered> {
        self.clone().into_remembered()
    }

    /// The memory that its rolls take.
    pub(super) fn bytes(&self) -> usize {
        let old = self.comparison.as_ref().map(|comparison| &comparison.old);
        self.roll.iter().chain(old).map(Roll::bytes).sum()
    }

    /// Holes are searched for in mailboxes of so many messages.
    pub(in super::super) fn search_from(&mut self, messages: u32) {
        self.search_from = messages;
    }

    /// A mistake: this is taken for the largest UID that was announced.
    pub(in super::super) fn mistake_last_uid(&mut self, last: u32) {
        let old = self
            .comparison
            .as_mut()
            .map(|comparison| &mut comparison.old);
        for roll in self.roll.iter_mut().chain(old) {
            roll.mistake_last_uid(last);
        }
    }

    /// A mistake: messages without a name are left alone.
    pub(in super::super) fn mistake_no_chance(&mut self) {
        self.hidden.spend();
        if let Some(restoring) = &mut self.restoring {
            restoring.spend();
        }
    }

    /// What the SELECT said.
    pub(in super::super) fn uid_next(&self) -> Option<u32> {
        self.facts.uid_next
    }
}

impl Remembered {
    /// The UIDs that the program counts, in their order; 0 where one is not known.
    pub(in super::super) fn uids(&self) -> &[u32] {
        let roll = self.roll.as_ref();
        roll.map_or(&[], |roll| &roll.uids()[..roll.counted() as usize])
    }

    /// The digests of their flags.
    pub(in super::super) fn flags(&self) -> &[u32] {
        self.roll.as_ref().map_or(&[], Roll::flags)
    }

    /// Whether what is there was looked at.
    pub(in super::super) fn is_told(&self) -> bool {
        self.roll.as_ref().is_some_and(|roll| !roll.is_untold())
    }
}
