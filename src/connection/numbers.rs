//! A set of sequence numbers that goes with the messages when some of them are expunged.

use std::collections::HashMap;

/// How many numbers a chunk of [`Expunged`] holds at the most.
const CHUNK: usize = 512;
/// What an expunged number counts in [`Numbers::memory`]. More than it takes: a server that
/// expunges a million messages during one FETCH has nothing good in mind.
const EXPUNGED_BYTES: usize = 64;

/// See the module. It stays small when the numbers are dense.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// By the numbers that messages had in the beginning.
    blocks: HashMap<u64, u64>,
    /// The block that the last one was put into, and what is in it now: messages come in order.
    recent: (u64, u64),
    expunged: Expunged,
}

impl Numbers {
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.recent.1 == 0
    }

    pub(super) fn insert(&mut self, seqno: u32) {
        let number = self.expunged.original(seqno);
        let (index, bits) = self.recent;
        if index != number / 64 {
            if bits != 0 {
                self.blocks.insert(index, bits);
            }
            self.recent = (number / 64, self.block(number / 64));
        }
        self.recent.1 |= 1 << (number % 64);
    }

    pub(super) fn contains(&self, seqno: u32) -> bool {
        let number = self.expunged.original(seqno);
        self.block(number / 64) & (1 << (number % 64)) != 0
    }

    fn block(&self, index: u64) -> u64 {
        match self.recent {
            (recent, bits) if recent == index => bits,
            _ => self.blocks.get(&index).copied().unwrap_or_default(),
        }
    }

    /// The message is gone, and the numbers above it fell by one.
    pub(super) fn expunge(&mut self, seqno: u32) {
        self.expunged.insert(self.expunged.original(seqno));
    }

    /// How many bytes of memory it takes, more or less.
    pub(super) fn memory(&self) -> usize {
        let blocks = self.blocks.capacity() * size_of::<(u64, u64)>();
        blocks + self.expunged.count * EXPUNGED_BYTES
    }
}

/// What is gone, by the numbers of the beginning, in order; in chunks, so that a number in front of
/// many others does not move all of them.
#[derive(Debug, Default)]
struct Expunged {
    chunks: Vec<Chunk>,
    count: usize,
}

#[derive(Debug)]
struct Chunk {
    /// How many are gone before those of this chunk.
    before: u64,
    numbers: Vec<u64>,
}

impl Expunged {
    /// The number that the message had in the beginning. Of the numbers that are gone, the one with
    /// `n` before it is below the message if it is at most `seqno + n`.
    fn original(&self, seqno: u32) -> u64 {
        let seqno = u64::from(seqno);
        let is_below = |chunk: &Chunk| {
            let first = chunk.numbers.first();
            first.is_some_and(|first| *first <= seqno + chunk.before)
        };
        let chunk = self.chunks.partition_point(is_below).checked_sub(1);
        let Some(chunk) = chunk.and_then(|index| self.chunks.get(index)) else {
            return seqno;
        };
        let is_below = |index: usize| {
            let number = chunk.numbers.get(index);
            number.is_some_and(|number| *number <= seqno + chunk.before + index as u64)
        };
        seqno + chunk.before + partition_point(chunk.numbers.len(), is_below) as u64
    }

    fn insert(&mut self, number: u64) {
        let is_below = |chunk: &Chunk| chunk.numbers.first() < Some(&number);
        let index = self.chunks.partition_point(is_below).saturating_sub(1);
        let Some(chunk) = self.chunks.get_mut(index) else {
            return self.begin(number);
        };
        self.count += 1;
        let at = chunk.numbers.partition_point(|gone| *gone < number);
        chunk.numbers.insert(at, number);
        let halves = (chunk.numbers.len() > CHUNK).then(|| Chunk {
            before: chunk.before + CHUNK as u64 / 2,
            numbers: chunk.numbers.split_off(CHUNK / 2),
        });
        for later in self.chunks.iter_mut().skip(index + 1) {
            later.before += 1;
        }
        if let Some(half) = halves {
            self.chunks.insert(index + 1, half);
        }
    }

    fn begin(&mut self, number: u64) {
        self.count = 1;
        self.chunks.push(Chunk {
            before: 0,
            numbers: vec![number],
        });
    }
}

/// How many of the indexes below `length` satisfy `is_below`, which the first of them do.
fn partition_point(length: usize, is_below: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low.midpoint(high);
        match is_below(middle) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finished_messages_keep_their_identity_when_others_are_expunged() {
        let mut finished = Numbers::default();
        finished.insert(1);
        finished.insert(4);
        // 1 2 3 4 5 becomes 2 3 4 5, then 2 4 5.
        finished.expunge(1);
        assert!(!finished.contains(1));
        assert!(finished.contains(3));
        finished.expunge(2);
        let now: Vec<_> = (1..5).filter(|seqno| finished.contains(*seqno)).collect();
        assert_eq!(now, [2]);
        finished.insert(1);
        finished.insert(3);
        finished.expunge(2);
        let now: Vec<_> = (1..5).filter(|seqno| finished.contains(*seqno)).collect();
        assert_eq!(now, [1, 2]);
    }

    proptest! {
        #[test]
        fn it_is_what_a_list_of_messages_would_be(
            steps in prop::collection::vec((any::<bool>(), 1u32..3000), 0..3000),
        ) {
            let mut numbers = Numbers::default();
            let mut messages = vec![false; 6000];
            for (is_expunge, seqno) in steps {
                let at = seqno as usize - 1;
                prop_assert_eq!(numbers.contains(seqno), messages[at]);
                if is_expunge {
                    numbers.expunge(seqno);
                    messages.remove(at);
                } else {
                    numbers.insert(seqno);
                    messages[at] = true;
                }
            }
        }
    }
}
