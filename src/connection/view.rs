//! What the connection knows of its mailbox.

use std::collections::HashMap;

use crate::event::{Event, EventSink, Lifecycle, MailboxFacts};
use crate::wire::fetch::Pairs;
use crate::wire::response::Code;
use crate::wire::token::Nodes;

use super::roll::{Difference, MAX_MESSAGES, Roll, digest};

/// The open mailbox, as far as the connection needs it.
#[derive(Debug, Default)]
pub(super) struct View {
    phase: Phase,
    total: u32,
    /// The count when SELECT or EXAMINE was sent.
    total_before: u32,
    uid_validity: Option<u32>,
    /// UIDNEXT and HIGHESTMODSEQ of the SELECT.
    uid_next: Option<u32>,
    modseq: Option<u64>,
    name: String,
    read_only: bool,
    /// Kept only if the session comes back after a lost connection.
    roll: Option<Roll>,
    keeps_roll: bool,
    /// What the mailbox was before, and what is different, while it is opened anew.
    restoring: Option<Box<Restoring>>,
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
    uid_validity: Option<u32>,
    modseq: Option<u64>,
    total: u32,
    roll: Option<Roll>,
}

#[derive(Debug)]
struct Restoring {
    old: Remembered,
    flags: HashMap<u32, u32>,
    /// UIDs and flags of messages whose flags are not what they were.
    changed: Vec<(u32, Vec<String>)>,
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
            ..View::default()
        }
    }

    /// SELECT or EXAMINE is on its way. The count of the mailbox before stays, because `mail`
    /// tells the growth against it (contract Q-01).
    pub(super) fn ask(&mut self) {
        self.phase = Phase::Asked;
        self.total_before = self.total;
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
        // Nothing to ask about: what comes is new.
        if let Some(roll) = self.roll.as_mut().filter(|roll| roll.len() == 0) {
            roll.answered(0);
        }
        sink.emit(&Event::Selected {
            name: name.into(),
            read_only,
        });
    }

    /// The open mailbox, for the next connection.
    pub(super) fn into_remembered(self) -> Option<Remembered> {
        match self.phase {
            Phase::Open => Some(Remembered {
                name: self.name,
                read_only: self.read_only,
                uid_validity: self.uid_validity,
                modseq: self.modseq,
                total: self.total,
                roll: self.roll,
            }),
            // It was not found again yet.
            Phase::Restoring => self.restoring.map(|restoring| restoring.old),
            _ => None,
        }
    }

    /// The mailbox of the connection before is being opened anew.
    pub(super) fn restore(&mut self, old: Remembered) {
        self.phase = Phase::Restoring;
        self.roll = self.keeps_roll.then(Roll::default);
        let flags = old.roll.as_ref().map(Roll::flags).unwrap_or_default();
        self.restoring = Some(Box::new(Restoring {
            old,
            flags,
            changed: Vec::new(),
        }));
    }

    /// What the server is to be asked after the SELECT, to find out what changed meanwhile
    /// (resilience 2.4.2, 2.4.3); `None` if nothing did.
    pub(super) fn question(&mut self) -> Option<String> {
        let (Some(restoring), Some(roll)) = (&self.restoring, &mut self.roll) else {
            return None;
        };
        let old = &restoring.old;
        let everything = (self.total > 0).then(|| EVERYTHING.to_owned());
        if old.uid_validity != self.uid_validity || self.total > MAX_MESSAGES {
            return everything;
        }
        let Some(before) = old.roll.as_ref().filter(|roll| roll.is_complete()) else {
            return everything;
        };
        // Additions raise UIDNEXT and the count, removals lower the count: where both grew by the
        // same, nothing was removed.
        let added = self.uid_next?.checked_sub(before.last_uid() + 1);
        let grown = self.total.checked_sub(before.len());
        if added.is_none() || added != grown {
            return everything;
        }
        match (old.modseq, self.modseq) {
            (Some(old), Some(new)) => {
                *roll = before.clone();
                roll.exists(self.total);
                let is_same = old == new && added == Some(0);
                (!is_same).then(|| format!("{EVERYTHING} (CHANGEDSINCE {old})"))
            }
            _ => everything,
        }
    }

    /// Whether a whole look at the mailbox is still needed, because a smaller one left holes.
    pub(super) fn second_question(&self) -> Option<&'static str> {
        let roll = self.roll.as_ref()?;
        (!roll.is_complete()).then_some(EVERYTHING)
    }

    /// The mailbox is open again: tells what changed meanwhile, as a legal sequence for a listener
    /// that counts (resilience 2.5).
    pub(super) fn restored(&mut self, sink: &mut dyn EventSink) {
        let Some(restoring) = self.restoring.take() else {
            return;
        };
        let Restoring { old, changed, .. } = *restoring;
        self.phase = Phase::Open;
        self.name = old.name;
        self.read_only = old.read_only;
        match (self.roll.as_mut(), &old.roll) {
            _ if old.uid_validity != self.uid_validity => {
                if let Some(roll) = &mut self.roll {
                    roll.answered(self.total);
                }
                self.reset(old.uid_validity, sink);
            }
            // The connection was lost before it was known what is there.
            (Some(roll), Some(before)) if before.is_untold() => {
                roll.answered(self.total);
                self.grown(old.total, sink);
            }
            (Some(roll), Some(before)) => {
                let Difference { gone, arrived } = roll.since(before);
                for (seqno, uid) in gone {
                    sink.emit(&Event::Expunge {
                        seqno,
                        uid: (uid != 0).then_some(uid),
                        cause: Some(RESUME),
                    });
                }
                let numbers = roll.numbers();
                self.arrived(&arrived, RESUME, sink);
                for (uid, flags) in changed {
                    let seqno = numbers.get(&uid).copied().unwrap_or_default();
                    if seqno != 0 && !arrived.contains(&uid) {
                        sink.emit(&Event::Flags { seqno, uid, flags });
                    }
                }
            }
            _ => self.grown(old.total, sink),
        }
    }

    /// Another UIDVALIDITY: no UID of before means anything, and nothing is announced as new.
    fn reset(&mut self, old: Option<u32>, sink: &mut dyn EventSink) {
        self.grown(self.total, sink);
        if let Some(now) = self.uid_validity {
            sink.emit(&Event::Uidvalidity(now));
        }
        sink.emit(&Event::Lifecycle(Lifecycle::MailboxReset {
            cause: "uidvalidity",
            mailbox: self.name.clone(),
            old,
            new: self.uid_validity,
        }));
    }

    /// The count is what it is; what is above `before` is new.
    fn grown(&self, before: u32, sink: &mut dyn EventSink) {
        sink.emit(&Event::Exists {
            total: self.total,
            fresh: self.total.saturating_sub(before),
        });
    }

    fn arrived(&self, uids: &[u32], cause: &'static str, sink: &mut dyn EventSink) {
        self.grown(self.total, sink);
        if !uids.is_empty() {
            sink.emit(&Event::Arrived {
                uids: uids.to_vec(),
                uid_validity: self.uid_validity,
                cause,
            });
        }
    }

    /// The numbers of messages whose UIDs must be asked for.
    pub(super) fn unnamed(&self) -> Option<(u32, u32)> {
        let roll = self.roll.as_ref().filter(|_| self.phase == Phase::Open)?;
        roll.unasked()
    }

    /// The first UID that no message of the open mailbox has; `None` if that is not known.
    pub(super) fn next_uid(&self) -> Option<u32> {
        let roll = self.roll.as_ref().filter(|_| self.phase == Phase::Open)?;
        let is_known = !roll.is_untold() && roll.unasked().is_none();
        roll.last_uid().checked_add(1).filter(|_| is_known)
    }

    /// A message has this number: there are so many at least, whether the server tells or not.
    pub(super) fn noticed(&mut self, seqno: u32, sink: &mut dyn EventSink) {
        if seqno > self.total {
            self.exists(seqno, sink);
        }
    }

    /// Whether the UID of this message is being asked for.
    pub(super) fn is_being_named(&self, seqno: u32) -> bool {
        let range = self.unnamed();
        range.is_some_and(|(from, to)| (from..=to).contains(&seqno))
    }

    /// The server has answered about the numbers up to `to`: what is new among them is announced.
    /// The first answer after SELECT only says what is there.
    pub(super) fn named(&mut self, to: u32, sink: &mut dyn EventSink) {
        let Some(roll) = &mut self.roll else {
            return;
        };
        let is_first = roll.is_untold();
        let arrived = roll.answered(to);
        if !is_first {
            self.arrived(&arrived, LIVE, sink);
        }
    }

    /// The server does not say which UIDs the numbers have: new mail is announced by number.
    pub(super) fn refused(&mut self, sink: &mut dyn EventSink) {
        let Some((from, to)) = self.unnamed() else {
            return;
        };
        let was_told = self.roll.take().is_some_and(|roll| !roll.is_untold());
        if was_told {
            sink.emit(&Event::Exists {
                total: self.total,
                fresh: (to + 1).saturating_sub(from),
            });
        }
    }

    /// A FETCH response, for the roll.
    ///
    /// True if nobody else is to see it.
    pub(super) fn row(&mut self, seqno: u32, list: Nodes<'_>) -> bool {
        let Some(roll) = &mut self.roll else {
            return self.phase == Phase::Restoring;
        };
        let (mut uid, mut flags) = (None, None);
        for (name, value) in Pairs::new(list) {
            if name.raw().eq_ignore_ascii_case(b"UID") {
                uid = value.number().and_then(|number| u32::try_from(number).ok());
            } else if name.raw().eq_ignore_ascii_case(b"FLAGS") {
                flags = Some(value.children());
            }
        }
        let texts = |flags: Nodes<'_>| -> Vec<String> {
            flags.map(|flag| flag.string().into_owned()).collect()
        };
        let flags = flags.map(texts);
        let now = flags
            .as_ref()
            .map(|flags| digest(flags.iter().map(String::as_str)));
        roll.name(seqno, uid, now);
        if let (Some(restoring), Some(uid), Some(flags)) = (&mut self.restoring, uid, flags)
            && restoring.flags.get(&uid).copied() != now
        {
            restoring.changed.push((uid, flags));
        }
        self.phase == Phase::Restoring
    }

    /// No mailbox is open any more.
    pub(super) fn close(&mut self, sink: &mut dyn EventSink) {
        *self = View::new(self.keeps_roll);
        sink.emit(&Event::Deselected);
    }

    pub(super) fn exists(&mut self, total: u32, sink: &mut dyn EventSink) {
        if !self.is_open(sink) {
            return;
        }
        let before = std::mem::replace(&mut self.total, total);
        if let Some(roll) = &mut self.roll {
            roll.exists(total);
        }
        match (self.phase, &self.roll) {
            (Phase::Restoring, _) => {}
            // What is new is announced when its UIDs are known.
            (Phase::Open, Some(_)) if total <= MAX_MESSAGES => self.grown(total, sink),
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
        self.total = self.total.saturating_sub(1);
        let uid = self.roll.as_mut().and_then(|roll| roll.expunge(seqno));
        if self.phase != Phase::Restoring {
            sink.emit(&Event::Expunge {
                seqno,
                uid,
                cause: self.keeps_roll.then_some(LIVE),
            });
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
        let Some(facts) = facts(code) else {
            return;
        };
        if !self.is_open(sink) {
            return;
        }
        let before = self.uid_validity;
        self.uid_validity = facts.uid_validity.or(before);
        if matches!(self.phase, Phase::Selecting | Phase::Restoring) {
            self.uid_next = facts.uid_next.or(self.uid_next);
            let modseq = facts.highest_modseq.as_ref();
            self.modseq = modseq.and_then(|text| text.parse().ok()).or(self.modseq);
        }
        let is_open = self.phase == Phase::Open;
        let uid_validity = facts.uid_validity;
        sink.emit(&Event::Mailbox(facts));
        // A change while the mailbox is open makes every known UID void (contract Q-12).
        if let (true, Some(now)) = (is_open, uid_validity)
            && before.is_some_and(|before| before != now)
        {
            sink.emit(&Event::Uidvalidity(now));
        }
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
            self.uid_validity = None;
            self.uid_next = None;
            self.modseq = None;
            self.roll = self.keeps_roll.then(Roll::default);
            sink.emit(&Event::Selecting);
        }
    }
}

fn facts(code: &Code<'_>) -> Option<MailboxFacts> {
    let number = || code.number().and_then(|number| u32::try_from(number).ok());
    let mut facts = MailboxFacts::default();
    match () {
        () if code.is("UIDVALIDITY") => facts.uid_validity = Some(number()?),
        () if code.is("UIDNEXT") => facts.uid_next = Some(number()?),
        () if code.is("HIGHESTMODSEQ") => {
            facts.highest_modseq = Some(code.number()?.to_string());
        }
        () if code.is("UIDNOTSTICKY") => facts.persistent_uids = Some(false),
        () if code.is("NOMODSEQ") => facts.no_modseq = Some(true),
        () if code.is("PERMANENTFLAGS") => code.values(|values| permanent(values, &mut facts)),
        () => return None,
    }
    Some(facts)
}

/// `\*` allows new keywords; what has no backslash is a keyword (contract section 3.4).
fn permanent(mut values: Nodes<'_>, facts: &mut MailboxFacts) {
    let Some(list) = values.next() else {
        return;
    };
    let (mut flags, mut keywords) = (Vec::new(), Vec::new());
    let mut new_keywords = None;
    for flag in list.children() {
        match flag.string() {
            flag if flag == "\\*" => new_keywords = Some(true),
            flag if flag.starts_with('\\') => flags.push(flag.into_owned()),
            keyword => keywords.push(keyword.into_owned()),
        }
    }
    facts.perm_flags = Some(flags);
    facts.keywords = Some(keywords);
    facts.new_keywords = new_keywords;
}
