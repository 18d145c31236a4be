//! A body of a message while its octets pass to their reader, over as many connections as it takes.
//!
//! The octets of a message never change (RFC 3501 section 2.3.1.1), so that a body which a lost
//! connection cut goes on where it stopped. That is not taken for granted: the next connection is
//! asked for some octets that are known, and for one more than there should be (resilience 2.10).

use crate::error::{Error, Source, code};
use crate::event::{BodyId, Event, EventSink};
use crate::wire::value::Bytes;

/// How many bytes of a body may be on their way to its reader.
pub const BODY_WINDOW_BYTES: u64 = 1024 * 1024;

/// How many octets that were handed over are compared before the rest is.
const OVERLAP_BYTES: usize = 64;

/// See the module.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) id: BodyId,
    /// How many more bytes its reader takes; `None` is any number.
    pub(super) window: Option<u64>,
    pub(super) discarded: bool,
    /// How many octets it has, and how many of them were handed over.
    size: u64,
    given: u64,
    /// The last of them, if it is to go on after a lost connection.
    tail: Vec<u8>,
    keeps_tail: bool,
    /// What comes before the first octet that is new.
    known: Option<Known>,
}

/// Octets that were handed over already.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// So many are passed over.
    skip: u64,
    /// So many of the tail were compared.
    compared: usize,
}

impl Body {
    pub(super) fn new(id: BodyId, size: u64, keeps_tail: bool) -> Body {
        Body {
            id,
            window: Some(BODY_WINDOW_BYTES),
            discarded: false,
            size,
            given: 0,
            tail: Vec::new(),
            keeps_tail,
            known: None,
        }
    }

    /// Whether its reader takes more.
    pub(super) fn has_room(&self) -> bool {
        self.discarded || self.window != Some(0)
    }

    /// The reader took so many bytes.
    pub(super) fn credit(&mut self, bytes: u64) {
        self.window = self.window.map(|window| window.saturating_add(bytes));
    }

    /// How many octets were handed over.
    pub(super) fn given(&self) -> u64 {
        self.given
    }

    /// From where on it is to be asked for, and how many octets; one more than there should be, if
    /// there may be more.
    pub(super) fn rest(&self, may_grow: bool) -> (u64, u64) {
        let from = self.given.saturating_sub(self.tail.len() as u64);
        (from, self.size - from + u64::from(may_grow))
    }

    /// It goes on with `length` octets, the first of which is the one at `from`.
    pub(super) fn go_on(&mut self, from: u64, length: u64) -> Result<(), Error> {
        let (known, _) = self.rest(false);
        let end = from.checked_add(length);
        let skip = known.checked_sub(from).filter(|_| end == Some(self.size));
        let skip = skip.ok_or_else(|| changed("it has another size now"))?;
        self.known = Some(Known { skip, compared: 0 });
        Ok(())
    }

    /// Hands octets over: those that are new.
    pub(super) fn pass(&mut self, octets: &[u8], sink: &mut dyn EventSink) {
        if self.discarded {
            return;
        }
        match self.fresh(octets) {
            Ok(fresh) => self.hand_over(fresh, sink),
            Err(error) => self.lose(error, sink),
        }
    }

    /// The rest of it does not come.
    pub(super) fn lose(&mut self, error: Error, sink: &mut dyn EventSink) {
        if !std::mem::replace(&mut self.discarded, true) {
            let body = self.id;
            sink.emit(&Event::BodyLost { body, error });
        }
    }

    /// It is complete.
    pub(super) fn end(&self, sink: &mut dyn EventSink) {
        if !self.discarded {
            sink.emit(&Event::BodyEnd { body: self.id });
        }
    }

    fn hand_over(&mut self, octets: &[u8], sink: &mut dyn EventSink) {
        if octets.is_empty() {
            return;
        }
        self.count(octets);
        sink.emit(&Event::BodyChunk {
            body: self.id,
            bytes: Bytes(octets),
        });
    }

    /// These octets are handed over.
    fn count(&mut self, octets: &[u8]) {
        let length = octets.len() as u64;
        self.given += length;
        self.window = self.window.map(|window| window.saturating_sub(length));
        if self.keeps_tail {
            let last = octets.len().saturating_sub(OVERLAP_BYTES);
            self.tail.extend(octets.get(last..).unwrap_or_default());
            let surplus = self.tail.len().saturating_sub(OVERLAP_BYTES);
            self.tail.drain(..surplus);
        }
    }

    /// Those of these octets that were not handed over yet.
    fn fresh<'a>(&mut self, octets: &'a [u8]) -> Result<&'a [u8], Error> {
        let Some(known) = &mut self.known else {
            return Ok(octets);
        };
        let skipped = known.skip.min(octets.len() as u64);
        known.skip -= skipped;
        let octets = octets.get(skipped as usize..).unwrap_or_default();
        let expected = self.tail.get(known.compared..).unwrap_or_default();
        let compared = expected.len().min(octets.len());
        let (known_octets, fresh) = octets.split_at(compared);
        if !expected.starts_with(known_octets) {
            return Err(changed("its octets are others now"));
        }
        known.compared += compared;
        if known.compared == self.tail.len() {
            self.known = None;
        }
        Ok(fresh)
    }
}

/// A body cannot go on.
pub(super) fn changed(why: &str) -> Error {
    let message = format!(
        "The connection was lost in the middle of this body, and it cannot be continued: {why}"
    );
    Error::new(Source::Protocol, code::BODY_CHANGED, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Program;

    fn cut(octets: &[u8], size: u64) -> (Body, Program) {
        let (program, _) = Program::new(false);
        let mut body = Body::new(1, size, true);
        body.pass(octets, &mut program.clone());
        (body, program)
    }

    #[test]
    fn a_body_goes_on_after_octets_that_are_known() {
        let whole: Vec<u8> = (0..=255).collect();
        for given in [0, 1, 63, 64, 65, 255] {
            for piece in [1, 7, 300] {
                let (mut body, program) = cut(&whole[..given], 256);
                let (from, length) = body.rest(true);
                assert_eq!(from, given.saturating_sub(OVERLAP_BYTES) as u64);
                assert_eq!(from + length, 257);
                body.go_on(from, length - 1).unwrap();
                for octets in whole[from as usize..].chunks(piece) {
                    body.pass(octets, &mut program.clone());
                }
                body.end(&mut program.clone());
                assert_eq!(program.body(), whole, "{given} {piece}");
                assert_eq!(program.count("BodyEnd"), 1);
            }
        }
    }

    #[test]
    fn a_server_that_sends_all_of_it_again_is_read_from_where_it_stopped() {
        let whole: Vec<u8> = (0..=255).collect();
        let (mut body, program) = cut(&whole[..100], 256);
        body.go_on(0, 256).unwrap();
        body.pass(&whole, &mut program.clone());
        assert_eq!(program.body(), whole);
    }

    #[test]
    fn a_body_that_changed_is_lost_once() {
        for (from, length) in [(36, 100), (36, 221), (36, u64::MAX), (37, 219), (0, 255)] {
            let (mut body, _) = cut(&[1; 100], 256);
            assert!(body.go_on(from, length).is_err(), "{from} {length}");
        }
        let (mut body, program) = cut(&[1; 100], 256);
        body.go_on(36, 220).unwrap();
        body.pass(&[1; 63], &mut program.clone());
        body.pass(&[2; 157], &mut program.clone());
        body.end(&mut program.clone());
        assert_eq!(program.body_bytes(), 100);
        assert_eq!(program.count(code::BODY_CHANGED), 1);
        assert!(!program.saw("BodyEnd"));
    }

    #[test]
    fn little_of_a_body_is_kept() {
        let (mut body, program) = cut(&[], 1 << 30);
        for _ in 0..1000 {
            body.pass(&[7; 50], &mut program.clone());
        }
        assert_eq!(body.tail.len(), OVERLAP_BYTES);
        assert!(body.tail.capacity() < 1024);
    }
}
