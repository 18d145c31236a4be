//! The octets of bodies in a frame: those that stand in memory into which they were read stay there,
//! others are copied.

use std::ops::Range;
use std::sync::Arc;

use crate::chunk::Chunk;

/// Octets from so many on are left where they are.
const LEFT_BYTES: usize = 4 * 1024;
/// Octets from so many on are copied into memory that is used again.
const LARGE_BYTES: usize = 1024;
/// A chunk goes with a frame that has at least so many bytes of it. Fewer are cheaper to copy than to
/// get back from the collector.
pub const LENT_BYTES: usize = 32 * 1024;

/// See the module. A place is a word: twice where octets begin, and one more if it is in the chunk.
#[derive(Debug, Default)]
pub struct Octets {
    copied: Chunk,
    chunk: Option<Arc<Chunk>>,
    /// The part of the chunk that is needed.
    part: Range<usize>,
    /// Which words of the frame are places in the chunk.
    places: Vec<usize>,
    /// How many octets are there.
    left: usize,
}

/// A part of a chunk.
#[derive(Debug)]
pub struct Part {
    chunk: Arc<Chunk>,
    range: Range<usize>,
}

/// A state to which [`Octets::back_to`] goes.
#[derive(Clone, Copy)]
pub struct Mark {
    copied: usize,
    places: usize,
    left: usize,
}

impl Octets {
    /// Octets that may stand in this chunk.
    pub fn within(chunk: Option<Arc<Chunk>>) -> Octets {
        Octets {
            chunk,
            ..Octets::default()
        }
    }

    /// How many octets there are.
    pub fn len(&self) -> usize {
        self.copied.len() + self.left
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those that were copied.
    pub fn copied(&self) -> &[u8] {
        &self.copied
    }

    /// Whether any of them stand in the chunk.
    pub fn leans_on_chunk(&self) -> bool {
        !self.places.is_empty()
    }

    /// Adds octets, and gives their place, which becomes the word of this number.
    pub fn put(&mut self, octets: &[u8], word: usize) -> u32 {
        let chunk = self.chunk.as_ref().filter(|_| octets.len() >= LEFT_BYTES);
        if let Some(at) = chunk.and_then(|chunk| chunk.place(octets)) {
            self.places.push(word);
            self.left += octets.len();
            return (at as u32) << 1 | 1;
        }
        if self.copied.is_empty() && octets.len() >= LARGE_BYTES {
            self.copied = Chunk::new();
        }
        let at = self.copied.len();
        self.copied.extend_from_slice(octets);
        (at as u32) << 1
    }

    /// What is there now.
    pub fn mark(&self) -> Mark {
        Mark {
            copied: self.copied.len(),
            places: self.places.len(),
            left: self.left,
        }
    }

    /// Forgets what came since.
    pub fn back_to(&mut self, mark: Mark) {
        self.copied.truncate(mark.copied);
        self.places.truncate(mark.places);
        self.left = mark.left;
    }

    /// No more come. The chunk is given up if it is not worth it, or else the parts of it that nobody
    /// needs. `words` are those of the frame; the one before a place has the number of octets.
    pub fn settle(&mut self, words: &mut [u32], length: impl Fn(u32) -> usize) {
        let Some(chunk) = self.chunk.take_if(|_| self.left < LENT_BYTES) else {
            return self.narrow(words, length);
        };
        for word in std::mem::take(&mut self.places) {
            if let Some([header, place]) = words.get_mut(word - 1..=word) {
                let from = (*place >> 1) as usize;
                let octets = chunk.get(from..from + length(*header));
                *place = self.put(octets.unwrap_or_default(), word);
            }
        }
        self.left = 0;
    }

    fn narrow(&mut self, words: &mut [u32], length: impl Fn(u32) -> usize) {
        let (mut first, mut end) = (usize::MAX, 0);
        for word in &self.places {
            if let Some([header, place]) = words.get(word - 1..=*word) {
                let from = (place >> 1) as usize;
                first = first.min(from);
                end = end.max(from + length(*header));
            }
        }
        for word in &self.places {
            if let Some(place) = words.get_mut(*word) {
                *place -= (first as u32) << 1;
            }
        }
        self.part = first..end;
    }

    /// The octets that were copied, and the part of the chunk in which the others stand.
    pub fn into_parts(self) -> (Chunk, Option<Part>) {
        let range = self.part;
        let chunk = self.chunk.filter(|_| !self.places.is_empty());
        (self.copied, chunk.map(|chunk| Part { chunk, range }))
    }
}

impl Part {
    /// The bytes of the part.
    pub fn bytes(&self) -> &[u8] {
        self.chunk.get(self.range.clone()).unwrap_or_default()
    }
}

impl From<Chunk> for Part {
    fn from(chunk: Chunk) -> Part {
        let range = 0..chunk.len();
        Part {
            chunk: Arc::new(chunk),
            range,
        }
    }
}
