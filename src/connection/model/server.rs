//! A server of the model: one mailbox that others change all the time, and one session that is
//! told of it when RFC 3501 allows.

use std::collections::HashMap;

use fastrand::Rng;

use crate::wire::uids::UidSet;

use super::Mutation;

/// What a server knows beyond RFC 3501.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    None,
    Condstore,
    Qresync,
}

/// The flags that others set and take away.
const FLAGS: [&str; 3] = ["\\Seen", "\\Flagged", "x"];

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) uid: u32,
    bits: u8,
    modseq: u64,
}

#[derive(Debug)]
pub(super) struct Server {
    rng: Rng,
    level: Level,
    mutation: Mutation,
    pub(super) validity: u32,
    next: u32,
    modseq: u64,
    pub(super) messages: Vec<Message>,
    /// What is gone, and when that was.
    gone: Vec<(u32, u64)>,
    /// Before this, what is gone is forgotten.
    forgotten: u64,
    /// Whether others change the mailbox.
    pub(super) is_busy: bool,
    /// The UIDs of the session, with those of messages whose removal it was not told.
    view: Vec<u32>,
    /// The change of each message of which the session was told.
    told: HashMap<u32, u64>,
    is_idle: bool,
}

impl Message {
    pub(super) fn flags(&self) -> Vec<&'static str> {
        let is_set = |bit: &usize| self.bits & (1 << bit) != 0;
        (0..FLAGS.len())
            .filter(is_set)
            .map(|bit| FLAGS[bit])
            .collect()
    }
}

impl Server {
    pub(super) fn new(rng: Rng, level: Level, mutation: Mutation) -> Server {
        let mut server = Server {
            rng,
            level,
            mutation,
            validity: 1,
            next: 1,
            modseq: 1,
            messages: Vec::new(),
            gone: Vec::new(),
            forgotten: 0,
            is_busy: true,
            view: Vec::new(),
            told: HashMap::new(),
            is_idle: false,
        };
        for _ in 0..server.rng.u32(0..12) {
            server.deliver();
        }
        server
    }

    pub(super) fn greeting(&self) -> String {
        let more = match self.level {
            Level::None => "",
            Level::Condstore => " ENABLE CONDSTORE",
            Level::Qresync => " ENABLE CONDSTORE QRESYNC",
        };
        let enabled = match self.level {
            Level::Qresync => "* ENABLED QRESYNC\r\n",
            _ => "",
        };
        format!("* CAPABILITY IMAP4rev1 IDLE{more}\r\n{enabled}")
    }

    /// The mailbox is another one of the same name.
    pub(super) fn replace(&mut self) {
        self.validity += 1;
        self.next = 1;
        self.messages.clear();
        self.gone.clear();
        if self.rng.bool() {
            self.modseq = 1;
        }
        for _ in 0..self.rng.u32(0..8) {
            self.deliver();
        }
    }

    /// What another client, or the mail transport, does.
    pub(super) fn change(&mut self) {
        let count = self.messages.len();
        match self.rng.u32(0..10) {
            0..4 => self.deliver(),
            4..7 if count > 0 => self.expunge(self.rng.clone().usize(0..count)),
            7 if count > 2 => {
                for _ in 0..self.rng.usize(1..count) {
                    let at = self.rng.usize(0..self.messages.len());
                    self.expunge(at);
                }
            }
            8.. => self.flag(),
            _ => {}
        }
        if self.rng.u32(0..40) == 0 {
            // UIDs that no message gets.
            self.next += self.rng.u32(1..4);
        }
        if self.rng.u32(0..60) == 0 {
            self.forgotten = self.modseq;
        }
    }

    /// Flags of some messages change.
    pub(super) fn flag(&mut self) {
        for _ in 0..self.rng.usize(1..5) {
            let Some(message) = self.rng.choice(&mut self.messages) else {
                return;
            };
            self.modseq += 1;
            message.bits ^= 1 << self.rng.u32(0..3);
            message.modseq = self.modseq;
        }
    }

    fn sometimes_change(&mut self) {
        while self.is_busy && self.rng.u32(0..5) == 0 {
            self.change();
        }
    }

    fn deliver(&mut self) {
        self.modseq += 1;
        self.messages.push(Message {
            uid: self.next,
            bits: self.rng.u8(0..8),
            modseq: self.modseq,
        });
        self.next += 1;
    }

    fn expunge(&mut self, at: usize) {
        self.modseq += 1;
        let message = self.messages.remove(at);
        self.gone.push((message.uid, self.modseq));
    }

    fn message(&self, uid: u32) -> Option<&Message> {
        self.messages.iter().find(|message| message.uid == uid)
    }

    /// What the server says to a line of the client, response by response.
    pub(super) fn hear(&mut self, line: &str) -> Vec<String> {
        let words: Vec<&str> = line.split(' ').collect();
        let (tag, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut said;
        match words[..] {
            ["DONE"] => {
                self.is_idle = false;
                said = self.tell();
                said.push("IDLE OK done".to_owned());
                return said;
            }
            [_, "IDLE"] => {
                self.is_idle = true;
                return vec!["+ idling".to_owned()];
            }
            [_, "SELECT", ..] => said = self.select(rest),
            [_, "FETCH", set, ..] => {
                said = self.fetch(set, rest);
                said.extend(self.tell_some());
            }
            [_, "UID", "FETCH", ..] => {
                said = self.tell();
                let all = format!("1:{}", self.view.len());
                said.extend(self.fetch(&all, "(UID FLAGS)"));
                said.extend(self.tell());
            }
            [_, "UID", "STORE", uid, ..] => {
                if let Ok(uid) = uid.parse::<u32>() {
                    self.modseq += 1;
                    let modseq = self.modseq;
                    let found = self.messages.iter_mut().find(|message| message.uid == uid);
                    if let Some(message) = found {
                        message.bits ^= 1;
                        message.modseq = modseq;
                    }
                }
                said = self.tell();
            }
            [_, "UID", "EXPUNGE", uid] => {
                let uid = uid.parse().unwrap_or(0);
                if let Some(at) = self.messages.iter().position(|message| message.uid == uid) {
                    self.expunge(at);
                }
                said = self.tell();
            }
            _ => said = self.tell(),
        }
        said.push(format!("{tag} OK done"));
        said
    }

    /// What it says without being asked.
    pub(super) fn push(&mut self) -> Vec<String> {
        match self.is_idle {
            true => self.tell(),
            false => Vec::new(),
        }
    }

    fn select(&mut self, line: &str) -> Vec<String> {
        self.sometimes_change();
        self.is_idle = false;
        let messages = self.messages.clone();
        let (next, modseq) = (self.next, self.modseq);
        self.view = messages.iter().map(|message| message.uid).collect();
        self.told = messages.iter().map(|it| (it.uid, it.modseq)).collect();
        // Not every server takes all of it at one moment.
        if self.is_busy && self.rng.bool() {
            self.deliver();
        }
        self.sometimes_change();
        let next = match self.rng.bool() {
            true => self.next,
            false => next,
        };
        let mut said = vec![
            format!("* {} EXISTS", messages.len()),
            format!("* OK [UIDVALIDITY {}] ok", self.validity),
        ];
        if self.rng.u32(0..8) > 0 {
            said.push(format!("* OK [UIDNEXT {next}] ok"));
        }
        if self.level == Level::None {
            return said;
        }
        said.push(format!("* OK [HIGHESTMODSEQ {modseq}] ok"));
        if let Some((_, inside)) = line.split_once("(QRESYNC (") {
            said.extend(self.resynchronise(inside.trim_end_matches(')'), &messages));
        }
        said
    }

    /// RFC 7162 section 3.2.5; `known` is `uidvalidity modseq [uids]`.
    fn resynchronise(&mut self, known: &str, messages: &[Message]) -> Vec<String> {
        let words: Vec<&str> = known.split(' ').collect();
        if words[0] != self.validity.to_string() {
            return Vec::new();
        }
        let since: u64 = words[1].parse().unwrap();
        let uids = UidSet::parse(words.get(2).copied().unwrap_or("1:4294967295"));
        let is_here = |uid: u32| messages.iter().any(|message| message.uid == uid);
        let mut gone: Vec<u32> = match since < self.forgotten || self.rng.u32(0..8) == 0 {
            // What is not there, whenever it went.
            true => (1..self.next).filter(|uid| !is_here(*uid)).collect(),
            false => {
                let recent = self.gone.iter().filter(|(_, modseq)| *modseq > since);
                recent
                    .map(|(uid, _)| *uid)
                    .filter(|uid| !is_here(*uid))
                    .collect()
            }
        };
        gone.retain(|uid| uids.contains(*uid));
        gone.sort_unstable();
        let mut said = Vec::new();
        if !gone.is_empty() {
            let set = UidSet::of(gone.into_iter()).text();
            said.push(format!("* VANISHED (EARLIER) {set}"));
        }
        let mut rows: Vec<String> = (1..)
            .zip(messages)
            .filter(|(_, message)| message.modseq > since && uids.contains(message.uid))
            .map(|(seqno, message)| self.row(seqno, message, true))
            .collect();
        self.rng.shuffle(&mut rows);
        said.extend(rows);
        said
    }

    fn row(&self, seqno: usize, message: &Message, with_uid: bool) -> String {
        let uid = match with_uid {
            true => format!("UID {} ", message.uid),
            false => String::new(),
        };
        let modseq = match self.level {
            Level::None => String::new(),
            _ => format!(" MODSEQ ({})", message.modseq),
        };
        let flags = message.flags().join(" ");
        format!("* {seqno} FETCH ({uid}FLAGS ({flags}){modseq})")
    }

    /// FETCH: no number moves, and messages that are gone have no data (RFC 2180 section 4.1.3).
    fn fetch(&mut self, set: &str, what: &str) -> Vec<String> {
        let since = what.split_once("CHANGEDSINCE ").map(|(_, rest)| rest);
        let since: u64 = since.map_or(0, |rest| rest.trim_end_matches(')').parse().unwrap());
        let set = set.replace('*', &self.view.len().to_string());
        let set = UidSet::parse(&set);
        let (mut said, mut seen, mut first) = (Vec::new(), 0, None);
        for seqno in 1..=self.view.len() as u32 {
            if !set.contains(seqno) {
                continue;
            }
            self.sometimes_change();
            first = first.or(Some(seqno));
            let uid = self.view[seqno as usize - 1];
            let Some(message) = self.message(uid).cloned() else {
                continue;
            };
            seen += 1;
            // Mistakes of the session: it takes the order of what it gets for the number.
            let number = match self.mutation {
                Mutation::MapBySearch if what.starts_with("FETCH 1:*") && since == 0 => seen,
                Mutation::AppendToMap if !what.starts_with("FETCH 1:*") => {
                    first.unwrap_or(1) + seen - 1
                }
                _ => seqno,
            };
            if message.modseq > since {
                let row = self.row(number as usize, &message, true);
                self.told.insert(uid, message.modseq);
                said.push(row);
            }
        }
        said
    }

    /// What may be told at any time: what is new, and flags.
    fn tell_some(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        let last = self.view.last().copied().unwrap_or(0);
        let last = last.max(self.told.keys().copied().max().unwrap_or(0));
        let new: Vec<Message> = self
            .messages
            .iter()
            .filter(|it| it.uid > last)
            .cloned()
            .collect();
        if !new.is_empty() {
            self.told.extend(new.iter().map(|it| (it.uid, it.modseq)));
            self.view.extend(new.iter().map(|it| it.uid));
            said.push(format!("* {} EXISTS", self.view.len()));
        }
        let mut rows = Vec::new();
        for (seqno, uid) in (1..).zip(self.view.clone()) {
            let Some(message) = self.message(uid).cloned() else {
                continue;
            };
            if self.told.insert(uid, message.modseq) != Some(message.modseq) {
                let with_uid = self.level == Level::Qresync || self.rng.bool();
                rows.push(self.row(seqno, &message, with_uid));
            }
        }
        self.rng.shuffle(&mut rows);
        said.extend(rows);
        said
    }

    /// Everything that the session was not told, in one order or another.
    fn tell(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        if self.rng.bool() {
            said.extend(self.tell_some());
            self.sometimes_change();
        }
        let is_gone = |uid: &u32| self.message(*uid).is_none();
        let gone: Vec<u32> = self.view.iter().copied().filter(is_gone).collect();
        match self.level {
            Level::Qresync if !gone.is_empty() => {
                let mut named = gone.clone();
                if self.rng.u32(0..4) == 0 {
                    // One that went long ago is named once more.
                    named.extend(self.gone.first().map(|(uid, _)| *uid));
                    named.sort_unstable();
                    named.dedup();
                }
                match self.rng.bool() {
                    true => {
                        let set = UidSet::of(named.into_iter()).text();
                        said.push(format!("* VANISHED {set}"));
                    }
                    false => {
                        said.extend(named.iter().map(|uid| format!("* VANISHED {uid}")));
                    }
                }
            }
            _ => {
                let mut view = self.view.clone();
                let mut order = gone.clone();
                self.rng.shuffle(&mut order);
                for uid in order {
                    let at = view.iter().position(|it| *it == uid).unwrap();
                    view.remove(at);
                    said.push(format!("* {} EXPUNGE", at + 1));
                }
            }
        }
        self.view.retain(|uid| !gone.contains(uid));
        said.extend(self.tell_some());
        said
    }
}
