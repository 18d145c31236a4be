//! The format in which events cross into JavaScript: a serde serializer.
//!
//! A frame is one list of 32-bit words, the text of all strings and the bytes of bodies. A value is
//! a word, its tag in the low four bits and a payload above it, and what the tag says follows:
//!
//! | tag | value | payload | then |
//! | --- | --- | --- | --- |
//! | 0 | null | | |
//! | 1 | false | | |
//! | 2 | true | | |
//! | 3 | whole number | itself | |
//! | 4 | any other number | | two words: the f64, low half first |
//! | 5 | date | | two words: milliseconds as f64 |
//! | 6 | date in words | | a string |
//! | 7 | ASCII string | length | the next `length` characters of `text` |
//! | 8 | list | items | the items |
//! | 9 | map | entries | key and value of each |
//! | 10 | record | its number | the fields, in the order of the Rust type |
//! | 11 | bytes | length | a word: twice where they begin, and one more if it is in `chunk` instead of `bytes` |
//! | 12 | well-known key | its number | |
//! | 13 | other string | length | the next `length` UTF-16 units of `text16` |
//! | 14 | ASCII string that comes again | length, and its number from bit 8 on | as 7 |
//! | 15 | the string of that number | its number | |
//!
//! Strings are kept apart because V8 takes ASCII and UTF-16 as they are, and everything else
//! unit by unit on JavaScript's thread; and because one wide character would double the memory of
//! all strings beside it.
//!
//! A string of 2 to 16 bytes that was written in the frame before is only named, from the second
//! event of the frame on. The word of the first one then has tag 14 instead of 7.
//!
//! A record at the top is an event, of a session ([`Event`](crate::event::Event)) or of a parser
//! ([`Event`](crate::wire::parser::Event)), its number that of the variant; a record inside is one
//! of [`RECORDS`]. `src/js/frame.js` is the other half of this file.

mod words;
mod writer;

use std::fmt;
use std::sync::Arc;

use encoding_rs::mem::convert_str_to_utf16;

use crate::chunk::Chunk;
use crate::wire::charset::lossy;

use serde::Serialize;
use serde::ser;

use super::octets::Octets;
use super::repeats::{Known, Repeats};
use words::Words;
use writer::Writer;

/// Structs that cross as records; every other struct is a map.
pub const RECORDS: [&str; 11] = [
    "Envelope",
    "Address",
    "Group",
    "Multipart",
    "ShortMultipart",
    "Part",
    "ShortPart",
    "TextPart",
    "ShortTextPart",
    "MessagePart",
    "Disposition",
];

/// Keys of maps that cross as numbers.
pub const KEYS: [&str; 31] = [
    "uid",
    "flags",
    "date",
    "size",
    "envelope",
    "struct",
    "modseq",
    "x-gm-thrid",
    "x-gm-msgid",
    "x-gm-labels",
    "internaldate",
    "rfc822.size",
    "partID",
    "type",
    "subtype",
    "params",
    "id",
    "description",
    "encoding",
    "lines",
    "md5",
    "disposition",
    "language",
    "location",
    "extensions",
    "body",
    "charset",
    "boundary",
    "name",
    "filename",
    "format",
];

static RECORD_NUMBERS: Words<{ RECORDS.len() }> = Words::new(RECORDS);
static KEY_NUMBERS: Words<{ KEYS.len() }> = Words::new(KEYS);

/// The largest payload of a word.
const MAX_PAYLOAD: u64 = (1 << 28) - 1;

#[derive(Clone, Copy)]
#[repr(u32)]
enum Tag {
    Null = 0,
    False = 1,
    True = 2,
    Int = 3,
    Wide = 4,
    Date = 5,
    DateText = 6,
    Text = 7,
    List = 8,
    Map = 9,
    Record = 10,
    Bytes = 11,
    Key = 12,
    Text16 = 13,
    Kept = 14,
    Again = 15,
}

/// From which bit on a [`Tag::Kept`] has its number.
const KEPT_BITS: u32 = 8;

/// Events on their way to JavaScript.
#[derive(Debug, Default)]
pub struct Frame {
    /// All ASCII strings, one after the other.
    pub text: Vec<u8>,
    /// All other strings in UTF-16, one after the other.
    pub text16: Vec<u16>,
    /// All words.
    pub words: Vec<u32>,
    /// All bytes of bodies.
    pub octets: Octets,
    /// How many events are inside.
    pub events: usize,
    repeats: Repeats,
}

/// What cannot be put into a frame: a value of a type that no event has, or a string of more
/// than 2^28 units.
#[derive(Debug)]
pub struct FrameError(Box<str>);

impl Frame {
    /// A frame whose bodies may stand in this chunk.
    pub fn within(chunk: Option<Arc<Chunk>>) -> Frame {
        Frame {
            octets: Octets::within(chunk),
            ..Frame::default()
        }
    }

    /// Adds an event.
    pub fn push(&mut self, event: &impl Serialize) -> Result<(), FrameError> {
        let text = (self.text.len(), self.text16.len());
        let before = (self.words.len(), self.octets.mark());
        let result = event.serialize(&mut Writer::new(self));
        if result.is_err() {
            // Those of the event are gone.
            self.repeats = Repeats::default();
            self.text.truncate(text.0);
            self.text16.truncate(text.1);
            self.words.truncate(before.0);
            self.octets.back_to(before.1);
            return result;
        }
        self.events += 1;
        Ok(())
    }

    /// Nothing more is added. Until then, nobody may have it.
    pub fn seal(&mut self) {
        let length = |header| (header >> 4) as usize;
        self.octets.settle(&mut self.words, length);
    }

    /// The memory that its content takes, in bytes.
    pub fn size(&self) -> usize {
        let text = self.text.len() + 2 * self.text16.len();
        text + 4 * self.words.len() + self.octets.len()
    }

    fn word(&mut self, tag: Tag, payload: u64) -> Result<(), FrameError> {
        self.words.push(word(tag, payload)?);
        Ok(())
    }

    fn whole(&mut self, number: u64) -> Result<(), FrameError> {
        match number <= MAX_PAYLOAD {
            true => self.word(Tag::Int, number),
            false => self.wide(Tag::Wide, number as f64),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        self.word(Tag::Bytes, bytes.len() as u64)?;
        let place = self.octets.put(bytes, self.words.len());
        self.words.push(place);
        Ok(())
    }

    fn wide(&mut self, tag: Tag, number: f64) -> Result<(), FrameError> {
        let bits = number.to_bits();
        self.word(tag, 0)?;
        self.words.extend([bits as u32, (bits >> 32) as u32]);
        Ok(())
    }

    fn number(&mut self, number: f64) -> Result<(), FrameError> {
        let is_whole = (0.0..=MAX_PAYLOAD as f64).contains(&number) && number.fract() == 0.0;
        // Minus zero has a sign that a whole number would lose.
        match is_whole && number.is_sign_positive() {
            true => self.word(Tag::Int, number as u64),
            false => self.wide(Tag::Wide, number),
        }
    }

    fn string(&mut self, text: &str) -> Result<(), FrameError> {
        if text.is_ascii() {
            return self.ascii(text.as_bytes());
        }
        let from = self.text16.len();
        // In UTF-16 it has no more units than in UTF-8.
        self.text16.resize(from + text.len(), 0);
        let units = self.text16.get_mut(from..).unwrap_or_default();
        let length = convert_str_to_utf16(text, units);
        self.text16.truncate(from + length);
        self.word(Tag::Text16, length as u64)
    }

    /// A string in UTF-8, or what a server takes for it.
    fn octets(&mut self, text: &[u8]) -> Result<(), FrameError> {
        match text.is_ascii() {
            true => self.ascii(text),
            false => self.string(&lossy(text)),
        }
    }

    fn ascii(&mut self, text: &[u8]) -> Result<(), FrameError> {
        debug_assert!(text.is_ascii());
        // One event by itself hardly repeats anything.
        let known = match self.events {
            0 => Known::New,
            _ => self.repeats.find(text, self.words.len()),
        };
        match known {
            Known::New => {
                self.word(Tag::Text, text.len() as u64)?;
                self.text.extend_from_slice(text);
                Ok(())
            }
            Known::Again(word, number) => {
                if let Some(word) = self.words.get_mut(word) {
                    *word = Tag::Kept as u32 | (*word >> 4 | number << KEPT_BITS) << 4;
                }
                self.word(Tag::Again, u64::from(number))
            }
            Known::Kept(number) => self.word(Tag::Again, u64::from(number)),
        }
    }

    fn key(&mut self, key: &[u8]) -> Result<(), FrameError> {
        match KEY_NUMBERS.number(key) {
            Some(number) => self.word(Tag::Key, number as u64),
            None => self.octets(key),
        }
    }
}

/// A word, unless the payload is too large for one.
fn word(tag: Tag, payload: u64) -> Result<u32, FrameError> {
    match payload <= MAX_PAYLOAD {
        true => Ok(tag as u32 | (payload as u32) << 4),
        false => Err(FrameError::of(format!(
            "a payload of {payload} is too large"
        ))),
    }
}

impl FrameError {
    fn of(message: String) -> FrameError {
        FrameError(message.into())
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "An event cannot cross into JavaScript: {}", self.0)
    }
}

impl std::error::Error for FrameError {}

impl ser::Error for FrameError {
    fn custom<T: fmt::Display>(message: T) -> FrameError {
        FrameError::of(message.to_string())
    }
}
