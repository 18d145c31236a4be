//! Which messages of a large mailbox are gone, found by looking at a few places (resilience
//! 2.4.3): UIDs ascend, so that where a message has moved down by `n`, `n` are gone before it. All
//! holes are narrowed down by one command, so that it takes as many round trips as it takes to
//! halve the mailbox down to one message.

use super::super::roll::Roll;

/// A place of the new roll that is known to hold a message of the old one. Both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    /// The number that it has.
    place: u32,
    /// The number that it had.
    rank: u32,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Bisect {
    /// Ascending; from a message before the first to one behind the last.
    points: Vec<Point>,
    /// What the server was asked for.
    asked: Vec<u32>,
}

/// The server's answer cannot be: a message has no UID, or one that it did not have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contradiction;

impl Bisect {
    /// So many messages of so many are left, in places from the first on.
    pub(super) fn new(left: u32, before: u32) -> Bisect {
        let end = |place: u32, rank: u32| Point { place, rank };
        Bisect {
            points: vec![end(0, 0), end(left + 1, before + 1)],
            asked: Vec::new(),
        }
    }

    /// None is gone: every message is where it was.
    pub(super) fn none_gone(before: u32) -> Bisect {
        Bisect::new(before, before)
    }

    /// The places to ask for next; none if everything is known. The last place is always looked
    /// at: a message that is hidden, because its removal was not told yet, would be taken for one
    /// that is there.
    pub(super) fn questions(&mut self) -> &[u32] {
        let mut asked: Vec<u32> = self
            .pairs()
            .filter(|(low, high)| low.moved() != high.moved() && high.place - low.place > 1)
            .map(|(low, high)| low.place.midpoint(high.place))
            .collect();
        if self.points.len() == 2
            && let Some(last) = self.points.last().filter(|last| last.place > 1)
            && asked.last() != Some(&(last.place - 1))
        {
            asked.push(last.place - 1);
        }
        self.asked = asked;
        &self.asked
    }

    /// The roll has the answers; `before` are the UIDs of the old one, ascending.
    pub(super) fn learn(&mut self, roll: &Roll, before: &[u32]) -> Result<(), Contradiction> {
        for place in std::mem::take(&mut self.asked) {
            let uid = roll.uid(place);
            let rank = before.binary_search(&uid).map_err(|_| Contradiction)?;
            let found = Point {
                place,
                rank: rank as u32 + 1,
            };
            let at = self.points.partition_point(|point| point.place < place);
            self.points.insert(at, found);
        }
        let is_sound = |(low, high): (Point, Point)| {
            low.place < high.place && low.rank < high.rank && low.moved() <= high.moved()
        };
        self.pairs()
            .all(is_sound)
            .then_some(())
            .ok_or(Contradiction)
    }

    /// Each place with the number of the message in it in the old roll, counted from 0.
    pub(super) fn places(&self) -> impl Iterator<Item = (u32, usize)> {
        let end = self.points.last().copied();
        self.pairs().flat_map(move |(low, high)| {
            let last = high.place - u32::from(end == Some(high));
            (low.place + 1..=last).map(move |place| {
                let moved = match place == high.place {
                    true => high.moved(),
                    false => low.moved(),
                };
                (place, (place + moved) as usize - 1)
            })
        })
    }

    fn pairs(&self) -> impl Iterator<Item = (Point, Point)> {
        let next = self.points.iter().skip(1);
        self.points.iter().copied().zip(next.copied())
    }
}

impl Point {
    /// How many are gone before it.
    fn moved(self) -> u32 {
        self.rank.saturating_sub(self.place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Asks until everything is known; gives the rounds, and the UIDs by place.
    fn search(now: &[u32], before: &[u32]) -> (usize, Vec<u32>) {
        let mut bisect = Bisect::new(now.len() as u32, before.len() as u32);
        let mut roll = Roll::of(now.len() as u32);
        let mut rounds = 0;
        loop {
            let questions = bisect.questions().to_vec();
            if questions.is_empty() {
                break;
            }
            rounds += 1;
            for place in questions {
                roll.name(place, Some(now[place as usize - 1]), None);
            }
            bisect.learn(&roll, before).unwrap();
        }
        let places: Vec<_> = bisect.places().collect();
        assert!(
            places
                .iter()
                .map(|(place, _)| *place)
                .eq(1..=now.len() as u32)
        );
        let uids = places.iter().map(|(_, rank)| before[*rank]).collect();
        (rounds, uids)
    }

    #[test]
    fn forty_of_a_million_are_found_in_twenty_five_rounds() {
        let before: Vec<u32> = (1..=1_000_000).map(|n| n * 3).collect();
        let gone = |place: &usize| place % 24_593 == 77;
        let now: Vec<u32> = (0..before.len())
            .filter(|place| !gone(place))
            .map(|place| before[place])
            .collect();
        assert_eq!(before.len() - now.len(), 41);
        let (rounds, found) = search(&now, &before);
        assert!(rounds <= 25, "{rounds} rounds");
        assert_eq!(found, now);
    }

    #[test]
    fn what_cannot_be_is_noticed() {
        let before = [1, 2, 3, 4];
        for (place, uid) in [(2, 9), (2, 0), (2, 1)] {
            let mut bisect = Bisect::new(2, 4);
            assert_eq!(bisect.questions(), [1, 2]);
            let mut roll = Roll::of(2);
            roll.name(1, Some(1), None);
            roll.name(place, Some(uid), None);
            assert_eq!(bisect.learn(&roll, &before), Err(Contradiction));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_gone_is_found(
            before in prop::collection::btree_set(1u32..500, 0..90),
            gone in prop::collection::vec(any::<bool>(), 90),
        ) {
            let before: Vec<u32> = before.into_iter().collect();
            let kept = before.iter().zip(gone).filter(|(_, gone)| !gone);
            let now: Vec<u32> = kept.map(|(uid, _)| *uid).collect();
            prop_assert_eq!(search(&now, &before).1, now);
        }
    }
}
