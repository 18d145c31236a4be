//! Which messages a command means that was given for the connection before.

use crate::wire::request::{Compiled, Purpose};
use crate::wire::set::SequenceSet;

use super::super::roll::Roll;
use super::{Phase, Remembered, View};

impl View {
    /// Whether the UIDs of the connection before mean other messages now, or none.
    pub(in super::super) fn was_reset(&self) -> bool {
        self.was_reset
    }

    /// What the mailbox was on the connection before, if numbers mean other messages now; once.
    pub(in super::super) fn take_before(&mut self) -> Option<Box<Remembered>> {
        self.before.take()
    }

    /// The UIDVALIDITY of the mailbox that is open.
    pub(in super::super) fn uid_validity(&self) -> Option<u32> {
        let is_open = self.phase == Phase::Open;
        self.facts.uid_validity.filter(|_| is_open)
    }

    /// The UIDs of the messages; `None` while it is not known which message has which number.
    pub(in super::super) fn roll(&self) -> Option<&Roll> {
        let is_known = self.comparison.is_none();
        self.roll.as_ref().filter(|_| is_known)
    }

    /// Whether the message with this number has this UID.
    pub(in super::super) fn is_message(&self, seqno: u32, uid: u32) -> bool {
        self.roll().and_then(|roll| roll.known(seqno)) == Some(uid)
    }

    /// Whether the open mailbox cannot be changed.
    pub(in super::super) fn is_read_only(&self) -> bool {
        self.read_only
    }
}

impl Remembered {
    /// A command that names messages by number, by UID; `None` if one of them is not known.
    pub fn translated(&self, mut compiled: Box<Compiled>) -> Option<Box<Compiled>> {
        if compiled.command.is_conditional() {
            return None;
        }
        let numbers = compiled.command.set()?;
        let ranges = self.roll.as_ref()?.translated(&numbers)?;
        let uids = SequenceSet::of_ranges(ranges);
        if uids.is_empty() {
            return None;
        }
        compiled.command = compiled.command.on_uids(&uids)?;
        if let Purpose::Fetch(plan) = &mut compiled.purpose {
            plan.uid = true;
            plan.set = uids;
        }
        Some(compiled)
    }
}
