//! What changed in the mailbox, as a legal sequence of events for a listener that counts
//! (resilience 2.5): what is gone, the highest number first, then what is new, then flags.

use crate::event::{Event, EventSink, Lifecycle};

use super::super::roll::{MAX_MESSAGES, Roll};
use super::comparison::{Comparison, Findings};
use super::restoring::{Means, Restoring};
use super::{Phase, RESUME, Remembered, View};

/// What changed while the session was away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Resumption {
    /// How many messages are new.
    pub(in super::super) arrived: u32,
    /// How many are gone.
    pub(in super::super) expunged: u32,
    /// How many came and went at the most: UIDs that nobody has.
    pub(in super::super) gap: u32,
    /// The mailbox, if one was open.
    pub(in super::super) mailbox: Option<String>,
    /// How that was found out.
    pub(in super::super) means: Option<&'static str>,
}

impl View {
    /// What changed since the connection before.
    pub(in super::super) fn resumption(&self) -> Resumption {
        self.resumption.clone()
    }

    /// The mailbox is open again: tells what changed meanwhile.
    pub(in super::super) fn restored(&mut self, sink: &mut dyn EventSink) {
        let (Some(restoring), Some(comparison)) = (self.restoring.take(), self.comparison.take())
        else {
            return;
        };
        let Restoring {
            old,
            means,
            has_rows,
            ..
        } = *restoring;
        self.phase = Phase::Open;
        self.name.clone_from(&old.name);
        self.read_only = old.read_only;
        self.resumption.mailbox = Some(old.name.clone());
        self.resumption.means = Some(means.name());
        let Some(roll) = &mut self.roll else {
            return self.grown(old.total, sink);
        };
        if self.total <= MAX_MESSAGES {
            self.total = roll.len();
        }
        let is_quiet = !has_rows;
        // Where nothing went, all messages have the numbers that they had.
        let mut before = None;
        let mut is_numbered_anew = true;
        match () {
            () if !self.facts.keeps_uids() => {
                roll.settled();
                self.reset("uidnotsticky", &old, sink);
            }
            () if old.facts.uid_validity != self.facts.uid_validity => {
                roll.settled();
                self.reset("uidvalidity", &old, sink);
            }
            // The connection was lost before it was known what is there.
            () if comparison.old.is_untold() => {
                roll.settled();
                let fresh = roll.counted().saturating_sub(old.total);
                self.resumption.arrived = fresh;
                self.grown(self.total.saturating_sub(fresh), sink);
            }
            () => {
                let last = comparison.old.last_uid();
                let arrived;
                (arrived, before) = self.tell(*comparison, RESUME, sink);
                is_numbered_anew = before.is_some();
                self.measure_gap(&old, last, &arrived);
                // Gmail moves the number before the change can be seen: it is asked for again.
                if means == Means::Condstore && is_quiet {
                    self.facts.modseq = old.facts.modseq;
                }
            }
        }
        if let Some(roll) = &self.roll {
            self.facts.see(roll.last_uid());
        }
        self.before = is_numbered_anew.then(|| {
            Box::new(Remembered {
                roll: before,
                ..old
            })
        });
        self.synced(sink);
    }

    /// Tells what is different from before. Gives the UIDs that are new, and the roll of before if
    /// messages have other numbers now.
    pub(super) fn tell(
        &mut self,
        comparison: Comparison,
        cause: &'static str,
        sink: &mut dyn EventSink,
    ) -> (Vec<u32>, Option<Roll>) {
        let Some(roll) = &mut self.roll else {
            return (Vec::new(), None);
        };
        let Findings {
            difference,
            changed,
            old,
        } = comparison.with(roll);
        self.resumption.expunged = difference.gone.len() as u32;
        self.resumption.arrived = difference.arrived.len() as u32;
        let before = (!difference.gone.is_empty()).then_some(old);
        for (seqno, uid) in difference.gone {
            sink.emit(&Event::Expunge {
                seqno,
                uid: (uid != 0).then_some(uid),
                cause: Some(cause),
            });
        }
        self.arrived(&difference.arrived, cause, sink);
        for (seqno, uid, flags) in changed {
            sink.emit(&Event::Flags { seqno, uid, flags });
        }
        (difference.arrived, before)
    }

    /// These are new, and the count is what it is.
    pub(super) fn arrived(&self, uids: &[u32], cause: &'static str, sink: &mut dyn EventSink) {
        self.grown(self.total, sink);
        if !uids.is_empty() {
            sink.emit(&Event::Arrived {
                uids: uids.to_vec(),
                uid_validity: self.facts.uid_validity,
                cause,
            });
        }
    }

    /// The count is what it is; what is above `before` is new.
    pub(super) fn grown(&self, before: u32, sink: &mut dyn EventSink) {
        sink.emit(&Event::Exists {
            total: self.total,
            fresh: self.total.saturating_sub(before),
        });
    }

    /// All up to here was told.
    pub(super) fn synced(&self, sink: &mut dyn EventSink) {
        let Some(roll) = &self.roll else {
            return;
        };
        let modseq = self.facts.modseq.known();
        sink.emit(&Event::Lifecycle(Lifecycle::Synced {
            mailbox: self.name.clone(),
            uidvalidity: self.facts.uid_validity,
            last_uid: roll.last_uid(),
            uidnext: self.facts.uid_next,
            messages: self.total,
            highestmodseq: modseq.map(|modseq| modseq.to_string()),
        }));
    }

    /// No UID of before means anything, and nothing is announced as new.
    fn reset(&mut self, cause: &'static str, old: &Remembered, sink: &mut dyn EventSink) {
        self.was_reset = true;
        self.grown(self.total, sink);
        match (cause, self.facts.uid_validity) {
            ("uidvalidity", Some(now)) => sink.emit(&Event::Uidvalidity(now)),
            _ if std::mem::replace(&mut self.is_reset_told, true) => return,
            _ => {}
        }
        sink.emit(&Event::Lifecycle(Lifecycle::MailboxReset {
            cause,
            mailbox: self.name.clone(),
            old: old.facts.uid_validity,
            new: self.facts.uid_validity,
        }));
    }

    /// UIDs that were given meanwhile and that no message has: it came and went, or never was.
    fn measure_gap(&mut self, old: &Remembered, last: u32, arrived: &[u32]) {
        let from = old.facts.uid_next.unwrap_or(last.saturating_add(1));
        let newest = arrived.last().map_or(0, |uid| uid.saturating_add(1));
        let to = self.facts.uid_next.unwrap_or(newest).max(newest);
        let found = arrived.iter().filter(|uid| **uid >= from).count() as u32;
        self.resumption.gap = to.saturating_sub(from).saturating_sub(found);
    }
}
