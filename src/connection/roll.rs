//! The roll of a mailbox: which message has which sequence number (resilience 2.5).
//!
//! Kept only for sessions that come back after a lost connection: sequence numbers die with it,
//! and what happened meanwhile is found by comparing two rolls by UID.
//!
//! A place is named only by the number of a FETCH response that carries a UID. Not by counting
//! through the result of a search: a message that another client removed keeps its number until
//! the server says so, and appears in no result.

mod translation;

use std::ops::Range;

use crate::wire::uids::UidSet;

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
    /// How many places from the first on the program counts, or will as soon as they have names:
    /// the others are not announced yet.
    counted: usize,
    /// Whether the server was asked at all.
    is_told: bool,
    /// The largest UID that was announced, or there at the beginning.
    last_uid: u32,
}

/// A message that left its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone {
    /// The number that it had.
    pub(super) seqno: u32,
    /// Its UID, if it is known.
    pub(super) uid: Option<u32>,
    /// Whether the program counts it.
    pub(super) is_counted: bool,
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

/// Where a roll has which UID. It takes memory only for a roll that is out of order or has places
/// without a name.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// UIDs and places; `None` if the roll itself ascends.
    sorted: Option<Vec<(u32, u32)>>,
}

impl Roll {
    /// The roll of so many messages, none of which has a name.
    pub(super) fn of(total: u32) -> Roll {
        let mut roll = Roll::default();
        roll.exists(total);
        roll
    }

    /// The mailbox has so many messages.
    pub(super) fn exists(&mut self, total: u32) {
        let total = total.min(MAX_MESSAGES) as usize;
        self.uids.resize(total, 0);
        self.flags.resize(total, 0);
        self.asked = self.asked.min(total);
        self.counted = self.counted.min(total);
    }

    /// What the program knows of it: without the messages that are not announced yet.
    pub(super) fn announced(mut self) -> Roll {
        self.exists(self.counted as u32);
        self
    }

    /// The program was told how many messages there are, or is about to be.
    pub(super) fn opened(&mut self) {
        self.counted = self.uids.len();
    }

    /// The message is gone, and those above move down; `None` if there is no such message.
    pub(super) fn expunge(&mut self, seqno: u32) -> Option<Gone> {
        let place = self.place(seqno)?;
        self.flags.remove(place);
        let uid = self.uids.remove(place);
        let is_counted = place < self.counted;
        self.counted -= usize::from(is_counted);
        self.asked -= usize::from(place < self.asked);
        Some(Gone {
            seqno,
            uid: (uid != 0).then_some(uid),
            is_counted,
        })
    }

    /// Messages are gone, by UID. Gives them, the highest number first, and whether that is all:
    /// not where a message without a name may be among them. UIDs that nobody has mean nothing.
    pub(super) fn vanish(&mut self, uids: &UidSet) -> (Vec<Gone>, bool) {
        let is_all = !self.may_be_nameless(uids);
        let mut gone = Vec::new();
        let mut kept = 0;
        let (asked, counted) = (self.asked, self.counted);
        for place in 0..self.uids.len() {
            let (Some(&uid), Some(&flags)) = (self.uids.get(place), self.flags.get(place)) else {
                break;
            };
            if uid != 0 && uids.contains(uid) {
                self.asked -= usize::from(place < asked);
                self.counted -= usize::from(place < counted);
                gone.push(Gone {
                    seqno: place as u32 + 1,
                    uid: Some(uid),
                    is_counted: place < counted,
                });
                continue;
            }
            if let (Some(slot), Some(bits)) = (self.uids.get_mut(kept), self.flags.get_mut(kept)) {
                (*slot, *bits) = (uid, flags);
            }
            kept += 1;
        }
        self.uids.truncate(kept);
        self.flags.truncate(kept);
        gone.reverse();
        (gone, is_all)
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

    /// The message is one that is known. What the server said of it just now counts more.
    pub(super) fn inherit(&mut self, seqno: u32, uid: u32, flags: u32) {
        let Some(place) = self.place(seqno) else {
            return;
        };
        for (slots, value) in [(&mut self.uids, uid), (&mut self.flags, flags)] {
            if let Some(slot) = slots.get_mut(place).filter(|slot| **slot == 0) {
                *slot = value;
            }
        }
    }

    /// The UID of a message; 0 if it is not known, or if there is no such message.
    pub(super) fn uid(&self, seqno: u32) -> u32 {
        let place = self.place(seqno).and_then(|place| self.uids.get(place));
        place.copied().unwrap_or_default()
    }

    /// The numbers that nobody has asked about.
    pub(super) fn unasked(&self) -> Option<(u32, u32)> {
        let from = self.asked as u32 + 1;
        // What the program counts is what was there; only what came after it is news.
        let to = match self.is_told {
            true => self.uids.len() as u32,
            false => self.counted as u32,
        };
        (from <= to).then_some((from, to))
    }

    /// Whether a message up to this number has no name although the server was asked just now.
    pub(super) fn has_holes(&self, to: u32) -> bool {
        self.unanswered(to).contains(&0)
    }

    /// The server was asked about the numbers up to this one. Gives the UIDs of those that were
    /// not announced yet, ascending.
    pub(super) fn answered(&mut self, to: u32) -> Vec<u32> {
        let mut arrived = self.unanswered(to).to_vec();
        arrived.retain(|uid| *uid > self.last_uid);
        arrived.sort_unstable();
        self.asked = self.asked.max((to as usize).min(self.uids.len()));
        self.counted = self.counted.max(self.asked);
        self.is_told = true;
        self.last_uid = arrived.last().copied().unwrap_or(self.last_uid);
        arrived
    }

    /// The same for those that the program counts.
    pub(super) fn settled(&mut self) -> Vec<u32> {
        self.answered(self.counted as u32)
    }

    /// Whether nothing was ever asked: the first answer is what was there, and not news.
    pub(super) fn is_untold(&self) -> bool {
        !self.is_told
    }

    /// The largest UID that was announced, or there at the beginning.
    pub(super) fn last_uid(&self) -> u32 {
        self.last_uid
    }

    /// How many messages the program counts.
    pub(super) fn counted(&self) -> u32 {
        self.counted as u32
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> u32 {
        self.uids.len() as u32
    }

    /// The UID of each message.
    pub(super) fn uids(&self) -> &[u32] {
        &self.uids
    }

    /// What the flags of each message were.
    pub(super) fn flags(&self) -> &[u32] {
        &self.flags
    }

    /// Whether every message that the program counts has its UID, and they ascend as they must
    /// (RFC 3501 section 2.3.1.1).
    pub(super) fn is_sound(&self) -> bool {
        ascend(self.uids.get(..self.counted).unwrap_or_default())
    }

    /// What changed since `old`, which is of the same UIDVALIDITY. What the server was asked about,
    /// counts as announced afterwards.
    pub(super) fn since(&mut self, old: &Roll) -> Difference {
        let here = Index::of(self);
        let counted = old.uids.get(..old.counted).unwrap_or_default();
        let mut gone = Vec::new();
        // Places that were never named are those that are here between the same neighbours under
        // a UID which is not new, as far as there are such.
        let mut nameless: Range<u32> = 1..1;
        let mut above = 0;
        let mut settle = |nameless: Range<u32>, below: u32, gone: &mut Vec<(u32, u32)>| {
            let surviving = here.count(self, above, below) as u32;
            gone.extend(nameless.skip(surviving as usize).map(|seqno| (seqno, 0)));
            above = below;
        };
        for (seqno, uid) in (1..).zip(counted) {
            if *uid == 0 {
                nameless.end = seqno + 1;
                continue;
            }
            settle(nameless, *uid, &mut gone);
            nameless = seqno + 1..seqno + 1;
            if here.place(self, *uid).is_none() {
                gone.push((seqno, *uid));
            }
        }
        settle(nameless, old.last_uid.saturating_add(1), &mut gone);
        gone.reverse();
        self.last_uid = self.last_uid.max(old.last_uid);
        let arrived = self.settled();
        Difference { gone, arrived }
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        (self.uids.capacity() + self.flags.capacity()) * size_of::<u32>()
    }

    #[cfg(test)]
    pub(super) fn mistake_last_uid(&mut self, last: u32) {
        self.last_uid = last;
    }

    /// The UIDs of messages that the server was asked about just now.
    fn unanswered(&self, to: u32) -> &[u32] {
        let to = (to as usize).min(self.uids.len());
        self.uids.get(self.asked..to).unwrap_or_default()
    }

    /// Whether a message without a name may have one of these UIDs: those that it can have lie
    /// between those of its neighbours.
    fn may_be_nameless(&self, uids: &UidSet) -> bool {
        let mut above = 0;
        let mut is_nameless = false;
        for uid in &self.uids {
            match *uid {
                0 => is_nameless = true,
                uid if is_nameless && uids.is_between(above, uid) => return true,
                uid => (above, is_nameless) = (uid, false),
            }
        }
        is_nameless && uids.is_between(above, u32::MAX)
    }

    fn place(&self, seqno: u32) -> Option<usize> {
        let place = (seqno as usize).checked_sub(1)?;
        (place < self.uids.len()).then_some(place)
    }
}

impl Index {
    /// The index of a roll, right until that changes.
    pub(super) fn of(roll: &Roll) -> Index {
        let sorted = (!ascend(&roll.uids)).then(|| {
            let named = roll.uids.iter().copied().zip(0..);
            let mut sorted: Vec<_> = named.filter(|(uid, _)| *uid != 0).collect();
            sorted.sort_unstable();
            sorted
        });
        Index { sorted }
    }

    /// The place of a message in the roll, counted from 0.
    pub(super) fn place(&self, roll: &Roll, uid: u32) -> Option<usize> {
        let Some(sorted) = &self.sorted else {
            return roll.uids.binary_search(&uid).ok();
        };
        let at = sorted.binary_search_by_key(&uid, |(uid, _)| *uid).ok()?;
        sorted.get(at).map(|(_, place)| *place as usize)
    }

    /// How many messages have a UID that is above the one and below the other.
    fn count(&self, roll: &Roll, above: u32, below: u32) -> usize {
        let from = |least: u32| match &self.sorted {
            Some(sorted) => sorted.partition_point(|(uid, _)| *uid < least),
            None => roll.uids.partition_point(|uid| *uid < least),
        };
        from(below).saturating_sub(from(above.saturating_add(1)))
    }
}

/// Whether all of them are UIDs, and in order.
fn ascend(uids: &[u32]) -> bool {
    uids.first() != Some(&0) && uids.is_sorted_by(|one, next| one < next)
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
        let gone = roll.expunge(1).unwrap();
        assert_eq!((gone.uid, gone.is_counted), (Some(3), true));
        let unannounced = roll.clone().expunge(3).unwrap();
        assert!(!unannounced.is_counted);
        assert_eq!(roll.unasked(), Some((3, 3)));
        assert_eq!(roll.expunge(9), None);
        assert_eq!(roll.expunge(0), None);
    }

    #[test]
    fn a_difference_is_told_so_that_a_listener_who_counts_stays_right() {
        let old = roll(&[1, 2, 3, 4, 5]);
        let mut new = Roll::default();
        new.exists(4);
        new.opened();
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
        let mut new = Roll::of(3);
        new.opened();
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
    fn what_vanished_is_told_highest_first_and_once() {
        let mut roll = roll(&[1, 2, 3, 5, 8]);
        let seqnos = |gone: Vec<Gone>| -> Vec<_> { gone.iter().map(|gone| gone.seqno).collect() };
        let (gone, is_all) = roll.vanish(&UidSet::parse("2,4:6,99"));
        assert_eq!((seqnos(gone), is_all), (vec![4, 2], true));
        assert_eq!(roll.uids(), [1, 3, 8]);
        let (gone, is_all) = roll.vanish(&UidSet::parse("2,4:6"));
        assert_eq!((seqnos(gone), is_all), (vec![], true));
        let (gone, is_all) = roll.vanish(&UidSet::parse("1:4294967295"));
        assert_eq!((seqnos(gone), is_all), (vec![3, 2, 1], true));
        assert_eq!((roll.len(), roll.unasked()), (0, None));
    }

    #[test]
    fn where_a_nameless_message_may_be_meant_nothing_is_guessed() {
        let mut roll = roll(&[1, 4, 8]);
        roll.name(2, Some(0), None);
        roll.exists(4);
        for (uids, is_all) in [("5", false), ("9", false), ("1,8", true), ("2:7", false)] {
            assert_eq!(
                roll.clone().vanish(&UidSet::parse(uids)).1,
                is_all,
                "{uids}"
            );
        }
        let (gone, _) = roll.vanish(&UidSet::parse("8"));
        assert_eq!((gone.len(), roll.unasked()), (1, Some((3, 3))));
    }

    #[test]
    fn a_nameless_message_survives_only_between_its_neighbours() {
        let mut old = roll(&[1, 2, 5, 6, 9]);
        old.name(2, Some(0), None);
        old.name(4, Some(0), None);
        let mut new = roll(&[1, 2, 5, 9]);
        assert_eq!(new.since(&old).gone, [(4, 0)]);
    }

    #[test]
    fn flags_are_the_same_in_any_order() {
        let one = digest(["\\Seen", "x"].into_iter());
        assert_eq!(one, digest(["X", "\\Recent", "\\seen"].into_iter()));
        assert_ne!(one, digest(["\\Seen"].into_iter()));
        assert_ne!(digest(std::iter::empty()), 0);
    }
}
