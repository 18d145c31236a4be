//! Finding the mailbox of the connection before again, with as few questions as the server allows
//! (resilience 2.4): which message has which number now, and what changed meanwhile.
//!
//! ```text
//!              QRESYNC ─────────────┐
//!  SELECT ───► CONDSTORE ─ Changes ─┴─► names by rank ─► Places ─► Tail ─► done
//!     │                                     │ does not fit                 ▲
//!     └───► neither, or not to be trusted ──┴─► Everything ◄──► News ──────┘
//! ```
//!
//! A place is named by rank only where a count proves it, or messages on both sides of it do.

use crate::wire::uids::UidSet;

use super::super::roll::{MAX_MESSAGES, Roll};
use super::bisect::Bisect;
use super::comparison::Comparison;
use super::facts::Facts;
use super::naming::Hidden;
use super::{EVERYTHING, Remembered};

/// From so many messages on, holes are searched for; all messages are fewer bytes before.
pub(super) const SEARCH_FROM: u32 = 20_000;
/// The most holes that are searched for.
const MOST_HOLES: u32 = 500;
/// How it was found out what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// The server told what changed and what is gone (RFC 7162 section 3.2).
    Qresync,
    /// It told what changed (RFC 7162 section 3.1).
    Condstore,
    /// It was asked for everything.
    Uids,
}

impl Means {
    pub(super) fn name(self) -> &'static str {
        match self {
            Means::Qresync => "qresync",
            Means::Condstore => "condstore",
            Means::Uids => "uids",
        }
    }
}

/// What was asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// SELECT or EXAMINE.
    Select,
    /// What changed.
    Changes,
    /// A few places.
    Places,
    /// The new messages.
    Tail,
    /// Everything.
    Everything,
    /// Whether the server has something to tell, because messages were hidden.
    News,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Restoring {
    /// What the mailbox was, but for its roll.
    pub(super) old: Remembered,
    pub(super) means: Means,
    stage: Stage,
    /// What the server says is gone.
    vanished: Vec<UidSet>,
    /// The UIDs of the old roll without those, if there are such.
    left: Option<Vec<u32>>,
    /// How many messages there were in the answer to SELECT.
    selected: u32,
    /// The first place in that answer's mailbox that is a new message's.
    tail: u32,
    bisect: Option<Bisect>,
    /// How often the server was given the chance to tell what is hidden.
    chances: u32,
    search_from: u32,
    /// Whether the server told of any message.
    pub(super) has_rows: bool,
}

/// What is asked at one stage of it.
pub(super) struct Now<'a> {
    pub(super) facts: &'a Facts,
    pub(super) total: u32,
    pub(super) roll: &'a mut Roll,
    pub(super) comparison: &'a mut Comparison,
}

impl Restoring {
    /// `qresync`: whether that was enabled; `search_from`: [`SEARCH_FROM`].
    pub(super) fn new(
        old: Remembered,
        comparison: &Comparison,
        qresync: bool,
        search_from: u32,
    ) -> Restoring {
        let knows = old.facts.modseq.known().is_some() && is_known(&comparison.old);
        let means = match knows {
            true if qresync && old.facts.uid_validity.is_some() => Means::Qresync,
            true => Means::Condstore,
            false => Means::Uids,
        };
        Restoring {
            old,
            means,
            stage: Stage::Select,
            vanished: Vec::new(),
            left: None,
            selected: 0,
            tail: 0,
            bisect: None,
            chances: 0,
            search_from,
            has_rows: false,
        }
    }

    /// The parameter of the SELECT that says what we know, if the server takes that. Not which
    /// UIDs: a server that is told them says nothing of new messages (RFC 7162 section 3.2.5.2).
    ///
    /// ```abnf
    /// select-param  = "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] ")"
    /// ```
    pub(super) fn parameter(&self) -> Option<String> {
        let facts = &self.old.facts;
        let known = facts.uid_validity.zip(facts.modseq.known());
        let (validity, modseq) = known.filter(|_| self.means == Means::Qresync)?;
        Some(format!("(QRESYNC ({validity} {modseq}))"))
    }

    #[cfg(test)]
    pub(super) fn spend(&mut self) {
        self.chances = Hidden::MOST_CHANCES;
    }

    /// The server does not take it: it is asked as if it had only CONDSTORE.
    pub(super) fn without_parameter(&mut self) {
        self.means = Means::Condstore;
    }

    /// Messages went before the mailbox was opened.
    pub(super) fn vanished(&mut self, uids: UidSet) {
        self.vanished.push(uids);
    }

    /// A message went just now. Where everything is asked for, its number is followed; ranks are
    /// not what they were.
    pub(super) fn moved(&self, comparison: &mut Comparison) {
        let follows = [Stage::Everything, Stage::News];
        if !follows.contains(&self.stage) {
            comparison.disturb(false);
        }
    }

    /// What the server is to be asked next; `None` when everything is known.
    pub(super) fn question(&mut self, mut now: Now<'_>) -> Option<String> {
        if now.comparison.counts_rows {
            now.roll.opened();
        }
        match self.stage {
            Stage::Select => self.selected(&mut now),
            _ if now.comparison.is_disturbed => self.trouble(&mut now),
            Stage::Changes => self.settle(&mut now),
            Stage::Places => self.narrow(&mut now),
            _ if now.roll.is_sound() => None,
            Stage::Tail | Stage::Everything | Stage::News => self.trouble(&mut now),
        }
    }

    /// The mailbox is open.
    fn selected(&mut self, now: &mut Now<'_>) -> Option<String> {
        now.roll.opened();
        self.selected = now.roll.len();
        let (before, facts) = (&self.old.facts, now.facts);
        if before.uid_validity != facts.uid_validity || !facts.keeps_uids() {
            // No UID means what it did.
            now.comparison.old = Roll::default();
            now.comparison.index = Default::default();
            return self.everything(now);
        }
        if !self.is_credible(now) || self.means == Means::Uids {
            return self.everything(now);
        }
        let is_quiet = before.modseq.known() == facts.modseq.known();
        if self.means == Means::Qresync || is_quiet {
            return self.settle(now);
        }
        let modseq = before.modseq.known()?;
        self.stage = Stage::Changes;
        Some(format!("{EVERYTHING} (CHANGEDSINCE {modseq})"))
    }

    /// Whether what the server says of the mailbox can be (resilience 2.4).
    fn is_credible(&self, now: &Now<'_>) -> bool {
        let next = now.facts.uid_next.unwrap_or(u32::MAX);
        let last = now.comparison.old.last_uid();
        let is_rising = self.old.facts.modseq.known() <= now.facts.modseq.known();
        is_rising
            && next > last
            && is_known(&now.comparison.old)
            && now.total <= MAX_MESSAGES
            && !now.comparison.is_disturbed
    }

    /// What changed is told: names the messages that were there before, by their rank.
    fn settle(&mut self, now: &mut Now<'_>) -> Option<String> {
        let old = &now.comparison.old;
        if !self.vanished.is_empty() {
            let is_left = |uid: &u32| !self.vanished.iter().any(|gone| gone.contains(*uid));
            self.left = Some(old.uids().iter().copied().filter(is_left).collect());
        }
        let before = self.left.as_deref().unwrap_or(old.uids()).len() as u32;
        // Additions raise UIDNEXT and the count, removals lower the count: where both grew by the
        // same, nothing was removed.
        let next = now.facts.uid_next.unwrap_or_default();
        let added = next.checked_sub(old.last_uid().saturating_add(1));
        if added.is_some_and(|added| before.checked_add(added) == Some(self.selected)) {
            self.tail = before + 1;
            self.bisect = Some(Bisect::none_gone(before));
            return self.fill(now);
        }
        let is_new = |seqno: &u32| now.roll.uid(*seqno) > old.last_uid();
        self.tail = (1..=self.selected)
            .find(is_new)
            .unwrap_or(self.selected + 1);
        let left = self.tail - 1;
        let holes = before.checked_sub(left);
        let is_worth_it = |holes: u32| {
            left == 0 || holes == 0 || (before >= self.search_from && holes <= MOST_HOLES)
        };
        if !holes.is_some_and(is_worth_it) {
            return self.everything(now);
        }
        self.bisect = Some(Bisect::new(left, before));
        self.look(now)
    }

    /// The places that were asked for have been named.
    fn narrow(&mut self, now: &mut Now<'_>) -> Option<String> {
        let before = self.left.as_deref().unwrap_or(now.comparison.old.uids());
        let learnt = self.bisect.as_mut()?.learn(now.roll, before);
        match learnt {
            Ok(()) => self.look(now),
            Err(_) => self.everything(now),
        }
    }

    fn look(&mut self, now: &mut Now<'_>) -> Option<String> {
        let questions = self.bisect.as_mut()?.questions();
        if questions.is_empty() {
            return self.fill(now);
        }
        let places: Vec<String> = questions.iter().map(u32::to_string).collect();
        self.stage = Stage::Places;
        Some(format!("FETCH {} (UID)", places.join(",")))
    }

    /// It is known where each of the messages of before is.
    fn fill(&mut self, now: &mut Now<'_>) -> Option<String> {
        let mut fits = true;
        for (place, rank) in self.bisect.take()?.places() {
            let old = &now.comparison.old;
            let before = self.left.as_deref().unwrap_or(old.uids());
            let uid = before.get(rank).copied().unwrap_or_default();
            let named = now.roll.uid(place);
            fits &= named == 0 || named == uid;
            let index = now.comparison.index.place(old, uid);
            let flags = index.and_then(|index| old.flags().get(index)).copied();
            now.roll.inherit(place, uid, flags.unwrap_or_default());
            now.comparison.name(place, uid);
        }
        self.left = None;
        if !fits {
            return self.everything(now);
        }
        if now.roll.is_sound() {
            return None;
        }
        self.stage = Stage::Tail;
        Some(format!("FETCH {}:{} (UID FLAGS)", self.tail, self.selected))
    }

    /// What was found does not fit, or is not all. Where everything was asked for, messages are
    /// hidden whose removal the server has not told yet: it does so when it is given the chance.
    fn trouble(&mut self, now: &mut Now<'_>) -> Option<String> {
        match self.stage {
            Stage::Everything if self.chances < Hidden::MOST_CHANCES => {
                self.chances += 1;
                self.stage = Stage::News;
                Some("NOOP".to_owned())
            }
            Stage::Everything if !now.comparison.is_disturbed => None,
            _ => self.everything(now),
        }
    }

    fn everything(&mut self, now: &mut Now<'_>) -> Option<String> {
        *now.roll = now.comparison.begin(now.total);
        now.roll.opened();
        self.means = Means::Uids;
        self.stage = Stage::Everything;
        (now.total > 0 || now.comparison.is_open_ended).then(|| EVERYTHING.to_owned())
    }
}

/// Whether it is known which message has which number.
fn is_known(roll: &Roll) -> bool {
    !roll.is_untold() && roll.unasked().is_none() && roll.is_sound()
}
