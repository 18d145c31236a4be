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
//! What a response means is in `interpret.rs`, what is sent when in `protocol/sending.rs`, how long
//! the server is waited for in `protocol/deadlines.rs`.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::event::{Activity, BodyId, Event, EventSink, RequestId, Stage, Traffic, Upkeep};
use crate::options::{Options, Timeouts};
use crate::wire::limits::Limits;
use crate::wire::request::Purpose;
use crate::wire::response::Keyword;
use crate::wire::status::Status;

use super::flight::Flight;
use super::flow::Flow;
use super::keepalive::{Action, Keepalive};
use super::legacy::{Legacy, Opening};
use super::line::{Leave, Order};
use super::passing::Body;
use super::queue::{Kind, Running, Waiting};
use super::timer::{Awaited, Patience, Timer, Timers};
use super::trace::Trace;
use super::view::View;
use super::{Control, Exit, Farewell, Remembered};

mod deadlines;
mod sending;

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
    pub(super) waiting: VecDeque<Waiting>,
    /// The last request of the program that was sent.
    begun: RequestId,
    pub(super) keepalive: Keepalive,
    timers: Timers,
    flow: Flow,
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
    /// How the connection is left when another one is to go on.
    draining: Option<Leave>,
    stage: Stage,
    traffic: Traffic,
    /// Whether it was quiet when that was last asked.
    was_quiet: bool,
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
            flow: Flow::new(options),
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
            draining: None,
            stage: Stage::Connecting,
            traffic: legacy.traffic,
            was_quiet: false,
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
        let again = self.opening.event(now, self.view.resumption());
        self.complete(again.map_or(Event::Ready, Event::Lifecycle));
    }

    /// What is left for the next connection; `held` was never submitted to this one.
    pub(super) fn into_legacy(mut self, held: Vec<Control>) -> Legacy {
        let interrupted = self.interrupted();
        let waiting = self.waiting.into_iter().map(Control::from);
        Legacy {
            sink: self.sink,
            waiting: waiting.chain(held).collect(),
            interrupted,
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

    /// Whether commands are sent.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
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

    /// Whether everything up to this place in what goes out was handed to the system.
    pub(super) fn is_written(&self, end: u64) -> bool {
        end <= self.written
    }

    /// What is to be written next.
    pub(super) fn outgoing(&mut self) -> &mut VecDeque<Vec<u8>> {
        &mut self.outgoing
    }

    /// JavaScript wants something.
    pub(super) fn control(&mut self, control: Control, now: Instant) {
        match control {
            Control::Submit { request, compiled } => {
                self.enqueue(request, compiled, None);
                if self.is_leaving() {
                    self.expect(Awaited::Logout, now);
                }
            }
            Control::Continue {
                request,
                compiled,
                progress,
            } => self.enqueue(request, compiled, Some(progress)),
            Control::Settled { completions } => self.settled = completions,
            Control::Credit { body, bytes } => {
                if let Some(body) = self.body_of(body) {
                    body.credit(bytes);
                    self.timers.stop(Timer::Reader);
                    self.renew_patience(now);
                }
            }
            Control::Discard { body } => {
                if let Some(body) = self.body_of(body) {
                    body.discarded = true;
                }
            }
            // These are for the session; they came too late.
            Control::Token { .. } | Control::Rotate => {}
            Control::Destroy => self.end(Exit::Local),
        }
    }

    /// The session wants something.
    pub(super) fn order(&mut self, order: Order, now: Instant) {
        match order {
            Order::Tell(event) => self.sink.emit(&event),
            Order::Drain(leave) => self.draining = Some(leave),
            Order::Stay => self.draining = None,
            Order::Prove => self.prove(now),
            Order::Abandon(error) => self.end_unless_ending(Exit::Failed(error)),
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
            self.end(Exit::Drained);
        } else {
            self.send_next(now);
        }
        self.watch_reader(now);
        self.watch_flow(now);
    }

    /// What the server is working on first.
    pub(super) fn kind(&self) -> Option<&Kind> {
        self.flight.front().map(|running| &running.kind)
    }

    /// How it is left once it has drained.
    pub(super) fn leave(&self) -> Leave {
        self.draining.unwrap_or(Leave::Beside)
    }

    /// Whether another connection can go on. What names messages by number was asked of this one.
    fn is_drained(&self) -> bool {
        let is_bound = |waiting: &Waiting| {
            waiting.compiled.command.is_by_number() || waiting.compiled.purpose == Purpose::Logout
        };
        self.draining.is_some() && !self.waiting.iter().any(is_bound)
    }

    /// Whether the connection has just begun to wait for news, which may take hours. Gives back the
    /// room that work took.
    pub(super) fn has_calmed_down(&mut self) -> bool {
        let is_quiet = self.keepalive.is_quiet() && self.waiting.is_empty();
        let was_quiet = std::mem::replace(&mut self.was_quiet, is_quiet);
        let calms_down = is_quiet && !was_quiet;
        if calms_down {
            self.waiting.shrink_to_fit();
            self.outgoing.shrink_to_fit();
            self.flight.shrink();
        }
        calms_down
    }

    /// Shows what is being done, to a program that looks.
    pub(super) fn show(&mut self) {
        let is_free = self.flight.iter().all(Running::is_upkeep);
        let upkeep = if is_free {
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
    fn await_next(&mut self, now: Instant) {
        match self.kind() {
            Some(Kind::Logout) => {}
            Some(_) => self.expect(Awaited::Command, now),
            None => {
                self.patience = None;
                self.timers.stop(Timer::Reply);
            }
        }
    }

    /// A command whose answer came early is done with, too.
    pub(super) fn take_landed(&mut self, now: Instant) -> Option<Running> {
        let running = self.flight.take_landed()?;
        self.keepalive.rest(now);
        self.await_next(now);
        Some(running)
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
        running.has_data = true;
        (running.request != 0).then_some(running.request)
    }

    /// Whether LOGOUT was sent, or waits for nothing but a command of our own.
    pub(super) fn is_leaving(&self) -> bool {
        let is_next = || {
            let next = self.waiting.front();
            next.is_some_and(|waiting| waiting.compiled.purpose == Purpose::Logout)
        };
        let is_logout = |running: &Running| matches!(running.kind, Kind::Logout);
        match self.kind() {
            _ if self.flight.iter().any(is_logout) => true,
            Some(Kind::Idle | Kind::Noop | Kind::Wish(_) | Kind::Looking) => is_next(),
            _ => false,
        }
    }

    /// Whether commands are kept, so that the session can repeat them.
    pub(super) fn keeps_commands(&self) -> bool {
        self.keeps_commands
    }
}
