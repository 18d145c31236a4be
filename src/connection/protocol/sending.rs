//! What is sent, and when: commands of the program, questions of our own, IDLE and NOOP.

use tokio::time::Instant;

use super::Protocol;
use crate::connection::flight::Manner;
use crate::connection::keepalive::Action;
use crate::connection::progress::Progress;
use crate::connection::queue::{Kind, Running, Waiting};
use crate::connection::timer::Awaited;
use crate::connection::view::Wish;
use crate::event::RequestId;
use crate::wire::request::Compiled;

/// The longest literal that a server with LITERAL- takes unasked (RFC 7888 section 5).
const MOST_RUSHED_BYTES: usize = 4096;
/// Lines that are written one after the other go out in pieces of so many bytes.
const WRITE_BYTES: usize = 16 * 1024;

impl Protocol {
    /// What is to be found out of the mailbox, the commands whose turn it is, or the keepalive.
    pub(super) fn send_next(&mut self, now: Instant) {
        if let Some(refused) = self.flight.take_refused() {
            self.send_again(refused, now);
        }
        if self.flight.is_empty()
            && let Some(wish) = self.view.wish(self.sink.as_mut())
        {
            return self.wish(wish, now);
        }
        self.send_waiting(now);
        if self.flight.is_empty() {
            self.keep_alive(now);
        }
    }

    fn send_waiting(&mut self, now: Instant) {
        // Numbers must not change before they are asked about.
        let holds_back = self.draining.is_some() || self.view.is_curious();
        let is_leaving = self.keepalive.is_leaving();
        while let Some(next) = self.waiting.front() {
            let is_alone = self.flight.is_empty();
            let is_admitted = match next.progress {
                Some(_) => is_alone,
                None => self.flight.admits(&next.compiled, is_leaving),
            };
            if !is_admitted || (holds_back && !is_alone) {
                return;
            }
            if let Some(waiting) = self.waiting.pop_front() {
                self.start(waiting, now);
            }
        }
    }

    /// Puts a command behind all others.
    pub(super) fn enqueue(
        &mut self,
        request: RequestId,
        compiled: Box<Compiled>,
        progress: Option<Box<Progress>>,
    ) {
        self.waiting.push_back(Waiting {
            request,
            compiled,
            progress,
        });
    }

    /// Sends a command once more that was refused in company. It has no literal, or it would not
    /// have been there.
    fn send_again(&mut self, refused: Running, now: Instant) {
        let Some(compiled) = refused.kept else {
            return;
        };
        let kept = self.keeps_commands.then(|| compiled.clone());
        let waiting = Waiting {
            request: refused.request,
            compiled,
            progress: None,
        };
        let mut running = Running::new(waiting, self.tag(), kept);
        for piece in std::mem::take(&mut running.pieces) {
            let line = [running.tag.as_bytes(), b" ", &piece.bytes].concat();
            running.end = self.queued + line.len() as u64;
            self.trace_sent(&line);
            self.write(line);
        }
        self.expect(Awaited::Command, now);
        self.flight.push_front(running);
    }

    /// How long a literal may be that is sent without being asked for (RFC 7888); `None` if none is.
    fn rushed_literal(&self) -> Option<usize> {
        match self.flight.is_wide() {
            true if self.has("LITERAL+") => Some(usize::MAX),
            true if self.has("LITERAL-") => Some(MOST_RUSHED_BYTES),
            _ => None,
        }
    }

    fn start(&mut self, mut waiting: Waiting, now: Instant) {
        self.begun = waiting.request;
        if let Some(progress) = waiting.progress.take() {
            return self.go_on(waiting.request, waiting.compiled, progress, now);
        }
        let tag = self.tag();
        let is_alone = matches!(Manner::of(&waiting.compiled), Manner::Alone);
        let keeps = self.keeps_commands || (self.flight.is_wide() && !is_alone);
        let kept = keeps.then(|| waiting.compiled.clone());
        if let Some(most) = self.rushed_literal() {
            waiting.compiled.command.rush(most);
        }
        self.send(Running::new(waiting, tag, kept), now);
    }

    /// Sends a command under its tag.
    pub(in crate::connection) fn send(&mut self, mut running: Running, now: Instant) {
        if let Kind::Select { .. } = running.kind {
            self.view.ask();
        }
        if let Some(first) = running.pieces.front_mut() {
            let prefix = format!("{} ", running.tag);
            first.bytes.splice(0..0, prefix.bytes());
        }
        match running.kind {
            Kind::Logout => self.expect(Awaited::Logout, now),
            // What was sent before is answered first.
            _ if self.flight.is_empty() => self.expect(Awaited::Command, now),
            _ => {}
        }
        self.flight.push(running);
        self.watch_socket(now);
        self.write_pieces(true);
    }

    /// Writes the pieces of the last command up to the next one that must wait for `+`.
    /// `is_command` says whether the first of them begins the command.
    pub(super) fn write_pieces(&mut self, mut is_command: bool) {
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

    pub(super) fn send_own(&mut self, name: &str, kind: Kind, awaited: Awaited, now: Instant) {
        self.flight.push(Running::own(name, kind));
        self.write_line(format!("{name} {name}\r\n"));
        self.expect(awaited, now);
    }

    /// Finds out what is in the mailbox, so that each message is announced once (resilience 2.1).
    fn wish(&mut self, wish: Wish, now: Instant) {
        self.view.asking(wish);
        self.ask(&wish.line(), Kind::Wish(wish), now);
    }

    /// A question of our own, under a tag like those of the program.
    fn ask(&mut self, question: &str, kind: Kind, now: Instant) {
        let tag = self.tag();
        self.write_line(format!("{tag} {question}\r\n"));
        self.flight.push(Running::own(&tag, kind));
        self.expect(Awaited::Command, now);
    }

    pub(super) fn leave_idle(&mut self, now: Instant) {
        let is_wanted =
            !self.waiting.is_empty() || self.view.is_curious() || self.draining.is_some();
        self.stop_idle(now, is_wanted);
    }

    /// Sends DONE if IDLE is to end, for another's sake or to be renewed.
    pub(super) fn stop_idle(&mut self, now: Instant, is_wanted: bool) {
        if self.keepalive.leaves(now, is_wanted) {
            self.write_line("DONE\r\n".to_owned());
            let awaited = match self.is_leaving() {
                true => Awaited::Logout,
                false => Awaited::Done,
            };
            self.expect(awaited, now);
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
}
