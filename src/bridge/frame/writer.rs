//! What serde makes of a value: words of a frame.

use serde::Serialize;
use serde::ser::{
    self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    Serializer,
};

use super::{Frame, FrameError, RECORD_NUMBERS, Tag, word};

/// What the next value is to its writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Value,
    /// The key of a map, which may be a well-known one.
    Key,
    /// A string in bytes.
    Text,
    /// The same, of ASCII.
    Ascii,
    /// Milliseconds since 1970.
    Date,
}

/// Serializes one value.
pub(super) struct Writer<'a> {
    frame: &'a mut Frame,
    role: Role,
}

/// A list, map or record that is being written; the count is patched when it is known.
pub(super) struct Compound<'a> {
    frame: &'a mut Frame,
    header: usize,
    tag: Tag,
    count: u64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(frame: &'a mut Frame) -> Writer<'a> {
        let role = Role::Value;
        Writer { frame, role }
    }

    fn compound(&mut self, tag: Tag) -> Result<Compound<'_>, FrameError> {
        let header = self.frame.words.len();
        self.frame.word(tag, 0)?;
        Ok(Compound {
            frame: self.frame,
            header,
            tag,
            count: 0,
        })
    }

    fn record(&mut self, number: usize) -> Result<Compound<'_>, FrameError> {
        let mut record = self.compound(Tag::Record)?;
        record.count = number as u64;
        Ok(record)
    }
}

impl Compound<'_> {
    fn value(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), FrameError> {
        value.serialize(&mut Writer::new(self.frame))
    }

    fn finish(self) -> Result<(), FrameError> {
        let word = word(self.tag, self.count)?;
        if let Some(header) = self.frame.words.get_mut(self.header) {
            *header = word;
        }
        Ok(())
    }
}

impl<'a> Serializer for &'a mut Writer<'_> {
    type Ok = ();
    type Error = FrameError;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = ser::Impossible<(), FrameError>;
    type SerializeTupleVariant = ser::Impossible<(), FrameError>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<(), FrameError> {
        self.frame
            .word(if value { Tag::True } else { Tag::False }, 0)
    }

    fn serialize_i8(self, value: i8) -> Result<(), FrameError> {
        self.frame.number(f64::from(value))
    }

    fn serialize_i16(self, value: i16) -> Result<(), FrameError> {
        self.frame.number(f64::from(value))
    }

    fn serialize_i32(self, value: i32) -> Result<(), FrameError> {
        self.frame.number(f64::from(value))
    }

    fn serialize_i64(self, value: i64) -> Result<(), FrameError> {
        self.frame.number(value as f64)
    }

    fn serialize_u8(self, value: u8) -> Result<(), FrameError> {
        self.frame.word(Tag::Int, u64::from(value))
    }

    fn serialize_u16(self, value: u16) -> Result<(), FrameError> {
        self.frame.word(Tag::Int, u64::from(value))
    }

    fn serialize_u32(self, value: u32) -> Result<(), FrameError> {
        self.serialize_u64(u64::from(value))
    }

    fn serialize_u64(self, value: u64) -> Result<(), FrameError> {
        self.frame.whole(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), FrameError> {
        self.frame.number(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), FrameError> {
        match self.role == Role::Date {
            true => self.frame.wide(Tag::Date, value),
            false => self.frame.number(value),
        }
    }

    fn serialize_char(self, value: char) -> Result<(), FrameError> {
        self.frame.string(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), FrameError> {
        match self.role == Role::Key {
            true => self.frame.key(value.as_bytes()),
            false => self.frame.string(value),
        }
    }

    #[inline]
    fn serialize_bytes(self, value: &[u8]) -> Result<(), FrameError> {
        match self.role {
            Role::Key => return self.frame.key(value),
            Role::Text => return self.frame.octets(value),
            Role::Ascii => return self.frame.ascii(value),
            Role::Value | Role::Date => {}
        }
        self.frame.bytes(value)
    }

    fn serialize_none(self) -> Result<(), FrameError> {
        self.frame.word(Tag::Null, 0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), FrameError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), FrameError> {
        self.frame.word(Tag::Null, 0)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), FrameError> {
        self.frame.word(Tag::Null, 0)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<(), FrameError> {
        match name {
            "Event" => self.frame.word(Tag::Record, u64::from(index)),
            _ => self.frame.string(variant),
        }
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), FrameError> {
        let role = match (name, self.role) {
            ("Text", _) => Role::Text,
            // It may be a well-known one.
            ("Ascii", Role::Key) => Role::Key,
            ("Ascii", _) => Role::Ascii,
            ("Date", _) => Role::Date,
            (_, role) => role,
        };
        match name {
            "Text" | "Ascii" | "Date" => value.serialize(&mut Writer {
                frame: self.frame,
                role,
            }),
            "DateText" => {
                self.frame.word(Tag::DateText, 0)?;
                value.serialize(self)
            }
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), FrameError> {
        match name {
            "Event" => {
                self.frame.word(Tag::Record, u64::from(index))?;
                value.serialize(self)
            }
            _ => Err(FrameError::of(format!("no shape for {name}::{variant}"))),
        }
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, FrameError> {
        self.compound(Tag::List)
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'a>, FrameError> {
        self.compound(Tag::List)
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, FrameError> {
        Err(FrameError::of(format!("no shape for {name}")))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, FrameError> {
        Err(FrameError::of(format!("no shape for {name}::{variant}")))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, FrameError> {
        self.compound(Tag::Map)
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'a>, FrameError> {
        match RECORD_NUMBERS.number(name.as_bytes()) {
            Some(number) => self.record(number),
            None => self.compound(Tag::Map),
        }
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, FrameError> {
        match name {
            "Event" => self.record(index as usize),
            _ => Err(FrameError::of(format!("no shape for {name}::{variant}"))),
        }
    }
}

impl SerializeSeq for Compound<'_> {
    type Ok = ();
    type Error = FrameError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FrameError> {
        self.count += 1;
        self.value(value)
    }

    fn end(self) -> Result<(), FrameError> {
        self.finish()
    }
}

impl SerializeTuple for Compound<'_> {
    type Ok = ();
    type Error = FrameError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FrameError> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), FrameError> {
        self.finish()
    }
}

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = FrameError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), FrameError> {
        self.count += 1;
        key.serialize(&mut Writer {
            frame: self.frame,
            role: Role::Key,
        })
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FrameError> {
        self.value(value)
    }

    fn end(self) -> Result<(), FrameError> {
        self.finish()
    }
}

impl SerializeStruct for Compound<'_> {
    type Ok = ();
    type Error = FrameError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), FrameError> {
        if let Tag::Map = self.tag {
            self.count += 1;
            self.frame.key(key.as_bytes())?;
        }
        self.value(value)
    }

    fn end(self) -> Result<(), FrameError> {
        self.finish()
    }
}

impl SerializeStructVariant for Compound<'_> {
    type Ok = ();
    type Error = FrameError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), FrameError> {
        SerializeStruct::serialize_field(self, key, value)
    }

    fn end(self) -> Result<(), FrameError> {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::wire::value::{Ascii, Text};

    /// What the values become as strings, as keys and as values of a map.
    fn frame<T: Serialize>(values: impl Iterator<Item = T> + Clone) -> Frame {
        let mut frame = Frame::default();
        for value in values.clone() {
            frame.push(&value).unwrap();
        }
        for value in values {
            frame.push(&Pair(value)).unwrap();
        }
        frame
    }

    struct Pair<T>(T);

    impl<T: Serialize> Serialize for Pair<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([(&self.0, &self.0)])
        }
    }

    proptest! {
        #[test]
        fn ascii_is_written_as_any_string(texts in prop::collection::vec("[ -~]{0,40}|charset|id", 0..20)) {
            let texts = || texts.iter().map(String::as_str);
            let plain = frame(texts());
            let ascii = frame(texts().map(|text| Ascii(text.as_bytes())));
            prop_assert_eq!((&plain.words, &plain.text), (&ascii.words, &ascii.text));
        }

        #[test]
        fn bytes_are_written_as_their_string(texts in prop::collection::vec("\\PC{0,20}", 0..20)) {
            let written = |frame: Frame| (frame.words, frame.text, frame.text16);
            let mut bytes = Frame::default();
            let mut strings = Frame::default();
            for text in &texts {
                bytes.push(&Text(text.as_bytes().into())).unwrap();
                strings.push(text).unwrap();
            }
            let units: Vec<u16> = texts
                .iter()
                .filter(|text| !text.is_ascii())
                .flat_map(|text| text.encode_utf16())
                .collect();
            prop_assert_eq!(&strings.text16, &units);
            prop_assert_eq!(written(bytes), written(strings));
        }
    }

    #[test]
    fn numbers_of_every_size_and_dates() {
        let mut frame = Frame::default();
        for number in [0u64, 1 << 27, (1 << 28) - 1, 1 << 28, u64::from(u32::MAX)] {
            let from = frame.words.len();
            frame.push(&number).unwrap();
            let middle = frame.words.len();
            frame.push(&(number as f64)).unwrap();
            let (whole, float) = frame.words[from..].split_at(middle - from);
            assert_eq!(whole, float);
        }
        frame.words.clear();
        frame
            .push(&BTreeMap::from([("date", crate::wire::value::Date(7.0))]))
            .unwrap();
        let bits = 7f64.to_bits();
        let date = [Tag::Date as u32, bits as u32, (bits >> 32) as u32];
        assert_eq!(frame.words[2..], date);
    }
}
