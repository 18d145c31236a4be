//! A mailbox is looked at anew, and compared with what the program knows of it: after a lost
//! connection, or when a server says something that does not fit.

use std::collections::BTreeMap;

use super::super::roll::{Difference, Index, Roll};

/// The roll that the program knows, while another one is being made.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) old: Roll,
    pub(super) index: Index,
    /// The flags of messages that are not what they were, by UID.
    changed: BTreeMap<u32, Vec<String>>,
    /// Flags of messages whose UIDs are not known yet, with their digests, by number.
    nameless: BTreeMap<u32, (Vec<String>, u32)>,
    /// Numbers have moved in a way that cannot be followed: what was looked at is void.
    pub(super) is_disturbed: bool,
    /// Whether not even the count is known.
    pub(super) is_open_ended: bool,
    /// Whether the answer that is awaited tells the count.
    pub(super) counts_rows: bool,
    /// Whether the server was asked for everything since it began.
    pub(super) has_looked: bool,
}

/// What is different.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) difference: Difference,
    /// Number, UID and flags of messages whose flags are not what they were.
    pub(super) changed: Vec<(u32, u32, Vec<String>)>,
    /// The roll of before.
    pub(super) old: Roll,
}

impl Comparison {
    pub(super) fn new(old: Roll) -> Comparison {
        Comparison {
            index: Index::of(&old),
            old,
            changed: BTreeMap::new(),
            nameless: BTreeMap::new(),
            is_disturbed: false,
            is_open_ended: false,
            counts_rows: false,
            has_looked: false,
        }
    }

    /// Everything is asked for: the roll that this makes.
    pub(super) fn begin(&mut self, total: u32) -> Roll {
        self.is_disturbed = false;
        self.has_looked = true;
        self.nameless.clear();
        self.counts_rows = self.is_open_ended;
        Roll::of(match self.is_open_ended {
            true => 0,
            false => total,
        })
    }

    /// Numbers have moved, and perhaps the count with them.
    pub(super) fn disturb(&mut self, is_open_ended: bool) {
        self.is_disturbed = true;
        self.is_open_ended |= is_open_ended;
    }

    /// A message has these flags, and this is their digest. `uid` is 0 if it is not known.
    pub(super) fn flags(&mut self, seqno: u32, uid: u32, flags: Vec<String>, digest: u32) {
        if uid == 0 {
            self.nameless.insert(seqno, (flags, digest));
            return;
        }
        self.nameless.remove(&seqno);
        let Some(place) = self.index.place(&self.old, uid) else {
            return;
        };
        match self.old.flags().get(place) == Some(&digest) {
            true => self.changed.remove(&uid),
            false => self.changed.insert(uid, flags),
        };
    }

    /// The message with this number has this UID.
    pub(super) fn name(&mut self, seqno: u32, uid: u32) {
        if let Some((flags, digest)) = self.nameless.remove(&seqno) {
            self.flags(seqno, uid, flags, digest);
        }
    }

    /// What is different in the roll that was made, which is complete.
    pub(super) fn with(self, roll: &mut Roll) -> Findings {
        let difference = roll.since(&self.old);
        let index = Index::of(roll);
        let number = |(uid, flags)| {
            let place = index.place(roll, uid)?;
            Some((place as u32 + 1, uid, flags))
        };
        Findings {
            changed: self.changed.into_iter().filter_map(number).collect(),
            difference,
            old: self.old,
        }
    }
}
