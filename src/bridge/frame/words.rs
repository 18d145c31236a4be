//! Words that have numbers, found at one look.

/// How many slots there are; many more than words.
const SLOTS: usize = 128;
/// In a slot without a word.
const NONE: u8 = u8::MAX;

/// Some words in order. No two of them share a slot, or this does not compile.
pub(super) struct Words<const N: usize> {
    words: [&'static str; N],
    slots: [u8; SLOTS],
}

impl<const N: usize> Words<N> {
    pub(super) const fn new(words: [&'static str; N]) -> Words<N> {
        let mut slots = [NONE; SLOTS];
        let mut number = 0;
        while number < N {
            let slot = slot(words[number].as_bytes());
            assert!(slots[slot] == NONE, "two words share a slot");
            slots[slot] = number as u8;
            number += 1;
        }
        Words { words, slots }
    }

    /// The number of a word, if it is one of these.
    #[inline]
    pub(super) fn number(&self, word: &[u8]) -> Option<usize> {
        let number = usize::from(*self.slots.get(slot(word))?);
        let found = self.words.get(number)?;
        (found.as_bytes() == word).then_some(number)
    }
}

/// Length, first and middle letter tell all of them apart.
const fn slot(word: &[u8]) -> usize {
    let Some(first) = word.first() else {
        return 0;
    };
    let middle = word[word.len() / 2];
    (9 * word.len() + 2 * *first as usize + 3 * middle as usize) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::super::{KEY_NUMBERS, KEYS, RECORD_NUMBERS, RECORDS};
    use super::*;

    fn finds<const N: usize>(numbers: &Words<N>, words: [&str; N]) {
        for (number, word) in words.into_iter().enumerate() {
            assert_eq!(numbers.number(word.as_bytes()), Some(number), "{word}");
            for other in [&word[1..], &word.to_uppercase()[..word.len() - 1]] {
                let expected = words.iter().position(|word| *word == other);
                assert_eq!(numbers.number(other.as_bytes()), expected, "{other}");
            }
        }
        assert_eq!(numbers.number(b""), None);
    }

    #[test]
    fn each_word_has_its_number_and_no_other_has_one() {
        finds(&KEY_NUMBERS, KEYS);
        finds(&RECORD_NUMBERS, RECORDS);
    }
}
