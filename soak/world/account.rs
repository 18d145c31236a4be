//! An account at its provider: the mailbox, the sessions that are open, and what its servers have
//! written down. Everything of an account happens under its one lock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::mailbox::Mailbox;
use super::provider::{Level, Provider};
use super::view::View;

/// Logins that may come at once, as the client promises (resilience 2.13).
const BURST: f64 = 3.0;
/// A login and the next one take different times to arrive here.
const SLACK: f64 = 0.25;

/// Who moves when a fault comes may find the new session gone.
const AFTERMATH: Duration = Duration::from_secs(5);
/// So many sessions that are ended at the same age teach that age (resilience 2.8).
const LESSONS: u64 = 3;

/// An account that everybody shares.
pub(crate) struct Desk {
    account: Mutex<Account>,
    /// How many tasks of the world are running; the others are the client's.
    pub(crate) census: Census,
}

/// See the module.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) provider: &'static Provider,
    pub(crate) level: Level,
    pub(crate) mailbox: Mailbox,
    pub(crate) sessions: Vec<Session>,
    pub(crate) door: Door,
    pub(crate) books: Books,
    pub(crate) random: Rng,
    /// When each message arrived that was not announced; of this UIDVALIDITY.
    pub(crate) waiting: BTreeMap<u32, Instant>,
    /// Protocol lines are printed.
    pub(crate) is_traced: bool,
    last_session: u64,
}

/// A connection of a client, as the server keeps it.
pub(crate) struct Session {
    pub(crate) id: u64,
    pub(crate) phase: Phase,
    /// Rung when the mailbox changed or a fault is due.
    pub(crate) stir: Arc<Notify>,
    pub(crate) fault: Option<Fault>,
    /// The last time that something was said, by either.
    pub(crate) spoke_at: Instant,
    /// It does not answer any more; the client may not know.
    pub(crate) is_dead: bool,
    /// The mailbox that is open, as the client knows it.
    pub(crate) view: Option<View>,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is not logged in.
    Greeted,
    /// A command is being carried out.
    Busy,
    /// It waits for a command.
    Ready,
    /// It idles.
    Idling,
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is closed.
    Close,
    /// It is closed in the middle of a response.
    Tear,
    /// Nothing comes through any more, in either direction; nobody is told.
    BlackHole,
    /// The same, from the next command on.
    Deafness,
    /// Nothing comes through for a while.
    Stall(Duration),
    /// The server says this, and closes it.
    Bye(&'static str),
    /// The server says this, and closes nothing.
    ByeAlone(&'static str),
}

/// How the servers receive those who come.
#[derive(Default)]
pub(crate) struct Door {
    /// Until then connections are refused.
    pub(crate) refuses_until: Option<Instant>,
    /// Until then they are accepted, and that is all.
    pub(crate) silent_until: Option<Instant>,
    /// Until then logins are answered with this.
    pub(crate) login: Option<(Instant, &'static str)>,
}

/// What the servers write down.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) mails: u64,
    /// Messages that went before anybody was told of them.
    pub(crate) unseen: u64,
    pub(crate) logins: u64,
    /// The last time that something happened to all sessions.
    struck_at: Option<Instant>,
    /// By how many logins the account was over its budget at the worst.
    pub(crate) over_budget: f64,
    /// Sessions that were ended because of their age.
    pub(crate) expiries: u64,
    /// Those of them that nobody could foresee.
    pub(crate) unforeseen: u64,
    /// So many in a row, with no other end between them.
    in_a_row: u64,
    /// Times without a session that no fault explains.
    pub(crate) gaps: u64,
    pub(crate) faults: u64,
    pub(crate) renumberings: u64,
    bucket: Option<(f64, Instant)>,
}

impl Desk {
    pub(crate) fn new(account: Account, census: Census) -> Arc<Desk> {
        let account = Mutex::new(account);
        Arc::new(Desk { account, census })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account {
    pub(crate) fn new(
        name: String,
        provider: &'static Provider,
        level: Level,
        mailbox: Mailbox,
        random: Rng,
    ) -> Account {
        Account {
            name,
            provider,
            level: level.min(provider.level),
            mailbox,
            sessions: Vec::new(),
            door: Door::default(),
            books: Books::default(),
            random,
            waiting: BTreeMap::new(),
            is_traced: false,
            last_session: 0,
        }
    }

    /// A client has connected. Gives the session's number, and what stirs it.
    pub(crate) fn enter(&mut self) -> (u64, Arc<Notify>) {
        self.last_session += 1;
        let stir = Arc::new(Notify::new());
        self.sessions.push(Session {
            id: self.last_session,
            phase: Phase::Greeted,
            stir: stir.clone(),
            fault: None,
            spoke_at: Instant::now(),
            is_dead: false,
            view: None,
        });
        (self.last_session, stir)
    }

    /// A session is over. If that was the rule and not a fault, another one must be there.
    pub(crate) fn leave(&mut self, id: u64, by_rule: bool) {
        self.sessions.retain(|session| session.id != id);
        let is_inside = |it: &Session| it.phase != Phase::Greeted && !it.is_dead;
        let struck_at = self.books.struck_at;
        let is_struck = struck_at.is_some_and(|at| at + AFTERMATH > Instant::now());
        if by_rule && !is_struck && !self.sessions.iter().any(is_inside) {
            self.books.gaps += 1;
        }
    }

    pub(crate) fn session(&mut self, id: u64) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.id == id)
    }

    /// The one session that watches the mailbox and has nothing more to say; `None` if there are
    /// several, or none, or something is going on.
    pub(crate) fn at_rest(&self, now: Instant, rest: Duration) -> Option<&Session> {
        let mut open = self.sessions.iter().filter(|session| !session.is_dead);
        let session = open.next().filter(|session| session.watches())?;
        let is_alone = open.next().is_none();
        let is_calm = matches!(session.phase, Phase::Ready | Phase::Idling)
            && session.fault.is_none()
            && now >= session.spoke_at + rest;
        (is_alone && is_calm).then_some(session)
    }

    pub(crate) fn deliver(&mut self) {
        if let Some(uid) = self.mailbox.deliver() {
            self.books.mails += 1;
            self.waiting.insert(uid, Instant::now());
            self.stir();
        } else {
            self.renumber();
        }
    }

    pub(crate) fn expunge(&mut self, place: usize) {
        let uid = self.mailbox.expunge(place);
        if self.waiting.remove(&uid).is_some() {
            self.books.unseen += 1;
        }
        self.stir();
    }

    pub(crate) fn toggle(&mut self, place: usize, flag: usize) {
        self.mailbox.toggle(place, flag);
        self.stir();
    }

    /// The UIDVALIDITY changes. What waited is not new under its new UID (resilience 2.1, G6).
    pub(crate) fn renumber(&mut self) {
        self.books.unseen += self.waiting.len() as u64;
        self.waiting.clear();
        self.mailbox.renumber();
        self.books.renumberings += 1;
        self.strike(Fault::Bye("Mailbox UIDVALIDITY changed"));
    }

    /// The same happens to all sessions.
    pub(crate) fn strike(&mut self, fault: Fault) {
        self.books.interrupt();
        self.books.struck_at = Some(Instant::now());
        for session in &mut self.sessions {
            session.fault = Some(fault);
        }
        self.stir();
    }

    /// Whether one more session may log in.
    pub(crate) fn has_room(&self) -> bool {
        let inside = |session: &&Session| session.phase != Phase::Greeted;
        self.sessions.iter().filter(inside).count() < self.provider.sessions
    }

    fn stir(&self) {
        for session in &self.sessions {
            session.stir.notify_one();
        }
    }
}

impl Session {
    fn watches(&self) -> bool {
        self.view.is_some() && !self.is_dead
    }
}

impl Books {
    /// A session is ended because of its age, of which the client knows or can only learn.
    pub(crate) fn expire(&mut self, is_known: bool) {
        self.expiries += 1;
        if !is_known && self.in_a_row < LESSONS {
            self.in_a_row += 1;
            self.unforeseen += 1;
        }
    }

    /// A session is ended for another reason.
    fn interrupt(&mut self) {
        if self.in_a_row < LESSONS {
            self.in_a_row = 0;
        }
    }

    /// Hours pass here while they do not for the clients: no login counts any more.
    pub(crate) fn rest(&mut self) {
        self.bucket = None;
    }

    /// Somebody tries to log in: one a minute, and three at once, are within the budget.
    pub(crate) fn login(&mut self, now: Instant) {
        self.logins += 1;
        let (left, at) = self.bucket.unwrap_or((BURST, now));
        let minutes = (now - at).as_secs_f64() / 60.0;
        let left = (left + minutes).min(BURST) - 1.0;
        self.bucket = Some((left, now));
        self.over_budget = self.over_budget.max(-left - SLACK);
    }
}

/// Counts those who are alive.
#[derive(Clone, Default)]
pub(crate) struct Census(Arc<AtomicUsize>);

/// One of them.
pub(crate) struct Alive(Census);

impl Census {
    pub(crate) fn enter(&self) -> Alive {
        self.0.fetch_add(1, Ordering::Relaxed);
        Alive(self.clone())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
