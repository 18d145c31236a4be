//! What the connection knows of its mailbox.

use crate::event::{Event, EventSink, MailboxFacts};
use crate::wire::response::Code;
use crate::wire::token::Nodes;

/// The open mailbox, as far as the connection needs it.
#[derive(Debug, Default)]
pub(super) struct View {
    phase: Phase,
    total: u32,
    /// The count when SELECT or EXAMINE was sent.
    total_before: u32,
    uid_validity: Option<u32>,
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
    /// A mailbox is open.
    Open,
}

impl View {
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
        sink.emit(&Event::Selected {
            name: name.into(),
            read_only,
        });
    }

    /// No mailbox is open any more.
    pub(super) fn close(&mut self, sink: &mut dyn EventSink) {
        *self = View::default();
        sink.emit(&Event::Deselected);
    }

    pub(super) fn exists(&mut self, total: u32, sink: &mut dyn EventSink) {
        if self.is_open(sink) {
            let fresh = total.saturating_sub(self.total);
            self.total = total;
            sink.emit(&Event::Exists { total, fresh });
        }
    }

    pub(super) fn recent(&mut self, count: u32, sink: &mut dyn EventSink) {
        if self.is_open(sink) {
            sink.emit(&Event::Recent(count));
        }
    }

    pub(super) fn expunge(&mut self, seqno: u32, sink: &mut dyn EventSink) {
        if self.is_open(sink) {
            self.total = self.total.saturating_sub(1);
            sink.emit(&Event::Expunge(seqno));
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
