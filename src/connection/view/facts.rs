//! Facts of a mailbox: the codes of its SELECT (contract section 3.4), and how far its changes are
//! known.

use crate::event::MailboxFacts;
use crate::wire::response::Code;
use crate::wire::token::Nodes;

/// What the connection itself needs to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) uid_validity: Option<u32>,
    /// No message has a UID that is as large.
    pub(super) uid_next: Option<u32>,
    pub(super) modseq: Modseq,
    /// False if UIDs do not outlive the session (UIDNOTSTICKY, RFC 4315 section 3).
    pub(super) is_sticky: bool,
}

impl Default for Facts {
    fn default() -> Facts {
        Facts {
            uid_validity: None,
            uid_next: None,
            modseq: Modseq::default(),
            is_sticky: true,
        }
    }
}

/// Up to which modification sequence everything is known (RFC 7162).
///
/// A FETCH response does not say that: servers need not send what changed in the order in which it
/// changed (RFC 7162 section 3.2.10.2). What was seen counts when a command is answered at whose
/// end a server has told everything.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Modseq {
    known: Option<u64>,
    seen: u64,
}

impl Modseq {
    /// What the SELECT said; `None` for a mailbox that has none (NOMODSEQ).
    pub(super) fn of(known: Option<u64>) -> Modseq {
        Modseq { known, seen: 0 }
    }

    /// Up to where everything is known.
    pub(super) fn known(self) -> Option<u64> {
        self.known
    }

    /// A response has this one.
    pub(super) fn see(&mut self, modseq: u64) {
        self.seen = self.seen.max(modseq);
    }

    /// Everything was told.
    pub(super) fn settle(&mut self) {
        self.known = self.known.map(|known| known.max(self.seen));
    }
}

impl Facts {
    /// Takes what a code says. What is absent stays.
    pub(super) fn take(&mut self, facts: &MailboxFacts) {
        self.uid_validity = facts.uid_validity.or(self.uid_validity);
        self.uid_next = facts.uid_next.or(self.uid_next);
        if let Some(text) = &facts.highest_modseq {
            self.modseq = Modseq::of(text.parse().ok().filter(|modseq| *modseq > 0));
        }
        if facts.no_modseq == Some(true) {
            self.modseq = Modseq::default();
        }
        if facts.persistent_uids == Some(false) {
            self.is_sticky = false;
        }
    }

    /// Takes what a code says while the mailbox is open.
    pub(super) fn hear(&mut self, facts: &MailboxFacts) {
        self.uid_validity = facts.uid_validity.or(self.uid_validity);
        if let Some(Ok(modseq)) = facts.highest_modseq.as_deref().map(str::parse) {
            self.modseq.see(modseq);
        }
        if facts.no_modseq == Some(true) {
            self.modseq = Modseq::default();
        }
    }

    /// A message has this UID.
    pub(super) fn see(&mut self, uid: u32) {
        let next = uid.saturating_add(1);
        self.uid_next = self.uid_next.map(|known| known.max(next));
    }

    /// Whether UIDs mean the same in the next session.
    pub(super) fn keeps_uids(&self) -> bool {
        self.is_sticky && self.uid_validity.is_some()
    }
}

/// What a code says of the mailbox, for the program.
pub(super) fn facts(code: &Code<'_>) -> Option<MailboxFacts> {
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
