//! The messages of a FETCH that still lack something.

use std::collections::BTreeMap;

use super::partial::Partial;

/// See the module. Nearly every message comes as a whole and is gone with the next step: the one
/// that came last has a place of its own.
#[derive(Debug, Default)]
pub(super) struct Open {
    last: Option<(u32, Partial)>,
    /// None of them is the last one.
    others: BTreeMap<u32, Partial>,
}

impl Open {
    pub(super) fn len(&self) -> usize {
        self.others.len() + usize::from(self.last.is_some())
    }

    pub(super) fn get(&self, seqno: u32) -> Option<&Partial> {
        match &self.last {
            Some((last, partial)) if *last == seqno => Some(partial),
            _ => self.others.get(&seqno),
        }
    }

    /// The message, which has nothing if it is new.
    pub(super) fn of(&mut self, seqno: u32) -> &mut Partial {
        if self.last.as_ref().is_none_or(|(last, _)| *last != seqno) {
            let partial = self.others.remove(&seqno).unwrap_or_default();
            self.insert(seqno, partial);
        }
        let (_, partial) = self.last.get_or_insert_with(|| (seqno, Partial::default()));
        partial
    }

    /// Puts a message in the place of what was known of it.
    pub(super) fn insert(&mut self, seqno: u32, partial: Partial) {
        self.others.remove(&seqno);
        let before = self.last.replace((seqno, partial));
        self.others
            .extend(before.filter(|(last, _)| *last != seqno));
    }

    pub(super) fn remove(&mut self, seqno: u32) -> Option<Partial> {
        match self.last.take_if(|(last, _)| *last == seqno) {
            Some((_, partial)) => Some(partial),
            None => self.others.remove(&seqno),
        }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Partial> {
        let last = self.last.iter().map(|(_, partial)| partial);
        last.chain(self.others.values())
    }
}

impl IntoIterator for Open {
    type Item = (u32, Partial);
    type IntoIter = std::collections::btree_map::IntoIter<u32, Partial>;

    /// In the order of their numbers.
    fn into_iter(mut self) -> Self::IntoIter {
        self.others.extend(self.last);
        self.others.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn partial(mark: u8) -> Partial {
        Partial {
            pairs: vec![mark],
            ..Partial::default()
        }
    }

    fn mark(partial: &Partial) -> Option<u8> {
        partial.pairs.first().copied()
    }

    proptest! {
        #[test]
        fn it_is_what_a_map_would_be(
            steps in prop::collection::vec((0u8..3, 0u32..6, any::<u8>()), 0..40),
        ) {
            let mut open = Open::default();
            let mut map = BTreeMap::new();
            for (step, seqno, byte) in steps {
                match step {
                    0 => {
                        open.insert(seqno, partial(byte));
                        map.insert(seqno, Some(byte));
                    }
                    1 => {
                        let known = map.entry(seqno).or_default();
                        prop_assert_eq!(&mark(open.of(seqno)), known);
                    }
                    _ => {
                        let removed = open.remove(seqno).map(|partial| mark(&partial));
                        prop_assert_eq!(removed, map.remove(&seqno));
                    }
                }
                prop_assert_eq!(open.len(), map.len());
                prop_assert_eq!(open.values().count(), map.len());
                let found = open.get(seqno).map(mark);
                prop_assert_eq!(found, map.get(&seqno).copied());
            }
            let all = open.into_iter().map(|(seqno, partial)| (seqno, mark(&partial)));
            prop_assert_eq!(all.collect::<Vec<_>>(), map.into_iter().collect::<Vec<_>>());
        }
    }
}
