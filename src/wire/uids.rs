//! Sets of UIDs that a server names (RFC 7162 section 3.2.10).

use super::set::merged;
use super::token::Nodes;

/// A set of UIDs. However many they are, it takes no more memory than its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UidSet {
    /// Ascending, neither overlapping nor touching; both ends included.
    ranges: Vec<(u32, u32)>,
}

impl UidSet {
    /// Reads the set of a server. What is no UID is passed over.
    ///
    /// ```abnf
    /// known-uids  = sequence-set                               ; without "*"
    /// ```
    pub fn parse(text: &str) -> UidSet {
        let range = |member: &str| {
            let (first, last) = member.split_once(':').unwrap_or((member, member));
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            let (first, last) = (first.min(last).max(1), first.max(last));
            (first <= last).then_some((first, last))
        };
        let ranges = text.split(',').filter_map(range).collect();
        UidSet {
            ranges: merged(ranges),
        }
    }

    /// Whether the UID is in it.
    pub fn contains(&self, uid: u32) -> bool {
        self.first_from(uid) == Some(uid)
    }

    /// Whether a UID is in it that is above the one and below the other.
    pub fn is_between(&self, above: u32, below: u32) -> bool {
        let first = above.checked_add(1).and_then(|from| self.first_from(from));
        first.is_some_and(|uid| uid < below)
    }

    /// The first of its UIDs that is not below this one.
    fn first_from(&self, uid: u32) -> Option<u32> {
        let at = self.ranges.partition_point(|&(_, last)| last < uid);
        let (first, _) = self.ranges.get(at)?;
        Some(uid.max(*first))
    }
}

/// What servers of tests say.
#[cfg(test)]
impl UidSet {
    /// The set of these UIDs, which ascend.
    pub fn of(uids: impl Iterator<Item = u32>) -> UidSet {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for uid in uids {
            match ranges.last_mut() {
                Some(last) if last.1.checked_add(1) == Some(uid) => last.1 = uid,
                _ => ranges.push((uid, uid)),
            }
        }
        UidSet { ranges }
    }

    /// Its text.
    pub fn text(&self) -> String {
        let range = |(first, last): &(u32, u32)| match first == last {
            true => first.to_string(),
            false => format!("{first}:{last}"),
        };
        let ranges: Vec<String> = self.ranges.iter().map(range).collect();
        ranges.join(",")
    }
}

/// A VANISHED response: messages that are gone, by UID.
///
/// ```abnf
/// expunged-resp  = "VANISHED" [SP "(EARLIER)"] SP known-uids     ; RFC 7162 section 7
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Vanished {
    /// Whether they went before the mailbox was opened, so that no number falls.
    pub earlier: bool,
    /// Which; a server may name some twice, and some that nobody ever knew.
    pub uids: UidSet,
}

impl Vanished {
    /// Reads the values after the keyword.
    pub fn of(values: Nodes<'_>) -> Vanished {
        let mut earlier = false;
        let mut uids = UidSet::default();
        for value in values {
            match value.is_list() {
                true => earlier = true,
                false => uids = UidSet::parse(&value.string()),
            }
        }
        Vanished { earlier, uids }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::token::tape;
    use super::*;

    #[test]
    fn what_a_server_says() {
        let read = |text: &str| Vanished::of(Nodes::new(text.as_bytes(), &tape(text.as_bytes())));
        let vanished = read("(EARLIER) 41,43:116,118,120:211");
        assert!(vanished.earlier);
        assert_eq!(vanished.uids.text(), "41,43:116,118,120:211");
        let vanished = read("5,7:6,3,3:4,0:1,x,9:,4294967296");
        assert!(!vanished.earlier);
        assert_eq!(vanished.uids.text(), "1,3:7");
        assert_eq!(read("0").uids.text() + &read("").uids.text(), "");
    }

    #[test]
    fn everything_is_one_range() {
        let all = UidSet::parse("1:4294967295");
        assert!(all.contains(1) && all.contains(u32::MAX));
        assert!(all.is_between(0, u32::MAX) && !all.is_between(4, 5));
        assert!(!all.is_between(u32::MAX, u32::MAX));
        assert_eq!(all.ranges.len(), 1);
    }

    proptest! {
        #[test]
        fn it_is_a_set(uids in prop::collection::btree_set(1u32..200, 0..60)) {
            let set = UidSet::of(uids.iter().copied());
            let text = set.text();
            prop_assert_eq!(&UidSet::parse(&text), &set);
            for uid in 0..220 {
                prop_assert_eq!(set.contains(uid), uids.contains(&uid));
                let below = uid + 7;
                let is_between = uids.range(uid + 1..below).next().is_some();
                prop_assert_eq!(set.is_between(uid, below), is_between);
            }
        }
    }
}
