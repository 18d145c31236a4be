//! A FETCH while it is being answered: which message has what, and what it still lacks.
//!
//! A server may answer for one message in several FETCH responses, send data that nobody asked
//! for in between, or leave something out. A message is announced at its first sign, merged by
//! sequence number, and complete when everything asked for is there, at the latest when the
//! command is answered (contract section 5.1 with ).
//!
//! `open.rs` are the messages that are open, `partial.rs` is what each of them has, `mending.rs` a message that a lost connection left in
//! the middle.

mod mending;
mod open;
mod partial;

pub(super) use mending::{Interruption, Parted};
pub(super) use partial::{Bits, has_flags};

use std::borrow::Cow;

use crate::event::{BodyId, Event, EventSink, RequestId};
use crate::wire::fetch::{self, Attributes, Pairs};
use crate::wire::request::FetchPlan;
use crate::wire::section::{self, Section};
use crate::wire::token::{Kind, Node, Nodes, Place, names_body, tape};
use crate::wire::value::Bytes;

use super::numbers::Numbers;
use super::passing::Body;
use mending::Mending;
use open::Open;
use partial::{Partial, Silence};

/// The state of one FETCH command.
#[derive(Debug)]
pub(super) struct Fetching {
    request: RequestId,
    plan: FetchPlan,
    open: Open,
    /// The bytes that the open messages keep.
    kept: usize,
    finished: Numbers,
    /// Where the pairs of the current response go on that were dealt with when a body in it began.
    begun: Option<Place>,
    /// How far the pairs of the current response were looked at when a literal in it began.
    seen: Option<Place>,
    /// The message and the section of the body that is passing.
    passing: Option<(u32, usize)>,
    /// Whether numbers have changed since the command was sent.
    has_shifted: bool,
    /// Whether it is not known any more which messages are finished.
    is_scattered: bool,
    /// The message that this command is for, if it was begun on a connection before.
    mending: Option<Mending>,
}

/// What is to become of a body whose octets are about to come.
#[derive(Debug)]
pub(super) enum Destination {
    /// It was asked for.
    Program,
    /// It goes on with a body that has begun on a connection before.
    Continued(Body),
    /// Nobody wants it.
    Nowhere,
}

impl Fetching {
    pub(super) fn new(request: RequestId, plan: FetchPlan) -> Fetching {
        Fetching {
            request,
            plan,
            open: Open::default(),
            kept: 0,
            finished: Numbers::default(),
            begun: None,
            seen: None,
            passing: None,
            has_shifted: false,
            is_scattered: false,
            mending: None,
        }
    }

    /// The same, where these messages have been dealt with already.
    pub(super) fn without(mut self, finished: impl Iterator<Item = u32>) -> Fetching {
        finished.for_each(|seqno| self.finished.insert(seqno));
        self
    }

    /// Whether the program has seen anything of it.
    pub(super) fn has_begun(&self) -> bool {
        !self.finished.is_empty() || self.open.values().any(|partial| partial.announced)
    }

    /// A whole FETCH response, or the rest of one whose bodies were streamed.
    pub(super) fn response(&mut self, seqno: u32, list: Nodes<'_>, sink: &mut dyn EventSink) {
        let begun = self.end_response();
        let pairs = Pairs::new(list);
        if self.is_of_another(seqno) {
            if is_news(pairs) {
                let info = Attributes::unasked(pairs);
                sink.emit(&Event::Update { seqno, info });
            }
            return;
        }
        if begun.is_none() && self.is_unasked(seqno, pairs) {
            if !self.is_echo(seqno, pairs) {
                let info = Attributes::unasked(pairs);
                sink.emit(&Event::Update { seqno, info });
            }
            return;
        }
        if self.finished.contains(seqno) {
            return;
        }
        self.take(seqno, pairs.from(begun), sink);
        self.settle(seqno, pairs, sink);
    }

    /// A FETCH response has come as far as the section of a body, whose octets follow.
    pub(super) fn body_begin(
        &mut self,
        seqno: u32,
        list: Nodes<'_>,
        size: u64,
        body: BodyId,
        sink: &mut dyn EventSink,
    ) -> Destination {
        let pairs = Pairs::new(list);
        let last = pairs.from(self.seen).last();
        self.seen = Some(list.end());
        let is_body = |(name, value): &(Node<'_>, Node<'_>)| {
            names_body(name) && value.kind() == Kind::Streamed
        };
        let Some((name, _)) = last.filter(is_body) else {
            return Destination::Nowhere;
        };
        let begun = self.begun.replace(list.end());
        if self.finished.contains(seqno) || self.is_of_another(seqno) {
            return Destination::Nowhere;
        }
        self.take(seqno, pairs.from(begun), sink);
        let wanted = self.wants(seqno, name);
        self.announce(seqno, sink);
        let Some(index) = wanted else {
            return Destination::Nowhere;
        };
        self.passing = Some((seqno, index));
        if let Some(cut) = self.take_cut(index) {
            let from = section::origin(name.raw());
            return match cut.go_on(from, size, sink) {
                Some(body) => Destination::Continued(body),
                None => Destination::Nowhere,
            };
        }
        let which = section::named(&name);
        sink.emit(&Event::BodyBegin {
            request: self.request,
            seqno: self.shown(seqno),
            body,
            which,
            size,
        });
        Destination::Program
    }

    /// The body that was passing is complete.
    pub(super) fn body_end(&mut self) {
        self.passing = None;
    }

    /// A FETCH response that exceeds a limit, as far as it is sound. Its bodies count, because they
    /// may have been handed over while they arrived; its attributes do not.
    pub(super) fn excessive(
        &mut self,
        seqno: u32,
        list: Option<Nodes<'_>>,
        sink: &mut dyn EventSink,
    ) {
        let begun = self.end_response();
        let Some(pairs) = list.map(Pairs::new) else {
            return;
        };
        if self.finished.contains(seqno) || self.is_of_another(seqno) {
            return;
        }
        let is_whole = |(_, value): &(Node<'_>, Node<'_>)| !value.is_missing();
        self.take(seqno, pairs.from(begun).filter(is_whole), sink);
        let is_body = |(name, value): (Node<'_>, Node<'_>)| names_body(&name) && value.is_octets();
        if { pairs }.any(is_body) {
            self.announce(seqno, sink);
        }
    }

    /// How many bytes of memory the messages take that have come so far, more or less.
    pub(super) fn memory(&self) -> usize {
        self.kept + self.open.len() * size_of::<Partial>() + self.finished.memory()
    }

    /// A message is gone, and the numbers above it fell by one. What is open gets no more: later
    /// responses could not be told apart.
    pub(super) fn expunged(&mut self, seqno: u32, sink: &mut dyn EventSink) {
        self.has_shifted = true;
        match &mut self.mending {
            Some(mending) => {
                let (from, to) = mending.expunged(seqno);
                if let Some(partial) = self.release(from) {
                    self.hold(to, partial);
                }
            }
            None => self.finish(sink),
        }
        self.finished.expunge(seqno);
    }

    /// Messages are gone, and nobody knows which numbers fell: those that are finished cannot be told
    /// any more from those that are not.
    pub(super) fn scattered(&mut self, sink: &mut dyn EventSink) {
        self.finish(sink);
        self.is_scattered = true;
        self.finished = Numbers::default();
    }

    /// The command was answered: what is still open has all it will get (contract Q-17).
    pub(super) fn finish(&mut self, sink: &mut dyn EventSink) {
        self.kept = 0;
        if let Some(mending) = &mut self.mending {
            mending.give_up(sink);
        }
        for (seqno, partial) in std::mem::take(&mut self.open) {
            if partial.announced {
                self.complete(seqno, &partial.pairs, sink);
            }
        }
    }

    /// A response is whole; gives the place from which it still has to be dealt with.
    fn end_response(&mut self) -> Option<Place> {
        self.seen = None;
        self.begun.take()
    }

    /// Deals with the pairs of a response: hands over bodies, remembers what there is.
    fn take<'a>(
        &mut self,
        seqno: u32,
        pairs: impl Iterator<Item = (Node<'a>, Node<'a>)>,
        sink: &mut dyn EventSink,
    ) {
        for (name, value) in pairs {
            if !names_body(&name) {
                if let Some(index) = fetch::position(&self.plan.attributes, name.raw()) {
                    self.partial(seqno).attributes.set(index);
                }
            } else if value.kind() != Kind::Streamed
                && let Some(index) = self.wants(seqno, name)
            {
                self.announce(seqno, sink);
                if let Some(cut) = self.take_cut(index) {
                    cut.finish(section::origin(name.raw()), &value.text(), sink);
                    continue;
                }
                // NIL is a body without bytes (contract Q-28).
                let text = if value.is_nil() {
                    Cow::Borrowed(&[][..])
                } else {
                    value.text()
                };
                sink.emit(&Event::Body {
                    request: self.request,
                    seqno: self.shown(seqno),
                    which: section::named(&name),
                    bytes: Bytes(&text),
                });
            }
        }
    }

    /// After a response: completes its message, or keeps what it brought.
    fn settle(&mut self, seqno: u32, pairs: Pairs<'_>, sink: &mut dyn EventSink) {
        let request = self.request;
        let Some(mut partial) = self.release(seqno) else {
            return self.announce(seqno, sink);
        };
        if std::mem::take(&mut partial.early) {
            partial.forget_older_flags(pairs, &self.plan);
        }
        let shown = self.shown(seqno);
        let is_complete = partial.attributes.count() >= self.plan.attributes.len()
            && partial.sections.count() >= self.plan.sections.len();
        if is_complete && partial.pairs.is_empty() {
            let attributes = Attributes::wanted(pairs, &self.plan.attributes);
            sink.emit(&match partial.announced {
                true => Event::Attributes {
                    request,
                    seqno: shown,
                    attributes,
                },
                false => Event::Fetched {
                    request,
                    seqno: shown,
                    attributes,
                },
            });
            self.finished.insert(seqno);
            return;
        }
        partial.keep(pairs, &self.plan);
        if is_complete {
            return self.complete(seqno, &partial.pairs, sink);
        }
        self.hold(seqno, partial);
        self.announce(seqno, sink);
    }

    /// Completes a message from the attributes that were kept.
    fn complete(&mut self, seqno: u32, pairs: &[u8], sink: &mut dyn EventSink) {
        let tape = tape(pairs);
        let attributes =
            Attributes::wanted(Pairs::new(Nodes::new(pairs, &tape)), &self.plan.attributes);
        sink.emit(&Event::Attributes {
            request: self.request,
            seqno: self.shown(seqno),
            attributes,
        });
        self.finished.insert(seqno);
    }

    /// Whether these are news of a message rather than an answer: nothing but flags, and the
    /// message was not asked for or is finished (contract Q-19).
    fn is_unasked(&mut self, seqno: u32, pairs: Pairs<'_>) -> bool {
        if !is_news(pairs) {
            return false;
        }
        let is_uid = |(name, _): &(Node<'_>, Node<'_>)| name.raw().eq_ignore_ascii_case(b"UID");
        let uid = { pairs }.find(is_uid).and_then(|(_, uid)| uid.number());
        if self.finished.contains(seqno) {
            return true;
        }
        if self
            .open
            .get(seqno)
            .is_some_and(|partial| partial.announced)
        {
            return false;
        }
        let uid = uid.and_then(|uid| u32::try_from(uid).ok());
        match (self.plan.uid, uid) {
            (false, _) => !self.plan.set.contains(seqno),
            (true, Some(uid)) => !self.plan.set.contains(uid),
            // It may turn out to be the beginning of an answer: then it must not be lost.
            (true, None) => {
                self.release(seqno);
                self.take(seqno, pairs, &mut Silence);
                let mut partial = self.release(seqno).unwrap_or_default();
                partial.early = true;
                partial.keep(pairs, &self.plan);
                self.hold(seqno, partial);
                true
            }
        }
    }

    /// Whether these news are but the MODSEQ of a message that is finished: what setting \Seen did
    /// to it. Programs that search at every `update` would search again for each such message.
    fn is_echo(&self, seqno: u32, pairs: Pairs<'_>) -> bool {
        self.finished.contains(seqno) && !has_flags(pairs)
    }

    /// Which section this is, if it was asked for and has not come yet; from now on it has.
    fn wants(&mut self, seqno: u32, name: Node<'_>) -> Option<usize> {
        let section = Section::parse(section::inside(name.raw()));
        let index = self
            .plan
            .sections
            .iter()
            .position(|wanted| *wanted == section);
        index.filter(|index| self.partial(seqno).sections.set(*index))
    }

    fn announce(&mut self, seqno: u32, sink: &mut dyn EventSink) {
        let request = self.request;
        let partial = self.partial(seqno);
        if !std::mem::replace(&mut partial.announced, true) {
            sink.emit(&Event::Message { request, seqno });
        }
    }

    /// Takes an open message out, with what it keeps.
    fn release(&mut self, seqno: u32) -> Option<Partial> {
        let partial = self.open.remove(seqno)?;
        self.kept -= partial.pairs.len();
        Some(partial)
    }

    /// Puts it back.
    fn hold(&mut self, seqno: u32, partial: Partial) {
        self.kept += partial.pairs.len();
        self.open.insert(seqno, partial);
    }

    fn partial(&mut self, seqno: u32) -> &mut Partial {
        self.open.of(seqno)
    }
}

/// Whether these are at most flags, and what goes with them.
fn is_news(pairs: Pairs<'_>) -> bool {
    const NEWS: [&str; 3] = ["UID", "FLAGS", "MODSEQ"];
    let is_news = |name: Node<'_>| {
        let mut words = NEWS.iter();
        words.any(|word| name.raw().eq_ignore_ascii_case(word.as_bytes()))
    };
    { pairs }.all(|(name, _)| is_news(name))
}
