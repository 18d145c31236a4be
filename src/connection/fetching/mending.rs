//! A message that a lost connection left in the middle, and the command that brings the rest of it.

use crate::connection::passing::{Body, changed};
use crate::event::{EventSink, RequestId};
use crate::wire::request::FetchPlan;

use super::partial::Partial;
use super::{Bits, Fetching};
use crate::connection::numbers::Numbers;

/// A message that was begun.
#[derive(Debug)]
pub(in crate::connection) struct Parted {
    /// Its number on the connection that was lost.
    pub(in crate::connection) seqno: u32,
    /// The number under which it was announced.
    pub(in crate::connection) shown: u32,
    /// The sections that were handed over, the one that was cut not among them.
    pub(in crate::connection) sections: Bits,
    /// The attributes that came, in the form that [`Node::write`](crate::wire::token::Node) gives.
    pub(in crate::connection) pairs: Vec<u8>,
    pub(in crate::connection) cut: Option<Cut>,
}

/// A body that was cut in the middle.
#[derive(Debug)]
pub(in crate::connection) struct Cut {
    /// Which of the sections it is.
    pub(in crate::connection) index: usize,
    /// Where in that section the part begins that was asked for at first.
    pub(in crate::connection) origin: u64,
    pub(in crate::connection) body: Body,
}

/// What a lost connection leaves of a FETCH.
#[derive(Debug)]
pub(in crate::connection) struct Interruption {
    pub(in crate::connection) plan: FetchPlan,
    pub(in crate::connection) finished: Numbers,
    pub(in crate::connection) parted: Vec<Parted>,
    /// Whether the numbers of the command may mean other messages now.
    pub(in crate::connection) has_shifted: bool,
    /// Whether it was for one message that had been begun before.
    pub(in crate::connection) is_mending: bool,
}

/// The message that a command is for.
#[derive(Debug)]
pub(super) struct Mending {
    /// Its number now; 0 once it is gone.
    seqno: u32,
    shown: u32,
    cut: Option<Cut>,
}

impl Mending {
    /// A message is gone: the number of this one before and after.
    pub(super) fn expunged(&mut self, seqno: u32) -> (u32, u32) {
        let before = self.seqno;
        self.seqno = match before.cmp(&seqno) {
            std::cmp::Ordering::Less => before,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => before - 1,
        };
        (before, self.seqno)
    }

    /// No more of it will come.
    pub(super) fn give_up(&mut self, sink: &mut dyn EventSink) {
        if let Some(mut cut) = self.cut.take() {
            let error = changed("the server does not give the rest of it");
            cut.body.lose(error, sink);
        }
    }
}

impl Cut {
    /// The rest of it arrives; gives the body, unless that is lost.
    pub(super) fn go_on(
        mut self,
        from: Option<u64>,
        length: u64,
        sink: &mut dyn EventSink,
    ) -> Option<Body> {
        // Where a server sends the whole again, it says no place.
        let origin = if from.is_some() { self.origin } else { 0 };
        let from = from.unwrap_or(0).checked_sub(origin).unwrap_or(u64::MAX);
        match self.body.go_on(from, length) {
            Ok(()) => Some(self.body),
            Err(error) => {
                self.body.lose(error, sink);
                None
            }
        }
    }

    /// The rest of it has arrived in one piece.
    pub(super) fn finish(self, from: Option<u64>, octets: &[u8], sink: &mut dyn EventSink) {
        if let Some(mut body) = self.go_on(from, octets.len() as u64, sink) {
            body.pass(octets, sink);
            body.end(sink);
        }
    }
}

impl Parted {
    /// A body whose reader has left needs no rest.
    pub(in crate::connection) fn leave_discarded(&mut self) {
        if let Some(cut) = self.cut.take_if(|cut| cut.body.discarded) {
            self.sections.set(cut.index);
        }
    }

    /// The message is gone: the program gets what there is of it.
    pub(in crate::connection) fn give_up(
        mut self,
        request: RequestId,
        uid: u32,
        plan: &FetchPlan,
        sink: &mut dyn EventSink,
    ) {
        if let Some(mut cut) = self.cut.take() {
            cut.body.lose(changed("the message was removed"), sink);
        }
        if self.pairs.is_empty() {
            self.pairs = format!("UID {uid} ").into_bytes();
        }
        let pairs = std::mem::take(&mut self.pairs);
        let mut fetching = Fetching::mending(request, plan.clone(), self.seqno, self);
        fetching.complete(0, &pairs, sink);
    }

    /// Something that grows with all that comes of it.
    pub(in crate::connection) fn measure(&self) -> u64 {
        let given = self.cut.as_ref().map_or(0, |cut| cut.body.given());
        given + self.sections.count() as u64
    }
}

impl Fetching {
    /// The command that brings the rest of a message, whose number is `seqno` now.
    pub(in crate::connection) fn mending(
        request: RequestId,
        plan: FetchPlan,
        seqno: u32,
        parted: Parted,
    ) -> Fetching {
        let mut fetching = Fetching::new(request, plan);
        fetching.open.insert(
            seqno,
            Partial {
                announced: true,
                sections: parted.sections,
                ..Partial::default()
            },
        );
        fetching.mending = Some(Mending {
            seqno,
            shown: parted.shown,
            cut: parted.cut,
        });
        fetching
    }

    /// Whether it is for one message that was begun on a connection before.
    pub(in crate::connection) fn is_mending(&self) -> bool {
        self.mending.is_some()
    }

    /// The body that was cut, until it goes on.
    pub(in crate::connection) fn cut_body(&mut self) -> Option<&mut Body> {
        let cut = self.mending.as_mut()?.cut.as_mut()?;
        Some(&mut cut.body)
    }

    /// The connection is lost; `passing` is the body that was passing.
    ///
    /// `None` if it is not known which messages are finished.
    pub(in crate::connection) fn interrupt(self, passing: Option<Body>) -> Option<Interruption> {
        let Fetching {
            plan,
            open,
            finished,
            has_shifted,
            is_scattered,
            mending,
            passing: place,
            ..
        } = self;
        if is_scattered {
            return None;
        }
        let is_mending = mending.is_some();
        let shown = mending.as_ref().map(|mending| mending.shown);
        let mut unheard = mending.and_then(|mending| mending.cut);
        let mut passing = passing.filter(|body| !body.discarded);
        let mut part = |(seqno, partial): (u32, Partial)| {
            let mut sections = partial.sections;
            let here = place.filter(|(of, _)| *of == seqno);
            let cut = match (here, passing.take_if(|_| here.is_some())) {
                (Some((_, index)), Some(body)) => Some(Cut {
                    index,
                    origin: plan.origin(index),
                    body,
                }),
                _ => unheard.take(),
            };
            if let Some(cut) = &cut {
                sections.clear(cut.index);
            }
            Parted {
                seqno,
                shown: shown.unwrap_or(seqno),
                sections,
                pairs: partial.pairs,
                cut,
            }
        };
        let announced = open.into_iter().filter(|(_, partial)| partial.announced);
        let parted = announced.map(&mut part).collect();
        Some(Interruption {
            plan,
            finished,
            parted,
            has_shifted,
            is_mending,
        })
    }

    /// The number under which the program knows a message.
    pub(super) fn shown(&self, seqno: u32) -> u32 {
        let mending = self.mending.as_ref();
        mending.map_or(seqno, |mending| mending.shown)
    }

    /// Whether this is not the one message that the command is for.
    pub(super) fn is_of_another(&self, seqno: u32) -> bool {
        let mending = self.mending.as_ref();
        mending.is_some_and(|mending| mending.seqno != seqno)
    }

    /// The body that was cut, if it is of this section and has not gone on yet.
    pub(super) fn take_cut(&mut self, index: usize) -> Option<Cut> {
        let cut = &mut self.mending.as_mut()?.cut;
        cut.take_if(|cut| cut.index == index)
    }
}
