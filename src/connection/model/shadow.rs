//! What a program keeps that listens to a session: a mailbox by numbers and one by UIDs. It finds
//! out when something is told that cannot be, twice, or not at all (resilience 2.1, 2.5).

use std::collections::{BTreeMap, BTreeSet};

use super::server::Server;

/// What a program is told, with all that it needs to know it again.
#[derive(Clone, Debug)]
pub(super) enum Told {
    New {
        validity: u32,
        uids: Vec<u32>,
    },
    Gone {
        seqno: u32,
        uid: Option<u32>,
    },
    /// `uid` is 0 until it is looked up.
    Flags {
        seqno: u32,
        uid: u32,
        flags: Vec<String>,
    },
    Reset,
    Synced,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Shadow {
    /// Since the mailbox is known.
    pub(super) is_known: bool,
    validity: u32,
    /// By number; 0 where the UID is not known.
    list: Vec<u32>,
    here: BTreeSet<u32>,
    retracted: BTreeSet<u32>,
    largest: u32,
    flags: BTreeMap<u32, Vec<String>>,
    pub(super) resets: u32,
    pub(super) counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) new: u64,
    pub(super) gone: u64,
    pub(super) again: u64,
}

/// What a program may not see.
pub(super) type Violation = String;

impl Shadow {
    /// What is there is not news; `uids` are those of the session.
    pub(super) fn begin(&mut self, validity: u32, uids: &[u32]) {
        self.is_known = true;
        self.validity = validity;
        self.list = uids.to_vec();
        self.here = uids.iter().copied().filter(|uid| *uid != 0).collect();
        self.retracted.clear();
        self.flags.clear();
        self.largest = self.here.last().copied().unwrap_or(0);
    }

    /// The process begins anew where its cursor stands: numbers are counted from there.
    pub(super) fn recount(&mut self, uids: &[u32]) {
        self.list = uids.to_vec();
    }

    /// Which messages flags are of, where only a number says so.
    pub(super) fn identify(&self, told: &mut [Told]) {
        let mut list = self.list.clone();
        for told in told {
            match told {
                Told::New { uids, .. } => list.extend_from_slice(uids),
                Told::Gone { seqno, .. } if *seqno as usize <= list.len() => {
                    list.remove(*seqno as usize - 1);
                }
                Told::Flags { seqno, uid, .. } if *uid == 0 => {
                    *uid = list.get(*seqno as usize - 1).copied().unwrap_or(0);
                }
                _ => {}
            }
        }
    }

    /// What is told; `is_again` if it may have been told before.
    pub(super) fn hear(
        &mut self,
        told: &Told,
        is_again: bool,
        server: &Server,
    ) -> Result<(), Violation> {
        if !self.is_known {
            return Ok(());
        }
        match told {
            Told::New { validity, uids } => {
                if *validity != self.validity {
                    return Err(format!(
                        "EPOCH: new mail of {validity}, not {}",
                        self.validity
                    ));
                }
                self.arrived(uids, is_again)
            }
            Told::Gone { seqno, uid } => self.gone(*seqno, *uid, is_again, server),
            Told::Flags { uid, flags, .. } => {
                // Of what is not announced yet, a program learns when it is.
                if self.here.contains(uid) {
                    self.flags.insert(*uid, flags.clone());
                }
                Ok(())
            }
            Told::Reset => {
                self.resets += 1;
                Ok(())
            }
            Told::Synced => Ok(()),
        }
    }

    fn arrived(&mut self, uids: &[u32], is_again: bool) -> Result<(), Violation> {
        for uid in uids {
            let was_told = self.here.contains(uid) || self.retracted.contains(uid);
            if is_again && was_told {
                self.counts.again += 1;
                continue;
            }
            if was_told {
                return Err(format!("DUPLICATE new {uid}"));
            }
            if *uid <= self.largest {
                return Err(format!("ORDER: new {uid} after {}", self.largest));
            }
            self.largest = *uid;
            self.here.insert(*uid);
            self.counts.new += 1;
        }
        if !is_again {
            self.list.extend(uids);
        }
        Ok(())
    }

    fn gone(
        &mut self,
        seqno: u32,
        uid: Option<u32>,
        is_again: bool,
        server: &Server,
    ) -> Result<(), Violation> {
        let mut named = uid;
        if !is_again {
            let at = (seqno as usize).wrapping_sub(1);
            if at >= self.list.len() {
                return Err(format!("NUMBERS: expunge {seqno} of {}", self.list.len()));
            }
            let counted = self.list.remove(at);
            if uid.is_some_and(|uid| counted != 0 && counted != uid) {
                return Err(format!(
                    "NUMBERS: expunge {seqno} is {uid:?}, which counts as {counted}"
                ));
            }
            named = uid.or((counted != 0).then_some(counted));
        }
        let Some(uid) = named else {
            return Ok(());
        };
        if is_again && self.retracted.contains(&uid) {
            self.counts.again += 1;
            return Ok(());
        }
        let is_there = || server.messages.iter().any(|message| message.uid == uid);
        if self.validity == server.validity && is_there() {
            return Err(format!("WRONG expunge of {uid}, which is there"));
        }
        if !self.here.remove(&uid) {
            return Err(format!("UNKNOWN expunge of {uid}"));
        }
        self.retracted.insert(uid);
        self.counts.gone += 1;
        Ok(())
    }

    /// What the program counts is what the session believes that it counts.
    pub(super) fn agrees(&self, uids: &[u32]) -> Result<(), Violation> {
        let is_same = |(mine, theirs): (&u32, &u32)| mine == theirs || *mine == 0 || *theirs == 0;
        if self.list.len() != uids.len() || !self.list.iter().zip(uids).all(is_same) {
            return Err(format!(
                "NUMBERS: the program counts {:?}, not {uids:?}",
                self.list
            ));
        }
        Ok(())
    }

    /// Nothing happens any more: everything must be known.
    pub(super) fn is_right(&self, server: &Server) -> Result<(), Violation> {
        let truth: BTreeSet<u32> = server.messages.iter().map(|message| message.uid).collect();
        let missing: Vec<_> = truth.difference(&self.here).collect();
        if !missing.is_empty() {
            return Err(format!("LOST new {missing:?}"));
        }
        let unretracted: Vec<_> = self.here.difference(&truth).collect();
        if !unretracted.is_empty() {
            return Err(format!("LOST expunge {unretracted:?}"));
        }
        let numbers: Vec<u32> = server.messages.iter().map(|message| message.uid).collect();
        self.agrees(&numbers)?;
        for message in &server.messages {
            let told = self.flags.get(&message.uid);
            if told.is_some_and(|told| *told != message.flags()) {
                return Err(format!("FLAGS of {} were told as {told:?}", message.uid));
            }
        }
        Ok(())
    }
}
