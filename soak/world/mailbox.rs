//! A mailbox as its server knows it: the truth that the client's events are held against.

use std::collections::VecDeque;

/// The flags of this world; a message's are a set of bits.
pub(crate) const FLAGS: [&str; 4] = ["\\Seen", "\\Answered", "\\Flagged", "$Work"];
/// So many removals are remembered for `VANISHED (EARLIER)`. Older ones make it longer instead
/// (RFC 7162 section 3.2.5.2).
const REMEMBERED: usize = 30;

/// See the module.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    /// The highest MODSEQ that was given.
    pub(crate) modseq: u64,
    /// In the order of their UIDs.
    messages: Vec<Message>,
    /// MODSEQs and UIDs of what is gone, oldest first.
    vanished: VecDeque<(u64, u32)>,
    /// Removals up to this MODSEQ are forgotten.
    forgotten: u64,
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    pub(crate) uid: u32,
    pub(crate) flags: u8,
    pub(crate) modseq: u64,
}

impl Mailbox {
    /// A mailbox with so many messages.
    pub(crate) fn new(uid_validity: u32, first_uid: u32, first_modseq: u64, count: u32) -> Mailbox {
        let mut mailbox = Mailbox {
            uid_validity,
            uid_next: first_uid,
            modseq: first_modseq,
            messages: Vec::new(),
            vanished: VecDeque::new(),
            forgotten: first_modseq,
        };
        for _ in 0..count {
            mailbox.deliver();
        }
        mailbox
    }

    /// What is there, in the order of the UIDs.
    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages
    }

    pub(crate) fn find(&self, uid: u32) -> Option<&Message> {
        let place = self.messages.binary_search_by_key(&uid, |it| it.uid).ok()?;
        self.messages.get(place)
    }

    /// A message arrives. Gives its UID; `None` when there are no more (RFC 3501 section 2.3.1.1).
    pub(crate) fn deliver(&mut self) -> Option<u32> {
        let uid = self.uid_next;
        self.uid_next = uid.checked_add(1)?;
        self.modseq += 1;
        self.messages.push(Message {
            uid,
            flags: 0,
            modseq: self.modseq,
        });
        Some(uid)
    }

    /// A message goes. Gives its UID.
    pub(crate) fn expunge(&mut self, place: usize) -> u32 {
        let uid = self.messages.remove(place).uid;
        self.modseq += 1;
        self.vanished.push_back((self.modseq, uid));
        if self.vanished.len() > REMEMBERED
            && let Some((modseq, _)) = self.vanished.pop_front()
        {
            self.forgotten = modseq;
        }
        uid
    }

    /// A flag of a message is set, or taken away if it was.
    pub(crate) fn toggle(&mut self, place: usize, flag: usize) {
        self.modseq += 1;
        let message = &mut self.messages[place];
        message.flags ^= 1 << flag;
        message.modseq = self.modseq;
    }

    /// The server lost its memory: the same messages get other UIDs under another UIDVALIDITY.
    pub(crate) fn renumber(&mut self) {
        self.uid_validity += 1;
        self.modseq += 1;
        for (message, uid) in self.messages.iter_mut().zip(1..) {
            message.uid = uid;
            message.modseq = self.modseq;
        }
        self.uid_next = self.messages.len() as u32 + 1;
        self.vanished.clear();
        self.forgotten = self.modseq;
    }

    /// Ranges of UIDs that are gone since that MODSEQ, ascending; if that is too long ago to know,
    /// of all that are not there.
    pub(crate) fn vanished_since(&self, modseq: u64) -> Vec<(u32, u32)> {
        if modseq >= self.forgotten {
            let later = self.vanished.iter().filter(|(at, _)| *at > modseq);
            let mut uids: Vec<u32> = later.map(|(_, uid)| *uid).collect();
            uids.sort_unstable();
            return uids.into_iter().map(|uid| (uid, uid)).collect();
        }
        let mut gaps = Vec::new();
        let mut from = 1;
        for uid in self.messages.iter().map(|it| it.uid).chain([self.uid_next]) {
            if from < uid {
                gaps.push((from, uid - 1));
            }
            from = uid.saturating_add(1);
        }
        gaps
    }
}

impl Message {
    /// Its flags as they stand in a list.
    pub(crate) fn flag_list(&self) -> String {
        let is_set = |bit: &usize| self.flags & (1 << bit) != 0;
        let names: Vec<&str> = (0..FLAGS.len())
            .filter(is_set)
            .map(|bit| FLAGS[bit])
            .collect();
        names.join(" ")
    }
}

/// Names of flags as a set of bits; `None` if one is unknown.
pub(crate) fn flag_bits<'a>(names: impl Iterator<Item = &'a str>) -> Option<u8> {
    let mut bits = 0;
    for name in names.filter(|name| *name != "\\Recent") {
        bits |= 1 << FLAGS.iter().position(|flag| *flag == name)?;
    }
    Some(bits)
}
