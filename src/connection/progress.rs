//! How far a FETCH got before its connection was lost, and the commands that bring the rest of it
//! (resilience 2.9, 2.10).
//!
//! ```text
//!   a message in the middle:  [UID STORE 9 +FLAGS.SILENT (\Seen)]      if the program marks
//!                             UID FETCH 9 (UID ... BODY.PEEK[]<4032.65537>)
//!   the next such message:    ...
//!   the messages not begun:   UID FETCH 10:* (what the program asked for)
//! ```
//!
//! It is all one request to the program. What it has seen is not told again: messages are known by
//! UID, and what is complete of one in the middle is not asked for.

use std::collections::VecDeque;

use crate::event::{BodyId, EventSink, RequestId};
use crate::wire::argument::ArgumentError;
use crate::wire::command::{Command, CommandBuilder};
use crate::wire::request::FetchPlan;
use crate::wire::set::SequenceSet;

use super::fetching::{Fetching, Interruption, Parted};
use super::passing::Body;
use super::view::View;

/// How many connections in a row may be lost over it without bringing anything.
const MAX_IDLE_TRIES: u32 = 2;

/// See the module.
#[derive(Debug)]
pub struct Progress {
    /// What the UIDs are of.
    uid_validity: u32,
    /// Messages in the middle, with their UIDs.
    parted: VecDeque<(u32, Parted)>,
    /// The UID of the message whose rest is being fetched.
    mended: Option<u32>,
    /// Whether the next of them is marked as seen.
    is_marked: bool,
    /// Messages that were not begun, while they are to be asked for.
    rest: Option<SequenceSet>,
    /// Messages that were dealt with, or are in the middle: ranges of UIDs.
    done: Vec<(u32, u32)>,
    /// How much has come, in whatever unit, and how many connections since brought nothing.
    amount: u64,
    idle_tries: u32,
}

/// The next command of it.
pub(super) enum Step {
    /// It marks a message as seen.
    Mark(Command, u32),
    /// It fetches.
    Fetch(Command, Box<Fetching>),
    /// There is none.
    Done,
}

impl Progress {
    /// What was left when the connection was lost, `before` being what was left for that one.
    /// `None` if that cannot be told by UID.
    pub(super) fn of(
        left: Interruption,
        before: Option<Box<Progress>>,
        view: &View,
    ) -> Option<Box<Progress>> {
        let Interruption {
            plan,
            finished,
            parted,
            has_shifted,
            is_mending,
        } = left;
        let amount = before.as_ref().map_or(0, |before| before.amount);
        let mut progress = match before {
            Some(before) => before,
            None => Box::new(Progress::new(view.uid_validity()?)),
        };
        let roll = view.roll()?;
        for part in parted.into_iter().rev() {
            let uid = progress.mended.take().or_else(|| roll.known(part.seqno))?;
            progress.done.push((uid, uid));
            progress.parted.push_front((uid, part));
        }
        progress.mended = None;
        progress.is_marked = false;
        if !is_mending {
            progress
                .done
                .extend(roll.runs(|seqno| finished.contains(seqno))?);
            progress.rest = Some(match plan.uid {
                true => plan.set.without(&progress.done, roll.known(roll.len()))?,
                false if has_shifted => return None,
                false => {
                    let meant = SequenceSet::of_ranges(roll.translated(&plan.set)?);
                    meant.without(&progress.done, None)?
                }
            });
        }
        let done = SequenceSet::of_ranges(std::mem::take(&mut progress.done));
        progress.done = done.ranges().to_vec();
        progress.amount = progress.measure();
        progress.idle_tries = match progress.amount > amount {
            true => 0,
            false => progress.idle_tries + 1,
        };
        Some(progress)
    }

    /// The connection was lost before the next of it was asked for.
    pub(super) fn interrupted(mut self: Box<Progress>) -> Box<Progress> {
        self.is_marked = false;
        self.idle_tries += 1;
        self
    }

    fn new(uid_validity: u32) -> Progress {
        Progress {
            uid_validity,
            parted: VecDeque::new(),
            mended: None,
            is_marked: false,
            rest: None,
            done: Vec::new(),
            amount: 0,
            idle_tries: 0,
        }
    }

    /// Whether it is of no use to go on: connection after connection brought nothing.
    pub fn is_stuck(&self) -> bool {
        self.idle_tries > MAX_IDLE_TRIES
    }

    /// Whether nothing is left to be asked for.
    pub fn is_over(&self) -> bool {
        let rest = self.rest.as_ref();
        self.parted.is_empty() && rest.is_none_or(SequenceSet::is_empty)
    }

    /// The UIDVALIDITY that its UIDs are of.
    pub(super) fn uid_validity(&self) -> u32 {
        self.uid_validity
    }

    /// The body that was cut and has not gone on, if it is this one.
    pub(super) fn body(&mut self, id: BodyId) -> Option<&mut Body> {
        let cuts = self
            .parted
            .iter_mut()
            .filter_map(|(_, part)| part.cut.as_mut());
        cuts.map(|cut| &mut cut.body).find(|body| body.id == id)
    }

    /// The next command. What cannot be continued is told at once.
    pub(super) fn next(
        &mut self,
        request: RequestId,
        asked: (&Command, &FetchPlan),
        view: &View,
        sink: &mut dyn EventSink,
    ) -> Result<Step, ArgumentError> {
        let (command, plan) = asked;
        while let Some((uid, mut part)) = self.parted.pop_front() {
            // Its reader may have left since.
            part.leave_discarded();
            let Some(seqno) = view.roll().and_then(|roll| roll.number(uid)) else {
                part.give_up(request, uid, plan, sink);
                continue;
            };
            let marks = plan.marks_seen() && !view.is_read_only();
            if marks && !std::mem::replace(&mut self.is_marked, true) {
                self.parted.push_front((uid, part));
                return Ok(Step::Mark(mark(uid)?, uid));
            }
            self.is_marked = false;
            self.mended = Some(uid);
            let set = SequenceSet::of_ranges(vec![(uid, uid)]);
            let command = part.command(&set, plan)?;
            let plan = FetchPlan {
                uid: true,
                set,
                ..plan.clone()
            };
            let fetching = Fetching::mending(request, plan, seqno, part);
            return Ok(Step::Fetch(command, Box::new(fetching)));
        }
        self.mended = None;
        let Some(set) = self.rest.take().filter(|rest| !rest.is_empty()) else {
            return Ok(Step::Done);
        };
        let Some(command) = command.on_uids(&set) else {
            return Ok(Step::Done);
        };
        let plan = FetchPlan {
            uid: true,
            set,
            ..plan.clone()
        };
        let done = SequenceSet::of_ranges(self.done.clone());
        let known = view.roll().into_iter().flat_map(|roll| roll.named());
        let finished = known.filter(|(_, uid)| done.contains(*uid));
        let fetching = Fetching::new(request, plan).without(finished.map(|(seqno, _)| seqno));
        Ok(Step::Fetch(command, Box::new(fetching)))
    }

    /// Something that grows with all that comes.
    fn measure(&self) -> u64 {
        let sizes = |(from, to): &(u32, u32)| u64::from(to - from) + 1;
        let done: u64 = self.done.iter().map(sizes).sum();
        let parts = self.parted.iter().map(|(_, part)| part.measure());
        done + parts.sum::<u64>()
    }
}

/// Marks a message as the answer to a FETCH without `PEEK` does.
fn mark(uid: u32) -> Result<Command, ArgumentError> {
    let mut command = CommandBuilder::by(true, "STORE");
    command
        .set(&SequenceSet::of_ranges(vec![(uid, uid)]))
        .word("+FLAGS.SILENT")
        .open()
        .atom("\\Seen")?
        .close();
    Ok(command.finish())
}

impl Parted {
    /// What this message still lacks. Its attributes are small: all of them are asked for again.
    fn command(&self, set: &SequenceSet, plan: &FetchPlan) -> Result<Command, ArgumentError> {
        let mut command = CommandBuilder::by(true, "FETCH");
        command.set(set).open();
        for text in &plan.attribute_texts {
            command.contained(text)?;
        }
        for index in 0..plan.sections.len() {
            let cut = self.cut.as_ref().filter(|cut| cut.index == index);
            let text = match cut {
                Some(cut) => {
                    let (from, length) = cut.body.rest(plan.is_whole(index));
                    plan.peeked_from(index, from, length)
                }
                None if self.sections.contains(index) => None,
                None => plan.peeked(index),
            };
            if let Some(text) = text {
                command.contained(&text)?;
            }
        }
        command.close();
        Ok(command.finish())
    }
}
