//! A session of the model: the real protocol, with a server that answers at once, links that are
//! cut at any response, and a process that may die between any two steps of handing events over
//! (resilience 2.6).

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::event::{Event, EventSink, Lifecycle};
use crate::options::Options;
use crate::testing::lock_step;
use crate::wire::framer::{Framer, Step};
use crate::wire::request;
use crate::wire::response::Response;

use super::super::legacy::Legacy;
use super::super::link::understand;
use super::super::protocol::Protocol;
use super::super::resume::opening;
use super::super::view::Remembered;
use super::super::{Control, Opening};
use super::Mutation;
use super::server::Server;
use super::shadow::{Shadow, Told, Violation};

/// Why the session goes no further.
#[derive(Debug)]
pub(super) enum Halt {
    /// The link is cut.
    Cut,
    /// The process is dead.
    Crash,
    Violation(Violation),
}

impl From<Violation> for Halt {
    fn from(violation: Violation) -> Halt {
        Halt::Violation(violation)
    }
}

/// What outlives the process: the cursor, and what is about to be handed over.
#[derive(Clone, Default)]
struct Store {
    cursor: Option<Remembered>,
    intent: Option<(Vec<Told>, Remembered)>,
}

/// What the events say that have not been handed over.
#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    told: Vec<Told>,
    completions: u64,
    validity: u32,
}

/// See the module.
pub(super) struct Session {
    options: Options,
    mutation: Mutation,
    rng: fastrand::Rng,
    inbox: Inbox,
    store: Store,
    protocol: Option<Protocol>,
    framer: Framer,
    now: Instant,
    requests: u32,
    pub(super) shadow: Shadow,
    /// Whether links are cut and processes die.
    pub(super) is_stormy: bool,
    /// Whether what is said is shown: `MODEL_TRACE=1`.
    is_shown: bool,
}

impl Session {
    pub(super) fn new(rng: fastrand::Rng, mutation: Mutation) -> Session {
        Session {
            options: lock_step(r#"{"reconnect":true}"#),
            mutation,
            rng,
            inbox: Inbox::default(),
            store: Store::default(),
            protocol: None,
            framer: Framer::default(),
            now: Instant::now(),
            requests: 0,
            shadow: Shadow::default(),
            is_stormy: true,
            is_shown: std::env::var("MODEL_TRACE").is_ok(),
        }
    }

    /// A link is up, and is logged in; goes on where the last one or the last process ended.
    pub(super) fn connect(&mut self, server: &mut Server) -> Result<(), Halt> {
        let is_new = self.protocol.is_none();
        let mut legacy = match self.protocol.take() {
            Some(protocol) => protocol.into_legacy(Vec::new()),
            None => Legacy::new(Box::new(self.inbox.clone())),
        };
        if is_new {
            legacy.mailbox = self.recover(server)?.map(Box::new);
        }
        legacy.waiting.clear();
        legacy.interrupted = Vec::new();
        let since = self.now;
        legacy.opening = Opening::Again { since, attempts: 1 };
        self.framer = Framer::default();
        self.protocol = Some(Protocol::new(&self.options, legacy, self.now));
        let search_from = self.rng.u32(0..12);
        self.protocol().view.search_from(search_from);
        self.feed_login(&server.greeting());
        match self.protocol().mailbox.take() {
            Some(mailbox) => self.resume(*mailbox, server)?,
            None => self.open(),
        }
        let now = self.now;
        self.protocol().open(now);
        self.hand_over(server)?;
        self.pump(server)
    }

    /// Lets the client send what it has to send, and deals with the answers, until it waits.
    pub(super) fn pump(&mut self, server: &mut Server) -> Result<(), Halt> {
        loop {
            let now = self.now;
            let completions = self.inbox.0.lock().unwrap().completions;
            let protocol = self.protocol();
            protocol.control(Control::Settled { completions }, now);
            protocol.timeout(now);
            protocol.advance(now);
            let written: Vec<u8> = protocol.outgoing().drain(..).flatten().collect();
            if written.is_empty() {
                return Ok(());
            }
            for line in String::from_utf8(written).unwrap().lines() {
                self.mistake();
                self.show(&format!("C: {line}"));
                for response in server.hear(line) {
                    self.receive(&response, server)?;
                }
            }
        }
    }

    /// A response of the server.
    pub(super) fn receive(&mut self, response: &str, server: &Server) -> Result<(), Halt> {
        if self.is_stormy && self.rng.u32(0..50) == 0 {
            return Err(Halt::Cut);
        }
        self.show(&format!("S: {response}"));
        let bytes = format!("{response}\r\n");
        let now = self.now;
        let Some(protocol) = &mut self.protocol else {
            return Ok(());
        };
        understand(&mut self.framer, bytes.as_bytes(), protocol, now);
        self.after(response);
        self.hand_over(server)
    }

    /// The program sends a command.
    pub(super) fn submit(&mut self, json: &str) {
        self.requests += 1;
        let compiled = request::compile(serde_json::from_str(json).unwrap(), None).unwrap();
        let request = self.requests;
        let now = self.now;
        let compiled = Box::new(compiled);
        let control = Control::Submit { request, compiled };
        self.protocol().control(control, now);
    }

    /// The process is dead: only what was stored is left.
    pub(super) fn crash(&mut self) {
        self.protocol = None;
        self.inbox = Inbox::default();
    }

    /// The mailbox as the session knows it.
    pub(super) fn remembered(&mut self) -> Option<Remembered> {
        self.protocol().view.remembered()
    }

    fn show(&self, what: &str) {
        if self.is_shown {
            println!("{what}");
        }
    }

    fn protocol(&mut self) -> &mut Protocol {
        self.protocol.as_mut().expect("no connection")
    }

    fn open(&mut self) {
        self.shadow.is_known = false;
        self.submit(r#"{"kind":"select","mailbox":"in","condstore":true}"#);
    }

    fn feed_login(&mut self, text: &str) {
        for line in text.lines() {
            self.hear_alone(line);
        }
    }

    /// What `resume.rs` does over a socket.
    fn resume(&mut self, mailbox: Remembered, server: &mut Server) -> Result<(), Halt> {
        let lines = opening(self.protocol(), mailbox).unwrap();
        self.mistake();
        self.ask(&lines.exact.unwrap_or(lines.plain), server)?;
        while let Some(question) = self.protocol().view.question() {
            self.ask(&question, server)?;
        }
        let protocol = self.protocol();
        protocol.view.restored(protocol.sink.as_mut());
        Ok(())
    }

    fn ask(&mut self, line: &str, server: &mut Server) -> Result<(), Halt> {
        self.show(&format!("C: R {line}"));
        for response in server.hear(&format!("R {line}")) {
            self.show(&format!("S: {response}"));
            if self.is_stormy && self.rng.u32(0..60) == 0 {
                return Err(Halt::Cut);
            }
            self.hear_alone(&response);
        }
        Ok(())
    }

    fn hear_alone(&mut self, response: &str) {
        let bytes = format!("{response}\r\n");
        let now = self.now;
        let Some(protocol) = &mut self.protocol else {
            return;
        };
        if let Ok(Step::Response(frame)) = self.framer.next(&mut bytes.as_bytes()) {
            protocol.untagged(Response::of(&frame), now);
        }
    }

    /// Intent, sink, cursor.
    fn hand_over(&mut self, server: &Server) -> Result<(), Halt> {
        let mut told = std::mem::take(&mut self.inbox.0.lock().unwrap().told);
        self.shadow.identify(&mut told);
        if told.is_empty() {
            return Ok(());
        }
        let Some(cursor) = self.remembered() else {
            return Ok(());
        };
        self.show(&format!("   {told:?}"));
        let begins = told.iter().any(|told| match told {
            Told::Reset => true,
            Told::Synced => !self.shadow.is_known,
            _ => false,
        });
        self.die_sometimes()?;
        if self.mutation == Mutation::CursorFirst {
            self.store.cursor = Some(cursor.clone());
            self.die_sometimes()?;
        }
        if self.mutation != Mutation::NoIntent && !begins {
            self.store.intent = Some((told.clone(), cursor.clone()));
            self.die_sometimes()?;
        }
        for told in &told {
            self.shadow.hear(told, false, server)?;
        }
        if begins {
            self.shadow.begin(server.validity, cursor.uids());
        } else {
            self.die_sometimes()?;
        }
        if self.shadow.is_known && !self.counts() {
            self.shadow.agrees(cursor.uids())?;
        }
        if cursor.is_told() {
            self.store.cursor = Some(cursor);
        }
        self.store.intent = None;
        Ok(())
    }

    fn die_sometimes(&mut self) -> Result<(), Halt> {
        match self.is_stormy && self.shadow.is_known && self.rng.u32(0..50) == 0 {
            true => Err(Halt::Crash),
            false => Ok(()),
        }
    }

    /// A new process: what was about to be handed over is handed over first, once more.
    fn recover(&mut self, server: &Server) -> Result<Option<Remembered>, Halt> {
        if let Some((told, cursor)) = self.store.intent.take() {
            for told in &told {
                self.shadow.hear(told, true, server)?;
            }
            self.store.cursor = Some(cursor);
        }
        let cursor = self.store.cursor.clone();
        match &cursor {
            Some(cursor) => self.shadow.recount(cursor.uids()),
            None => self.shadow.is_known = false,
        }
        Ok(cursor)
    }

    /// Mistakes of the algorithm, before something is sent.
    fn mistake(&mut self) {
        let counts = self.counts();
        let mutation = self.mutation;
        let view = &mut self.protocol().view;
        match mutation {
            Mutation::AcceptOld => view.mistake_last_uid(0),
            _ if counts => view.mistake_no_chance(),
            _ => {}
        }
    }

    /// Whether the mistake is one that counts messages instead of naming them.
    fn counts(&self) -> bool {
        matches!(self.mutation, Mutation::MapBySearch | Mutation::AppendToMap)
    }

    /// And after a response.
    fn after(&mut self, response: &str) {
        let is_answer = response.contains(" OK ") && !response.starts_with('*');
        match self.mutation {
            Mutation::ModseqEarly if response.contains("MODSEQ (") => {
                self.protocol().view.caught_up();
            }
            Mutation::BaselineUidnext if is_answer && !self.shadow.is_known => {
                let view = &mut self.protocol().view;
                if let Some(next) = view.uid_next() {
                    view.mistake_last_uid(next - 1);
                }
            }
            _ => {}
        }
    }
}

impl EventSink for Inbox {
    fn emit(&mut self, event: &Event<'_>) {
        let mut waiting = self.0.lock().unwrap();
        waiting.completions += u64::from(event.is_completion());
        let told = match event {
            Event::Arrived {
                uids, uid_validity, ..
            } => Told::New {
                validity: uid_validity.unwrap_or(0),
                uids: uids.clone(),
            },
            Event::Exists { fresh, .. } if *fresh > 0 => Told::New {
                validity: waiting.validity,
                uids: vec![0; *fresh as usize],
            },
            Event::Expunge { seqno, uid, .. } => Told::Gone {
                seqno: *seqno,
                uid: *uid,
            },
            Event::Flags { seqno, uid, flags } => Told::Flags {
                seqno: *seqno,
                uid: *uid,
                flags: flags.clone(),
            },
            Event::Update { seqno, info } => match update(*seqno, info) {
                Some(told) => told,
                None => return,
            },
            Event::Mailbox(facts) => {
                waiting.validity = facts.uid_validity.unwrap_or(waiting.validity);
                return;
            }
            Event::Lifecycle(Lifecycle::MailboxReset { .. }) => Told::Reset,
            Event::Lifecycle(Lifecycle::Synced { .. }) => Told::Synced,
            _ => return,
        };
        waiting.told.push(told);
    }

    fn flush(&mut self) {}

    fn is_full(&self) -> bool {
        false
    }

    fn space(&self) -> Arc<Notify> {
        Arc::default()
    }
}

/// News of a message, if they are its flags.
fn update(seqno: u32, info: &impl serde::Serialize) -> Option<Told> {
    let info = serde_json::to_value(info).unwrap();
    let flags = info["flags"].as_array()?.iter();
    Some(Told::Flags {
        seqno,
        uid: info["uid"].as_f64().unwrap_or(0.0) as u32,
        flags: flags
            .map(|flag| flag.as_str().unwrap_or_default().to_owned())
            .collect(),
    })
}
