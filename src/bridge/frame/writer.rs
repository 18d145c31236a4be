//! What serde makes of a value: words of a frame.

use serde::Serialize;
use serde::ser::{
    self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    Serializer,
};

use super::{Frame, FrameError, MAX_PAYLOAD, RECORDS, Tag, word};

/// What the next value is to its writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Value,
    /// The key of a map, which may be a well-known one.
    Key,
    /// A string in bytes.
    Text,
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
        match value <= MAX_PAYLOAD {
            true => self.frame.word(Tag::Int, value),
            false => self.frame.wide(Tag::Wide, value as f64),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<(), FrameError> {
        self.frame.number(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), FrameError> {
        self.frame.number(value)
    }

    fn serialize_char(self, value: char) -> Result<(), FrameError> {
        self.frame.string(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), FrameError> {
        match self.role == Role::Key {
            true => self.frame.key(value),
            false => self.frame.string(value),
        }
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), FrameError> {
        if self.role == Role::Text {
            return self.frame.octets(value);
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

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), FrameError> {
        let header = self.frame.words.len();
        match name {
            "Text" => {
                let frame = &mut *self.frame;
                let role = Role::Text;
                value.serialize(&mut Writer { frame, role })
            }
            // The number or string is written as such, then gets its real tag.
            "Date" => {
                value.serialize(&mut Writer::new(self.frame))?;
                self.frame.redate(header)
            }
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
            _ => Err(FrameError(format!("no shape for {name}::{variant}"))),
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
        Err(FrameError(format!("no shape for {name}")))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, FrameError> {
        Err(FrameError(format!("no shape for {name}::{variant}")))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, FrameError> {
        self.compound(Tag::Map)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'a>, FrameError> {
        match RECORDS.iter().position(|record| *record == name) {
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
            _ => Err(FrameError(format!("no shape for {name}::{variant}"))),
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
            self.frame.key(key)?;
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
