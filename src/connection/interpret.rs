//! What the server's responses mean (contract sections 2, 3.4 and 8): responses in, events out.

use tokio::time::Instant;

use crate::chunk::Chunk;
use crate::error::{Error, Refusal, Source, code};
use crate::event::{Event, LostCommand, RequestId};
use crate::wire::esearch::Esearch;
use crate::wire::fetch::{Attributes, Pairs};
use crate::wire::found::Found;
use crate::wire::framer::Frame;
use crate::wire::identity::Identity;
use crate::wire::limits::Exceeded;
use crate::wire::mailbox::{Counted, Listed};
use crate::wire::namespace::Namespaces;
use crate::wire::quota::Quota;
use crate::wire::response::{Code, Keyword, Response, StatusLine};
use crate::wire::status::Status;
use crate::wire::thread::Threads;
use crate::wire::token::{Node, Nodes};
use crate::wire::uids::Vanished;

use super::fetching::{Destination, has_flags};
use super::flight::Landed;
use super::passing::Body;
use super::protocol::Protocol;
use super::queue::{Kind, Running};
use super::{Exit, Farewell};

impl Protocol {
    /// A whole response.
    pub(super) fn response(&mut self, frame: &Frame<'_>, now: Instant) {
        self.trace_received(frame.bytes);
        match Response::of(frame) {
            Response::Continuation(_) => self.continuation(now),
            Response::Status(line) => self.status(&line, now),
            Response::Tagged(tag, line) => self.tagged(tag, &line, now),
            Response::Data(number, keyword, values) => {
                if self.admits(frame, number, keyword, values) {
                    self.data(number, keyword, values);
                    self.check_memory();
                }
            }
        }
    }

    /// Whether data is within the limits. What is not is passed over, and the command fails that
    /// asked for it.
    fn admits(
        &mut self,
        frame: &Frame<'_>,
        number: Option<u32>,
        keyword: Keyword,
        values: Nodes<'_>,
    ) -> bool {
        let mailbox = match keyword {
            Keyword::Status => Counted::name_of(values),
            _ => None,
        };
        let Some(running) = self.flight.taker(keyword, mailbox.as_deref()) else {
            return frame.excess.is_none();
        };
        let is_message = keyword == Keyword::Fetch;
        match (&mut running.kind, frame.excess) {
            (Kind::Fetch(fetching), Some(exceeded)) if is_message => {
                if let Some(seqno) = number {
                    let mut values = frame.nodes().skip(2);
                    let pairs = values.next().map(|list| list.children());
                    fetching.excessive(seqno, pairs, self.sink.as_mut());
                }
                running.exceed(exceeded);
                false
            }
            // What a program did not ask for, it collects all the same (contract section 7).
            (Kind::Query | Kind::Other, excess) if number.is_none() && !keyword.is_of_mailbox() => {
                if let Some(exceeded) = excess {
                    running.exceed(exceeded);
                }
                running.collect(frame, &self.limits)
            }
            (_, excess) => excess.is_none(),
        }
    }

    /// Messages that never become complete must not fill the memory.
    fn check_memory(&mut self) {
        let allowed = self.limits.response_bytes;
        let fetches = self
            .flight
            .iter()
            .filter_map(|running| match &running.kind {
                Kind::Fetch(fetching) => Some(fetching.memory()),
                _ => None,
            });
        if fetches.sum::<usize>() > allowed {
            self.broken(Exceeded::Response(allowed).into());
        }
    }

    /// An untagged response, at any time.
    pub(super) fn untagged(&mut self, response: Response<'_>, now: Instant) {
        match response {
            Response::Status(line) => self.status(&line, now),
            Response::Data(number, keyword, values) => self.data(number, keyword, values),
            Response::Continuation(_) | Response::Tagged(..) => {}
        }
    }

    /// A FETCH response as far as a body that follows.
    pub(super) fn body_begin(&mut self, frame: &Frame<'_>, size: u64) {
        self.trace_received(frame.bytes);
        self.bodies = self.bodies.wrapping_add(1);
        let id = self.bodies;
        let mut body = Body::new(id, size, self.keeps_commands());
        let running = self.flight.taker(Keyword::Fetch, None);
        let destination = match (Response::of(frame), running) {
            (
                Response::Data(Some(seqno), Keyword::Fetch, mut values),
                Some(Running {
                    kind: Kind::Fetch(fetching),
                    ..
                }),
            ) if frame.excess.is_none() => match values.next().filter(Node::is_list) {
                Some(list) => {
                    fetching.body_begin(seqno, list.children(), size, id, self.sink.as_mut())
                }
                None => Destination::Nowhere,
            },
            _ => Destination::Nowhere,
        };
        match destination {
            Destination::Program => {}
            Destination::Continued(before) => body = before,
            Destination::Nowhere => body.discarded = true,
        }
        self.body = Some(body);
    }

    /// The next octets of that body.
    pub(super) fn body_octets(&mut self, octets: &[u8]) {
        if let Some(body) = &mut self.body {
            body.pass(octets, self.sink.as_mut());
        }
    }

    /// Whether the octets of that body that come next all go to the program.
    pub(super) fn is_body_flowing(&self) -> bool {
        self.body.as_ref().is_some_and(Body::is_flowing)
    }

    /// The next octets of such a body, with the memory that they are in.
    pub(super) fn body_chunk(&mut self, octets: Chunk) {
        if let Some(body) = &mut self.body {
            body.give(octets, self.sink.as_mut());
        }
    }

    /// That body is complete.
    pub(super) fn body_end(&mut self) {
        if let Some(body) = self.body.take() {
            body.end(self.sink.as_mut());
        }
        if let Some(Running {
            kind: Kind::Fetch(fetching),
            ..
        }) = self.flight.taker(Keyword::Fetch, None)
        {
            fetching.body_end();
        }
    }

    /// The answer to a command (RFC 3501 section 7.1).
    fn tagged(&mut self, tag: &[u8], line: &StatusLine<'_>, now: Instant) {
        let Some(place) = self.flight.position(tag) else {
            return;
        };
        let status = line.status.unwrap_or(Status::Bad);
        if status == Status::Bad && self.flight.retreats(place) {
            return self.try_alone(place);
        }
        if place > 0 {
            let landed = Landed::of(status, line);
            return self.flight.land(place, landed);
        }
        if let Some(running) = self.answered(place, status, now) {
            self.finish(running, status, line, now);
        }
        while let Some(running) = self.take_landed(now) {
            self.tell_landed(running);
        }
    }

    /// A command was refused that flew with others: it is sent once more without them. BAD says
    /// that it was not carried out (RFC 3501 section 7.1.3).
    fn try_alone(&mut self, place: usize) {
        if let Some(request) = self.flight.iter().nth(place).map(|running| running.request) {
            self.sink.emit(&Event::Again { request });
        }
    }

    /// Tells of a command that was answered before earlier ones.
    pub(super) fn tell_landed(&mut self, running: Running) {
        let Running {
            request,
            kind,
            excess,
            landed,
            ..
        } = running;
        if let Kind::Fetch(mut fetching) = kind {
            fetching.finish(self.sink.as_mut());
        }
        let event = match (excess, landed) {
            (None, Some(Landed::Done(code))) => Event::Done { request, code },
            (None, Some(Landed::Failed(error))) => Event::Failed { request, error },
            (Some(excess), _) => Event::Failed {
                request,
                error: excess.into(),
            },
            (None, None) => return,
        };
        self.complete(event);
    }

    fn finish(&mut self, running: Running, status: Status, line: &StatusLine<'_>, now: Instant) {
        let Some(running) = self.step_done(running, now) else {
            return;
        };
        let Running {
            request,
            kind,
            code,
            excess,
            forgives,
            kept,
            ..
        } = running;
        let excess = excess.filter(|_| matches!(kind, Kind::Query | Kind::Fetch(_)));
        let mut ok = status == Status::Ok && excess.is_none();
        self.flight.judge(request, status != Status::Bad);
        if let Some(forgiven) = forgives.filter(|_| status == Status::No) {
            match &line.code {
                Some(code) => ok |= code.is(forgiven),
                None => {
                    let verb = kept.as_ref().map_or("", |kept| kept.command.verb());
                    return self.complete(unclear(request, verb, line));
                }
            }
        }
        match kind {
            Kind::Idle | Kind::Noop => return self.view.caught_up(),
            Kind::Looking => return,
            Kind::Wish(wish) => return self.view.answered(wish, ok, self.sink.as_mut()),
            Kind::Logout => return self.close(Exit::Local, now),
            Kind::Fetch(mut fetching) => fetching.finish(self.sink.as_mut()),
            Kind::Select { mailbox, read_only } if ok => {
                // EXAMINE is read-only even if the server does not say so (contract Q-64).
                let says = |name| line.code.is_some_and(|code| code.is(name));
                let read_only = says("READ-ONLY") || (read_only && !says("READ-WRITE"));
                self.view.open(&mailbox, read_only, self.sink.as_mut());
            }
            // A SELECT that fails leaves no mailbox open (RFC 3501 section 6.3.1).
            Kind::Select { .. } => self.view.close(self.sink.as_mut()),
            Kind::Deselect { by_failing } if ok || by_failing => {
                self.view.close(self.sink.as_mut());
                ok = true;
            }
            Kind::Deselect { .. } | Kind::Query | Kind::Other | Kind::Marking { .. } => {}
        }
        let event = match ok {
            true => Event::Done {
                request,
                // The UIDs of MOVE stand in an untagged OK, and a HIGHESTMODSEQ may still be in
                // the tagged one (RFC 6851 section 4.3, RFC 7162 section 3.1.2.2).
                code: code.or_else(|| line.code.map(|code| code.value())),
            },
            false => Event::Failed {
                request,
                error: excess.map_or_else(|| refusal(status, line), Error::from),
            },
        };
        self.complete(event);
    }

    /// An untagged status response.
    fn status(&mut self, line: &StatusLine<'_>, now: Instant) {
        if let Some(code) = &line.code {
            if code.is("ALERT") {
                // In every status response, not in OK alone (contract Q-51).
                let text = (!line.text.is_empty()).then(|| String::from_utf8_lossy(line.text));
                self.sink.emit(&Event::Alert(text));
            } else if code.is("COPYUID") || code.is("APPENDUID") {
                if let Some(running) = self.flight.front_mut() {
                    running.code = Some(code.value());
                }
            } else if line.status == Some(Status::Ok) {
                self.view.code(code, self.sink.as_mut());
            }
        }
        if line.status == Some(Status::Bye) {
            self.bye = Some(Farewell::of(line));
            // After LOGOUT the tagged answer is still to come (RFC 3501 section 7.1.5).
            if !self.is_leaving() {
                self.close(
                    Exit::Closed {
                        bye: self.bye.clone(),
                    },
                    now,
                );
            }
        }
    }

    /// Untagged data (RFC 3501 sections 7.2 to 7.4). What is malformed or has no request to
    /// belong to is passed over (contract Q-05).
    fn data(&mut self, number: Option<u32>, keyword: Keyword, values: Nodes<'_>) {
        match (keyword, number) {
            (Keyword::Fetch, Some(seqno)) => self.fetch(seqno, values),
            (Keyword::Exists, Some(total)) => self.view.exists(total, self.sink.as_mut()),
            (Keyword::Recent, Some(count)) => self.view.recent(count, self.sink.as_mut()),
            (Keyword::Expunge, Some(seqno)) => self.expunge(seqno),
            (Keyword::Vanished, None) => self.vanished(Vanished::of(values)),
            (Keyword::Enabled, None) => self.view.enabled(values),
            (Keyword::Flags, None) => self.view.flags(values, self.sink.as_mut()),
            (Keyword::Capability, None) => {
                self.can(values);
            }
            (Keyword::Namespace, None) => {
                let Namespaces {
                    personal,
                    other,
                    shared,
                } = Namespaces::of(values);
                self.sink.emit(&Event::Namespaces {
                    personal,
                    other,
                    shared,
                });
            }
            (Keyword::List | Keyword::Lsub | Keyword::Xlist, None) => {
                let request = self.request_of(keyword, None);
                if let Some(event) = request.and_then(|request| list(request, values)) {
                    self.sink.emit(&event);
                }
            }
            (Keyword::Search | Keyword::Sort, None) => {
                if let Some(request) = self.request_of(keyword, None) {
                    self.sink.emit(&search(request, values));
                }
            }
            (Keyword::Status, None) => {
                if let Some(event) = self.counted(values) {
                    self.sink.emit(&event);
                }
            }
            (Keyword::Thread | Keyword::Esearch | Keyword::Id | Keyword::Quota, None) => {
                let request = self.request_of(keyword, None);
                let extension = |request| extension(request, keyword, values);
                if let Some(event) = request.and_then(extension) {
                    self.sink.emit(&event);
                }
            }
            _ => {}
        }
    }

    /// Capabilities in a response code of the login (RFC 3501 section 7.1) save a question, where
    /// commands need not be node-imap's.
    pub(super) fn learn(&mut self, code: Option<&Code<'_>>) {
        if let Some(code) = code.filter(|code| code.is("CAPABILITY"))
            && self.flight.is_wide()
        {
            code.values(|values| self.can(values));
        }
    }

    /// The server can do this.
    fn can(&mut self, values: Nodes<'_>) {
        let upper = |node: Node<'_>| node.string().to_uppercase();
        self.capabilities = values.map(upper).collect();
        let told = Event::Capabilities(self.capabilities.clone());
        self.sink.emit(&told);
    }

    fn counted(&mut self, values: Nodes<'_>) -> Option<Event<'static>> {
        let Counted { name, items } = Counted::of(values)?;
        let request = self.request_of(Keyword::Status, Some(&name))?;
        Some(Event::Status {
            request,
            name: name.into(),
            items,
        })
    }

    /// During UID commands, FETCH included, messages may go (RFC 3501 section 7.4.1).
    fn expunge(&mut self, seqno: u32) {
        let sink = self.sink.as_mut();
        for running in self.flight.iter_mut() {
            running.has_shifted = true;
            if let Kind::Fetch(fetching) = &mut running.kind {
                fetching.expunged(seqno, sink);
            }
        }
        self.view.expunge(seqno, sink);
    }

    /// The same, by UID; only where QRESYNC is enabled.
    fn vanished(&mut self, vanished: Vanished) {
        let mut fetching = Vec::new();
        for running in self.flight.iter_mut() {
            running.has_shifted = true;
            if let Kind::Fetch(it) = &mut running.kind {
                fetching.push(it.as_mut());
            }
        }
        self.view
            .vanished(vanished, &mut fetching, self.sink.as_mut());
    }

    fn fetch(&mut self, seqno: u32, mut values: Nodes<'_>) {
        let Some(list) = values.next().filter(Node::is_list) else {
            return;
        };
        if self.view.row(seqno, list.children()) {
            return;
        }
        let sink = self.sink.as_mut();
        match self.flight.taker(Keyword::Fetch, None) {
            // Part of the answer, and known now.
            Some(Running {
                kind: Kind::Wish(wish),
                ..
            }) if self.view.is_answer(*wish, seqno) => {}
            // What marking it did to it.
            Some(Running {
                kind: Kind::Marking { uid },
                ..
            }) if self.view.is_message(seqno, *uid) && !has_flags(Pairs::new(list.children())) => {}
            // The answer names the last message in any case (RFC 3501 section 6.4.8).
            Some(Running {
                kind: Kind::Looking,
                ..
            }) if names_only(list.children()) => {
                self.view.noticed(seqno, sink);
            }
            Some(Running {
                kind: Kind::Fetch(fetching),
                ..
            }) => {
                fetching.response(seqno, list.children(), sink);
            }
            _ => {
                let info = Attributes::unasked(Pairs::new(list.children()));
                sink.emit(&Event::Update { seqno, info });
            }
        }
    }
}

impl Farewell {
    pub(super) fn of(line: &StatusLine<'_>) -> Farewell {
        Farewell {
            code: line.code.map(|code| code.upper_name()),
            text: line.string(),
        }
    }
}

impl Landed {
    fn of(status: Status, line: &StatusLine<'_>) -> Landed {
        match status {
            Status::Ok => Landed::Done(line.code.map(|code| code.value())),
            _ => Landed::Failed(refusal(status, line)),
        }
    }
}

/// The error of a command that was answered with NO or BAD (contract section 9).
pub(super) fn refusal(status: Status, line: &StatusLine<'_>) -> Error {
    let refusal = match status {
        Status::No => Refusal::No,
        _ => Refusal::Bad,
    };
    Error::refused(refusal, line.string(), line.code.map(|code| code.value()))
}

/// A command that may have been carried out before is refused, and the server does not say why.
fn unclear(request: RequestId, verb: &str, line: &StatusLine<'_>) -> Event<'static> {
    let message = format!(
        "The connection was lost after this command was sent, and it was refused when it was sent \
         again ({}): whether the server carried it out the first time is not known",
        line.string()
    );
    Event::Lost {
        request,
        error: Error::new(Source::Protocol, code::OUTCOME_UNKNOWN, message),
        command: LostCommand {
            verb: verb.to_owned(),
            wire: "sent",
        },
    }
}

/// Whether nothing but a UID is told of a message.
fn names_only(list: Nodes<'_>) -> bool {
    Pairs::new(list).all(|(name, _)| name.raw().eq_ignore_ascii_case(b"UID"))
}

fn list<'a>(request: RequestId, values: Nodes<'a>) -> Option<Event<'a>> {
    let Listed {
        attribs,
        delimiter,
        name,
    } = Listed::of(values)?;
    Some(Event::List {
        request,
        attribs,
        delimiter,
        name: name.into(),
    })
}

fn search(request: RequestId, values: Nodes<'_>) -> Event<'_> {
    let Found { numbers, modseq } = Found::of(values);
    Event::Search {
        request,
        numbers,
        modseq,
    }
}

/// Data of an extension that is one result of the command. Its grammar stands at its type.
fn extension(request: RequestId, keyword: Keyword, values: Nodes<'_>) -> Option<Event<'_>> {
    Some(match keyword {
        Keyword::Thread => Event::Thread {
            request,
            threads: Threads(values),
        },
        Keyword::Esearch => Event::Esearch {
            request,
            found: Esearch(values),
        },
        Keyword::Id => Event::Id {
            request,
            identity: Identity::of(values)?,
        },
        Keyword::Quota => Event::Quota {
            request,
            quota: Quota::of(values)?,
        },
        _ => return None,
    })
}
