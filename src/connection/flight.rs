//! The commands that the server is working on, in the order in which they were sent.
//!
//! Several fly at once where their answers cannot be mistaken for each other's and the order in
//! which a server may carry them out does not matter (RFC 3501 section 5.5); everything else flies
//! alone. Answers are told in the order of the commands, whatever the server's: servers do begin
//! with a command before they end the one before (Dovecot answers a FETCH only when those behind it
//! have said all they have to say).
//!
//! | in flight \ next | question | FETCH | change of other messages | anything else |
//! | --- | --- | --- | --- | --- |
//! | question, FETCH | flies, unless both have answers of one family | waits | waits | waits |
//! | change | waits | waits | flies | waits |
//! | anything else | waits | waits | waits | waits |
//!
//! A question is LIST, LSUB, STATUS or SEARCH, a change STORE or COPY, the latter three by UID. A
//! FETCH waits for what was asked before because its messages are told as they come, and one that
//! marks them as seen is anything else, like all that moves messages, changes numbers or has a
//! literal.

use std::collections::VecDeque;

use crate::error::Error;
use crate::event::RequestId;
use crate::wire::limits::MAX_BYTES;
use crate::wire::request::{Compiled, Purpose};
use crate::wire::response::Keyword;
use crate::wire::set::SequenceSet;
use crate::wire::value::Value;

use super::queue::{Kind, Running};

/// So many commands fly at once at the most: a round trip for each so many is no longer felt.
pub(super) const MOST_COMMANDS: usize = 128;
/// So many bytes of commands without an answer at the most: less than any server's buffer.
pub(super) const MOST_COMMAND_BYTES: usize = 16 * 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct Flight {
    commands: VecDeque<Running>,
    /// How many may fly at once.
    most: usize,
    /// What the commands in flight take on the wire.
    bytes: usize,
    /// Requests that were refused in company, and are sent once more alone.
    suspects: Vec<RequestId>,
    /// Whether one of them was accepted then: this server wants its commands one by one.
    is_proved: bool,
}

/// What is told of a command once those before it are answered.
#[derive(Debug)]
pub(super) enum Landed {
    /// It was answered with OK, and this code.
    Done(Option<Value>),
    /// It was not.
    Failed(Error),
}

/// What a command means for others that fly with it. See the table above.
#[derive(Debug)]
pub(super) enum Manner {
    /// Nothing flies with it.
    Alone,
    /// It asks, and changes nothing.
    Question,
    /// The same, and it is told as it comes.
    Fetch,
    /// It changes these messages, by UID.
    Change(SequenceSet),
}

/// Untagged data without which the answer to a command is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// FETCH, in the answers to FETCH and STORE.
    Messages,
    /// LIST, LSUB, XLIST.
    Mailboxes,
    /// STATUS of this mailbox.
    Status(String),
    /// SEARCH, SORT, THREAD, ESEARCH.
    Found,
}

impl Flight {
    /// `many` is whether commands fly together.
    pub(super) fn new(many: bool) -> Flight {
        Flight {
            commands: VecDeque::new(),
            most: if many { MOST_COMMANDS } else { 1 },
            bytes: 0,
            suspects: Vec::new(),
            is_proved: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Whether several commands may fly at once.
    pub(super) fn is_wide(&self) -> bool {
        self.most > 1
    }

    /// The command that is answered next.
    pub(super) fn front(&self) -> Option<&Running> {
        self.commands.front()
    }

    pub(super) fn front_mut(&mut self) -> Option<&mut Running> {
        self.commands.front_mut()
    }

    /// The command that was sent last.
    pub(super) fn back_mut(&mut self) -> Option<&mut Running> {
        self.commands.back_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Running> {
        self.commands.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Running> {
        self.commands.iter_mut()
    }

    /// Whether this command may be sent now. Nothing is sent behind IDLE; `is_leaving` says that it
    /// was ended.
    pub(super) fn admits(&self, next: &Compiled, is_leaving: bool) -> bool {
        let fits = self.commands.len() < self.most && self.bytes < MOST_COMMAND_BYTES;
        let Some(front) = self.commands.front() else {
            return true;
        };
        if front.kind.is_idle() && self.commands.len() == 1 {
            return fits && is_leaving;
        }
        if !fits {
            return false;
        }
        let (manner, family) = (Manner::of(next), Family::of(&next.purpose));
        let allows = |one: &Running| one.manner.allows(&manner) && !one.clashes(family.as_ref());
        self.commands.iter().all(allows)
    }

    /// A command was sent.
    pub(super) fn push(&mut self, mut running: Running) {
        self.bytes += running.size;
        if let Some(last) = self.commands.back_mut().filter(|last| last.flies()) {
            last.in_company = true;
            running.in_company = true;
        }
        self.commands.push_back(running);
    }

    /// Where the command with this tag is.
    pub(super) fn position(&self, tag: &[u8]) -> Option<usize> {
        let is_it = |running: &Running| {
            running.is_unanswered() && tag.eq_ignore_ascii_case(running.tag.as_bytes())
        };
        self.commands.iter().position(is_it)
    }

    /// The one with this place, for good.
    pub(super) fn remove(&mut self, place: usize) -> Option<Running> {
        let running = self.commands.remove(place)?;
        self.bytes -= running.size;
        Some(running)
    }

    /// It was answered before others that were sent earlier.
    pub(super) fn land(&mut self, place: usize, landed: Landed) {
        if let Some(running) = self.commands.get_mut(place) {
            running.landed = Some(landed);
        }
    }

    /// The next one whose answer came early and may be told now.
    pub(super) fn take_landed(&mut self) -> Option<Running> {
        self.commands.front()?.landed.as_ref()?;
        self.remove(0)
    }

    /// All of them, for good: they will not be answered.
    pub(super) fn take_all(&mut self) -> VecDeque<Running> {
        std::mem::take(&mut self.commands)
    }

    /// Gives back the room that more commands once took.
    pub(super) fn shrink(&mut self) {
        self.commands.shrink_to_fit();
        self.suspects.shrink_to_fit();
    }

    /// The command whose answer has this data; the one that is answered next if none is known to.
    /// `name` is the mailbox in a STATUS: a server may call it otherwise than the program.
    pub(super) fn taker(&mut self, keyword: Keyword, name: Option<&str>) -> Option<&mut Running> {
        let name = name.map(canonical);
        let takes = |running: &Running, name: Option<&str>| {
            let family = running.family.as_ref();
            running.is_unanswered() && family.is_some_and(|family| family.has(keyword, name))
        };
        let place = |name| self.commands.iter().position(|one| takes(one, name));
        let is_next = |one: &Running| takes(one, None) && !one.has_data;
        let place = place(name)
            .or_else(|| self.commands.iter().position(is_next))
            .or_else(|| place(None))
            .or_else(|| self.commands.iter().position(Running::is_unanswered))?;
        self.commands.get_mut(place)
    }

    /// The server refused a command. True if it is worth another try alone: it may be the company
    /// that the server does not understand. Its place is kept, and what is behind it waits.
    pub(super) fn retreats(&mut self, place: usize) -> bool {
        let Some(running) = self.commands.get_mut(place) else {
            return false;
        };
        let has_begun = matches!(&running.kind, Kind::Fetch(fetching) if fetching.has_begun());
        if !running.in_company || running.kept.is_none() || has_begun {
            return false;
        }
        running.is_refused = true;
        self.suspects.push(running.request);
        self.most = 1;
        true
    }

    /// The first command, if it is to be sent once more: everything else is answered.
    pub(super) fn take_refused(&mut self) -> Option<Running> {
        let is_free = !self.commands.iter().any(Running::is_unanswered);
        let is_refused = self.commands.front().is_some_and(|front| front.is_refused);
        match is_free && is_refused {
            true => self.remove(0),
            false => None,
        }
    }

    /// It was sent once more, before those whose answers came already.
    pub(super) fn push_front(&mut self, running: Running) {
        self.bytes += running.size;
        self.commands.push_front(running);
    }

    /// A command was answered on its own; `ok` is whether it was accepted.
    pub(super) fn judge(&mut self, request: RequestId, ok: bool) {
        let Some(place) = self.suspects.iter().position(|suspect| *suspect == request) else {
            return;
        };
        self.suspects.swap_remove(place);
        self.is_proved |= ok;
        if self.suspects.is_empty() && !self.is_proved {
            self.most = MOST_COMMANDS;
        }
    }
}

impl Manner {
    /// What a command does to the mailbox.
    pub(super) fn of(compiled: &Compiled) -> Manner {
        let command = &compiled.command;
        // Where a server does not take a literal after all, it may read it as commands.
        let has_literal = command.pieces().len() > 1;
        if compiled.alone || has_literal || command.is_by_number() {
            return Manner::Alone;
        }
        match &compiled.purpose {
            Purpose::List | Purpose::Lsub | Purpose::Status { .. } => Manner::Question,
            Purpose::Search if command.is_by_uid() => Manner::Question,
            Purpose::Fetch(plan) if command.is_by_uid() && !plan.marks_seen() => Manner::Fetch,
            Purpose::Store | Purpose::Copy if command.is_by_uid() => {
                command.set().map_or(Manner::Alone, Manner::Change)
            }
            _ => Manner::Alone,
        }
    }

    /// Whether a command may fly behind one of this kind.
    fn allows(&self, next: &Manner) -> bool {
        match (self, next) {
            (Manner::Question | Manner::Fetch, Manner::Question) => true,
            (Manner::Change(set), Manner::Change(next)) => !set.overlaps(next),
            _ => false,
        }
    }
}

impl Family {
    /// What the answer to such a request consists of.
    pub(super) fn of(purpose: &Purpose) -> Option<Family> {
        match purpose {
            Purpose::Fetch(_) | Purpose::Store => Some(Family::Messages),
            Purpose::List | Purpose::Lsub => Some(Family::Mailboxes),
            Purpose::Status { mailbox } => Some(Family::Status(canonical(mailbox).to_owned())),
            Purpose::Search => Some(Family::Found),
            _ => None,
        }
    }

    fn has(&self, keyword: Keyword, name: Option<&str>) -> bool {
        match self {
            Family::Messages => keyword == Keyword::Fetch,
            Family::Mailboxes => {
                matches!(keyword, Keyword::List | Keyword::Lsub | Keyword::Xlist)
            }
            Family::Status(mailbox) => {
                keyword == Keyword::Status && name.is_none_or(|name| name == mailbox)
            }
            Family::Found => matches!(
                keyword,
                Keyword::Search | Keyword::Sort | Keyword::Thread | Keyword::Esearch
            ),
        }
    }
}

impl Running {
    /// Whether others may fly with it.
    fn flies(&self) -> bool {
        !matches!(self.manner, Manner::Alone)
    }

    /// Whether the server still owes an answer to it.
    fn is_unanswered(&self) -> bool {
        self.landed.is_none() && !self.is_refused
    }

    /// Whether answers of both at once could not be told apart.
    fn clashes(&self, family: Option<&Family>) -> bool {
        let is_one_by_one = |family: &&Family| **family != Family::Messages;
        family
            .filter(is_one_by_one)
            .is_some_and(|family| self.family.as_ref() == Some(family))
    }
}

/// The name of a mailbox as it compares with others (RFC 3501 section 5.1).
fn canonical(name: &str) -> &str {
    match name.eq_ignore_ascii_case("INBOX") {
        true => "INBOX",
        false => name,
    }
}

/// What a command takes on the wire, more or less.
pub(super) fn size(compiled: &Compiled) -> usize {
    let pieces = compiled.command.pieces().iter();
    let size: usize = pieces.map(|piece| piece.bytes.len()).sum();
    size.min(MAX_BYTES)
}

impl Kind {
    fn is_idle(&self) -> bool {
        matches!(self, Kind::Idle)
    }
}
