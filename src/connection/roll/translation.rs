//! From sequence numbers to UIDs and back.

use crate::wire::set::SequenceSet;

use super::Roll;

impl Roll {
    /// The UID of a message, if it is known.
    pub(in crate::connection) fn known(&self, seqno: u32) -> Option<u32> {
        Some(self.uid(seqno)).filter(|uid| *uid != 0)
    }

    /// The number of a message.
    pub(in crate::connection) fn number(&self, uid: u32) -> Option<u32> {
        let place = self.uids().iter().position(|named| *named == uid)?;
        Some(place as u32 + 1).filter(|_| uid != 0)
    }

    /// The numbers and UIDs that are known.
    pub(in crate::connection) fn named(&self) -> impl Iterator<Item = (u32, u32)> {
        let all = (1..).zip(self.uids().iter().copied());
        all.filter(|(_, uid)| *uid != 0)
    }

    /// The messages with these numbers, as ranges of UIDs; `None` if one of them is not known.
    /// Nothing can ever come between the UIDs of neighbours, so that they make one range.
    pub(in crate::connection) fn runs(
        &self,
        is_meant: impl Fn(u32) -> bool,
    ) -> Option<Vec<(u32, u32)>> {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        let mut is_neighbour = false;
        for (seqno, uid) in (1..).zip(self.uids().iter().copied()) {
            if !is_meant(seqno) {
                is_neighbour = false;
                continue;
            }
            if uid == 0 {
                return None;
            }
            match runs
                .last_mut()
                .filter(|(_, last)| is_neighbour && *last < uid)
            {
                Some((_, last)) => *last = uid,
                None => runs.push((uid, uid)),
            }
            is_neighbour = true;
        }
        Some(runs)
    }

    /// The messages that a set of numbers means, as ranges of UIDs; `None` if one of them is not
    /// known, or not there.
    pub(in crate::connection) fn translated(
        &self,
        numbers: &SequenceSet,
    ) -> Option<Vec<(u32, u32)>> {
        let numbers = SequenceSet::of_ranges(numbers.within(self.len())?);
        self.runs(|seqno| numbers.contains(seqno))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roll(uids: &[u32]) -> Roll {
        let mut roll = Roll::of(uids.len() as u32);
        for (seqno, uid) in (1..).zip(uids) {
            roll.name(seqno, Some(*uid), None);
        }
        roll
    }

    #[test]
    fn numbers_become_ranges_of_uids() {
        let mut roll = roll(&[3, 5, 8, 9, 20]);
        let runs = |roll: &Roll, numbers: &[u32]| roll.runs(|seqno| numbers.contains(&seqno));
        assert_eq!(runs(&roll, &[1, 2, 4, 5]), Some(vec![(3, 5), (9, 20)]));
        assert_eq!(runs(&roll, &[]), Some(vec![]));
        assert_eq!((roll.known(3), roll.known(6)), (Some(8), None));
        assert_eq!((roll.number(9), roll.number(4)), (Some(4), None));
        roll.name(2, Some(0), None);
        assert_eq!(runs(&roll, &[1, 2]), None);
        assert_eq!(runs(&roll, &[1, 3]), Some(vec![(3, 3), (8, 8)]));
        assert_eq!(roll.number(0), None);
        assert_eq!(roll.named().count(), 4);
    }
}
