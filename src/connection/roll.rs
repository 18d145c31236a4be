//! The roll of a mailbox: which message has which sequence number (resilience 2.5).
//!
//! Kept only for sessions that come back after a lost connection: sequence numbers die with it,
//! and what happened meanwhile is found by comparing two rolls by UID.
//!
//! A place is named only by the number of a FETCH response that carries a UID. Not by counting
//! through the result of a search: a message that another client removed keeps its number until
//! the server says so, and appears in no result.

use std::collections::{HashMap, HashSet};

/// Larger mailboxes have no roll: their new mail is announced by number alone.
pub(super) const MAX_MESSAGES: u32 = 4_000_000;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Roll {
    /// The UID of each message; 0 where it is not known.
    uids: Vec<u32>,
    /// What its flags were, as one number.
    flags: Vec<u32>,
    /// How many places from the first on the server was asked to name.
    asked: usize,
    /// Whether it was asked at all.
    is_told: bool,
    /// The largest UID that was announced, or there at the beginning.
    last_uid: u32,
}

/// What changed from one roll to the next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// Numbers, in the old roll, and UIDs (0 if unknown) of messages that are gone; the highest
    /// first, so that each number is right when its turn comes.
    pub(super) gone: Vec<(u32, u32)>,
    /// UIDs of messages that are new, ascending.
    pub(super) arrived: Vec<u32>,
}

impl Roll {
    /// The mailbox has so many messages.
    pub(super) fn exists(&mut self, total: u32) {
        let total = total.min(MAX_MESSAGES) as usize;
        self.uids.resize(total, 0);
        self.flags.resize(total, 0);
        self.asked = self.asked.min(total);
    }

    /// The message is gone, and those above move down. Gives its UID.
    pub(super) fn expunge(&mut self, seqno: u32) -> Option<u32> {
        let place = self.place(seqno)?;
        self.flags.remove(place);
        if place < self.asked {
            self.asked -= 1;
        }
        Some(self.uids.remove(place)).filter(|uid| *uid != 0)
    }

    /// Whether the program does not know of the message: it is not announced before the server has
    /// said which UID it has.
    pub(super) fn is_unannounced(&self, seqno: u32) -> bool {
        let place = self.place(seqno);
        self.is_told && place.is_some_and(|place| place >= self.asked)
    }

    /// The server said which UID the message has, and perhaps its flags.
    pub(super) fn name(&mut self, seqno: u32, uid: Option<u32>, flags: Option<u32>) {
        let Some(place) = self.place(seqno) else {
            return;
        };
        if let (Some(uid), Some(slot)) = (uid, self.uids.get_mut(place)) {
            *slot = uid;
        }
        if let (Some(flags), Some(slot)) = (flags, self.flags.get_mut(place)) {
            *slot = flags;
        }
    }

    /// The UID of the message, if it is known.
    pub(super) fn uid(&self, seqno: u32) -> Option<u32> {
        let place = self.place(seqno)?;
        self.uids.get(place).copied().filter(|uid| *uid != 0)
    }

    /// The numbers that nobody has asked about.
    pub(super) fn unasked(&self) -> Option<(u32, u32)> {
        let from = self.asked as u32 + 1;
        let to = self.uids.len() as u32;
        (from <= to).then_some((from, to))
    }

    /// The server was asked about the numbers up to this one. Gives the UIDs of those that were
    /// not announced yet, ascending.
    pub(super) fn answered(&mut self, to: u32) -> Vec<u32> {
        let to = (to as usize).min(self.uids.len());
        let places = self.uids.get(self.asked..to).unwrap_or_default();
        let mut arrived = places.to_vec();
        arrived.retain(|uid| *uid > self.last_uid);
        arrived.sort_unstable();
        self.asked = self.asked.max(to);
        self.is_told = true;
        self.last_uid = arrived.last().copied().unwrap_or(self.last_uid);
        arrived
    }

    /// Whether nothing was ever asked: the first answer is what was there, and not news.
    pub(super) fn is_untold(&self) -> bool {
        !self.is_told
    }

    /// The largest UID that was announced, or there at the beginning.
    pub(super) fn last_uid(&self) -> u32 {
        self.last_uid
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> u32 {
        self.uids.len() as u32
    }

    /// Whether every message has its UID.
    pub(super) fn is_complete(&self) -> bool {
        !self.uids.contains(&0)
    }

    /// The flags of messages by UID.
    pub(super) fn flags(&self) -> HashMap<u32, u32> {
        let named = self.uids.iter().zip(&self.flags);
        named.map(|(uid, flags)| (*uid, *flags)).collect()
    }

    /// The numbers of the messages by UID.
    pub(super) fn numbers(&self) -> HashMap<u32, u32> {
        self.uids.iter().copied().zip(1..).collect()
    }

    /// What changed since `old`, which is of the same UIDVALIDITY. Everything that has a name here
    /// counts as announced afterwards. What came after the server was asked is still to be asked for.
    pub(super) fn since(&mut self, old: &Roll) -> Difference {
        let here: HashSet<u32> = self.uids.iter().copied().collect();
        let before: HashSet<u32> = old.uids.iter().copied().collect();
        // A place that was never named is one of those that are here under a UID which is not
        // new, as far as there are such.
        let surviving = |uid: &&u32| **uid != 0 && **uid <= old.last_uid && !before.contains(*uid);
        let mut nameless = self.uids.iter().filter(surviving).count();
        let mut gone = Vec::new();
        // Places beyond were never announced.
        for (place, uid) in old.uids.iter().take(old.asked).enumerate() {
            let stays = match *uid {
                0 if nameless > 0 => {
                    nameless -= 1;
                    true
                }
                0 => false,
                uid => here.contains(&uid),
            };
            if !stays {
                gone.push((place as u32 + 1, *uid));
            }
        }
        gone.reverse();
        self.last_uid = self.last_uid.max(old.last_uid);
        let named = self.uids.iter().rposition(|uid| *uid != 0);
        let arrived = self.answered(named.map_or(0, |place| place as u32 + 1));
        Difference { gone, arrived }
    }

    fn place(&self, seqno: u32) -> Option<usize> {
        let place = (seqno as usize).checked_sub(1)?;
        (place < self.uids.len()).then_some(place)
    }
}

/// Flags as one number, whatever their order and case. `\Recent` is not the message's.
pub(super) fn digest<'a>(flags: impl Iterator<Item = &'a str>) -> u32 {
    flags
        .map(str::to_ascii_lowercase)
        .filter(|flag| flag != "\\recent")
        .map(|flag| hash(flag.as_bytes()))
        // One that is absent and one that is there must differ, and sums do not know an order.
        .fold(1, u32::wrapping_add)
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roll(uids: &[u32]) -> Roll {
        let mut roll = Roll::default();
        roll.exists(uids.len() as u32);
        for (place, uid) in uids.iter().enumerate() {
            roll.name(place as u32 + 1, Some(*uid), None);
        }
        roll.answered(uids.len() as u32);
        roll
    }

    #[test]
    fn new_messages_are_asked_for_and_announced_once() {
        let mut roll = roll(&[3, 5]);
        assert_eq!(roll.unasked(), None);
        roll.exists(4);
        assert_eq!(roll.unasked(), Some((3, 4)));
        roll.name(4, Some(9), None);
        roll.name(3, Some(7), None);
        assert_eq!(roll.answered(4), [7, 9]);
        assert_eq!(roll.unasked(), None);
        assert_eq!(roll.last_uid(), 9);
    }

    #[test]
    fn an_expunge_moves_what_is_asked_for() {
        let mut roll = roll(&[3, 5, 8]);
        roll.exists(4);
        assert_eq!(roll.expunge(1), Some(3));
        assert_eq!(roll.unasked(), Some((3, 3)));
        assert_eq!(roll.expunge(9), None);
        assert_eq!(roll.expunge(0), None);
    }

    #[test]
    fn a_difference_is_told_so_that_a_listener_who_counts_stays_right() {
        let old = roll(&[1, 2, 3, 4, 5]);
        let mut new = Roll::default();
        new.exists(4);
        for (place, uid) in [2, 4, 6, 7].into_iter().enumerate() {
            new.name(place as u32 + 1, Some(uid), None);
        }
        let difference = new.since(&old);
        assert_eq!(difference.gone, [(5, 5), (3, 3), (1, 1)]);
        assert_eq!(difference.arrived, [6, 7]);
        assert_eq!(new.last_uid(), 7);
        assert_eq!(new.unasked(), None);
    }

    #[test]
    fn what_came_during_the_comparison_is_still_asked_for() {
        let old = roll(&[1, 2]);
        let mut new = Roll::default();
        new.exists(3);
        for (place, uid) in [1, 2, 3].into_iter().enumerate() {
            new.name(place as u32 + 1, Some(uid), None);
        }
        new.exists(5);
        assert_eq!(new.since(&old).arrived, [3]);
        assert_eq!(new.unasked(), Some((4, 5)));
        new.name(5, Some(6), None);
        new.name(4, Some(4), None);
        assert_eq!(new.answered(5), [4, 6]);
    }

    #[test]
    fn what_was_never_announced_cannot_be_gone() {
        let mut old = roll(&[1, 2]);
        old.exists(3);
        let mut new = roll(&[1, 2]);
        assert_eq!(new.since(&old), Difference::default());
    }

    #[test]
    fn a_place_without_a_name_may_have_survived() {
        let mut old = roll(&[1, 2, 5]);
        old.name(2, Some(0), None);
        let mut new = Roll::default();
        new.exists(2);
        new.name(1, Some(2), None);
        new.name(2, Some(5), None);
        assert_eq!(new.since(&old).gone, [(1, 1)]);
    }

    #[test]
    fn flags_are_the_same_in_any_order() {
        let one = digest(["\\Seen", "x"].into_iter());
        assert_eq!(one, digest(["X", "\\Recent", "\\seen"].into_iter()));
        assert_ne!(one, digest(["\\Seen"].into_iter()));
        assert_ne!(digest(std::iter::empty()), 0);
    }
}
