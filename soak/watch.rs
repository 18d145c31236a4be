//! The oracles of one account: what its program is told, held against what its server knows.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use everimap::connection::{Control, Token};
use everimap::event::{Event, Lifecycle, RequestId};
use everimap::options::Secret;
use everimap::wire::request::{self, Request};
use futures_channel::mpsc::UnboundedSender;
use serde_json::Value;
use tokio::time::Instant;

use crate::oracle::{Finding, MAX_SILENCE, Oracle};
use crate::planted::Planted;
use crate::shadow::Shadow;
use crate::world::account::Desk;
use crate::world::mailbox::flag_bits;
use crate::world::provider::Level;
use crate::world::token;

/// A session that has been still for so long has nothing on its way.
const REST: Duration = Duration::from_secs(2);
/// So many findings of an account are enough to look at.
const MAX_FINDINGS: usize = 5;

/// See the module.
pub(crate) struct Watch {
    desk: Arc<Desk>,
    birth: Instant,
    controls: UnboundedSender<Control>,
    planted: Planted,
    /// The mailbox that the program has open.
    open: Option<Open>,
    /// The last EXISTS.
    total: u32,
    /// Why the last EXISTS cannot be, unless the UIDs turn out to be others.
    doubt: Option<String>,
    shadow: Shadow,
    state: State,
    last_event: Instant,
    asked: HashSet<RequestId>,
    last_request: RequestId,
    completions: u64,
    pub(crate) counts: Counts,
    pub(crate) findings: Vec<Finding>,
}

/// UIDs as the program knows them.
#[derive(Clone, Copy, Debug)]
struct Open {
    uid_validity: u32,
    /// The highest that was announced, or there at the beginning.
    last_uid: u32,
}

/// What the program believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connecting,
    Live,
    /// It was told of a loss at that time.
    Away(Instant),
    /// It asked for the end.
    Ended,
}

/// What happened to an account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) events: u64,
    pub(crate) announced: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) reconnects: u64,
    pub(crate) rotations: u64,
    pub(crate) resets: u64,
    /// Moments at which the shadow was held against the server's view.
    pub(crate) compared: u64,
    pub(crate) longest_silence: Duration,
    /// What happened when, as one number: the same for the same seed.
    pub(crate) fingerprint: u64,
}

impl Watch {
    pub(crate) fn new(
        desk: Arc<Desk>,
        birth: Instant,
        controls: UnboundedSender<Control>,
        planted: Planted,
    ) -> Watch {
        Watch {
            desk,
            birth,
            controls,
            planted,
            open: None,
            total: 0,
            doubt: None,
            shadow: Shadow::default(),
            state: State::Connecting,
            last_event: birth,
            asked: HashSet::new(),
            last_request: 0,
            completions: 0,
            counts: Counts::default(),
            findings: Vec::new(),
        }
    }

    /// How often the program sees an event.
    pub(crate) fn copies(&self, event: &Event<'_>) -> usize {
        self.planted.copies(event)
    }

    /// The program has dealt with one more completion.
    pub(crate) fn settle(&mut self) {
        self.completions += 1;
        let completions = self.completions;
        self.control(Control::Settled { completions });
    }

    /// The program asks something that has nothing to do with its mailbox.
    pub(crate) fn ask(&mut self) {
        self.submit(r#"{"kind":"status","mailbox":"Other"}"#);
    }

    /// The program ends.
    pub(crate) fn end(&mut self) {
        self.state = State::Ended;
        self.control(Control::Destroy);
    }

    /// The machine sleeps for so long: then nobody is silent.
    pub(crate) fn sleep(&mut self, time: Duration) {
        self.last_event = Instant::now() + time;
    }

    /// Holds the shadow against the server's view if nothing is going on.
    ///
    /// False if something is.
    pub(crate) fn compare(&mut self) -> bool {
        let now = Instant::now();
        let desk = self.desk.clone();
        let mut account = desk.lock();
        let Some(open) = self.open.filter(|_| self.state == State::Live) else {
            return false;
        };
        let is_known = open.uid_validity == account.mailbox.uid_validity;
        let Some(session) = account.at_rest(now, REST).filter(|_| is_known) else {
            return false;
        };
        let view = session.view.as_ref();
        let Some(view) = view.filter(|view| view.is_up_to_date(&account.mailbox)) else {
            return false;
        };
        self.counts.compared += 1;
        let result = self.shadow.compare(view, &account.mailbox);
        let told = |uid: &u32| view.contains(*uid) || *uid <= open.last_uid;
        let lost: Vec<u32> = account.waiting.keys().copied().filter(told).collect();
        account.waiting.retain(|uid, _| !lost.contains(uid));
        drop(account);
        if let Some(doubt) = self.doubt.take() {
            self.find(Oracle::Truth, doubt);
        }
        if let Err(what) = result {
            self.find(Oracle::Truth, what);
        }
        if !lost.is_empty() {
            self.counts.lost += lost.len() as u64;
            self.find(Oracle::Truth, format!("never announced: UIDs {lost:?}"));
        }
        true
    }

    /// The last look: by now everything must be over.
    pub(crate) fn conclude(&mut self) {
        if let State::Away(since) = self.state {
            let seconds = since.elapsed().as_secs();
            let what = format!("lost its connection {seconds} s ago, and nothing followed");
            self.find(Oracle::Word, what);
        }
        if !self.asked.is_empty() {
            let what = format!("never answered: requests {:?}", self.asked);
            self.find(Oracle::Word, what);
        }
        let (resets, renumberings) = (self.counts.resets, self.desk.lock().books.renumberings);
        if resets != renumberings {
            let what = format!("{renumberings} changes of UIDVALIDITY, and {resets} were told");
            self.find(Oracle::Truth, what);
        }
    }

    pub(crate) fn find(&mut self, oracle: Oracle, what: String) {
        if self.findings.len() < MAX_FINDINGS {
            let finding = Finding {
                oracle,
                account: self.desk.lock().name.clone(),
                at: self.birth.elapsed(),
                what,
            };
            self.findings.push(finding);
        }
    }

    fn control(&self, control: Control) {
        // A session that is over takes nothing.
        let _ = self.controls.unbounded_send(control);
    }

    fn submit(&mut self, json: &str) {
        let request: Request = serde_json::from_str(json).expect("a request of ours");
        let compiled = request::compile(request, None).expect("a request of ours");
        self.last_request += 1;
        let request = self.last_request;
        self.asked.insert(request);
        let compiled = Box::new(compiled);
        self.control(Control::Submit { request, compiled });
    }

    /// The program is told something.
    pub(crate) fn see(&mut self, event: &Event<'_>) {
        self.hear(event);
        self.trace(event);
        match event {
            Event::Ready => self.ready(),
            Event::TokenWanted { .. } => self.give_token(),
            Event::Exists { total, .. } => {
                self.total = *total;
                if self.open.is_some() {
                    self.doubt = self.shadow.exists(*total).err();
                }
            }
            Event::Selected { .. } => self.opened(),
            Event::Arrived {
                uids, uid_validity, ..
            } => self.arrived(uids, *uid_validity),
            Event::Expunge { seqno, uid, .. } => self.expunged(*seqno, *uid),
            Event::Flags { seqno, uid, flags } => {
                self.flags(*seqno, Some(*uid), flags.iter().map(String::as_str));
            }
            Event::Update { seqno, info } => {
                // The shape that JavaScript sees.
                let info = serde_json::to_value(info).unwrap_or_default();
                let uid = info["uid"].as_u64().map(|uid| uid as u32);
                if let Some(flags) = info["flags"].as_array() {
                    self.flags(*seqno, uid, flags.iter().filter_map(Value::as_str));
                }
            }
            Event::Done { request, .. }
            | Event::Failed { request, .. }
            | Event::Lost { request, .. } => self.answered(*request),
            Event::Lifecycle(event) => self.lifecycle(event),
            Event::Closed { lost, .. } if self.state != State::Ended => {
                self.find(Oracle::Word, format!("the session gave up: {lost}"));
            }
            _ => {}
        }
    }

    /// Silence is over. While the program knows that the connection is lost there is none.
    fn hear(&mut self, event: &Event<'_>) {
        let now = Instant::now();
        let first = self.desk.lock().waiting.values().next().copied();
        if let (State::Live, Some(waits_since)) = (self.state, first) {
            let silence = now.saturating_duration_since(self.last_event.max(waits_since));
            self.counts.longest_silence = self.counts.longest_silence.max(silence);
            if silence > MAX_SILENCE {
                let (silent, bound) = (silence.as_secs(), MAX_SILENCE.as_secs());
                let what =
                    format!("silent for {silent} s while mail waited, not {bound} s at most");
                self.find(Oracle::Silence, what);
            }
        }
        self.last_event = self.last_event.max(now);
        self.counts.events += 1;
        let what = match event {
            Event::Arrived { uids, .. } => uids.iter().map(|uid| u64::from(*uid)).sum(),
            Event::Expunge { seqno, .. } => u64::from(*seqno) + 1,
            _ => 0,
        };
        let when = (now - self.birth).as_millis() as u64;
        let mixed = (self.counts.fingerprint ^ when).wrapping_mul(0x0100_0000_01b3);
        self.counts.fingerprint = (mixed ^ what).wrapping_mul(0x0100_0000_01b3);
    }

    fn ready(&mut self) {
        self.state = State::Live;
        let (has_condstore, read_only) = {
            let mut account = self.desk.lock();
            (account.level >= Level::Condstore, account.random.bool())
        };
        self.submit(&format!(
            r#"{{"kind":"select","mailbox":"INBOX","readOnly":{read_only},"condstore":{has_condstore}}}"#
        ));
    }

    fn give_token(&mut self) {
        let life = self.desk.lock().provider.age.map(|(age, _)| age);
        let end = Instant::now() + life.unwrap_or_default();
        let token = Token {
            secret: Secret::new(token(self.birth, end)),
            lasts: life,
        };
        self.control(Control::Token { token: Ok(token) });
    }

    fn opened(&mut self) {
        self.shadow.open(self.total);
        let mailbox = &self.desk.lock().mailbox;
        self.open = Some(Open {
            uid_validity: mailbox.uid_validity,
            last_uid: mailbox.uid_next - 1,
        });
    }

    fn arrived(&mut self, uids: &[u32], uid_validity: Option<u32>) {
        let Some(mut open) = self.open else {
            return self.find(Oracle::Truth, format!("{uids:?} came before the mailbox"));
        };
        let desk = self.desk.clone();
        let mut account = desk.lock();
        let mut wrong = Vec::new();
        if uid_validity != Some(open.uid_validity) {
            let known = open.uid_validity;
            wrong.push(format!(
                "{uids:?} are of UIDVALIDITY {uid_validity:?}, not {known}"
            ));
        }
        for uid in uids {
            self.counts.announced += 1;
            account.waiting.remove(uid);
            if *uid <= open.last_uid {
                self.counts.doubled += 1;
                let last = open.last_uid;
                wrong.push(format!(
                    "UID {uid} was announced again, or after UID {last}"
                ));
            }
            if *uid >= account.mailbox.uid_next {
                wrong.push(format!("UID {uid} was announced and never existed"));
            }
            open.last_uid = open.last_uid.max(*uid);
        }
        drop(account);
        self.open = Some(open);
        self.shadow.arrived(uids);
        for what in wrong {
            self.find(Oracle::Truth, what);
        }
    }

    fn expunged(&mut self, seqno: u32, uid: Option<u32>) {
        let is_there = {
            let account = self.desk.lock();
            let validity = account.mailbox.uid_validity;
            let is_known = self.open.is_some_and(|open| open.uid_validity == validity);
            uid.filter(|uid| is_known && account.mailbox.find(*uid).is_some())
        };
        if let Some(uid) = is_there {
            self.find(
                Oracle::Truth,
                format!("UID {uid} was retracted and is there"),
            );
        }
        if let Err(what) = self.shadow.expunged(seqno, uid) {
            self.find(Oracle::Truth, what);
        }
    }

    fn flags<'a>(&mut self, seqno: u32, uid: Option<u32>, flags: impl Iterator<Item = &'a str>) {
        let set = match flag_bits(flags) {
            Some(bits) => self.shadow.flags(seqno, uid, bits),
            None => Err(format!("number {seqno} has flags that nobody set")),
        };
        if let Err(what) = set {
            self.find(Oracle::Truth, what);
        }
    }

    fn answered(&mut self, request: RequestId) {
        if !self.asked.remove(&request) {
            self.find(
                Oracle::Word,
                format!("request {request} was answered twice"),
            );
        }
    }

    fn lifecycle(&mut self, event: &Lifecycle) {
        match event {
            Lifecycle::Disconnected { .. } => match self.state {
                State::Live | State::Connecting => self.state = State::Away(Instant::now()),
                State::Away(_) | State::Ended => {}
            },
            Lifecycle::Reconnected { .. } => {
                self.counts.reconnects += 1;
                if !matches!(self.state, State::Away(_)) {
                    let what = "came back without having been away".to_owned();
                    self.find(Oracle::Word, what);
                }
                self.state = State::Live;
                self.planted.returned();
            }
            Lifecycle::Rotated { .. } => {
                self.counts.rotations += 1;
                if self.state != State::Live {
                    let what = "rotated while it was away".to_owned();
                    self.find(Oracle::Word, what);
                }
            }
            Lifecycle::MailboxReset { new, .. } => self.reset(*new),
            _ => {}
        }
    }

    /// Other UIDs: nothing that was there at the SELECT is new, and everything that came later is.
    fn reset(&mut self, uid_validity: Option<u32>) {
        self.counts.resets += 1;
        self.doubt = None;
        let mut known = 0;
        let truth = {
            let mut account = self.desk.lock();
            let newest = account
                .sessions
                .iter()
                .rev()
                .find_map(|it| it.view.as_ref());
            let baseline = newest.map_or(0, |view| view.baseline);
            if let Some(view) = newest {
                known = view.uids().filter(|uid| *uid <= baseline).count();
            }
            let before = account.waiting.len();
            account.waiting.retain(|uid, _| *uid > baseline);
            account.books.unseen += (before - account.waiting.len()) as u64;
            Open {
                uid_validity: account.mailbox.uid_validity,
                last_uid: baseline,
            }
        };
        self.shadow.open(known as u32);
        self.doubt = self.shadow.exists(self.total).err();
        if uid_validity != Some(truth.uid_validity) {
            let now = truth.uid_validity;
            let what = format!("the UIDVALIDITY is {now}, and {uid_validity:?} was told");
            self.find(Oracle::Truth, what);
        }
        self.open = Some(truth);
    }

    fn trace(&self, event: &Event<'_>) {
        let account = self.desk.lock();
        if account.is_traced {
            let time = self.birth.elapsed().as_secs_f64();
            eprintln!("{time:14.3} {} -> {event:?}", account.name);
        }
    }
}
