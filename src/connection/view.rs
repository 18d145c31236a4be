//! What the connection knows of its mailbox.
//!
//! * `view/facts.rs`: what the server says of the mailbox.
//! * `view/naming.rs`: what is asked while it is open, so that messages are known by UID.
//! * `view/restoring.rs`: the mailbox of the connection before is found again; `bisect.rs` finds
//!   what is gone there.
//! * `view/numbering.rs`: which messages commands mean that were given for the connection before.
//! * `view/comparison.rs`: what is different from what the program knows; `view/telling.rs` tells
//!   it.

mod bisect;
mod comparison;
#[cfg(test)]
mod exposed;
mod facts;
mod naming;
mod numbering;
mod restoring;
mod telling;

use crate::event::{Event, EventSink, Lifecycle, MailboxFacts};
use crate::wire::fetch::Pairs;
use crate::wire::response::Code;
use crate::wire::token::Nodes;
use crate::wire::uids::Vanished;

use super::fetching::Fetching;
use super::roll::{Gone, MAX_MESSAGES, Roll, digest};
use comparison::Comparison;
use facts::Facts;
use naming::Hidden;
use restoring::{Now, Restoring};

pub(super) use naming::Wish;
pub(super) use telling::Resumption;

/// The open mailbox, as far as the connection needs it.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    phase: Phase,
    total: u32,
    /// The count when SELECT or EXAMINE was sent.
    total_before: u32,
    facts: Facts,
    name: String,
    read_only: bool,
    /// Kept only if the session comes back after a lost connection.
    roll: Option<Roll>,
    keeps_roll: bool,
    /// Whether the server names what is gone by UID: QRESYNC is enabled (RFC 7162 section 3.2.10).
    has_qresync: bool,
    hidden: Hidden,
    /// Whether our question for all messages is being answered.
    looking: bool,
    /// What the program knows, while it is found out what is there.
    comparison: Option<Box<Comparison>>,
    /// The mailbox of the connection before, while it is opened anew.
    restoring: Option<Box<Restoring>>,
    /// What it was before, if numbers mean other messages now.
    before: Option<Box<Remembered>>,
    /// Whether UIDs mean other messages than on the connection before.
    was_reset: bool,
    /// What changed since the connection before.
    resumption: Resumption,
    /// Whether the program was told that UIDs mean nothing here.
    is_reset_told: bool,
    /// From so many messages on, it is searched for what is gone.
    search_from: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// No mailbox is open.
    #[default]
    Closed,
    /// SELECT or EXAMINE was sent, and nothing came back so far.
    Asked,
    /// SELECT or EXAMINE is being answered.
    Selecting,
    /// The mailbox of the connection before is being opened anew.
    Restoring,
    /// A mailbox is open.
    Open,
}

/// A mailbox as the next connection is to find it again.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Its name as the program gave it.
    pub(super) name: String,
    /// Whether it was opened for reading only.
    pub(super) read_only: bool,
    facts: Facts,
    total: u32,
    roll: Option<Roll>,
    is_reset_told: bool,
}

/// Why something is told, for events with details.
const LIVE: &str = "live";
const RESUME: &str = "resume";

/// All messages by number.
const EVERYTHING: &str = "FETCH 1:* (UID FLAGS)";

impl View {
    pub(super) fn new(keeps_roll: bool) -> View {
        View {
            keeps_roll,
            search_from: restoring::SEARCH_FROM,
            ..View::default()
        }
    }

    /// The server has switched something on (RFC 5161 section 3.2).
    pub(super) fn enabled(&mut self, extensions: Nodes<'_>) {
        for extension in extensions {
            self.has_qresync |= extension.raw().eq_ignore_ascii_case(b"QRESYNC");
        }
    }

    /// SELECT or EXAMINE is on its way. The count of the mailbox before stays, because `mail`
    /// tells the growth against it (contract Q-01).
    pub(super) fn ask(&mut self) {
        self.phase = Phase::Asked;
        self.total_before = self.total;
        self.comparison = None;
        self.hidden = Hidden::default();
    }

    /// The code CLOSED (RFC 7162 section 3.2.11): what came before it in the answer to SELECT was
    /// of the mailbox before, and the facts of the new one begin only now.
    fn left(&mut self) {
        if self.phase == Phase::Selecting {
            self.phase = Phase::Asked;
            self.total = self.total_before;
        }
    }

    /// The mailbox was opened.
    pub(super) fn open(&mut self, name: &str, read_only: bool, sink: &mut dyn EventSink) {
        self.begin(sink);
        self.phase = Phase::Open;
        self.name = name.to_owned();
        self.read_only = read_only;
        if let Some(roll) = &mut self.roll {
            roll.opened();
        }
        sink.emit(&Event::Selected {
            name: name.into(),
            read_only,
        });
    }

    /// The open mailbox, for the next connection.
    pub(super) fn into_remembered(self) -> Option<Remembered> {
        let known = self.comparison.map(|comparison| comparison.old);
        match self.phase {
            Phase::Open => Some(Remembered {
                name: self.name,
                read_only: self.read_only,
                facts: self.facts,
                total: self.total,
                roll: known.or(self.roll),
                is_reset_told: self.is_reset_told,
            }),
            // It was not found again yet.
            Phase::Restoring => self.restoring.map(|restoring| Remembered {
                roll: known,
                ..restoring.old
            }),
            _ => None,
        }
    }

    /// The mailbox of the connection before is being opened anew. Gives the parameter of the
    /// SELECT, if the server is to be told what is known.
    pub(super) fn restore(&mut self, mut old: Remembered) -> Option<String> {
        self.phase = Phase::Restoring;
        self.facts = Facts::default();
        self.roll = self.keeps_roll.then(Roll::default);
        let known = old.roll.take().unwrap_or_default();
        let comparison = Comparison::new(known.announced());
        self.is_reset_told = old.is_reset_told;
        let restoring = Restoring::new(old, &comparison, self.has_qresync, self.search_from);
        let parameter = restoring.parameter();
        self.comparison = Some(Box::new(comparison));
        self.restoring = Some(Box::new(restoring));
        parameter
    }

    /// The server did not take the parameter of the SELECT.
    pub(super) fn without_parameter(&mut self) {
        if let Some(restoring) = &mut self.restoring {
            restoring.without_parameter();
        }
    }

    /// What the server is to be asked next, to find out what changed meanwhile; `None` if that is
    /// known.
    pub(super) fn question(&mut self) -> Option<String> {
        let restoring = self.restoring.as_mut()?;
        let comparison = self.comparison.as_mut()?;
        restoring.question(Now {
            facts: &self.facts,
            total: self.total,
            roll: self.roll.as_mut()?,
            comparison,
        })
    }

    /// A command was answered at whose end a server has told everything.
    pub(super) fn caught_up(&mut self) {
        if self.comparison.is_none() {
            self.facts.modseq.settle();
        }
    }

    /// A FETCH response, for the roll.
    ///
    /// True if nobody else is to see it.
    pub(super) fn row(&mut self, seqno: u32, list: Nodes<'_>) -> bool {
        let is_ours = self.phase == Phase::Restoring || self.looking;
        if self.roll.is_none() {
            return is_ours;
        }
        let (mut uid, mut flags) = (None, None);
        for (name, value) in Pairs::new(list) {
            let is = |word: &[u8]| name.raw().eq_ignore_ascii_case(word);
            match () {
                () if is(b"UID") => {
                    uid = value.number().and_then(|number| u32::try_from(number).ok());
                }
                () if is(b"FLAGS") => flags = Some(value.children()),
                () if is(b"MODSEQ") => {
                    let modseq = value.children().next().and_then(|node| node.number());
                    self.facts.modseq.see(modseq.unwrap_or_default());
                }
                () => {}
            }
        }
        let texts = |flags: Nodes<'_>| -> Vec<String> {
            flags.map(|flag| flag.string().into_owned()).collect()
        };
        let flags = flags.map(texts);
        let now = flags
            .as_ref()
            .map(|flags| digest(flags.iter().map(String::as_str)));
        if let Some(restoring) = &mut self.restoring {
            restoring.has_rows = true;
        }
        self.check_name(seqno, uid);
        let Some(roll) = &mut self.roll else {
            return is_ours;
        };
        let comparison = self.comparison.as_ref();
        if comparison.is_some_and(|comparison| comparison.is_open_ended) && seqno > roll.len() {
            roll.exists(seqno);
        }
        roll.name(seqno, uid, now);
        if let (Some(comparison), Some(flags), Some(now)) = (&mut self.comparison, flags, now) {
            comparison.flags(seqno, roll.uid(seqno), flags, now);
        }
        is_ours
    }

    /// A message that has another UID than it had: its number is another's.
    fn check_name(&mut self, seqno: u32, uid: Option<u32>) {
        let known = self.roll.as_ref().map_or(0, |roll| roll.uid(seqno));
        let is_other = known != 0 && uid.is_some_and(|uid| uid != known);
        if is_other && self.comparison.is_none() {
            self.lose_track(false);
        }
    }

    /// No mailbox is open any more.
    pub(super) fn close(&mut self, sink: &mut dyn EventSink) {
        *self = View {
            has_qresync: self.has_qresync,
            ..View::new(self.keeps_roll)
        };
        sink.emit(&Event::Deselected);
    }

    pub(super) fn exists(&mut self, total: u32, sink: &mut dyn EventSink) {
        if !self.is_open(sink) {
            return;
        }
        let before = std::mem::replace(&mut self.total, total);
        let is_open = self.phase == Phase::Open;
        let shrinks = |roll: &Roll| total < roll.len();
        // Only EXPUNGE and VANISHED take away (RFC 3501 section 7.3.1).
        if self.phase != Phase::Selecting && self.roll.as_ref().is_some_and(shrinks) {
            self.lose_track(false);
        }
        if let Some(roll) = &mut self.roll {
            roll.exists(total);
        }
        if let Some(comparison) = &mut self.comparison {
            comparison.is_open_ended = false;
        }
        match &self.roll {
            _ if self.comparison.is_some() => {}
            // What is new is announced when its UIDs are known.
            Some(_) if is_open && total <= MAX_MESSAGES => self.grown(total, sink),
            _ => self.grown(before, sink),
        }
    }

    pub(super) fn recent(&mut self, count: u32, sink: &mut dyn EventSink) {
        if self.is_open(sink) {
            sink.emit(&Event::Recent(count));
        }
    }

    pub(super) fn expunge(&mut self, seqno: u32, sink: &mut dyn EventSink) {
        if !self.is_open(sink) {
            return;
        }
        let gone = match &mut self.roll {
            Some(roll) => roll.expunge(seqno),
            None => None,
        };
        match gone {
            Some(gone) => self.gone(gone, sink),
            None if self.roll.is_some() && !self.is_too_large() => self.lose_track(true),
            None => self.gone(nameless(seqno), sink),
        }
    }

    /// Messages are gone, by UID (RFC 7162 section 3.2.10). Those FETCHes that are being answered
    /// are told their numbers.
    pub(super) fn vanished(
        &mut self,
        vanished: Vanished,
        fetching: &mut [&mut Fetching],
        sink: &mut dyn EventSink,
    ) {
        match (vanished.earlier, &mut self.restoring) {
            (true, Some(restoring)) => return restoring.vanished(vanished.uids),
            // An answer to a question of the program: what is gone is told without it.
            (true, None) => return,
            (false, _) => {}
        }
        let is_known = matches!(self.phase, Phase::Open | Phase::Restoring);
        let Some(roll) = self.roll.as_mut().filter(|_| is_known) else {
            return;
        };
        let (gone, is_all) = roll.vanish(&vanished.uids);
        for gone in gone {
            for fetching in fetching.iter_mut() {
                fetching.expunged(gone.seqno, sink);
            }
            self.gone(gone, sink);
        }
        if !is_all {
            for fetching in fetching {
                fetching.scattered(sink);
            }
            self.lose_track(true);
        }
    }

    /// A message is gone from the roll.
    fn gone(&mut self, gone: Gone, sink: &mut dyn EventSink) {
        self.total = self.total.saturating_sub(1);
        match (&self.restoring, &mut self.comparison) {
            (Some(restoring), Some(comparison)) => restoring.moved(comparison),
            (_, Some(_)) => {}
            (_, None) if gone.is_counted || self.phase != Phase::Open => {
                sink.emit(&Event::Expunge {
                    seqno: gone.seqno,
                    uid: gone.uid,
                    cause: self.keeps_roll.then_some(LIVE),
                });
            }
            // Nobody was told that it came.
            (_, None) => self.grown(self.total, sink),
        }
    }

    pub(super) fn flags(&mut self, mut values: Nodes<'_>, sink: &mut dyn EventSink) {
        if !self.is_open(sink) {
            return;
        }
        if let Some(list) = values.next().filter(|list| list.is_list()) {
            let flags = list
                .children()
                .map(|flag| flag.string().into_owned())
                .collect();
            sink.emit(&Event::Mailbox(MailboxFacts {
                flags: Some(flags),
                ..MailboxFacts::default()
            }));
        }
    }

    /// The code of an untagged OK (contract section 3.4); outside SELECT too (contract Q-76).
    pub(super) fn code(&mut self, code: &Code<'_>, sink: &mut dyn EventSink) {
        if code.is("CLOSED") {
            return self.left();
        }
        let Some(facts) = facts::facts(code) else {
            return;
        };
        if !self.is_open(sink) {
            return;
        }
        let before = self.facts.uid_validity;
        match self.phase {
            Phase::Selecting | Phase::Restoring => self.facts.take(&facts),
            _ => self.facts.hear(&facts),
        }
        let is_open = self.phase == Phase::Open;
        let uid_validity = facts.uid_validity;
        sink.emit(&Event::Mailbox(facts));
        // A change while the mailbox is open makes every known UID void (contract Q-12).
        if let (true, Some(now)) = (is_open, uid_validity)
            && before.is_some_and(|before| before != now)
        {
            sink.emit(&Event::Uidvalidity(now));
            self.renew(before, sink);
        }
    }

    /// The messages of the open mailbox have other UIDs from now on: what they are is asked anew.
    fn renew(&mut self, before: Option<u32>, sink: &mut dyn EventSink) {
        let Some(roll) = &mut self.roll else {
            return;
        };
        *roll = Roll::default();
        roll.exists(self.total);
        roll.opened();
        if self.total == 0 {
            // Nothing is there: what comes is new.
            roll.answered(0);
        }
        sink.emit(&Event::Lifecycle(Lifecycle::MailboxReset {
            cause: "uidvalidity",
            mailbox: self.name.clone(),
            old: before,
            new: self.facts.uid_validity,
        }));
    }

    /// Whether data of a mailbox makes sense now. The first of it begins a new mailbox.
    fn is_open(&mut self, sink: &mut dyn EventSink) -> bool {
        if self.phase == Phase::Asked {
            self.begin(sink);
        }
        self.phase != Phase::Closed
    }

    fn begin(&mut self, sink: &mut dyn EventSink) {
        if self.phase == Phase::Asked {
            self.phase = Phase::Selecting;
            self.facts = Facts::default();
            self.roll = self.keeps_roll.then(Roll::default);
            self.is_reset_told = false;
            sink.emit(&Event::Selecting);
        }
    }
}

/// A message of which the number is all that is known.
fn nameless(seqno: u32) -> Gone {
    Gone {
        seqno,
        uid: None,
        is_counted: true,
    }
}

#[cfg(test)]
mod tests;
