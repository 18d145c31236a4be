//! Going on with a FETCH that the connection before left in the middle: several commands, one
//! request of the program.

use tokio::time::Instant;

use crate::error::{Error, Source, code};
use crate::event::{BodyId, Event, LostCommand, RequestId};
use crate::wire::request::{Compiled, Purpose};

use super::Control;
use super::legacy::{Interrupted, Wire};
use super::passing::Body;
use super::progress::{Progress, Step};
use super::protocol::Protocol;
use super::queue::{Kind, Running};

impl Protocol {
    /// Takes over what the program asked for before it knew of this connection. Numbers of messages
    /// become UIDs if they mean others here, and UIDs are void if the mailbox has another
    /// UIDVALIDITY. What is for a mailbox that is still to be opened stays as it is.
    pub(super) fn inherit(&mut self, held: Vec<Control>, now: Instant) {
        let before = self.view.take_before();
        let was_reset = self.view.was_reset();
        let mut is_of_next = false;
        for control in held {
            let Control::Submit { request, compiled } = control else {
                self.control(control, now);
                continue;
            };
            is_of_next |= matches!(compiled.purpose, Purpose::Select { .. });
            let by_number = compiled.command.is_by_number();
            let by_uid = compiled.command.is_by_uid() && compiled.command.set().is_some();
            let compiled = match &before {
                _ if is_of_next => Ok(compiled),
                Some(_) if was_reset && (by_number || by_uid) => {
                    Err(lost(request, void(OF_ANOTHER_MAILBOX), &compiled, "queued"))
                }
                Some(before) if by_number => {
                    let stale = lost(request, void(OF_OTHER_NUMBERS), &compiled, "queued");
                    before.translated(compiled).ok_or(stale)
                }
                _ => Ok(compiled),
            };
            match compiled {
                Ok(compiled) => self.control(Control::Submit { request, compiled }, now),
                Err(lost) => self.complete(lost),
            }
        }
    }

    /// Sends the next command of it, or tells its end.
    pub(super) fn go_on(
        &mut self,
        request: RequestId,
        compiled: Box<Compiled>,
        mut progress: Box<Progress>,
        now: Instant,
    ) {
        let uid_validity = Some(progress.uid_validity());
        if self.view.was_reset() || self.view.uid_validity() != uid_validity {
            let error = void(OF_ANOTHER_MAILBOX);
            return self.complete(lost(request, error, &compiled, "sent"));
        }
        let step = match &compiled.purpose {
            Purpose::Fetch(plan) => {
                let asked = (&compiled.command, plan);
                progress.next(request, asked, &self.view, self.sink.as_mut())
            }
            _ => Ok(Step::Done),
        };
        let (command, kind) = match step {
            Ok(Step::Mark(command, uid)) => (command, Kind::Marking { uid }),
            Ok(Step::Fetch(command, fetching)) => (command, Kind::Fetch(fetching)),
            Ok(Step::Done) => {
                let code = None;
                return self.complete(Event::Done { request, code });
            }
            Err(error) => {
                let error = Error::new(Source::Protocol, code::ARGUMENT, error.message);
                return self.complete(lost(request, error, &compiled, "sent"));
            }
        };
        let tag = self.tag();
        let mut running = Running::own(&tag, kind);
        running.request = request;
        running.pieces = command.into_pieces().into();
        running.kept = Some(compiled);
        running.progress = Some(progress);
        self.send(running, now);
    }

    /// A command was answered: goes on if that was a step and not the last one, else gives it back.
    pub(super) fn step_done(&mut self, mut running: Running, now: Instant) -> Option<Running> {
        let is_step = match &running.kind {
            Kind::Marking { .. } => true,
            Kind::Fetch(fetching) => fetching.is_mending(),
            _ => false,
        };
        let progress = running.progress.take_if(|_| is_step);
        let (Some(progress), Some(compiled)) = (progress, running.kept.take_if(|_| is_step)) else {
            return Some(running);
        };
        if let Kind::Fetch(mut fetching) = running.kind {
            fetching.finish(self.sink.as_mut());
        }
        if let Some(exceeded) = running.excess {
            self.complete(lost(running.request, exceeded.into(), &compiled, "sent"));
            return None;
        }
        self.go_on(running.request, compiled, progress, now);
        None
    }

    /// A body that is passing, or will go on.
    pub(super) fn body_of(&mut self, id: BodyId) -> Option<&mut Body> {
        let mut cut = None;
        let mut steps = Vec::new();
        for running in self.flight.iter_mut() {
            if let Kind::Fetch(fetching) = &mut running.kind {
                cut = cut.or(fetching.cut_body());
            }
            steps.extend(running.progress.as_mut());
        }
        let mut bodies = self.body.as_mut().into_iter().chain(cut);
        let waiting = self.waiting.iter_mut();
        let waiting = waiting.filter_map(|it| it.progress.as_mut());
        let mut progress = steps.into_iter().chain(waiting);
        let is_it = |body: &&mut Body| body.id == id;
        bodies
            .find(is_it)
            .or_else(|| progress.find_map(|progress| progress.body(id)))
    }

    /// The commands of the program that were in flight, as the next connection needs them.
    pub(super) fn interrupted(&mut self) -> Vec<Interrupted> {
        let in_flight = self.flight.take_all();
        let (landed, unanswered): (Vec<Running>, Vec<Running>) = in_flight
            .into_iter()
            .filter(|running| running.request != 0)
            .partition(|running| running.landed.is_some());
        // What was carried out is not to be repeated for the sake of order.
        for running in landed {
            self.tell_landed(running);
        }
        let unanswered = unanswered.into_iter();
        unanswered.map(|running| self.interrupt(running)).collect()
    }

    fn interrupt(&mut self, running: Running) -> Interrupted {
        let is_written = running.pieces.is_empty() && self.is_written(running.end);
        let is_sent = is_written && !running.is_refused;
        let mut interrupted = Interrupted {
            request: running.request,
            compiled: running.kept.filter(|_| self.keeps_commands()),
            wire: if is_sent { Wire::Sent } else { Wire::Partial },
            has_begun: running.progress.is_some(),
            progress: None,
            has_shifted: running.has_shifted,
        };
        let before = running.progress;
        match running.kind {
            Kind::Fetch(fetching) => {
                interrupted.has_begun |= fetching.has_begun();
                if interrupted.has_begun && interrupted.compiled.is_some() {
                    let left = fetching.interrupt(self.body.take());
                    interrupted.progress =
                        left.and_then(|left| Progress::of(left, before, &self.view));
                }
            }
            _ => interrupted.progress = before.map(Progress::interrupted),
        }
        interrupted
    }
}

fn lost(
    request: RequestId,
    error: Error,
    compiled: &Compiled,
    wire: &'static str,
) -> Event<'static> {
    let verb = compiled.command.verb().to_owned();
    Event::Lost {
        request,
        error,
        command: LostCommand { verb, wire },
    }
}

const OF_ANOTHER_MAILBOX: &str =
    "the mailbox has another UIDVALIDITY, and what this command names is void";
const OF_OTHER_NUMBERS: &str =
    "the messages have other numbers now, and which ones this command means is not known";

fn void(why: &str) -> Error {
    let message = format!("The connection was lost: {why}");
    Error::new(Source::Socket, code::STALE_NUMBERS, message)
}
