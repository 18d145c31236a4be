//! What the connection asks of its own accord while a mailbox is open, so that each message is
//! announced under its UID once (resilience 2.1): the UIDs of what is new, and everything where
//! the server says something that does not fit.

use crate::event::EventSink;

use super::super::roll::{MAX_MESSAGES, Roll};
use super::comparison::Comparison;
use super::{LIVE, Phase, View};

/// What the server is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Wish {
    /// The UIDs of the messages with these numbers.
    Names {
        /// The first number.
        from: u32,
        /// The last number.
        to: u32,
    },
    /// Whether there is something to tell: NOOP.
    News,
    /// All messages.
    Everything,
}

impl Wish {
    /// The command without its tag.
    pub(in super::super) fn line(self) -> String {
        match self {
            Wish::Names { from, to } => format!("FETCH {from}:{to} (UID FLAGS)"),
            Wish::News => "NOOP".to_owned(),
            Wish::Everything => super::EVERYTHING.to_owned(),
        }
    }
}

/// What is done about messages that got no name although the server was asked: their removal was
/// not told yet, and it is when the server is given the chance (RFC 2180 section 4.1).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hidden {
    /// How often the server was given the chance since there were none.
    chances: u32,
    /// Whether it is to be given one.
    is_due: bool,
}

impl Hidden {
    /// A server hides nothing for longer; where it does, messages stay without a name.
    pub(super) const MOST_CHANCES: u32 = 20;

    /// There are such messages. False if nothing more can be done.
    fn give_chance(&mut self) -> bool {
        self.is_due = self.chances < Hidden::MOST_CHANCES;
        self.is_due
    }

    #[cfg(test)]
    pub(super) fn spend(&mut self) {
        self.chances = Hidden::MOST_CHANCES;
    }

    /// The server was given the chance.
    fn had_chance(&mut self) {
        self.is_due = false;
        self.chances += 1;
    }
}

impl View {
    /// What the server is to be asked now, before anything else.
    pub(in super::super) fn wish(&mut self, sink: &mut dyn EventSink) -> Option<Wish> {
        let roll = self.roll.as_mut().filter(|_| self.phase == Phase::Open)?;
        if self.comparison.is_some() {
            return Some(match self.hidden.is_due {
                true => Wish::News,
                false => Wish::Everything,
            });
        }
        if roll.is_untold() && roll.counted() == 0 {
            // Nothing was there: what comes is new.
            roll.answered(0);
            self.synced(sink);
        }
        let roll = self.roll.as_mut()?;
        let Some((from, to)) = roll.unasked() else {
            self.hidden = Hidden::default();
            return None;
        };
        Some(match self.hidden.is_due {
            true => Wish::News,
            false => Wish::Names { from, to },
        })
    }

    /// The first UID that no message of the open mailbox has; `None` if that is not known.
    pub(in super::super) fn next_uid(&self) -> Option<u32> {
        let is_known = self.phase == Phase::Open && !self.is_curious();
        let roll = self.roll.as_ref().filter(|_| is_known)?;
        let last = (!roll.is_untold()).then(|| roll.last_uid());
        last?.checked_add(1)
    }

    /// A message has this number: there are so many at least, whether the server tells or not.
    pub(in super::super) fn noticed(&mut self, seqno: u32, sink: &mut dyn EventSink) {
        if seqno > self.total && self.comparison.is_none() {
            self.exists(seqno, sink);
        }
    }

    /// Whether IDLE is to be left for a wish.
    pub(in super::super) fn is_curious(&self) -> bool {
        let is_unasked = |roll: &Roll| roll.unasked().is_some();
        self.phase == Phase::Open
            && (self.comparison.is_some() || self.roll.as_ref().is_some_and(is_unasked))
    }

    /// What was wished for is about to be asked.
    pub(in super::super) fn asking(&mut self, wish: Wish) {
        if let (Wish::Everything, Some(comparison), Some(roll)) =
            (wish, &mut self.comparison, &mut self.roll)
        {
            *roll = comparison.begin(roll.len());
            self.looking = true;
        }
    }

    /// The server has answered; or refused.
    pub(in super::super) fn answered(&mut self, wish: Wish, ok: bool, sink: &mut dyn EventSink) {
        self.looking = false;
        match wish {
            Wish::News => self.had_news(sink),
            Wish::Names { .. } if !ok => self.refused(sink),
            Wish::Names { to, .. } => {
                let has_holes = self.roll.as_ref().is_some_and(|roll| roll.has_holes(to));
                if !has_holes || !self.hidden.give_chance() {
                    self.named(to, sink);
                }
            }
            Wish::Everything if !ok => self.give_up(sink),
            Wish::Everything => {
                if let Some(roll) = &mut self.roll {
                    roll.opened();
                }
                if self.is_compared() == Some(true) || !self.hidden.give_chance() {
                    self.compared(sink);
                }
            }
        }
    }

    /// Whether this is part of the answer, which nobody else is to see.
    pub(in super::super) fn is_answer(&self, wish: Wish, seqno: u32) -> bool {
        match wish {
            Wish::Names { to, .. } => {
                let unasked = self.roll.as_ref().and_then(Roll::unasked);
                seqno <= to && unasked.is_some_and(|(from, to)| (from..=to).contains(&seqno))
            }
            Wish::Everything => true,
            Wish::News => false,
        }
    }

    /// Numbers have moved in a way that cannot be followed: nothing is told until it is known what
    /// is there, or even how many there are.
    pub(super) fn lose_track(&mut self, is_open_ended: bool) {
        match (&mut self.comparison, &mut self.roll) {
            (Some(comparison), _) => comparison.disturb(is_open_ended),
            (None, Some(roll)) if self.phase == Phase::Open => {
                let total = match is_open_ended {
                    true => 0,
                    false => self.total,
                };
                let old = std::mem::replace(roll, Roll::of(total));
                let mut comparison = Comparison::new(old);
                comparison.disturb(is_open_ended);
                self.comparison = Some(Box::new(comparison));
                self.hidden = Hidden::default();
            }
            _ => {}
        }
    }

    /// The server was given the chance to tell what is gone.
    fn had_news(&mut self, sink: &mut dyn EventSink) {
        self.hidden.had_chance();
        match self.is_compared() {
            Some(true) => self.compared(sink),
            Some(false) => {}
            None => {
                let unasked = self.roll.as_ref().and_then(Roll::unasked);
                let has_holes = |to| self.roll.as_ref().is_some_and(|roll| roll.has_holes(to));
                match unasked {
                    Some((_, to)) if !has_holes(to) => self.named(to, sink),
                    Some(_) => {}
                    None => self.hidden = Hidden::default(),
                }
            }
        }
    }

    /// Whether the roll that was made is complete; `None` if none is being made.
    fn is_compared(&self) -> Option<bool> {
        let comparison = self.comparison.as_ref()?;
        let is_sound = self.roll.as_ref().is_some_and(Roll::is_sound);
        Some(is_sound && comparison.has_looked && !comparison.is_disturbed)
    }

    /// It is known what is there: tells what changed.
    fn compared(&mut self, sink: &mut dyn EventSink) {
        self.hidden = Hidden::default();
        let Some(comparison) = self.comparison.take() else {
            return;
        };
        if let Some(roll) = &self.roll {
            self.total = roll.len();
        }
        self.tell(*comparison, LIVE, sink);
    }

    /// The server has answered about the numbers up to `to`: what is new among them is announced.
    /// The first answer after SELECT only says what is there.
    fn named(&mut self, to: u32, sink: &mut dyn EventSink) {
        self.hidden = Hidden::default();
        let Some(roll) = &mut self.roll else {
            return;
        };
        let is_first = roll.is_untold();
        let arrived = roll.answered(to);
        self.facts.see(roll.last_uid());
        match is_first {
            true => self.synced(sink),
            false => self.arrived(&arrived, LIVE, sink),
        }
    }

    /// The server does not say which UIDs the numbers have: new mail is announced by number.
    fn refused(&mut self, sink: &mut dyn EventSink) {
        let unasked = self.roll.as_ref().and_then(Roll::unasked);
        let was_told = self.roll.take().is_some_and(|roll| !roll.is_untold());
        if let (true, Some((from, _))) = (was_told, unasked) {
            self.grown(from - 1, sink);
        }
    }

    /// The server does not say what is there: from now on numbers are all that is known.
    fn give_up(&mut self, sink: &mut dyn EventSink) {
        self.comparison = None;
        self.roll = None;
        self.grown(self.total, sink);
    }

    /// Whether so many messages are too many for a roll.
    pub(super) fn is_too_large(&self) -> bool {
        self.total > MAX_MESSAGES
    }
}
