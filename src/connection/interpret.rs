//! What the server's responses mean (contract sections 2, 3.4 and 8): responses in, events out.

use std::borrow::Cow;

use tokio::time::Instant;

use crate::error::{Error, Refusal};
use crate::event::{Bytes, Event, Namespace, RequestId};
use crate::wire::esearch::Esearch;
use crate::wire::fetch::{Attributes, Pairs};
use crate::wire::framer::Frame;
use crate::wire::identity::Identity;
use crate::wire::limits::Exceeded;
use crate::wire::quota::Quota;
use crate::wire::response::{Keyword, Response, StatusLine};
use crate::wire::status::Status;
use crate::wire::thread::Threads;
use crate::wire::token::{Node, Nodes};
use crate::wire::utf7;
use crate::wire::value::Value;

use super::Exit;
use super::fetching::Destination;
use super::protocol::{BODY_WINDOW_BYTES, Body, Protocol};
use super::queue::{Kind, Running};

impl Protocol {
    /// A whole response.
    pub(super) fn response(&mut self, frame: &Frame<'_>, now: Instant) {
        self.trace_received(frame.bytes);
        match Response::of(frame) {
            Response::Continuation(_) => self.continuation(now),
            Response::Status(line) => self.status(&line, now),
            Response::Tagged(tag, line) => self.tagged(tag, &line, now),
            Response::Data(number, keyword, values) => {
                if self.admits(frame, number, keyword) {
                    self.data(number, keyword, values);
                    self.check_memory();
                }
            }
        }
    }

    /// Whether data is within the limits. What is not is passed over, and the command fails that
    /// asked for it.
    fn admits(&mut self, frame: &Frame<'_>, number: Option<u32>, keyword: Keyword) -> bool {
        let Some(running) = &mut self.running else {
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
        if let Some(Running {
            kind: Kind::Fetch(fetching),
            ..
        }) = &self.running
            && fetching.memory() > allowed
        {
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
        let destination = match (Response::of(frame), self.running.as_mut()) {
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
        self.body = Some(Body {
            id,
            window: Some(BODY_WINDOW_BYTES),
            discarded: destination == Destination::Nowhere,
        });
    }

    /// The next octets of that body.
    pub(super) fn body_octets(&mut self, octets: &[u8]) {
        let Some(body) = self.body.as_mut().filter(|body| !body.discarded) else {
            return;
        };
        body.window = body
            .window
            .map(|window| window.saturating_sub(octets.len() as u64));
        self.sink.emit(&Event::BodyChunk {
            body: body.id,
            bytes: Bytes(octets),
        });
    }

    /// That body is complete.
    pub(super) fn body_end(&mut self) {
        if let Some(Body {
            id,
            discarded: false,
            ..
        }) = self.body.take()
        {
            self.sink.emit(&Event::BodyEnd { body: id });
        }
    }

    /// The answer to a command (RFC 3501 section 7.1).
    fn tagged(&mut self, tag: &[u8], line: &StatusLine<'_>, now: Instant) {
        let is_ours = |running: &Running| tag.eq_ignore_ascii_case(running.tag.as_bytes());
        if !self.running.as_ref().is_some_and(is_ours) {
            return;
        }
        let status = line.status.unwrap_or(Status::Bad);
        if let Some(running) = self.answered(status, now) {
            self.finish(running, status, line, now);
        }
    }

    fn finish(&mut self, running: Running, status: Status, line: &StatusLine<'_>, now: Instant) {
        let Running {
            request,
            kind,
            code,
            excess,
            ..
        } = running;
        let excess = excess.filter(|_| matches!(kind, Kind::Query | Kind::Fetch(_)));
        let mut ok = status == Status::Ok && excess.is_none();
        match kind {
            Kind::Idle | Kind::Noop => return,
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
            Kind::Deselect { .. } | Kind::Query | Kind::Other => {}
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
                if let Some(running) = &mut self.running {
                    running.code = Some(code.value());
                }
            } else if line.status == Some(Status::Ok) {
                self.view.code(code, self.sink.as_mut());
            }
        }
        if line.status == Some(Status::Bye) {
            self.bye = Some(line.string());
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
    fn data(&mut self, number: Option<u32>, keyword: Keyword, mut values: Nodes<'_>) {
        let request = self.request();
        match (keyword, number) {
            (Keyword::Fetch, Some(seqno)) => self.fetch(seqno, values),
            (Keyword::Exists, Some(total)) => self.view.exists(total, self.sink.as_mut()),
            (Keyword::Recent, Some(count)) => self.view.recent(count, self.sink.as_mut()),
            (Keyword::Expunge, Some(seqno)) => self.expunge(seqno),
            (Keyword::Flags, None) => self.view.flags(values, self.sink.as_mut()),
            (Keyword::Capability, None) => {
                let upper = |node: Node<'_>| node.string().to_uppercase();
                self.capabilities = values.map(upper).collect();
                self.sink
                    .emit(&Event::Capabilities(self.capabilities.clone()));
            }
            (Keyword::Namespace, None) => {
                let mut next = || values.next().and_then(namespaces);
                let (personal, other, shared) = (next(), next(), next());
                self.sink.emit(&Event::Namespaces {
                    personal,
                    other,
                    shared,
                });
            }
            (Keyword::List | Keyword::Lsub | Keyword::Xlist, None) => {
                if let Some(event) = request.and_then(|request| list(request, values)) {
                    self.sink.emit(&event);
                }
            }
            (Keyword::Search | Keyword::Sort, None) => {
                if let Some(request) = request {
                    self.sink.emit(&search(request, values));
                }
            }
            (Keyword::Status, None) => {
                if let Some(event) = request.and_then(|request| status(request, values)) {
                    self.sink.emit(&event);
                }
            }
            (Keyword::Thread | Keyword::Esearch | Keyword::Id | Keyword::Quota, None) => {
                let extension = |request| extension(request, keyword, values);
                if let Some(event) = request.and_then(extension) {
                    self.sink.emit(&event);
                }
            }
            _ => {}
        }
    }

    /// During UID commands, FETCH included, messages may go (RFC 3501 section 7.4.1).
    fn expunge(&mut self, seqno: u32) {
        let sink = self.sink.as_mut();
        if let Some(Running {
            kind: Kind::Fetch(fetching),
            ..
        }) = &mut self.running
        {
            fetching.expunged(seqno, sink);
        }
        self.view.expunge(seqno, sink);
    }

    fn fetch(&mut self, seqno: u32, mut values: Nodes<'_>) {
        let Some(list) = values.next().filter(Node::is_list) else {
            return;
        };
        let sink = self.sink.as_mut();
        match &mut self.running {
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

    pub(super) fn trace_received(&mut self, line: &[u8]) {
        if let Some(line) = self.trace.exact(line) {
            self.sink.emit(&Event::Trace { sent: false, line });
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

/// ```text
/// mailbox-list = "(" [attribute *(SP attribute)] ")" SP (DQUOTE char DQUOTE / "NIL") SP mailbox
/// ```
fn list<'a>(request: RequestId, values: Nodes<'a>) -> Option<Event<'a>> {
    let (attribs, delimiter, name) = mailbox(values)?;
    Some(Event::List {
        request,
        attribs,
        delimiter,
        name: utf7::decode(&name).into(),
    })
}

type Mailbox<'a> = (Vec<Cow<'a, str>>, Option<Cow<'a, str>>, Cow<'a, [u8]>);

fn mailbox(mut values: Nodes<'_>) -> Option<Mailbox<'_>> {
    let attribs = values.next().filter(Node::is_list)?;
    let delimiter = values.next()?;
    let name = values.next()?;
    let attribs = attribs
        .children()
        .map(|attribute| attribute.string())
        .collect();
    Some((
        attribs,
        (!delimiter.is_nil()).then(|| delimiter.string()),
        name.text(),
    ))
}

/// The delimiter in the answer to `LIST "" ""` (RFC 3501 section 6.3.8).
pub(super) fn delimiter(values: Nodes<'_>) -> Option<Option<Cow<'_, str>>> {
    mailbox(values).map(|(_, delimiter, _)| delimiter)
}

/// ```text
/// search-data = "SEARCH" *(SP number) [SP "(MODSEQ" SP number ")"]    ; RFC 7162 section 7
/// ```
fn search(request: RequestId, values: Nodes<'_>) -> Event<'_> {
    let number = |node: Node<'_>| node.number().and_then(|number| u32::try_from(number).ok());
    let modseq = values.filter(Node::is_list).find_map(|list| {
        let mut words = list.children();
        let is_modseq = words.next()?.raw().eq_ignore_ascii_case(b"MODSEQ");
        words.next().filter(|_| is_modseq).map(|node| node.string())
    });
    Event::Search {
        request,
        numbers: values.filter_map(number).collect(),
        modseq,
    }
}

/// ```text
/// mailbox-data = "STATUS" SP mailbox SP "(" [item SP number *(SP item SP number)] ")"
/// ```
fn status(request: RequestId, mut values: Nodes<'_>) -> Option<Event<'_>> {
    let name = utf7::decode(&values.next()?.text());
    let list = values.next().filter(Node::is_list)?;
    let item = |(name, value): (Node<'_>, Node<'_>)| -> (String, Value) {
        (name.string().to_uppercase(), Value::of(&value))
    };
    let items = Pairs::new(list.children()).map(item).collect();
    Some(Event::Status {
        request,
        name: name.into(),
        items,
    })
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

/// ```text
/// namespace = "NIL" / "(" 1*("(" prefix SP delimiter *(SP name SP "(" 1*value ")") ")") ")"
/// ```
fn namespaces(node: Node<'_>) -> Option<Vec<Namespace>> {
    node.is_list()
        .then(|| node.children().filter_map(namespace).collect())
}

fn namespace(node: Node<'_>) -> Option<Namespace> {
    let mut fields = node.children();
    let prefix = utf7::decode(&fields.next()?.text());
    let delimiter = fields.next().filter(|node| !node.is_nil());
    let mut extensions = Vec::new();
    while let (Some(name), Some(values)) = (fields.next(), fields.next()) {
        let values = values
            .children()
            .map(|value| value.string().into_owned())
            .collect();
        extensions.push((name.string().into_owned(), values));
    }
    Some(Namespace {
        prefix,
        delimiter: delimiter.map(|node| node.string().into_owned()),
        extensions: (!extensions.is_empty()).then_some(extensions),
    })
}
