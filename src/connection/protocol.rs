//! The protocol of a connection, without sockets and clocks: responses, commands and the time go
//! in; bytes to write, events and an end come out. The login is driven by `login.rs`; until it is
//! done, commands wait here.
//!
//! ```text
//!            advance                 answered
//!   free ───────────────► running ─────────────► free
//!    │                       │ LOGOUT answered, BYE, end of stream, a deadline, destroy
//!    └───────────────────────┴────────────────────────► closing ──► ended
//! ```
//!
//! What a response means is in `interpret.rs`.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, Source, code};
use crate::event::{Activity, BodyId, Event, EventSink, RequestId, Stage, Traffic, Upkeep};
use crate::options::{Options, Timeouts};
use crate::wire::limits::Limits;
use crate::wire::request::{Compiled, Purpose};
use crate::wire::response::Keyword;
use crate::wire::status::Status;

use super::flight::{Flight, flies};
use super::keepalive::{Action, Keepalive};
use super::legacy::{Interrupted, Legacy, Opening, Wire};
use super::line::Order;
use super::queue::{Kind, Running, Waiting};
use super::timer::{self, Awaited, Patience, Timer, Timers};
use super::trace::Trace;
use super::view::View;
use super::{Control, Exit, Farewell, Remembered};

/// How many bytes of a body may be on their way to its reader.
pub const BODY_WINDOW_BYTES: u64 = 1024 * 1024;

/// The longest literal that a server with LITERAL- takes unasked (RFC 7888 section 5).
const MOST_RUSHED_BYTES: usize = 4096;
/// Lines that are written one after the other go out in pieces of so many bytes.
const WRITE_BYTES: usize = 16 * 1024;

/// See the module.
pub(super) struct Protocol {
    pub(super) sink: Box<dyn EventSink>,
    pub(super) capabilities: Vec<String>,
    pub(super) view: View,
    pub(super) flight: Flight,
    pub(super) body: Option<Body>,
    pub(super) bodies: BodyId,
    /// The text of the server's BYE.
    pub(super) bye: Option<Farewell>,
    pub(super) trace: Trace,
    pub(super) limits: Limits,
    waiting: VecDeque<Waiting>,
    /// The last request of the program that was sent.
    begun: RequestId,
    keepalive: Keepalive,
    timers: Timers,
    pub(super) timeouts: Timeouts,
    socket_timeout: Option<Duration>,
    tags: u32,
    /// How many completions were emitted, and how many JavaScript has seen.
    completions: u64,
    settled: u64,
    outgoing: VecDeque<Vec<u8>>,
    /// How many bytes were ever put there, and how many of them are written.
    queued: u64,
    written: u64,
    phase: Phase,
    has_heard: bool,
    opening: Opening,
    /// The mailbox of the connection before, until it is opened again.
    pub(super) mailbox: Option<Remembered>,
    ready_at: Option<Instant>,
    /// Whether commands are kept, so that the session can repeat them.
    keeps_commands: bool,
    /// How long the server may be silent before it is taken for dead.
    patience: Option<Patience>,
    /// Whether another connection is to go on.
    is_draining: bool,
    stage: Stage,
    traffic: Traffic,
}

/// A body that is passing.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) id: BodyId,
    /// How many more bytes its reader takes; `None` is any number.
    pub(super) window: Option<u64>,
    pub(super) discarded: bool,
}

#[derive(Clone, Debug)]
enum Phase {
    /// Logging in: commands wait.
    Login,
    /// Commands are sent.
    Open,
    /// Our half is being closed, for this reason.
    Closing(Exit),
    /// It is over.
    Ended(Exit),
}

impl Protocol {
    /// A connection that goes on where the session's last one stopped. What was waiting is the
    /// caller's to submit.
    pub(super) fn new(options: &Options, legacy: Legacy, now: Instant) -> Protocol {
        let mut protocol = Protocol {
            sink: legacy.sink,
            capabilities: Vec::new(),
            view: View::new(options.reconnect.is_some()),
            flight: Flight::new(options.pipeline),
            body: None,
            bodies: legacy.bodies,
            bye: None,
            trace: Trace::new(options),
            limits: options.limits,
            waiting: VecDeque::new(),
            begun: 0,
            keepalive: Keepalive::new(options.keepalive, options.pipeline, now),
            timers: Timers::default(),
            timeouts: options.timeouts,
            socket_timeout: options.socket_timeout,
            tags: 0,
            completions: legacy.completions,
            settled: legacy.settled,
            outgoing: VecDeque::new(),
            queued: 0,
            written: 0,
            phase: Phase::Login,
            has_heard: false,
            opening: legacy.opening,
            mailbox: legacy.mailbox,
            ready_at: None,
            keeps_commands: options
                .reconnect
                .is_some_and(|reconnect| reconnect.retry_commands),
            patience: None,
            is_draining: false,
            stage: Stage::Connecting,
            traffic: legacy.traffic,
        };
        protocol.show();
        protocol.passed(now);
        protocol
    }

    /// Takes the place of another connection of the session. What was waiting is the caller's to
    /// submit.
    pub(super) fn adopt(&mut self, legacy: Legacy) {
        self.sink = legacy.sink;
        self.completions = legacy.completions;
        self.settled = legacy.settled;
        self.mailbox = legacy.mailbox;
        self.bodies = legacy.bodies;
        self.opening = legacy.opening;
        self.traffic.received += legacy.traffic.received;
        self.traffic.sent += legacy.traffic.sent;
    }

    /// The next tag: `A0`, `A1`, ... (contract Q-56).
    pub(super) fn tag(&mut self) -> String {
        let tag = format!("A{}", self.tags);
        self.tags += 1;
        tag
    }

    /// The login is done: commands may go.
    pub(super) fn open(&mut self, now: Instant) {
        self.open_for_logout(now);
        self.ready_at = Some(now);
        let again = self.opening.event(now);
        self.complete(again.map_or(Event::Ready, Event::Lifecycle));
    }

    /// What is left for the next connection; `held` was never submitted to this one.
    pub(super) fn into_legacy(self, held: Vec<Control>) -> Legacy {
        let written = self.written;
        let in_flight = self.flight.into_commands();
        let waiting = self.waiting.into_iter().map(Control::from);
        Legacy {
            sink: self.sink,
            waiting: waiting.chain(held).collect(),
            interrupted: in_flight
                .filter_map(|running| interrupted(running, written))
                .collect(),
            completions: self.completions,
            settled: self.settled,
            mailbox: self.mailbox.or_else(|| self.view.into_remembered()),
            bodies: self.bodies,
            opening: self.opening,
            ready_at: self.ready_at,
            traffic: self.traffic,
        }
    }

    /// The login was cut short by `end()`: only LOGOUT is left to be sent.
    pub(super) fn open_for_logout(&mut self, now: Instant) {
        self.phase = Phase::Open;
        self.stage = Stage::Ready;
        self.keepalive.rest(now);
    }

    /// Whether the server offers this capability; in upper case.
    pub(super) fn has(&self, capability: &str) -> bool {
        self.capabilities
            .iter()
            .any(|offered| offered == capability)
    }

    /// Whether the server has said anything at all.
    pub(super) fn has_heard(&self) -> bool {
        self.has_heard
    }

    /// How it ended, once it has.
    pub(super) fn exit(&self) -> Option<&Exit> {
        match &self.phase {
            Phase::Ended(exit) => Some(exit),
            _ => None,
        }
    }

    /// Whether our half is to be closed when everything is written.
    pub(super) fn is_closing(&self) -> bool {
        matches!(self.phase, Phase::Closing(_))
    }

    /// Whether more of the server's bytes are welcome.
    pub(super) fn wants_read(&self) -> bool {
        let body_has_room = self.body.as_ref().is_none_or(Body::has_room);
        body_has_room && !self.sink.is_full()
    }

    /// What is to be written next.
    pub(super) fn outgoing(&mut self) -> &mut VecDeque<Vec<u8>> {
        &mut self.outgoing
    }

    /// JavaScript wants something.
    pub(super) fn control(&mut self, control: Control, now: Instant) {
        match control {
            Control::Submit { request, compiled } => {
                self.waiting.push_back(Waiting { request, compiled });
                if self.is_leaving() {
                    self.expect(Awaited::Logout, now);
                }
            }
            Control::Settled { completions } => self.settled = completions,
            Control::Credit { body, bytes } => {
                if let Some(window) = self.window_of(body) {
                    *window = window.saturating_add(bytes);
                    self.timers.stop(Timer::Reader);
                    self.renew_patience(now);
                }
            }
            Control::Discard { body } => {
                if let Some(passing) = self.body.as_mut().filter(|passing| passing.id == body) {
                    passing.discarded = true;
                }
            }
            // These are for the session; they came too late.
            Control::Token { .. } | Control::Rotate => {}
            Control::Destroy => self.end(Exit::Local),
        }
    }

    /// The session wants something.
    pub(super) fn order(&mut self, order: Order) {
        match order {
            Order::Tell(event) => self.sink.emit(&event),
            Order::Drain => self.is_draining = true,
            Order::Stay => self.is_draining = false,
        }
    }

    /// The transport is up, or has TLS now.
    pub(super) fn connected(&mut self, now: Instant) {
        self.passed(now);
    }

    /// The connection has come so far.
    pub(super) fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.show();
    }

    /// Bytes of the server came in.
    pub(super) fn received(&mut self, bytes: usize, now: Instant) {
        self.has_heard = true;
        self.traffic.received += bytes as u64;
        self.passed(now);
    }

    /// So much of [`Protocol::outgoing`] was written.
    pub(super) fn wrote(&mut self, bytes: usize, now: Instant) {
        self.written += bytes as u64;
        self.sent(bytes, now);
    }

    /// Bytes went out.
    pub(super) fn sent(&mut self, bytes: usize, now: Instant) {
        self.traffic.sent += bytes as u64;
        self.passed(now);
    }

    fn passed(&mut self, now: Instant) {
        self.watch_socket(now);
        if self.patience.is_some_and(|patience| patience.is_renewed()) {
            self.renew_patience(now);
        }
    }

    /// `socketTimeout` begins again. An orderly end has a limit of its own, and no new errors.
    fn watch_socket(&mut self, now: Instant) {
        let is_ending = self.is_closing() || self.is_leaving();
        match self.socket_timeout.filter(|_| !is_ending) {
            Some(limit) => self.timers.set(Timer::Socket, now + limit),
            None => self.timers.stop(Timer::Socket),
        }
    }

    /// The server closed its half.
    pub(super) fn end_of_stream(&mut self) {
        let bye = self.bye.clone();
        self.end_unless_ending(Exit::Closed { bye });
    }

    /// The transport failed.
    pub(super) fn broken(&mut self, error: Error) {
        self.end_unless_ending(Exit::Failed(error));
    }

    /// The connection is over: for this reason, unless it was already being closed for another.
    /// A server may be rude about a LOGOUT; that is no fault of the session.
    fn end_unless_ending(&mut self, exit: Exit) {
        let exit = match &self.phase {
            Phase::Closing(exit) => exit.clone(),
            _ if self.is_leaving() => Exit::Local,
            _ => exit,
        };
        self.end(exit);
    }

    /// The connection is over, for this reason.
    pub(super) fn end(&mut self, exit: Exit) {
        if self.exit().is_none() {
            self.phase = Phase::Ended(exit);
        }
    }

    /// Our half is to be closed; the connection ends when the server closes its own, or soon.
    pub(super) fn close(&mut self, exit: Exit, now: Instant) {
        if matches!(self.phase, Phase::Login | Phase::Open) {
            self.phase = Phase::Closing(exit);
            self.patience = None;
            self.timers.stop(Timer::Reply);
            self.timers.stop(Timer::Socket);
            self.timers.set(Timer::Grace, now + self.timeouts.after_bye);
        }
    }

    /// Sends what can be sent now. Call it after everything that has happened.
    pub(super) fn advance(&mut self, now: Instant) {
        if !matches!(self.phase, Phase::Open) {
            return;
        }
        if let Some(Kind::Idle) = self.kind() {
            self.leave_idle(now);
        }
        if self.flight.is_empty() && self.is_drained() {
            return self.end(Exit::Drained);
        }
        match self.view.unnamed() {
            Some((from, to)) if self.flight.is_empty() => self.ask_names(from, to, now),
            // The numbers must not change before they are asked about.
            Some(_) => {}
            None => self.send_waiting(now),
        }
        if self.flight.is_empty() {
            self.keep_alive(now);
        }
        self.watch_reader(now);
    }

    /// Sends the commands whose turn it is.
    fn send_waiting(&mut self, now: Instant) {
        let is_leaving = self.keepalive.is_leaving();
        while let Some(next) = self.waiting.front() {
            let holds_back = self.is_draining && !self.flight.is_empty();
            if holds_back || !self.flight.admits(&next.compiled, is_leaving) {
                return;
            }
            if let Some(waiting) = self.waiting.pop_front() {
                self.start(waiting, now);
            }
        }
    }

    /// What the server is working on first.
    fn kind(&self) -> Option<&Kind> {
        self.flight.front().map(|running| &running.kind)
    }

    /// Whether another connection can go on. What names messages by number was asked of this one.
    fn is_drained(&self) -> bool {
        let is_bound = |waiting: &Waiting| {
            waiting.compiled.command.is_by_number() || waiting.compiled.purpose == Purpose::Logout
        };
        self.is_draining && !self.waiting.iter().any(is_bound)
    }

    /// Shows what is being done, to a program that looks.
    pub(super) fn show(&mut self) {
        let runs_own = self.flight.iter().all(Running::is_own);
        let upkeep = if runs_own {
            self.keepalive.upkeep(self.has("IDLE"))
        } else {
            Upkeep::Nothing
        };
        self.sink.show(Activity {
            begun: self.begun,
            upkeep,
            stage: self.stage,
            traffic: self.traffic,
        });
    }

    /// The first moment at which [`Protocol::timeout`] has something to do.
    pub(super) fn deadline(&mut self) -> Option<Instant> {
        let settled = self.settled >= self.completions;
        let due = self
            .keepalive
            .due(settled)
            .filter(|_| self.heeds_keepalive());
        match due {
            Some(at) => self.timers.set(Timer::Keepalive, at),
            None => self.timers.stop(Timer::Keepalive),
        }
        self.timers.next()
    }

    /// Whether [`Protocol::advance`] looks at the keepalive now. While a command of the program
    /// runs, the connection needs none.
    fn heeds_keepalive(&self) -> bool {
        let is_free = self
            .flight
            .iter()
            .all(|running| matches!(running.kind, Kind::Idle));
        is_free && matches!(self.phase, Phase::Open)
    }

    /// Whether the server is late with something: what it has sent must be read before
    /// [`Protocol::timeout`] holds that against it.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        let late = |timer| self.timers.has_expired(timer, now);
        late(Timer::Reply) || late(Timer::Socket)
    }

    /// Deals with the timers that have expired.
    pub(super) fn timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.expired(now) {
            match timer {
                // It is us who do not read. LOGOUT has no such excuse: `end()` is bounded.
                Timer::Reply if !self.wants_read() && !self.is_leaving() => {
                    self.renew_patience(now);
                }
                Timer::Reply => self.lose_patience(),
                // It is us who do not read: JavaScript is busy, or the reader of a body.
                Timer::Socket if !self.wants_read() => self.watch_socket(now),
                Timer::Socket => self.end(Exit::Failed(socket_timed_out())),
                Timer::Grace => self.end_of_stream(),
                Timer::Reader => {
                    if let Some(body) = &mut self.body {
                        body.window = None;
                    }
                }
                // `advance` looks at the keepalive.
                Timer::Keepalive => {}
            }
        }
    }

    /// A `+` came.
    pub(super) fn continuation(&mut self, now: Instant) {
        let Some(running) = self.flight.back_mut() else {
            return;
        };
        if let Kind::Idle = running.kind {
            // After DONE a `+` means nothing: the answer to IDLE is still owed.
            if self.keepalive.accepted(now) {
                self.patience = None;
                self.timers.stop(Timer::Reply);
            }
        } else {
            self.write_pieces(false);
        }
    }

    /// The command at this place was answered.
    pub(super) fn answered(
        &mut self,
        place: usize,
        status: Status,
        now: Instant,
    ) -> Option<Running> {
        let running = self.flight.remove(place)?;
        let ok = status == Status::Ok;
        match running.kind {
            Kind::Idle => self.keepalive.answered(now, Action::Idle, ok),
            Kind::Noop => self.keepalive.answered(now, Action::Noop, ok),
            Kind::Looking => self.keepalive.answered(now, Action::Look, ok),
            _ => self.keepalive.rest(now),
        }
        self.await_next(now);
        Some(running)
    }

    /// After an answer: what is waited for now.
    pub(super) fn await_next(&mut self, now: Instant) {
        match self.flight.front().map(|running| &running.kind) {
            Some(Kind::Logout) => {}
            Some(_) => self.expect(Awaited::Command, now),
            None => {
                self.patience = None;
                self.timers.stop(Timer::Reply);
            }
        }
    }

    /// Emits an event that JavaScript counts as a completion.
    pub(super) fn complete(&mut self, event: Event<'_>) {
        self.completions += 1;
        self.sink.emit(&event);
    }

    /// The request to which data belongs, if one of the program is in flight. `name` is the mailbox
    /// in a STATUS.
    pub(super) fn request_of(&mut self, keyword: Keyword, name: Option<&str>) -> Option<RequestId> {
        let running = self.flight.taker(keyword, name)?;
        (running.request != 0).then_some(running.request)
    }

    /// Sends a command once more, before those that were asked for later.
    pub(super) fn submit_again(&mut self, request: RequestId, compiled: Compiled) {
        let is_later = |waiting: &Waiting| waiting.request > request;
        let place = self.waiting.iter().position(is_later);
        let place = place.unwrap_or(self.waiting.len());
        self.waiting.insert(place, Waiting { request, compiled });
    }

    /// A command was answered; the connection needs nothing for a while.
    pub(super) fn keepalive_rests(&mut self, now: Instant) {
        self.keepalive.rest(now);
        self.await_next(now);
    }

    /// How long a literal may be that is sent without being asked for (RFC 7888).
    fn rushed_literal(&self) -> usize {
        match self.flight.is_wide() {
            true if self.has("LITERAL+") => usize::MAX,
            true if self.has("LITERAL-") => MOST_RUSHED_BYTES,
            _ => 0,
        }
    }

    fn start(&mut self, mut waiting: Waiting, now: Instant) {
        let tag = self.tag();
        self.begun = waiting.request;
        let keeps = self.keeps_commands || (self.flight.is_wide() && flies(&waiting.compiled));
        let kept = keeps.then(|| waiting.compiled.clone());
        waiting.compiled.command.rush(self.rushed_literal());
        let mut running = Running::new(waiting, tag, kept);
        if let Kind::Select { .. } = running.kind {
            self.view.ask();
        }
        if let Some(first) = running.pieces.front_mut() {
            let prefix = format!("{} ", running.tag);
            first.bytes.splice(0..0, prefix.bytes());
        }
        match running.kind {
            Kind::Logout => self.expect(Awaited::Logout, now),
            // Behind DONE it is its answer that is waited for first.
            _ if self.flight.is_empty() => self.expect(Awaited::Command, now),
            _ => {}
        }
        self.flight.push(running);
        self.watch_socket(now);
        self.write_pieces(true);
    }

    /// Writes the pieces of the last command up to the next one that must wait for `+`.
    /// `is_command` says whether the first of them begins the command.
    fn write_pieces(&mut self, mut is_command: bool) {
        loop {
            let Some(running) = self.flight.back_mut() else {
                return;
            };
            let Some(piece) = running.pieces.pop_front() else {
                return;
            };
            running.end = self.queued + piece.bytes.len() as u64;
            match std::mem::replace(&mut is_command, false) {
                true => self.trace_sent(&piece.bytes),
                false => self.trace_data(&piece.bytes),
            }
            self.write(piece.bytes);
            if piece.wait {
                return;
            }
        }
    }

    fn keep_alive(&mut self, now: Instant) {
        let has_idle = self.has("IDLE");
        let settled = self.settled >= self.completions;
        match self.keepalive.action(now, settled, has_idle) {
            Some(Action::Idle) => self.send_own("IDLE", Kind::Idle, Awaited::Continuation, now),
            Some(Action::Noop) => self.send_own("NOOP", Kind::Noop, Awaited::Noop, now),
            Some(Action::Look) => self.look(now),
            None => {}
        }
    }

    /// Whether there are messages that the server forgot to tell of (resilience 2.7).
    fn look(&mut self, now: Instant) {
        let Some(from) = self.view.next_uid() else {
            self.keepalive.answered(now, Action::Look, true);
            return self.keep_alive(now);
        };
        self.ask(&format!("UID FETCH {from}:* (UID)"), Kind::Looking, now);
    }

    fn send_own(&mut self, name: &str, kind: Kind, awaited: Awaited, now: Instant) {
        self.flight.push(Running::own(name, kind));
        self.write_line(format!("{name} {name}\r\n"));
        self.expect(awaited, now);
    }

    /// Which UIDs the new messages have, so that each is announced once (resilience 2.1, G2).
    fn ask_names(&mut self, from: u32, to: u32, now: Instant) {
        let question = format!("FETCH {from}:{to} (UID FLAGS)");
        self.ask(&question, Kind::Naming { to }, now);
    }

    /// A question of our own, under a tag like those of the program.
    fn ask(&mut self, question: &str, kind: Kind, now: Instant) {
        let tag = self.tag();
        self.write_line(format!("{tag} {question}\r\n"));
        self.flight.push(Running::own(&tag, kind));
        self.expect(Awaited::Command, now);
    }

    fn leave_idle(&mut self, now: Instant) {
        let is_wanted =
            !self.waiting.is_empty() || self.view.unnamed().is_some() || self.is_draining;
        if self.keepalive.leaves(now, is_wanted) {
            self.write_line("DONE\r\n".to_owned());
            let awaited = match self.is_leaving() {
                true => Awaited::Logout,
                false => Awaited::Done,
            };
            self.expect(awaited, now);
        }
    }

    /// A body that nobody takes must not hold up commands for ever (contract Q-21).
    fn watch_reader(&mut self, now: Instant) {
        let is_stuck = self.body.as_ref().is_some_and(|body| !body.has_room());
        let holds_up = !self.waiting.is_empty() || self.flight.iter().nth(1).is_some();
        match is_stuck && holds_up {
            true => self
                .timers
                .start(Timer::Reader, now + timer::STALLED_READER),
            false => self.timers.stop(Timer::Reader),
        }
    }

    fn write_line(&mut self, line: String) {
        self.trace_sent(line.as_bytes());
        self.write(line.into_bytes());
    }

    /// Small pieces go out together.
    fn write(&mut self, mut bytes: Vec<u8>) {
        self.queued += bytes.len() as u64;
        match self.outgoing.back_mut() {
            Some(last) if last.len() + bytes.len() <= WRITE_BYTES => last.append(&mut bytes),
            _ => self.outgoing.push_back(bytes),
        }
    }

    fn expect(&mut self, awaited: Awaited, now: Instant) {
        self.patience = Some(Patience::of(awaited, &self.timeouts));
        self.renew_patience(now);
    }

    fn renew_patience(&mut self, now: Instant) {
        if let Some(patience) = self.patience {
            self.timers.set(Timer::Reply, now + patience.limit);
        }
    }

    /// Whether LOGOUT was sent, or waits for nothing but a command of our own.
    pub(super) fn is_leaving(&self) -> bool {
        let is_next = || {
            let next = self.waiting.front();
            next.is_some_and(|waiting| waiting.compiled.purpose == Purpose::Logout)
        };
        if self
            .flight
            .iter()
            .any(|running| matches!(running.kind, Kind::Logout))
        {
            return true;
        }
        match self.kind() {
            Some(Kind::Idle | Kind::Noop | Kind::Naming { .. } | Kind::Looking) => is_next(),
            _ => false,
        }
    }

    fn lose_patience(&mut self) {
        let Some(patience) = self.patience.take() else {
            return;
        };
        if self.is_leaving() {
            return self.end(Exit::Local);
        }
        self.end(Exit::Failed(patience.error()));
    }

    fn window_of(&mut self, body: BodyId) -> Option<&mut u64> {
        let passing = self.body.as_mut().filter(|passing| passing.id == body)?;
        passing.window.as_mut()
    }
}

/// Nothing was read or written for `socketTimeout`.
fn socket_timed_out() -> Error {
    let message = "Socket timed out while talking to server";
    Error::new(Source::SocketTimeout, code::SOCKET_TIMEOUT, message).with_advice(
        "Make `socketTimeout` longer than `keepalive.idleInterval`, or check the network.",
    )
}

/// A command that was in flight, if it is the program's.
fn interrupted(running: Running, written: u64) -> Option<Interrupted> {
    let wire = match running.pieces.is_empty() && running.end <= written {
        true => Wire::Sent,
        false => Wire::Partial,
    };
    let has_begun = matches!(&running.kind, Kind::Fetch(fetching) if fetching.has_begun());
    (running.request != 0).then_some(Interrupted {
        request: running.request,
        compiled: running.kept,
        wire,
        has_begun,
    })
}

impl Body {
    fn has_room(&self) -> bool {
        self.discarded || self.window != Some(0)
    }
}
