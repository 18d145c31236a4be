//! The commands that the server is working on, in the order in which they were sent.
//!
//! Several fly at once where their answers cannot be mistaken for each other's and the order in
//! which a server may carry them out does not matter (RFC 3501 section 5.5); everything else flies
//! alone. Answers are told in the order of the commands, whatever the server's.

use std::collections::VecDeque;

use crate::error::Error;
use crate::event::RequestId;
use crate::wire::limits::MAX_BYTES;
use crate::wire::request::{Compiled, Purpose};
use crate::wire::response::Keyword;
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
        match self.commands.front() {
            None => true,
            Some(front) if front.kind.is_idle() && self.commands.len() == 1 => fits && is_leaving,
            Some(_) => fits && flies(next) && self.commands.iter().all(|one| one.allows(next)),
        }
    }

    /// A command was sent.
    pub(super) fn push(&mut self, mut running: Running) {
        self.bytes += running.size;
        if let Some(last) = self.commands.back_mut().filter(|last| last.flies) {
            last.in_company = true;
            running.in_company = true;
        }
        self.commands.push_back(running);
    }

    /// Where the command with this tag is.
    pub(super) fn position(&self, tag: &[u8]) -> Option<usize> {
        let is_it = |running: &Running| {
            running.landed.is_none() && tag.eq_ignore_ascii_case(running.tag.as_bytes())
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
    /// `name` is the mailbox in a STATUS.
    pub(super) fn taker(&mut self, keyword: Keyword, name: Option<&str>) -> Option<&mut Running> {
        let takes = |running: &Running, name| {
            let family = running.family.as_ref();
            running.landed.is_none() && family.is_some_and(|family| family.has(keyword, name))
        };
        let place = |name| self.commands.iter().position(|one| takes(one, name));
        let place = place(name).or_else(|| place(None)).unwrap_or_default();
        self.commands.get_mut(place)
    }

    /// The server refused a command. True if it is worth another try alone: it may be the company
    /// that the server does not understand.
    pub(super) fn retreats(&mut self, place: usize) -> bool {
        let Some(running) = self.commands.get(place) else {
            return false;
        };
        let has_begun = matches!(&running.kind, Kind::Fetch(fetching) if fetching.has_begun());
        let is_worth = running.in_company && running.kept.is_some() && !has_begun;
        if is_worth {
            self.suspects.push(running.request);
            self.most = 1;
        }
        is_worth
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

impl Family {
    /// What the answer to such a request consists of.
    pub(super) fn of(purpose: &Purpose) -> Option<Family> {
        match purpose {
            Purpose::Fetch(_) | Purpose::Store => Some(Family::Messages),
            Purpose::List | Purpose::Lsub => Some(Family::Mailboxes),
            Purpose::Status { mailbox } => Some(Family::Status(mailbox.clone())),
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

    /// Whether answers of both at once could not be told apart.
    fn clashes(&self, other: &Family) -> bool {
        *self != Family::Messages && self == other
    }
}

impl Running {
    /// Whether that command may fly with this one.
    fn allows(&self, next: &Compiled) -> bool {
        let family = Family::of(&next.purpose);
        let clashes = matches!((&self.family, &family), (Some(one), Some(two)) if one.clashes(two));
        self.flies && !clashes
    }
}

/// Whether a command may fly in company. What selects a mailbox, changes numbers or waits for a
/// `+` in between may not.
pub(super) fn flies(compiled: &Compiled) -> bool {
    let command = &compiled.command;
    let is_plain = match &compiled.purpose {
        Purpose::Fetch(_) | Purpose::Store | Purpose::Copy | Purpose::Move => command.is_by_uid(),
        Purpose::List | Purpose::Lsub | Purpose::Status { .. } | Purpose::Search => true,
        _ => false,
    };
    is_plain && !compiled.alone && command.pieces().iter().all(|piece| !piece.wait)
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
