//! The mailbox as a listener keeps it from the events alone, by sequence numbers: what node-imap's
//! programs do (resilience 2.5).

use crate::world::mailbox::Mailbox;
use crate::world::view::View;

/// See the module.
///
/// `mail` names the UIDs of new messages, but not which number each has: while some numbers at the
/// end have no UID yet, the names wait beside them.
#[derive(Debug, Default)]
pub(crate) struct Shadow {
    slots: Vec<Slot>,
    /// How many more messages there are at the end.
    tail: usize,
    /// UIDs that belong there, ascending.
    names: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// `None` for what was there at the beginning, until somebody looks.
    uid: Option<u32>,
    flags: Option<u8>,
}

impl Shadow {
    /// A mailbox was opened that has so many messages.
    pub(crate) fn open(&mut self, total: u32) {
        *self = Shadow {
            slots: vec![Slot::default(); total as usize],
            ..Shadow::default()
        };
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len() + self.tail
    }

    /// There are so many messages. An error if some would be gone.
    pub(crate) fn exists(&mut self, total: u32) -> Result<(), String> {
        let total = total as usize;
        let named = self.slots.len() + self.names.len();
        if total < named {
            return Err(format!(
                "there are {total} messages, but {named} were announced and not retracted"
            ));
        }
        self.tail = total - self.slots.len();
        Ok(())
    }

    /// These are new.
    pub(crate) fn arrived(&mut self, uids: &[u32]) {
        self.names.extend_from_slice(uids);
        self.settle();
    }

    /// A message is gone. An error if that cannot be.
    pub(crate) fn expunged(&mut self, seqno: u32, uid: Option<u32>) -> Result<(), String> {
        let Some(place) = (seqno as usize)
            .checked_sub(1)
            .filter(|it| *it < self.len())
        else {
            let len = self.len();
            return Err(format!("number {seqno} is gone, of {len} messages"));
        };
        if place >= self.slots.len() {
            self.tail -= 1;
            self.names.retain(|name| Some(*name) != uid);
            self.settle();
            return Ok(());
        }
        let slot = self.slots.remove(place);
        match (slot.uid, uid) {
            (Some(ours), Some(theirs)) if ours != theirs => Err(format!(
                "number {seqno} is gone as UID {theirs}, but it was UID {ours}"
            )),
            (Some(ours), None) => Err(format!("UID {ours} is gone without its name")),
            _ => Ok(()),
        }
    }

    /// A message has these flags now. An error if it is not the message of that UID.
    pub(crate) fn flags(&mut self, seqno: u32, uid: Option<u32>, flags: u8) -> Result<(), String> {
        let place = (seqno as usize).wrapping_sub(1);
        let Some(slot) = self.slots.get_mut(place) else {
            return match place < self.len() {
                true => Ok(()),
                false => Err(format!("number {seqno} has new flags, and does not exist")),
            };
        };
        slot.flags = Some(flags);
        match (slot.uid, uid) {
            (Some(ours), Some(theirs)) if ours != theirs => Err(format!(
                "number {seqno} has new flags as UID {theirs}, but it was UID {ours}"
            )),
            _ => Ok(()),
        }
    }

    /// Holds it against the server's view, at a moment when nothing is going on. What was never
    /// named is taken from there. An error if they differ.
    pub(crate) fn compare(&mut self, view: &View, mailbox: &Mailbox) -> Result<(), String> {
        let uids = view.uids();
        if self.len() != uids.len() {
            let (ours, theirs) = (self.len(), uids.len());
            return Err(format!(
                "the events leave {ours} messages, the server has {theirs}"
            ));
        }
        if self.tail > 0 {
            let (tail, names) = (self.tail, self.names.len());
            return Err(format!("of {tail} new messages {names} were named"));
        }
        for ((slot, uid), seqno) in self.slots.iter_mut().zip(uids).zip(1..) {
            let ours = *slot.uid.get_or_insert(uid);
            if ours != uid {
                return Err(format!("number {seqno} is UID {uid}, not {ours}"));
            }
            let Some(message) = mailbox.find(uid) else {
                continue;
            };
            let ours = *slot.flags.get_or_insert(message.flags);
            if ours != message.flags {
                let flags = message.flag_list();
                return Err(format!("UID {uid} has other flags than ({flags})"));
            }
        }
        Ok(())
    }

    /// As many names as numbers: then each has its own.
    fn settle(&mut self) {
        if self.tail == self.names.len() {
            self.tail = 0;
            let named = self.names.drain(..).map(|uid| Slot {
                uid: Some(uid),
                flags: None,
            });
            self.slots.extend(named);
        }
    }
}
