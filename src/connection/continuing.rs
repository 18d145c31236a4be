//! Going on with a FETCH that the connection before left in the middle: several commands, one
//! request of the program.

use tokio::time::Instant;

use crate::error::{Error, Source, code};
use crate::event::{BodyId, Event, LostCommand, RequestId};
use crate::wire::command::Command;
use crate::wire::request::{Compiled, Purpose};

use super::Control;
use super::legacy::{Interrupted, Wire};
use super::passing::Body;
use super::progress::{Progress, Step};
use super::protocol::Protocol;
use super::queue::{Kind, Running};

impl Protocol {
    /// The mailbox has another UIDVALIDITY than on the connection before: commands that name
    /// messages by UID would mean others now. Those for a mailbox that is still to be opened stay.
    pub(super) fn refuse_void(&mut self, held: &mut Vec<Control>) {
        if !self.view.was_reset() {
            return;
        }
        let mut is_of_next = false;
        held.retain(|control| {
            let Control::Submit { request, compiled } = control else {
                return true;
            };
            is_of_next |= matches!(compiled.purpose, Purpose::Select { .. });
            let names = compiled.command.is_by_uid() && compiled.command.set().is_some();
            if names && !is_of_next {
                let error = void("The UIDs that this command names are void");
                self.complete(lost(*request, error, compiled, "queued"));
            }
            is_of_next || !names
        });
    }

    /// Sends the next command of it, or tells its end.
    pub(super) fn go_on(
        &mut self,
        request: RequestId,
        compiled: Compiled,
        mut progress: Box<Progress>,
        now: Instant,
    ) {
        if self.view.uid_validity() != Some(progress.uid_validity()) {
            let error = void(
                "The connection was lost in the middle of the answer, and the UIDs of the rest \
                 are void",
            );
            return self.complete(lost(request, error, &compiled, "sent"));
        }
        let step = match &compiled.purpose {
            Purpose::Fetch(plan) => {
                let asked = (&compiled.command, plan);
                progress.next(request, asked, &self.view, self.sink.as_mut())
            }
            _ => Ok(Step::Done),
        };
        match step {
            Ok(Step::Mark(command, uid)) => {
                self.send_step(
                    request,
                    command,
                    Kind::Marking { uid },
                    compiled,
                    progress,
                    now,
                );
            }
            Ok(Step::Fetch(command, fetching)) => {
                self.send_step(
                    request,
                    command,
                    Kind::Fetch(fetching),
                    compiled,
                    progress,
                    now,
                );
            }
            Ok(Step::Done) => {
                let code = None;
                self.complete(Event::Done { request, code });
            }
            Err(error) => {
                let error = Error::new(Source::Protocol, code::ARGUMENT, error.message);
                self.complete(lost(request, error, &compiled, "sent"));
            }
        }
    }

    fn send_step(
        &mut self,
        request: RequestId,
        command: Command,
        kind: Kind,
        compiled: Compiled,
        progress: Box<Progress>,
        now: Instant,
    ) {
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
            Kind::Fetch(fetching) => fetching.is_mending() && running.excess.is_none(),
            _ => false,
        };
        let progress = running.progress.take_if(|_| is_step);
        let (Some(progress), Some(compiled)) = (progress, running.kept.take_if(|_| is_step)) else {
            return Some(running);
        };
        if let Kind::Fetch(mut fetching) = running.kind {
            fetching.finish(self.sink.as_mut());
        }
        self.go_on(running.request, compiled, progress, now);
        None
    }

    /// A body that is passing, or will go on.
    pub(super) fn body_of(&mut self, id: BodyId) -> Option<&mut Body> {
        let (cut, step) = match &mut self.running {
            Some(Running {
                kind: Kind::Fetch(fetching),
                progress,
                ..
            }) => (fetching.cut_body(), progress.as_mut()),
            Some(running) => (None, running.progress.as_mut()),
            None => (None, None),
        };
        let mut bodies = self.body.as_mut().into_iter().chain(cut);
        let waiting = self.waiting.iter_mut();
        let waiting = waiting.filter_map(|it| it.progress.as_mut());
        let mut progress = step.into_iter().chain(waiting);
        let is_it = |body: &&mut Body| body.id == id;
        bodies
            .find(is_it)
            .or_else(|| progress.find_map(|progress| progress.body(id)))
    }

    /// The command of the program that was running, as the next connection needs it.
    pub(super) fn interrupted(&mut self) -> Option<Interrupted> {
        let running = self.running.take().filter(|running| running.request != 0)?;
        let is_sent = self.outgoing.is_empty() && running.pieces.is_empty();
        let mut interrupted = Interrupted {
            request: running.request,
            compiled: running.kept,
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
                    interrupted.progress = Progress::of(left, before, &self.view);
                }
            }
            _ => interrupted.progress = before.map(Progress::interrupted),
        }
        Some(interrupted)
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

/// The UIDs of a command mean other messages now.
fn void(what: &str) -> Error {
    let message = format!("{what}: the mailbox has another UIDVALIDITY");
    Error::new(Source::Socket, code::STALE_NUMBERS, message)
}
