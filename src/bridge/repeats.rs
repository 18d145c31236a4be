//! The short strings of a frame that come again: flags, hosts, types of parts.
//!
//! JavaScript makes each of them once. Which ones will come again is known when they do: the word
//! of the first one is then changed, so that JavaScript keeps it under a number.

/// How many strings are remembered at the same time. One takes the place of another that is in its
/// way, which is then no longer found.
const SLOTS: usize = 256;

/// How many strings JavaScript keeps for a frame at the most: their numbers fit into a word beside
/// their lengths.
const MAX_KEPT: u32 = 1 << 16;

/// The strings that were written.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// By a hash of theirs; empty until there is one.
    slots: Vec<Option<(Short, Place)>>,
    /// How many of them JavaScript keeps.
    kept: u32,
}

/// A string of 2 to 16 bytes: its beginning, its end and its length are all there is to it. Strings
/// of one character are always at hand in V8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Short {
    start: u64,
    end: u64,
    length: usize,
}

/// Where a string stands in the frame.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// It was written once, as the word of this index.
    Word(usize),
    /// JavaScript keeps it under this number.
    Kept(u32),
}

/// What is known of a string that is about to be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing: it is written as it is.
    New,
    /// It came before, as the word of this index. From now on it is kept under this number.
    Again(usize, u32),
    /// It is kept under this number.
    Kept(u32),
}

impl Repeats {
    /// Looks for a string that is to be written, if it is new, as the word of index `word`.
    pub(super) fn find(&mut self, text: &[u8], word: usize) -> Known {
        let Some(short) = Short::of(text) else {
            return Known::New;
        };
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, None);
        }
        let Some(slot) = self.slots.get_mut(short.hash() % SLOTS) else {
            return Known::New;
        };
        match slot {
            Some((found, Place::Kept(number))) if *found == short => Known::Kept(*number),
            Some((found, place @ Place::Word(_))) if *found == short && self.kept < MAX_KEPT => {
                let number = self.kept;
                self.kept += 1;
                match std::mem::replace(place, Place::Kept(number)) {
                    Place::Word(word) => Known::Again(word, number),
                    Place::Kept(number) => Known::Kept(number),
                }
            }
            _ => {
                *slot = Some((short, Place::Word(word)));
                Known::New
            }
        }
    }
}

impl Short {
    fn of(text: &[u8]) -> Option<Short> {
        let (start, end) = match text.len() {
            2..4 => ends(text, u16::from_le_bytes)?,
            4..8 => ends(text, u32::from_le_bytes)?,
            8..=16 => ends(text, u64::from_le_bytes)?,
            _ => return None,
        };
        Some(Short {
            start,
            end,
            length: text.len(),
        })
    }

    /// The upper bits of a product depend on all of its factor (Knuth, 6.4).
    fn hash(self) -> usize {
        let mixed = self.start ^ self.end.rotate_left(29) ^ self.length as u64;
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize
    }
}

/// The first and the last `N` bytes, which overlap or touch.
fn ends<const N: usize, T: Into<u64>>(text: &[u8], read: fn([u8; N]) -> T) -> Option<(u64, u64)> {
    let (start, end) = (text.first_chunk()?, text.last_chunk()?);
    Some((read(*start).into(), read(*end).into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_comes_again_is_kept_from_then_on() {
        let mut repeats = Repeats::default();
        let mut find = |text: &str, word| repeats.find(text.as_bytes(), word);
        assert_eq!(find("plain", 7), Known::New);
        assert_eq!(find("html", 8), Known::New);
        assert_eq!(find("html", 9), Known::Again(8, 0));
        assert_eq!(find("plain", 10), Known::Again(7, 1));
        assert_eq!(find("html", 11), Known::Kept(0));
        assert_eq!(find("plain", 12), Known::Kept(1));
        for text in ["", "x", "longer than sixteen"] {
            assert_eq!([find(text, 13), find(text, 14)], [Known::New, Known::New]);
        }
    }

    #[test]
    fn no_more_are_kept_than_there_are_numbers() {
        let mut repeats = Repeats::default();
        let again = |number: &u32| {
            let text = format!("{number:x}x");
            repeats.find(text.as_bytes(), 0);
            matches!(repeats.find(text.as_bytes(), 1), Known::Again(0, _))
        };
        assert_eq!((0..2 * MAX_KEPT).filter(again).count(), MAX_KEPT as usize);
    }

    proptest! {
        #[test]
        fn what_is_found_is_the_same(texts in prop::collection::vec("[a-c]{0,4}|[ab]{7,18}", 0..200)) {
            let mut repeats = Repeats::default();
            let mut kept = std::collections::HashMap::new();
            for (word, text) in texts.iter().enumerate() {
                match repeats.find(text.as_bytes(), word) {
                    Known::New => {}
                    Known::Again(before, number) => {
                        prop_assert_eq!(&texts[before], text);
                        prop_assert!(before < word);
                        prop_assert_eq!(kept.insert(number, text), None);
                    }
                    Known::Kept(number) => prop_assert_eq!(kept.get(&number), Some(&text)),
                }
            }
        }
    }
}
