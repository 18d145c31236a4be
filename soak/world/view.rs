//! A mailbox as one connection was told about it: its sequence numbers are these, whatever happens
//! in the mailbox meanwhile (RFC 3501 section 7.4.1, RFC 2180 section 4.1).

use std::fmt::Write;

use super::mailbox::{Mailbox, Message};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// What the client knows to be there, by sequence number.
    told: Vec<Told>,
    /// The highest UID that there was at the SELECT.
    pub(crate) baseline: u32,
    /// The highest UID that was ever counted in an EXISTS.
    last_uid: u32,
    /// The mailbox's MODSEQ at the last look.
    seen: u64,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    uid: u32,
    /// That of the flags that were told last.
    modseq: u64,
}

/// How a connection is told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// CONDSTORE is on: rows have a MODSEQ.
    pub(crate) condstore: bool,
    /// QRESYNC is on: VANISHED in the place of EXPUNGE, and rows have a UID.
    pub(crate) qresync: bool,
}

impl View {
    /// All that is there, as SELECT tells it.
    pub(crate) fn of(mailbox: &Mailbox) -> View {
        let told = |message: &Message| Told {
            uid: message.uid,
            modseq: message.modseq,
        };
        View {
            told: mailbox.messages().iter().map(told).collect(),
            baseline: mailbox.uid_next - 1,
            last_uid: mailbox.uid_next - 1,
            seen: mailbox.modseq,
        }
    }

    /// The UIDs by sequence number.
    pub(crate) fn uids(&self) -> impl ExactSizeIterator<Item = u32> {
        self.told.iter().map(|told| told.uid)
    }

    /// Whether this is all there is to tell.
    pub(crate) fn is_up_to_date(&self, mailbox: &Mailbox) -> bool {
        self.seen == mailbox.modseq
    }

    pub(crate) fn contains(&self, uid: u32) -> bool {
        self.told
            .binary_search_by_key(&uid, |told| told.uid)
            .is_ok()
    }

    /// What changed since the last look. EXPUNGE is held back in the answers to FETCH, STORE and
    /// SEARCH (RFC 3501 section 7.4.1).
    pub(crate) fn news(&mut self, mailbox: &Mailbox, manner: Manner, may_expunge: bool) -> String {
        let mut text = String::new();
        if self.is_up_to_date(mailbox) {
            return text;
        }
        if may_expunge {
            self.expunge(mailbox, manner, &mut text);
            self.seen = mailbox.modseq;
        }
        self.tell_flags(mailbox, manner, &mut text);
        let messages = mailbox.messages();
        let new = messages.partition_point(|it| it.uid <= self.last_uid);
        for message in messages.get(new..).unwrap_or_default() {
            self.last_uid = message.uid;
            self.told.push(Told {
                uid: message.uid,
                modseq: message.modseq,
            });
        }
        if new < messages.len() {
            let _ = write!(text, "* {} EXISTS\r\n", self.told.len());
        }
        text
    }

    /// The rows of a FETCH of these numbers, with UID and FLAGS; of those that changed since that
    /// MODSEQ, if one is given. What is gone has none.
    pub(crate) fn rows(
        &mut self,
        mailbox: &Mailbox,
        manner: Manner,
        numbers: impl Fn(u32, u32) -> bool,
        since: Option<u64>,
    ) -> String {
        let mut text = String::new();
        let mut places = mailbox.messages().iter().peekable();
        for (seqno, told) in (1..).zip(&mut self.told) {
            while places.next_if(|message| message.uid < told.uid).is_some() {}
            let Some(message) = places.next_if(|message| message.uid == told.uid) else {
                continue;
            };
            if !numbers(seqno, told.uid) || since.is_some_and(|since| message.modseq <= since) {
                continue;
            }
            told.modseq = message.modseq;
            row(
                &mut text,
                seqno,
                message,
                true,
                manner.condstore || since.is_some(),
            );
        }
        text
    }

    fn expunge(&mut self, mailbox: &Mailbox, manner: Manner, text: &mut String) {
        let mut gone = Vec::new();
        let mut seqno = 0;
        self.told.retain(|told| {
            let is_there = mailbox.find(told.uid).is_some();
            seqno += u32::from(is_there);
            if !is_there && manner.qresync {
                gone.push((told.uid, told.uid));
            } else if !is_there {
                let _ = write!(text, "* {} EXPUNGE\r\n", seqno + 1);
            }
            is_there
        });
        if !gone.is_empty() {
            let _ = write!(text, "* VANISHED {}\r\n", set(&gone));
        }
    }

    fn tell_flags(&mut self, mailbox: &Mailbox, manner: Manner, text: &mut String) {
        let mut places = mailbox.messages().iter().peekable();
        for (seqno, told) in (1..).zip(&mut self.told) {
            while places.next_if(|message| message.uid < told.uid).is_some() {}
            let Some(message) = places.next_if(|message| message.uid == told.uid) else {
                continue;
            };
            if message.modseq > told.modseq {
                told.modseq = message.modseq;
                row(text, seqno, message, manner.qresync, manner.condstore);
            }
        }
    }
}

fn row(text: &mut String, seqno: u32, message: &Message, has_uid: bool, has_modseq: bool) {
    let _ = write!(text, "* {seqno} FETCH (");
    if has_uid {
        let _ = write!(text, "UID {} ", message.uid);
    }
    let _ = write!(text, "FLAGS ({})", message.flag_list());
    if has_modseq {
        let _ = write!(text, " MODSEQ ({})", message.modseq);
    }
    text.push_str(")\r\n");
}

/// Ascending ranges as a set (RFC 3501 section 9): `1:3,7`.
pub(crate) fn set(ranges: &[(u32, u32)]) -> String {
    let mut text = String::new();
    for (from, to) in ranges {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = match from == to {
            true => write!(text, "{comma}{from}"),
            false => write!(text, "{comma}{from}:{to}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_told_what_changed_in_the_numbers_it_knows() {
        let mut mailbox = Mailbox::new(7, 10, 0, 4);
        let mut view = View::of(&mailbox);
        mailbox.expunge(1);
        mailbox.expunge(1);
        mailbox.toggle(1, 0);
        mailbox.deliver();
        let plain = Manner::default();
        // In the answer to a FETCH nothing may go, and the numbers stay.
        assert_eq!(
            view.news(&mailbox, plain, false),
            "* 4 FETCH (FLAGS (\\Seen))\r\n* 5 EXISTS\r\n"
        );
        let rows = view.rows(&mailbox, plain, |seqno, _| seqno > 2, None);
        assert_eq!(
            rows,
            "* 4 FETCH (UID 13 FLAGS (\\Seen))\r\n* 5 FETCH (UID 14 FLAGS ())\r\n"
        );
        assert_eq!(
            view.news(&mailbox, plain, true),
            "* 2 EXPUNGE\r\n* 2 EXPUNGE\r\n"
        );
        assert!(view.is_up_to_date(&mailbox));
        assert_eq!(view.uids().collect::<Vec<_>>(), [10, 13, 14]);
    }

    #[test]
    fn with_qresync_uids_vanish() {
        let mut mailbox = Mailbox::new(7, 10, 0, 5);
        let mut view = View::of(&mailbox);
        mailbox.expunge(0);
        mailbox.expunge(0);
        mailbox.expunge(1);
        let manner = Manner {
            condstore: true,
            qresync: true,
        };
        assert_eq!(view.news(&mailbox, manner, true), "* VANISHED 10,11,13\r\n");
        assert_eq!(mailbox.vanished_since(6), [(11, 11), (13, 13)]);
        // Before what it remembers, it says all that is not there.
        for _ in 0..40 {
            mailbox.deliver();
            mailbox.expunge(2);
        }
        assert_eq!(mailbox.vanished_since(6), [(1, 11), (13, 13), (15, 54)]);
    }
}
